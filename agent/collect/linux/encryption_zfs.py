"""ZFS: a dataset's own encryption, and the disks of its pool where it has none."""

import re

from agent.collect.host import CollectError, Command, Host
from agent.collect.printed import printed
from checks.evidence import Why


def encrypted(host: Host, dataset: str) -> bool:
    """Whether ZFS itself encrypts a dataset. Raises CollectError."""
    if not re.fullmatch(r"[A-Za-z][\w.:%/ -]{0,254}", dataset, re.ASCII):
        raise CollectError(Why.UNPARSABLE, "a dataset's name")
    ask = Command(argv=("zfs", "get", "-H", "-o", "value", "encryption", dataset))
    return parse_property(printed(host, ask))


def disks(host: Host, dataset: str) -> tuple[str, ...]:
    """The paths of the disks under a dataset; at least one. Raises CollectError."""
    ask = Command(argv=("zpool", "status", "-LP", dataset.partition("/")[0]))
    return parse_status(printed(host, ask))


def parse_property(text: str) -> bool:
    """`off`, `on` or a cipher such as `aes-256-gcm`. Raises UNPARSABLE on anything else."""
    value = text.strip()
    if value == "off":
        return False
    if value == "on" or re.fullmatch(r"aes-(128|192|256)-[cg]cm", value):
        return True
    raise CollectError(Why.UNPARSABLE, "zfs get encryption")


def parse_status(text: str) -> tuple[str, ...]:
    """The paths of all vdevs, logs and caches included, since they hold data too. Raises UNPARSABLE without any."""
    rows = [line.split() for line in text.split("\n")]
    paths = tuple(row[0] for row in rows if len(row) >= 2 and row[0].startswith("/"))
    if not paths:
        raise CollectError(Why.UNPARSABLE, "zpool status")
    return paths
