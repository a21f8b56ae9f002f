"""The mounts of /proc/self/mountinfo and which of them a path really lies on."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agent.collect.host import CollectError
from checks.evidence import Why

MOST = 4096
"""A laptop with many containers has some hundred mounts."""
POOLS = frozenset({"bcachefs", "btrfs", "zfs"})
"""File systems over several disks; their device number says nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mount:
    """One line of mountinfo."""

    id: int
    parent: int
    device: str
    """Major and minor number, as "254:0"; major 0 is no disk of its own."""
    point: str
    kind: str
    """The file system's name, as "ext4" or "fuse.gocryptfs"."""
    source: str

    @property
    def on_disk(self) -> bool:
        """It lies on disks of this machine, as far as its kind tells."""
        return not self.device.startswith("0:") or self.kind in POOLS


def parse(text: str) -> tuple[Mount, ...]:
    """All mounts, in the order of the file. Raises UNPARSABLE on another form or none, TOO_LARGE beyond MOST."""
    lines = [line for line in text.split("\n") if line]  # other line breaks may stand in names
    if not lines:
        raise CollectError(Why.UNPARSABLE, "no mounts")
    if len(lines) > MOST:
        raise CollectError(Why.TOO_LARGE, "mountinfo")
    return tuple(_mount(line) for line in lines)


def holding(mounts: Sequence[Mount], path: str) -> Mount:
    """The mount that a path lies on: from the root inwards, since a later mount can hide earlier ones below it.

    Raises UNPARSABLE where the mounts form no tree.
    """
    ids = {mount.id for mount in mounts}
    roots = [one for one in mounts if one.point == "/" and (one.parent not in ids or one.parent == one.id)]
    if not roots:
        raise CollectError(Why.UNPARSABLE, "no root among the mounts")
    here = roots[-1]
    passed = {here.id}
    while inner := [one for one in mounts if one.parent == here.id and one is not here and contains(one.point, path)]:
        nearest = min(len(one.point) for one in inner)
        here = [one for one in inner if len(one.point) == nearest][-1]
        if here.id in passed:
            raise CollectError(Why.UNPARSABLE, "mounts in a circle")
        passed.add(here.id)
    return here


def below(mounts: Sequence[Mount], folder: str) -> Iterator[Mount]:
    """The mounts that can be reached inside a folder."""
    for one in mounts:
        if one.point != folder and contains(folder, one.point) and holding(mounts, one.point) is one:
            yield one


def contains(folder: str, path: str) -> bool:
    """Whether a path is the folder or lies in it."""
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def unescape(text: str) -> str:
    """The kernel writes blanks and the like as three octal digits."""
    return re.sub(r"\\([0-3][0-7]{2})", lambda match: chr(int(match[1], 8)), text)


def _mount(line: str) -> Mount:
    fields = line.split(" ")
    head = re.fullmatch(r"([0-9]{1,10}) ([0-9]{1,10}) ([0-9]{1,10}:[0-9]{1,10})", " ".join(fields[:3]))
    try:
        dash = fields.index("-", 6)
        kind, source = fields[dash + 1], fields[dash + 2]
    except (ValueError, IndexError):
        head = None
    if head is None or not fields[4].startswith("/"):
        raise CollectError(Why.UNPARSABLE, f"mountinfo: {line[:80]}")
    return Mount(
        id=int(head[1]),
        parent=int(head[2]),
        device=head[3],
        point=unescape(fields[4]),
        kind=kind,
        source=unescape(source),
    )
