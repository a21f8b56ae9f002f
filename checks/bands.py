"""What may be shared in place of an exact number or a bare yes: closed sets of bands."""

from enum import StrEnum
from typing import TypeVar

W = TypeVar("W", bound=StrEnum)


class Count(StrEnum):
    """Bands of a number of things."""

    NONE = "0"
    ONE_TO_5 = "1-5"
    SIX_TO_20 = "6-20"
    OVER_20 = "over_20"
    NOT_SEEN = "not_seen"


class Age(StrEnum):
    """Bands of the time since something happened."""

    NONE = "none"
    """There is nothing that could have an age."""
    UNDER_24_H = "under_24_h"
    DAYS_1_7 = "1-7_days"
    DAYS_8_90 = "8-90_days"
    OVER_90_DAYS = "over_90_days"
    NOT_SEEN = "not_seen"


def count_band(count: int | None) -> Count:
    """The band of a count; None was not seen, and less than nothing is nothing."""
    if count is None:
        return Count.NOT_SEEN
    if count <= 0:
        return Count.NONE
    if count <= 5:
        return Count.ONE_TO_5
    return Count.SIX_TO_20 if count <= 20 else Count.OVER_20


def age_band(days: int | None) -> Age:
    """The band of an age in whole days gone by; None was not seen. Never Age.NONE: that needs more than an age."""
    days = past(days)
    if days is None:
        return Age.NOT_SEEN
    if days == 0:
        return Age.UNDER_24_H
    if days <= 7:
        return Age.DAYS_1_7
    return Age.DAYS_8_90 if days <= 90 else Age.OVER_90_DAYS


def past(age: int | None) -> int | None:
    """An age in any unit. A time that has not come yet says nothing of it."""
    return None if age is None or age < 0 else age


def either(claim: bool | None, *, yes: W, no: W, not_seen: W) -> W:
    """The word for a claim that holds, does not hold, or could not be seen."""
    if claim is None:
        return not_seen
    return yes if claim else no
