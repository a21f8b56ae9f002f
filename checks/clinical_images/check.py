"""No clinical image stays on the device for longer than the practice allows."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from checks.bands import Age, Count, age_band, count_band, past
from checks.clinical_images.fact import ClinicalImages, Disposition, Folder, Group, Tally
from checks.clinical_images.words import PLACES
from checks.evidence import MEANING
from checks.model import LAPTOPS, PHONES, Exact, Point, Severity, Verdict, rule
from checks.plurals import counted
from checks.spec import Check, limit

MAY_STAY = frozenset({Disposition.NOT_CLINICAL, Disposition.OWN, Disposition.TEACHING, Disposition.LEGAL_HOLD})
"""What the clinician may say of a picture so that it no longer lingers. One in the record is still to be deleted."""
SAID = tuple(one for one in Disposition if one not in (Disposition.NONE, Disposition.LEGAL_HOLD))
"""Each is a measure under its own word: how many clinical pictures the clinician said it of. A hold is `on_hold`."""
DAY_HOURS = 24


class Reason(StrEnum):
    """What the judge may notice."""

    NONE_PAST_LIMIT = "none_past_limit"
    NONE_BUT_RECORDINGS = "none_but_recordings"
    IMAGES_PAST_LIMIT = "images_past_limit"
    IMAGES_NOT_ALLOWED = "images_not_allowed"
    AGE_NOT_SEEN = "age_not_seen"
    NOT_SCANNED = "not_scanned"
    DOCUMENTS_UNREAD = "documents_unread"
    RECORDINGS_NOT_HEARD = "recordings_not_heard"
    OTHER_WEIGHTS = "other_weights"
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
    clean_weights_only: bool = limit(
        False, doc="Whether only the finder that was trained on pictures of stated licences may be used."
    )
    read_documents: bool = limit(
        True,
        doc="Whether the words of pictures of pages must be read; without that, pages are judged by their look alone.",
    )
    recordings_unknown: bool = limit(
        False,
        doc="Whether sound recordings that are likely speech and older than the limit leave the answer unknown, as "
        "nobody listens to them; without that they are only counted and told.",
    )


def judge(seen: ClinicalImages, limits: Limits) -> Verdict:
    """One image past the limit is enough for a fail; that there is none needs a complete scan."""
    hits = [one for one in seen.tallies if _clinical(one, limits)]
    staying = [one for one in hits if one.disposition not in MAY_STAY]
    late = [one for one in staying if _late(one, limits)]
    unheard = _unheard(seen, limits)
    return rule(
        broken=tuple(_broken(late, limits)),
        unclear=(*_unclear(seen, staying, limits), *_not_heard(unheard, limits)),
        kept=_kept(unheard, limits),
        measures={
            "images": count_band(_count(late)),
            "oldest": _age(late),
            "kinds": tuple(sorted({one.group for one in late})),
            "with_gps": count_band(_count(one for one in late if one.gps)),
            "on_hold": count_band(_count(one for one in hits if one.disposition is Disposition.LEGAL_HOLD)),
            "unread": count_band(_unread(seen, limits)),
            "recordings": count_band(unheard),
            **{one.value: count_band(_count(hit for hit in hits if hit.disposition is one)) for one in SAID},
            "limit_hours": limits.max_age_hours,
            "min_score_percent": limits.min_score_percent,
        },
    )


def _clinical(one: Tally, limits: Limits) -> bool:
    """There are such pictures, and they count as clinical."""
    return one.count > 0 and one.group is not Group.RECORDING and one.score_percent >= limits.min_score_percent


def _late(one: Tally, limits: Limits) -> bool:
    """Where none is allowed, age does not matter. One without a date is as old as it has been seen here, or older."""
    age = past(one.age_hours)
    return limits.max_age_hours == 0 or (one.known_hours if age is None else age) > limits.max_age_hours


def _unheard(seen: ClinicalImages, limits: Limits) -> int:
    """Recordings that may be too old, those without a date included: nobody listened to any."""
    return _count(
        one
        for one in seen.tallies
        if one.group is Group.RECORDING and one.disposition not in MAY_STAY
        if past(one.age_hours) is None or _late(one, limits)
    )


def _kept(unheard: int, limits: Limits) -> Point:
    because = f"no image scored at or above {limits.min_score_percent} % is older than {limits.max_age_hours} h"
    if not unheard:
        return Point(reason=Reason.NONE_PAST_LIMIT, because=because)
    because = f"{because}; recordings that are likely speech, not listened to: {count_band(unheard)}"
    return Point(reason=Reason.NONE_BUT_RECORDINGS, because=because, exact={"recordings": _recordings(unheard)})


def _not_heard(unheard: int, limits: Limits) -> Iterator[Point]:
    if unheard and limits.recordings_unknown:
        because = f"recordings that are likely speech, not listened to: {count_band(unheard)}"
        yield Point(reason=Reason.RECORDINGS_NOT_HEARD, because=because, exact={"recordings": _recordings(unheard)})


def _recordings(count: int) -> str:
    return counted(count, "sound recording")


def _count(tallies: Iterable[Tally]) -> int:
    return sum(one.count for one in tallies)


def _ages(tallies: Sequence[Tally]) -> list[int]:
    return [age for one in tallies if (age := past(one.age_hours)) is not None]


def _unread(seen: ClinicalImages, limits: Limits) -> int | None:
    """Pictures of which this practice would want to know more than could be seen; None when they were not counted."""
    if seen.not_scanned is None:
        return None
    return seen.not_scanned + (seen.unread_documents if limits.read_documents else 0)


def _broken(late: Sequence[Tally], limits: Limits) -> Iterator[Point]:
    if not late:
        return
    found = f"images scored at or above {limits.min_score_percent} %"
    numbers = f"{count_band(_count(late))}, oldest {_age(late)}"
    if limits.max_age_hours == 0:
        because = f"{found} on a device that may hold none: {numbers}"
        yield Point(reason=Reason.IMAGES_NOT_ALLOWED, because=because, exact=_exact(late))
    else:
        because = f"{found} are older than the limit of {limits.max_age_hours} h: {numbers}"
        exact = {**_exact(late), "limit_s": limits.max_age_hours * 3600}
        yield Point(reason=Reason.IMAGES_PAST_LIMIT, because=because, exact=exact)


def _unclear(seen: ClinicalImages, staying: Sequence[Tally], limits: Limits) -> Iterator[Point]:
    undated = _count(one for one in staying if past(one.age_hours) is None and not _late(one, limits))
    if undated:
        because = f"the age of images scored at or above {limits.min_score_percent} % is not seen"
        yield Point(reason=Reason.AGE_NOT_SEEN, because=because, exact={"pictures": _pictures(undated)})
    yield from _not_read(seen, limits)
    if limits.clean_weights_only and not seen.clean_weights:
        because = "scored by a finder that was not trained on pictures of stated licences only"
        yield Point(reason=Reason.OTHER_WEIGHTS, because=because)
    if not seen.looked_at:
        yield Point(reason=Reason.NOT_LOOKED, because="no folder was looked at")
    for why in dict.fromkeys(gap.why for gap in seen.gaps):
        yield Point(reason=Reason.FOLDERS_NOT_SEEN, because=f"folders not seen: {MEANING[why][1]}", exact={"why": why})


def _not_read(seen: ClinicalImages, limits: Limits) -> Iterator[Point]:
    if seen.not_scanned is None:
        because = "images that could not be scanned were not counted"
        yield Point(reason=Reason.NOT_SCANNED, because=because, exact={"pictures": "Some pictures"})
    elif seen.not_scanned > 0:
        because = f"images that could not be scanned: {count_band(seen.not_scanned)}"
        yield Point(reason=Reason.NOT_SCANNED, because=because, exact={"pictures": _pictures(seen.not_scanned)})
    if limits.read_documents and seen.unread_documents > 0:
        because = f"images of pages whose words were not read: {count_band(seen.unread_documents)}"
        exact = {"pictures": _pictures(seen.unread_documents)}
        yield Point(reason=Reason.DOCUMENTS_UNREAD, because=because, exact=exact)


def _pictures(count: int) -> str:
    return counted(count, "picture")


def _exact(late: Sequence[Tally]) -> Exact:
    count = _count(late)
    ages = _ages(late)
    return {
        "found": f"{_pictures(count)} {'looks' if count == 1 else 'look'} clinical",
        "places": ", ".join(_in_place(folder, late) for folder in _by_count(late)),
        **({"oldest_s": max(ages) * 3600} if ages else {}),
    }


def _by_count(late: Sequence[Tally]) -> list[Folder]:
    """The fullest place first; of two alike, the one that Folder names first."""
    counts = {folder: _count(one for one in late if one.folder is folder) for folder in Folder}
    return sorted((folder for folder in Folder if counts[folder]), key=lambda folder: -counts[folder])


def _in_place(folder: Folder, late: Sequence[Tally]) -> str:
    """4 in Camera (oldest: 9 days)"""
    here = [one for one in late if one.folder is folder]
    return f"{_count(here)} in {PLACES[folder]} ({_oldest(here)})"


def _oldest(here: Sequence[Tally]) -> str:
    ages = _ages(here)
    if len(ages) == len(here):
        return f"oldest: {_hours(max(ages))}"
    if not any(one.known_hours for one in here):
        return "some without a date"
    known = max([*ages, *(one.known_hours for one in here)])
    return f"some without a date, here for {_hours(known)} or more"


def _hours(hours: int) -> str:
    """Days from the third on: nobody thinks of 216 hours."""
    return counted(hours, "hour") if hours <= 2 * DAY_HOURS else counted(hours // DAY_HOURS, "day")


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
    measures={
        "images": Count,
        "oldest": Age,
        "kinds": Group,
        "with_gps": Count,
        "on_hold": Count,
        "unread": Count,
        "recordings": Count,
        **{one.value: Count for one in SAID},
        "limit_hours": int,
        "min_score_percent": int,
    },
    requirements=("R4", "R5", "R19", "R24"),
    platforms=LAPTOPS | PHONES,
)
