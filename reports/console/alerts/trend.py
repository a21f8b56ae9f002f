"""Keeps for each day of a practice how its devices stood: the last look of a day is what stays of it."""

from dataclasses import asdict
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from reports.console.alerts.hours import day
from reports.console.console import Console
from reports.console.fleet import counts
from reports.console.store.engine import insert
from reports.console.store.tables import day_counts, practices


def run(console: Console) -> None:
    """The job. Raises StoreError."""
    with console.store.read() as db:
        rows = db.execute(sa.select(practices)).all()
    for practice in rows:
        _keep(console, practice)


def _keep(console: Console, practice: Any) -> None:
    with console.store.read() as db:
        now = asdict(counts(db, practice.id, console.now()))
    today = day(console.now(), ZoneInfo(practice.timezone))
    row = insert(console.store, day_counts).values(practice_id=practice.id, day=today, **now)
    with console.store.write() as db:
        db.execute(row.on_conflict_do_update(index_elements=["practice_id", "day"], set_=now))
