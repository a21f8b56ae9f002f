"""Where each band begins and ends, and the very words that travel."""

from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.bands import Age, Count, age_band, count_band, either, past


class Door(StrEnum):
    """A closed set of three."""

    OPEN = "open"
    SHUT = "shut"
    HIDDEN = "hidden"


@pytest.mark.parametrize(
    ("count", "band"),
    [
        (None, Count.NOT_SEEN), (-1, Count.NONE), (0, Count.NONE), (1, Count.ONE_TO_5), (5, Count.ONE_TO_5),
        (6, Count.SIX_TO_20), (20, Count.SIX_TO_20), (21, Count.OVER_20), (10**9, Count.OVER_20),
    ],
)  # fmt: skip
def test_counts_fall_into_bands(count: int | None, band: Count) -> None:
    assert count_band(count) is band


@pytest.mark.parametrize(
    ("days", "band"),
    [
        (None, Age.NOT_SEEN), (-1, Age.NOT_SEEN), (0, Age.UNDER_24_H), (1, Age.DAYS_1_7), (7, Age.DAYS_1_7),
        (8, Age.DAYS_8_90), (90, Age.DAYS_8_90), (91, Age.OVER_90_DAYS), (10**9, Age.OVER_90_DAYS),
    ],
)  # fmt: skip
def test_ages_fall_into_bands(days: int | None, band: Age) -> None:
    assert age_band(days) is band


def test_the_words_that_travel_stay_as_they_are() -> None:
    assert [str(one) for one in Count] == ["0", "1-5", "6-20", "over_20", "not_seen"]
    assert [str(one) for one in Age] == ["none", "under_24_h", "1-7_days", "8-90_days", "over_90_days", "not_seen"]


@pytest.mark.parametrize(("age", "seen"), [(None, None), (-1, None), (0, 0), (1, 1)])
def test_a_time_to_come_is_no_age(age: int | None, seen: int | None) -> None:
    assert past(age) == seen


@pytest.mark.parametrize(("claim", "word"), [(True, Door.OPEN), (False, Door.SHUT), (None, Door.HIDDEN)])
def test_a_claim_has_one_of_three_words(claim: bool | None, word: Door) -> None:
    assert either(claim, yes=Door.OPEN, no=Door.SHUT, not_seen=Door.HIDDEN) is word


@given(st.integers(), st.integers())
def test_more_is_never_a_lower_band(one: int, other: int) -> None:
    fewer, more = sorted((one, other))
    assert list(Count).index(count_band(fewer)) <= list(Count).index(count_band(more))


@given(st.none() | st.integers())
def test_only_what_has_an_age_has_an_age_band(days: int | None) -> None:
    assert age_band(days) is not Age.NONE
