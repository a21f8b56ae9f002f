"""The thread that follows the adb server's list: what it says, what it survives, how it ends."""

import logging
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from fake_adb import FakeAdbServer, block

from agent.daemon.phones import MOST_PLUGGED, Phones

ROOT = Path(__file__).parents[2]
PATIENCE_S = 20.0
TRACK = "host:track-devices"


class Calls:
    """Counts, and lets a test wait for a count."""

    def __init__(self) -> None:
        self.count = 0
        self._came = threading.Condition()

    def __call__(self) -> None:
        with self._came:
            self.count += 1
            self._came.notify_all()

    def reach(self, count: int) -> bool:
        with self._came:
            return self._came.wait_for(lambda: self.count >= count, PATIENCE_S)


@contextmanager
def following(port: int | None, calls: Calls, monotonic: Callable[[], float] = time.monotonic) -> Iterator[Phones]:
    phones = Phones(port, ready=calls, monotonic=monotonic)
    phones.start()
    try:
        yield phones
    finally:
        phones.stop()
        assert phones.ended_within(PATIENCE_S), "it ends with the daemon, whatever it waits for"


def until(look: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not look():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.01)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return found.getsockname()[1]


def listed(*blocks: str) -> dict[str, bytes]:
    return {TRACK: b"OKAY" + b"".join(map(block, blocks))}


def test_a_phone_that_is_allowed_calls_once_and_is_not_named(caplog: pytest.LogCaptureFixture) -> None:
    calls = Calls()
    blocks = ("", "SECRET1\tunauthorized\n", "SECRET1\toffline\n", "SECRET1\tdevice\n", "SECRET1\tdevice\nB\toffline\n")
    with caplog.at_level(logging.DEBUG), FakeAdbServer(listed(*blocks), hold=True) as server:
        with following(server.port, calls):
            assert calls.reach(1)
        assert calls.count == 1
        assert server.requests == [TRACK]
    assert "a phone is ready to be read" in caplog.text
    assert "SECRET1" not in caplog.text


def test_phones_that_are_there_at_the_start_are_left_to_the_first_audit() -> None:
    calls = Calls()
    blocks = ("A\tdevice\n", "A\tdevice\nB\tdevice\n")
    with FakeAdbServer(listed(*blocks), hold=True) as server, following(server.port, calls):
        assert calls.reach(1)
    assert calls.count == 1


@pytest.mark.parametrize(
    "answer",
    [b"", b"FAIL0007refused", b"HTTP/1.1 400 Bad Request\r\n", b"OKAYzzzz", b"OKAYffff" + b"x" * 0xFFFF, b"OKAY0004ab",
     b"OKAY" + block("no tab here\n"), b"OKAY" + block("S\tdevice\n" * 17), b"OKAY0003\xff\xfe\xfd"],
)  # fmt: skip
def test_whatever_a_server_says_ends_nothing_and_is_asked_again(answer: bytes) -> None:
    calls = Calls()
    with FakeAdbServer({TRACK: answer}) as server, following(server.port, calls):
        until(lambda: len(server.requests) >= 2)
    assert calls.count == 0


def test_a_server_that_says_nothing_at_all_holds_up_no_end() -> None:
    calls = Calls()
    with FakeAdbServer({TRACK: b"OK"}, hold=True) as server, following(server.port, calls):
        until(lambda: server.requests)


def test_without_a_server_the_cable_calls_but_not_without_end() -> None:
    calls = Calls()
    with following(free_port(), calls) as phones:
        for _ in range(3 * MOST_PLUGGED):
            phones.plugged()
        assert calls.count == MOST_PLUGGED


def test_calls_of_a_cable_that_came_too_often_are_made_up_for() -> None:
    calls, clock = Calls(), [0.0]
    with following(free_port(), calls, lambda: clock[0]) as phones:
        for _ in range(MOST_PLUGGED + 1):
            phones.plugged()
        clock[0] = 601.0
        phones._plugged.set()
        assert calls.reach(MOST_PLUGGED + 1)


def test_with_a_server_the_cable_waits_for_its_word() -> None:
    calls = Calls()
    with FakeAdbServer(listed("", "A\tdevice\n"), hold=True) as server, following(server.port, calls) as phones:
        assert calls.reach(1)
        phones.plugged()
        assert calls.count == 1


def test_a_server_elsewhere_is_not_followed_and_the_cable_still_calls() -> None:
    calls = Calls()
    with following(None, calls) as phones:
        phones.plugged()
        assert calls.reach(1)


def test_stopping_before_the_start_of_a_connection_ends_it() -> None:
    calls = Calls()
    phones = Phones(free_port(), ready=calls, monotonic=time.monotonic)
    phones.stop()
    phones.start()
    assert phones.ended_within(PATIENCE_S)


def test_the_daemon_carries_no_library_that_only_talking_to_phones_needs() -> None:
    code = "import sys; import agent.daemon.service, agent.commands.background; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert {"adbutils", "PIL", "requests", "ssl"} & set(done.stdout.split()) == set()
