"""Tests each channel once a day, so that a way to tell people is known to be broken before it is needed."""

from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from reports.console.alerts import queue
from reports.console.alerts.hours import day, has_come
from reports.console.console import Console
from reports.console.store.tables import channels, practices

AT = "06:00"
"""Of the practice's day: before people come in."""
HEADLINE = "scrubin's test of this channel. Nothing needs you."


def run(console: Console) -> None:
    """The job. Raises StoreError."""
    with console.store.read() as db:
        rows = db.execute(sa.select(practices)).all()
    for practice in rows:
        zone = ZoneInfo(practice.timezone)
        if has_come(console.now(), AT, zone):
            _queue(console, practice, day(console.now(), zone))


def _queue(console: Console, practice: Any, today: str) -> None:
    """A mail server is spoken to up to the mail itself, which is not sent; the others get a message."""
    with console.store.write() as db:
        queue.put_to_all(db, console, practice.id, queue.Wanted.PROBE, once=today, content=content(console, practice))


def content(console: Console, practice: Any) -> dict[str, Any]:
    """Of a test."""
    return {
        "kind": "probe",
        "practice": practice.name,
        "timezone": practice.timezone,
        "at": console.now(),
        "headline": HEADLINE,
        "items": [],
        "more": False,
    }


def tested_at(console: Console, practice_id: str) -> int | None:
    """When the newest test of any channel got through. Raises StoreError."""
    with console.store.read() as db:
        newest: int | None = db.scalar(
            sa.select(sa.func.max(channels.c.last_ok_at)).where(channels.c.practice_id == practice_id)
        )
    return newest
