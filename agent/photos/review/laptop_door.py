"""The few calls by which a file of this laptop is looked at, moved and deleted: each by a name in an open folder."""

import contextlib
import ctypes
import errno
import os

RENAME_NOREPLACE = 1
HAS_NONE = frozenset({errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP})
"""What a system, or a disk, says that can't rename in this way."""
QUIET = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
"""Whatever lies there: no link is followed, nothing is waited for, and no terminal becomes ours."""


class Door:
    """This laptop's disks. Names are bytes without a slash, folders are open descriptors. Methods raise OSError."""

    def __init__(self) -> None:
        self._rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)

    def person(self) -> int:
        """The number of the account that runs this."""
        return os.geteuid()

    def root(self) -> int:
        """The top of all folders, opened."""
        return os.open(b"/", os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)

    def enter(self, folder: int, name: bytes, *, to_list: bool) -> int:
        """Open a folder in a folder. Unless `to_list`, the right to pass through it is enough."""
        how = os.O_RDONLY if to_list else os.O_PATH
        return os.open(name, how | os.O_DIRECTORY | QUIET, dir_fd=folder)

    def open(self, folder: int, name: bytes) -> int:
        """Open a file for reading."""
        return os.open(name, os.O_RDONLY | QUIET, dir_fd=folder)

    def close(self, descriptor: int) -> None:
        """Raises nothing: nothing was written, so nothing can be lost."""
        with contextlib.suppress(OSError):
            os.close(descriptor)

    def look(self, folder: int, name: bytes) -> os.stat_result:
        """What lies under a name; of a link, the link."""
        return os.stat(name, dir_fd=folder, follow_symlinks=False)

    def held(self, descriptor: int) -> os.stat_result:
        """What is open."""
        return os.fstat(descriptor)

    def read(self, descriptor: int, count: int, start: int) -> bytes:
        """At most so many bytes; none at the end."""
        return os.pread(descriptor, count, start)

    def is_empty(self, folder: int) -> bool:
        """Whether a folder opened to be listed holds nothing."""
        with os.scandir(folder) as entries:
            return next(entries, None) is None

    def move_new(self, folder: int, old: bytes, new: bytes) -> bool:
        """Rename where nothing has the new name, in one step that nobody can come between; FileExistsError else.

        False where the system or the disk has no such step: then nothing was done.
        """
        if self._rename is None:
            return False
        flags = ctypes.c_uint(RENAME_NOREPLACE)
        if self._rename(folder, ctypes.c_char_p(old), folder, ctypes.c_char_p(new), flags) == 0:
            return True
        code = ctypes.get_errno()
        if code in HAS_NONE:
            return False
        raise OSError(code, os.strerror(code))

    def move(self, folder: int, old: bytes, new: bytes) -> None:
        """Rename, over what has the new name."""
        os.rename(old, new, src_dir_fd=folder, dst_dir_fd=folder)

    def link(self, folder: int, old: bytes, new: bytes) -> None:
        """Give a file a second name, if nothing has that."""
        os.link(old, new, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=False)

    def unlink(self, folder: int, name: bytes) -> None:
        """Take a name away."""
        os.unlink(name, dir_fd=folder)

    def flush(self, folder: int) -> None:
        """Make what became of the names in a folder outlive a power cut, where the disk can promise that."""
        try:
            os.fsync(folder)
        except OSError as error:
            if error.errno not in HAS_NONE:
                raise
