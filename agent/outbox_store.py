"""The outbox's file: one SQLite database whose every change is whole and on the disk, or did not happen.

journal_mode=DELETE, not WAL: at rest the queue is one file that can be copied or put aside, readers need no right to
write beside it, and a few commits an hour need no speed. synchronous=EXTRA, not FULL: with a rollback journal FULL
leaves the removal of the journal unflushed, so that a power cut may bring the journal back and undo a report that was
already promised.
"""

import contextlib
import errno
import os
import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import TypeVar

from agent.atomic import flush_folder, private_folder
from agent.outbox_model import OutboxError, Trouble

T = TypeVar("T")
APPLICATION_ID = 0x53637242
VERSION = 1
BUSY_S = 10.0
DAMAGED = ".damaged-"
SCHEMA = (
    """CREATE TABLE parcels(
        seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, device_id TEXT NOT NULL, kind TEXT NOT NULL,
        since TEXT, body BLOB NOT NULL, seen TEXT NOT NULL, history TEXT NOT NULL DEFAULT '[]', size INTEGER NOT NULL,
        created_at TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, tried_at REAL, wait_s REAL NOT NULL DEFAULT 0,
        reason TEXT, parked INTEGER NOT NULL DEFAULT 0, sentence TEXT NOT NULL DEFAULT '', sent_at REAL) STRICT""",
    "CREATE INDEX unsent ON parcels(sent_at, seq, size)",
    "CREATE INDEX of_device ON parcels(device_id, seq)",
    """CREATE TABLE devices(device_id TEXT PRIMARY KEY, full_id TEXT NOT NULL, fingerprint TEXT NOT NULL,
        basis TEXT NOT NULL, full_at REAL NOT NULL, delivered_at REAL) STRICT""",
    "CREATE TABLE known(seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, digest TEXT NOT NULL) STRICT",
    f"PRAGMA application_id={APPLICATION_ID}",
    f"PRAGMA user_version={VERSION}",
)
PARTS = {"parcels", "unsent", "of_device", "devices", "known"}
SAYS = {
    Trouble.NO_SPACE: "The outbox could not be written: the disk is full.",
    Trouble.READ_ONLY: "The outbox could not be written: its folder is read-only or belongs to someone else.",
    Trouble.BUSY: "The outbox is held by another process.",
    Trouble.BROKEN_DISK: "The outbox could not be written or read: the disk reports an error.",
    Trouble.DAMAGED: "The outbox file is damaged; it will be set aside, and kept, when the next report is put in.",
    Trouble.NEWER: "The outbox was written by a newer version of this program; it is left as it is.",
}


class _DamagedError(Exception):
    """The file is no outbox, or not any more."""

    def __init__(self, inode: int = 0) -> None:
        super().__init__(inode)
        self.inode = inode


