"""The spot where a file lies: its folder, reached from the top without a link on the way, and its name there."""

import errno
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from agent.photos.review.laptop_door import Door
from agent.photos.review.model import Removal

SAYS: Mapping[int, Removal] = {
    errno.EROFS: Removal.READ_ONLY,
    errno.EACCES: Removal.NOT_PERMITTED,
    errno.EPERM: Removal.NOT_PERMITTED,
    errno.ELOOP: Removal.LINKED,
}
"""What an error of the system comes to; FAILED where it is not here. That no file is there takes a look to say."""
NO_NAMES = frozenset({b"", b".", b".."})


class NotTouched(Exception):
    """Nothing was done to the file."""

    def __init__(self, why: Removal) -> None:
        super().__init__(why)
        self.why = why


class NoFolder(NotTouched):
    """The folder itself isn't there: deleted with all it held, or on a disk that is not connected. Nobody can say."""

    def __init__(self) -> None:
        super().__init__(Removal.FAILED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A name in an open folder."""

    door: Door
    folder: int
    name: bytes

    def seen(self, name: bytes | None = None) -> os.stat_result | None:
        """What lies under this name, or another one of the folder; None where nothing does. Raises OSError."""
        try:
            return self.door.look(self.folder, self.name if name is None else name)
        except FileNotFoundError:
            return None

    def may_be_unmounted(self, since_ns: int) -> bool:
        """Whether this may be the bare folder on which a disk is mounted at other times. Raises OSError.

        A folder out of which a file went was changed then; one that is empty, and older than the file, never held it.
        """
        return self.door.is_empty(self.folder) and self.door.held(self.folder).st_mtime_ns <= since_ns


@contextmanager
def spot(door: Door, path: str | bytes) -> Iterator[Spot]:
    """Open the folder of an absolute path. Raises NotTouched: LINKED where a link is on the way, NoFolder."""
    *above, name = _parts(path)
    folder = _entered(door, above)
    try:
        yield Spot(door=door, folder=folder, name=name)
    finally:
        door.close(folder)


def outcome_of(error: OSError) -> Removal:
    """What an error comes to for a file."""
    return SAYS.get(error.errno or 0, Removal.FAILED)


def _parts(path: str | bytes) -> list[bytes]:
    try:
        top, *parts = os.fsencode(path).split(b"/")
    except UnicodeEncodeError as error:  # no path of this system
        raise NotTouched(Removal.FAILED) from error
    if top or len(parts) < 2 or NO_NAMES.intersection(parts) or any(b"\0" in one for one in parts):
        raise NotTouched(Removal.FAILED)
    return parts


def _entered(door: Door, names: list[bytes]) -> int:
    try:
        folder = door.root()
    except OSError as error:
        raise NotTouched(outcome_of(error)) from error
    for number, name in enumerate(names, start=1):
        try:
            inner = door.enter(folder, name, to_list=number == len(names))
        except OSError as error:
            raise _not_entered(door, folder, name, error) from error
        finally:
            door.close(folder)
        folder = inner
    return folder


def _not_entered(door: Door, folder: int, name: bytes, error: OSError) -> NotTouched:
    """A link and a file in a folder's place give the same error: a look tells which."""
    if isinstance(error, FileNotFoundError):
        return NoFolder()
    if not isinstance(error, NotADirectoryError):
        return NotTouched(outcome_of(error))
    try:
        seen = door.look(folder, name)
    except OSError:
        return NotTouched(Removal.CHANGED)
    return NotTouched(Removal.LINKED if stat.S_ISLNK(seen.st_mode) else Removal.CHANGED)
