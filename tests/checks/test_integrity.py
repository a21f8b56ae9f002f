"""What makes a system one that cannot be trusted, and what leaves it unclear."""

from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.evidence import Gap, Why
from checks.guidance import guidance, said
from checks.integrity.check import CHECK, Limits, Past, Reason, Root, Start, Unlocking, judge
from checks.integrity.fact import Boot, History, Integrity
from checks.model import PHONES, Status

FAIL, UNKNOWN, PASS = Status.FAIL, Status.UNKNOWN, Status.PASS
STRICT = Limits(never_altered=True, no_unlocking=True)
OPEN = Limits(other_systems=True)


def fact(**changes: Any) -> Integrity:
    values: dict[str, Any] = {
        "virtual": False, "boot": Boot.VERIFIED, "root_program": False, "root_app": False, "root_rights": False,
        "test_build": False, "history": History.CLEAN, "unlocking": False,
    }  # fmt: skip
    return Integrity(**{**values, **changes})


TABLE: list[tuple[dict[str, Any], Limits, Status, list[str]]] = [
    ({}, Limits(), PASS, ["no_trace"]),
    ({}, STRICT, PASS, ["no_trace"]),
    ({"boot": Boot.UNLOCKED}, Limits(), FAIL, ["unlocked"]),
    ({"boot": Boot.UNLOCKED}, OPEN, FAIL, ["unlocked"]),
    ({"boot": Boot.FAILED}, Limits(), FAIL, ["start_check_failed"]),
    ({"boot": Boot.OTHER_KEY}, Limits(), UNKNOWN, ["other_system"]),
    ({"boot": Boot.OTHER_KEY}, OPEN, PASS, ["no_trace"]),
    ({"boot": Boot.CONTRADICTED}, Limits(), UNKNOWN, ["contradiction"]),
    ({"boot": Boot.CONTRADICTED}, OPEN, UNKNOWN, ["contradiction"]),
    ({"boot": None}, Limits(), UNKNOWN, ["boot_not_seen"]),
    ({"root_program": True}, Limits(), FAIL, ["root_program"]),
    ({"root_program": None}, Limits(), UNKNOWN, ["root_program_not_seen"]),
    ({"root_app": True}, Limits(), FAIL, ["root_app"]),
    ({"root_app": None}, Limits(), UNKNOWN, ["root_app_not_seen"]),
    ({"root_rights": True}, Limits(), FAIL, ["root_rights"]),
    ({"root_rights": None}, Limits(), UNKNOWN, ["root_rights_not_seen"]),
    ({"test_build": True}, Limits(), FAIL, ["test_build"]),
    ({"test_build": None}, Limits(), UNKNOWN, ["test_build_not_seen"]),
    ({"history": History.ALTERED}, Limits(), PASS, ["no_trace"]),
    ({"history": None}, Limits(), PASS, ["no_trace"]),
    ({"history": History.ALTERED}, STRICT, FAIL, ["altered_once"]),
    ({"history": History.NOT_KEPT}, STRICT, PASS, ["no_trace"]),
    ({"history": None}, STRICT, UNKNOWN, ["history_not_seen"]),
    ({"unlocking": True}, Limits(), PASS, ["no_trace"]),
    ({"unlocking": None}, Limits(), PASS, ["no_trace"]),
    ({"unlocking": True}, STRICT, FAIL, ["unlocking_allowed"]),
    ({"unlocking": None}, STRICT, UNKNOWN, ["unlocking_not_seen"]),
    ({"virtual": True}, Limits(), UNKNOWN, ["not_a_real_device"]),
    ({"virtual": True, "boot": Boot.UNLOCKED, "test_build": True}, Limits(), UNKNOWN, ["not_a_real_device"]),
    ({"virtual": True, "boot": None}, STRICT, UNKNOWN, ["not_a_real_device"]),
    ({"virtual": None}, Limits(), UNKNOWN, ["device_not_seen"]),
    ({"virtual": None, "root_app": True}, Limits(), FAIL, ["root_app", "device_not_seen"]),
    ({"boot": Boot.CONTRADICTED, "root_app": True}, Limits(), FAIL, ["root_app", "contradiction"]),
    (
        {"boot": Boot.UNLOCKED, "root_rights": True, "root_program": True, "root_app": True, "test_build": True},
        Limits(),
        FAIL,
        ["unlocked", "root_rights", "root_program", "root_app", "test_build"],
    ),
]


@pytest.mark.parametrize(("changes", "limits", "status", "reasons"), TABLE)
def test_integrity_is_judged(changes: dict[str, Any], limits: Limits, status: Status, reasons: list[str]) -> None:
    verdict = judge(fact(**changes), limits)
    assert verdict.status is status
    assert [str(point.reason) for point in verdict.points] == reasons


