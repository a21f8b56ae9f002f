"""When images that stay are a finding, and when a scan proves nothing."""

from dataclasses import fields
from typing import Any

import pytest
from fakes import NOON, laptop, observed, rule_for
from hypothesis import given
from hypothesis import strategies as st

from checks.bands import Age, Count
from checks.clinical_images.check import CHECK, MAY_STAY, Limits, Reason, judge
from checks.clinical_images.fact import ClinicalImages, Disposition, Folder, Group, Tally
from checks.clinical_images.words import PLACES
from checks.evaluate import evaluate
from checks.evidence import Gap, Unobserved, Why
from checks.guidance import guidance, said, steps
from checks.model import LAPTOPS, PHONES, Platform, Status

FAIL, UNKNOWN, PASS = Status.FAIL, Status.UNKNOWN, Status.PASS
NONE_ALLOWED = Limits(max_age_hours=0)
CLEAN_ONLY = Limits(clean_weights_only=True)
BY_LOOK = Limits(read_documents=False)
HEARD_ONLY = Limits(recordings_unknown=True)
WORDS = ("in_record", "filed", "filed_by_sender", "own", "teaching", "not_clinical")
"""What may be said of a picture, but for a hold: its count has another name."""
DENIED = Gap(part="folders", why=Why.NOT_PERMITTED)


def tally(age: int | None = 25, score: int = 80, count: int = 1, **changes: Any) -> Tally:
    values = {"folder": Folder.CAMERA, "age_hours": age, "score_percent": score, "count": count}
    return Tally(**{**values, **changes})


def recording(age: int | None = 25, count: int = 1, **changes: Any) -> Tally:
    return tally(age, 0, count, group=Group.RECORDING, **changes)


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
    (fact(tally(age=None, known_hours=24)), Limits(), UNKNOWN, ["age_not_seen"]),
    (fact(tally(age=None, known_hours=25)), Limits(), FAIL, ["images_past_limit"]),
    (fact(tally(age=-1, known_hours=25)), Limits(), FAIL, ["images_past_limit"]),
    (fact(tally(age=3, known_hours=25)), Limits(), PASS, ["none_past_limit"]),
    (fact(recording()), Limits(), PASS, ["none_but_recordings"]),
    (fact(recording(age=24)), HEARD_ONLY, PASS, ["none_past_limit"]),
    (fact(recording()), HEARD_ONLY, UNKNOWN, ["recordings_not_heard"]),
    (fact(recording(age=None)), HEARD_ONLY, UNKNOWN, ["recordings_not_heard"]),
    (fact(recording(age=0)), Limits(max_age_hours=0, recordings_unknown=True), UNKNOWN, ["recordings_not_heard"]),
    (fact(recording(disposition=Disposition.OWN)), HEARD_ONLY, PASS, ["none_past_limit"]),
    (fact(tally(), recording()), HEARD_ONLY, FAIL, ["images_past_limit", "recordings_not_heard"]),
    (fact(recording(), not_scanned=1), Limits(), UNKNOWN, ["not_scanned"]),
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
    (fact(unread_documents=1), Limits(), UNKNOWN, ["documents_unread"]),
    (fact(unread_documents=1), BY_LOOK, PASS, ["none_past_limit"]),
    (fact(not_scanned=1, unread_documents=1), Limits(), UNKNOWN, ["not_scanned", "documents_unread"]),
    (fact(not_scanned=None, unread_documents=1), BY_LOOK, UNKNOWN, ["not_scanned"]),
    (fact(), CLEAN_ONLY, UNKNOWN, ["other_weights"]),
    (fact(clean_weights=True), CLEAN_ONLY, PASS, ["none_past_limit"]),
    (fact(clean_weights=True), Limits(), PASS, ["none_past_limit"]),
    (fact(tally()), CLEAN_ONLY, FAIL, ["images_past_limit", "other_weights"]),
    (
        fact(unread_documents=1, looked_at=(), gaps=(DENIED,)),
        CLEAN_ONLY,
        UNKNOWN,
        ["documents_unread", "other_weights", "not_looked", "folders_not_seen"],
    ),
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
        "images": Count.ONE_TO_5, "oldest": Age.DAYS_1_7, "kinds": (Group.BODY,), "with_gps": Count.NONE,
        "on_hold": Count.NONE, "unread": Count.NONE, "recordings": Count.NONE, "limit_hours": 12,
        "min_score_percent": 80, **dict.fromkeys(WORDS, Count.NONE),
    }  # fmt: skip


