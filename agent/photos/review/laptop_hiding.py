"""A file moved aside under a hidden name, and given back, so that what is deleted is what was proven, race or not.

To prove a file and then to delete its name leaves a moment in which another file may take the name. So the name is
changed first: whatever then lies under the hidden one is proven, and deleted or given back, and no file is ever lost.
"""

import contextlib
import errno
import hashlib
import os
from collections.abc import Iterator

from agent.photos.review.laptop_spot import Spot

NAME_CHARACTERS = 16
BESIDE = 9
"""So many names are tried where the file's own has been taken meanwhile."""
LONGEST_END = 8
"""Of a name's end, such as ".jpg", with its dot."""
NO_LINKS = frozenset({errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL})
"""What a disk says that knows one name a file."""


def hidden_name(path: str) -> bytes:
    """Drawn from the path alone, so that it is found again after a power cut; no other program gives such a name."""
    return b".scrubin-" + _mark(os.fsencode(path))


def hide(at: Spot, hidden: bytes) -> None:
    """Move what has the name, whatever it is. Raises OSError, FileExistsError too: nothing was moved."""
    if at.door.move_new(at.folder, at.name, hidden):
        return
    # An old system or disk. Nothing else gives this name, so a look is enough to overwrite nothing.
    if at.seen(hidden) is not None:
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
    at.door.move(at.folder, at.name, hidden)


def give_back(at: Spot, hidden: bytes) -> bool:
    """Give what was hidden its name again, or one beside it where that is taken; never over another file.

    False where neither can be done now: it is still hidden.
    """
    with contextlib.suppress(OSError):
        if _is_back(at, hidden):
            at.door.unlink(at.folder, hidden)
            return True
    for name in (at.name, *_beside(at.name, hidden)):
        try:
            if _moved_back(at, hidden, name):
                at.door.flush(at.folder)
                return True
        except FileExistsError:
            continue
        except OSError:
            return False
    return False


def is_aside(at: Spot, path: str, size: int, stamp: int) -> bool:
    """Whether the file is still in its folder under a name that we gave it. Raises OSError."""
    hidden = hidden_name(path)
    given = (at.seen(name) for name in _beside(at.name, hidden))
    kept = any(one is not None and (one.st_size, one.st_mtime_ns) == (size, stamp) for one in given)
    return kept or at.seen(hidden) is not None


def _is_back(at: Spot, hidden: bytes) -> bool:
    """A power cut found it with both names."""
    here, there = at.seen(), at.seen(hidden)
    if here is None or there is None:
        return False
    return here.st_nlink > 1 and (here.st_dev, here.st_ino) == (there.st_dev, there.st_ino)


def _moved_back(at: Spot, hidden: bytes, name: bytes) -> bool:
    """False where this name can't be given without the danger that another file has just taken it. Raises OSError."""
    if at.door.move_new(at.folder, hidden, name):
        return True
    try:
        at.door.link(at.folder, hidden, name)
    except OSError as error:
        if error.errno not in NO_LINKS:
            raise
        if name == at.name or at.seen(name) is not None:
            return False
        at.door.move(at.folder, hidden, name)  # a name that no other program gives
        return True
    at.door.unlink(at.folder, hidden)
    return True


def _beside(name: bytes, hidden: bytes) -> Iterator[bytes]:
    """Names that can be seen, and say who gave them. Short, for the file's own may be as long as a name can be."""
    end = os.path.splitext(name)[1]
    end = end if len(end) <= LONGEST_END else b""
    for number in range(1, BESIDE + 1):
        yield b"scrubin-kept-%s-%d%s" % (hidden[-NAME_CHARACTERS:], number, end)


def _mark(text: bytes) -> bytes:
    return hashlib.sha256(text).hexdigest()[:NAME_CHARACTERS].encode()
