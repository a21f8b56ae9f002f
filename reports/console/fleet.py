"""All devices of a practice: how many stand how, and which of them somebody looks for."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from reports.console.store import tables

PAGE = 50
MANY = 10_000
"""Matches are counted up to here: to count further would cost more than it tells."""
CHUNK = 2000
LONGEST_SEARCH = 120
CODE = re.compile(r"[0-9A-Fa-f]{4,8}")
"""Of a device's code, enough to look for."""


class Verdict(StrEnum):
    """How a device stands now, as IT is told it; worst first."""

    NOT_COMPLIANT = "not_compliant"
    CANNOT_TELL = "cannot_tell"
    OVERDUE = "overdue"
    """It was to report by now, so what it last said no longer counts."""
    COMPLIANT = "compliant"
    ENDED = "ended"
    """It left, or was retired."""


class Sort(StrEnum):
    """What a list of devices may be sorted by."""

    WORST = "worst"
    HEARD = "heard"
    """Longest silent first."""
    TO_FIX = "to_fix"
    MODEL = "model"


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many devices stand how; each is counted once."""

    compliant: int
    not_compliant: int
    cannot_tell: int
    overdue: int

    @property
    def total(self) -> int:
        """All that have not left."""
        return self.compliant + self.not_compliant + self.cannot_tell + self.overdue

    def of(self, verdict: Verdict) -> int:
        """Those of one verdict; those that left are not counted."""
        return int(getattr(self, verdict)) if verdict is not Verdict.ENDED else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which devices are looked for; "" and None leave a part open. Those that left come only when asked for."""

    search: str = ""
    """Part of the model, of IT's label or of the device's code."""
    verdict: Verdict | None = None
    group_id: str = ""
    kind: str = ""
    platform: str = ""
    ownership: str = ""
    check_id: str = ""
    """Of a check that fails on it."""
    amiss: bool = False
    """Only those whose reports do not follow one another."""
    sort: Sort = Sort.WORST
    page: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceRow:
    """One device in a list. Times are Unix seconds."""

    id: str
    agent_id: str
    label: str
    """What IT calls its user; "" where nobody said."""
    group: str
    kind: str
    platform: str
    model: str
    os_version: str
    ownership: str
    verdict: Verdict
    overall: str
    """What it last said itself."""
    to_fix: int
    oldest: int | None
    """Since when its oldest open finding is open."""
    waived: int
    received_at: int
    due_at: int
    chain: str
    proven: bool
    agent_version: str
    policy_version: str

    @property
    def code(self) -> str:
        """Short for its id: names it without naming anybody."""
        return code_of(self.id)


def code_of(device_id: str) -> str:
    """`3F2A91C0`."""
    return device_id[:8].upper()


def verdict_of(overall: str, *, due_at: int, ended_at: int | None, now: int) -> Verdict:
    """How a device stands now."""
    if ended_at is not None:
        return Verdict.ENDED
    return Verdict.OVERDUE if due_at < now else Verdict(overall)


def counts(db: sa.Connection, practice_id: str, now: int) -> Counts:
    """How many stand how. Two queries that each an index answers: the overdue ones are taken from the rest."""
    row = tables.devices.c
    active = sa.select(row.overall, sa.func.count()).where(row.practice_id == practice_id, row.ended_at.is_(None))
    said = _by_overall(db, active.group_by(row.overall))
    late = _by_overall(db, active.where(row.due_at < now).group_by(row.overall))
    left = {name: said.get(name, 0) - late.get(name, 0) for name in ("compliant", "not_compliant", "cannot_tell")}
    return Counts(**left, overdue=sum(late.values()))


