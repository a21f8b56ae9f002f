"""What is known of every file that was looked at, so that only what is new is looked at again. It stays on the laptop.

The file holds paths: it is private, never copied, never logged, and removed when consent is withdrawn. It may be lost
at any time: the next scan fills it again, but pictures are then as old as their files say; what the clinician said of
them is in the ledger too.
"""

import hashlib
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from agent.photos import index_read, index_store
from agent.photos.image import HEAD_BYTES, Result
from agent.photos.index_model import (
    DUE,
    LAPTOP,
    Change,
    Counts,
    IndexTrouble,
    Judged,
    Kept,
    Put,
    Reviewable,
    Row,
    Trouble,
)
from agent.photos.index_put import Writer, bury, forget_the_long_gone, lay_out, settle, take_out
from agent.photos.index_rows import fitted, word
from agent.photos.index_schema import as_bytes
from agent.photos.place import File, Place
from checks.clinical_images.fact import Disposition

__all__ = ["DUE", "LAPTOP", "Counts", "Index", "IndexTrouble", "Kept", "Put", "Row", "Trouble", "digest"]
T = TypeVar("T")
DIGEST_BYTES = 16
TAIL, SHORT_TAIL = 4096, 128
VARIETY = 16
"""Fewer different bytes than this at the end of a head, and it is a blank page's or padding: many files have it."""


