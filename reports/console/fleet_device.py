"""One device: what was last said of it, what changed and when, and which days were silent."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from checks.bands import Count
from checks.clinical_images.words import SAID
from reports.console.fleet import Verdict
from reports.console.fleet_findings import SHORT
from reports.console.model import not_found
from reports.console.store import tables
from reports.web.entered import end_of, start_of

DAY = 86400
SILENT = "silent"
NOT_YET = "not_yet"
"""A day before the device was first heard of."""
ORDER = ("fail", "error", "unknown", "pass", "not_applicable")


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """What the person saw on their device themselves. It never is a pass."""

    saw: str
    at: str
    until: str
    counts: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The newest finding of one check. Times are Unix seconds."""

    uid: str
    check_id: str
    title: str
    status: str
    level: str
    because: str
    measures: str
    """What was sent besides, in words."""
    profile: str
    source: str
    observed_at: int
    since: int
    failed_since: int | None
    waived_until: int | None
    """None where no waiver covers it any more."""
    word: Word | None
    settled: bool

    @property
    def check(self) -> str:
        """Its short name."""
        return SHORT.get(self.check_id, self.check_id)

    @property
    def is_open(self) -> bool:
        """It needs somebody, waived or not."""
        return self.failed_since is not None and self.level != "off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Reports whose bodies are still here. Times are Unix seconds."""

    number: int
    oldest: int | None
    newest: int | None


def device_of(db: sa.Connection, practice_id: str, device_id: str) -> Any:
    """Its row, with its agent's as `agent_…`. Raises Refusal where the practice has no such device."""
    device, agent, group = tables.devices, tables.agents, tables.groups
    theirs = [column.label(f"agent_{column.name}") for column in agent.c if column.name != "id"]
    query = (
        sa.select(device, *theirs, group.c.name.label("group_name"))
        .join_from(device, agent, agent.c.id == device.c.agent_id)
        .outerjoin(group, group.c.id == agent.c.group_id)
        .where(device.c.id == device_id, device.c.practice_id == practice_id)
    )
    found = db.execute(query).one_or_none()
    if found is None:
        raise not_found()
    return found


def findings_of(db: sa.Connection, device_id: str, now: int) -> list[Seen]:
    """Of a device that was looked up, open ones first; checks that the policy leaves out come last."""
    row = tables.findings.c
    found = [_seen(one, now) for one in db.execute(sa.select(tables.findings).where(row.device_id == device_id))]
    return sorted(found, key=lambda one: (one.level == "off", _place(one), one.level != "required", one.check))


def _place(one: Seen) -> int:
    return ORDER.index(one.status) if one.status in ORDER else len(ORDER)


def _seen(one: Any, now: int) -> Seen:
    return Seen(
        uid=one.uid,
        check_id=one.check_id,
        title=one.title,
        status=one.status,
        level=one.level,
        because=one.because,
        measures=measures_in_words(json.loads(one.measures)),
        profile=one.profile,
        source=one.source,
        observed_at=one.observed_at,
        since=one.since,
        failed_since=one.failed_since,
        waived_until=one.waived_until if one.waived_until is not None and one.waived_until > now else None,
        word=_word(one.attestation),
        settled=one.settled,
    )


def _word(text: str | None) -> Word | None:
    said = None if text is None else json.loads(text)
    if said is None:
        return None
    return Word(saw=said["saw"], at=said["at"][:10], until=said["until"][:10], counts=said["counts"])


def measures_in_words(measures: Mapping[str, Any]) -> str:
    """`images 6-20, oldest 8-90 days`. Reasons and limits are said elsewhere; what is empty says nothing.

    Nor does a word that the clinician said of no picture.
    """
    parts = []
    for name, value in measures.items():
        if name == "reasons" or name.startswith(("limit_", "min_", "max_")) or value in ("", [], None):
            continue
        if name in SAID and value == Count.NONE:
            continue
        words = {True: "yes", False: "no"}[value] if isinstance(value, bool) else _listed(value)
        parts.append(f"{SAID.get(name, name.replace('_', ' '))} {words.replace('_', ' ')}")
    return ", ".join(parts)