def _by_overall(db: sa.Connection, query: sa.Select[Any]) -> Mapping[str, int]:
    return {one[0]: one[1] for one in db.execute(query)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One page of devices."""

    rows: Sequence[DeviceRow]
    more: bool
    """There is a next page."""
    total: int
    """Matches; at most MANY where a filter beside the verdict is set."""


def find_devices(db: sa.Connection, practice_id: str, now: int, wanted: Filter) -> list[DeviceRow]:
    """One page of them, and one row of the next where there is one."""
    return rows_of(db, practice_id, now, _ids(db, practice_id, now, wanted)[0])


def page_of(db: sa.Connection, practice_id: str, now: int, wanted: Filter) -> Found:
    """One page of them, and how many there are."""
    ids, total = _ids(db, practice_id, now, wanted)
    total = how_many(db, practice_id, now, wanted) if total is None else total
    return Found(rows=rows_of(db, practice_id, now, ids[:PAGE]), more=len(ids) > PAGE, total=total)


def _ids(db: sa.Connection, practice_id: str, now: int, wanted: Filter) -> tuple[list[str], int | None]:
    """Ids of a page and one of the next where there is one; and how many there are, where that came with them."""
    start = (wanted.page - 1) * PAGE
    if _sets(practice_id, wanted):
        matching = _narrowed(db, practice_id, now, wanted)
        return [one.id for one in matching[start : start + PAGE + 1]], len(matching)
    if wanted.sort is Sort.WORST:
        return _worst_first(db, practice_id, now, wanted, start), None
    query = matching_of(db, practice_id, now, wanted, wanted.verdict).order_by(*_sorted(wanted.sort))
    return list(db.scalars(query.limit(PAGE + 1).offset(start))), None


def _narrowed(db: sa.Connection, practice_id: str, now: int, wanted: Filter) -> Sequence[Any]:
    """What a search, a group or a check leaves, at most MANY, sorted here: few enough, whichever index found them."""
    row = tables.devices.c
    ids = matching_of(db, practice_id, now, wanted, wanted.verdict).limit(MANY)
    query = ids.add_columns(row.overall, row.due_at, row.ended_at, row.received_at, row.to_fix, row.model)
    ranks = {verdict: place for place, verdict in enumerate(Verdict)}

    def key(one: Any) -> tuple[Any, ...]:
        verdict = verdict_of(one.overall, due_at=one.due_at, ended_at=one.ended_at, now=now)
        by = {Sort.HEARD: one.received_at, Sort.TO_FIX: -one.to_fix, Sort.MODEL: one.model}
        return (by.get(wanted.sort, ranks[verdict]), one.id)

    return sorted(db.execute(query), key=key)


def _worst_first(db: sa.Connection, practice_id: str, now: int, wanted: Filter, start: int) -> list[str]:
    """Verdict after verdict: each lies together in an index, so that no page needs all devices sorted."""
    ids: list[str] = []
    for verdict in (wanted.verdict,) if wanted.verdict else tuple(Verdict)[:-1]:
        matching = matching_of(db, practice_id, now, wanted, verdict)
        passed = _capped(db, matching, start) if start else 0
        start -= passed
        if not start:
            page = matching.order_by(*_lying(verdict)).limit(PAGE + 1 - len(ids)).offset(passed)
            ids += db.scalars(page)
        if len(ids) > PAGE:
            break
    return ids


def _lying(verdict: Verdict) -> Sequence[sa.ColumnElement[Any]]:
    """As an index has them: the overdue ones by how long."""
    row = tables.devices.c
    return (row.due_at, row.id) if verdict is Verdict.OVERDUE else (row.id,)


def _capped(db: sa.Connection, matching: sa.Select[Any], most: int) -> int:
    return int(db.scalar(sa.select(sa.func.count()).select_from(matching.limit(most).subquery())) or 0)


def how_many(db: sa.Connection, practice_id: str, now: int, wanted: Filter) -> int:
    """Matches: all of them where at most the verdict is asked for, else at most MANY."""
    plain = Filter(verdict=wanted.verdict, sort=wanted.sort, page=wanted.page)
    if wanted == plain and wanted.verdict is not Verdict.ENDED:
        standing = counts(db, practice_id, now)
        return standing.of(wanted.verdict) if wanted.verdict else standing.total
    return _capped(db, matching_of(db, practice_id, now, wanted, wanted.verdict), MANY)


def every_device(db: sa.Connection, practice_id: str, now: int, wanted: Filter) -> Iterator[DeviceRow]:
    """All that match, by id, a chunk at a time."""
    row = tables.devices.c
    last = ""
    while True:
        query = matching_of(db, practice_id, now, wanted, wanted.verdict).where(row.id > last)
        ids = list(db.scalars(query.order_by(row.id).limit(CHUNK)))
        if not ids:
            return
        yield from rows_of(db, practice_id, now, ids)
        last = ids[-1]


def _sorted(sort: Sort) -> Sequence[sa.ColumnElement[Any]]:
    row = tables.devices.c
    by: Mapping[Sort, sa.ColumnElement[Any]] = {
        Sort.HEARD: row.received_at.asc(),
        Sort.TO_FIX: row.to_fix.desc(),
        Sort.MODEL: row.model.asc(),
    }
    return (by[sort], row.id)


def matching_of(
    db: sa.Connection, practice_id: str, now: int, wanted: Filter, verdict: Verdict | None
) -> sa.Select[Any]:
    """Ids of the devices of one practice that fit."""
    row = tables.devices.c
    sets = _sets(practice_id, wanted)
    # Where a set of ids leads, SQLite must not take the practice's own index: joined with nothing, the column has none.
    # PostgreSQL chooses well by itself, and badly where it can't estimate.
    led = sets and db.dialect.name == "sqlite"
    practice = row.practice_id.concat("") if led else row.practice_id
    query = sa.select(row.id).where(
        practice == practice_id, *_standing(verdict, now), *(row.id.in_(one) for one in sets)
    )
    for column, value in ((row.kind, wanted.kind), (row.platform, wanted.platform), (row.ownership, wanted.ownership)):
        if value:
            query = query.where(column == value)
    # Written out, not as a parameter: only so does the index of the few others fit.
    return query.where(row.chain != sa.literal_column("'whole'")) if wanted.amiss else query


def _standing(verdict: Verdict | None, now: int) -> Sequence[sa.ColumnElement[bool]]:
    row = tables.devices.c
    if verdict is Verdict.ENDED:
        return (row.ended_at.is_not(None),)
    if verdict is None:
        return (row.ended_at.is_(None),)
    if verdict is Verdict.OVERDUE:
        return (row.ended_at.is_(None), row.due_at < now)
    # Plus nothing: most devices are not due, so the index by due date must not lead here.
    return (row.ended_at.is_(None), row.overall == str(verdict), row.due_at + 0 >= now)


def _sets(practice_id: str, wanted: Filter) -> Sequence[sa.Select[Any] | sa.CompoundSelect[Any]]:
    """Ids that a search, a group and a check leave, each found through an index of its own."""
    device, agent, finding = tables.devices.c, tables.agents.c, tables.findings.c
    sets: list[sa.Select[Any] | sa.CompoundSelect[Any]] = []
    if wanted.search:
        sets.append(_named(practice_id, wanted.search[:LONGEST_SEARCH]))
    if wanted.group_id:
        inside = sa.select(agent.id).where(agent.practice_id == practice_id, agent.group_id == wanted.group_id)
        sets.append(sa.select(device.id).where(device.agent_id.in_(inside)))
    if wanted.check_id:
        failing = (finding.practice_id == practice_id, finding.status == "fail", finding.check_id == wanted.check_id)
        sets.append(sa.select(finding.device_id).where(*failing))
    return sets


def _named(practice_id: str, text: str) -> sa.CompoundSelect[Any]:
    row, agent = tables.devices.c, tables.agents.c
    called = sa.select(agent.id).where(agent.practice_id == practice_id, agent.label.icontains(text, autoescape=True))
    mine = sa.select(row.id).where(row.practice_id == practice_id)
    ways = [mine.where(row.model.icontains(text, autoescape=True)), sa.select(row.id).where(row.agent_id.in_(called))]
    if CODE.fullmatch(text):
        ways.append(sa.select(row.id).where(row.id >= text.lower(), row.id < f"{text.lower()}g"))
    return sa.union(*ways)


def rows_of(db: sa.Connection, practice_id: str, now: int, ids: Sequence[str]) -> list[DeviceRow]:
    """These devices of the practice, in this order."""
    device, agent, group = tables.devices, tables.agents, tables.groups
    query = (
        sa.select(device, agent.c.label, group.c.name.label("group_name"))
        .join_from(device, agent, agent.c.id == device.c.agent_id)
        .outerjoin(group, group.c.id == agent.c.group_id)
        .where(device.c.id.in_(ids))
    )
    # Asked in SQL, SQLite would walk the practice's whole index to find these few.
    found = {one.id: one for one in db.execute(query) if one.practice_id == practice_id} if ids else {}
    opened = _open_of(db, list(found), now)
    return [_row(found[one], opened.get(one), now) for one in ids if one in found]


def _open_of(db: sa.Connection, ids: Sequence[str], now: int) -> Mapping[str, Any]:
    """By device: since when the oldest required finding is open, and how many are waived."""
    if not ids:
        return {}
    row = tables.findings.c
    waived = sa.func.sum(sa.case((row.waived_until > now, 1), else_=0))
    query = (
        sa.select(row.device_id, sa.func.min(row.failed_since).label("oldest"), waived.label("waived"))
        .where(row.device_id.in_(ids), row.failed_since.is_not(None), row.level == "required")
        .group_by(row.device_id)
    )
    return {one.device_id: one for one in db.execute(query)}


def _row(one: Any, opened: Any, now: int) -> DeviceRow:
    return DeviceRow(
        id=one.id,
        agent_id=one.agent_id,
        label=one.label,
        group=one.group_name or "",
        kind=one.kind,
        platform=one.platform,
        model=one.model,
        os_version=one.os_version,
        ownership=one.ownership,
        verdict=verdict_of(one.overall, due_at=one.due_at, ended_at=one.ended_at, now=now),
        overall=one.overall,
        to_fix=one.to_fix,
        oldest=None if opened is None else opened.oldest,
        waived=0 if opened is None else int(opened.waived),
        received_at=one.received_at,
        due_at=one.due_at,
        chain=one.chain,
        proven=one.proven,
        agent_version=one.agent_version,
        policy_version=one.policy_version,
    )
