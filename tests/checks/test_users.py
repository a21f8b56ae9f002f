"""What makes a phone shared, which profiles stay out of sight, and what the practice may allow."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.bands import Count
from checks.evidence import Gap, Why
from checks.guidance import guidance, said, steps
from checks.makers import Maker
from checks.model import PHONES, Severity, Status
from checks.users.check import CHECK, Guest, Limits, Reason, judge
from checks.users.fact import Space, Users

FAIL, UNKNOWN, PASS = Status.FAIL, Status.UNKNOWN, Status.PASS
WORK = Limits(allowed_profiles=(Space.WORK_PROFILE,))
ALL = Limits(max_people=50, allowed_profiles=tuple(Space))
CUT = (Gap(part="further_users", why=Why.TIMED_OUT, detail="secret"),)


def fact(**changes: Any) -> Users:
    values: dict[str, Any] = {"people": 1, "guest": False, "spaces": (), "all_listed": True}
    return Users(**{**values, **changes})


TABLE: list[tuple[dict[str, Any], Limits, Status, list[str]]] = [
    ({}, Limits(), PASS, ["one_person"]),
    ({"people": 0}, Limits(), PASS, ["one_person"]),
    ({"people": 2}, Limits(), FAIL, ["more_people"]),
    ({"people": 2}, Limits(max_people=2), PASS, ["allowed_only"]),
    ({"people": 3}, Limits(max_people=2), FAIL, ["more_people"]),
    ({"guest": True}, Limits(), FAIL, ["guest"]),
    ({"guest": True}, ALL, FAIL, ["guest"]),
    ({"spaces": (Space.WORK_PROFILE,)}, Limits(), UNKNOWN, ["work_profile_not_inspected"]),
    ({"spaces": (Space.SECURE_FOLDER,)}, WORK, UNKNOWN, ["secure_folder_not_inspected"]),
    ({"spaces": (Space.CLONE,)}, WORK, UNKNOWN, ["clone_not_inspected"]),
    ({"spaces": (Space.PRIVATE_SPACE,)}, WORK, UNKNOWN, ["private_space_not_inspected"]),
    ({"spaces": (Space.WORK_PROFILE,)}, WORK, PASS, ["allowed_only"]),
    ({"spaces": (Space.CLONE, Space.PRIVATE_SPACE)}, ALL, PASS, ["allowed_only"]),
    ({"spaces": (Space.OTHER,)}, ALL, UNKNOWN, ["other_not_inspected"]),
    ({"spaces": (Space.WORK_PROFILE, Space.CLONE)}, WORK, UNKNOWN, ["clone_not_inspected"]),
    ({"all_listed": False}, ALL, UNKNOWN, ["further_users_not_seen"]),
    ({"all_listed": False, "people": 2}, Limits(), FAIL, ["more_people", "further_users_not_seen"]),
    ({"people": 2, "guest": True, "spaces": (Space.CLONE,)}, Limits(), FAIL,
     ["more_people", "guest", "clone_not_inspected"]),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "limits", "status", "reasons"), TABLE)
def test_users_are_judged(changes: dict[str, Any], limits: Limits, status: Status, reasons: list[str]) -> None:
    verdict = judge(fact(**changes), limits)
    assert verdict.status is status
    assert [str(point.reason) for point in verdict.points] == reasons


@pytest.mark.parametrize(
    ("changes", "people", "guest", "spaces"),
    [
        ({}, Count.ONE_TO_5, Guest.OFF, ()),
        ({"people": 6, "guest": True}, Count.SIX_TO_20, Guest.ON, ()),
        ({"all_listed": False}, Count.NOT_SEEN, Guest.NOT_SEEN, ()),
        ({"all_listed": False, "guest": True}, Count.NOT_SEEN, Guest.ON, ()),
        ({"spaces": (Space.CLONE, Space.OTHER)}, Count.ONE_TO_5, Guest.OFF, (Space.CLONE, Space.OTHER)),
    ],
)
def test_only_bands_and_kinds_are_shared(
    changes: dict[str, Any], people: Count, guest: Guest, spaces: tuple[Space, ...]
) -> None:
    shared = {"people": people, "guest": guest, "not_inspected": spaces, "limit_people": 7}
    assert judge(fact(**changes), Limits(max_people=7)).measures == shared


SENTENCES = [
    ({}, Limits(), "one person, no guest and no further profile"),
    ({"people": 2}, Limits(max_people=3),
     "people within the limit of 3 and profiles that the policy allows, not inspected"),
    ({"people": 3}, Limits(max_people=2), "more people have a user of their own than the limit of 2"),
    ({"guest": True}, Limits(), "a guest can use the phone"),
    ({"spaces": (Space.SECURE_FOLDER,)}, Limits(),
     "secure folder not inspected: it lies in a profile that only its own user may look into"),
    ({"all_listed": False, "gaps": CUT}, Limits(), "further users not seen: no answer came within the time limit"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "limits", "because"), SENTENCES)
def test_the_practice_reads(changes: dict[str, Any], limits: Limits, because: str) -> None:
    (point,) = judge(fact(**changes), limits).points
    assert point.because == because


def test_the_number_of_people_and_the_maker_stay_with_the_person() -> None:
    (people, guest) = judge(fact(people=4, guest=True, maker=Maker.SAMSUNG), Limits()).points
    assert people.exact == {"people": 4, "maker": "samsung"}
    assert guest.exact == {"maker": "samsung"}
    (people,) = judge(fact(people=4), Limits()).points
    assert people.exact == {"people": 4}


def test_what_is_out_of_sight_says_why() -> None:
    profile, rest = judge(fact(spaces=(Space.CLONE,), all_listed=False, gaps=CUT, maker=Maker.VIVO), Limits()).points
    assert profile.exact == {"why": Why.OTHER_PROFILE, "maker": "vivo"}
    assert rest.exact == {"why": Why.TIMED_OUT}


def test_menus_are_those_of_the_maker() -> None:
    (point,) = judge(fact(spaces=(Space.CLONE,), maker=Maker.SAMSUNG), Limits()).points
    named = (str(point.exact["maker"]), "android", "any")
    assert "Dual Messenger" in steps("users", point.reason, named, point.exact)[0]
    assert "search for Clone" in steps("users", point.reason, ("sony", "android", "any"), {})[0]


def test_the_person_reads_how_many_people_there_are() -> None:
    assert said("users", "more_people", {"people": 2}).startswith("2 people")


def test_every_bad_reason_has_steps_for_any_phone() -> None:
    words = guidance("users")
    assert set(words.reasons) == set(Reason)
    for code in set(Reason) - {Reason.ONE_PERSON, Reason.ALLOWED_ONLY}:
        assert "any" in words.reasons[code].steps, code
    assert {"android", "any"} <= set(words.by_hand)


@given(
    people=st.integers(0, 60), guest=st.booleans(), spaces=st.lists(st.sampled_from(Space), unique=True),
    listed=st.booleans(), allowed=st.lists(st.sampled_from(Space), unique=True), most=st.integers(1, 50),
)  # fmt: skip
def test_a_pass_needs_a_whole_list_without_guests_and_nothing_that_is_not_allowed(
    people: int, guest: bool, spaces: list[Space], listed: bool, allowed: list[Space], most: int
) -> None:
    limits = Limits(max_people=most, allowed_profiles=tuple(allowed))
    verdict = judge(fact(people=people, guest=guest, spaces=tuple(spaces), all_listed=listed), limits)
    fine = listed and not guest and people <= most and set(spaces) <= set(allowed) - {Space.OTHER}
    assert (verdict.status is PASS) is fine


def test_what_the_check_declares() -> None:
    assert (CHECK.id, CHECK.severity, CHECK.requirements) == ("users", Severity.MEDIUM, ("R25",))
    assert (CHECK.platforms, CHECK.reasons, CHECK.fact) == (PHONES, Reason, Users)
    assert CHECK.title == "One person uses this phone, with no part of it out of sight"
    assert CHECK.measures == {"people": Count, "guest": Guest, "not_inspected": Space, "limit_people": int}
    assert (Limits().max_people, Limits().allowed_profiles) == (1, ())
    bounds = Limits.__dataclass_fields__["max_people"].metadata
    assert (bounds["minimum"], bounds["maximum"]) == (1, 50)


def test_words_that_travel_stay_as_they_are() -> None:
    assert [str(one) for one in Space] == ["work_profile", "secure_folder", "clone", "private_space", "other"]
    assert [str(one) for one in Guest] == ["off", "on", "not_seen"]
