"""The judge of encryption, branch by branch."""

import tomllib
from importlib import resources
from typing import Any

import pytest

from checks.encryption.check import CHECK, Limits, Reason, Seen, judge
from checks.encryption.fact import Encryption, Machine
from checks.evidence import Gap, Why
from checks.model import LAPTOPS, PHONES, Severity, Status

STRICT = Limits(system=True, swap=True)


def seen(**changes: Any) -> Encryption:
    """A real laptop, encrypted throughout, but for the changes."""
    parts = {"home": True, "inside": True, "system": True, "swap": True, "machine": Machine.REAL}
    return Encryption(**{**parts, **changes})


TABLE = [
    ({}, Limits(), Status.PASS, ["encrypted"]),
    ({}, STRICT, Status.PASS, ["encrypted"]),
    ({"home": False}, Limits(), Status.FAIL, ["home_not_encrypted"]),
    ({"inside": False}, Limits(), Status.FAIL, ["inside_not_encrypted"]),
    ({"home": None}, Limits(), Status.UNKNOWN, ["home_not_seen"]),
    ({"inside": None}, Limits(), Status.UNKNOWN, ["inside_not_seen"]),
    ({"home": None, "inside": False}, Limits(), Status.FAIL, ["inside_not_encrypted", "home_not_seen"]),
    ({"system": False}, Limits(), Status.PASS, ["encrypted", "system_not_encrypted"]),
    ({"swap": False}, Limits(), Status.PASS, ["encrypted", "swap_not_encrypted"]),
    ({"system": None, "swap": None}, Limits(), Status.PASS, ["encrypted"]),
    ({"system": False}, Limits(system=True), Status.FAIL, ["system_not_encrypted"]),
    ({"swap": False}, Limits(swap=True), Status.FAIL, ["swap_not_encrypted"]),
    ({"system": None}, Limits(system=True), Status.UNKNOWN, ["system_not_seen"]),
    ({"swap": None}, Limits(swap=True), Status.UNKNOWN, ["swap_not_seen"]),
    ({"swap": None}, Limits(system=True), Status.PASS, ["encrypted"]),
    ({"system": None}, Limits(swap=True), Status.PASS, ["encrypted"]),
    ({"home": False, "swap": False}, Limits(), Status.FAIL, ["home_not_encrypted"]),
    ({"home": False, "machine": Machine.VIRTUAL}, Limits(), Status.UNKNOWN, ["host_not_seen"]),
    ({"home": False, "machine": Machine.CONTAINER}, Limits(), Status.UNKNOWN, ["host_not_seen"]),
    ({"home": False, "machine": None}, Limits(), Status.UNKNOWN, ["machine_not_seen"]),
    ({"home": None, "machine": None}, Limits(), Status.UNKNOWN, ["home_not_seen"]),
    ({"inside": False, "home": None, "machine": Machine.VIRTUAL}, Limits(), Status.UNKNOWN,
     ["host_not_seen", "home_not_seen"]),
    ({"machine": None}, Limits(), Status.PASS, ["encrypted"]),
    ({"machine": Machine.VIRTUAL}, STRICT, Status.PASS, ["encrypted"]),
    ({"machine": Machine.VIRTUAL, "swap": False}, Limits(), Status.PASS, ["encrypted"]),
    ({"machine": Machine.CONTAINER, "swap": False}, STRICT, Status.UNKNOWN, ["host_not_seen"]),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "limits", "status", "reasons"), TABLE)
def test_judge_says(changes: dict[str, Any], limits: Limits, status: Status, reasons: list[str]) -> None:
    verdict = judge(seen(**changes), limits)
    assert verdict.status is status
    assert [point.reason for point in verdict.points] == reasons


def test_by_default_only_the_home_folder_counts() -> None:
    assert (Limits().system, Limits().swap) == (False, False)


def test_parts_are_shared_as_three_words() -> None:
    verdict = judge(seen(home=False, inside=None, swap=True), Limits())
    assert verdict.measures == {
        "home": Seen.PLAIN, "inside": Seen.NOT_SEEN, "system": Seen.NO_PLAIN_DISK, "swap": Seen.NO_PLAIN_DISK
    }  # fmt: skip
    assert judge(seen(system=False), Limits()).measures["system"] is Seen.PLAIN


@pytest.mark.parametrize(
    ("changes", "limits", "because"),
    [
        ({}, Limits(), "what holds the home folder is encrypted"),
        ({"home": False}, Limits(), "the home folder lies on a disk that is not encrypted"),
        ({"inside": False}, Limits(), "a disk reached from the home folder is not encrypted"),
        ({"system": False}, STRICT, "the system's own files are not encrypted"),
        ({"swap": False}, STRICT, "memory is written to a disk that is not encrypted"),
        ({"home": False, "machine": Machine.VIRTUAL}, Limits(),
         "runs in a container or virtual machine, whose host may or may not encrypt"),
        ({"home": None, "gaps": (Gap(part="home", why=Why.NOT_PERMITTED, detail="/secret"),)}, Limits(),
         "home not seen: access to it was refused"),
        ({"home": False, "machine": None, "gaps": (Gap(part="machine", why=Why.UNREADABLE),)}, Limits(),
         "machine not seen: the place where this is kept could not be read"),
    ],
)  # fmt: skip
def test_the_practice_reads(changes: dict[str, Any], limits: Limits, because: str) -> None:
    assert judge(seen(**changes), limits).points[0].because == because


def test_what_the_check_declares() -> None:
    assert (CHECK.id, CHECK.severity, CHECK.requirements) == ("encryption", Severity.HIGH, ("R18",))
    assert CHECK.platforms == LAPTOPS | PHONES
    assert CHECK.reasons is Reason
    assert CHECK.title == "What holds the home folder is encrypted"
    assert CHECK.controls == ("CIS-Controls-v8:3.6",)
    assert set(CHECK.measures) == {"home", "inside", "system", "swap"}
    assert set(CHECK.measures.values()) == {Seen}


def test_words_that_travel_stay_as_they_are() -> None:
    assert [str(one) for one in Seen] == ["no_plain_disk", "plain", "not_seen"]


def test_every_shortcoming_has_steps_for_laptops_and_phones() -> None:
    words = tomllib.loads((resources.files("checks.encryption") / "guidance.toml").read_text("utf-8"))
    assert set(words["reasons"]) == set(Reason)
    for code in set(Reason) - {Reason.ENCRYPTED}:
        assert {"linux", "android"} <= set(words["reasons"][code]["steps"]), code
    assert {"linux", "android"} <= set(words["by_hand"])
