"""When the next shifts begin, by a roster. Loaded only in the short-lived process of `scrubin shift next`."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

import icalendar
import recurring_ical_events

from agent.shift.bounds import AHEAD, BEHIND, SHIFTS
from agent.shift.entries import CANCELLED, Calendar, Entry, calendar
from agent.shift.written import soon, written

FAULTS = (ValueError, TypeError, KeyError, IndexError, AttributeError, ArithmeticError, LookupError)
"""What the libraries raise for dates and rules that make no sense."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coming:
    """What a roster says of the coming days."""

    starts: tuple[datetime, ...]
    """Aware, UTC, earliest first, each once."""
    odd: int
    """Entries that are not understood."""


def coming(text: str, *, now: datetime, zone: tzinfo | None = None) -> Coming:
    """Starts within the next days. `zone` is that of times without one; None: the laptop's. Raises RosterTrouble."""
    told = calendar(text)
    entries = soon(told, now)
    odd = told.odd
    try:
        found = list(_starts(written(told, entries), now, zone))
    except FAULTS:
        found, more = _one_by_one(told, entries, now, zone)
        odd += more
    inside = sorted({one for one in found if now - BEHIND <= one <= now + AHEAD})
    return Coming(starts=tuple(inside[:SHIFTS]), odd=odd)


def _one_by_one(
    told: Calendar, entries: Sequence[Entry], now: datetime, zone: tzinfo | None
) -> tuple[list[datetime], int]:
    """Each series by itself, since one of them makes no sense, and how many make none."""
    series: dict[int, list[Entry]] = {}
    for entry in entries:
        series.setdefault(entry.uid, []).append(entry)
    found: list[datetime] = []
    odd = 0
    for one in series.values():
        try:
            found += _starts(written(told, one), now, zone)
        except FAULTS:
            odd += 1
    return found, odd


def _starts(text: str, now: datetime, zone: tzinfo | None) -> Iterator[datetime]:
    whole = icalendar.Calendar.from_ical(text)
    margin = timedelta(days=1)  # times without a zone are compared as if they were UTC
    for one in recurring_ical_events.of(whole).between(now - BEHIND - margin, now + AHEAD + margin):
        start = one.start
        if str(one.get("STATUS", "")) != CANCELLED and isinstance(start, datetime):
            yield _absolute(start, zone)


def _absolute(start: datetime, zone: tzinfo | None) -> datetime:
    if start.tzinfo is None and zone is not None:
        start = start.replace(tzinfo=zone)
    return start.astimezone(UTC).replace(microsecond=0)
