"""What is amiss in a practice right now, worked out anew from what devices last said."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from checks.catalog import CATALOG
from checks.model import Severity
from reports.console.alerts.naming import name_of
from reports.console.alerts.rules import Rules
from reports.console.store.tables import agents, channels, devices, findings, policies, waivers

DAY = 86400
INTAKE = "intake"
LAYERS = ("practice", "hospital")
"""What a console's policy may stand for; the version of a device's policy names each of its layers."""
RANK = {Severity.LOW: 0, Severity.MEDIUM: 1, Severity.HIGH: 2, Severity.CRITICAL: 3}
TITLES = {one.id: one.title for one in CATALOG}
"""What a check is called in messages: by our own words, since a device could write anything into its title."""


class Kind(StrEnum):
    """What sort of trouble; the first part of an alert's key."""

    FAILS = "fails"
    OVERDUE = "overdue"
    CHAIN = "chain"
    UNPROVEN = "unproven"
    ERROR = "error"
    WAIVER = "waiver"
    POLICY = "policy"
    PATH = "path"
    INTAKE = "intake"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """One thing that needs somebody."""

    kind: Kind
    key: str
    """`kind:device id`, with what of the device it is about where there may be several."""
    severity: Severity
    name: str
    """What the device or channel is called in messages."""
    title: str
    """The check, or "" where the kind says it all."""
    since: int
    device_id: str = ""
    step: int = 1
    """How far it has come: of a silence, of a waiver's end. 0 is noticed, and not yet to be told."""
    until: int | None = None
    received_at: int = 0
    """When the device was last heard."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One look at one practice."""

    db: sa.Connection
    practice: Any
    """Its row."""
    rules: Rules
    now: int


def troubles_of(look: Look) -> list[Trouble]:
    """All of it, worst first. Raises StoreError."""
    makers = (_failing, _overdue, _chains, _unproven, _errors, _waivers, _policy, _paths)
    found = [one for make in makers for one in make(look)]
    return sorted(found, key=lambda one: (-RANK[one.severity], one.since, one.key))


def _of_devices(look: Look, *more: Any) -> sa.Select[Any]:
    """Devices that are still with the practice, with the label of their laptop."""
    c = devices.c
    wanted = sa.select(
        c.id.label("device_id"), c.kind, c.overall_since, c.received_at, c.observed_at, c.due_at, c.chain,
        c.policy_version, agents.c.label, *more,
    )  # fmt: skip
    joined = wanted.join(agents, agents.c.id == c.agent_id)
    return joined.where(c.practice_id == look.practice.id, c.ended_at.is_(None))


def _made(look: Look, row: Any, kind: Kind, severity: Severity, **more: Any) -> Trouble:
    values = {
        "key": f"{kind}:{row.device_id}", "name": name_of(row, look.rules.names), "title": "",
        "device_id": row.device_id, "received_at": row.received_at,
    }  # fmt: skip
    return Trouble(kind=kind, severity=severity, **{**values, **more})


def _failing(look: Look) -> Iterator[Trouble]:
    """One for each device, by the worst of what counts against it."""
    f = findings.c
    counts = sa.and_(f.device_id == devices.c.id, f.status == "fail", f.level == "required", _not_waived(look))
    asked = _of_devices(look, f.severity, f.check_id).outerjoin(findings, counts)
    standing = asked.where(devices.c.overall == "not_compliant", devices.c.due_at >= look.now)
    worst: dict[str, tuple[Severity, Any]] = {}
    for row in look.db.execute(standing.order_by(f.check_id)):
        severity = Severity(row.severity or Severity.HIGH)
        if row.device_id not in worst or RANK[severity] > RANK[worst[row.device_id][0]]:
            worst[row.device_id] = severity, row
    for severity, row in worst.values():
        yield _made(look, row, Kind.FAILS, severity, title=TITLES.get(row.check_id, ""), since=row.overall_since)


def _title(row: Any) -> str:
    return TITLES.get(row.check_id, "a check that this version does not know")


