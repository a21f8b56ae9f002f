"""Who may connect to a phone for debugging, besides whoever asks now."""

import base64
import hashlib
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from fakes import recorded_host
from hypothesis import given
from hypothesis import strategies as st

from agent.collect.android.commands import DEBUGGING, PROPERTIES, SETTINGS
from agent.collect.android.usb_debugging import (
    CANARY,
    ROUTE,
    asks,
    parse_computers,
    parse_ends,
    parse_wireless,
    plain,
    probe,
    serves,
)
from agent.collect.host import CollectError, LocalHost, Output
from agent.collect.layered import planted
from agent.collect.recorded import RecordedHost
from checks.evidence import Why
from checks.makers import Maker
from checks.model import Status
from checks.usb_debugging.check import Limits, judge
from checks.usb_debugging.fact import UsbDebugging

CANARIES = Path(__file__).parents[3] / "agent" / "collect" / "android" / "canary" / "usb_debugging"
SHUT: Mapping[str, str] = {"adb_enabled": "1", "adb_wifi_enabled": "0"}


def key(number: int) -> str:
    noise = b"".join(hashlib.sha256(f"{number} {part}".encode()).digest() for part in range(17))[:516]
    return base64.b64encode(b"\x40\0\0\0" + noise + b"\x01\0\x01\0").decode()


def listed(*numbers: int, stored: str | None = None) -> str:
    lines = "".join(f"{key(one)} someone@some-laptop\n" for one in numbers)
    keys = f"    user_keys={lines}\n" if numbers else ""
    rows = "".join(f'    <adbKey key="{key(one)} someone@some-laptop" lastConnection="1" />\n' for one in numbers)
    kept = rows if stored is None else stored
    head = "ADB MANAGER STATE (dumpsys adb):\n{\n  debugging_manager={\n    connected_to_adb=true\n"
    return f'{head}{keys}    keystore=<keyStore version="1">\n{kept}    </keyStore>\n\n  }}\n}}\n'


def phone(
    properties: Mapping[str, str] | Why | None = None,
    settings: Mapping[str, str] | Why | None = None,
    adb: str | Output | Why | None = None,
    route: str = "usb",
) -> RecordedHost:
    found = {"ro.adb.secure": "1", "ro.build.version.sdk": "36", "ro.product.brand": "google"}
    lines = properties if isinstance(properties, Why) else {**found, **(properties or {})}
    table = settings if isinstance(settings, Why) else {**SHUT, **(settings or {})}
    return recorded_host(
        commands={
            PROPERTIES.argv: lines if isinstance(lines, Why) else "".join(f"[{k}]: [{v}]\n" for k, v in lines.items()),
            SETTINGS["global"].argv: table
            if isinstance(table, Why)
            else "".join(f"{k}={v}\n" for k, v in table.items()),
            DEBUGGING.argv: listed(1) if adb is None else adb,
        },
        environ={ROUTE: route} if route else {},
        complete=False,
        platform="android",
    )


def whys(seen: UsbDebugging) -> Mapping[str, Why]:
    return {gap.part: gap.why for gap in seen.gaps}


def test_a_phone_that_was_plugged_in_for_the_audit_is_open_to_it_only() -> None:
    assert probe(phone()) == UsbDebugging(
        on=True, wireless=False, plain=False, by_network=False, asks=True, ends=True, computers=1, maker=Maker.GOOGLE
    )


@pytest.mark.parametrize(
    ("found", "open_"),
    [
        ({}, False), ({"service.adb.tcp.port": ""}, False), ({"service.adb.tcp.port": "0"}, False),
        ({"service.adb.tcp.port": "-1"}, False), ({"service.adb.tcp.port": "5555"}, True),
        ({"persist.adb.tcp.port": "5555"}, True), ({"service.adb.tcp.port": "0", "persist.adb.tcp.port": "5555"}, True),
    ],
)  # fmt: skip
def test_a_port_above_zero_is_open(found: dict[str, str], open_: bool) -> None:
    assert plain(found) is open_


