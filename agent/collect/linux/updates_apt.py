"""Debian, Ubuntu and relatives: when all updates were last installed, from apt's own log and stamps."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

from agent.collect.absent import if_there, text_if_there, there
from agent.collect.host import CollectError, Command, Host
from agent.collect.linux.updates_clock import days
from agent.collect.printed import printed
from checks.evidence import Why

LOG = "/var/log/apt/history.log"
ROTATED = f"{LOG}.1.gz"
UNPACK = Command(argv=("gzip", "-cd", ROTATED))
"""Right after a month's end the log is empty, and the last update is in the one before."""
STAMP = "/var/lib/apt/periodic/upgrade-stamp"
"""Touched by the daily job each time that unattended-upgrade ended well, updates or not."""
LISTS = "/var/lib/apt/lists"
SECURITY = re.compile(r".*_dists_[a-z]+-security_(In)?Release")
QUIET = timedelta(days=7)
"""A list is dated by its archive; a security archive that is alive changes within this time."""
WHOLE = frozenset({"upgrade", "dist-upgrade", "full-upgrade", "safe-upgrade"})
PART = frozenset({"install", "reinstall", "remove", "purge", "build-dep", "satisfy"})
PROGRAMS = frozenset({"unattended-upgrade", "role='update-packages'", "role='role-upgrade-system'"})
GRAPHICAL = frozenset({"synaptic", "role='role-commit-packages'"})
"""Update and install alike; only what was installed tells the two apart."""


def installed(host: Host) -> datetime:
    """The newest update of everything, but no later than the list of security updates was still fresh."""
    listed = _listed(host)
    found = [*_stamped(host), *_logged(host)]
    if not found:
        raise CollectError(Why.NOT_SAID, "no update in the logs that are left")
    newest = max(found)
    days(host.now(), newest)  # raises for a date in the future, which the lists would else make look fresh
    return newest if newest - listed <= QUIET else listed + QUIET


def parse(text: str) -> datetime | None:
    """The end of the newest update of everything in a history.log; None when it holds none. Raises UNPARSABLE."""
    if text.strip() and "Start-Date: " not in text:
        raise CollectError(Why.UNPARSABLE, "history.log")
    ended = [_moment(entry["End-Date"]) for entry in _entries(text) if _whole(entry)]
    return max(ended, default=None)


def _entries(text: str) -> Iterator[Mapping[str, str]]:
    for block in text.split("\n\n"):
        pairs = (line.partition(": ") for line in block.splitlines())
        yield {key: value for key, sign, value in pairs if sign}


def _whole(entry: Mapping[str, str]) -> bool:
    """It ended, without an error, had something to update, and was asked for everything."""
    if not {"Upgrade", "End-Date"} <= set(entry) or "Error" in entry:
        return False
    words = {word.rsplit("/", 1)[-1] for word in entry.get("Commandline", "").split()}
    if words & GRAPHICAL:
        return all(one.endswith(", automatic") for one in entry.get("Install", "").split(")")[:-1])
    return bool(words & (WHOLE | PROGRAMS)) and not words & PART


def _moment(text: str) -> datetime:
    """`2025-06-24  14:36:25`, local time, taken as UTC: half a day more or less does not matter here."""
    try:
        return datetime.strptime(" ".join(text.split()), "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    except ValueError as error:
        raise CollectError(Why.UNPARSABLE, f"history.log: {text[:80]}") from error


def _logged(host: Host) -> Iterator[datetime]:
    newest = parse(text_if_there(host, LOG) or "")
    if newest is None and there(host, ROTATED):
        newest = parse(printed(host, UNPACK))
    if newest is not None:
        yield newest


def _stamped(host: Host) -> Iterator[datetime]:
    stamp = if_there(lambda: host.stat(STAMP))
    if stamp is not None:
        yield stamp.modified_at


def _listed(host: Host) -> datetime:
    """The date of the newest list of security updates. Raises NOT_SAID where no security archive is in use."""
    found = [host.stat(f"{LISTS}/{name}").modified_at for name in host.names(LISTS) if SECURITY.fullmatch(name)]
    if not found:
        raise CollectError(Why.NOT_SAID, "no list of a security archive")
    return max(found)
