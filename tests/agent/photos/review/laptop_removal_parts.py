"""Pictures on a real file system, what the index says of them, and doors that remember, interfere or refuse."""

import hashlib
import os
import struct
import tempfile
import zlib
from pathlib import Path

from agent.photos.index import digest
from agent.photos.review.laptop import LaptopFiles
from agent.photos.review.laptop_door import Door
from agent.photos.review.model import Copy, Marked
from checks.clinical_images.fact import Folder, Origin

KEY = bytes(range(32))
STAMP = 1_700_000_000_123_456_789
WOUND = bytes(range(256)) * 40
OTHER = bytes(reversed(range(256))) * 40
"""Of the same size."""
CALLS = (
    "root", "enter", "open", "look", "held", "read", "is_empty", "move_new", "move", "link", "unlink", "flush",
)  # fmt: skip


def memory() -> str | None:
    """A disk that flushes at once, where the system has one."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


def real_folder():
    """A folder on it with no link on the way, for as long as a test lasts."""
    with tempfile.TemporaryDirectory(dir=memory(), prefix="scrubin-test-") as name:
        yield Path(os.path.realpath(name))


def put(path, content=WOUND, *, stamp=STAMP) -> Path:
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.utime(path, ns=(stamp, stamp))
    return path


def copy_of(path, content=WOUND, **changes) -> Copy:
    """As a scan would have put it into the index."""
    values = {
        "id": 7, "device": "laptop", "path": str(path), "size": len(content), "stamp": STAMP,
        "modified_s": STAMP // 10**9, "digest": digest(KEY, len(content), content), "folder": Folder.PICTURES,
        "origin": Origin.TAKEN,
    }  # fmt: skip
    return Copy(**{**values, **changes})


def marked(path, content=WOUND, **changes) -> Marked:
    return Marked(copy=copy_of(path, content, **changes), sha256=hashlib.sha256(content).digest())


def files(door=None, thumbnails=()) -> LaptopFiles:
    return LaptopFiles(key=KEY, door=door, thumbnails=[str(one) for one in thumbnails])


def contents(folder) -> dict[str, bytes]:
    """Every regular file below a folder, no link followed."""
    found = {}
    for top, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(top, name)
            if os.path.isfile(path) and not os.path.islink(path):
                found[os.path.relpath(path, folder)] = Path(path).read_bytes()
    return found


class Watched(Door):
    """The real one. It remembers the calls, and lets a test act, or raise, before each."""

    def __init__(self, act=None):
        super().__init__()
        self.calls = []
        self._act = act or (lambda name, count: None)

    def _before(self, name):
        self.calls.append(name)
        self._act(name, self.calls.count(name))


def _watched(name):
    plain = getattr(Door, name)

    def call(self, *given, **named):
        self._before(name)
        return plain(self, *given, **named)

    return call


for _name in CALLS:
    setattr(Watched, _name, _watched(_name))


class Old(Watched):
    """A system or a disk that can't rename in the one step that overwrites nothing."""

    def move_new(self, folder, old, new):
        self._before("move_new")
        return False


class Bare(Old):
    """One that knows no second names either, such as a memory card's."""

    def link(self, folder, old, new):
        self._before("link")
        raise PermissionError(1, "no links here")


DOORS = (Watched, Old, Bare)


def failing(kind, call, code, *, at=1):
    """A door of which the n-th call of a name fails; Watched, Old or Bare."""

    def act(name, count):
        if (name, count) == (call, at):
            raise OSError(code, os.strerror(code))

    return kind(act)


def small_picture(address: bytes | None, kind=b"tEXt") -> bytes:
    """A PNG of one dot that says of which file it was made."""
    chunks = [_chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))]
    if address is not None:
        value = {
            b"tEXt": b"\0" + address,
            b"zTXt": b"\0\0" + zlib.compress(address),
            b"iTXt": b"\0\0\0\0\0" + address,
        }[kind]
        chunks.append(_chunk(kind, b"Thumb::URI" + value))
    chunks += [_chunk(b"IDAT", zlib.compress(b"\0\0")), _chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def _chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def thumbnail(kept_in, address: bytes, *, size="normal", said: bytes | None = b"", kind=b"tEXt") -> Path:
    """A small picture where the desktop keeps that of an address; it says the same address unless told another."""
    name = hashlib.md5(address).hexdigest() + ".png"
    return put(Path(kept_in) / size / name, small_picture(address if said == b"" else said, kind))