@pytest.mark.parametrize("value", ["on", "5555;reboot", "٥٥٥٥", "9" * 5000])
def test_a_port_that_is_no_number_is_not_understood(value: str) -> None:
    with pytest.raises(CollectError) as refused:
        plain({"service.adb.tcp.port": value})
    assert refused.value.why is Why.UNPARSABLE


@pytest.mark.parametrize(
    ("found", "seen"),
    [
        ({}, False), ({"persist.adb.tls_server.enable": "1"}, True), ({"persist.adb.tls_server.enable": "0"}, False),
        ({"service.adb.tls.port": "37000"}, True), ({"service.adb.tls.port": "0"}, False),
    ],
)  # fmt: skip
def test_wireless_debugging_shows_in_the_properties_of_some_phones(found: dict[str, str], seen: bool) -> None:
    assert serves(found) is seen


@pytest.mark.parametrize(
    ("table", "level", "seen"),
    [
        ({"adb_wifi_enabled": "1"}, 30, True), ({"adb_wifi_enabled": "0"}, 30, False),
        ({"adb_wifi_enabled": "2"}, 36, True), ({}, 29, False), ({}, 26, False), ({"adb_wifi_enabled": "1"}, 29, True),
    ],
)  # fmt: skip
def test_wireless_debugging_is_a_setting(table: dict[str, str], level: int, seen: bool) -> None:
    assert parse_wireless(table, level) is seen


def test_a_phone_that_has_wireless_debugging_writes_its_setting_down() -> None:
    with pytest.raises(CollectError) as refused:
        parse_wireless({}, 30)
    assert refused.value.why is Why.NOT_SAID


def test_either_trace_of_wireless_debugging_is_enough() -> None:
    tls = {"persist.adb.tls_server.enable": "1"}
    assert probe(phone(properties=tls)).wireless is True
    assert probe(phone(properties=tls, settings=Why.TIMED_OUT)).wireless is True
    assert probe(phone(settings={"adb_wifi_enabled": "1"})).wireless is True
    assert whys(probe(phone(settings=Why.TIMED_OUT)))["wireless"] is Why.TIMED_OUT


def test_a_new_computer_is_let_in_with_or_without_a_question() -> None:
    assert asks({"ro.adb.secure": "1"}) is True
    assert asks({"ro.adb.secure": "0"}) is False
    for found in ({}, {"ro.adb.secure": ""}, {"ro.adb.secure": "2"}):
        with pytest.raises(CollectError):
            asks(found)


@pytest.mark.parametrize(
    ("table", "level", "seen"),
    [
        ({}, 30, True), ({}, 29, False), ({"adb_allowed_connection_time": "604800000"}, 29, False),
        ({"adb_allowed_connection_time": "0"}, 34, False), ({"adb_allowed_connection_time": "1"}, 34, True),
        ({"adb_allowed_connection_time": "-1"}, 34, False), ({"adb_allowed_connection_time": "604800000"}, 34, True),
    ],
)  # fmt: skip
def test_trust_ends_after_a_week_unless_it_was_told_not_to(table: dict[str, str], level: int, seen: bool) -> None:
    assert parse_ends(table, level) is seen


@pytest.mark.parametrize("numbers", [(), (1,), (1, 2), (1, 2, 3)])
def test_computers_are_counted_once_each(numbers: tuple[int, ...]) -> None:
    assert parse_computers(listed(*numbers)) == len(numbers)
    assert parse_computers(listed(*numbers, stored="")) == len(numbers)


def test_a_computer_that_only_the_store_knows_counts() -> None:
    assert parse_computers(listed(stored=f'    <adbKey key="{key(1)} a" lastConnection="1" />\n')) == 1
    assert parse_computers(listed(1, stored=f'    <adbKey key="{key(2)} a" lastConnection="1" />\n')) == 2


def test_a_binary_store_counts_as_well() -> None:
    binary = f"ABX\0\x10\x0bkeyStore\x02\udcc8{key(1)} a@b\0\x0c\x03A{key(2)} c@d\0\n}}\n \x85\x1c"
    assert parse_computers(listed(stored=binary)) == 2


