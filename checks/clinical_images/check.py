"""No clinical image stays on the device for longer than the practice allows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from checks.bands import Age, Count, age_band, count_band, past
from checks.clinical_images.fact import ClinicalImages, Tally
from checks.evidence import MEANING
from checks.model import LAPTOPS, PHONES, Exact, Point, Severity, Verdict, rule
from checks.plurals import counted
from checks.spec import Check, limit


class Reason(StrEnum):
    """What the judge may notice."""

    NONE_PAST_LIMIT = "none_past_limit"
    IMAGES_PAST_LIMIT = "images_past_limit"
    IMAGES_NOT_ALLOWED = "images_not_allowed"
    AGE_NOT_SEEN = "age_not_seen"
    NOT_SCANNED = "not_scanned"
    NOT_LOOKED = "not_looked"
    FOLDERS_NOT_SEEN = "folders_not_seen"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the practice asks for."""

    max_age_hours: int = limit(
        24,
        doc="Longest time for which a clinical image may stay on the device, in hours; 0 allows none at all.",
        minimum=0,
        maximum=8760,
    )
    min_score_percent: int = limit(
        80, doc="Score from which a picture counts as clinical, in percent.", minimum=1, maximum=100
    )


def judge(seen: ClinicalImages, limits: Limits) -> Verdict:
    """One image past the limit is enough for a fail; that there is none needs a complete scan."""
    hits = [one for one in seen.tallies if one.count > 0 and one.score_percent >= limits.min_score_percent]
    late = [one for one in hits if _late(one, limits)]
    return rule(
        broken=tuple(_broken(late, limits)),
        unclear=tuple(_unclear(seen, hits, limits)),
        kept=Point(
            reason=Reason.NONE_PAST_LIMIT,
            because=f"no image scored at or above {limits.min_score_percent} % is older than {limits.max_age_hours} h",
        ),
        measures={
            "images": count_band(sum(one.count for one in late)),
            "oldest": _age(late),
            "limit_hours": limits.max_age_hours,
            "min_score_percent": limits.min_score_percent,
        },
    )


def _late(one: Tally, limits: Limits) -> bool:
    """Where none is allowed, age does not matter."""
    age = past(one.age_hours)
    return limits.max_age_hours == 0 or (age is not None and age > limits.max_age_hours)


def _ages(late: Sequence[Tally]) -> list[int]:
    return [age for one in late if (age := past(one.age_hours)) is not None]


def _broken(late: Sequence[Tally], limits: Limits) -> Iterator[Point]:
    if not late:
        return
    found = f"images scored at or above {limits.min_score_percent} %"
    numbers = f"{count_band(sum(one.count for one in late))}, oldest {_age(late)}"
    if limits.max_age_hours == 0:
        because = f"{found} on a device that may hold none: {numbers}"
        yield Point(reason=Reason.IMAGES_NOT_ALLOWED, because=because, exact=_exact(late))
    else:
        because = f"{found} are older than the limit of {limits.max_age_hours} h: {numbers}"
        exact = {**_exact(late), "limit_s": limits.max_age_hours * 3600}
        yield Point(reason=Reason.IMAGES_PAST_LIMIT, because=because, exact=exact)


def _unclear(seen: ClinicalImages, hits: Sequence[Tally], limits: Limits) -> Iterator[Point]:
    if limits.max_age_hours > 0 and len(_ages(hits)) < len(hits):
        because = f"the age of images scored at or above {limits.min_score_percent} % is not seen"
        yield Point(reason=Reason.AGE_NOT_SEEN, because=because)
    if seen.not_scanned is None:
        yield Point(reason=Reason.NOT_SCANNED, because="images that could not be scanned were not counted")
    elif seen.not_scanned > 0:
        because = f"images that could not be scanned: {count_band(seen.not_scanned)}"
        yield Point(reason=Reason.NOT_SCANNED, because=because)
    if not seen.looked_at:
        yield Point(reason=Reason.NOT_LOOKED, because="no folder was looked at")
    for why in dict.fromkeys(gap.why for gap in seen.gaps):
        yield Point(reason=Reason.FOLDERS_NOT_SEEN, because=f"folders not seen: {MEANING[why][1]}", exact={"why": why})


def _exact(late: Sequence[Tally]) -> Exact:
    pictures = counted(sum(one.count for one in late), "picture")
    ages = _ages(late)
    return {"pictures": pictures, **({"oldest_s": max(ages) * 3600} if ages else {})}


def _age(late: Sequence[Tally]) -> Age:
    """The band of the oldest; an image without a date may be older than all others."""
    if not late:
        return Age.NONE
    ages = _ages(late)
    if len(ages) < len(late):
        return Age.NOT_SEEN
    oldest = max(ages)
    return age_band(0 if oldest == 24 else oldest // 24)  # hours begun: the 24th ends with the first day


CHECK = Check(
    id="clinical_images",
    title="No clinical images linger on the device",
    severity=Severity.HIGH,
    fact=ClinicalImages,
    limits=Limits,
    judge=judge,
    reasons=Reason,
    measures={"images": Count, "oldest": Age, "limit_hours": int, "min_score_percent": int},
    requirements=("R4", "R5", "R19", "R24"),
    platforms=LAPTOPS | PHONES,
)
