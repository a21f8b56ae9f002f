"""Which copy of a picture is looked at, and all bytes of a file of this laptop where they are needed."""

import os
import stat
from collections.abc import Callable, Iterable

from agent.photos.image import Unread
from agent.photos.index_model import LAPTOP, Reviewable
from checks.clinical_images.fact import Disposition, Folder

MOST_BYTES = 64 << 20
FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC


def candidates(copies: Iterable[Reviewable], here: Callable[[str], bool]) -> list[Reviewable]:
    """Those that can be reached, the one to look at first: of this laptop, and the largest."""
    reached = [one for one in copies if here(one.device)]
    return sorted(reached, key=lambda one: (_made_of_it(one), one.device != LAPTOP, -one.size, one.id))


def fullest(copies: Iterable[Reviewable], here: Callable[[str], bool]) -> list[Reviewable]:
    """Those that can be reached, the one with most in it first: what a record would hold."""
    reached = [one for one in copies if here(one.device)]
    return sorted(reached, key=lambda one: (_made_of_it(one), -one.size, one.device != LAPTOP, one.id))


def _made_of_it(one: Reviewable) -> bool:
    """By a program, or by us for teaching: never the one to go by where there is another."""
    return one.folder is Folder.THUMBNAILS or one.disposition is Disposition.TEACHING


def read_whole(path: str, size: int, stamp: int) -> bytes | Unread:
    """All of a regular file that still is what it was."""
    if size > MOST_BYTES:
        return Unread.TOO_LARGE
    try:
        handle = os.open(path, FLAGS)
    except FileNotFoundError:
        return Unread.VANISHED
    except (OSError, ValueError):
        return Unread.DENIED
    with os.fdopen(handle, "rb") as stream:
        try:
            if not _is_same(handle, size, stamp):
                return Unread.CHANGED
            data = stream.read(size + 1)
            return data if len(data) == size and _is_same(handle, size, stamp) else Unread.CHANGED
        except OSError:
            return Unread.FAILED


def _is_same(handle: int, size: int, stamp: int) -> bool:
    found = os.fstat(handle)
    return stat.S_ISREG(found.st_mode) and (found.st_size, found.st_mtime_ns) == (size, stamp)
