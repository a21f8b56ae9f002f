"""What goes with a picture of this laptop: the small ones that the desktop made of it, and its entry in the trash."""

import os
from collections.abc import Iterator, Sequence

from agent.photos.review import thumbnails, trash
from agent.photos.review.laptop_door import Door
from agent.photos.review.laptop_small import Took
from agent.photos.review.laptop_spot import NoFolder, NotTouched, spot


def take_twins(door: Door, path: str, kept_in: Sequence[str]) -> Took:
    """Delete them, now that nothing lies at the path. `kept_in`: see thumbnails.folders. Raises nothing."""
    gone = os.fsencode(path)
    entry = trash.entry(gone)
    took = thumbnails.take(door, kept_in, _addresses(door, gone, entry))
    # Last, for it says where the file lay: cut off before, the next try still finds all that went by that place.
    return took if entry is None else took + trash.take(door, entry)


def _addresses(door: Door, path: bytes, entry: trash.Entry | None) -> Iterator[bytes]:
    yield from thumbnails.addresses(path)
    if entry is None:
        return
    if entry.top is None:
        yield from thumbnails.addresses(b"/" + entry.name, "trash")
    lay_at = trash.lay_at(door, entry)
    if lay_at is not None and _is_free(door, lay_at):
        yield from thumbnails.addresses(lay_at)


def _is_free(door: Door, path: bytes) -> bool:
    """Whether nothing lies at a path: what does is another picture, which keeps its small ones."""
    try:
        with spot(door, path) as at:
            return at.seen() is None
    except NoFolder:
        return True
    except (NotTouched, OSError):
        return False
