"""One-time links: whoever holds one sets the password and the second factor of an account, once."""

from typing import Any

import sqlalchemy as sa

from reports.console import acts
from reports.console.auth import passwords, second, sessions
from reports.console.auth.callers import LONGEST, hashed
from reports.console.auth.signing_in import first_practice
from reports.console.console import Console
from reports.console.model import Refusal
from reports.console.store import tables


def holder_of(console: Console, token: str) -> Any:
    """`id`, `email` and `name` of whom a link is for. Raises Refusal."""
    link, people = tables.links.c, tables.people.c
    wanted = (
        sa.select(people.id, people.email, people.name)
        .join_from(tables.links, tables.people, people.id == link.person_id)
        .where(link.token_hash == hashed(token), link.used_at.is_(None), link.expires_at > console.now())
        .where(people.disabled_at.is_(None))
    )
    with console.store.read() as db:
        found = db.execute(wanted).first() if len(token) <= LONGEST else None
    if found is None:
        raise gone()
    return found


def gone() -> Refusal:
    """The same for a link that never was."""
    sentence = "This link was used already, or is older than a day. Ask your administrator for a new one."
    return Refusal(status=404, code="link", sentence=sentence)


def settle(console: Console, token: str, *, name: str, password: str, secret: str, step: int) -> str:
    """Use the link up, and sign in; the session's token. `step` is of the code that proved `secret`. Raises Refusal."""
    person = holder_of(console, token)
    practice_id = first_practice(console, person.id)
    if practice_id is None:
        raise gone()
    kept = passwords.kept(password)
    with console.store.write() as db:
        _use_up(db, console, token)
        values = {"name": name, "password_hash": kept, "totp_step": step}
        values["totp_sealed"] = second.sealed(console, person.id, secret)
        db.execute(tables.people.update().where(tables.people.c.id == person.id).values(values))
        sessions.end_all(db, person.id)
        acts.record(
            db,
            at=console.now(),
            practice_id=practice_id,
            actor_kind="person",
            actor=person.email,
            act="person.ready",
            target=person.id,
            detail="password and second factor set",
        )
        return sessions.begin(db, console, person_id=person.id, practice_id=practice_id, complete=True)


def _use_up(db: sa.Connection, console: Console, token: str) -> None:
    link, now = tables.links.c, console.now()
    mine = tables.links.update().where(link.token_hash == hashed(token), link.used_at.is_(None), link.expires_at > now)
    if db.execute(mine.values(used_at=now)).rowcount != 1:
        raise gone()
