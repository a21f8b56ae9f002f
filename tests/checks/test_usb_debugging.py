"""What makes debugging more open than an audit needs, and what leaves it unclear."""

from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.bands import Count
from checks.evidence import Gap, Why
from checks.guidance import guidance, said, steps
from checks.makers import Maker
from checks.model import PHONES, Status
from checks.usb_debugging.check import CHECK, Limits, Network, Reason, judge
from checks.usb_debugging.fact import UsbDebugging

FAIL, UNKNOWN, PASS = Status.FAIL, Status.UNKNOWN, Status.PASS
FOR_EVER = Limits(trust_ends=False)
NOBODY = Limits(max_computers=0)


def fact(**changes: Any) -> UsbDebugging:
    values: dict[str, Any] = {
        "on": True, "wireless": False, "plain": False, "by_network": False, "asks": True, "ends": True, "computers": 1
    }  # fmt: skip
    return UsbDebugging(**{**values, **changes})


TABLE: list[tuple[dict[str, Any], Limits, Status, list[str]]] = [
    ({}, Limits(), PASS, ["on_during_audit"]),
    ({"by_network": None}, Limits(), PASS, ["on_during_audit"]),
    ({"wireless": True}, Limits(), FAIL, ["open_to_network"]),
    ({"plain": True}, Limits(), FAIL, ["open_to_network"]),
    ({"wireless": True, "plain": True}, Limits(), FAIL, ["open_to_network"]),
    ({"wireless": True, "by_network": True}, Limits(), PASS, ["on_during_audit"]),
    ({"plain": True, "by_network": True}, Limits(), PASS, ["on_during_audit"]),
    ({"wireless": True, "plain": True, "by_network": True}, Limits(), FAIL, ["open_to_network"]),
    ({"wireless": True, "plain": True, "by_network": None}, Limits(), FAIL, ["open_to_network", "route_not_seen"]),
    ({"wireless": True, "by_network": None}, Limits(), UNKNOWN, ["route_not_seen"]),
    ({"plain": True, "by_network": None}, Limits(), UNKNOWN, ["route_not_seen"]),
    ({"by_network": True}, Limits(), UNKNOWN, ["wireless_not_seen"]),
    ({"wireless": None}, Limits(), UNKNOWN, ["wireless_not_seen"]),
    ({"plain": None}, Limits(), UNKNOWN, ["plain_not_seen"]),
    ({"wireless": None, "plain": True}, Limits(), FAIL, ["open_to_network", "wireless_not_seen"]),
    ({"wireless": None, "by_network": True}, Limits(), UNKNOWN, ["wireless_not_seen"]),
    ({"asks": False}, Limits(), FAIL, ["any_computer"]),
    ({"asks": None}, Limits(), UNKNOWN, ["asking_not_seen"]),
    ({"ends": False}, Limits(), FAIL, ["trust_without_end"]),
    ({"ends": False}, FOR_EVER, PASS, ["on_during_audit"]),
    ({"ends": None}, Limits(), UNKNOWN, ["end_not_seen"]),
    ({"ends": None}, FOR_EVER, PASS, ["on_during_audit"]),
    ({"ends": False, "computers": 0}, Limits(), PASS, ["on_during_audit"]),
    ({"ends": None, "computers": 0}, Limits(), PASS, ["on_during_audit"]),
    ({"ends": False, "computers": None}, Limits(), UNKNOWN, ["computers_not_seen"]),
    ({"ends": None, "computers": None}, Limits(), UNKNOWN, ["computers_not_seen", "end_not_seen"]),
    ({"computers": 0}, NOBODY, PASS, ["on_during_audit"]),
    ({"computers": 1}, NOBODY, FAIL, ["too_many_computers"]),
    ({"computers": 2}, Limits(), FAIL, ["too_many_computers"]),
    ({"computers": 5}, Limits(max_computers=5), PASS, ["on_during_audit"]),
    ({"computers": 6}, Limits(max_computers=5), FAIL, ["too_many_computers"]),
    ({"computers": None}, Limits(max_computers=50), UNKNOWN, ["computers_not_seen"]),
    ({"on": False}, Limits(), PASS, ["off"]),
    ({"on": False, "wireless": None, "asks": False, "computers": 9}, Limits(), PASS, ["off"]),
    (
        {"wireless": True, "asks": False, "ends": False, "computers": 9},
        Limits(),
        FAIL,
        ["open_to_network", "any_computer", "trust_without_end", "too_many_computers"],
    ),
]


@pytest.mark.parametrize(("changes", "limits", "status", "reasons"), TABLE)
def test_debugging_is_judged(changes: dict[str, Any], limits: Limits, status: Status, reasons: list[str]) -> None:
    verdict = judge(fact(**changes), limits)
    assert verdict.status is status
    assert [str(point.reason) for point in verdict.points] == reasons