@pytest.mark.parametrize("word", Disposition)
def test_what_the_clinician_said_of_a_picture_counts(word: Disposition) -> None:
    excused = {Disposition.NOT_CLINICAL, Disposition.OWN, Disposition.TEACHING, Disposition.LEGAL_HOLD}
    assert excused == MAY_STAY
    for limits in (Limits(), NONE_ALLOWED):
        verdict = judge(fact(tally(disposition=word)), limits)
        assert verdict.status is (PASS if word in excused else FAIL), "one that is in the record is to be deleted"
        assert judge(fact(tally(), tally(disposition=word)), limits).status is FAIL
    undated = judge(fact(tally(age=None, disposition=word)), Limits())
    assert undated.status is (PASS if word in excused else UNKNOWN)


@pytest.mark.parametrize("word", WORDS)
def test_how_many_pictures_each_word_was_said_of_is_shared_as_a_band(word: str) -> None:
    said = [tally(age=age, count=2, disposition=Disposition(word)) for age in (0, 99, None)]
    others = [
        tally(score=79, count=50, disposition=Disposition(word)),
        recording(count=50, disposition=Disposition(word)),
        tally(count=50),
    ]
    measures = judge(fact(*said, *others), Limits()).measures
    assert {one: measures[one] for one in WORDS} == {**dict.fromkeys(WORDS, Count.NONE), word: Count.SIX_TO_20}


def test_pictures_on_legal_hold_are_told_whatever_their_age() -> None:
    held = [
        tally(age=age, count=2, disposition=Disposition.LEGAL_HOLD, gps=True, group=Group.TRACING)
        for age in (0, 99, None)
    ]
    faint = tally(score=79, count=50, disposition=Disposition.LEGAL_HOLD)
    measures = judge(fact(*held, faint), Limits()).measures
    assert measures["on_hold"] is Count.SIX_TO_20
    assert (measures["images"], measures["with_gps"], measures["kinds"]) == (Count.NONE, Count.NONE, ())


def test_late_pictures_that_say_where_they_were_taken_are_told() -> None:
    seen = fact(tally(count=6, gps=True), tally(count=30), tally(age=3, count=30, gps=True))
    assert judge(seen, Limits()).measures["with_gps"] is Count.SIX_TO_20


def test_kinds_of_late_pictures_are_told_once_in_a_fixed_order() -> None:
    groups = (Group.TRACING, Group.BODY, Group.TRACING, Group.DOCUMENT)
    seen = fact(*(tally(group=one) for one in groups), tally(age=3, group=Group.MEDICATION))
    assert judge(seen, Limits()).measures["kinds"] == (Group.BODY, Group.DOCUMENT, Group.TRACING)


def test_recordings_are_told_whatever_the_policy_makes_of_them_and_are_no_pictures() -> None:
    seen = fact(recording(count=6), recording(age=3, count=30), recording(disposition=Disposition.OWN))
    for limits in (Limits(), HEARD_ONLY):
        measures = judge(seen, limits).measures
        assert (measures["recordings"], measures["images"], measures["kinds"]) == (Count.SIX_TO_20, Count.NONE, ())
        assert measures["unread"] is Count.NONE


def test_a_recording_never_counts_by_a_score() -> None:
    loud = Tally(folder=Folder.OTHER, age_hours=99, score_percent=100, count=1, group=Group.RECORDING)
    assert judge(fact(loud), Limits()).measures["images"] is Count.NONE


