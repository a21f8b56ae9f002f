"""What the overview says today: what needs somebody, and whether its own figures can be trusted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from reports.console import waiving
from reports.console.fleet_findings import FindingRow, lasting_errors
from reports.console.store import tables

HOUR, DAY = 3600, 86400
WEEKS = 12
SILENT_S = 6 * HOUR
"""After so long without any report, while devices fell due, the fault is looked for here."""
SHOWN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """A way of telling people that fails."""

    name: str
    since: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Today:
    """What needs somebody. Times are Unix seconds."""

    overdue_since: int | None
    """When the longest overdue device was last heard."""
    errors: Sequence[FindingRow]
    """Some of the required checks that could not be made for longer than the grace, the oldest first."""
    errors_total: int
    grace_s: int
    gaps: int
    """Devices of which a report is missing or does not follow from the last."""
    ending: Sequence[waiving.Waived]
    ending_total: int
    in_force: int
    paths: Sequence[Path]
    policy_number: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """Whether the console's own figures can be trusted. Times are Unix seconds."""

    runs: int
    """Devices whose newest report came within the last day."""
    proven: int
    """Those of them whose run found what it had planted for itself."""
    last_report: int | None
    fell_due: int
    """Devices that fell due since then."""
    channels: int
    told_at: int | None
    """When a message last went out."""
    late_jobs: int

    def broken(self, now: int) -> bool:
        """Nothing has come for long although devices were due: the fault is probably here."""
        return self.last_report is not None and now - self.last_report > SILENT_S and self.fell_due > 0

    def sound(self, now: int) -> bool:
        """Everything that the console can see of itself is in order."""
        heard = self.runs > 0 and self.proven == self.runs
        return heard and not self.late_jobs and self.channels > 0 and _fresh(self.told_at, now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """One point of the trend."""

    day: date
    """The last day of the week of which there is a count."""
    compliant: int
    total: int

    @property
    def percent(self) -> int:
        """Rounded down: 100 means all."""
        return self.compliant * 100 // self.total if self.total else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A policy that came into force within the trend."""

    number: int
    at: int


def _fresh(at: int | None, now: int) -> bool:
    return at is not None and now - at < 2 * DAY


def today(db: sa.Connection, practice: Any, now: int) -> Today:
    """Of one practice."""
    grace = practice.grace_hours * HOUR
    errors, total = lasting_errors(db, practice.id, now, before=now - grace, most=SHOWN)
    totals = waiving.counts(db, practice_id=practice.id, now=now)
    soon = waiving.listed(db, practice_id=practice.id, now=now, state=waiving.State.ENDING, limit=SHOWN)
    return Today(
        overdue_since=_longest(db, practice.id, now),
        errors=errors,
        errors_total=total,
        grace_s=grace,
        gaps=_gaps(db, practice.id),
        ending=soon,
        ending_total=totals[waiving.State.ENDING],
        in_force=totals[waiving.State.IN_FORCE],
        paths=_failing_paths(db, practice.id),
        policy_number=_policy_number(db, practice),
    )


def _longest(db: sa.Connection, practice_id: str, now: int) -> int | None:
    row = tables.devices.c
    late = sa.select(row.received_at).where(row.practice_id == practice_id, row.ended_at.is_(None), row.due_at < now)
    return db.scalar(late.order_by(row.due_at).limit(1))


def _gaps(db: sa.Connection, practice_id: str) -> int:
    row = tables.devices.c
    # Written out, not as a parameter: only so does the index of the few others fit.
    query = sa.select(sa.func.count()).where(
        row.practice_id == practice_id, row.chain != sa.literal_column("'whole'"), row.ended_at.is_(None)
    )
    return int(db.scalar(query) or 0)


def _failing_paths(db: sa.Connection, practice_id: str) -> list[Path]:
    row = tables.channels.c
    query = sa.select(row.name, row.failing_since).where(
        row.practice_id == practice_id, row.enabled, row.failing_since.is_not(None)
    )
    return [Path(name=one.name, since=one.failing_since) for one in db.execute(query.order_by(row.failing_since))]


def _policy_number(db: sa.Connection, practice: Any) -> int | None:
    row = tables.policies.c
    query = sa.select(row.number).where(row.id == practice.policy_id, row.practice_id == practice.id)
    return None if practice.policy_id is None else db.scalar(query)


def trust(db: sa.Connection, practice_id: str, now: int) -> Trust:
    """Of one practice; jobs are the whole console's."""
    row, channel, job = tables.devices.c, tables.channels.c, tables.jobs.c
    mine = (row.practice_id == practice_id, row.ended_at.is_(None))
    last = db.scalar(sa.select(sa.func.max(row.received_at)).where(*mine))
    recent = sa.select(sa.func.count()).where(*mine, row.received_at > now - DAY)
    runs = int(db.scalar(recent) or 0)
    unproven = sa.select(sa.func.count()).where(*mine, row.proven == sa.false(), row.received_at > now - DAY)
    due = sa.select(sa.func.count()).where(*mine, row.due_at < now, row.due_at > (last or now))
    told = sa.select(sa.func.count(), sa.func.max(channel.last_ok_at)).where(
        channel.practice_id == practice_id, channel.enabled
    )
    channels, told_at = db.execute(told).one()
    return Trust(
        runs=runs,
        proven=runs - int(db.scalar(unproven) or 0),
        last_report=last,
        fell_due=int(db.scalar(due) or 0),
        channels=channels,
        told_at=told_at,
        late_jobs=int(db.scalar(sa.select(sa.func.count()).where(job.due_at < now - HOUR)) or 0),
    )


def trend(db: sa.Connection, practice_id: str, now: int, zone: ZoneInfo) -> list[Week]:
    """Of each of the last 12 weeks its newest count; weeks without any are left out."""
    end = datetime.fromtimestamp(now, UTC).astimezone(zone).date()
    row = tables.day_counts.c
    first = end - timedelta(days=7 * WEEKS - 1)
    query = sa.select(tables.day_counts).where(row.practice_id == practice_id, row.day >= first.isoformat())
    weeks: dict[int, Week] = {}
    for one in db.execute(query.order_by(row.day)):
        day = date.fromisoformat(one.day)
        total = one.compliant + one.not_compliant + one.cannot_tell + one.overdue
        if day <= end and total:
            weeks[(end - day).days // 7] = Week(day=day, compliant=one.compliant, total=total)
    return [weeks[back] for back in sorted(weeks, reverse=True)]


def published(db: sa.Connection, practice_id: str, since: int) -> list[Published]:
    """Policies that came into force after a moment, oldest first."""
    row = tables.policies.c
    query = sa.select(row.number, row.published_at).where(row.practice_id == practice_id, row.published_at > since)
    return [Published(number=one.number, at=one.published_at) for one in db.execute(query.order_by(row.published_at))]


def groups_of(db: sa.Connection, practice_id: str) -> Mapping[str, str]:
    """Names by id, by name."""
    row = tables.groups.c
    found = db.execute(sa.select(row.id, row.name).where(row.practice_id == practice_id).order_by(row.name))
    return {one.id: one.name for one in found}