@pytest.mark.parametrize(
    ("wireless", "plain", "word"),
    [
        (False, False, Network.CLOSED), (True, False, Network.OPEN), (False, True, Network.OPEN),
        (None, True, Network.OPEN), (True, None, Network.OPEN), (None, False, Network.NOT_SEEN),
        (False, None, Network.NOT_SEEN),
    ],
)  # fmt: skip
def test_the_network_is_shared(wireless: bool | None, plain: bool | None, word: Network) -> None:
    assert judge(fact(wireless=wireless, plain=plain), Limits()).measures["network"] is word


def test_the_number_of_computers_is_shared_as_a_band() -> None:
    measures = judge(fact(computers=7), Limits(max_computers=9)).measures
    assert measures["computers"] is Count.SIX_TO_20
    assert measures["limit_computers"] == 9
    assert judge(fact(computers=None, on=False), Limits()).measures["computers"] is Count.NOT_SEEN


BECAUSE: list[tuple[dict[str, Any], str]] = [
    ({}, "debugging is on, as the audit needs it, and is not seen to be open any further"),
    ({"on": False}, "debugging is off"),
    ({"wireless": True}, "debugging is open to the network, which the audit does not need"),
    ({"asks": False}, "any computer is let in without a question"),
    ({"ends": False}, "trust in a computer never runs out"),
    ({"computers": 3}, "more computers are trusted than the limit of 1"),
    ({"wireless": None}, "wireless not seen: the system does not say"),
]


@pytest.mark.parametrize(("changes", "because"), BECAUSE)
def test_practice_it_reads_limits_only(changes: dict[str, Any], because: str) -> None:
    assert judge(fact(**changes), Limits()).points[0].because == because


def test_a_gap_says_why_nothing_was_seen() -> None:
    seen = fact(computers=None, gaps=(Gap(part="computers", why=Why.TIMED_OUT),))
    assert "time limit" in judge(seen, Limits()).points[0].because


def test_the_person_reads_how_many_computers_there_are() -> None:
    point = judge(fact(computers=3), Limits()).points[0]
    sentence = "The phone always trusts this many computers: 3. Your practice allows 1."
    assert said("usb_debugging", point.reason, point.exact) == sentence


@pytest.mark.parametrize("changes", [{}, {"wireless": True}, {"ends": False}, {"computers": 3}])
def test_steps_are_those_of_the_maker(changes: dict[str, Any]) -> None:
    assert judge(fact(maker=Maker.SAMSUNG, **changes), Limits()).points[0].exact["maker"] == "samsung"
    assert "maker" not in judge(fact(**changes), Limits()).points[0].exact


@pytest.mark.parametrize("maker", [*Maker])
def test_every_phone_is_told_to_revoke_and_to_switch_off(maker: Maker) -> None:
    told = " ".join(steps("usb_debugging", "on_during_audit", (maker, "android"), {}))
    assert "Revoke USB debugging authorisations" in told
    assert "Switch USB debugging off" in told
    assert "Developer options" in told


def test_every_reason_has_words_and_steps_for_a_phone() -> None:
    words = guidance("usb_debugging").reasons
    assert set(words) == set(Reason)
    assert all({"android", "any"} <= set(words[one].steps) for one in Reason if one is not Reason.OFF)


def test_the_check_is_what_policies_and_reports_say() -> None:
    title = "Debugging is no more open than an audit needs"
    assert (CHECK.id, CHECK.title, CHECK.severity) == ("usb_debugging", title, "medium")
    assert CHECK.requirements == ("R18",)
    assert CHECK.platforms == PHONES
    bounds = {one.name: (one.default, one.metadata["minimum"], one.metadata["maximum"]) for one in fields(Limits)}
    assert bounds == {"max_computers": (1, 0, 50), "trust_ends": (True, None, None)}


maybe = st.none() | st.booleans()


@given(
    st.builds(
        UsbDebugging,
        on=st.just(True), wireless=maybe, plain=maybe, by_network=maybe, asks=maybe, ends=maybe,
        computers=st.none() | st.integers(0, 99), maker=st.none() | st.sampled_from(Maker),
    ),
    st.builds(Limits, max_computers=st.integers(0, 50), trust_ends=st.booleans()),
)  # fmt: skip
def test_a_pass_needs_every_part(seen: UsbDebugging, limits: Limits) -> None:
    if judge(seen, limits).status is PASS:
        assert seen.wireless is not None
        assert seen.plain is not None
        assert seen.wireless + seen.plain == (1 if seen.by_network else 0)
        assert seen.asks is True
        assert seen.computers is not None
        assert seen.computers <= limits.max_computers
        assert seen.ends or not limits.trust_ends or seen.computers == 0
