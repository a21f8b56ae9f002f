"""The bytes of one file: on this laptop's disk, or those of a phone's file that are held in memory."""

import errno
import io
import os
import stat
from types import TracebackType
from typing import TYPE_CHECKING, BinaryIO, Self

from agent.photos.image import HEAD_BYTES, NeedsWhole, Unread, Unreadable

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

MOST_WHOLE = 4 << 30
"""Larger files are not read beyond their head. A camera splits its films here, as FAT can hold no larger file."""
MOST_AT_ONCE = 128 << 20
"""A reader that wants all bytes in memory gets no more; films are read in pieces."""
BUFFER_BYTES = 256 << 10
NO_FILE = {errno.ELOOP, errno.ENXIO, errno.ENODEV, errno.EISDIR}
"""What opening says of a link, a socket and a device."""


class DiskSource:
    """A file of this laptop, which must be the one that was listed: regular, of that size and of that time.

    Nothing is opened before it is asked for; whatever is in the file's place by then, nothing waits for it.
    """

    def __init__(self, path: str, size: int, mtime_ns: int, *, head: bytes | None = None) -> None:
        """`head`: where somebody has read it already."""
        self._path = path
        self._size = size
        self._mtime_ns = mtime_ns
        self._head = head
        self._stream: io.BufferedReader | None = None

    @property
    def name(self) -> str:
        """The last part of its path."""
        return os.path.basename(self._path)

    @property
    def size(self) -> int:
        """In bytes, as listed."""
        return self._size

    def head(self) -> bytes:
        """The first HEAD_BYTES, or all of a smaller file. Leaves nothing open. Raises Unreadable."""
        if self._head is None:
            with self._opened() as raw:
                data = raw.read(min(self._size, HEAD_BYTES))
            if len(data) < min(self._size, HEAD_BYTES):
                raise Unreadable(Unread.CHANGED)
            self._head = data
        return self._head

    def whole(self) -> BinaryIO:
        """All of it, from its start; reading raises Unreadable where the file changes under us. Raises Unreadable."""
        if self._size > MOST_WHOLE:
            raise Unreadable(Unread.TOO_LARGE)
        if self._stream is None or self._stream.closed:
            self._stream = io.BufferedReader(self._opened(), BUFFER_BYTES)
        self._stream.seek(0)
        return self._stream

    def close(self) -> None:
        """Close what is open; it may be opened again."""
        if self._stream is not None:
            self._stream.close()
            self._stream = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _opened(self) -> "_Steady":
        try:
            # Before it is opened: to open some devices is to do something to them.
            if not stat.S_ISREG(os.lstat(self._path).st_mode):
                raise Unreadable(Unread.NOT_A_FILE)
            descriptor = os.open(self._path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
        except (OSError, ValueError) as error:
            raise Unreadable(_why(error)) from error
        try:
            return _Steady(descriptor, self._size, self._mtime_ns)
        except BaseException:
            os.close(descriptor)
            raise


class HeldSource:
    """A file of a phone: its head, or all of it, in memory."""

    def __init__(self, name: str, size: int, head: bytes | None, whole: bytes | None = None) -> None:
        self._name = name
        self._size = size
        self._head = head
        self._whole = whole

    @property
    def name(self) -> str:
        """The last part of its path."""
        return self._name

    @property
    def size(self) -> int:
        """In bytes, as listed."""
        return self._size

    def head(self) -> bytes:
        """The first HEAD_BYTES, or all of a smaller file. Raises NeedsWhole where neither is held."""
        if self._head is not None:
            return self._head
        if self._whole is None:
            raise NeedsWhole
        return self._whole[:HEAD_BYTES]

    def whole(self) -> BinaryIO:
        """All of it. Raises NeedsWhole where the head is all that is held."""
        if self._whole is not None:
            return io.BytesIO(self._whole)
        if self._head is not None and len(self._head) == self._size:
            return io.BytesIO(self._head)
        raise NeedsWhole

    def close(self) -> None:
        """Nothing is open."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _Steady(io.FileIO):
    """An open regular file that is looked at again after each read: what is read of it is of one version, or nothing.

    Its faults are Unreadable at once, so that no decoder takes a fault of the disk for a fault of the picture.
    """

    def __init__(self, descriptor: int, size: int, mtime_ns: int) -> None:
        """Raises Unreadable, and leaves the descriptor open, where it is not this file."""
        _same(descriptor, size, mtime_ns)
        super().__init__(descriptor, "rb")
        self._size = size
        self._mtime_ns = mtime_ns

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        """See io.RawIOBase. Raises Unreadable."""
        try:
            done = super().readinto(buffer)
        except OSError as error:
            raise Unreadable(_why(error)) from error
        _same(self.fileno(), self._size, self._mtime_ns)
        return done

    def readall(self) -> bytes:
        """See io.RawIOBase. Raises Unreadable, also where there is more than memory should hold."""
        left = self._size - self.tell()
        if left > MOST_AT_ONCE:
            raise Unreadable(Unread.TOO_LARGE)
        return self.read(max(left, 0))

    def read(self, size: int | None = -1, /) -> bytes:
        """See io.RawIOBase; fewer bytes than asked for only at the end. Raises Unreadable."""
        if size is None or size < 0:
            return self.readall()
        data = bytearray(size)
        view, done = memoryview(data), 0
        while done < size and (step := self.readinto(view[done:])):
            done += step
        return bytes(view[:done])


def _same(descriptor: int, size: int, mtime_ns: int) -> None:
    seen = os.fstat(descriptor)
    if not stat.S_ISREG(seen.st_mode):
        raise Unreadable(Unread.NOT_A_FILE)
    if (seen.st_size, seen.st_mtime_ns) != (size, mtime_ns):
        raise Unreadable(Unread.CHANGED)


def _why(error: OSError | ValueError) -> Unread:
    match error:
        case FileNotFoundError() | NotADirectoryError():
            return Unread.VANISHED
        case PermissionError():
            return Unread.DENIED
        case OSError(errno=code) if code in NO_FILE:
            return Unread.NOT_A_FILE
        case _:
            return Unread.FAILED