class Index:
    """An open index, for one thread. Every method raises IndexTrouble, and then has changed nothing.

    DAMAGED and GONE mean that what `known` said no longer holds: the scan that went by it has proven nothing.
    """

    def __init__(self, store: index_store.Store | index_store.MemoryStore) -> None:
        self._store = store
        self._numbers: dict[str, int] = {}
        """Of each device, when it was last asked about."""
        with store.transaction() as db:
            self.key: bytes = db.execute("SELECT key FROM own").fetchone()[0]
            """For `digest`; the index's own from its first day."""

    @classmethod
    def open(cls, folder: Path, *, key: bytes, connect: index_store.Connect | None = None) -> Self:
        """Open the index in a folder, or make it. `key`: 32 random bytes, taken only where the index is new."""
        return cls(index_store.Store(str(folder), key=key, connect=connect))

    @classmethod
    def in_memory(cls, *, key: bytes) -> Self:
        """An index that is on no disk and ends with its process."""
        return cls(index_store.MemoryStore(key=key))

    @staticmethod
    def wipe(folder: Path) -> None:
        """Remove it with all it held, also while others use it: they meet GONE."""
        index_store.wipe(str(folder))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._store.close()

    @property
    def rebuilt(self) -> bool:
        """The file was damaged, foreign or of another version, and was started anew."""
        return self._store.rebuilt

    def known(self, device: str, model: str) -> dict[str, dict[str, tuple[int, int]]]:
        """Every file: folder path to name to (size, stamp), or to DUE where it must be looked at again."""
        self._numbers.pop(device, None)

        def work() -> dict[str, dict[str, tuple[int, int]]]:
            with self._store.transaction() as db:
                number = self._number(db, device)
                return {} if number is None else index_read.known(db, number, word(model))

        return self._even_if_damaged(work)

    def put(self, device: str, rows: Iterable[Put]) -> None:
        """Add or replace files, all of them in one commit."""
        laid = lay_out(rows)
        with self._store.transaction("IMMEDIATE") as db:
            self._number(db, device)
            writer = Writer(db, device)
            for row in laid:
                writer.put(row)
        self._numbers[device] = writer.device  # a new one, from which later questions are not to stray either

    def moved(self, device: str, mark: bytes, file: File, *, model: str) -> Result | None:
        """What was found in the same contents under another path or stamp; None: look at it.

        Beyond HEAD_BYTES the digest is of the head alone, so the time of the last change must be the same too.
        """
        with self._store.transaction() as db:
            number = self._number(db, device)
            return None if number is None else index_read.moved(db, number, mark, file, word(model))

    def digests(self, device: str) -> set[bytes]:
        """Of the contents of all its files, as far as they have one."""
        with self._store.transaction() as db:
            number = self._number(db, device)
            return set() if number is None else index_read.digests(db, number)

    def drop(self, device: str, folder: str, names: Iterable[str], *, now: int) -> None:
        """Take out files that are gone. For a while their contents are known again if they turn up elsewhere."""
        path, gone = as_bytes(folder), [as_bytes(one) for one in names]
        with self._store.transaction("IMMEDIATE") as db:
            number = self._number(db, device)
            if number is not None:
                take_out(db, number, path, gone, now)
                forget_the_long_gone(db, now)

    def drop_folders(self, device: str, folders: Iterable[str], *, now: int) -> None:
        """The same with all files that lie in these very folders; folders within them are named by themselves."""
        paths = [as_bytes(one) for one in folders]
        with self._store.transaction("IMMEDIATE") as db:
            number = self._number(db, device)
            if number is not None:
                for path in paths:
                    take_out(db, number, path, None, now)
                forget_the_long_gone(db, now)

    def settle(self, device: str, places: Sequence[Place]) -> None:
        """Say anew of files already known in which place they lie. For a device where that goes by the folder alone."""

        def work() -> None:
            with self._store.transaction("IMMEDIATE") as db:
                number = self._number(db, device)
                if number is not None:
                    settle(db, Writer(db, device), number, places)

        self._even_if_damaged(work)

    def pictures(self, device: str | None = None, *, at_least: float) -> Iterator[Kept]:
        """Judged pictures that reach a score, of one device or of all, in the order in which they were put in."""
        if device is not None:
            word(device)
        with self._store.transaction() as db:
            found = list(index_read.pictures(db, device, at_least))
        return iter(found)

    def counts(self, device: str, *, model: str, at_least: float = 0.0) -> Counts:
        """For the tallies. Pictures under `at_least` are only counted."""
        with self._store.transaction() as db:
            number = self._number(db, device)
            # No device has the number 0: nothing is counted.
            return index_read.counts(db, number or 0, word(model), at_least)

    def recordings(self) -> dict[str, tuple[Row, ...]]:
        """By device, sound files that are likely speech: they were counted, and nobody listened."""
        with self._store.transaction() as db:
            return index_read.recordings(db)

    def dispose(self, id: int, disposition: Disposition, *, at: int) -> bool:
        """Keep what the clinician said of a picture; False: it is no longer what it was."""
        said = (disposition.value, fitted(at), fitted(id))
        with self._store.transaction("IMMEDIATE") as db:
            done = db.execute("UPDATE files SET disposition = ?, disposed_at = ? WHERE id = ?", said)
            return done.rowcount == 1

    def for_review(self, ids: Iterable[int]) -> Mapping[int, Reviewable]:
        """Those of these pictures that are still what they were."""
        with self._store.transaction() as db:
            return {one.id: one for one in index_read.for_review(db, ids)}

    def judged(self) -> list[Judged]:
        """Every judged picture of every device."""
        with self._store.transaction() as db:
            return list(index_read.judged(db))

    def change(self, changes: Iterable[Change]) -> int:
        """Let pictures count as what is known of them; how many did. Not those of which something was said since."""
        rows = [(one.becomes.value, fitted(one.at), fitted(one.id), one.was.value) for one in changes]
        with self._store.transaction("IMMEDIATE") as db:
            question = "UPDATE files SET disposition = ?, disposed_at = ? WHERE id = ? AND disposition = ?"
            return db.executemany(question, rows).rowcount if rows else 0

    def bury(self, id: int, *, now: int) -> None:
        """Take out one file that is gone, as `drop`; none where another lies there since."""
        with self._store.transaction("IMMEDIATE") as db:
            bury(db, id, now)

    def date_back(self, id: int, first_seen: int) -> None:
        """A picture turned out to be a copy of one that was here before it."""
        with self._store.transaction("IMMEDIATE") as db:
            since = fitted(first_seen)
            db.execute("UPDATE files SET first_seen = min(first_seen, ?) WHERE id = ?", (since, fitted(id)))

    def forget(self, device: str) -> None:
        """Take out a device with all that is known of it, the memory of what is gone too."""
        with self._store.transaction("IMMEDIATE") as db:
            db.execute("DELETE FROM devices WHERE name = ?", (word(device),))
        self._numbers.pop(device, None)
        self._store.tidy()

    def _even_if_damaged(self, work: Callable[[], T]) -> T:
        """Damage that is met before anybody goes by what the index says is no trouble: the new one is used at once."""
        relied_upon = bool(self._numbers)
        try:
            return work()
        except IndexTrouble as trouble:
            if trouble.reason is not Trouble.DAMAGED or relied_upon:
                raise
        self._numbers.clear()
        return work()

    def _number(self, db: sqlite3.Connection, device: str) -> int | None:
        """The device's, which must be what it was: else another process has forgotten it since `known` was asked."""
        row = db.execute("SELECT id FROM devices WHERE name = ?", (word(device),)).fetchone()
        number = None if row is None else int(row["id"])
        if self._numbers.get(device, number) != number:
            raise IndexTrouble(Trouble.GONE)
        if number is not None:
            self._numbers[device] = number
        return number


def digest(key: bytes, size: int, head: bytes) -> bytes | None:
    """What tells the contents of a file from others', 16 bytes that mean nothing without the key.

    None where the head proves nothing: it is cut, or so uniform that other files of this size may well begin alike.
    """
    head = head[:HEAD_BYTES]
    if len(head) != min(size, HEAD_BYTES):
        return None
    if size > HEAD_BYTES and not _varies(head):
        return None
    mark = hashlib.blake2b(b"%d:" % size, digest_size=DIGEST_BYTES, key=key)
    mark.update(head)
    return mark.digest()


def _varies(head: bytes) -> bool:
    """Most pictures show it in a few bytes, and need no counting of thousands."""
    return len(set(head[-SHORT_TAIL:])) >= VARIETY or len(set(head[-TAIL:])) >= VARIETY
