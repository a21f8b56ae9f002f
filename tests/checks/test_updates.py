"""What makes a system old, and what leaves it unclear."""

from dataclasses import fields
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.bands import Age
from checks.evidence import Gap, Why
from checks.guidance import guidance, said, steps
from checks.makers import Maker
from checks.model import LAPTOPS, PHONES, Status
from checks.updates.check import CHECK, Limits, Reason, Restart, Support, judge
from checks.updates.fact import Dated, Updates

FAIL, UNKNOWN, PASS = Status.FAIL, Status.UNKNOWN, Status.PASS
ASKED = Limits(automatic=True)


def fact(**changes: Any) -> Updates:
    values: dict[str, Any] = {
        "supported": True, "supported_until": date(2028, 6, 30), "last_update_days": 3, "automatic": True,
        "restart_pending": False, "restart_days": None,
    }  # fmt: skip
    return Updates(**{**values, **changes})


TABLE: list[tuple[dict[str, Any], Limits, Status, list[str]]] = [
    ({}, Limits(), PASS, ["up_to_date"]),
    ({"supported_until": None}, Limits(), PASS, ["up_to_date"]),
    ({"supported": False}, Limits(), FAIL, ["support_ended"]),
    ({"supported": None}, Limits(), UNKNOWN, ["support_not_seen"]),
    ({"last_update_days": 0}, Limits(), PASS, ["up_to_date"]),
    ({"last_update_days": 30}, Limits(), PASS, ["up_to_date"]),
    ({"last_update_days": 31}, Limits(), FAIL, ["updated_too_long_ago"]),
    ({"last_update_days": 2}, Limits(max_update_age_days=1), FAIL, ["updated_too_long_ago"]),
    ({"last_update_days": 1}, Limits(max_update_age_days=1), PASS, ["up_to_date"]),
    ({"last_update_days": None}, Limits(), UNKNOWN, ["last_update_not_seen"]),
    ({"last_update_days": -1}, Limits(), UNKNOWN, ["last_update_not_seen"]),
    ({"restart_pending": True, "restart_days": 7}, Limits(), PASS, ["up_to_date"]),
    ({"restart_pending": True, "restart_days": 8}, Limits(), FAIL, ["restart_overdue"]),
    ({"restart_pending": True, "restart_days": 0}, Limits(max_restart_days=0), PASS, ["up_to_date"]),
    ({"restart_pending": True, "restart_days": 1}, Limits(max_restart_days=0), FAIL, ["restart_overdue"]),
    ({"restart_pending": True, "restart_days": None}, Limits(), UNKNOWN, ["restart_not_seen"]),
    ({"restart_pending": True, "restart_days": -1}, Limits(), UNKNOWN, ["restart_not_seen"]),
    ({"restart_pending": None, "restart_days": 99}, Limits(), UNKNOWN, ["restart_not_seen"]),
    ({"restart_pending": False, "restart_days": 99}, Limits(), PASS, ["up_to_date"]),
    ({"restart_pending": False}, Limits(max_restart_days=0), PASS, ["up_to_date"]),
    ({"automatic": False}, Limits(), PASS, ["up_to_date"]),
    ({"automatic": None}, Limits(), PASS, ["up_to_date"]),
    ({"automatic": True}, ASKED, PASS, ["up_to_date"]),
    ({"automatic": False}, ASKED, FAIL, ["not_automatic"]),
    ({"automatic": None}, ASKED, UNKNOWN, ["automatic_not_seen"]),
    ({"supported": None, "last_update_days": 31}, Limits(), FAIL, ["updated_too_long_ago", "support_not_seen"]),
    (
        {"supported": False, "last_update_days": 91, "restart_pending": True, "restart_days": 9, "automatic": False},
        ASKED,
        FAIL,
        ["support_ended", "updated_too_long_ago", "restart_overdue", "not_automatic"],
    ),
]


