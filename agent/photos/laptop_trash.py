"""What was deleted and is still there: the trash of the desktop, of sandboxes and of every disk."""

import re
from collections.abc import Iterator, Sequence

from agent.collect.host import CollectError, Command, Host
from agent.photos.laptop_ground import Ground, is_disk, listed, noted, standing
from agent.photos.place import Place
from checks.clinical_images.fact import Folder
from checks.evidence import Why

HELD = ("files", "expunged")
"""Within a trash; the second holds what could not be deleted for good."""
FOREIGN = re.compile(r"\.Trash-\d{1,10}")
WHO = Command(argv=("id", "-u"))


def places(here: Ground, cards: Sequence[Place]) -> Iterator[Place]:
    """The person's own trash wherever one lies. On cards also that of others: the card is what is looked through."""
    for home in here.homes:
        yield from _held(here, f"{home.data}/Trash")
    own = noted(here.gaps, Folder.TRASH, here.home, lambda: _number(here.host))
    for mount in here.mounts:
        if own is not None and is_disk(mount):
            top = mount.target.rstrip("/")
            yield from _held(here, f"{top}/.Trash-{own}")
            yield from _held(here, f"{top}/.Trash/{own}")
    for card in cards:
        for name in listed(here, card.path, Folder.OTHER):
            if FOREIGN.fullmatch(name):
                yield from _held(here, f"{card.path}/{name}")


def _held(here: Ground, trash: str) -> Iterator[Place]:
    for name in HELD:
        yield from standing(here, f"{trash}/{name}", Folder.TRASH)


def _number(host: Host) -> str:
    """The account's number, which names its folder on other disks. Raises CollectError."""
    said = host.run(WHO).stdout.strip()
    if re.fullmatch(r"[0-9]{1,10}", said) is None:
        raise CollectError(Why.UNPARSABLE, "the number of this account")
    return said
