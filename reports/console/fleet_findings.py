"""Open findings over all devices of a practice: what fails most, for how long, and where."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from reports.console.fleet import CHUNK, MANY, PAGE
from reports.console.store import tables

DAY = 86400
SHORT: Mapping[str, str] = {
    "screen_lock": "Screen lock",
    "cloud_backup": "Photo upload",
    "remote_wipe": "Remote wipe",
    "clinical_images": "Clinical images",
    "encryption": "Encryption",
    "updates": "Updates",
    "shared_use": "Shared use",
    "integrity": "Integrity",
    "usb_debugging": "USB debugging",
    "geotagging": "Geotagging",
    "messaging_apps": "Messaging apps",
    "photo_access": "Apps with photo access",
    "users": "Other users",
}
"""What a check is called in a list; its title states the good state, which reads oddly beside a fail."""


class Age(StrEnum):
    """For how long a finding has been open."""

    HOURS = "hours"
    DAYS = "days"
    WEEKS = "weeks"
    LONGER = "longer"


AGES: Mapping[Age, tuple[int, int]] = {
    Age.HOURS: (0, DAY),
    Age.DAYS: (DAY, 8 * DAY),
    Age.WEEKS: (8 * DAY, 91 * DAY),
    Age.LONGER: (91 * DAY, 1 << 40),
}
"""From so many seconds, up to but without so many."""


class Borne(StrEnum):
    """Whether a waiver covers a finding now."""

    NO = "no"
    YES = "yes"


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingFilter:
    """Which open findings are looked for; "" and None leave a part open."""

    check_id: str = ""
    status: str = ""
    """fail, unknown or error."""
    level: str = "required"
    """"" for recommended ones as well; what the policy leaves out is never listed."""
    severity: str = ""
    age: Age | None = None
    borne: Borne | None = Borne.NO
    page: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingRow:
    """One open finding. Times are Unix seconds."""

    device_id: str
    uid: str
    model: str
    label: str
    check_id: str
    title: str
    status: str
    severity: str
    level: str
    because: str
    open_since: int
    observed_at: int
    waived_until: int | None

    @property
    def check(self) -> str:
        """Its short name."""
        return SHORT.get(self.check_id, self.check_id)


def open_findings(db: sa.Connection, practice_id: str, now: int, wanted: FindingFilter) -> list[FindingRow]:
    """One page, the oldest first, and one row of the next page where there is one."""
    row = tables.findings.c
    query = _matching(practice_id, now, wanted).order_by(row.failed_since, row.device_id, row.uid)
    return _rows(db, query.limit(PAGE + 1).offset((wanted.page - 1) * PAGE))


def how_many(db: sa.Connection, practice_id: str, now: int, wanted: FindingFilter) -> int:
    """Matches, at most MANY."""
    inner = _matching(practice_id, now, wanted).limit(MANY).subquery()
    return int(db.scalar(sa.select(sa.func.count()).select_from(inner)) or 0)


def every_finding(db: sa.Connection, practice_id: str, now: int, wanted: FindingFilter) -> Iterator[FindingRow]:
    """All that match, by device, a chunk at a time."""
    row = tables.findings.c
    after: tuple[str, str] | None = None
    while True:
        query = _matching(practice_id, now, wanted)
        if after is not None:
            query = query.where(sa.tuple_(row.device_id, row.uid) > after)
        found = _rows(db, query.order_by(row.device_id, row.uid).limit(CHUNK))
        yield from found
        if len(found) < CHUNK:
            return
        after = (found[-1].device_id, found[-1].uid)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Required findings that are open and count, over all devices."""

    failing: Sequence[tuple[str, int]]
    """Check ids with the number of devices that fail, most first."""
    ages: Mapping[Age, int]

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.ages.values())


