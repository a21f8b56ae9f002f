"""The adb server's list of phones, each state of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.collect.adb.devices import Attached, State, parse
from agent.collect.host import CollectError
from checks.evidence import Why

UDEV = "no permissions (user in plugdev group; are your udev rules wrong?); see [http://developer.android.com/x]"


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("device", State.READY),
        ("unauthorized", State.UNAUTHORISED),
        ("authorizing", State.AUTHORISING),
        ("connecting", State.CONNECTING),
        ("offline", State.OFFLINE),
        (UDEV, State.NO_PERMISSIONS),
        ("no permissions; see [http://x]", State.NO_PERMISSIONS),
        ("insufficient permissions for device", State.NO_PERMISSIONS),
        ("recovery", State.RECOVERY),
        ("rescue", State.RESCUE),
        ("sideload", State.SIDELOAD),
        ("bootloader", State.BOOTLOADER),
        ("cable only", State.OTHER),
        ("brand new state", State.OTHER),
    ],
)
def test_each_state_is_known(word: str, state: State) -> None:
    assert parse(f"R5CT1\t{word}\n") == (Attached(serial="R5CT1", state=state),)


def test_no_phone_is_an_empty_list() -> None:
    assert parse("") == ()


@pytest.mark.parametrize(
    ("serial", "wireless"),
    [("R5CT1", False), ("192.168.1.7:5555", True), ("adb-R5CT1-x1y2z3._adb-tls-connect._tcp", True)],
)
def test_way_is_told_from_the_serial(serial: str, wireless: bool) -> None:
    assert parse(f"{serial}\tdevice\n")[0].wireless is wireless


def test_phone_that_tells_no_serial_for_lack_of_rights_is_listed() -> None:
    assert parse(f"(no serial number)\t{UDEV}\n")[0].state is State.NO_PERMISSIONS


@pytest.mark.parametrize(
    "serial", ["(no serial number)", "", "a b", "\x1b[2J", "X:reboot", "x\u2028y", "????????????\u202e"]
)
def test_phone_that_cannot_be_asked_for_is_listed_and_hides_no_other(serial: str) -> None:
    strange, other = parse(f"{serial}\tdevice\nR5CT1\tdevice\n")
    assert strange == Attached(serial="(no serial number)", state=State.OTHER)
    assert other == Attached(serial="R5CT1", state=State.READY)


def test_laboratory_is_refused() -> None:
    with pytest.raises(CollectError) as refused:
        parse("".join(f"S{number}\tdevice\n" for number in range(17)))
    assert refused.value.why is Why.TOO_LARGE


@given(st.text())
def test_any_text_gives_phones_or_a_reason(text: str) -> None:
    try:
        found = parse(text)
    except CollectError:
        return
    assert all(one.serial for one in found)
