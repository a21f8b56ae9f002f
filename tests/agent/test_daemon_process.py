"""The daemon as a process: signals, the lock, systemd's socket, real folders."""

import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from queue import Empty, Queue
from typing import IO

import pytest

CHILD = Path(__file__).with_name("daemon_child.py")
WAIT_S = 60.0
"""How long a test waits for something that must happen; a busy machine may be slow."""


class Daemon:
    """A running daemon and what it said."""

    def __init__(self, root: Path, *, kind: str = "quick", **environ: str) -> None:
        (root / "photos").mkdir(exist_ok=True)
        self.root = root
        self.process = subprocess.Popen(
            [sys.executable, str(CHILD), kind, str(root)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env={"HOME": str(root), **environ},
        )  # fmt: skip
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        self.said: Queue[str] = Queue()
        self.log: list[str] = []
        self._logged: Queue[str] = Queue()
        self._readers = [
            threading.Thread(target=_pump, args=(self.process.stdout, self.said)),
            threading.Thread(target=_pump, args=(self.process.stderr, self._logged)),
        ]
        for reader in self._readers:
            reader.start()

    def hears(self, beginning: str) -> str:
        """Wait for a line of the audit."""
        return _next(self.said, beginning)

    def logs(self, part: str) -> str:
        """Wait for a line of the log."""
        return _next(self._logged, part)

    def told(self, number: signal.Signals) -> "Daemon":
        self.process.send_signal(number)
        return self

    def ends(self) -> int:
        """Wait for the end. What was not read yet stays to be read."""
        code = self.process.wait(WAIT_S)
        for reader in self._readers:
            reader.join(WAIT_S)
        return code

    def rest(self) -> list[str]:
        """Everything of the audit that was not read yet."""
        lines = []
        while not self.said.empty():
            lines.append(self.said.get())
        return lines

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.ends()
        for stream in (self.process.stdout, self.process.stderr):
            if stream is not None:
                stream.close()


def _pump(stream: IO[str], lines: "Queue[str]") -> None:
    for line in stream:
        lines.put(line.rstrip("\n"))


def _next(lines: "Queue[str]", part: str) -> str:
    seen = []
    try:
        while part not in (line := lines.get(timeout=WAIT_S)):
            seen.append(line)
    except Empty:
        pytest.fail(f"never said: {part!r}; said: {seen}")
    return line


@pytest.fixture
def daemons(tmp_path: Path) -> Iterator[list[Daemon]]:
    running: list[Daemon] = []
    yield running
    for daemon in running:
        daemon.close()


def start(daemons: list[Daemon], root: Path, *, kind: str = "quick", **environ: str) -> Daemon:
    daemons.append(Daemon(root, kind=kind, **environ))
    return daemons[-1]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_when_told_and_keeps_when_it_audited(daemons: list[Daemon], tmp_path: Path, number: int) -> None:
    daemon = start(daemons, tmp_path)
    assert daemon.hears("audit start") == "audit start all -"
    daemon.hears("deliver")
    assert daemon.told(signal.Signals(number)).ends() == 0
    assert (tmp_path / "state" / "last_audit").exists()
    daemon.logs("the agent stopped")


def test_told_to_end_in_the_middle_of_an_audit_it_stops_the_audit(daemons: list[Daemon], tmp_path: Path) -> None:
    daemon = start(daemons, tmp_path, kind="long")
    daemon.hears("audit start")
    assert daemon.told(signal.SIGTERM).ends() == 0
    assert daemon.rest() == ["audited start"]
    assert not (tmp_path / "state" / "last_audit").exists()


def test_a_signal_that_reaches_another_thread_wakes_the_loop(daemons: list[Daemon], tmp_path: Path) -> None:
    daemon = start(daemons, tmp_path, kind="struck")
    daemon.hears("audit start")
    assert daemon.ends() == 0


def test_an_audit_that_will_not_stop_does_not_hold_it_up(daemons: list[Daemon], tmp_path: Path) -> None:
    daemon = start(daemons, tmp_path, kind="deaf")
    daemon.hears("audit start")
    assert daemon.told(signal.SIGTERM).ends() == 0
    daemon.logs("in the middle of an audit; it is made again at the next start")
    assert not (tmp_path / "state" / "last_audit").exists()


def test_an_interrupted_audit_is_made_again(daemons: list[Daemon], tmp_path: Path) -> None:
    first = start(daemons, tmp_path, kind="deaf")
    first.hears("audit start")
    first.told(signal.SIGKILL).ends()
    start(daemons, tmp_path).hears("audited start")


def test_a_reload_reads_the_schedule_again_and_audits(daemons: list[Daemon], tmp_path: Path) -> None:
    daemon = start(daemons, tmp_path)
    daemon.hears("deliver")
    (tmp_path / "times").write_text("03:15 15:15")
    daemon.told(signal.SIGHUP)
    daemon.hears("schedule 03:15 15:15")
    daemon.hears("audit policy all -")
    assert daemon.told(signal.SIGTERM).ends() == 0


def test_a_second_instance_is_refused_and_the_first_goes_on(daemons: list[Daemon], tmp_path: Path) -> None:
    first = start(daemons, tmp_path)
    first.hears("deliver")
    second = start(daemons, tmp_path)
    assert second.ends() == 3
    second.logs(f"the agent already runs for this account (process {first.process.pid})")
    assert second.rest() == []
    first.told(signal.SIGHUP).hears("audit policy")


def test_systemd_is_told_in_order(daemons: list[Daemon], tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(WAIT_S)
        daemon = start(daemons, tmp_path, NOTIFY_SOCKET=str(tmp_path / "notify"), WATCHDOG_USEC="100000")
        kinds = [_kind(manager)]
        while kinds.count("WATCHDOG") < 3:
            kinds.append(_kind(manager))
        daemon.hears("deliver")
        daemon.told(signal.SIGHUP).hears("audit policy")
        daemon.told(signal.SIGTERM)
        while kinds[-1] != "STOPPING":
            kinds.append(_kind(manager))
    assert daemon.ends() == 0
    told = [kind for kind in kinds if kind not in {"WATCHDOG", "STATUS"}]
    assert told == ["READY", "RELOADING", "READY", "STOPPING"]
    assert kinds[0] == "READY"


def _kind(manager: socket.socket) -> str:
    return manager.recv(4096).decode().partition("=")[0]


def test_a_new_picture_brings_the_checks_of_pictures(daemons: list[Daemon], tmp_path: Path) -> None:
    daemon = start(daemons, tmp_path)
    daemon.hears("deliver")
    # Only the daemon knows when its watch stands, so pictures come until one is noticed.
    for number in range(int(WAIT_S)):
        (tmp_path / "photos" / f"{number}.jpg").touch()
        try:
            line = daemon.said.get(timeout=1)
        except Empty:
            continue
        assert line == "audit folder laptop clinical_images"
        return
    pytest.fail("no picture was noticed")


def test_a_new_policy_file_brings_a_whole_audit(daemons: list[Daemon], tmp_path: Path) -> None:
    daemon = start(daemons, tmp_path)
    daemon.hears("deliver")
    (tmp_path / "policy.d").mkdir()
    daemon.hears("audit policy all -")


def test_an_audit_that_raises_ends_nothing_and_quotes_nothing(daemons: list[Daemon], tmp_path: Path) -> None:
    daemon = start(daemons, tmp_path, kind="broken")
    line = daemon.logs("an audit failed: FileNotFoundError(ENOENT) at __main__")
    assert "clin" not in line
    daemon.told(signal.SIGHUP).hears("audit policy")
    assert daemon.told(signal.SIGTERM).ends() == 0


def test_a_runtime_folder_that_cannot_be_is_said(daemons: list[Daemon], tmp_path: Path) -> None:
    (tmp_path / "run").touch()
    daemon = start(daemons, tmp_path)
    assert daemon.ends() == 3
    assert str(tmp_path) not in daemon.logs("the agent's runtime folder cannot be written")
