"""Cards, sticks and discs that the person has mounted; phones that hang on a cable are named, not looked into."""

import posixpath
import re
from collections.abc import Iterator

from agent.collect.absent import if_there
from agent.collect.host import CollectError, Host
from agent.collect.linux.cloud_backup_filesystems import DESKTOP
from agent.collect.linux.folders import within
from agent.collect.linux.mounts import Mount, over
from agent.photos.laptop_ground import BEHIND, PHONES, Ground, is_disk, noted, shut
from agent.photos.place import Place
from checks.clinical_images.fact import Folder
from checks.evidence import Why

DESKTOPS_OWN = ("/media", "/run/media")
"""Desktops mount here what a person plugs in, below the account's name or, on older systems, directly."""
BY_HAND = "/mnt"
DEVICE = re.compile(r"/dev/([A-Za-z0-9_.!-]{1,64})")


def places(here: Ground) -> Iterator[Place]:
    """Each card once. Disks that belong to another account's session are not ours to look into."""
    for one in here.mounts:
        if over(here.mounts, one.target) != one:
            continue  # another one is mounted over it
        if one.kind in PHONES:
            shut(here, one.target, Why.NOT_ASKED, Folder.CAMERA)
        elif one.kind in DESKTOP:
            _connected_phones(here, one)
        elif is_disk(one) and _is_card(here, one):
            yield Place(folder=Folder.OTHER, path=one.target)


def _connected_phones(here: Ground, mount: Mount) -> None:
    try:
        names = if_there(lambda: here.host.names(mount.target)) or ()
    except CollectError as error:
        if error.why is not Why.NOT_PERMITTED:  # another person's: such a mount is open to its own account alone
            shut(here, mount.target, error.why, Folder.CAMERA)
        return
    for name in names:
        if re.split(r"[:/]", name, maxsplit=1)[0].lower() in BEHIND:
            shut(here, f"{mount.target}/{name}", Why.NOT_ASKED, Folder.CAMERA)


def _is_card(here: Ground, mount: Mount) -> bool:
    for top in DESKTOPS_OWN:
        if within(mount.target, top) and mount.target != top:
            parts = mount.target.removeprefix(f"{top}/").split("/")
            return len(parts) == 1 or parts[0] == here.host.account
    by_hand = within(mount.target, BY_HAND) or within(mount.target, here.home)
    if not by_hand or within(here.home, mount.target):
        return False
    return bool(noted(here.gaps, Folder.OTHER, mount.target, lambda: _is_removable(here.host, mount.source)))


def _is_removable(host: Host, source: str) -> bool:
    """Whether the kernel calls the disk removable, or reaches it over USB. Raises CollectError."""
    match = DEVICE.fullmatch(source)
    if match is None:
        return False
    part = host.resolve(f"/sys/class/block/{match[1]}")
    if "/usb" in part:
        return True
    for folder in (part, posixpath.dirname(part)):
        said = if_there(lambda folder=folder: host.read(f"{folder}/removable"))  # type: ignore[misc]
        if said is not None:
            return said.strip() == "1"
    return False
