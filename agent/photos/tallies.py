"""From the index to the fact that is judged: counts by sort, age and score; no path, no name, no fingerprint."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from agent.photos.engine import Outcome
from agent.photos.image import Unread
from agent.photos.index_model import Counts, Row
from agent.photos.place import Place
from agent.photos.weights import Weights
from checks.clinical_images.fact import ClinicalImages, Tally
from checks.evidence import Gap, Why

PART = "folders"
LEAST = 0.01
"""A policy may ask for any whole percent from 1 on."""
SKEW_S = 300
"""A clock may be a little wrong; a date further ahead than this is none."""
FIRST_CAMERA_S = 315_532_800
"""1980, from which FAT counts: earlier dates are left-overs of a reset clock."""
HOUR_S = 3600
NOT_COUNTED = frozenset({Unread.NOT_A_PICTURE})


def fact(
    counts: Counts, outcome: Outcome, places: Iterable[Place], *, model: str, weights: Weights, now: datetime
) -> ClinicalImages:
    """What one scan of a device says. An incomplete one says so in its gaps, and counts nothing as looked at."""
    gaps = [Gap(part=PART, why=Why(one.why)) for one in outcome.gaps]
    if outcome.why is not None:
        gaps.append(Gap(part=PART, why=outcome.why))
    shut = {one.place.folder for one in outcome.gaps}
    sorts = sorted({one.folder for one in places} - shut) if outcome.complete else []
    return ClinicalImages(
        looked_at=tuple(sorts),
        tallies=tallies((*counts.rows, *counts.recordings), int(now.timestamp())),
        not_scanned=_not_scanned(counts, outcome),
        model=model,
        unread_documents=sum(counts.unread_documents.values()),
        clean_weights=weights is Weights.CLEAN,
        gaps=tuple(gaps),
    )


def tallies(rows: Iterable[Row], now_s: int) -> tuple[Tally, ...]:
    """Pictures that are alike in everything, counted together; in a fixed order."""
    same = Counter(
        Tally(
            folder=row.folder,
            age_hours=age_hours(row.modified_s, row.first_seen, now_s),
            score_percent=row.score_percent,
            count=1,
            group=row.group,
            origin=row.origin,
            gps=row.gps,
            disposition=row.disposition,
            known_hours=known_hours(row.modified_s, row.first_seen, now_s),
        )
        for row in rows
    )
    return tuple(replace(one, count=count) for one, count in sorted(same.items(), key=lambda pair: repr(pair[0])))


def age_hours(modified_s: int, first_seen: int, now_s: int) -> int | None:
    """Hours begun since the picture came to the device: by its file's date, or by when it was first seen here if that
    is longer ago. None where the date is missing or lies in the future: it may be older than anybody saw.
    """
    if not _is_date(modified_s, now_s):
        return None
    return _hours(now_s - min(modified_s, first_seen))


def known_hours(modified_s: int, first_seen: int, now_s: int) -> int:
    """Where `age_hours` is None: hours begun since it was first seen here, and so it is no younger. Else 0."""
    return 0 if _is_date(modified_s, now_s) else _hours(now_s - first_seen)


def _is_date(modified_s: int, now_s: int) -> bool:
    return FIRST_CAMERA_S <= modified_s <= now_s + SKEW_S


def _hours(passed_s: int) -> int:
    return -(-max(passed_s, 0) // HOUR_S)


def _not_scanned(counts: Counts, outcome: Outcome) -> int | None:
    if not outcome.complete or counts.stale:
        return None
    return sum(count for (_, why), count in counts.unread.items() if why not in NOT_COUNTED)