class Store:
    """Runs pieces of work on the database, each in one transaction and on a connection of its own: safe for threads."""

    def __init__(self, path: str, *, connect: Callable[[str], sqlite3.Connection] | None = None) -> None:
        """`connect` stands in for opening the file, for tests that cut it short."""
        self._path = os.path.abspath(path)
        self._connect = connect or _connect
        self._checked = False

    def change(self, work: Callable[[sqlite3.Connection], T], *, now: datetime) -> tuple[T, str | None]:
        """Do `work` in a transaction. A damaged file is set aside under a dated name and the work done on a new one.

        Returns what `work` returned and the name of a file that was set aside. Raises OutboxError: nothing happened.
        """
        try:
            return self._once(work), None
        except _DamagedError as damage:
            aside = self._set_aside(damage.inode, now)
        try:
            return self._once(work), aside
        except _DamagedError as damage:
            raise OutboxError(Trouble.BROKEN_DISK, SAYS[Trouble.BROKEN_DISK]) from damage

    def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do `work` that only reads, on a read-only disk too. No file is an empty outbox. Raises OutboxError."""
        try:
            return self._once(work, reading=True)
        except _DamagedError as damage:
            raise OutboxError(Trouble.DAMAGED, SAYS[Trouble.DAMAGED]) from damage

    def set_aside(self) -> tuple[str, ...]:
        """Names of the damaged files beside this one. Raises OutboxError."""
        folder, name = os.path.split(self._path)
        try:
            return tuple(sorted(one for one in os.listdir(folder) if one.startswith(name + DAMAGED)))
        except FileNotFoundError:
            return ()
        except OSError as problem:
            raise OutboxError(_trouble(problem), SAYS[_trouble(problem)]) from problem

    def _once(self, work: Callable[[sqlite3.Connection], T], *, reading: bool = False) -> T:
        inode = 0
        try:
            inode = self._file(reading)
            with contextlib.closing(self._connect(self._path if inode else ":memory:")) as db:
                db.row_factory = sqlite3.Row
                self._prepare(db)
                with _transaction(db, "DEFERRED" if reading else "IMMEDIATE"):
                    return work(db)
        except (_DamagedError, ValueError, OverflowError) as damage:
            # The pages may be sound and a row still hold what was never written there.
            raise _DamagedError(inode) from damage
        except sqlite3.Error as problem:
            raise _explained(problem, inode) from problem
        except OSError as problem:
            raise OutboxError(_trouble(problem), SAYS[_trouble(problem)]) from problem

    def _file(self, reading: bool) -> int:
        """The file's inode, once there is a file; 0 where there is nothing to read."""
        if reading and (not os.path.exists(self._path) or os.path.getsize(self._path) == 0):
            return 0
        if not os.path.exists(self._path):
            private_folder(os.path.dirname(self._path))
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600))
            flush_folder(os.path.dirname(self._path))
        return os.stat(self._path).st_ino

    def _prepare(self, db: sqlite3.Connection) -> None:
        db.execute("PRAGMA journal_mode=DELETE")
        db.execute("PRAGMA synchronous=EXTRA")
        if _number(db, "page_count") == 0:
            with _transaction(db, "IMMEDIATE"):
                _create(db)
        version = _number(db, "user_version")
        if _number(db, "application_id") != APPLICATION_ID or version < 1:
            raise _DamagedError
        if version > VERSION:
            raise OutboxError(Trouble.NEWER, SAYS[Trouble.NEWER])
        if not self._checked:
            parts = {row[0] for row in db.execute("SELECT name FROM sqlite_master")}
            if not parts >= PARTS or db.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
                raise _DamagedError
            self._checked = True

    def _set_aside(self, inode: int, now: datetime) -> str | None:
        """Rename the file, never delete it. Its journal goes first: left alone it would be played into the new file.

        None: another process was quicker, and the file at this path is a new one already.
        """
        self._checked = False
        if not os.path.exists(self._path) or os.stat(self._path).st_ino != inode:
            return None
        stamp = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
        aside, copy = f"{self._path}{DAMAGED}{stamp}", 1
        while os.path.lexists(aside):
            copy += 1
            aside = f"{self._path}{DAMAGED}{stamp}-{copy}"
        try:
            if os.path.lexists(f"{self._path}-journal"):
                os.rename(f"{self._path}-journal", f"{aside}-journal")
            os.rename(self._path, aside)
            flush_folder(os.path.dirname(self._path))
        except OSError as problem:
            raise OutboxError(_trouble(problem), SAYS[_trouble(problem)]) from problem
        return os.path.basename(aside)


def _connect(path: str) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=BUSY_S, isolation_level=None)


def _create(db: sqlite3.Connection) -> None:
    """Another process may have been quicker: look again, now that the file is ours."""
    if _number(db, "user_version") == 0:
        for statement in SCHEMA:
            db.execute(statement)


def _number(db: sqlite3.Connection, pragma: str) -> int:
    return int(db.execute(f"PRAGMA {pragma}").fetchone()[0])


@contextlib.contextmanager
def _transaction(db: sqlite3.Connection, kind: str) -> Iterator[None]:
    """IMMEDIATE for changes, so that what they read still holds when they write. Closing an unended one undoes it."""
    db.execute(f"BEGIN {kind}")
    yield
    db.execute("COMMIT")


def _explained(problem: sqlite3.Error, inode: int) -> Exception:
    code = getattr(problem, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return _DamagedError(inode)
    known = {
        sqlite3.SQLITE_FULL: Trouble.NO_SPACE,
        sqlite3.SQLITE_READONLY: Trouble.READ_ONLY,
        sqlite3.SQLITE_CANTOPEN: Trouble.READ_ONLY,
        sqlite3.SQLITE_PERM: Trouble.READ_ONLY,
        sqlite3.SQLITE_AUTH: Trouble.READ_ONLY,
        sqlite3.SQLITE_BUSY: Trouble.BUSY,
        sqlite3.SQLITE_LOCKED: Trouble.BUSY,
        sqlite3.SQLITE_IOERR: Trouble.BROKEN_DISK,
    }
    if code not in known:
        return problem
    return OutboxError(known[code], SAYS[known[code]])


def _trouble(problem: OSError) -> Trouble:
    if problem.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return Trouble.NO_SPACE
    if problem.errno in (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EISDIR):
        return Trouble.READ_ONLY
    return Trouble.BROKEN_DISK
