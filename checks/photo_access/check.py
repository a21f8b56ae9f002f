"""No social app that we know may read all pictures, unless the practice allows it."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from checks.bands import Count, count_band
from checks.evidence import MEANING, Why
from checks.model import PHONES, Point, Severity, Verdict, Word, rule
from checks.photo_access.fact import Cloud, PhotoAccess, Reach, Reader, Social
from checks.photo_access.products import TITLES
from checks.points import not_seen
from checks.spec import Check, Saw, limit


class Reason(StrEnum):
    """What the judge may notice."""

    LIMITED = "limited"
    ALLOWED_ONLY = "allowed_only"
    OTHERS_REMAIN = "others_remain"
    READS_ALL = "reads_all"
    OTHER_APPS = "other_apps"
    REACH_NOT_SEEN = "reach_not_seen"
    APPS_NOT_SEEN = "apps_not_seen"
    OTHERS_NOT_SEEN = "others_not_seen"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the practice asks for."""

    allowed: tuple[Social, ...] = limit((), doc="Social apps that may read all pictures on a phone.")
    unknown_apps: bool = limit(
        True, doc="Whether installed apps that we do not know, and that may read all pictures, leave this check open."
    )


def judge(seen: PhotoAccess, limits: Limits) -> Verdict:
    """One social app with all pictures proves a fail; an app that we do not know may be one, so it is never a pass."""
    others = [one for one in seen.social if one.app not in limits.allowed]
    return rule(
        broken=[_reads_all(one) for one in others if one.reach is Reach.ALL],
        unclear=(*(_reach_not_seen(seen, one) for one in others if one.reach is None), *_hidden(seen, limits)),
        kept=_kept(seen),
        measures={
            "reading": tuple(one.app for one in seen.social if one.reach is Reach.ALL),
            "clouds": seen.clouds,
            "others": count_band(seen.others),
        },
    )


def _reads_all(one: Reader) -> Point:
    because = f"{TITLES[one.app]} may read all pictures"
    return Point(reason=Reason.READS_ALL, because=because, exact={"client": one.app, "product": TITLES[one.app]})


def _reach_not_seen(seen: PhotoAccess, one: Reader) -> Point:
    why = {gap.part: gap.why for gap in seen.gaps}.get(one.app, Why.NOT_SAID)
    because = f"how many pictures {TITLES[one.app]} may read not seen: {MEANING[why][1]}"
    exact = {"client": one.app, "product": TITLES[one.app], "why": why}
    return Point(reason=Reason.REACH_NOT_SEEN, because=because, exact=exact)


def _hidden(seen: PhotoAccess, limits: Limits) -> Iterator[Point]:
    """Apps that may be social ones without our knowing."""
    yield from not_seen(Reason, seen, {gap.part: None for gap in seen.gaps if gap.part == "apps"})
    if not limits.unknown_apps:
        return
    yield from not_seen(Reason, seen, {"others": seen.others})
    if seen.others:
        because = "installed apps that we do not know may read all pictures"
        yield Point(reason=Reason.OTHER_APPS, because=because, exact={"others": seen.others})


def _kept(seen: PhotoAccess) -> Point:
    """Claims no more than the apps that we know."""
    reading = ", ".join(TITLES[one.app] for one in seen.social if one.reach in (Reach.ALL, None))
    if reading:
        because = f"the only social apps that we know and that may read all pictures are allowed: {reading}"
        return Point(reason=Reason.ALLOWED_ONLY, because=because, exact={"products": reading})
    if seen.others:
        because = "no social app that we know may read all pictures; installed apps that we do not know may"
        return Point(reason=Reason.OTHERS_REMAIN, because=because, exact={"others": seen.others})
    return Point(reason=Reason.LIMITED, because="no social app that we know may read all pictures")


CHECK = Check(
    id="photo_access",
    title="Social apps cannot read all pictures",
    severity=Severity.MEDIUM,
    fact=PhotoAccess,
    limits=Limits,
    judge=judge,
    reasons=Reason,
    measures={"reading": Social, "clouds": Cloud, "others": Count},
    requirements=("R9",),
    controls=("CIS-Controls-v8:4.8",),
    platforms=PHONES,
    saw=Saw(good=Word.LIMITED, bad=Word.UNLIMITED),
)
