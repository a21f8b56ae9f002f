"""What a phone's back-up looks like on a laptop's disk, and whether the pictures in it can be read."""

import os
import plistlib
import stat
from collections.abc import Collection
from enum import StrEnum
from xml.parsers.expat import ExpatError

from checks.evidence import Why

MANIFEST = "Manifest.plist"
BESIDE = frozenset({"Info.plist", "Manifest.db", "Manifest.mbdb", "Status.plist"})
MARKS = BESIDE | {MANIFEST}
"""Files in the folder of an iPhone's back-up, whichever program made it. Pictures lie in it under hashes for names."""
MAKER_FOLDERS = frozenset({"SmartSwitch"})
"""Samsung's program leaves pictures in it in forms of its own, some of them encrypted."""
ANDROID_END = ".ab"
ANDROID_MAGIC = b"ANDROID BACKUP\n"
SEALED = Why.ENCRYPTED
"""Pictures are, or may be, in it, and no reader of ours opens it."""
PLIST_BYTES = 4 << 20
"""A manifest also lists every app of the phone; that makes some hundred kilobytes."""
MALFORMED = (
    ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, RecursionError, MemoryError, ExpatError
)  # fmt: skip
"""What plistlib lets through on files that are none: it documents less."""


class Readable(StrEnum):
    """Whether the pictures in a back-up lie there as they are."""

    YES = "yes"
    NO = "no"
    """It is encrypted."""
    PARTLY = "partly"
    """Some may be, and nothing says which."""


def is_backup(names: Collection[str]) -> bool:
    """Whether the names in a folder are those of an iPhone's back-up."""
    return MANIFEST in names and not BESIDE.isdisjoint(names)


def readable(folder: str) -> Readable:
    """Whether an iPhone's back-up is encrypted, as its manifest says: that one file is opened."""
    try:
        found = plistlib.loads(_bytes(f"{folder}/{MANIFEST}", PLIST_BYTES))
    except (OSError, *MALFORMED):
        return Readable.PARTLY
    said = found.get("IsEncrypted") if isinstance(found, dict) else None
    if not isinstance(said, bool):
        return Readable.PARTLY
    return Readable.NO if said else Readable.YES


def is_android_backup(path: str) -> bool:
    """Whether a file is what `adb backup` writes: packed, often encrypted, and read by no reader of ours.

    One that cannot be opened counts as a back-up: nothing says that it is none.
    """
    try:
        return _bytes(path, len(ANDROID_MAGIC), cut=True) == ANDROID_MAGIC
    except FileNotFoundError:
        return False
    except (OSError, ValueError):
        return True


def _bytes(path: str, most: int, *, cut: bool = False) -> bytes:
    """Of a regular file. Raises OSError; ValueError for what is no file, and, unless `cut`, for a longer one."""
    file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(file, "rb") as stream:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            raise ValueError("not a regular file")
        data = stream.read(most)
        if not cut and stream.read(1):
            raise ValueError("longer than such a file is")
        return data
