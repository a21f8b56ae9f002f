"""`scrubin check --no-photos --json` beside the bare commands it runs, its own start, and lynis.

Usage: audit.py [REPEATS]. Twice: as this machine is, and with a session bus and GNOME's name in the environment, so
that a desktop's settings are asked for too. Run it as an ordinary account: an administrator's own are not looked at.
"""

import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from table import Row, print_cells, ratio_row, seconds, show
from timing import medians, once

from agent import desk as desks
from agent.collect.host import CollectError, Command, LocalHost, Output, find_tool
from agent.runner import audit

BIN = Path(sys.executable).parent
OURS = [str(BIN / "scrubin"), "check", "--no-photos", "--json"]
START = [sys.executable, "-c", "import agent.cli, agent.commands.check, checks.catalog"]
LYNIS = [find_tool("lynis"), "audit", "system", "--quick", "--quiet", "--no-colors"]
PLAIN = {"LANG": "C", "LC_ALL": "C"}
"""The locale in which the door runs commands."""


class WritingHost(LocalHost):
    """This laptop, with a list of the commands that were started."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        super().__init__(environ=environ)
        self.started: list[tuple[str, ...]] = []

    def run(self, command: Command) -> Output:
        """Run it, and write it down unless its tool is missing."""
        with contextlib.suppress(CollectError):  # a missing tool costs nothing, bare or not
            self.started.append((find_tool(command.argv[0]), *command.argv[1:]))
        return super().run(command)


def rows(repeats: int = 9) -> list[Row]:
    """All ratios, and tables of the commands on the way."""
    with tempfile.TemporaryDirectory(prefix="scrubin-bench-") as state:
        here = {**PLAIN, "SCRUBIN_STATE": state}
        with _environ(here):  # the list of commands is taken in this process
            found = _beside_commands("this machine", here, repeats)
            with _bus() as address:
                gnome = {**here, "XDG_CURRENT_DESKTOP": "GNOME", "DBUS_SESSION_BUS_ADDRESS": address}
                found += _beside_commands("a GNOME session", gnome, repeats)
        ours_s = medians({"ours": [OURS]}, repeats=3, environ=here)["ours"]
        lynis = [*LYNIS, "--logfile", f"{state}/lynis.log", "--report-file", f"{state}/lynis.dat"]
        lynis_s = once(lynis, here)  # a minute or more: once tells enough
    return [*found, ratio_row("scrubin check", ours_s, beside="lynis --quick", beside_s=lynis_s)]


def _beside_commands(where: str, environ: Mapping[str, str], repeats: int) -> list[Row]:
    bare = _commands(environ)
    taken = medians({"ours": [OURS], "bare": bare, "start": [START]}, repeats=repeats, environ=environ)
    _show_commands(where, bare, environ)
    name = f"scrubin check, {where}"
    return [
        ratio_row(name, taken["ours"], beside=f"{len(bare)} bare commands", beside_s=taken["bare"], limit=2),
        ratio_row(name, taken["ours"], beside="Python and imports alone", beside_s=taken["start"]),
    ]


def _commands(environ: Mapping[str, str]) -> list[tuple[str, ...]]:
    """What one audit runs, in order."""
    desk = desks.open_desk()
    host = WritingHost({"HOME": desk.door.home, **environ})
    subject = replace(desks.laptop(desk, left_out=frozenset({"clinical_images"})), host=host, door=host)
    audit(subject, desk.in_force.policy, clock=desks.now)
    return host.started


@contextlib.contextmanager
def _environ(changes: Mapping[str, str]) -> Iterator[None]:
    """Variables of this process for a while: what is measured next must not find them."""
    before = dict(os.environ)
    os.environ.update(changes)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextlib.contextmanager
def _bus() -> Iterator[str]:
    """A session bus, as a desktop has one. Yields its address."""
    argv = ["dbus-daemon", "--session", "--nofork", "--print-address=1"]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as daemon:
        try:
            yield (daemon.stdout.readline() if daemon.stdout else "").strip()
        finally:
            daemon.terminate()


def _show_commands(where: str, bare: Sequence[tuple[str, ...]], environ: Mapping[str, str]) -> None:
    taken = medians({" ".join(argv): [argv] for argv in bare}, repeats=5, environ=environ)
    print_cells([f"bare command, {where}", "median"], [[name, seconds(time)] for name, time in taken.items()])
    print()


if __name__ == "__main__":
    show(rows(*(int(word) for word in sys.argv[1:])))
