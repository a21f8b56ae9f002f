"""Sessions: begun at sign-in, renewed when they may do more, and ended."""

import secrets
from typing import Any

import sqlalchemy as sa

from reports.console.auth.callers import IDLE_S, LONGEST, hashed
from reports.console.console import Console
from reports.console.store import tables

WHOLE_S = 12 * 3600
HALF_S = 10 * 60
"""How long the second factor may take."""
BOUND = "one."
"""Begins the token of a session that stays in one practice. Whoever alters a token has one that nobody was given."""


def begin(
    db: sa.Connection, console: Console, *, person_id: str, practice_id: str, complete: bool, bound: bool = False
) -> str:
    """A new session's token. `bound`: a practice's own provider vouched, which has no say in other practices."""
    now = console.now()
    token = (BOUND if bound else "") + secrets.token_urlsafe(32)
    db.execute(
        tables.sessions.insert().values(
            token_hash=hashed(token),
            person_id=person_id,
            practice_id=practice_id,
            csrf=secrets.token_urlsafe(32),
            created_at=now,
            seen_at=now,
            expires_at=now + (WHOLE_S if complete else HALF_S),
            complete=complete,
        )
    )
    return token


def half_of(console: Console, token: str) -> Any:
    """`person_id`, `practice_id` and `csrf` of a session that waits for its second factor; None for any other."""
    row = tables.sessions.c
    if not 0 < len(token) <= LONGEST:
        return None
    wanted = sa.select(row.person_id, row.practice_id, row.csrf).where(
        row.token_hash == hashed(token), row.complete.is_(False), row.expires_at > console.now()
    )
    with console.store.read() as db:
        return db.execute(wanted).first()


def moved(db: sa.Connection, console: Console, token: str, practice_id: str) -> str | None:
    """The same session in another practice, under a new token; None for one that is bound."""
    if token.startswith(BOUND):
        return None
    fresh = secrets.token_urlsafe(32)
    row = tables.sessions
    values = {"token_hash": hashed(fresh), "practice_id": practice_id, "csrf": secrets.token_urlsafe(32)}
    done = db.execute(row.update().where(row.c.token_hash == hashed(token)).values(**values, seen_at=console.now()))
    return fresh if done.rowcount == 1 else None


def end(db: sa.Connection, token: str) -> None:
    """Sign out."""
    db.execute(tables.sessions.delete().where(tables.sessions.c.token_hash == hashed(token)))


def end_all(db: sa.Connection, person_id: str, *, practice_id: str | None = None, but: str = "") -> None:
    """Sign somebody out everywhere, or everywhere in one practice; `but` keeps one session."""
    row = tables.sessions.c
    which = [row.person_id == person_id, row.token_hash != hashed(but)]
    if practice_id is not None:
        which.append(row.practice_id == practice_id)
    db.execute(tables.sessions.delete().where(*which))


def prune(db: sa.Connection, now: int) -> None:
    """Sessions that have ended go, and tries and links that no longer matter."""
    row = tables.sessions.c
    db.execute(tables.sessions.delete().where(sa.or_(row.expires_at <= now, row.seen_at <= now - IDLE_S)))
    db.execute(tables.attempts.delete().where(tables.attempts.c.since <= now - 86400))
    db.execute(tables.links.delete().where(tables.links.c.expires_at <= now - 30 * 86400))
