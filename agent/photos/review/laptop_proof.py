"""Proof that a file is the one that was judged: what lies there, who owns it, how many names it has, what it holds."""

import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from agent.photos.image import HEAD_BYTES
from agent.photos.index import digest
from agent.photos.review.laptop_hiding import is_aside
from agent.photos.review.laptop_spot import NotTouched, Spot, outcome_of
from agent.photos.review.model import Copy, Removal
from agent.photos.source import MOST_WHOLE

PIECE_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A file that is open, and was read to its end."""

    seen: os.stat_result
    sha256: bytes


@contextmanager
def proven(at: Spot, copy: Copy, key: bytes) -> Iterator[Held]:
    """The file, held open, if it is the one that was judged. Raises NotTouched with what it is instead."""
    try:
        listed = at.door.look(at.folder, at.name)
        # Before it is opened: to open some devices is to do something to them.
        _must_fit(listed, copy, at.door.person())
        descriptor = at.door.open(at.folder, at.name)
    except OSError as error:
        raise NotTouched(why_not(at, copy, error)) from error
    try:
        yield _read(at, descriptor, copy, key, listed)
    finally:
        at.door.close(descriptor)


def is_same(one: os.stat_result, other: os.stat_result) -> bool:
    """Whether two looks saw the same file, not written to in between."""
    return _identity(one) == _identity(other)


def why_not(at: Spot, copy: Copy, error: OSError) -> Removal:
    """What an error comes to for this file. That it is gone is said only where nothing speaks against it."""
    if not isinstance(error, FileNotFoundError):
        return outcome_of(error)
    try:
        aside = at.seen() is not None or is_aside(at, copy.path, copy.size, copy.stamp)
        return Removal.FAILED if aside or at.may_be_unmounted(copy.stamp) else Removal.ALREADY_GONE
    except OSError:
        return Removal.FAILED


def _identity(seen: os.stat_result) -> tuple[int, ...]:
    return (seen.st_dev, seen.st_ino, seen.st_mode, seen.st_size, seen.st_mtime_ns)


def _must_fit(seen: os.stat_result, copy: Copy, person: int) -> None:
    if stat.S_ISLNK(seen.st_mode):
        raise NotTouched(Removal.LINKED)
    if not stat.S_ISREG(seen.st_mode) or (seen.st_size, seen.st_mtime_ns) != (copy.size, copy.stamp):
        raise NotTouched(Removal.CHANGED)
    if seen.st_nlink > 1:
        raise NotTouched(Removal.LINKED)
    if seen.st_uid != person:
        raise NotTouched(Removal.NOT_PERMITTED)
    if seen.st_size > MOST_WHOLE:  # nobody ever looked at more of it than its head
        raise NotTouched(Removal.FAILED)


def _read(at: Spot, descriptor: int, copy: Copy, key: bytes, listed: os.stat_result) -> Held:
    try:
        first = at.door.held(descriptor)
        if not is_same(listed, first):
            raise NotTouched(Removal.CHANGED)
        sha256, head = _hashed(at, descriptor, copy.size)
        last = at.door.held(descriptor)
    except OSError as error:
        raise NotTouched(outcome_of(error)) from error
    if not is_same(first, last) or first.st_ctime_ns != last.st_ctime_ns:
        raise NotTouched(Removal.CHANGED)
    if copy.digest is not None and digest(key, copy.size, head) != copy.digest:
        raise NotTouched(Removal.CHANGED)
    return Held(seen=last, sha256=sha256)


def _hashed(at: Spot, descriptor: int, size: int) -> tuple[bytes, bytes]:
    """SHA-256 of so many bytes, and the first of them. Raises OSError; NotTouched where there are fewer."""
    whole, head, done = hashlib.sha256(), b"", 0
    while done < size:
        piece = at.door.read(descriptor, min(PIECE_BYTES, size - done), done)
        if not piece:
            break
        whole.update(piece)
        head += piece[: HEAD_BYTES - len(head)]
        done += len(piece)
    if done != size:
        raise NotTouched(Removal.CHANGED)
    return whole.digest(), head
