"""People who can sign in, and browsers that are signed in, to test with."""

import re
from dataclasses import dataclass
from typing import Any

import pyotp
import sqlalchemy as sa
from consoles import practice_id
from starlette.testclient import TestClient

from reports.console.auth import accounts, passwords, second, sessions, tokens
from reports.console.auth.callers import SESSION_COOKIE
from reports.console.console import Console
from reports.console.model import Role, Scope
from reports.console.store import tables

PASSWORD = "purple gravel umbrella"
HASH = passwords.kept(PASSWORD)
"""Once for all tests: a hash takes a while."""


@dataclass(frozen=True)
class Account:
    """Somebody."""

    id: str
    email: str
    secret: str
    """Of their authenticator app."""

    def code(self, console: Console, *, ahead: int = 0) -> str:
        """What the app shows, so many seconds from now."""
        return pyotp.TOTP(self.secret).at(console.now() + ahead)


def account(
    console: Console,
    role: Role = Role.ADMINISTRATOR,
    *,
    practice: str = "Example Practice",
    email: str = "",
    also: str = "",
) -> Account:
    """Somebody with a password and a second factor; `also` names a second practice of theirs."""
    email = email or f"{role}@{practice.split()[0].lower()}.example"
    secret = second.new_secret()
    with console.store.write() as db:
        person = accounts.make_person(db, console, email=email, name=email.partition("@")[0].title())
        for name in filter(None, (practice, also)):
            accounts.add_member(db, person_id=person, practice_id=practice_id(console, name), role=role)
        values = {"password_hash": HASH, "totp_sealed": second.sealed(console, person, secret)}
        db.execute(tables.people.update().where(tables.people.c.id == person).values(values))
    return Account(person, email, secret)


def session_of(console: Console, who: Account, practice: str = "Example Practice") -> str:
    """A whole session's token."""
    with console.store.write() as db:
        return sessions.begin(db, console, person_id=who.id, practice_id=practice_id(console, practice), complete=True)


def token_for(console: Console, *scopes: Scope, practice: str = "Example Practice") -> str:
    """A program's secret."""
    with console.store.write() as db:
        return tokens.make(
            db,
            console,
            practice_id=practice_id(console, practice),
            name="Program",
            scopes=frozenset(scopes),
            days=30,
            by="nobody",
        )[1]


def csrf_of(console: Console, session: str) -> str:
    """What forms of this session must carry."""
    return str(one(console, tables.sessions, tables.sessions.c.token_hash == accounts.hashed(session)).csrf)


def one(console: Console, table: sa.Table, *where: Any) -> Any:
    """The one row."""
    with console.store.read() as db:
        return db.execute(sa.select(table).where(*where)).one()


def acts_of(console: Console) -> list[str]:
    """All acts, in order."""
    with console.store.read() as db:
        return list(db.scalars(sa.select(tables.audit.c.act).order_by(tables.audit.c.id)))


class Browser:
    """One browser, which keeps its cookie and copies what stands in forms."""

    def __init__(self, http: TestClient, console: Console) -> None:
        self.http, self.console = http, console
        self.cookie = ""
        self.last: Any = None

    def get(self, path: str) -> Any:
        """Open a page."""
        return self._took(self.http.get(path, headers=self._headers()))

    def post(self, path: str, **fields: str) -> Any:
        """Send a form with the hidden fields of the last page."""
        hidden = (
            {} if self.last is None else dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', self.last.text))
        )
        return self._took(self.http.post(path, data={**hidden, **fields}, headers=self._headers()))

    def sign_in(self, who: Account, *, ahead: int = 0) -> Any:
        """Both steps."""
        self.get("/sign-in")
        self.post("/sign-in", email=who.email, password=PASSWORD)
        self.get("/sign-in/code")
        return self.post("/sign-in/code", code=who.code(self.console, ahead=ahead))

    def _headers(self) -> dict[str, str]:
        return {"cookie": f"{SESSION_COOKIE}={self.cookie}"} if self.cookie else {}

    def _took(self, answer: Any) -> Any:
        for line in answer.headers.get_list("set-cookie"):
            found = re.match(rf'{SESSION_COOKIE}="?([^;"]*)', line)
            self.cookie = found[1] if found else self.cookie
        self.http.cookies.clear()
        self.last = answer
        return answer
