"""The chain of a device's reports: each has its place before it first leaves, and keeps it over retries and crashes.

Whoever receives the reports sees by it that one is missing or was changed. A place is on the disk before it is used
(synchronous EXTRA): were it forgotten in a power cut, two reports would claim it.
"""

import contextlib
import hashlib
import os
import sqlite3
from collections.abc import Callable, Iterator
from typing import TypeVar

from agent.atomic import flush_folder, private_folder
from reports.deliver import Letter
from reports.deliver.errors import Reason, TransportError
from reports.signing import FIRST_LINK, Link

T = TypeVar("T")
VERSION = 1
BUSY_S = 10.0
KEPT = 5000
"""Places of one device that are remembered: more than the outbox holds letters."""
SCHEMA = """CREATE TABLE places(
    agent_id TEXT NOT NULL, device_id TEXT NOT NULL, seq INTEGER NOT NULL, previous BLOB NOT NULL, link BLOB NOT NULL,
    letter_id TEXT NOT NULL, digest BLOB NOT NULL, PRIMARY KEY(agent_id, device_id, seq)) STRICT, WITHOUT ROWID"""
LAST = "SELECT * FROM places WHERE agent_id = ? AND device_id = ? ORDER BY seq DESC LIMIT 1"
ASIDE = ".damaged"


class _DamagedError(Exception):
    """The file is not what was written."""


class Chain:
    """The places of one enrolment's letters. Any number of threads and processes may use it at once."""

    def __init__(self, path: str, *, agent_id: str, connect: Callable[[str], sqlite3.Connection] | None = None) -> None:
        """`agent_id` as the practice gave it: an enrolment with another practice begins chains of its own."""
        self._path = os.path.abspath(path)
        self._agent_id = agent_id
        self._connect = connect or _connect

    def place(self, letter: Letter) -> Link:
        """See reports.deliver.https.Places. A damaged file is put aside, and the practice sees that a chain broke."""
        return self._change(lambda db: self._placed(db, letter))

    def refused(self, letter: Letter) -> None:
        """See reports.deliver.https.Places. A place that others already follow stays: a gap is the truth then."""

        def release(db: sqlite3.Connection) -> None:
            last = db.execute(LAST, (self._agent_id, letter.device_id)).fetchone()
            if last is not None and last["letter_id"] == letter.id:
                where = (self._agent_id, letter.device_id, last["seq"])
                db.execute("DELETE FROM places WHERE agent_id = ? AND device_id = ? AND seq = ?", where)

        self._change(release)

    def _placed(self, db: sqlite3.Connection, letter: Letter) -> Link:
        digest = hashlib.sha256(letter.body).digest()
        device = (self._agent_id, letter.device_id)
        known = db.execute(
            "SELECT * FROM places WHERE agent_id = ? AND device_id = ? AND letter_id = ? AND digest = ?",
            (*device, letter.id, digest),
        ).fetchone()
        if known is not None:
            return Link(seq=known["seq"], previous=bytes(known["previous"]))
        last = db.execute(LAST, device).fetchone()
        link = Link(seq=1, previous=FIRST_LINK) if last is None else _after(last)
        values = (*device, link.seq, link.previous, link.next_link(letter.body), letter.id, digest)
        db.execute("INSERT INTO places VALUES (?, ?, ?, ?, ?, ?, ?)", values)
        db.execute("DELETE FROM places WHERE agent_id = ? AND device_id = ? AND seq <= ?", (*device, link.seq - KEPT))
        return link

    def _change(self, work: Callable[[sqlite3.Connection], T]) -> T:
        try:
            try:
                return self._once(work)
            except _DamagedError:
                self._put_aside()
                return self._once(work)
        except (OSError, sqlite3.Error, _DamagedError) as problem:
            sentence = "The record of what was sent could not be written, so nothing is sent."
            raise TransportError(permanent=False, reason=Reason.NO_SPACE, sentence=sentence) from problem

    def _once(self, work: Callable[[sqlite3.Connection], T]) -> T:
        private_folder(os.path.dirname(self._path))
        if not os.path.exists(self._path):
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600))
            flush_folder(os.path.dirname(self._path))
        try:
            with contextlib.closing(self._connect(self._path)) as db:
                db.row_factory = sqlite3.Row
                db.execute("PRAGMA journal_mode=DELETE")
                db.execute("PRAGMA synchronous=EXTRA")
                with _transaction(db):
                    _prepare(db)
                    return work(db)
        except sqlite3.DatabaseError as problem:
            if getattr(problem, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
                raise _DamagedError from problem
            raise

    def _put_aside(self) -> None:
        """Rename it and its journal, over an earlier one: its places say nothing to anybody any more."""
        for ending in ("-journal", ""):
            with contextlib.suppress(FileNotFoundError):
                os.replace(f"{self._path}{ending}", f"{self._path}{ASIDE}{ending}")


def _after(last: sqlite3.Row) -> Link:
    link = bytes(last["link"])
    if len(link) != len(FIRST_LINK):
        raise _DamagedError
    return Link(seq=last["seq"] + 1, previous=link)


def _prepare(db: sqlite3.Connection) -> None:
    version = int(db.execute("PRAGMA user_version").fetchone()[0])
    if version == 0:
        db.execute(SCHEMA)
        db.execute(f"PRAGMA user_version={VERSION}")
    elif version != VERSION:
        raise sqlite3.NotSupportedError("written by a newer version")


def _connect(path: str) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=BUSY_S, isolation_level=None)


@contextlib.contextmanager
def _transaction(db: sqlite3.Connection) -> Iterator[None]:
    """What is read in it still holds when it writes. Closing the connection undoes one that did not end."""
    db.execute("BEGIN IMMEDIATE")
    yield
    db.execute("COMMIT")