@pytest.mark.parametrize("boot", list(Boot))
def test_the_start_is_shared(boot: Boot) -> None:
    assert judge(fact(boot=boot), Limits()).measures["start"] is Start(boot)
    assert judge(fact(boot=None), Limits()).measures["start"] is Start.NOT_SEEN


@pytest.mark.parametrize("history", list(History))
def test_the_past_is_shared(history: History) -> None:
    assert judge(fact(history=history), Limits()).measures["history"] is Past(history)
    assert judge(fact(history=None), Limits()).measures["history"] is Past.NOT_SEEN


@pytest.mark.parametrize("part", ["root_program", "root_app", "root_rights", "test_build"])
def test_one_trace_is_enough_and_one_blind_spot_hides_that_there_is_none(part: str) -> None:
    assert judge(fact(**{part: True}), Limits()).measures["root"] is Root.FOUND
    assert judge(fact(**{part: None}), Limits()).measures["root"] is Root.NOT_SEEN
    assert judge(fact(), Limits()).measures["root"] is Root.NONE_FOUND


@pytest.mark.parametrize(
    ("unlocking", "word"), [(True, Unlocking.ALLOWED), (False, Unlocking.FORBIDDEN), (None, Unlocking.NOT_SEEN)]
)
def test_unlocking_is_shared(unlocking: bool | None, word: Unlocking) -> None:
    assert judge(fact(unlocking=unlocking), Limits()).measures["unlocking"] is word


BECAUSE: list[tuple[dict[str, Any], Limits, str]] = [
    ({}, Limits(), "verified when it started, and no known trace of full access found"),
    ({"boot": Boot.UNLOCKED}, Limits(), "it takes any system: what runs was not verified when it started"),
    ({"boot": Boot.FAILED}, Limits(), "what runs is not what was signed"),
    ({"root_rights": True}, Limits(), "whoever is connected has full access"),
    ({"root_program": True}, Limits(), "a program that gives full access is there"),
    ({"root_app": True}, Limits(), "an app that hands out full access is there"),
    ({"test_build": True}, Limits(), "the system was built for developers"),
    ({"history": History.ALTERED}, STRICT, "it remembers a system that was not its maker's"),
    ({"unlocking": True}, STRICT, "its settings allow that it is made to take any system"),
    ({"virtual": True}, Limits(), "it is software that imitates a device"),
    ({"boot": Boot.CONTRADICTED}, Limits(), "what it says of its start does not fit together"),
    ({"boot": Boot.OTHER_KEY}, Limits(), "it runs a verified system that is not its maker's"),
]


@pytest.mark.parametrize(("changes", "limits", "because"), BECAUSE)
def test_practice_it_reads_what_was_seen(changes: dict[str, Any], limits: Limits, because: str) -> None:
    assert judge(fact(**changes), limits).points[0].because == because


def test_a_gap_says_why_nothing_was_seen() -> None:
    seen = fact(root_app=None, gaps=(Gap(part="root_app", why=Why.NOT_PERMITTED),))
    assert "was refused" in judge(seen, Limits()).points[0].because


def test_the_person_is_told_that_no_trace_is_no_proof() -> None:
    assert "well hidden" in said("integrity", "no_trace", {})


def test_every_reason_has_words_and_steps_for_a_phone() -> None:
    words = guidance("integrity").reasons
    assert set(words) == set(Reason)
    assert all({"android", "any"} & set(words[one].steps) for one in Reason if one is not Reason.NO_TRACE)


def test_the_check_is_what_policies_and_reports_say() -> None:
    title = "System was verified at its start and shows no trace of full access"
    assert (CHECK.id, CHECK.title, CHECK.severity) == ("integrity", title, "high")
    assert CHECK.requirements == ("R18",)
    assert CHECK.platforms == PHONES
    assert {one.name: one.default for one in fields(Limits)} == {
        "other_systems": False, "never_altered": False, "no_unlocking": False
    }  # fmt: skip


maybe = st.none() | st.booleans()


@given(
    st.builds(
        Integrity,
        virtual=maybe, boot=st.none() | st.sampled_from(Boot), root_program=maybe, root_app=maybe, root_rights=maybe,
        test_build=maybe, history=st.none() | st.sampled_from(History), unlocking=maybe,
    ),
    st.builds(Limits, other_systems=st.booleans(), never_altered=st.booleans(), no_unlocking=st.booleans()),
)  # fmt: skip
def test_a_pass_needs_every_part(seen: Integrity, limits: Limits) -> None:
    if judge(seen, limits).status is PASS:
        assert seen.virtual is False
        assert seen.boot is Boot.VERIFIED or (limits.other_systems and seen.boot is Boot.OTHER_KEY)
        assert not any((seen.root_program, seen.root_app, seen.root_rights, seen.test_build))
        assert None not in (seen.root_program, seen.root_app, seen.root_rights, seen.test_build)
        assert not limits.never_altered or seen.history in (History.CLEAN, History.NOT_KEPT)
        assert not limits.no_unlocking or seen.unlocking is False
