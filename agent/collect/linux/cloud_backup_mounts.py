"""Folders that are not on this device: whatever is saved in them is sent at once."""

import re
from collections.abc import Iterator
from functools import partial

from agent.collect.absent import names_if_there
from agent.collect.host import CollectError
from agent.collect.linux.cloud_backup_filesystems import CONNECTIONS, DESKTOP, LOCAL, REMOTE, UNKNOWN
from agent.collect.linux.cloud_backup_parts import Look
from agent.collect.linux.folders import PhotoFolder, within
from agent.collect.linux.mounts import Mount, below, over
from agent.collect.observe import attempt
from checks.cloud_backup.fact import Kind, Place, Product, Provider
from checks.evidence import Gap, Why


def providers(look: Look) -> Iterator[Provider]:
    """Every mount of a server or cloud, one for each product, with the photo folders that it holds."""
    found: dict[Product, dict[Place, None]] = {}
    for one in look.mounts.table:
        if one.kind in REMOTE and over(look.mounts.table, one.target) == one:
            found.setdefault(REMOTE[one.kind], {})
        for product in attempt(look.gaps, "mounts", partial(_connected, look, one)) or ():
            found.setdefault(product, {})
    for folder in look.folders:
        for product in _holding(look, folder):
            found.setdefault(product, {})[folder.place] = None
    for product, places in found.items():
        uploads = None if product is Product.OTHER else bool(places)
        yield Provider(product=product, kind=Kind.MOUNT, uploads=uploads, running=True, places=tuple(places))
        if uploads is None:
            look.gaps.append(Gap(part=product, why=Why.NOT_SAID, detail="a mount of a kind that we do not know"))


def holder(look: Look, path: str) -> Product | None:
    """What keeps a settled path: None for a disk of this device, OTHER for something that we do not know."""
    held = over(look.mounts.table, path)
    return _product(held, path) if held is not None else None


def _holding(look: Look, folder: PhotoFolder) -> Iterator[Product]:
    """What holds a photo folder, or a part of it that is mounted inside."""
    inside = (_product(one, folder.path) for one in below(look.mounts.table, folder.path))
    yield from (one for one in (holder(look, folder.path), *inside) if one is not None)


def _product(mount: Mount, path: str) -> Product | None:
    if mount.kind in REMOTE:
        return REMOTE[mount.kind]
    if mount.kind in DESKTOP:
        return _connection(mount, path)
    unknown = mount.kind in UNKNOWN or (mount.kind.startswith("fuse.") and mount.kind not in LOCAL)
    return Product.OTHER if unknown else None


def _connection(mount: Mount, path: str) -> Product | None:
    """The connection that a path below gvfs or kio goes through; phones and cameras are none."""
    if not within(path, mount.target) or path == mount.target:
        return None
    return CONNECTIONS.get(_kind(mount, path.removeprefix(mount.target.rstrip("/")).strip("/")))


def _connected(look: Look, mount: Mount) -> tuple[Product, ...]:
    """The connections that the file manager holds open now. Raises CollectError."""
    if mount.kind not in DESKTOP:
        return ()
    try:
        names = names_if_there(look.host, mount.target)
    except CollectError as error:
        if error.why is Why.NOT_PERMITTED:
            return ()  # another person's: a FUSE mount is always open to the account that made it
        raise
    kinds = (_kind(mount, name) for name in names)
    return tuple(CONNECTIONS[kind] for kind in kinds if kind in CONNECTIONS)


def _kind(mount: Mount, below_it: str) -> str:
    return re.split(f"[{DESKTOP[mount.kind]}/]", below_it, maxsplit=1)[0].lower()
