"""What makes a laptop shared, and what leaves it unclear."""

from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.bands import Count
from checks.evidence import Gap, Why
from checks.guidance import guidance, said
from checks.model import LAPTOPS, Status
from checks.shared_use.check import CHECK, Guest, Limits, Reason, judge
from checks.shared_use.fact import SharedUse

FAIL, UNKNOWN, PASS = Status.FAIL, Status.UNKNOWN, Status.PASS
HIDDEN = Limits(hide_previews=True)


def fact(**changes: Any) -> SharedUse:
    values: dict[str, Any] = {"people": 1, "directory": False, "guest": False, "previews": False}
    return SharedUse(**{**values, **changes})


TABLE: list[tuple[dict[str, Any], Limits, Status, list[str]]] = [
    ({}, Limits(), PASS, ["one_person"]),
    ({"people": 0}, Limits(), PASS, ["one_person"]),
    ({"people": 2}, Limits(), FAIL, ["more_people"]),
    ({"people": 3}, Limits(max_people=3), PASS, ["one_person"]),
    ({"people": 4}, Limits(max_people=3), FAIL, ["more_people"]),
    ({"people": None}, Limits(), UNKNOWN, ["people_not_seen"]),
    ({"guest": True}, Limits(), FAIL, ["guest_session"]),
    ({"guest": True}, Limits(max_people=50), FAIL, ["guest_session"]),
    ({"guest": None}, Limits(), UNKNOWN, ["guest_not_seen"]),
    ({"directory": True}, Limits(), UNKNOWN, ["directory_accounts"]),
    ({"directory": None}, Limits(), UNKNOWN, ["directory_not_seen"]),
    ({"directory": True, "people": 2}, Limits(), FAIL, ["more_people", "directory_accounts"]),
    ({"previews": True}, Limits(), PASS, ["one_person"]),
    ({"previews": None}, Limits(), PASS, ["one_person"]),
    ({"previews": False}, HIDDEN, PASS, ["one_person"]),
    ({"previews": True}, HIDDEN, FAIL, ["previews_shown"]),
    ({"previews": None}, HIDDEN, UNKNOWN, ["previews_not_seen"]),
    ({"people": 2, "guest": True, "previews": True}, HIDDEN, FAIL, ["more_people", "guest_session", "previews_shown"]),
    ({"people": None, "guest": True}, Limits(), FAIL, ["guest_session", "people_not_seen"]),
]


@pytest.mark.parametrize(("changes", "limits", "status", "reasons"), TABLE)
def test_sharing_is_judged(changes: dict[str, Any], limits: Limits, status: Status, reasons: list[str]) -> None:
    verdict = judge(fact(**changes), limits)
    assert verdict.status is status
    assert [str(point.reason) for point in verdict.points] == reasons


@pytest.mark.parametrize(
    ("people", "band"),
    [
        (None, Count.NOT_SEEN), (0, Count.NONE), (1, Count.ONE_TO_5), (5, Count.ONE_TO_5), (6, Count.SIX_TO_20),
        (20, Count.SIX_TO_20), (21, Count.OVER_20), (-1, Count.NONE),
    ],
)  # fmt: skip
def test_people_are_shared_as_a_band(people: int | None, band: Count) -> None:
    assert judge(fact(people=people), Limits()).measures["people"] is band


@pytest.mark.parametrize(("guest", "word"), [(True, Guest.ON), (False, Guest.OFF), (None, Guest.NOT_SEEN)])
def test_guest_is_shared_as_a_word(guest: bool | None, word: Guest) -> None:
    assert judge(fact(guest=guest), Limits()).measures["guest"] is word


def test_the_limit_is_shared() -> None:
    assert judge(fact(), Limits(max_people=4)).measures["limit_people"] == 4


@pytest.mark.parametrize(
    ("changes", "because"),
    [
        ({}, "no guest session, and accounts within the limit of 1"),
        ({"people": 7}, "more accounts can sign in than the limit of 1"),
        ({"guest": True}, "a guest can start a session without an account"),
        ({"directory": True}, "accounts of an organisation's directory may sign in, and cannot be counted here"),
        ({"previews": True}, "notifications show while the screen is locked"),
        ({"people": None}, "people not seen: the system does not say"),
    ],
)
def test_practice_it_reads_limits_only(changes: dict[str, Any], because: str) -> None:
    assert judge(fact(**changes), HIDDEN).points[0].because == because


def test_a_gap_says_why_nothing_was_seen() -> None:
    seen = fact(people=None, gaps=(Gap(part="people", why=Why.NOT_PERMITTED),))
    assert "was refused" in judge(seen, Limits()).points[0].because


def test_the_person_reads_the_exact_number() -> None:
    point = judge(fact(people=3), Limits()).points[0]
    assert said("shared_use", point.reason, point.exact) == "3 people's accounts can sign in to this laptop."


def test_every_reason_has_words_and_steps() -> None:
    words = guidance("shared_use").reasons
    assert set(words) == set(Reason)
    assert all("linux" in words[one].steps for one in Reason if one is not Reason.ONE_PERSON)


def test_the_check_is_what_policies_and_reports_say() -> None:
    assert (CHECK.id, CHECK.title, CHECK.severity) == ("shared_use", "Only one person uses this laptop", "medium")
    assert CHECK.requirements == ("R25",)
    assert CHECK.platforms == LAPTOPS
    bounds = {one.name: (one.default, one.metadata["minimum"], one.metadata["maximum"]) for one in fields(Limits)}
    assert bounds == {"max_people": (1, 1, 50), "hide_previews": (False, None, None)}


maybe = st.none() | st.booleans()


@given(
    st.builds(SharedUse, people=st.none() | st.integers(), directory=maybe, guest=maybe, previews=maybe),
    st.builds(Limits, max_people=st.integers(1, 50), hide_previews=st.booleans()),
)
def test_a_pass_needs_every_part(seen: SharedUse, limits: Limits) -> None:
    if judge(seen, limits).status is PASS:
        assert seen.people is not None
        assert seen.people <= limits.max_people
        assert seen.guest is False
        assert seen.directory is False
        assert seen.previews is False or not limits.hide_previews
