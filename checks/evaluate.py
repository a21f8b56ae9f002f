"""(check, device, evidence, rule) -> finding: the only place where a status is decided."""

import re
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from checks.evidence import MEANING, Evidence, Unobserved, Why
from checks.model import Device, Finding, Level, Measures, Platform, Point, Status, Verdict
from checks.spec import Check, Rule

NAMESPACE = uuid.UUID("6f0a3c1e-8a55-5d0c-9c7b-2f1f0c0d5b11")
"""Root of all finding uids; changing it would make every finding new."""
MOST_SENTENCES = 8
"""In a finding's `because`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """A finding with what stays behind: the evidence and the points with their exact values."""

    finding: Finding
    points: tuple[Point, ...]
    evidence: Evidence[Any]


def uid(device_id: str, profile: str, check_id: str) -> str:
    """The stable name of a finding."""
    return str(uuid.uuid5(NAMESPACE, f"{device_id}/{profile}/{check_id}"))


def evaluate(
    check: Check[Any, Any], device: Device, evidence: Evidence[Any], rule: Rule[Any], *, now: datetime, profile: str
) -> Examined:
    """Decide the status of one check on one device. `now` is aware; `profile` says whose part of the device it is."""
    verdict = _verdict(check, device.platform, evidence, rule, now)
    finding = Finding(
        uid=uid(device.id, profile, check.id),
        check_id=check.id,
        title=check.title,
        severity=check.severity,
        level=rule.level,
        device_id=device.id,
        profile=profile,
        status=verdict.status,
        because=_joined(verdict.points),
        measures=_closed(check, verdict),
        source=evidence.source,
        observed_at=evidence.at,
    )
    return Examined(finding=finding, points=verdict.points, evidence=evidence)


def _joined(points: tuple[Point, ...]) -> str:
    """Each sentence once, the most important first; a check that could see nothing need not say so forty times."""
    sentences = tuple(dict.fromkeys(point.because for point in points))
    rest = len(sentences) - MOST_SENTENCES
    return "; ".join((*sentences[:MOST_SENTENCES], *([f"and {rest} more"] if rest > 0 else [])))


def _verdict(
    check: Check[Any, Any], platform: Platform, evidence: Evidence[Any], rule: Rule[Any], now: datetime
) -> Verdict:
    if platform not in check.platforms:
        return _plain(Status.NOT_APPLICABLE, Fixed.NOT_CONCERNED, "does not concern this kind of device")
    if rule.level is Level.OFF:
        return _plain(Status.NOT_APPLICABLE, Fixed.SWITCHED_OFF, "switched off by the policy in force")
    if isinstance(evidence, Unobserved):
        return _missing(evidence.why)
    if not isinstance(evidence.fact, check.fact):
        return _missing(Why.CRASHED)
    if not timedelta(0) <= now - evidence.at <= timedelta(days=rule.max_age_days):
        return _missing(Why.OUT_OF_DATE)
    verdict = check.judge(evidence.fact, rule.limits)
    if verdict.status is Status.UNKNOWN and any(map(_could_not_look, verdict.points)):
        return Verdict(status=Status.ERROR, points=verdict.points, measures=verdict.measures)
    return verdict


def _could_not_look(point: Point) -> bool:
    """A point about something not seen names the reason; what the policy does not ask for has no point."""
    why = point.exact.get("why")
    return isinstance(why, str) and MEANING[Why(why)][0] is Status.ERROR


class Fixed(StrEnum):
    """Reason codes that any finding may carry, besides those of `Why`."""

    NOT_CONCERNED = "not_concerned"
    SWITCHED_OFF = "switched_off"


def _plain(status: Status, reason: StrEnum, because: str) -> Verdict:
    return Verdict(status=status, points=(Point(reason=reason, because=because),))


def _missing(why: Why) -> Verdict:
    status, sentence = MEANING[why]
    return _plain(status, why, sentence)


def _closed(check: Check[Any, Any], verdict: Verdict) -> Measures:
    """What the finding may share. Raises ValueError on what the check did not declare: a fault, not a state."""
    for name, value in verdict.measures.items():
        kind = check.measures[name]
        wanted = value if isinstance(value, tuple) else (value,)
        if not all(type(one) is kind for one in wanted):
            raise ValueError(f"{check.id}: measure {name} is not one of {kind.__name__}")
    codes = tuple(dict.fromkeys(str(point.reason) for point in verdict.points))
    if not all(re.fullmatch(r"[a-z0-9_]{1,40}", code) for code in codes):
        raise ValueError(f"{check.id}: a reason is not a code")
    return {"reasons": codes, **{name: _flat(value) for name, value in verdict.measures.items()}}


def _flat(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(str(one) for one in value)
    return str(value) if isinstance(value, StrEnum) else value
