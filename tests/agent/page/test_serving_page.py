"""The page's process: where it listens, what leads the browser there, and when it ends."""

import io
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from visit_parts import visited

from agent.commands.page import _browser, _say, steady
from agent.page.serve import IDLE_S, bound, door_file
from agent.places import places

LINK = "http://scrubin-00.localhost:1/open/00"


class Clock:
    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def test_it_listens_on_this_laptop_only() -> None:
    with bound() as socks:
        assert {one.getsockname()[0] for one in socks} <= {"127.0.0.1", "::1"}
        assert len({one.getsockname()[1] for one in socks}) == 1


def test_nobody_else_can_listen_on_its_port_beside_it() -> None:
    with bound() as socks, socket.socket(socks[-1].family) as other, pytest.raises(OSError, match="in use"):
        other.bind((socks[-1].getsockname()[0], socks[0].getsockname()[1]))


def test_what_leads_the_browser_there_is_private(tmp_path: Path) -> None:
    file = door_file(tmp_path / "run", LINK)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert f'url={LINK}"' in file.read_text()


def test_the_browser_is_given_a_file_and_never_the_link(home: Path) -> None:
    shown: list[str] = []
    there = threading.Event()

    def show(address: str) -> bool:
        shown.append(address)
        there.set()
        return True

    files = _browser(places(), LINK, {"DISPLAY": ":0"}, show)
    assert there.wait(30)
    assert shown == [files[0].as_uri()]
    assert "open/00" not in shown[0]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("bare", "hints", "seen"), [
    (False, Terminal(), (False, True)), (False, io.StringIO(), (False, False)), (True, io.StringIO(), (True, False)),
])  # fmt: skip
def test_the_link_is_written_to_the_person_and_into_no_log(
    bare: bool, hints: io.StringIO, seen: tuple[bool, bool]
) -> None:
    out = io.StringIO()
    _say(LINK, bare, out, hints)
    assert (LINK in out.getvalue(), LINK in hints.getvalue()) == seen
    assert bare or "closes by\nitself" in hints.getvalue()


def test_without_a_screen_no_browser_is_opened(home: Path) -> None:
    assert _browser(places(), LINK, {}, lambda _: pytest.fail("a browser was opened")) == [] or sys.platform != "linux"


def test_it_ends_when_nobody_looks_any_more(home: Path) -> None:
    clock = Clock()
    with visited(clock_s=clock) as visit:
        visit.open()
        clock.now_s += IDLE_S + 1
        assert visit.page.stop.wait(60)


def test_it_does_not_end_while_something_runs(home: Path) -> None:
    clock = Clock()
    with visited(clock_s=clock) as visit:
        visit.open()
        with visit.page.busy.at_work():
            clock.now_s += IDLE_S + 1
            assert not visit.page.stop.wait(2)
            assert visit.get("/static/page.css").status == 200
        assert visit.page.stop.wait(60)


def test_a_laptop_that_sleeps_does_not_keep_it_alive() -> None:
    woke = {time.CLOCK_MONOTONIC: 60.0, time.CLOCK_BOOTTIME: 60.0 + IDLE_S}
    assert steady(woke.__getitem__) > IDLE_S


def test_a_refused_visitor_does_not_keep_it_alive(home: Path) -> None:
    clock = Clock()
    with visited(clock_s=clock) as visit:
        clock.now_s += IDLE_S - 1
        assert visit.get("/").status == 403
        clock.now_s += 2
        assert visit.page.stop.wait(60)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_closes_it_and_leaves_no_file(home: Path, number: signal.Signals) -> None:
    process = subprocess.Popen(
        [str(Path(sys.executable).with_name("scrubin")), "page", "--no-browser"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, "DISPLAY": ""},
    )  # fmt: skip
    assert process.stdout is not None
    line = process.stdout.readline()
    assert re.fullmatch(r"http://scrubin-[0-9a-f]{16}\.localhost:[0-9]+/open/[0-9a-f]{64}\n", line)
    process.send_signal(number)
    _, hints = process.communicate(timeout=60)
    assert process.returncode == 0, hints
    assert not list(places().runtime.glob("page-*"))
