"""One notification, over a real bus, to a program that shows it, hangs, refuses, or is not there."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.brief import Brief
from agent.exits import Exit
from agent.shift.bell import Rung, bus_address, ring
from agent.shift.words import Words, words
from tests.agent.shift.desktop_parts import NotificationServer, session_bus

TO_FIX = Words(head="2 things to fix before your shift", body="Open scrubin for the steps, or run: scrubin page")


@pytest.fixture
def bus(tmp_path: Path) -> Iterator[str]:
    with session_bus(tmp_path / "bus") as address:
        yield address


def test_the_person_sees_one_notification_that_opens_the_page(bus: str) -> None:
    with NotificationServer(bus) as desktop:
        assert ring(TO_FIX, address=bus) is Rung.SHOWN
    (shown,) = desktop.shown
    assert (shown["head"], shown["body"]) == (TO_FIX.head, TO_FIX.body)
    assert (shown["app"], shown["replaces"], shown["actions"]) == ("scrubin", 0, [])
    assert shown["hints"] == {"urgency": ("y", 1), "desktop-entry": ("s", "scrubin")}


def test_without_a_program_that_shows_them_it_says_so(bus: str) -> None:
    assert ring(TO_FIX, address=bus) is Rung.NOBODY_SHOWS


def test_a_program_that_hangs_is_waited_for_so_long_and_no_longer(bus: str) -> None:
    with NotificationServer(bus, manner="hangs") as desktop:
        assert ring(TO_FIX, address=bus, answer_s=0.3) is Rung.NO_ANSWER
    assert len(desktop.shown) == 1


def test_a_program_that_refuses_is_not_asked_twice(bus: str) -> None:
    with NotificationServer(bus, manner="refuses") as desktop:
        assert ring(TO_FIX, address=bus) is Rung.REFUSED
    assert len(desktop.shown) == 1


@pytest.mark.parametrize(
    "address", [None, "unix:path=/nonexistent/bus", "tcp:host=evil.example,port=1", "nonsense", "unix:", "unix:path="]
)
def test_no_bus_is_said(address: str | None) -> None:
    assert ring(TO_FIX, address=address) is Rung.NO_BUS


@pytest.mark.parametrize("says", [b"\xff\x00HTTP/1.1 200 OK\r\n" * 10, b"OK 1234deadbeef\r\n", b""])
def test_a_socket_that_lies_or_falls_silent_is_no_bus(tmp_path: Path, says: bytes) -> None:
    with socket.socket(socket.AF_UNIX) as liar:
        liar.bind(str(tmp_path / "bus"))
        liar.listen()
        ended = threading.Event()

        def lie() -> None:
            caller, _ = liar.accept()
            with caller:
                caller.recv(100)
                caller.sendall(says)
                ended.wait(60)

        thread = threading.Thread(target=lie)
        thread.start()
        assert ring(TO_FIX, address=f"unix:path={tmp_path}/bus", answer_s=0.3) is Rung.NO_BUS
        ended.set()
        thread.join()


def test_the_bus_is_found_by_its_name_or_in_the_sessions_folder(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as bus:
        bus.bind(str(tmp_path / "bus"))
        runtime = {"XDG_RUNTIME_DIR": str(tmp_path)}
        assert bus_address({**runtime, "DBUS_SESSION_BUS_ADDRESS": "unix:path=/a"}) == "unix:path=/a"
        assert bus_address(runtime) == f"unix:path={tmp_path}/bus"
    for environ in ({}, {"XDG_RUNTIME_DIR": "relative"}, {"XDG_RUNTIME_DIR": str(tmp_path / "none")}):
        assert bus_address(environ) is None


@pytest.mark.parametrize(
    ("code", "answer", "head"),
    [(Exit.COMPLIANT, "Ready for your shift.", "Ready for your shift"),
     (Exit.NOT_COMPLIANT, "2 things to fix before your shift, 1 to look at.",
      "2 things to fix before your shift, 1 to look at"),
     (Exit.CANNOT_TELL, "Can't tell yet: 1 thing to look at.", "Can't tell yet: 1 thing to look at")],
)  # fmt: skip
def test_a_locked_screen_names_no_device(code: Exit, answer: str, head: str) -> None:
    said = words(Brief(code=code, answer=answer, devices=("this laptop", "Pixel 9a")))
    assert said.head == head
    assert "Pixel" not in said.head + said.body
    assert ("scrubin page" in said.body) is (code is not Exit.COMPLIANT)