@pytest.mark.parametrize(
    ("not_scanned", "documents", "limits", "band"),
    [
        (0, 0, Limits(), Count.NONE), (4, 2, Limits(), Count.SIX_TO_20), (4, 2, BY_LOOK, Count.ONE_TO_5),
        (0, 2, BY_LOOK, Count.NONE), (None, 2, Limits(), Count.NOT_SEEN),
    ],
)  # fmt: skip
def test_pictures_that_were_not_judged_are_told(not_scanned, documents, limits: Limits, band: Count) -> None:
    seen = fact(not_scanned=not_scanned, unread_documents=documents)
    assert judge(seen, limits).measures["unread"] is band


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
        (fact(unread_documents=7), Limits(), "images of pages whose words were not read: 6-20"),
        (
            fact(recording(count=7)),
            Limits(),
            "no image scored at or above 80 % is older than 24 h; recordings that are likely speech, not listened to:"
            " 6-20",
        ),
        (fact(recording()), HEARD_ONLY, "recordings that are likely speech, not listened to: 1-5"),
        (fact(), CLEAN_ONLY, "scored by a finder that was not trained on pictures of stated licences only"),
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
            fact(tally(count=4, age=216), tally(count=2, age=49, folder=Folder.MESSENGER)),
            Limits(),
            "6 pictures look clinical: 4 in Camera (oldest: 9 days), 2 in chats (oldest: 2 days)."
            " Your practice asks for 1 day or less.",
        ),
        (
            fact(tally(age=48, folder=Folder.TRASH), tally(age=263), tally(age=30), tally(age=2)),
            Limits(),
            "3 pictures look clinical: 2 in Camera (oldest: 10 days), 1 in the trash (oldest: 48 hours)."
            " Your practice asks for 1 day or less.",
        ),
        (
            fact(tally(age=30), tally(age=None)),
            NONE_ALLOWED,
            "2 pictures look clinical: 2 in Camera (some without a date). This device isn't meant to hold any.",
        ),
        (
            fact(tally(age=1)),
            NONE_ALLOWED,
            "1 picture looks clinical: 1 in Camera (oldest: 1 hour). This device isn't meant to hold any.",
        ),
        (
            fact(tally(age=None, count=3), tally(age=-5), tally(age=1, count=9), tally(age=None, score=79)),
            Limits(),
            "4 pictures without a date may be clinical: we can't see since when.",
        ),
        (
            fact(tally(age=None, known_hours=216), tally(age=None)),
            Limits(),
            "1 picture looks clinical: 1 in Camera (some without a date, here for 9 days or more)."
            " Your practice asks for 1 day or less.",
        ),
        (
            fact(recording(count=2)),
            HEARD_ONLY,
            "2 sound recordings may be speech, to which we can't listen: we can't say whether a patient is named.",
        ),
        (
            fact(not_scanned=1),
            Limits(),
            "1 picture could not be looked at: damaged, protected or of a kind that we can't read.",
        ),
        (
            fact(not_scanned=None),
            Limits(),
            "Some pictures could not be looked at: damaged, protected or of a kind that we can't read.",
        ),
        (
            fact(unread_documents=12),
            Limits(),
            "12 pictures of pages could not be read: too small, unclear, or no text reader is installed. "
            "We can't say whether they are about patients.",
        ),
    ],
)
def test_the_person_reads_exact_values(seen: ClinicalImages, limits: Limits, sentence: str) -> None:
    point = judge(seen, limits).points[0]
    assert said("clinical_images", point.reason, point.exact) == sentence


def test_the_fullest_place_comes_first() -> None:
    assert set(PLACES) == set(Folder)
    seen = fact(tally(folder=Folder.TRASH, count=2), tally(folder=Folder.OTHER), tally(folder=Folder.CAMERA))
    names = [one.split(" (")[0] for one in str(judge(seen, Limits()).points[0].exact["places"]).split(", ")]
    assert names == ["2 in the trash", "1 in Camera", "1 in other folders"]


def test_undated_images_have_no_oldest() -> None:
    assert judge(fact(tally(age=None)), NONE_ALLOWED).points[0].exact == {
        "found": "1 picture looks clinical", "places": "1 in Camera (some without a date)"
    }  # fmt: skip
    assert judge(fact(tally(age=2)), NONE_ALLOWED).points[0].exact["oldest_s"] == 7200


