"""Signing in with a password and then a code; whoever guesses learns neither which part was wrong nor who exists."""

from typing import Any

import sqlalchemy as sa

from reports.console import acts
from reports.console.auth import passwords, second, sessions
from reports.console.auth.attempts import ACCOUNT, PEER, Tried, count, forget, forgive, near
from reports.console.auth.callers import ROLES
from reports.console.console import Console
from reports.console.model import Refusal
from reports.console.store import tables

WRONG = "That e-mail address and password don't fit together, or the account can't sign in here."
WRONG_CODE = "That code is not right, or was used already. Wait for the next one and type that."


def with_password(console: Console, *, email: str, password: str, peer: str) -> str:
    """The token of a session that waits for the second factor. Raises Refusal."""
    tried = [Tried(kind="password", what=email.strip().lower(), limit=ACCOUNT), *nearby(console, peer)]
    count(console, tried)
    person = _person(console, email)
    right = passwords.matches(password, None if person is None else person.password_hash)
    practice_id = None if person is None else first_practice(console, person.id)
    if not right or person is None or person.totp_sealed is None or person.disabled_at or practice_id is None:
        _failed(console, email=None if person is None else person.email, practice_id=practice_id, what="password")
        raise Refusal(status=401, code="wrong", sentence=WRONG)
    with console.store.write() as db:
        if passwords.outdated(person.password_hash):
            hashed = tables.people.update().where(tables.people.c.id == person.id)
            db.execute(hashed.values(password_hash=passwords.kept(password)))
        return sessions.begin(db, console, person_id=person.id, practice_id=practice_id, complete=False)


def with_code(console: Console, *, half_token: str, code: str, peer: str) -> str:
    """The token of the whole session, which takes the half one's place. Raises Refusal, SealError."""
    half = sessions.half_of(console, half_token)
    if half is None:
        raise Refusal(status=401, code="sign_in", sentence="That took too long. Start again with your password.")
    mine = Tried(kind="code", what=half.person_id, limit=ACCOUNT)
    beside = nearby(console, peer)
    count(console, [mine, *beside])
    email = _email(console, half.person_id)
    if not second.take(console, half.person_id, code):
        _failed(console, email=email, practice_id=half.practice_id, what="code")
        raise Refusal(status=401, code="wrong_code", sentence=WRONG_CODE)
    with console.store.write() as db:
        sessions.prune(db, console.now())
        sessions.end(db, half_token)
        token = sessions.begin(db, console, person_id=half.person_id, practice_id=half.practice_id, complete=True)
        signed_in(db, console, email=email, practice_id=half.practice_id, how="password and code")
    forget(console, [mine, Tried(kind="password", what=email, limit=ACCOUNT)])
    forgive(console, [*beside, *beside])
    return token


def signed_in(db: sa.Connection, console: Console, *, email: str, practice_id: str, how: str) -> None:
    """The line in the audit log."""
    acts.record(
        db, at=console.now(), practice_id=practice_id, actor_kind="person", actor=email, act="session.begun", detail=how
    )


def first_practice(console: Console, person_id: str) -> str | None:
    """Where somebody begins: their first practice by name."""
    member, practice = tables.memberships.c, tables.practices.c
    wanted = (
        sa.select(practice.id)
        .join_from(tables.memberships, tables.practices, practice.id == member.practice_id)
        .where(member.person_id == person_id, member.role.in_(ROLES))
        .order_by(practice.name, practice.id)
        .limit(1)
    )
    with console.store.read() as db:
        found = db.scalar(wanted)
    return None if found is None else str(found)


def nearby(console: Console, peer: str) -> list[Tried]:
    """Nothing where an address says nothing about who tries."""
    where = near(peer, behind_proxy=bool(console.public_url))
    return [Tried(kind="peer", what=where, limit=PEER)] if where else []


def _person(console: Console, email: str) -> Any:
    with console.store.read() as db:
        wanted = sa.select(tables.people).where(tables.people.c.email == email.strip().lower())
        return db.execute(wanted).first()


def _email(console: Console, person_id: str) -> str:
    with console.store.read() as db:
        return str(db.scalar(sa.select(tables.people.c.email).where(tables.people.c.id == person_id)))


def _failed(console: Console, *, email: str | None, practice_id: str | None, what: str) -> None:
    """What was typed as an address is not written down where nobody has it: it may be a password in the wrong field."""
    with console.store.write() as db:
        acts.record(
            db,
            at=console.now(),
            practice_id=practice_id,
            actor_kind="person",
            actor=email or "unknown account",
            act="session.refused",
            detail=what,
        )
