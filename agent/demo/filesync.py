"""The file service of a virtual phone: look, list and read below its storage. Whoever wants to write is refused."""

import os
import struct
from collections.abc import Callable

from agent.demo.ledger import Ledger
from agent.demo.stream import Stream
from agent.demo.wire import Unplugged

REQUEST = struct.Struct("<4sI")
OLD_STAT = struct.Struct("<4s3I")
OLD_ENTRY = struct.Struct("<4s4I")
STAT = struct.Struct("<4sIQQIIIIQqqq")
ENTRY = struct.Struct("<4sIQQIIIIQqqqI")
LONGEST_PATH = 1024
CHUNK = 64 << 10
STORAGE = ("/storage/emulated/0", "/storage/self/primary", "/sdcard", "/mnt/sdcard")
NOT_THERE, NOT_ALLOWED = 2, 13
"""As Linux counts its errors."""


class Files:
    """A phone's storage as the file service sees it."""

    def __init__(self, storage: str | None) -> None:
        """None before the first unlock: there is nothing then."""
        self._storage = None if storage is None else os.path.realpath(storage)

    def find(self, path: str) -> str:
        """Where a phone's path lies here. Raises OSError for one that is not there or leads elsewhere."""
        for prefix in STORAGE:
            if self._storage is not None and (path == prefix or path.startswith(f"{prefix}/")):
                inside = os.path.normpath(f"{self._storage}/{path[len(prefix) :]}")
                if os.path.realpath(inside) == inside and _below(self._storage, inside):
                    return inside
                raise PermissionError(NOT_ALLOWED, "Permission denied")
        raise FileNotFoundError(NOT_THERE, "No such file or directory")


def _below(storage: str, path: str) -> bool:
    return path == storage or path.startswith(f"{storage}{os.sep}")


def serve(stream: Stream, storage: str | None, ledger: Ledger) -> None:
    """Answer requests until the computer quits. Raises Unplugged."""
    incoming = _Incoming(stream)
    files = Files(storage)
    while True:
        verb, size = REQUEST.unpack(incoming.exactly(REQUEST.size))
        if verb == b"QUIT":
            return
        if size > LONGEST_PATH:
            raise Unplugged
        path = incoming.exactly(size).decode("utf-8", "surrogateescape")
        request = f"{verb.decode('latin-1')} {path}"
        ledger.files.append(request)
        answer = ANSWERS.get(verb)
        if answer is None:
            ledger.refused.append(f"sync:{request}")
            _fail(stream, "read-only file system")
            return
        answer(stream, files, path)


class _Incoming:
    """Exact numbers of bytes out of a stream's messages."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._rest = b""

    def exactly(self, size: int) -> bytes:
        """Raises Unplugged when the computer stops before that."""
        while len(self._rest) < size:
            data = self._stream.receive()
            if data is None:
                raise Unplugged
            self._rest += data
        found, self._rest = self._rest[:size], self._rest[size:]
        return found


def _fail(stream: Stream, text: str) -> None:
    stream.send(REQUEST.pack(b"FAIL", len(text)) + text.encode())


def _old_stat(stream: Stream, files: Files, path: str) -> None:
    """A mode of 0 stands for both "not there" and "not allowed"."""
    try:
        seen = os.lstat(files.find(path))
    except (OSError, ValueError):
        stream.send(OLD_STAT.pack(b"STAT", 0, 0, 0))
        return
    size, mtime = seen.st_size & 0xFFFFFFFF, int(seen.st_mtime) & 0xFFFFFFFF
    stream.send(OLD_STAT.pack(b"STAT", seen.st_mode, size, mtime))


def _stat(verb: bytes) -> Callable[[Stream, Files, str], None]:
    def answer(stream: Stream, files: Files, path: str) -> None:
        stream.send(STAT.pack(verb, *_fields(files, path)))

    return answer


def _fields(files: Files, path: str) -> tuple[int, ...]:
    """error, device, inode, mode, links, user, group, size, and three times in seconds."""
    try:
        seen = os.lstat(files.find(path))
    except (OSError, ValueError) as error:
        return (getattr(error, "errno", None) or NOT_THERE, *(0,) * 10)
    times = (int(seen.st_atime), int(seen.st_mtime), int(seen.st_ctime))
    return (0, seen.st_dev, seen.st_ino, seen.st_mode, seen.st_nlink & 0xFFFFFFFF, 0, 0, seen.st_size, *times)


def _old_list(stream: Stream, files: Files, path: str) -> None:
    for name in _names(files, path):
        try:
            seen = os.lstat(files.find(f"{path}/{name}"))
        except OSError:
            continue  # a link that leads out of the storage
        size, mtime = seen.st_size & 0xFFFFFFFF, int(seen.st_mtime) & 0xFFFFFFFF
        label = os.fsencode(name)
        stream.send(OLD_ENTRY.pack(b"DENT", seen.st_mode, size, mtime, len(label)) + label)
    stream.send(OLD_ENTRY.pack(b"DONE", 0, 0, 0, 0))


def _list(stream: Stream, files: Files, path: str) -> None:
    for name in _names(files, path):
        label = os.fsencode(name)
        stream.send(ENTRY.pack(b"DNT2", *_fields(files, f"{path}/{name}"), len(label)) + label)
    stream.send(ENTRY.pack(b"DONE", *(0,) * 11, 0))


def _names(files: Files, path: str) -> list[str]:
    """Nothing where nothing can be listed: the service has no word for it."""
    try:
        return sorted(os.listdir(files.find(path)))
    except (OSError, ValueError):
        return []


def _receive(stream: Stream, files: Files, path: str) -> None:
    try:
        with open(files.find(path), "rb") as content:
            while data := content.read(CHUNK):
                stream.send(REQUEST.pack(b"DATA", len(data)) + data)
    except (OSError, ValueError) as error:
        _fail(stream, getattr(error, "strerror", None) or "No such file or directory")
        return
    stream.send(REQUEST.pack(b"DONE", 0))


ANSWERS: dict[bytes, Callable[[Stream, Files, str], None]] = {
    b"STAT": _old_stat, b"LST2": _stat(b"LST2"), b"STA2": _stat(b"STA2"), b"LIST": _old_list, b"LIS2": _list,
    b"RECV": _receive,
}  # fmt: skip
