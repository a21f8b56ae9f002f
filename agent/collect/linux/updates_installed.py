"""When all updates known at the time were last installed; installing one program must not look like that.

The change times of the package databases would say so of any installation, hence they are not asked.
"""

import re
from datetime import UTC, datetime

from agent.collect.host import CollectError, Command, Host
from agent.collect.linux import updates_apt
from agent.collect.linux.updates_release import Packages, Release, packages
from checks.evidence import Why

BASE = ("kernel-core", "kernel-default", "linux-firmware", "sudo", "tzdata", "timezone", "ca-certificates")
"""Packages that every system has, that change often, and that nothing else pulls up when it is installed."""
RPM = Command(argv=("rpm", "-q", "--queryformat", r"%{INSTALLTIME}\n", *BASE))
PACMAN = Command(argv=("tail", "-c", "262144", "/var/log/pacman.log"))
"""The log is never rotated and outgrows the size limit; its end is enough."""
EVENT = re.compile(r"\[(?P<at>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d{4})\] \[(?P<by>[A-Z]{1,20})\] (?P<what>.*)")


def installed(host: Host, which: Release) -> datetime:
    """The moment. Raises CollectError where the traces that we know are missing."""
    match packages(which):
        case Packages.APT:
            return updates_apt.installed(host)
        case Packages.RPM:
            return parse_rpm(host.run(RPM).stdout)
        case Packages.PACMAN:
            return parse_pacman(host.run(PACMAN).stdout)


def parse_rpm(text: str) -> datetime:
    """The newest of the times that rpm prints, one a line. Its exit code only counts the packages that are missing."""
    moments = []
    for line in text.splitlines():
        if re.fullmatch(r"[0-9]{9,11}", line):
            moments.append(int(line))
        elif not re.fullmatch(r"package \S{1,60} is not installed", line):
            raise CollectError(Why.UNPARSABLE, f"rpm: {line[:80]}")
    if not moments:
        raise CollectError(Why.NOT_SAID, "rpm names no base package")
    return datetime.fromtimestamp(max(moments), UTC)


def parse_pacman(text: str) -> datetime:
    """The newest completed full upgrade that fetched the package lists first. Raises NOT_SAID when there is none."""
    newest = None
    steps: list[str] = []
    for line in text.splitlines():
        event = EVENT.fullmatch(line)
        if event is None or event["by"] not in {"PACMAN", "ALPM"}:
            continue
        steps = _after(steps, event["what"])
        if steps == ["synchronizing", "starting", "completed"]:
            newest, steps = _moment(event["at"]), []
    if newest is None:
        raise CollectError(Why.NOT_SAID, "the log's end shows no full upgrade")
    return newest


def _after(steps: list[str], what: str) -> list[str]:
    if what.startswith("Running "):
        return []
    if what == "synchronizing package lists":
        return ["synchronizing"]
    if what == "starting full system upgrade":
        return [*steps, "starting"]
    return [*steps, "completed"] if what == "transaction completed" else steps


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise CollectError(Why.UNPARSABLE, f"pacman.log: {text}") from error
