"""Measures the idle daemon: resident memory and CPU seconds over a time, as a row of the bench table or as JSON.

Usage: python packaging/bench/idle_daemon.py [--seconds 600] [--settle 20] [--json] [-- COMMAND ...]
Without a command it runs `scrubin agent` of this environment, in a home of its own.
"""

import argparse
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

TARGET_RSS_MB = 40.0
TARGET_CPU_S_IN_TEN_MINUTES = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Idle:
    """What was measured."""

    seconds: float
    rss_mb: float
    """Resident memory at the end; the same at the beginning would hide a leak."""
    rss_growth_mb: float
    cpu_s: float
    cpu_s_in_ten_minutes: float
    threads: int
    wakeups: int
    """Voluntary context switches of all threads: how often something woke."""


def main() -> int:
    """0 if both targets are met, 1 if not, 3 if the daemon did not stay up."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--settle", type=float, default=20.0, help="seconds for the first audit, not measured")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("command", nargs="*")
    given = parser.parse_args()
    command = given.command or [str(Path(sys.executable).with_name("scrubin")), "agent"]
    with tempfile.TemporaryDirectory(prefix="scrubin-bench-") as home, running(command, Path(home)) as pid:
        try:
            idle = measure(pid, settle_s=given.settle, seconds=given.seconds)
        except FileNotFoundError:
            print("the daemon ended while it was measured", file=sys.stderr)
            return 3
    print(json.dumps(asdict(idle)) if given.json else row(idle))
    return 0 if idle.rss_mb <= TARGET_RSS_MB and idle.cpu_s_in_ten_minutes <= TARGET_CPU_S_IN_TEN_MINUTES else 1


@contextlib.contextmanager
def running(command: list[str], home: Path) -> Iterator[int]:
    """The daemon in a home of its own, ended afterwards."""
    for name in ("Pictures", "run"):
        (home / name).mkdir(mode=0o700)
    places = {"HOME": home, "XDG_RUNTIME_DIR": home / "run", "XDG_STATE_HOME": home / "state",
              "XDG_CONFIG_HOME": home / "config"}  # fmt: skip
    child = subprocess.Popen(
        command, env={**os.environ, **{name: str(path) for name, path in places.items()}}, stdout=subprocess.DEVNULL
    )
    try:
        yield child.pid
    finally:
        child.send_signal(signal.SIGTERM)
        try:
            child.wait(10)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def measure(pid: int, *, settle_s: float, seconds: float) -> Idle:
    """Read /proc before and after."""
    time.sleep(settle_s)
    began, cpu, rss, woken = time.monotonic(), cpu_s(pid), rss_mb(pid), wakeups(pid)
    time.sleep(seconds)
    took = time.monotonic() - began
    used = cpu_s(pid) - cpu
    return Idle(
        seconds=round(took, 1), rss_mb=round(rss_mb(pid), 1), rss_growth_mb=round(rss_mb(pid) - rss, 2),
        cpu_s=round(used, 3), cpu_s_in_ten_minutes=round(used * 600 / took, 3),
        threads=len(list(Path(f"/proc/{pid}/task").iterdir())), wakeups=wakeups(pid) - woken,
    )  # fmt: skip


def cpu_s(pid: int) -> float:
    """User and system time, from the scheduler's nanoseconds: the ticks of /proc/PID/stat are too coarse for this."""
    return sum(int((task / "schedstat").read_text().split()[0]) for task in Path(f"/proc/{pid}/task").iterdir()) / 1e9


def rss_mb(pid: int) -> float:
    """Resident memory in MB of 10^6 bytes."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def wakeups(pid: int) -> int:
    """Voluntary context switches of all threads."""
    lines = [line for task in Path(f"/proc/{pid}/task").iterdir() for line in (task / "status").read_text().split("\n")]
    return sum(int(line.split()[1]) for line in lines if line.startswith("voluntary_ctxt_switches"))


def row(idle: Idle) -> str:
    """One row of the bench table."""
    return (
        f"| idle daemon, {idle.seconds:.0f} s | {idle.rss_mb} MB (target {TARGET_RSS_MB:.0f}) "
        f"| {idle.cpu_s_in_ten_minutes} s CPU in ten minutes (target {TARGET_CPU_S_IN_TEN_MINUTES}) "
        f"| {idle.threads} threads, {idle.wakeups} wake-ups |"
    )


if __name__ == "__main__":
    sys.exit(main())
