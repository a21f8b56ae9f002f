"""What is mounted where: which folders are kept elsewhere, and which are the same folder under two names."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from agent.collect.absent import text_if_there
from agent.collect.host import CollectError, Host
from agent.collect.linux.folders import within
from checks.evidence import Why

TABLE = "/proc/self/mounts"
DETAILS = "/proc/self/mountinfo"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mount:
    """One line of the table of mounts."""

    source: str
    target: str
    """Absolute; where it can be seen."""
    kind: str
    """The file system's type, such as ext4 or fuse.rclone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Which part of which file system a mount shows: tells bind mounts, which the table of mounts hides."""

    target: str
    device: str
    """Major and minor number, such as 8:1."""
    root: str
    """The folder of that file system which stands at `target`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mounts:
    """Both tables, in the order of mounting: the last one over a path counts."""

    table: tuple[Mount, ...]
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Spot:
    """A folder as its file system knows it, whatever names lead to it."""

    device: str
    path: str


def mounts(host: Host) -> Mounts:
    """Read both tables. Raises CollectError."""
    details = text_if_there(host, DETAILS)  # a recording may hold the older table alone
    return Mounts(table=parse(host.read(TABLE)), parts=parse_details(details) if details is not None else ())


def parse(text: str) -> tuple[Mount, ...]:
    """/proc/self/mounts. Raises UNPARSABLE on a line of another shape."""
    found = []
    for line in text.splitlines():
        fields = line.split(" ")
        if len(fields) != 6 or not fields[1].startswith("/"):
            raise CollectError(Why.UNPARSABLE, f"{TABLE}: {line[:200]}")
        found.append(Mount(source=unescape(fields[0]), target=unescape(fields[1]), kind=fields[2]))
    if not found:
        raise CollectError(Why.UNPARSABLE, f"{TABLE} is empty")
    return tuple(found)


def parse_details(text: str) -> tuple[Part, ...]:
    """/proc/self/mountinfo: `36 35 98:0 /root /target opts tags - type source opts`. Raises UNPARSABLE."""
    found = []
    for line in text.splitlines():
        fields = line.split(" ")
        if len(fields) < 6 or re.fullmatch(r"\d+:\d+", fields[2]) is None:
            raise CollectError(Why.UNPARSABLE, f"{DETAILS}: {line[:200]}")
        found.append(Part(target=unescape(fields[4]), device=fields[2], root=unescape(fields[3])))
    return tuple(found)


def unescape(text: str) -> str:
    r"""The kernel writes blanks, tabs, line ends and backslashes as \040, \011, \012 and \134."""
    return re.sub(r"\\([0-3][0-7]{2})", lambda match: chr(int(match[1], 8)), text)


def over(table: Iterable[Mount], path: str) -> Mount | None:
    """The mount that a path lies on: the deepest, and of two at one place the later."""
    best = None
    for one in table:
        if within(path, one.target) and (best is None or len(one.target) >= len(best.target)):
            best = one
    return best


def below(table: Iterable[Mount], path: str) -> tuple[Mount, ...]:
    """The mounts inside a folder, itself left out."""
    return tuple(one for one in table if one.target != path and within(one.target, path))


def spots(parts: Iterable[Part], path: str) -> frozenset[Spot]:
    """The folder and whatever is mounted in it, as their file systems know them; empty without details."""
    known = tuple(parts)
    holder = None
    for one in known:
        if within(path, one.target) and (holder is None or len(one.target) >= len(holder.target)):
            holder = one
    inside = {Spot(one.device, one.root) for one in known if one.target != path and within(one.target, path)}
    if holder is None:
        return frozenset(inside)
    rest = path.removeprefix(holder.target.rstrip("/")).strip("/")
    own = f"{holder.root.rstrip('/')}/{rest}".rstrip("/") or "/"
    return frozenset({Spot(holder.device, own), *inside})