def test_without_a_probe_it_is_unknown() -> None:
    evidence = Unobserved(why=Why.NO_PROBE, detail="", source="device", at=NOON)
    finding = evaluate(CHECK, laptop(), evidence, rule_for(Limits()), now=NOON, profile="owner").finding
    assert finding.status is UNKNOWN
    assert finding.because == "no probe yet for this system"


def test_without_consent_it_is_unknown_and_how_to_agree_is_said() -> None:
    evidence = Unobserved(why=Why.NOT_CONSENTED, detail="", source="device", at=NOON)
    finding = evaluate(CHECK, laptop(), evidence, rule_for(Limits()), now=NOON, profile="owner").finding
    assert finding.status is UNKNOWN
    assert finding.because == "the person has not agreed to the pictures being looked at"
    assert said("clinical_images", "not_consented", {}) == "You haven't agreed to your pictures being looked at."
    for platform in ("linux", "android"):
        told = steps("clinical_images", "not_consented", (platform, "any"), {})
        assert told[0].endswith("scrubin photos consent")
        assert len(told) > 2, "and how to find out without us"


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
    assert bounds == {
        "max_age_hours": (24, 0, 8760), "min_score_percent": (80, 1, 100),
        "clean_weights_only": (False, None, None), "read_documents": (True, None, None),
        "recordings_unknown": (False, None, None),
    }  # fmt: skip
    assert CHECK.measures == {
        "images": Count, "oldest": Age, "kinds": Group, "with_gps": Count, "on_hold": Count, "unread": Count,
        "recordings": Count, "limit_hours": int, "min_score_percent": int, **dict.fromkeys(WORDS, Count),
    }  # fmt: skip


def test_what_is_shared_is_of_the_closed_set() -> None:
    seen = fact(tally(count=6, gps=True), not_scanned=3)
    finding = evaluate(CHECK, laptop(), observed(seen), rule_for(Limits()), now=NOON, profile="owner").finding
    assert finding.measures == {
        "reasons": ("images_past_limit", "not_scanned"), "images": "6-20", "oldest": "1-7_days", "kinds": ("body",),
        "with_gps": "6-20", "on_hold": "0", "unread": "1-5", "recordings": "0", "limit_hours": 24,
        "min_score_percent": 80, **dict.fromkeys(WORDS, "0"),
    }  # fmt: skip


tallies = st.builds(
    Tally,
    folder=st.sampled_from(Folder), age_hours=st.none() | st.integers(), score_percent=st.integers(0, 100),
    count=st.integers(0, 99), group=st.sampled_from(Group), gps=st.booleans(),
    disposition=st.sampled_from(Disposition), known_hours=st.integers(0, 99),
)  # fmt: skip


@given(
    st.builds(
        ClinicalImages,
        looked_at=st.lists(st.sampled_from(Folder)).map(tuple), tallies=st.lists(tallies).map(tuple),
        not_scanned=st.none() | st.integers(0, 9), model=st.just("example 1"), unread_documents=st.integers(0, 2),
        clean_weights=st.booleans(),
    ),
    st.builds(
        Limits, max_age_hours=st.integers(0, 8760), min_score_percent=st.integers(1, 100),
        clean_weights_only=st.booleans(), read_documents=st.booleans(), recordings_unknown=st.booleans(),
    ),
)  # fmt: skip
def test_a_pass_needs_a_complete_scan(seen: ClinicalImages, limits: Limits) -> None:
    if judge(seen, limits).status is PASS:
        assert seen.looked_at
        assert seen.not_scanned == 0
        assert not seen.unread_documents or not limits.read_documents
        assert seen.clean_weights or not limits.clean_weights_only
        for one in seen.tallies:
            fresh = one.age_hours is not None and 0 <= one.age_hours <= limits.max_age_hours and limits.max_age_hours
            excused = one.disposition in MAY_STAY
            if one.group is Group.RECORDING:
                assert fresh or excused or not one.count or not limits.recordings_unknown
                continue
            assert fresh or excused or not one.count or one.score_percent < limits.min_score_percent
