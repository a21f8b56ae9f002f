"""rclone: its jobs and the mounts that start by themselves. A list of remotes alone proves nothing."""

import re
from collections.abc import Iterator
from functools import partial

from agent.collect.absent import text_if_there, there
from agent.collect.host import CollectError
from agent.collect.linux.cloud_backup_commands import Call, flags
from agent.collect.linux.cloud_backup_parts import Look, in_homes, own_calls
from agent.collect.linux.cloud_backup_transfers import Transfer, after, called, ends
from agent.collect.observe import attempt
from checks.cloud_backup.fact import Kind, Product, Provider
from checks.evidence import Why

SENDS = frozenset({"sync", "copy", "copyto", "move", "moveto", "bisync"})
MOUNTS = frozenset({"mount", "cmount", "mount2", "nfsmount"})
DRIVEN = frozenset({"rcd"})
"""Does what another program tells it."""
PATH_FLAGS = frozenset(
    {
        "--config", "--log-file", "--cache-dir", "--temp-dir", "--backup-dir", "--filter-from", "--exclude-from",
        "--include-from", "--files-from", "--files-from-raw", "--ca-cert", "--compare-dest", "--copy-dest",
        "--password-command", "--client-cert", "--client-key", "--workdir", "--rc-addr",
    }
)  # fmt: skip
"""Flags whose value could be taken for an end of the transfer."""
FILTERS = ("--exclude", "--include", "--filter", "--files-from", "--max-", "--min-", "--ignore-existing", "--immutable")
WRAPPERS = frozenset({"alias", "crypt", "chunker", "compress", "hasher"})
"""Remotes that stand before another one, or before a folder of this device."""
FILES = ("@/rclone/rclone.conf", ".rclone.conf")


def providers(look: Look) -> Iterator[Provider]:
    """Each job that runs or is scheduled; where there is only a list of remotes, that rclone is set up."""
    found = False
    for call, running in own_calls(look, Product.RCLONE):
        for one in called(look, call, running, partial(transfer, look)):
            found = True
            yield one
    listed = attempt(look.gaps, Product.RCLONE, lambda: any(there(look.host, path) for path in in_homes(look, *FILES)))
    if listed and not found:
        yield Provider(product=Product.RCLONE, kind=Kind.BACKUP, uploads=False, running=False)


def transfer(look: Look, call: Call) -> Transfer | None:
    """What a call carries; None for one that sends nothing. Raises CollectError where it cannot be told."""
    found = after(call.argv, SENDS | MOUNTS | DRIVEN)
    if found is None or "--dry-run" in call.argv or "-n" in call.argv:
        return None
    command, words = found
    if command in DRIVEN:
        raise CollectError(Why.NOT_SAID, "rclone is driven by another program")
    places = ends(tuple(_without_values(words)))
    if len(places) < 2:
        raise CollectError(Why.NOT_SAID, "a call without both ends")
    first, second = (_local(look, call, place) for place in places[:2])
    certain = not any(word.startswith(FILTERS) for word in words)
    links = any(word in {"-L", "--copy-links"} for word in words)
    kind = Kind.MOUNT if command in MOUNTS else Kind.BACKUP
    if kind is Kind.MOUNT:  # what is saved at the second end goes to the first
        first, second = second, first
    if command == "bisync" and not first.startswith("/"):
        first, second = second, first
    sources = (first,) if first.startswith("/") else ()
    return Transfer(sources=sources, target=second, certain=certain, follows_links=links, kind=kind)


def parse(text: str) -> dict[str, dict[str, str]]:
    """rclone.conf: remote -> its settings; {} for an encrypted one. Lines of another shape are skipped: rclone does."""
    found: dict[str, dict[str, str]] = {}
    section: dict[str, str] = {}
    for line in text.splitlines():
        heading = re.fullmatch(r"\s*\[([^\]]+)\]\s*", line)
        if heading:
            section = found.setdefault(heading[1], {})
        elif "=" in line and not line.lstrip().startswith(("#", ";")):
            key, _, value = line.partition("=")
            section[key.strip()] = value.strip()
    return found


def behind(place: str, remotes: dict[str, dict[str, str]]) -> str:
    """The folder of this device that a remote stands for, when it is one; otherwise the place as written."""
    current = place
    for _ in range(8):
        name, colon, rest = current.partition(":")
        remote = remotes.get(name) if colon else None
        if remote is None:
            break
        if remote.get("type") == "local":
            return rest or "/"
        if remote.get("type") not in WRAPPERS or not remote.get("remote"):
            break
        current = f"{remote['remote'].rstrip('/')}/{rest}".rstrip("/")
    return current if current.startswith("/") else place


def _local(look: Look, call: Call, place: str) -> str:
    if place.startswith("/"):
        return place
    named = [path for flag, path in flags(call.argv) if flag == "--config" and path.startswith("/")]
    for path in (*named, *in_homes(look, *FILES)):
        text = text_if_there(look.host, path)
        if text is not None:
            return behind(place, parse(text))
    return place


def _without_values(words: tuple[str, ...]) -> Iterator[str]:
    skip = False
    for word in words:
        if not skip:
            yield word
        skip = not skip and word in PATH_FLAGS
