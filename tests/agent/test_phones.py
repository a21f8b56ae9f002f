"""Phones are read once each, by the best way, and known by their own serial."""

import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from agent.collect.adb.devices import Attached, State
from agent.collect.adb.host import ALLOWED
from agent.collect.adb.script import DoorError
from agent.collect.android.commands import LOCK, PROPERTIES, READINGS, Reading
from agent.collect.host import CollectError, Command, Output
from agent.phones import Opened, Read, once_each, own_serial, read_lines
from checks.evidence import Why

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


class Stream:
    """One answer to all, then the end."""

    def __init__(self, text: str) -> None:
        self._chunks = [text.encode(), b""]

    def read(self, wait_s: float) -> bytes:
        return self._chunks.pop(0)

    def close(self) -> None:
        pass


class Phone:
    """Says its serial, and `yes` to all else."""

    def __init__(self, serial: str) -> None:
        self.serial = serial
        self.trips = 0

    def open(self, readings: Sequence[Reading], marker: str) -> Stream:
        self.trips += 1
        return Stream("".join(self._frame(*one, marker) for one in enumerate(readings)) + f"{marker} Z\n")

    def _frame(self, number: int, one: Reading, marker: str) -> str:
        said = f"[ro.serialno]: [{self.serial}]" if one.command == PROPERTIES else "yes"
        return f"{marker} B {number}\n{said}\n{marker} E {number} 0\n"


def opened(name: str, phone: Phone) -> Opened:
    return Opened(attached=Attached(serial=name, state=State.READY), line=phone, serial=name)


def read(*ways: Opened) -> tuple[Read, ...]:
    return read_lines(ways, clock=lambda: NOON, stop=threading.Event())


def test_one_phone_is_read_in_one_round_trip() -> None:
    (seen,) = read(opened("ABC", Phone("R5CT1")))
    assert (seen.serial, seen.trips) == ("R5CT1", 1)
    assert seen.host.run(LOCK).stdout == "yes"
    assert seen.host.now() == NOON


def test_same_phone_over_cable_and_network_is_counted_once_and_read_by_cable() -> None:
    phone = Phone("R5CT1")
    (seen,) = read(opened("192.168.1.7:5555", phone), opened("R5CT1", phone))
    assert seen.attached.serial == "R5CT1"
    assert seen.trips == 2


def test_two_phones_are_two() -> None:
    assert {one.serial for one in read(opened("a:1", Phone("X1")), opened("b:1", Phone("X2")))} == {"X1", "X2"}


@pytest.mark.parametrize("none", ["", "unknown", "0123456789ABCDEF"])
def test_phones_without_a_serial_of_their_own_are_told_apart_by_adbs_name(none: str) -> None:
    assert {one.serial for one in read(opened("a", Phone(none)), opened("b", Phone(none)))} == {"a", "b"}


@pytest.mark.parametrize(
    ("name", "serial", "named"),
    [("1.2.3.4:5", "R5CT1", True), ("R5CT1", "", True), ("R5CT1", "R5CT1", True), ("1.2.3.4:5", "unknown", False)],
)
def test_phone_that_is_reached_at_an_address_must_say_which_it_is(name: str, serial: str, named: bool) -> None:
    (seen,) = read(opened(name, Phone(serial)))
    assert seen.named is named


def test_line_ends_of_a_terminal_are_none_of_the_serial() -> None:
    said = Output(exit_code=0, stdout="[ro.product.model]: [G 5]\r\n[ro.serialno]: [R5CT1]\r\n", stderr="")
    assert own_serial(said) == "R5CT1"


class Silent:
    """Takes the script and never answers."""

    def open(self, readings: Sequence[Reading], marker: str) -> "Silent":
        return self

    def read(self, wait_s: float) -> None:
        time.sleep(0.01)

    def close(self) -> None:
        pass


class Interrupted(Silent):
    """The person presses Ctrl-C."""

    def read(self, wait_s: float) -> None:
        raise KeyboardInterrupt


def test_ctrl_c_ends_the_look_at_every_phone() -> None:
    stop = threading.Event()
    lines = [Opened(attached=Attached(serial=one, state=State.READY), line=line, serial=one)
             for one, line in (("a", Interrupted()), ("b", Silent()))]  # fmt: skip
    with pytest.raises(KeyboardInterrupt):
        read_lines(lines, clock=lambda: NOON, stop=stop)
    assert stop.is_set()


def test_first_way_stays_where_both_are_networks() -> None:
    ways = [opened("1.2.3.4:5", Phone("S")), opened("adb-S-x._adb-tls-connect._tcp", Phone("S"))]
    same = [Opened(attached=one.attached, line=one.line, serial="S") for one in ways]
    assert once_each(same) == same[:1]


def test_door_refuses_what_is_not_on_the_list() -> None:
    (seen,) = read(opened("ABC", Phone("R5CT1")))
    with pytest.raises(DoorError):
        seen.host.run(Command(argv=("settings", "put", "global", "adb_enabled", "0")))
    assert all(isinstance(argv, tuple) for argv in ALLOWED)


def test_files_of_a_phone_are_not_for_probes() -> None:
    (seen,) = read(opened("ABC", Phone("R5CT1")))
    looks = (seen.host.read, seen.host.names, seen.host.stat, seen.host.resolve)
    for look in looks:
        with pytest.raises(CollectError) as refused:
            look("/sdcard/DCIM")
        assert refused.value.why is Why.NOT_PERMITTED
    with pytest.raises(CollectError):
        seen.host.processes(frozenset({"x"}))
    assert (seen.host.home, seen.host.account, dict(seen.host.environ)) == ("/sdcard", "shell", {"ADB_ROUTE": "usb"})


def test_way_to_the_phone_is_known_to_probes() -> None:
    (seen,) = read(opened("192.168.1.7:5555", Phone("R5CT1")))
    assert seen.host.environ == {"ADB_ROUTE": "network"}


def test_all_readings_have_answers_or_reasons() -> None:
    (seen,) = read(opened("ABC", Phone("R5CT1")))
    assert all(seen.host.run(one.command).exit_code == 0 for one in READINGS)
