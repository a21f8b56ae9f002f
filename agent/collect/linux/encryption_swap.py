"""Where memory is written when it runs short: the areas of /proc/swaps."""

import re
from dataclasses import dataclass

from agent.collect.absent import text_if_there
from agent.collect.host import CollectError, Host
from agent.collect.linux.encryption_mounts import unescape
from agent.collect.linux.encryption_storage import BLOCK, Storage, every
from checks.evidence import Why


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """One swap area."""

    path: str
    on_device: bool
    """A whole device, as opposed to a file on a mount."""


def swap(host: Host, storage: Storage) -> bool:
    """Every area that reaches a disk is encrypted. Raises CollectError."""
    return every(lambda area: _encrypted(host, storage, area), parse(host.read("/proc/swaps")))


def parse(text: str) -> tuple[Area, ...]:
    """Areas after the line of titles. Raises UNPARSABLE on a line of another shape."""
    titles, *lines = text.split("\n")
    if not titles.startswith("Filename"):
        raise CollectError(Why.UNPARSABLE, "swaps")
    return tuple(_area(line) for line in lines if line)


def _area(line: str) -> Area:
    fields = re.split(r"[ \t]+", line)  # blanks in names are escaped, other kinds of blank are not
    if len(fields) < 5 or not fields[0].startswith("/") or fields[-4] not in {"partition", "file"}:
        raise CollectError(Why.UNPARSABLE, f"swaps: {line[:80]}")
    return Area(path=unescape(fields[0]), on_device=fields[-4] == "partition")


def _encrypted(host: Host, storage: Storage, area: Area) -> bool:
    if not area.on_device:
        return storage.under(area.path)
    real = host.resolve(area.path)
    if real.startswith("/dev/zram"):
        return _in_memory(host, storage, real.removeprefix("/dev/"))
    return storage.named(real)


def _in_memory(host: Host, storage: Storage, name: str) -> bool:
    """Compressed memory reaches a disk only where it was given one to write back to."""
    behind = text_if_there(host, f"{BLOCK}/{name}/backing_dev")
    return behind is None or behind.strip() == "none" or storage.named(behind.strip())
