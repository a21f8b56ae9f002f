"""What systemd is told, over a real datagram socket."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.notify import LONGEST_ADDRESS, LONGEST_STATUS, Notifier, from_environ


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(tmp_path / "notify"))
        listener.settimeout(30)
        yield listener


def heard(manager: socket.socket) -> str:
    return manager.recv(4096).decode()


def test_each_message_is_one_datagram(manager: socket.socket) -> None:
    notifier = Notifier(address=manager.getsockname())
    notifier.ready()
    notifier.reloading(12.5)
    notifier.ping()
    notifier.status("Running.\nREADY=1")
    notifier.stopping()
    assert [heard(manager) for _ in range(5)] == [
        "READY=1", "RELOADING=1\nMONOTONIC_USEC=12500000", "WATCHDOG=1", "STATUS=Running. READY=1", "STOPPING=1"
    ]  # fmt: skip


def test_an_abstract_socket_is_reached() -> None:
    name = f"scrubin-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(f"\0{name}")
        listener.settimeout(30)
        from_environ({"NOTIFY_SOCKET": f"@{name}"}, pid=1).ready()
        assert heard(listener) == "READY=1"


def test_a_long_status_is_cut(manager: socket.socket) -> None:
    Notifier(address=manager.getsockname()).status("x" * 1000)
    assert heard(manager) == "STATUS=" + "x" * LONGEST_STATUS


def test_without_a_manager_nothing_is_sent() -> None:
    assert from_environ({}, pid=1) == Notifier(address=None, ping_every_s=None)
    Notifier().ready()


def test_a_manager_that_is_gone_is_said_and_ends_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    Notifier(address=str(tmp_path / "gone")).ready()
    assert "could not be told READY" in caplog.text
    assert str(tmp_path) not in caplog.text


@pytest.mark.parametrize("address", ["relative", "/", "@", "/" + "x" * LONGEST_ADDRESS, "/a\0b", "vsock:1:2"])
def test_an_address_that_is_none_is_dropped(address: str) -> None:
    assert from_environ({"NOTIFY_SOCKET": address}, pid=1).address is None


@pytest.mark.parametrize(
    ("limit", "meant", "every_s"),
    [("180000000", None, 90.0), ("180000000", "7", 90.0), ("180000000", "8", None), ("0", None, None),
     ("-5", None, None), ("x", None, None), ("", None, None), ("٣", None, None), ("9" * 19, None, None)],
)  # fmt: skip
def test_the_watchdog_is_fed_twice_in_its_time(limit: str, meant: str | None, every_s: float | None) -> None:
    environ = {"NOTIFY_SOCKET": "/run/x", "WATCHDOG_USEC": limit, **({"WATCHDOG_PID": meant} if meant else {})}
    assert from_environ(environ, pid=7).ping_every_s == every_s
