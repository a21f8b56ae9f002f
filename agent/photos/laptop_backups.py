"""Phones' back-ups on a laptop that lie outside the places where people keep pictures."""

import re
from collections.abc import Iterator

from agent.collect.absent import names_if_there
from agent.collect.host import CollectError
from agent.photos.backup_marks import MAKER_FOLDERS, is_backup
from agent.photos.laptop_ground import Ground, is_far, standing, standing_on
from agent.photos.place import Place
from checks.clinical_images.fact import Folder

PHONE_ID = re.compile(r"[0-9a-f]{40}|[0-9A-F]{8}-[0-9A-F]{16}")
"""What programs call the folder of one iPhone."""
USUAL = ("MobileSync/Backup", "Apple/MobileSync/Backup", ".local/share/MobileSync/Backup", "Samsung")


def places(here: Ground) -> Iterator[Place]:
    """Back-ups in the home folder and in the folders right in it; the walk itself knows those that lie in other places.

    A folder that cannot be listed is passed over: it was only searched, nobody was told that it is looked into.
    """
    visible = (f"{here.home}/{name}" for name in _names(here, here.home) if not name.startswith("."))
    for folder in (*visible, *(f"{here.home}/{name}" for name in USUAL)):
        held = standing_on(here, folder)
        if held is not None and is_far(held) and held != standing_on(here, here.home):
            continue
        names = _names(here, folder)
        if is_backup(names) or folder.rpartition("/")[2] in MAKER_FOLDERS:
            yield from standing(here, folder, Folder.PHONE_BACKUP)
            continue
        for path in (f"{folder}/{name}" for name in names if PHONE_ID.fullmatch(name) or name in MAKER_FOLDERS):
            if is_backup(_names(here, path)) or path.rpartition("/")[2] in MAKER_FOLDERS:
                yield from standing(here, path, Folder.PHONE_BACKUP)


def _names(here: Ground, folder: str) -> tuple[str, ...]:
    try:
        return names_if_there(here.host, folder)
    except CollectError:
        return ()
