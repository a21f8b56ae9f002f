"""When images that stay are a finding, and when a scan proves nothing."""

from dataclasses import fields
from typing import Any

import pytest
from fakes import NOON, laptop, rule_for
from hypothesis import given
from hypothesis import strategies as st

from checks.bands import Age, Count
from checks.clinical_images.check import CHECK, Limits, Reason, judge
from checks.clinical_images.fact import ClinicalImages, Folder, Tally
from checks.evaluate import evaluate
from checks.evidence import Gap, Unobserved, Why
from checks.guidance import guidance, said
from checks.model import LAPTOPS, PHONES, Platform, Status

FAIL, UNKNOWN, PASS = Status.FAIL, Status.UNKNOWN, Status.PASS
NONE_ALLOWED = Limits(max_age_hours=0)
DENIED = Gap(part="folders", why=Why.NOT_PERMITTED)


def tally(age: int | None = 25, score: int = 80, count: int = 1) -> Tally:
    return Tally(folder=Folder.CAMERA, age_hours=age, score_percent=score, count=count)


def fact(*tallies: Tally, **changes: Any) -> ClinicalImages:
    values: dict[str, Any] = {"looked_at": (Folder.CAMERA,), "not_scanned": 0, "model": "example 1"}
    return ClinicalImages(tallies=tallies, **{**values, **changes})


TABLE: list[tuple[ClinicalImages, Limits, Status, list[str]]] = [
    (fact(), Limits(), PASS, ["none_past_limit"]),
    (fact(tally()), Limits(), FAIL, ["images_past_limit"]),
    (fact(tally(age=24)), Limits(), PASS, ["none_past_limit"]),
    (fact(tally(age=0)), Limits(), PASS, ["none_past_limit"]),
    (fact(tally(score=79)), Limits(), PASS, ["none_past_limit"]),
    (fact(tally(score=79)), Limits(min_score_percent=79), FAIL, ["images_past_limit"]),
    (fact(tally(count=0)), Limits(), PASS, ["none_past_limit"]),
    (fact(tally(age=2)), Limits(max_age_hours=1), FAIL, ["images_past_limit"]),
    (fact(tally(age=1)), Limits(max_age_hours=1), PASS, ["none_past_limit"]),
    (fact(tally(age=None)), Limits(), UNKNOWN, ["age_not_seen"]),
    (fact(tally(age=None)), Limits(max_age_hours=1), UNKNOWN, ["age_not_seen"]),
    (fact(tally(age=-1)), Limits(), UNKNOWN, ["age_not_seen"]),
    (fact(tally(age=None, score=79)), Limits(), PASS, ["none_past_limit"]),
    (fact(tally(age=None), tally()), Limits(), FAIL, ["images_past_limit", "age_not_seen"]),
    (fact(tally(age=0)), NONE_ALLOWED, FAIL, ["images_not_allowed"]),
    (fact(tally(age=None)), NONE_ALLOWED, FAIL, ["images_not_allowed"]),
    (fact(tally(score=79)), NONE_ALLOWED, PASS, ["none_past_limit"]),
    (fact(not_scanned=1), Limits(), UNKNOWN, ["not_scanned"]),
    (fact(not_scanned=None), Limits(), UNKNOWN, ["not_scanned"]),
    (fact(tally(), not_scanned=1), Limits(), FAIL, ["images_past_limit", "not_scanned"]),
    (fact(looked_at=()), Limits(), UNKNOWN, ["not_looked"]),
    (fact(gaps=(DENIED,)), Limits(), UNKNOWN, ["folders_not_seen"]),
    (fact(gaps=(DENIED, DENIED)), Limits(), UNKNOWN, ["folders_not_seen"]),
]


@pytest.mark.parametrize(("seen", "limits", "status", "reasons"), TABLE)
def test_tallies_are_judged(seen: ClinicalImages, limits: Limits, status: Status, reasons: list[str]) -> None:
    verdict = judge(seen, limits)
    assert verdict.status is status
    assert [str(point.reason) for point in verdict.points] == reasons


@pytest.mark.parametrize(
    ("counts", "band"),
    [((), "0"), ((1,), "1-5"), ((5,), "1-5"), ((5, 1), "6-20"), ((20,), "6-20"), ((21,), "over_20")],
)
def test_images_are_shared_as_a_band(counts: tuple[int, ...], band: str) -> None:
    assert judge(fact(*(tally(count=one) for one in counts)), Limits()).measures["images"] is Count(band)


@pytest.mark.parametrize(
    ("ages", "band"),
    [
        ((), Age.NONE), ((1,), Age.UNDER_24_H), ((24,), Age.UNDER_24_H), ((25,), Age.DAYS_1_7),
        ((191,), Age.DAYS_1_7), ((192,), Age.DAYS_8_90), ((2183, 5), Age.DAYS_8_90), ((2184,), Age.OVER_90_DAYS),
        ((None, 5), Age.NOT_SEEN),
    ],
)  # fmt: skip
def test_the_oldest_is_shared_as_a_band(ages: tuple[int | None, ...], band: Age) -> None:
    assert judge(fact(*(tally(age=one) for one in ages)), NONE_ALLOWED).measures["oldest"] is band