def _listed(value: object) -> str:
    return " and ".join(str(one) for one in value) if isinstance(value, list) else str(value)


def changes_of(db: sa.Connection, device_id: str, *, since: int, most: int) -> Sequence[Any]:
    """Of a device that was looked up: its changes that became known since then, the newest first."""
    row = tables.changes.c
    query = sa.select(tables.changes).where(row.device_id == device_id, row.received_at >= since)
    return db.execute(query.order_by(row.received_at.desc(), row.id.desc()).limit(most)).all()


def kept_of(db: sa.Connection, device_id: str) -> Kept:
    """Of a device that was looked up."""
    row = tables.reports.c
    query = sa.select(sa.func.count(), sa.func.min(row.received_at), sa.func.max(row.received_at))
    number, oldest, newest = db.execute(query.where(row.device_id == device_id)).one()
    return Kept(number=number, oldest=oldest, newest=newest)


def beside(db: sa.Connection, practice_id: str, agent_id: str, device_id: str) -> Sequence[Any]:
    """The other devices that the same laptop speaks for, itself included."""
    row = tables.devices.c
    query = sa.select(row.id, row.model, row.kind).where(
        row.practice_id == practice_id, row.agent_id == agent_id, row.id != device_id, row.ended_at.is_(None)
    )
    return db.execute(query.order_by(row.kind, row.model)).all()


def away_of(db: sa.Connection, practice_id: str, agent_id: str, now: int) -> Sequence[Any]:
    """Leave that has not ended yet, the next first."""
    row = tables.away.c
    query = sa.select(tables.away).where(row.practice_id == practice_id, row.agent_id == agent_id, row.until_at > now)
    return db.execute(query.order_by(row.from_at).limit(100)).all()


def day_states(
    db: sa.Connection, device: Any, *, raw_days: int, now: int, zone: ZoneInfo, days: int
) -> list[tuple[date, str]]:
    """How the device stood at the end of each of the last `days` days, today included.

    A verdict of a day, `silent` where no report came on it, `overdue` after one was due, or `not_yet`. Days whose
    bodies were pruned are told by the changes alone, which stay.
    """
    today = datetime.fromtimestamp(now, UTC).astimezone(zone).date()
    dates = [today - timedelta(days=back) for back in range(days - 1, -1, -1)]
    start = start_of(dates[0], zone)
    moves = _overall_changes(db, device.id, start)
    heard = _days_heard(db, device.id, start, zone)
    pruned = now - raw_days * DAY
    states = []
    for day in dates:
        ends = min(end_of(day, zone), now)
        quiet = day not in heard and day != today and start_of(day, zone) > pruned
        states.append((day, _state(device, moves, ends, quiet=quiet, now=now)))
    return states


def _state(device: Any, moves: Sequence[Any], ends: int, *, quiet: bool, now: int) -> str:
    if ends <= device.first_seen_at and ends < now:
        return NOT_YET
    if device.due_at < ends:
        return str(Verdict.OVERDUE)
    if quiet:
        return SILENT
    state = (moves[0].before or NOT_YET) if moves else device.overall
    for one in moves:
        if one.at < ends:
            state = one.after or state
    return str(state)


def _overall_changes(db: sa.Connection, device_id: str, start: int) -> Sequence[Any]:
    row = tables.changes.c
    query = sa.select(row.at, row.before, row.after).where(
        row.device_id == device_id, row.received_at >= start, row.at >= start, row.what == "overall"
    )
    return db.execute(query.order_by(row.at, row.id)).all()


def _days_heard(db: sa.Connection, device_id: str, start: int, zone: ZoneInfo) -> set[date]:
    row = tables.reports.c
    times = db.scalars(sa.select(row.received_at).where(row.device_id == device_id, row.received_at >= start))
    return {datetime.fromtimestamp(at, UTC).astimezone(zone).date() for at in times}
