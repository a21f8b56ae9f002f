"""When a device must have been heard from: time counts on the days its people work, outside their leave."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from reports.console.console import Console
from reports.console.store import tables

EVERY_DAY = "1111111"
FARTHEST_DAYS = 3660
"""Leave may be entered without a sensible end; nobody waits for longer than this."""

Away = Sequence[tuple[int, int]]
"""From and until, Unix seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What holds for one agent's devices."""

    period_hours: int
    grace_hours: int
    days: str
    """Monday first, 1 where people work."""
    zone: ZoneInfo
    away: Away = ()

    def due(self, *, received_at: int, observed_at: int) -> int:
        """A report that was under way for long makes no device fresh: the older of its times counts."""
        return due_at(
            min(received_at, observed_at),
            period_hours=self.period_hours,
            grace_hours=self.grace_hours,
            days=self.days,
            zone=self.zone,
            away=self.away,
        )


def due_at(received_at: int, *, period_hours: int, grace_hours: int, days: str, zone: ZoneInfo, away: Away) -> int:
    """Unix seconds. A roster without a single working day counts every day: it would hide a silent device for good."""
    left = (period_hours + grace_hours) * 3600
    working = days if "1" in days and len(days) == len(EVERY_DAY) else EVERY_DAY
    if working == EVERY_DAY and not away:
        return received_at + left
    at = received_at
    for start, end in _stretches(received_at, working, zone, _merged(away)):
        at = end
        if end - start >= left:
            return start + left
        left -= end - start
    return at


def _stretches(since: int, days: str, zone: ZoneInfo, away: Away) -> Iterator[tuple[int, int]]:
    """Working time from `since` on, in order: each working day less what of it is leave."""
    first = datetime.fromtimestamp(since, zone).date()
    for number in range(FARTHEST_DAYS):
        day = first + timedelta(days=number)
        if days[day.weekday()] == "1":
            start, end = max(since, _midnight(day, zone)), _midnight(day + timedelta(days=1), zone)
            yield from _without(start, end, away)


def _midnight(day: date, zone: ZoneInfo) -> int:
    return int(datetime.combine(day, time(), zone).timestamp())


def _without(start: int, end: int, away: Away) -> Iterator[tuple[int, int]]:
    """A stretch less leave, which is sorted and does not overlap."""
    for begins, ends in away:
        if ends > start and begins < end:
            if begins > start:
                yield start, begins
            start = ends
    if start < end:
        yield start, end


def _merged(away: Away) -> Away:
    """Sorted, overlaps made one, the senseless left out."""
    merged: list[tuple[int, int]] = []
    for begins, ends in sorted(one for one in away if one[0] < one[1]):
        if merged and begins <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(ends, merged[-1][1]))
        else:
            merged.append((begins, ends))
    return merged


def terms_of(row: Any, away: Away) -> Terms:
    """Of a row with the practice's hours and zone, and its group's where it has one (`group_…`, `days`)."""
    return Terms(
        period_hours=row.period_hours if row.group_period_hours is None else row.group_period_hours,
        grace_hours=row.grace_hours if row.group_grace_hours is None else row.group_grace_hours,
        days=row.days or EVERY_DAY,
        zone=ZoneInfo(row.timezone),
        away=away,
    )


def terms_query() -> sa.Select[Any]:
    """Agents with what `terms_of` needs; add columns and conditions."""
    practices, groups, agents = tables.practices.c, tables.groups.c, tables.agents.c
    return (
        sa.select(
            agents.id,
            practices.timezone,
            practices.period_hours,
            practices.grace_hours,
            groups.period_hours.label("group_period_hours"),
            groups.grace_hours.label("group_grace_hours"),
            groups.days,
        )
        .join(tables.practices, practices.id == agents.practice_id)
        .outerjoin(tables.groups, groups.id == agents.group_id)
    )


def away_of(db: sa.Connection, agent_ids: Sequence[str]) -> dict[str, list[tuple[int, int]]]:
    """Leave, by agent."""
    away = tables.away.c
    found: dict[str, list[tuple[int, int]]] = {}
    for row in db.execute(sa.select(away.agent_id, away.from_at, away.until_at).where(away.agent_id.in_(agent_ids))):
        found.setdefault(row.agent_id, []).append((row.from_at, row.until_at))
    return found


def renew_due(db: sa.Connection, console: Console, agent_id: str) -> None:
    """After leave, roster, group or hours have changed: when the agent's devices are due now."""
    row = db.execute(terms_query().where(tables.agents.c.id == agent_id)).one_or_none()
    if row is None:
        return
    terms = terms_of(row, away_of(db, [agent_id]).get(agent_id, ()))
    devices = tables.devices
    columns = (devices.c.id, devices.c.received_at, devices.c.observed_at)
    for device in db.execute(sa.select(*columns).where(devices.c.agent_id == agent_id)).all():
        due = terms.due(received_at=device.received_at, observed_at=device.observed_at)
        db.execute(devices.update().where(devices.c.id == device.id).values(due_at=due))
