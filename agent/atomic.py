"""The one way this program writes and reads a small file: readers and power cuts meet the old or the new, no part."""

import contextlib
import os
import stat
import tempfile

PRIVATE = 0o600
PUBLIC = 0o644
STALE_S = 3600
"""Older than this beside a file just written, a temporary one was left by a killed process."""


class NotRegularError(OSError):
    """A pipe, a folder or a device stands where a file is expected."""


def write_atomic(path: str, data: bytes, *, mode: int = PRIVATE) -> None:
    """Replace `path`, making missing parents 0700. A link at `path` is replaced, not followed. Raises OSError.

    After an error the old file stands untouched.
    """
    folder, name = os.path.split(os.path.abspath(path))
    private_folder(folder)
    handle, fresh = tempfile.mkstemp(prefix=f".{name}.", suffix=".new", dir=folder)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.chmod(fresh, mode)
            os.fsync(file.fileno())
        os.replace(fresh, path)
    except BaseException:  # a signal's KeyboardInterrupt too: no debris
        with contextlib.suppress(FileNotFoundError):
            os.unlink(fresh)
        raise
    flush_folder(folder)
    _sweep(folder, name, os.lstat(path).st_mtime)


def private_folder(path: str) -> None:
    """Make a folder and its missing parents, each 0700. Folders that exist keep their rights."""
    if os.path.isdir(path):
        return
    parent = os.path.dirname(path)
    if parent != path:
        private_folder(parent)
    with contextlib.suppress(FileExistsError):  # another process made it in between
        os.mkdir(path, 0o700)


def flush_folder(path: str) -> None:
    """Make names in a folder survive a power cut. Windows neither needs nor offers it."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _sweep(folder: str, name: str, now_there: float) -> None:
    """Take away temporary files of killed writers, by the file system's own clock; live writers' are younger."""
    for entry in os.listdir(folder):
        if entry.startswith(f".{name}.") and entry.endswith(".new"):
            left = os.path.join(folder, entry)
            with contextlib.suppress(FileNotFoundError):  # another process was quicker
                if os.lstat(left).st_mtime < now_there - STALE_S:
                    os.unlink(left)


def read_bounded(path: str, most_bytes: int) -> bytes:
    """A regular file's bytes, links followed; one byte more than `most_bytes` where it is larger. Raises OSError."""
    # Without O_NONBLOCK, opening a pipe that nobody writes to would wait for ever.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_BINARY", 0)
    handle = os.open(path, flags)
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise NotRegularError("not a regular file")
        with open(handle, "rb", closefd=False) as file:
            return file.read(most_bytes + 1)
    finally:
        os.close(handle)
