"""Counts codes that were not valid, from one address and from all: guessing is answered with waiting."""

import hashlib

import sqlalchemy as sa

from reports.console.intake.sentences import refusal
from reports.console.store import tables
from reports.console.store.engine import Store, insert

WINDOW_S = 900
MOST_EACH = 20
MOST_ALTOGETHER = 1000
EVERYBODY = "enrol"


def must_be_allowed(db: sa.Connection, *, peer: str, now: int) -> None:
    """Also a good code waits: an answer to it would tell a guesser what they ask for. Raises Refusal."""
    attempts = tables.attempts.c
    limits = {_key(peer): MOST_EACH, _key(""): MOST_ALTOGETHER}
    query = sa.select(attempts.key, attempts.count.label("tries"), attempts.since).where(attempts.key.in_(list(limits)))
    rows = db.execute(query).all()
    if any(row.tries >= limits[row.key] and now - row.since < WINDOW_S for row in rows):
        raise refusal("too_many")


def count(db: sa.Connection, store: Store, *, peer: str, now: int) -> None:
    """One more that was wrong."""
    table = tables.attempts
    for key in sorted({_key(peer), _key("")}):
        query = insert(store, table).values(key=key, count=1, since=now)
        over = table.c.since <= now - WINDOW_S
        query = query.on_conflict_do_update(
            index_elements=["key"],
            set_={
                "count": sa.case((over, 1), else_=table.c.count + 1),
                "since": sa.case((over, now), else_=table.c.since),
            },
        )
        db.execute(query)


def _key(peer: str) -> str:
    """A digest: addresses are not kept."""
    return hashlib.sha256(f"{EVERYBODY}\0{peer}".encode()).hexdigest()