def _not_waived(look: Look) -> Any:
    until = findings.c.waived_until
    return sa.or_(until.is_(None), until <= look.now)


def _overdue(look: Look) -> Iterator[Trouble]:
    weights = (Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL)
    for row in look.db.execute(_of_devices(look).where(devices.c.due_at < look.now)):
        late = (look.now - row.due_at) // DAY
        step = sum(late >= days for days in look.rules.steps)
        yield _made(look, row, Kind.OVERDUE, weights[max(step, 1) - 1], since=row.due_at, step=step)


def _chains(look: Look) -> Iterator[Trouble]:
    for row in look.db.execute(_of_devices(look).where(devices.c.chain != "whole")):
        broken = row.chain == "broken"
        step = 2 if broken else 1
        severity = Severity.HIGH if broken else Severity.MEDIUM
        yield _made(look, row, Kind.CHAIN, severity, since=row.received_at, step=step)


def _unproven(look: Look) -> Iterator[Trouble]:
    """Noticed at the first run; what the second run makes of it, evaluate.py decides."""
    for row in look.db.execute(_of_devices(look).where(devices.c.proven.is_(False))):
        yield _made(look, row, Kind.UNPROVEN, Severity.HIGH, since=row.received_at, step=0)


def _errors(look: Look) -> Iterator[Trouble]:
    f = findings.c
    asked = _of_devices(look, f.uid, f.check_id, f.since).join(findings, f.device_id == devices.c.id)
    limit = look.now - look.rules.grace_days * DAY
    wanted = asked.where(f.practice_id == look.practice.id, f.status == "error", f.level == "required", f.since < limit)
    for row in look.db.execute(wanted.where(_not_waived(look))):
        key = f"{Kind.ERROR}:{row.device_id}:{row.uid}"
        yield _made(look, row, Kind.ERROR, Severity.MEDIUM, key=key, title=_title(row), since=row.since)


def _waivers(look: Look) -> Iterator[Trouble]:
    w = waivers.c
    asked = _of_devices(look, w.id.label("waiver_id"), w.until, w.check_id, w.created_at)
    joined = asked.join(waivers, w.device_id == devices.c.id)
    first, second = look.rules.waiver_days
    soon = joined.where(w.practice_id == look.practice.id, w.ended_at.is_(None), w.until > look.now)
    for row in look.db.execute(soon.where(w.until <= look.now + first * DAY)):
        near = row.until <= look.now + second * DAY
        key = f"{Kind.WAIVER}:{row.device_id}:{row.waiver_id}"
        severity = Severity.MEDIUM if near else Severity.LOW
        since = max(row.created_at, row.until - first * DAY)
        more = {"key": key, "title": _title(row), "since": since, "until": row.until}
        yield _made(look, row, Kind.WAIVER, severity, step=2 if near else 1, **more)


def _policy(look: Look) -> Iterator[Trouble]:
    """Devices that have reported for a day under another version than the published one."""
    published = look.db.execute(
        sa.select(policies.c.number, policies.c.published_at).where(
            policies.c.id == look.practice.policy_id, policies.c.practice_id == look.practice.id
        )
    ).first()
    if published is None or published.published_at is None:
        return
    layers = sa.literal("+").concat(devices.c.policy_version).concat("+")
    taken_over = sa.or_(*(layers.like(f"%+{one}-{published.number}+%") for one in LAYERS))
    late = _of_devices(look).where(devices.c.observed_at > published.published_at + DAY, ~taken_over)
    for row in look.db.execute(late):
        yield _made(look, row, Kind.POLICY, Severity.MEDIUM, since=published.published_at)


def _paths(look: Look) -> Iterator[Trouble]:
    c = channels.c
    failing = sa.select(c.id, c.name, c.failing_since).where(
        c.practice_id == look.practice.id, c.failing_since.is_not(None)
    )
    for row in look.db.execute(failing):
        yield Trouble(
            kind=Kind.PATH,
            key=f"{Kind.PATH}:{row.id}",
            severity=Severity.HIGH,
            name=row.name,
            title="",
            since=row.failing_since,
        )
