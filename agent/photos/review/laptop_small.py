"""Small files that belong to a picture: read within bounds, and deleted once they say themselves whose they are."""

import stat
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from agent.photos.review.laptop_door import Door
from agent.photos.review.laptop_proof import is_same
from agent.photos.review.laptop_spot import NoFolder, NotTouched, Spot, spot

T = TypeVar("T")
Read = Callable[[int, int], bytes]
"""So many bytes, from there on; fewer at the end. Raises OSError."""
Belongs = Callable[[Read], bool | None]
"""Whether a file says that it belongs to the picture; None where it says nothing that can be read. Raises OSError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Took:
    """How many went, and how many stayed, or may have."""

    gone: int = 0
    left: int = 0

    def __add__(self, other: "Took") -> "Took":
        return Took(gone=self.gone + other.gone, left=self.left + other.left)


def read_small(door: Door, path: bytes, most: int) -> bytes | None:
    """The first bytes of a regular file; None where there is none, or it can't be read."""
    try:
        with spot(door, path) as at:
            return _opened(at, lambda read: read(most, 0))
    except (NotTouched, OSError):
        return None


def take_small(door: Door, path: bytes, belongs: Belongs) -> Took:
    """Delete the file at a path if it belongs to the picture.

    By its name, without the detour of the picture itself: what a race could hit is of the same sort, and remade.
    """
    try:
        with spot(door, path) as at:
            return _taken(at, belongs)
    except NoFolder:
        return Took()
    except (NotTouched, OSError):
        return Took(left=1)


def _taken(at: Spot, belongs: Belongs) -> Took:
    if at.seen() is None:
        return Took()
    said = _opened(at, belongs)
    if said is None:
        return Took(left=1)
    if not said:
        return Took()
    at.door.unlink(at.folder, at.name)
    at.door.flush(at.folder)
    return Took(gone=1) if at.seen() is None else Took(left=1)


def _opened(at: Spot, work: Callable[[Read], T]) -> T | None:
    """What comes of reading it; None for what is no regular file of one name, or changes. Raises OSError."""
    listed = at.seen()
    if listed is None or not stat.S_ISREG(listed.st_mode) or listed.st_nlink > 1:
        return None
    descriptor = at.door.open(at.folder, at.name)
    try:
        found = work(lambda count, start: at.door.read(descriptor, count, start))
        return found if is_same(listed, at.door.held(descriptor)) else None
    finally:
        at.door.close(descriptor)
