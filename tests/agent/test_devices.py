"""What the person is told of each phone, and that no phone is told of twice."""

import base64
import hashlib
import os
from pathlib import Path

import pytest

from agent.collect.adb.devices import Attached, State
from agent.collect.adb.usb import OnBus
from agent.devices import IPHONE, NOTHING, Advice, Seen, advice, fingerprint_end, joined
from checks.model import Status


def told(state: State, **changes: object) -> Advice:
    return advice(Seen(serial="S1", state=state, **changes), key_end=None)  # type: ignore[arg-type]


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("wireless", [False, True])
def test_every_state_is_one_sentence_and_one_action(state: State, wireless: bool) -> None:
    one = told(state, wireless=wireless)
    assert one.said.endswith(".")
    assert one.action
    assert "{" not in one.said + one.action
    assert 0 < len(one.brief) <= 19
    assert "S1" not in one.said + one.action + one.brief


def test_only_a_phone_that_is_ready_is_well() -> None:
    assert [state for state in State if told(state).status is Status.PASS] == [State.READY]


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (State.READY, "scrubin check"),
        (State.UNAUTHORISED, "tap Allow"),
        (State.AUTHORISING, "wait"),
        (State.OFFLINE, "plug it in again"),
        (State.NO_PERMISSIONS, "70-scrubin-phones.rules"),
        (State.NO_PERMISSIONS, "scrubin doctor"),
        (State.RECOVERY, "Reboot system now"),
        (State.RESCUE, "Reboot system now"),
        (State.SIDELOAD, "Reboot system now"),
        (State.BOOTLOADER, "Start"),
        (State.CABLE_ONLY, "USB debugging on"),
        (State.OTHER, "Restart the phone"),
    ],
)
def test_the_action_is_what_helps_in_that_state(state: State, words: str) -> None:
    assert words.lower() in told(state).action.lower()


def test_what_differs_over_wifi() -> None:
    assert told(State.READY, wireless=True).brief == "over Wi-Fi"
    assert "devices pair" in told(State.OFFLINE, wireless=True).action
    assert told(State.UNAUTHORISED, wireless=True) == told(State.UNAUTHORISED)


def test_the_code_to_compare_is_left_out_where_the_key_cannot_be_read() -> None:
    one = Seen(serial="S1", state=State.UNAUTHORISED)
    assert "which ends in 9C:41:E7:0B." in advice(one, key_end="9C:41:E7:0B").action
    assert "Compare" not in advice(one, key_end=None).action


def test_an_iphone_is_not_sent_to_androids_settings() -> None:
    assert told(State.CABLE_ONLY, maker="Apple") is IPHONE
    assert "Build number" not in IPHONE.action


@pytest.mark.parametrize(
    ("maker", "words"),
    [("Samsung", "Software information"), ("Xiaomi", "OS version"), ("Google", "System >"), ("", "System >")],
)
def test_the_way_to_the_switch_is_that_of_the_maker(maker: str, words: str) -> None:
    action = told(State.CABLE_ONLY, maker=maker).action
    assert words in action
    assert action.endswith("Developer options > USB debugging on. We remind you to switch it off again.")


def test_nothing_there_names_the_cable() -> None:
    assert "power only" in NOTHING.said
    assert "File transfer" in NOTHING.action


READY = Attached(serial="A", state=State.READY)
WIFI = Attached(serial="10.0.0.7:5555", state=State.READY)


@pytest.mark.parametrize(
    ("listed", "bus", "expected"),
    [
        ([], [], []),
        ([READY], [OnBus(serial="A", debugging=True)], [("A", State.READY)]),
        ([], [OnBus(serial="A", debugging=False)], [("A", State.CABLE_ONLY)]),
        ([], [OnBus(serial="A", debugging=True)], [("A", State.OFFLINE)]),
        ([READY], [OnBus(serial="B", debugging=False)], [("A", State.READY), ("B", State.CABLE_ONLY)]),
        ([WIFI], [OnBus(serial="A", debugging=False)], [("10.0.0.7:5555", State.READY), ("A", State.CABLE_ONLY)]),
        (
            [Attached(serial="(no serial number)", state=State.NO_PERMISSIONS)],
            [OnBus(serial="", debugging=True), OnBus(serial="", debugging=False)],
            [("(no serial number)", State.NO_PERMISSIONS), ("", State.CABLE_ONLY)],
        ),
        (
            [READY, Attached(serial="adb-A-x1Y2z3._adb-tls-connect._tcp", state=State.READY)],
            [OnBus(serial="A", debugging=True)],
            [("A", State.READY)],
        ),
        (
            [Attached(serial="adb-A-x1Y2z3._adb-tls-connect._tcp", state=State.READY)],
            [OnBus(serial="A", debugging=False)],
            [("adb-A-x1Y2z3._adb-tls-connect._tcp", State.READY)],
        ),
        (
            [
                Attached(serial="adb-A-x1Y2z3._adb-tls-connect._tcp", state=State.OFFLINE),
                Attached(serial="A", state=State.UNAUTHORISED),
            ],
            [],
            [("A", State.UNAUTHORISED)],
        ),
        (
            [READY, Attached(serial="adb-B-x1Y2z3._adb-tls-connect._tcp", state=State.READY)],
            [],
            [("A", State.READY), ("adb-B-x1Y2z3._adb-tls-connect._tcp", State.READY)],
        ),
    ],
)
def test_two_lists_become_one_and_no_phone_is_in_it_twice(
    listed: list[Attached], bus: list[OnBus], expected: list[tuple[str, State]]
) -> None:
    assert [(one.serial, one.state) for one in joined(listed, bus)] == expected


def key(home: Path, data: bytes) -> str:
    (home / ".android").mkdir(exist_ok=True)
    (home / ".android" / "adbkey.pub").write_bytes(data)
    return str(home)


def test_the_code_is_that_which_the_phone_shows(tmp_path: Path) -> None:
    blob = bytes(range(256)) * 2
    home = key(tmp_path, base64.b64encode(blob) + b" someone@somewhere\n")
    whole = hashlib.md5(blob).hexdigest().upper()
    assert (fingerprint_end(home) or "").replace(":", "") == whole[-8:]
    assert (fingerprint_end(home) or "").count(":") == 3


@pytest.mark.parametrize("data", [b"", b"   \n", b"!!!! x", b"QUJ", b"\xff\xfe"])
def test_a_damaged_key_has_no_code(tmp_path: Path, data: bytes) -> None:
    assert fingerprint_end(key(tmp_path, data)) is None


def test_no_key_a_folder_and_a_pipe_have_no_code(tmp_path: Path) -> None:
    assert fingerprint_end(str(tmp_path)) is None
    place = tmp_path / ".android" / "adbkey.pub"
    place.mkdir(parents=True)
    assert fingerprint_end(str(tmp_path)) is None
    place.rmdir()
    os.mkfifo(place)
    assert fingerprint_end(str(tmp_path)) is None
