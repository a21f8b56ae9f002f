"""Whether this console can do its work: the database takes writes, the jobs keep time, people can be told."""

import threading
from dataclasses import dataclass

import sqlalchemy as sa

from reports.console.console import Console
from reports.console.store.engine import StoreError, insert
from reports.console.store.tables import channels, jobs

LATE_S = 900
"""A job may be late by so long: by the lease of a console that died, and a turn."""
FRESH_S = 5
"""Whoever asks may ask often: the answer is kept for so long."""
MARK = "health"
"""The row that is written to see that rows can be written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """Nothing in here says anything of any practice."""

    database: bool
    jobs: bool
    alert_path: bool
    """No channel of anybody fails."""

    @property
    def ok(self) -> bool:
        """All of it."""
        return self.database and self.jobs and self.alert_path


class Watch:
    """Looks, and remembers for a moment what it saw."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: tuple[str, int, Health] | None = None

    def look(self, console: Console) -> Health:
        """Never raises: a database that can't be asked is an answer."""
        with self._lock:
            now = console.now()
            if self._seen is not None and self._seen[0] == console.name and 0 <= now - self._seen[1] < FRESH_S:
                return self._seen[2]
            found = look(console)
            self._seen = console.name, now, found
            return found


def look(console: Console) -> Health:
    """Now."""
    try:
        _write(console)
        with console.store.read() as db:
            return Health(database=True, jobs=_jobs_keep_time(db, console.now()), alert_path=_nobody_fails(db))
    except StoreError:
        return Health(database=False, jobs=False, alert_path=False)


def _write(console: Console) -> None:
    row = insert(console.store, jobs).values(name=MARK, due_at=console.now(), ok_at=console.now(), lease_until=0)
    with console.store.write() as db:
        db.execute(row.on_conflict_do_update(index_elements=["name"], set_={"ok_at": console.now()}))


def _jobs_keep_time(db: sa.Connection, now: int) -> bool:
    """None is late, none failed when it last ran, and there are some: a console without jobs tells nobody anything."""
    rows = db.execute(sa.select(jobs).where(jobs.c.name != MARK)).all()
    on_time = [not one.error and (one.due_at + LATE_S >= now or one.lease_until > now) for one in rows]
    return bool(on_time) and all(on_time)


def _nobody_fails(db: sa.Connection) -> bool:
    failing = sa.select(channels.c.id).where(channels.c.failing_since.is_not(None)).limit(1)
    return db.execute(failing).first() is None
