"""Small pictures that programs of the desktop keep of larger ones, and that survive them."""

from collections.abc import Iterator

from agent.photos.laptop_ground import Ground, listed, standing
from agent.photos.place import Place
from checks.clinical_images.fact import Folder

STANDARD = "thumbnails"
"""Of the desktop's own standard: a folder for each size."""
FAILED = "fail"
"""Notes that no small picture could be made; there is none in them."""
IN_CACHE = ("shotwell/thumbs", "geeqie/thumbnails", "darktable", "rclone/vfs")
"""rclone keeps whole files of the cloud that were opened."""
CLOUD = frozenset({"rclone/vfs"})
OLD = (".thumbnails", ".shotwell/thumbs")
"""In the home folder: what older programs left."""


def places(here: Ground) -> Iterator[Place]:
    """The caches of the person's own programs and of those in sandboxes."""
    for home in here.homes:
        folder = f"{home.cache}/{STANDARD}"
        for name in listed(here, folder, Folder.THUMBNAILS):
            if name != FAILED:
                yield from standing(here, f"{folder}/{name}", Folder.THUMBNAILS)
        for path in IN_CACHE:
            kind = Folder.CLOUD if path in CLOUD else Folder.THUMBNAILS
            yield from standing(here, f"{home.cache}/{path}", kind)
    for path in OLD:
        yield from standing(here, f"{here.home}/{path}", Folder.THUMBNAILS)
