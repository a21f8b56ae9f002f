"""What a device shared beside its verdict, as the practice reads it: bands in words, and nothing of what is none."""

from typing import Any

import pytest

from checks.bands import Count
from checks.clinical_images.check import CHECK
from checks.clinical_images.words import SAID
from reports.console.fleet_device import measures_in_words

TABLE: list[tuple[dict[str, Any], str]] = [
    ({}, ""),
    ({"images": "6-20", "oldest": "8-90_days"}, "images 6-20, oldest 8-90 days"),
    ({"kinds": ["body", "tracing"], "unread": "0"}, "kinds body and tracing, unread 0"),
    ({"reasons": ["x"], "limit_hours": 24, "min_score_percent": 80, "kinds": []}, ""),
    ({"in_record": "1-5", "filed": "0", "own": "0"}, "said in the record 1-5"),
    ({"own": "1-5", "not_clinical": "over_20"}, "said the patient's own 1-5, said not clinical over 20"),
    ({"encrypted": True, "shared": False}, "encrypted yes, shared no"),
]


@pytest.mark.parametrize(("measures", "words"), TABLE)
def test_measures_are_told_in_words(measures: dict[str, Any], words: str) -> None:
    assert measures_in_words(measures) == words


def test_every_word_that_is_counted_has_its_heading() -> None:
    assert SAID.keys() <= CHECK.measures.keys()
    assert {one for one in SAID if CHECK.measures[one] is Count} == set(SAID)
    assert len(SAID) == 6
