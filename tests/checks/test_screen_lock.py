"""The judge of the screen lock: every branch, and both sides of every limit."""

import re
import tomllib
from importlib import resources
from typing import Any

import pytest

from checks.evidence import Gap, Why
from checks.makers import Maker
from checks.model import Status
from checks.screen_lock.check import CHECK, Delay, Limits, Reason, judge
from checks.screen_lock.fact import NEVER_ASKS, Desktop, ScreenLock

GUIDANCE = tomllib.loads((resources.files("checks.screen_lock") / "guidance.toml").read_text("utf-8"))


def lock(**changes: Any) -> ScreenLock:
    """A lock that is as it should be."""
    good: dict[str, Any] = {
        "desktop": Desktop.GNOME, "locks": True, "idle_s": 300, "grace_s": 0, "on_resume": True,
        "password": True, "auto_login": False,
    }  # fmt: skip
    return ScreenLock(**{**good, **changes})


BROKEN = [
    ({"password": False}, Reason.NO_PASSWORD, "no password, PIN or the like is set"),
    ({"auto_login": True}, Reason.AUTO_LOGIN, "a session starts without a credential"),
    ({"locks": False}, Reason.LOCK_OFF, "locking is switched off"),
    ({"locks": False, "idle_s": None}, Reason.LOCK_OFF, "locking is switched off"),
    ({"idle_s": 0}, Reason.NEVER_LOCKS, "never locks by itself"),
    ({"idle_s": -1}, Reason.NEVER_LOCKS, "never locks by itself"),
    ({"idle_s": 301}, Reason.LOCKS_TOO_LATE, "locks later than the limit of 300 s"),
    ({"grace_s": 11}, Reason.GRACE_TOO_LONG, "asks for no credential for longer than 10 s after locking"),
    ({"grace_s": NEVER_ASKS}, Reason.OPENS_WITHOUT_PASSWORD, "a locked screen opens without a credential"),
    ({"on_resume": False}, Reason.NO_LOCK_ON_RESUME, "asks for no credential after sleep"),
    ({"stays_on": True}, Reason.STAYS_ON, "does not lock while it charges"),
    ({"extended_unlock": True}, Reason.EXTENDED_UNLOCK,
     "something else than the credential may open it or keep it open"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "reason", "because"), BROKEN)
def test_one_broken_part_fails(changes: dict[str, Any], reason: Reason, because: str) -> None:
    verdict = judge(lock(**changes), Limits())
    assert verdict.status is Status.FAIL
    assert [(point.reason, point.because) for point in verdict.points] == [(reason, because)]


@pytest.mark.parametrize(
    "changes", [{}, {"idle_s": 1}, {"idle_s": 299}, {"grace_s": 10}, {"desktop": Desktop.SWAY, "grace_s": 9}]
)
def test_everything_within_the_limits_passes(changes: dict[str, Any]) -> None:
    verdict = judge(lock(**changes), Limits())
    assert verdict.status is Status.PASS
    [point] = verdict.points
    assert (point.reason, point.because) == (Reason.LOCKED, "locks with a credential within 300 s")


UNSEEN = [
    ({"locks": None}, Reason.IDLE_NOT_SEEN, "idle not seen: the system does not say"),
    ({"locks": None, "idle_s": None}, Reason.IDLE_NOT_SEEN, "idle not seen: the system does not say"),
    ({"idle_s": None}, Reason.IDLE_NOT_SEEN, "idle not seen: the system does not say"),
    ({"grace_s": None}, Reason.GRACE_NOT_SEEN, "grace not seen: the system does not say"),
    ({"on_resume": None}, Reason.RESUME_NOT_SEEN, "resume not seen: the system does not say"),
    ({"password": None}, Reason.PASSWORD_NOT_SEEN, "password not seen: the system does not say"),
    ({"auto_login": None}, Reason.AUTO_LOGIN_NOT_SEEN, "auto login not seen: the system does not say"),
    ({"stays_on": None}, Reason.STAYS_ON_NOT_SEEN, "stays on not seen: the system does not say"),
    ({"extended_unlock": None}, Reason.EXTENDED_UNLOCK_NOT_SEEN, "extended unlock not seen: the system does not say"),
]


@pytest.mark.parametrize(("changes", "reason", "because"), UNSEEN)
def test_a_hidden_part_is_never_a_pass(changes: dict[str, Any], reason: Reason, because: str) -> None:
    verdict = judge(lock(**changes), Limits())
    assert verdict.status is Status.UNKNOWN
    assert [(point.reason, point.because) for point in verdict.points] == [(reason, because)]


def test_a_hidden_part_does_not_hide_a_broken_one() -> None:
    verdict = judge(lock(auto_login=True, idle_s=None), Limits())
    assert verdict.status is Status.FAIL
    assert [point.reason for point in verdict.points] == [Reason.AUTO_LOGIN, Reason.IDLE_NOT_SEEN]


