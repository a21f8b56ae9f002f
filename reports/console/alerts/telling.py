"""Decides what is told at once: by the rule of its severity, outside quiet hours, once for each change."""

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from checks.model import Severity
from reports.console.alerts import queue
from reports.console.alerts.hours import is_quiet
from reports.console.alerts.rules import Rules, When, rules_of
from reports.console.alerts.troubles import DAY, RANK, Kind
from reports.console.alerts.words import MOST, headline, item_of
from reports.console.console import Console
from reports.console.store.tables import alerts, channels

if TYPE_CHECKING:
    from reports.console.alerts.evaluate import Amiss

CALM_S = 6 * 3600
"""What went away and came back as it was is not told again within this time."""


def plan(console: Console, practice: Any, amiss: "Sequence[Amiss]") -> "list[Amiss]":
    """What is to be told now. What waits for the end of quiet hours is found again then, if it still stands."""
    rules, now = rules_of(console, practice.id), console.now()
    quiet = is_quiet(now, rules, ZoneInfo(practice.timezone))
    deaf = any(one.trouble.kind is Kind.INTAKE for one in amiss)
    due = [one for one in amiss if is_due(one, rules, now)]
    if not due or not _anybody(console, practice.id):  # who is told later is told all of it
        return []
    return [
        one
        for one in due
        if not (quiet and not (rules.critical_passes and one.trouble.severity is Severity.CRITICAL))
        and not (deaf and one.trouble.kind is Kind.OVERDUE)  # all of them are silent, and it is not their fault
    ]


def _anybody(console: Console, practice_id: str) -> bool:
    c = channels.c
    with console.store.read() as db:
        return db.scalar(sa.select(c.id).where(c.practice_id == practice_id, c.enabled).limit(1)) is not None


def is_due(one: "Amiss", rules: Rules, now: int) -> bool:
    """By the rule of its severity."""
    rule = rules.of(one.trouble.severity)
    if rule.when is not When.NOW or one.trouble.step < 1:
        return False
    if one.told_at is None:
        return True
    if one.told_at < one.raised_at:
        return now - one.told_at >= CALM_S
    return rule.repeat_days > 0 and now - one.told_at >= rule.repeat_days * DAY


def tell(db: sa.Connection, console: Console, practice: Any, told: "Sequence[Amiss]") -> None:
    """Queue one message for each channel, and keep that it was told. Raises StoreError."""
    if not told:
        return
    zone = ZoneInfo(practice.timezone)
    items = [item_of(one.trouble, now=console.now(), zone=zone) for one in told]
    content = {
        "kind": "now",
        "practice": practice.name,
        "timezone": practice.timezone,
        "at": console.now(),
        "severity": max((one.trouble.severity for one in told), key=RANK.__getitem__),
        "headline": headline(items, practice.name),
        "items": [one.plain() for one in items[:MOST]],
        "more": len(items) > MOST,
    }
    once = hashlib.sha256(repr([_state(one) for one in told]).encode())
    queue.put_to_all(db, console, practice.id, queue.Wanted.NOW, once=once.hexdigest()[:40], content=content)
    for one in told:
        mine = (alerts.c.practice_id == practice.id, alerts.c.key == one.trouble.key)
        db.execute(alerts.update().where(*mine).values(told_at=console.now()))


def _state(one: "Amiss") -> tuple[object, ...]:
    """The same for two consoles that look at the same moment, and never again afterwards."""
    return one.trouble.key, one.trouble.severity.value, one.trouble.step, one.raised_at, one.before