@pytest.mark.parametrize("numbers", [(), (1,), (1, 2)])
def test_a_list_of_computers_that_was_cut_is_none(numbers: tuple[int, ...]) -> None:
    lines = listed(*numbers).splitlines(keepends=True)
    for end in range(len(lines)):
        with pytest.raises(CollectError):
            parse_computers("".join(lines[:end]))


def test_a_line_that_is_lost_hides_no_computer() -> None:
    lines = listed(1, 2).splitlines(keepends=True)
    for gone in range(len(lines)):
        with suppress(CollectError):
            assert parse_computers("".join(lines[:gone] + lines[gone + 1 :])) == 2


def test_old_releases_list_no_computers() -> None:
    seen = probe(phone(properties={"ro.build.version.sdk": "28"}, adb="Can't find service: adb"))
    assert whys(seen)["computers"] is Why.NOT_SAID
    assert probe(phone(properties={"ro.build.version.sdk": "29"})).computers == 1


@pytest.mark.parametrize(
    ("adb", "why"),
    [
        ("Can't find service: adb\n", Why.TOOL_MISSING),
        ("*** SERVICE 'adb' DUMP TIMEOUT (10000ms) EXPIRED ***\n", Why.TIMED_OUT),
        (Output(exit_code=0, stdout="", stderr="Permission Denial: can't dump adb from pid=1, uid=2000"),
         Why.NOT_PERMITTED),
        ("", Why.UNPARSABLE),
        ("GESTIONNAIRE ADB\n{\n  gestionnaire={\n  }\n}\n", Why.UNPARSABLE),
        (Why.DISCONNECTED, Why.DISCONNECTED),
    ],
)  # fmt: skip
def test_a_refusal_leaves_its_reason(adb: str | Output | Why, why: Why) -> None:
    seen = probe(phone(adb=adb))
    assert seen.computers is None
    assert whys(seen)["computers"] is why


@pytest.mark.parametrize(
    ("route", "enabled", "seen"),
    [("usb", "0", False), ("network", "1", True), ("", "1", None), ("", "0", True), ("pigeon", "1", None)],
)
def test_how_we_came_is_told_by_the_host_or_by_a_closed_cable(route: str, enabled: str, seen: bool | None) -> None:
    found = probe(phone(settings={"adb_enabled": enabled}, route=route))
    assert found.by_network is seen
    assert ("route" in whys(found)) is (seen is None)


def test_line_ends_of_an_old_terminal_change_nothing() -> None:
    seen = probe(phone(adb=listed(1, 2).replace("\n", "\r\n")))
    assert seen.computers == 2


@pytest.mark.parametrize("behind", [recorded_host(platform="android", complete=False), phone(), phone(route="network")])
def test_the_planted_phone_is_found_open(behind: RecordedHost) -> None:
    verdict = judge(probe(planted(CANARY, CANARIES, behind, source=LocalHost())), Limits())
    assert verdict.status is Status.FAIL
    assert CANARY.reason in {str(point.reason) for point in verdict.points}


def test_a_name_of_a_computer_is_in_no_fact() -> None:
    assert "some-laptop" not in repr(probe(phone(adb=listed(1, 2, 3))))


@given(st.text(), st.text(), st.text())
def test_any_text_is_a_fact_and_never_a_pass(properties: str, settings: str, adb: str) -> None:
    answers: dict[Any, str] = {PROPERTIES.argv: properties, SETTINGS["global"].argv: settings, DEBUGGING.argv: adb}
    seen = probe(recorded_host(commands=answers, complete=False, platform="android"))
    assert judge(seen, Limits()).status is not Status.PASS


def test_a_million_characters_on_one_line_are_counted_in_no_time() -> None:
    """Work that grows with the square of this would outlast the test run."""
    assert parse_computers(listed(1, stored="A" * 499 + " " * 1000 + "B=" * 500_000 + "\n")) == 2
