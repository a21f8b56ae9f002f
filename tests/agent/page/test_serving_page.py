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

from agent.collect.host import CollectError, Command, LocalHost, Output
from agent.commands.page import _browser, _has_screen, _say, steady
from agent.page.browser import default_entry, door_for
from agent.page.serve import IDLE_S, bound, door_file
from agent.places import places
from checks.evidence import Why

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

    files = _browser(places(), LINK, show)
    assert there.wait(30)
    assert shown == [files[0].as_uri()]
    assert "open/00" not in shown[0]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("screen", [True, False])
@pytest.mark.parametrize(("bare", "hints", "seen"), [
    (False, Terminal, (False, True)), (False, io.StringIO, (False, False)), (True, io.StringIO, (True, False)),
])  # fmt: skip
def test_the_link_is_written_to_the_person_and_into_no_log(
    bare: bool, hints: type[io.StringIO], seen: tuple[bool, bool], screen: bool
) -> None:
    out, said = io.StringIO(), hints()
    _say(LINK, bare, out, said, screen=screen)
    assert (LINK in out.getvalue(), LINK in said.getvalue()) == seen
    assert bare or ("open in your browser" in said.getvalue()) is screen


@pytest.mark.parametrize(("environ", "has"), [
    ({}, False), ({"DISPLAY": ""}, False), ({"DISPLAY": ":0"}, True), ({"WAYLAND_DISPLAY": "wayland-0"}, True),
])  # fmt: skip
def test_a_browser_needs_a_screen(environ: dict[str, str], has: bool) -> None:
    assert _has_screen(environ) is (has or sys.platform != "linux")


@pytest.mark.parametrize(("entry", "there"), [
    ("firefox_firefox.desktop", "home/snap/firefox/common/scrubin"),
    ("chromium_chromium.desktop", "run"),  # its folder is not there: it never ran
    ("firefox.desktop", "run"),
    ("other_firefox.desktop", "run"),  # named like one, and not snapd's
    ("../x_y.desktop", "run"),
    ("", "run"),
])  # fmt: skip
def test_a_browser_in_a_snap_is_given_a_file_that_it_may_read(tmp_path: Path, entry: str, there: str) -> None:
    snaps, home = tmp_path / "snaps", tmp_path / "home"
    (home / "snap/firefox/common").mkdir(parents=True)
    (home / "snap/other/common").mkdir(parents=True)
    snaps.mkdir()
    for one in ("firefox_firefox.desktop", "chromium_chromium.desktop"):
        (snaps / one).touch()
    file = door_for(LINK, runtime=tmp_path / "run", home=home, entry=entry, snaps=snaps)
    assert file.parent == tmp_path / there
    assert (stat.S_IMODE(file.stat().st_mode), stat.S_IMODE(file.parent.stat().st_mode)) == (0o600, 0o700)


class Session(LocalHost):
    def __init__(self, answer: Output | None) -> None:
        super().__init__()
        self._answer = answer

    def run(self, command: Command) -> Output:
        if self._answer is None:
            raise CollectError(Why.TOOL_MISSING)
        return self._answer


@pytest.mark.parametrize(("answer", "said"), [
    (Output(exit_code=0, stdout="firefox_firefox.desktop\n", stderr=""), "firefox_firefox.desktop"),
    (Output(exit_code=4, stdout="", stderr="no default"), ""),
    (None, ""),
])  # fmt: skip
def test_the_session_is_asked_for_its_browser(answer: Output | None, said: str) -> None:
    assert default_entry(Session(answer)) == said


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