PHONE: dict[str, Any] = {"dated": Dated.PUBLISHED, "restart_pending": None}
PHONES_TABLE: list[tuple[dict[str, Any], Limits, Status, list[str]]] = [
    ({}, Limits(), PASS, ["up_to_date"]),
    ({"last_update_days": 90}, Limits(), PASS, ["up_to_date"]),
    ({"last_update_days": 91}, Limits(), FAIL, ["patch_too_old"]),
    ({"last_update_days": 31}, Limits(max_patch_age_days=30), FAIL, ["patch_too_old"]),
    ({"last_update_days": 30}, Limits(max_patch_age_days=30), PASS, ["up_to_date"]),
    ({"last_update_days": 31}, Limits(max_update_age_days=1), PASS, ["up_to_date"]),
    ({"last_update_days": None}, Limits(), UNKNOWN, ["last_update_not_seen"]),
    ({"last_update_days": -1}, Limits(), UNKNOWN, ["last_update_not_seen"]),
    ({"supported": None}, Limits(), UNKNOWN, ["support_not_seen"]),
    ({"supported": False, "last_update_days": 999}, Limits(), FAIL, ["support_ended", "patch_too_old"]),
    ({"restart_pending": True, "restart_days": 8}, Limits(), FAIL, ["restart_overdue"]),
    ({"restart_pending": True, "restart_days": 7}, Limits(), PASS, ["up_to_date"]),
    ({"automatic": None}, ASKED, UNKNOWN, ["automatic_not_seen"]),
    ({"automatic": False}, ASKED, FAIL, ["not_automatic"]),
]


@pytest.mark.parametrize(("changes", "limits", "status", "reasons"), PHONES_TABLE)
def test_a_system_of_one_dated_patch_is_judged_by_that_date(
    changes: dict[str, Any], limits: Limits, status: Status, reasons: list[str]
) -> None:
    verdict = judge(fact(**{**PHONE, **changes}), limits)
    assert verdict.status is status
    assert [str(point.reason) for point in verdict.points] == reasons


def test_the_limit_of_a_dated_patch_is_shared() -> None:
    measures = judge(fact(**PHONE), Limits(max_patch_age_days=60)).measures
    assert measures["limit_days"] == 60
    assert measures["restart"] is Restart.NOT_ASKED


def test_practice_it_reads_the_limit_of_a_dated_patch() -> None:
    kept = judge(fact(**PHONE), Limits()).points[0]
    assert kept.because == "supported by its maker and runs a security patch dated within 90 days"
    old = judge(fact(**{**PHONE, "last_update_days": 91}), Limits()).points[0]
    assert old.because == "the security patch that runs is older than the limit of 90 days"


def test_the_person_reads_how_old_the_patch_is() -> None:
    point = judge(fact(**{**PHONE, "last_update_days": 293}), Limits()).points[0]
    sentence = "The security patch on this phone is 293 days old. Your practice asks for 90 days or less."
    assert said("updates", point.reason, point.exact) == sentence


@pytest.mark.parametrize("changes", [{"last_update_days": 91}, {"supported": False}])
def test_steps_are_those_of_the_maker(changes: dict[str, Any]) -> None:
    point = judge(fact(**{**PHONE, **changes, "maker": Maker.SAMSUNG}), Limits()).points[0]
    assert point.exact["maker"] == "samsung"
    told = steps("updates", point.reason, (str(point.exact["maker"]), "android"), point.exact)
    assert "Settings > Software update > Download and install" in told
    assert "maker" not in judge(fact(**{**PHONE, **changes}), Limits()).points[0].exact


@pytest.mark.parametrize(("changes", "limits", "status", "reasons"), TABLE)
def test_updates_are_judged(changes: dict[str, Any], limits: Limits, status: Status, reasons: list[str]) -> None:
    verdict = judge(fact(**changes), limits)
    assert verdict.status is status
    assert [str(point.reason) for point in verdict.points] == reasons


@pytest.mark.parametrize(
    ("days", "band"),
    [
        (None, Age.NOT_SEEN), (-1, Age.NOT_SEEN), (0, Age.UNDER_24_H), (1, Age.DAYS_1_7), (7, Age.DAYS_1_7),
        (8, Age.DAYS_8_90), (90, Age.DAYS_8_90), (91, Age.OVER_90_DAYS),
    ],
)  # fmt: skip
def test_age_is_shared_as_a_band(days: int | None, band: Age) -> None:
    assert judge(fact(last_update_days=days), Limits()).measures["last_update"] is band


@pytest.mark.parametrize(
    ("supported", "band"), [(True, Support.SUPPORTED), (False, Support.ENDED), (None, Support.NOT_SEEN)]
)
def test_support_is_shared(supported: bool | None, band: Support) -> None:
    assert judge(fact(supported=supported), Limits()).measures["support"] is band