@pytest.mark.parametrize(("idle_s", "reason"), [(0, Reason.NEVER_LOCKS), (301, Reason.LOCKS_TOO_LATE)])
def test_a_delay_that_breaks_the_limit_fails_whether_or_not_the_switch_is_seen(idle_s: int, reason: Reason) -> None:
    verdict = judge(lock(locks=None, idle_s=idle_s), Limits())
    assert verdict.status is Status.FAIL
    assert [point.reason for point in verdict.points] == [reason, Reason.IDLE_NOT_SEEN]


def test_a_laptop_needs_no_word_on_what_only_phones_have() -> None:
    seen = lock()
    assert (seen.stays_on, seen.extended_unlock, seen.maker) == (False, False, None)


@pytest.mark.parametrize("changes", [{}, {"stays_on": True}, {"idle_s": None}])
def test_every_point_of_a_phone_names_its_maker_and_nothing_of_that_travels(changes: dict[str, Any]) -> None:
    told, plain = judge(lock(maker=Maker.SAMSUNG, **changes), Limits()), judge(lock(**changes), Limits())
    assert [point.exact for point in told.points] == [{**point.exact, "maker": "samsung"} for point in plain.points]
    assert [point.because for point in told.points] == [point.because for point in plain.points]
    assert (told.status, told.measures) == (plain.status, plain.measures)


def test_the_gap_says_why_a_part_is_hidden() -> None:
    gap = Gap(part="idle", why=Why.NO_SESSION)
    [point] = judge(lock(idle_s=None, gaps=(gap,)), Limits()).points
    assert point.because == "idle not seen: there is no desktop session to ask"
    assert point.exact == {"why": Why.NO_SESSION}


def test_exact_seconds_stay_beside_the_sentence_that_travels() -> None:
    late, grace = judge(lock(idle_s=4500, grace_s=77), Limits()).points
    assert late.exact == {"idle_s": 4500, "limit_s": 300}
    assert grace.exact == {"grace_s": 77}
    assert judge(lock(idle_s=0), Limits()).points[0].exact == {"limit_s": 300}
    assert "4500" not in late.because
    assert "77" not in grace.because


@pytest.mark.parametrize(
    ("changes", "delay"),
    [
        ({"locks": False, "idle_s": 300}, Delay.NEVER), ({"idle_s": 0}, Delay.NEVER),
        ({"idle_s": 1}, Delay.UP_TO_5_MIN),
        ({"idle_s": 300}, Delay.UP_TO_5_MIN), ({"idle_s": 301}, Delay.UP_TO_15_MIN),
        ({"idle_s": 900}, Delay.UP_TO_15_MIN), ({"idle_s": 901}, Delay.OVER_15_MIN), ({"idle_s": None}, Delay.NOT_SEEN),
    ],
)  # fmt: skip
def test_the_delay_travels_as_a_band(changes: dict[str, Any], delay: Delay) -> None:
    measures = judge(lock(**changes), Limits(max_idle_s=600)).measures
    assert measures == {"desktop": Desktop.GNOME, "delay": delay, "limit_s": 600}


def test_limits_are_the_policys() -> None:
    assert judge(lock(idle_s=900), Limits(max_idle_s=900)).status is Status.PASS
    assert judge(lock(grace_s=0), Limits(max_grace_s=0)).status is Status.PASS
    assert judge(lock(grace_s=1), Limits(max_grace_s=0)).status is Status.FAIL
    assert judge(lock(on_resume=False), Limits(on_resume=False)).status is Status.PASS
    assert judge(lock(on_resume=None), Limits(on_resume=False)).status is Status.PASS


def test_the_check_declares_itself() -> None:
    assert (CHECK.id, CHECK.fact, CHECK.limits, CHECK.judge) == ("screen_lock", ScreenLock, Limits, judge)
    assert set(CHECK.measures) == set(judge(lock(), Limits()).measures)
    assert CHECK.requirements == ("R1",)


def test_every_reason_has_its_words_and_every_shortcoming_its_steps() -> None:
    reasons = GUIDANCE["reasons"]
    assert set(reasons) == set(Reason)
    assert all(entry["said"] for entry in reasons.values())
    for code in set(Reason) - {Reason.LOCKED}:
        steps = reasons[code]["steps"]
        assert steps.get("linux") or steps.get("any"), code
        assert steps.get("android") or steps.get("any"), code
    assert "steps" not in reasons[Reason.LOCKED]


def test_every_placeholder_is_filled_by_the_point() -> None:
    points = [point for changes, *_ in (*BROKEN, *UNSEEN) for point in judge(lock(**changes), Limits()).points]
    for point in points:
        entry = GUIDANCE["reasons"][point.reason]
        lines = [entry["said"], *(line for steps in entry["steps"].values() for line in steps)]
        wanted = {name for line in lines for name in re.findall(r"\{(\w+)\}", line)}
        assert wanted <= {name.removesuffix("_s") for name in point.exact}, point.reason


def test_each_makers_steps_are_found_before_those_of_any_android() -> None:
    keys = {key for entry in GUIDANCE["reasons"].values() for key in entry.get("steps", {})}
    assert keys <= {*Desktop, *Maker, "linux", "any"}
    assert {Maker.SAMSUNG, Maker.GOOGLE, Maker.XIAOMI, "android"} <= set(GUIDANCE["reasons"]["no_password"]["steps"])