def test_only_late_images_are_counted() -> None:
    measures = judge(fact(tally(age=3, count=50), tally(count=2)), Limits(max_age_hours=12)).measures
    assert measures == {
        "images": Count.ONE_TO_5, "oldest": Age.DAYS_1_7, "limit_hours": 12, "min_score_percent": 80
    }  # fmt: skip


@pytest.mark.parametrize(
    ("seen", "limits", "because"),
    [
        (fact(), Limits(), "no image scored at or above 80 % is older than 24 h"),
        (
            fact(tally(count=6, age=200)),
            Limits(),
            "images scored at or above 80 % are older than the limit of 24 h: 6-20, oldest 8-90_days",
        ),
        (
            fact(tally()),
            NONE_ALLOWED,
            "images scored at or above 80 % on a device that may hold none: 1-5, oldest 1-7_days",
        ),
        (fact(tally(age=None)), Limits(), "the age of images scored at or above 80 % is not seen"),
        (fact(not_scanned=7), Limits(), "images that could not be scanned: 6-20"),
        (fact(not_scanned=None), Limits(), "images that could not be scanned were not counted"),
        (fact(looked_at=()), Limits(), "no folder was looked at"),
        (
            fact(gaps=(DENIED,)),
            Limits(),
            "folders not seen: access to it was refused",
        ),
    ],
)
def test_practice_it_reads_bands_only(seen: ClinicalImages, limits: Limits, because: str) -> None:
    assert judge(seen, limits).points[0].because == because


def test_a_folder_not_seen_keeps_its_reason() -> None:
    assert judge(fact(gaps=(DENIED,)), Limits()).points[0].exact == {"why": Why.NOT_PERMITTED}


@pytest.mark.parametrize(
    ("seen", "limits", "sentence"),
    [
        (
            fact(tally(count=4, age=216), tally(count=2)),
            Limits(),
            "We found 6 pictures that may be clinical, the oldest from 9 days ago."
            " Your practice asks for 1 day or less.",
        ),
        (
            fact(tally(age=30)),
            NONE_ALLOWED,
            "We found 1 picture that may be clinical. This device isn't meant to hold any.",
        ),
    ],
)
def test_the_person_reads_exact_values(seen: ClinicalImages, limits: Limits, sentence: str) -> None:
    point = judge(seen, limits).points[0]
    assert said("clinical_images", point.reason, point.exact) == sentence


def test_undated_images_have_no_oldest() -> None:
    assert judge(fact(tally(age=None)), NONE_ALLOWED).points[0].exact == {"pictures": "1 picture"}
    assert judge(fact(tally(age=2)), NONE_ALLOWED).points[0].exact["oldest_s"] == 7200


def test_without_a_probe_it_is_unknown() -> None:
    evidence = Unobserved(why=Why.NO_PROBE, detail="", source="device", at=NOON)
    finding = evaluate(CHECK, laptop(), evidence, rule_for(Limits()), now=NOON, profile="owner").finding
    assert finding.status is UNKNOWN
    assert finding.because == "no probe yet for this system"


def test_every_reason_has_words_and_steps() -> None:
    words = guidance("clinical_images").reasons
    assert set(words) == set(Reason)
    for reason in set(Reason) - {Reason.NONE_PAST_LIMIT}:
        assert set(words[reason].steps) == set(Platform), reason


def test_the_check_is_what_policies_and_reports_say() -> None:
    assert (CHECK.id, CHECK.title) == ("clinical_images", "No clinical images linger on the device")
    assert CHECK.severity == "high"
    assert CHECK.requirements == ("R4", "R5", "R19", "R24")
    assert CHECK.platforms == LAPTOPS | PHONES
    bounds = {one.name: (one.default, one.metadata["minimum"], one.metadata["maximum"]) for one in fields(Limits)}
    assert bounds == {"max_age_hours": (24, 0, 8760), "min_score_percent": (80, 1, 100)}


tallies = st.builds(
    Tally,
    folder=st.sampled_from(Folder), age_hours=st.none() | st.integers(), score_percent=st.integers(0, 100),
    count=st.integers(0, 99),
)  # fmt: skip


@given(
    st.builds(
        ClinicalImages,
        looked_at=st.lists(st.sampled_from(Folder)).map(tuple), tallies=st.lists(tallies).map(tuple),
        not_scanned=st.none() | st.integers(0, 9), model=st.just("example 1"),
    ),
    st.builds(Limits, max_age_hours=st.integers(0, 8760), min_score_percent=st.integers(1, 100)),
)  # fmt: skip
def test_a_pass_needs_a_complete_scan(seen: ClinicalImages, limits: Limits) -> None:
    if judge(seen, limits).status is PASS:
        assert seen.looked_at
        assert seen.not_scanned == 0
        for one in seen.tallies:
            fresh = one.age_hours is not None and 0 <= one.age_hours <= limits.max_age_hours and limits.max_age_hours
            assert fresh or not one.count or one.score_percent < limits.min_score_percent
