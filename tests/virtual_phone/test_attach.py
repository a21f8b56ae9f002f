"""A phone comes, is allowed and goes, seen by the real adb server: the daemon's thread, then the daemon itself."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from virtual_phone.rig import PlugIn, states, until

from agent.collect.adb.wifi import Outcome, connect
from agent.daemon.phones import Phones
from agent.demo.faults import Faults
from agent.demo.server import AdbServer

ROOT = Path(__file__).parents[2]
CHILD = ROOT / "tests" / "agent" / "daemon_child.py"


@pytest.fixture
def calls(adb_server: AdbServer) -> Iterator[list[float]]:
    """When the thread called, monotonic."""
    came: list[float] = []
    phones = Phones(adb_server.port, ready=lambda: came.append(time.monotonic()), monotonic=time.monotonic)
    phones.start()
    until(lambda: phones._following)
    yield came
    phones.stop()
    assert phones.ended_within(20.0)


def test_a_phone_that_comes_calls(calls: list[float], virtual_phone: PlugIn) -> None:
    virtual_phone()
    until(lambda: bool(calls))
    assert len(calls) == 1


def test_a_phone_calls_once_it_allows_this_laptop_and_not_before(
    calls: list[float], adb_server: AdbServer, virtual_phone: PlugIn
) -> None:
    phone = virtual_phone(faults=Faults(unauthorised=True))
    until(lambda: states(adb_server).get(phone.address) == "unauthorized")
    assert calls == []
    phone.allow()
    until(lambda: bool(calls))


def test_a_phone_that_goes_and_another_that_comes(calls: list[float], virtual_phone: PlugIn) -> None:
    first = virtual_phone()
    until(lambda: len(calls) == 1)
    first.unplug()
    virtual_phone(serial="VIRTUAL0002")
    until(lambda: len(calls) == 2)


class Daemon:
    """The daemon with a fake audit, as a process of its own."""

    def __init__(self, root: Path, port: int) -> None:
        environ = {**os.environ, "PYTHONPATH": str(ROOT), "ANDROID_ADB_SERVER_PORT": str(port)}
        (root / "photos").mkdir()
        self.process = subprocess.Popen(
            [sys.executable, str(CHILD), "quick", str(root)], env=environ, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self.lines: list[tuple[float, str]] = []
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as stream:
            for line in stream:
                self.lines.append((time.monotonic(), line.strip()))

    def said(self, text: str) -> int:
        return sum(line == text for _, line in list(self.lines))

    def end(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(30)
        self._reader.join()
        return code


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Callable[[int], Daemon]]:
    running: list[Daemon] = []

    def start(port: int) -> Daemon:
        running.append(Daemon(tmp_path, port))
        until(lambda: running[-1].said("audited start") == 1)
        return running[-1]

    yield start
    for one in running:
        one.process.kill()
        one.process.wait()
        one._reader.join()


def test_the_daemon_audits_phones_when_one_is_allowed(
    daemon: Callable[[int], Daemon], adb_server: AdbServer, virtual_phone: PlugIn
) -> None:
    running = daemon(adb_server.port)
    phone = virtual_phone(faults=Faults(unauthorised=True))
    until(lambda: states(adb_server).get(phone.address) == "unauthorized")
    assert running.said("audit phone phones -") == 0
    phone.allow()
    until(lambda: running.said("audit phone phones -") == 1)
    assert running.end() == 0


def test_the_daemon_finds_a_server_that_starts_after_it(
    daemon: Callable[[int], Daemon], tmp_path: Path, virtual_phone: PlugIn
) -> None:
    phone = virtual_phone(connect=False)
    home = tmp_path / "adb"
    home.mkdir()
    with AdbServer(str(home)) as gone:
        port = gone.port
    running = daemon(port)
    child = subprocess.Popen(
        ["/usr/bin/adb", "-P", str(port), "nodaemon", "server"], env={"HOME": str(home)}, stderr=subprocess.DEVNULL
    )
    try:
        until(lambda: connect(port, phone.address) is Outcome.DONE)
        until(lambda: running.said("audit phone phones -") == 1)
    finally:
        child.kill()
        child.wait()


def test_the_agent_itself_audits_a_phone_that_comes_and_names_it_nowhere(
    adb_server: AdbServer, virtual_phone: PlugIn, tmp_path: Path
) -> None:
    for name in ("etc", "home"):
        (tmp_path / name).mkdir()
    environ = {
        **os.environ, "PYTHONPATH": str(ROOT), "SCRUBIN_STATE": str(tmp_path / "state"), "HOME": str(tmp_path / "home"),
        "SCRUBIN_SYSTEM_CONFIG": str(tmp_path / "etc"), "XDG_RUNTIME_DIR": str(tmp_path / "run"),
        "ANDROID_ADB_SERVER_PORT": str(adb_server.port),
    }  # fmt: skip
    log = tmp_path / "log"
    with log.open("wb") as stream:
        agent = subprocess.Popen(
            [sys.executable, "-c", "from agent.cli import main; main()", "agent", "--verbose"],
            env=environ,
            stderr=stream,
        )
    try:
        until(lambda: "no phone could be looked at" in log.read_text())
        phone = virtual_phone({"getprop": "[ro.serialno]: [SECRET0001]\n"})
        until(lambda: "audit of a phone because of phone" in log.read_text())
        assert "adbutils" not in Path(f"/proc/{agent.pid}/maps").read_text()
    finally:
        agent.terminate()
        agent.wait(30)
    assert phone.address not in log.read_text()
    assert "SECRET0001" not in log.read_text()
    assert phone.ledger.refused == []
