"""Lists of apps as a phone prints them, and recordings with a piece missing: what tests of several probes share."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from fakes import phone, rule_for

from agent.collect.android.commands import READINGS
from agent.collect.host import Host, LocalHost
from agent.collect.observe import observe
from agent.collect.recorded import RecordedHost, load
from checks.evaluate import evaluate
from checks.model import Status
from checks.spec import Check

RECORDINGS = Path(__file__).parents[2] / "recordings" / "android"
SYSTEM = ("android", "com.android.settings", "com.android.systemui", "com.android.phone", "com.android.shell")
ON = "installed=true hidden=false suspended=false stopped=false notLaunched=false enabled=0"
OFF = ON.replace("enabled=0", "enabled=3")
GONE = ON.replace("installed=true", "installed=false")


def listing(*names: str) -> str:
    """`pm list packages --user 0`"""
    return "".join(f"package:{name}\n" for name in (*SYSTEM, *names))


def entry(
    name: str,
    asked: Sequence[str] = (),
    held: Mapping[str, bool] | None = None,
    *,
    system: bool = False,
    states: Mapping[int, str] | None = None,
    made_for: int | None = None,
) -> str:
    """One app of a dump; `held` are the permissions of user 0, in whose place others hold everything."""
    held = held or {}
    lines = [f"  Package [{name}] (1a2b3c4):", f"    flags=[ {'SYSTEM ' if system else ''}HAS_CODE ]"]
    lines += [] if made_for is None else [f"    versionCode=12 minSdk=21 targetSdk={made_for}"]
    lines += ["    requested permissions:", *(f"      android.permission.{one}" for one in asked or held)]
    for user, state in (states or {0: ON}).items():
        lines += [f"    User {user}: ceDataInode=1 {state}", "      runtime permissions:"]
        rights = held if user == 0 else dict.fromkeys(held, True)
        lines += [f"        android.permission.{one}: granted={str(had).lower()}" for one, had in rights.items()]
    return "\n".join(lines) + "\n"


def dump(*entries: str) -> str:
    """`dumpsys package packages`, with the system's own apps."""
    return "Packages:\n" + "".join(entry(name, system=True) for name in SYSTEM) + "".join(entries)


def cases(topic: str) -> list[Path]:
    """The recordings of a topic."""
    return sorted(path.parent for path in (RECORDINGS / topic).glob("*/recording.toml"))


def cut(folder: Path) -> Iterator[RecordedHost]:
    """The recording with each one of its answers cut after each of its lines."""
    return _changed(folder, lambda lines, at: lines[:at])


def gappy(folder: Path) -> Iterator[RecordedHost]:
    """The recording without each one of its lines."""
    return _changed(folder, lambda lines, at: lines[:at] + lines[at + 1 :])


def sifted(folder: Path) -> RecordedHost:
    """The recording as it arrives from a phone that sends only the lines that are asked for."""
    whole = load(str(folder), LocalHost())
    keep = {reading.command.argv: re.compile(reading.keep) for reading in READINGS if reading.keep}
    rows = []
    for row in whole._index["command"]:
        lines = whole._text(row, "stdout").splitlines(keepends=True)
        wanted = keep.get(tuple(row["argv"]), re.compile(""))
        rows.append({"argv": row["argv"], "stdout_text": "".join(filter(wanted.search, lines))})
    return RecordedHost({**whole._index, "command": rows}, whole._payloads)


def _changed(folder: Path, change: Callable[[list[str], int], list[str]]) -> Iterator[RecordedHost]:
    whole = load(str(folder), LocalHost())
    for number, row in enumerate(whole._index["command"]):
        lines = whole._text(row, "stdout").splitlines(keepends=True)
        for at in range(len(lines)):
            rows = list(whole._index["command"])
            left = "".join(change(lines, at))
            rows[number] = {"argv": row["argv"], "stdout_text": left, "stderr_text": whole._text(row, "stderr")}
            yield RecordedHost({**whole._index, "command": rows}, whole._payloads)


def status(check: Check[Any, Any], probe: Callable[[Host], Any], host: Host) -> Status:
    """What becomes of a phone under a check's own limits."""
    evidence = observe(probe, host)
    rule = rule_for(check.limits())
    return evaluate(check, phone(), evidence, rule, now=host.now(), profile="owner").finding.status


NONSENSE = (
    "java.lang.SecurityException: nope\n",
    "Can't find service: package\n",
    "*** SERVICE 'package' DUMP TIMEOUT (20000ms) EXPIRED ***\n",
    "Permission Denial: can't dump package from from pid=1, uid=2000\n",
    "",
    "\n \n",
    "Aucun élément trouvé\n",
    "\x00\x01\udcff",
)
"""Answers that are none, each with exit status 0."""
