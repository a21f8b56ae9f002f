"""The person's own word on what a device does not show: what it covers, how long it holds and whether it counts."""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from checks.evaluate import Examined
from checks.evidence import Why
from checks.model import Attestation, Finding, Point, Status, Word
from checks.spec import Check, Rule, Saw

LONGEST = timedelta(days=30)
MOST_UNCLEAR = 100
"""Nobody looks up more than this one by one."""
UNNAMED = re.compile(r"other(_.*)?", re.DOTALL)
"""What checks call a thing that they do not know: the next one would look the same, so no word can be bound to it."""
ANSWERED_BY_LOOKING = frozenset({Why.NOT_SAID, Why.UNPARSABLE, Why.NOT_FOUND, Why.NO_PROBE})
"""The device was asked and its answer does not say. All other reasons lie in the run, and another run is their cure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What the person said, as it is kept on the device."""

    uid: str
    """The finding's uid."""
    saw: Word
    at: datetime
    """Aware, UTC."""
    until: datetime
    covers: frozenset[str]
    """What was unclear when it was said: `unclear` of that time. Never sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What the person's word on one check is worth under the policy in force."""

    saw: Saw
    counts: bool
    days: int


def terms(check: Check[Any, Any], rule: Rule[Any]) -> Terms | None:
    """None: a look settles nothing here."""
    if check.saw is None:
        return None
    return Terms(saw=check.saw, counts=rule.attestation_counts, days=rule.attestation_days)


def unclear(points: Sequence[Point], saw: Saw) -> frozenset[str]:
    """A name for each thing that is open; none at all where a look would leave the question open."""
    settled = [_answered_by_looking(one, saw) for one in points]
    enough = any(settled) if saw.one_suffices else all(settled)
    if len(points) > MOST_UNCLEAR or not enough:
        return frozenset()
    counts = Counter(map(_named, points))
    # Two of a kind have two names, so that a second one that comes later is news.
    return frozenset(_digest(f"{number} {name}") for name, count in counts.items() for number in range(count))


def _answered_by_looking(point: Point, saw: Saw) -> bool:
    """It has a name, and the device is why it was not seen: what was seen is for no word to overrule, unless named."""
    alone = point.reason if isinstance(point.reason, Why) else None
    why = point.exact.get("why", alone)
    hidden = why in ANSWERED_BY_LOOKING or (why is None and point.reason in saw.settles)
    return hidden and not any(isinstance(one, str) and UNNAMED.fullmatch(one) for one in point.exact.values())


def _named(point: Point) -> str:
    """The reason and every text of the point, so the client too. Why it was not seen may change from run to run."""
    texts = sorted((key, value) for key, value in point.exact.items() if isinstance(value, str) and key != "why")
    return json.dumps([point.reason, texts])


def _digest(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:32]


def stated(examined: Examined, terms: Terms, saw: Word, *, at: datetime) -> Statement | None:
    """What the person says about this finding. None: it is not open, or not for a look to settle."""
    covers = unclear(examined.points, terms.saw)
    if examined.finding.status is not Status.UNKNOWN or not covers:
        return None
    at = at.replace(microsecond=0)
    until = at + timedelta(days=terms.days)
    return Statement(uid=examined.finding.uid, saw=saw, at=at, until=until, covers=covers)


def attest(
    findings: Iterable[Finding],
    examined: Iterable[Examined],
    given: Iterable[Statement],
    asked: Mapping[str, Terms],
    *,
    now: datetime,
) -> tuple[Finding, ...]:
    """Findings with the person's word where it covers all that is unclear now, and without it elsewhere.

    `asked` has the terms by check id. Each finding is judged anew: a word that it carried before helps nothing.
    """
    points = {one.finding.uid: one.points for one in examined}
    said = {one.uid: one for one in given}
    return tuple(
        replace(one, attestation=_attestation(one, points.get(one.uid, ()), said.get(one.uid), asked, now))
        for one in findings
    )


def _attestation(
    finding: Finding, points: Sequence[Point], said: Statement | None, asked: Mapping[str, Terms], now: datetime
) -> Attestation | None:
    terms = asked.get(finding.check_id)
    if said is None or terms is None or finding.status is not Status.UNKNOWN:
        return None
    if said.saw not in (terms.saw.good, terms.saw.bad) or not _covered(unclear(points, terms.saw), said, terms.saw):
        return None
    until = _end(said, terms, now)
    if until is None:
        return None
    return Attestation(saw=said.saw, at=said.at, until=until, counts=terms.counts and said.saw is terms.saw.good)


def _covered(open_now: frozenset[str], said: Statement, saw: Saw) -> bool:
    return bool(open_now) and (open_now == said.covers if saw.one_suffices else open_now <= said.covers)


def _end(said: Statement, terms: Terms, now: datetime) -> datetime | None:
    """When the word ends. None: it has, or it is from the future, which is a clock that somebody changed."""
    if said.at > now:
        return None
    until = min(said.until, said.at + min(LONGEST, timedelta(days=terms.days)))
    return until if now < until else None


def standing(given: Iterable[Statement], findings: Iterable[Finding]) -> tuple[Statement, ...]:
    """The words that no finding has belied: once a device shows a fault after it, a word is not believed again."""
    belied = {one.uid: one.observed_at for one in findings if one.status is Status.FAIL}
    return tuple(one for one in given if one.uid not in belied or one.at > belied[one.uid])
