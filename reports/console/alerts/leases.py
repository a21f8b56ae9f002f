"""Lets one console at a time do a job: a row is leased by an atomic UPDATE, and a dead console's lease runs out."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from reports.console.console import Console
from reports.console.store.engine import insert
from reports.console.store.tables import jobs

LONGEST_ERROR = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """Whose turn a job is, and until when."""

    job: str
    seconds: int
    """How long the holder may be silent before another console takes over."""


def take(console: Console, lease: Lease) -> bool:
    """Whether the job is due, and now ours. Raises StoreError."""
    now = console.now()
    with console.store.write() as db:
        first = insert(console.store, jobs).values(name=lease.job, due_at=now, lease_until=0, lease_by="", error="")
        db.execute(first.on_conflict_do_nothing())
        free = (jobs.c.name == lease.job, jobs.c.due_at <= now, jobs.c.lease_until <= now)
        taken = db.execute(jobs.update().where(*free).values(lease_until=now + lease.seconds, lease_by=console.name))
    return bool(taken.rowcount == 1)


def hold(console: Console, lease: Lease) -> bool:
    """Whether the job is still ours; if so, for as long again. Raises StoreError."""
    until = console.now() + lease.seconds
    with console.store.write() as db:
        held = db.execute(jobs.update().where(*_ours(console, lease)).values(lease_until=until))
    return bool(held.rowcount == 1)


def give_back(console: Console, lease: Lease, *, next_in: int, error: str = "") -> None:
    """The job was done, or not for the reason `error`. A job that another console has taken over is left alone."""
    now = console.now()
    values: dict[str, Any] = {"lease_until": 0, "lease_by": "", "due_at": now + next_in, "error": error[:LONGEST_ERROR]}
    if not error:
        values["ok_at"] = now
    with console.store.write() as db:
        db.execute(jobs.update().where(*_ours(console, lease)).values(**values))


def due(console: Console, names: tuple[str, ...]) -> tuple[str, ...]:
    """Of these jobs, those that are due and free, looked up without writing. Raises StoreError."""
    now = console.now()
    with console.store.read() as db:
        rows = db.execute(sa.select(jobs).where(jobs.c.name.in_(names))).all()
    waiting = {row.name for row in rows if row.due_at > now or row.lease_until > now}
    return tuple(name for name in names if name not in waiting)


def _ours(console: Console, lease: Lease) -> tuple[Any, ...]:
    return (jobs.c.name == lease.job, jobs.c.lease_by == console.name, jobs.c.lease_until > 0)