def tally(db: sa.Connection, practice_id: str, now: int) -> Tally:
    """One pass over the index of open findings."""
    row = tables.findings.c
    ages = [(_aged(age, now), str(age)) for age in Age]
    age = sa.case(*ages, else_=str(Age.LONGER))
    query = _open(practice_id, now, row.check_id, row.status, age, sa.func.count()).where(
        row.level == "required", _counts(now)
    )
    failing: Counter[str] = Counter()
    totals: Counter[str] = Counter()
    for check_id, status, aged, number in db.execute(query.group_by(row.check_id, row.status, age)):
        totals[aged] += number
        if status == "fail":
            failing[check_id] += number
    return Tally(failing=failing.most_common(), ages={one: totals[one] for one in Age})


def lasting_errors(
    db: sa.Connection, practice_id: str, now: int, *, before: int, most: int
) -> tuple[list[FindingRow], int]:
    """Required checks that could not be made since before a moment: some, the oldest first, and how many (to MANY)."""
    row = tables.findings.c
    late = _open(practice_id, now, row.device_id, row.uid).where(
        row.status == "error", row.level == "required", row.failed_since < before, _counts(now)
    )
    found = _rows(db, late.order_by(row.failed_since, row.device_id, row.uid).limit(most))
    inner = late.limit(MANY).subquery()
    return found, int(db.scalar(sa.select(sa.func.count()).select_from(inner)) or 0)


def _aged(age: Age, now: int) -> sa.ColumnElement[bool]:
    low, high = AGES[age]
    row = tables.findings.c
    # A device's clock may run ahead: what was first seen in the future is new.
    younger = row.failed_since <= now - low if low else sa.true()
    return sa.and_(younger, row.failed_since > now - high)


def _counts(now: int) -> sa.ColumnElement[bool]:
    """No waiver covers it now, and the person's own word did not settle it."""
    row = tables.findings.c
    return sa.and_(sa.or_(row.waived_until.is_(None), row.waived_until <= now), row.settled.is_(False))


def _open(practice_id: str, now: int, *columns: sa.ColumnElement[Any]) -> sa.Select[Any]:
    """Open findings of devices that have not left."""
    row, device = tables.findings.c, tables.devices.c
    left = sa.select(device.id).where(device.practice_id == practice_id, device.ended_at.is_not(None))
    # The second says nothing new, but to SQLite: that the index of what is open narrows most.
    is_open = (row.failed_since.is_not(None), row.failed_since > 0)
    return sa.select(*columns).where(
        row.practice_id == practice_id, *is_open, row.level != "off", row.device_id.not_in(left)
    )


def _matching(practice_id: str, now: int, wanted: FindingFilter) -> sa.Select[Any]:
    row = tables.findings.c
    query = _open(practice_id, now, row.device_id, row.uid)
    parts = ((row.check_id, wanted.check_id), (row.status, wanted.status), (row.level, wanted.level))
    for column, value in (*parts, (row.severity, wanted.severity)):
        if value:
            query = query.where(column == value)
    if wanted.age is not None:
        query = query.where(_aged(wanted.age, now))
    if wanted.borne is Borne.NO:
        return query.where(_counts(now))
    return query.where(row.waived_until > now) if wanted.borne is Borne.YES else query


def _rows(db: sa.Connection, keys: sa.Select[Any]) -> list[FindingRow]:
    """Rows of these keys in their order: only keys are sorted, what is shown is fetched for the page alone."""
    chosen = [(one.device_id, one.uid) for one in db.execute(keys)]
    finding, device, agent = tables.findings, tables.devices, tables.agents
    query = (
        sa.select(finding, device.c.model, agent.c.label)
        .join_from(finding, device, device.c.id == finding.c.device_id)
        .join(agent, agent.c.id == device.c.agent_id)
        .where(finding.c.device_id.in_({one for one, _ in chosen}), finding.c.failed_since.is_not(None))
    )
    found = {(one.device_id, one.uid): one for one in db.execute(query)} if chosen else {}
    return [_row(found[key]) for key in chosen if key in found]


def _row(one: Any) -> FindingRow:
    return FindingRow(
        device_id=one.device_id,
        uid=one.uid,
        model=one.model,
        label=one.label,
        check_id=one.check_id,
        title=one.title,
        status=one.status,
        severity=one.severity,
        level=one.level,
        because=one.because,
        open_since=one.failed_since,
        observed_at=one.observed_at,
        waived_until=one.waived_until,
    )
