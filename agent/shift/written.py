"""A calendar written again, with nothing in it but times: what the library reads, and what is kept of a feed."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from agent.shift.bounds import AHEAD, DATES, ENTRIES, RECURRING, ZONE_PARTS, ZONES, RosterTrouble
from agent.shift.entries import CANCELLED, DAY, Calendar, Entry, Zone
from agent.shift.lines import Line

CROWD = "The roster holds too many entries for the coming week, so it is not used. Is it only your shifts?"
MARGIN = timedelta(days=2)
"""Dates are compared as they are written, whatever their zone."""


def written(calendar: Calendar, entries: Iterable[Entry] | None = None) -> str:
    """As iCalendar; with `entries`, only these and the zones that they name."""
    chosen = tuple(calendar.entries if entries is None else entries)
    names = {one.zone for entry in chosen for one in (entry.start, *entry.dates, entry.stands_for) if one is not None}
    told = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:scrubin"]
    for zone in calendar.zones[:ZONES]:
        if zone.name in names:
            told += _zone(zone)
    for entry in chosen:
        told += _entry(entry)
    return "\n".join((*told, "END:VCALENDAR", ""))


def _zone(zone: Zone) -> Iterator[str]:
    yield "BEGIN:VTIMEZONE"
    yield f"TZID:{zone.name}"
    if len(zone.lines) <= ZONE_PARTS:
        yield from zone.lines
    yield "END:VTIMEZONE"


def _entry(entry: Entry) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{entry.uid}"
    yield f"SEQUENCE:{entry.sequence}"
    yield _dated("DTSTART", entry.start)
    if entry.rule:
        yield f"RRULE:{entry.rule}"
    if entry.stands_for is not None:
        yield _dated("RECURRENCE-ID", entry.stands_for)
    for one in entry.dates:
        yield _dated(one.name, one)
    if entry.cancelled:
        yield f"STATUS:{CANCELLED}"
    yield "END:VEVENT"


def _dated(name: str, line: Line) -> str:
    whole = ";VALUE=DATE" if DAY.fullmatch(line.value) else ""
    zone = f';TZID="{line.zone}"' if line.zone and not line.value.endswith("Z") and not whole else ""
    future = ";RANGE=THISANDFUTURE" if line.future and name == "RECURRENCE-ID" else ""
    return f"{name}{future}{whole}{zone}:{line.value}"


def soon(calendar: Calendar, now: datetime) -> tuple[Entry, ...]:
    """Entries that may begin in the coming days; of their dates, those. Raises RosterTrouble where it is a crowd."""
    first, last = f"{now - MARGIN:%Y%m%d}", f"{now + AHEAD + MARGIN:%Y%m%d}"

    def near(line: Line | None) -> bool:
        return line is not None and first <= line.value[:8] <= last

    found = []
    for entry in calendar.entries:
        dates = tuple(one for one in entry.dates if near(one))
        lasting = bool(entry.rule) and _until(entry.rule) >= first and entry.start.value[:8] <= last
        moved = entry.stands_for is not None and (near(entry.stands_for) or entry.stands_for.future)
        if lasting or moved or near(entry.start) or any(one.name == "RDATE" for one in dates):
            found.append(_with(entry, dates))
    if len(found) > ENTRIES or sum(one.recurs for one in found) > RECURRING:
        raise RosterTrouble(CROWD)
    return tuple(found)


def _with(entry: Entry, dates: tuple[Line, ...]) -> Entry:
    if len(dates) > DATES:
        raise RosterTrouble(CROWD)
    return replace(entry, dates=dates)


def _until(rule: str) -> str:
    """The last day of a rule; far away where it names none."""
    for part in rule.split(";"):
        if part.startswith("UNTIL="):
            return part[6:14]
    return "99999999"