@pytest.mark.parametrize(
    ("pending", "band"), [(True, Restart.PENDING), (False, Restart.NONE), (None, Restart.NOT_SEEN)]
)
def test_restart_is_shared(pending: bool | None, band: Restart) -> None:
    assert judge(fact(restart_pending=pending), Limits(max_update_age_days=9)).measures["restart"] is band


def test_the_limit_is_shared() -> None:
    assert judge(fact(), Limits(max_update_age_days=9)).measures["limit_days"] == 9


@pytest.mark.parametrize(
    ("changes", "because"),
    [
        ({}, "supported by its maker and updated within 30 days"),
        ({"supported": False}, "its maker no longer publishes security updates for this release"),
        ({"last_update_days": 31}, "updates were last installed longer ago than the limit of 30 days"),
        (
            {"restart_pending": True, "restart_days": 8},
            "an installed update has waited for a restart for longer than 7 days",
        ),
        ({"supported": None}, "support not seen: the system does not say"),
    ],
)
def test_practice_it_reads_limits_only(changes: dict[str, Any], because: str) -> None:
    assert judge(fact(**changes), Limits()).points[0].because == because


def test_practice_it_reads_that_updates_are_not_automatic() -> None:
    assert judge(fact(automatic=False), ASKED).points[0].because == "updates are not installed by themselves"


def test_a_gap_says_why_nothing_was_seen() -> None:
    seen = fact(last_update_days=None, gaps=(Gap(part="last_update", why=Why.NOT_PERMITTED),))
    assert "was refused" in judge(seen, Limits()).points[0].because


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"last_update_days": 1}, "It gets security updates, the last 1 day ago."),
        ({"last_update_days": 2}, "It gets security updates, the last 2 days ago."),
        ({"supported": False}, "This version of your system has had no security updates since 30 June 2028."),
        (
            {"supported": False, "supported_until": None},
            "This version of your system has had no security updates since an earlier day.",
        ),
        (
            {"last_update_days": 45},
            "The newest update that we can see went in 45 days ago. Your practice asks for 30 days or less.",
        ),
        ({"restart_pending": True, "restart_days": 12}, "An update has been waiting for a restart for 12 days."),
    ],
)
def test_the_person_reads_exact_values(changes: dict[str, Any], sentence: str) -> None:
    point = judge(fact(**changes), Limits()).points[0]
    assert said("updates", point.reason, point.exact) == sentence


def test_every_reason_has_words_and_steps() -> None:
    words = guidance("updates").reasons
    assert set(words) == set(Reason)
    others = set(Reason) - {Reason.UP_TO_DATE}
    assert all("linux" in words[one].steps for one in others - {Reason.PATCH_TOO_OLD})
    assert all({"android", "any"} & set(words[one].steps) for one in others)


def test_the_check_is_what_policies_and_reports_say() -> None:
    assert (CHECK.id, CHECK.title, CHECK.severity) == ("updates", "System is supported and recently updated", "medium")
    assert CHECK.requirements == ("R18",)
    assert CHECK.platforms == LAPTOPS | PHONES
    bounds = {one.name: (one.default, one.metadata["minimum"], one.metadata["maximum"]) for one in fields(Limits)}
    assert bounds == {
        "max_update_age_days": (30, 1, 365), "max_patch_age_days": (90, 1, 365), "max_restart_days": (7, 0, 90),
        "automatic": (False, None, None),
    }  # fmt: skip


maybe = st.none() | st.booleans()
number = st.none() | st.integers()


@given(
    st.builds(
        Updates,
        supported=maybe, supported_until=st.none() | st.dates(), last_update_days=number, automatic=maybe,
        restart_pending=maybe, restart_days=number, dated=st.sampled_from(Dated),
    ),
    st.builds(
        Limits, max_update_age_days=st.integers(1, 365), max_patch_age_days=st.integers(1, 365),
        max_restart_days=st.integers(0, 90), automatic=st.booleans(),
    ),
)  # fmt: skip
def test_a_pass_needs_every_part(seen: Updates, limits: Limits) -> None:
    if judge(seen, limits).status is PASS:
        assert seen.supported is True
        assert seen.last_update_days is not None
        phone = seen.dated is Dated.PUBLISHED
        most = limits.max_patch_age_days if phone else limits.max_update_age_days
        assert 0 <= seen.last_update_days <= most
        assert seen.restart_pending is not None or phone
        assert seen.automatic or not limits.automatic
