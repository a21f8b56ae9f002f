"""The file of the ledger: private, whole after every commit and on the disk by then; never replaced by a program alone.

Other than the index it can't be made again. So what is not the file that was written there is left as it is, and every
question to it raises LedgerTrouble DAMAGED until the person begins another.
"""

import contextlib
import os
import sqlite3
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

from agent.atomic import PRIVATE, flush_folder, private_folder
from agent.photos.index_model import Trouble as IndexTroubles
from agent.photos.index_schema import number
from agent.photos.index_store import KNOWN, trouble_of
from agent.photos.ledger_model import LedgerTrouble, Trouble

FILE = "ledger.sqlite"
BESIDE = ("-wal", "-shm", "-journal")
APPLICATION_ID = 0x5363724C
VERSION = 1
BUSY_S = 10.0
CREATE = (
    # `lines` and `link`: how many lines the log has, and the link of the last. A log whose end is gone differs.
    """CREATE TABLE own(one INTEGER PRIMARY KEY CHECK (one = 1), mark BLOB NOT NULL, lines INTEGER NOT NULL,
        link BLOB NOT NULL) STRICT""",
    # AUTOINCREMENT: what was said later has the higher number, whatever the clock says. `content`: the digest, or what
    # stands for it. `lifted`: the number under which a hold on these contents was last lifted.
    """CREATE TABLE words(number INTEGER PRIMARY KEY AUTOINCREMENT, content BLOB NOT NULL UNIQUE, digest BLOB,
        size INTEGER NOT NULL, modified_s INTEGER NOT NULL, hashes BLOB, embedding BLOB, disposition TEXT NOT NULL,
        at INTEGER NOT NULL, reference TEXT NOT NULL, source TEXT NOT NULL, sender TEXT, until INTEGER,
        reason TEXT NOT NULL, lifted INTEGER NOT NULL) STRICT""",
    """CREATE TABLE intents(number INTEGER PRIMARY KEY AUTOINCREMENT, id INTEGER NOT NULL, device TEXT NOT NULL,
        path BLOB NOT NULL, size INTEGER NOT NULL, stamp INTEGER NOT NULL, modified_s INTEGER NOT NULL, digest BLOB,
        folder TEXT NOT NULL, origin TEXT NOT NULL, sha256 BLOB NOT NULL, disposition TEXT NOT NULL,
        reference TEXT NOT NULL) STRICT""",
    """CREATE TABLE log(number INTEGER PRIMARY KEY, line BLOB NOT NULL, signature BLOB NOT NULL) STRICT""",
)
PARTED = (
    """CREATE TABLE parted(one BLOB NOT NULL, other BLOB NOT NULL, PRIMARY KEY(one, other),
        CHECK (one < other)) STRICT""",
    """CREATE TABLE parted_pictures(content BLOB PRIMARY KEY NOT NULL, digest BLOB, size INTEGER NOT NULL,
        modified_s INTEGER NOT NULL, hashes BLOB, embedding BLOB) STRICT""",
)
"""Made when the first picture is set apart: an older ledger is as good, and an older version can read this one."""


class Store:
    """One open ledger. For one thread; other threads and processes open it for themselves."""

    def __init__(self, folder: Path, mark: bytes, *, chance: Callable[[int], bytes]) -> None:
        """`mark`: of the secret that must be its own. `chance` names a file that is there for a moment only."""
        self._path = str(folder / FILE)
        with told(), contextlib.ExitStack() as unless_sound:
            if not os.path.lexists(self._path):
                _make(self._path, mark, chance(8).hex())
            self.db = unless_sound.enter_context(contextlib.closing(_opened(self._path)))
            _must_be_sound(self.db, mark)
            unless_sound.pop_all()

    @contextlib.contextmanager
    def transaction(self, kind: str = "DEFERRED") -> Iterator[sqlite3.Connection]:
        """All of it or nothing, on the disk when the block has ended. IMMEDIATE for changes. Raises LedgerTrouble."""
        with told():
            self.db.execute(f"BEGIN {kind}")
            try:
                yield self.db
                self.db.execute("COMMIT")
            except BaseException:  # a signal's KeyboardInterrupt too
                if self.db.in_transaction:
                    self.db.execute("ROLLBACK")
                raise

    def tidy(self) -> None:
        """Bring what was changed into the file itself, so that nothing forgotten is left beside it."""
        with told():
            self.db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def close(self) -> None:
        """Let go of the file."""
        self.db.close()


def is_there(folder: Path) -> bool:
    """Whether anything was ever said."""
    return os.path.lexists(folder / FILE)


def replace(folder: Path, fresh: str, aside: str) -> None:
    """Put a new file in the place of the damaged one, which gets another name. Raises LedgerTrouble."""
    path = str(folder / FILE)
    with told():
        # Its journals first: left alone they would be played into the new one.
        for suffix in BESIDE:
            with contextlib.suppress(FileNotFoundError):
                os.rename(f"{path}{suffix}", f"{folder / aside}{suffix}")
        if os.path.isfile(path) and not os.path.islink(path):
            os.link(path, folder / aside)  # at no moment there is none
        elif os.path.lexists(path):
            os.rename(path, folder / aside)
        os.replace(fresh, path)
        flush_folder(str(folder))


@contextlib.contextmanager
def told() -> Iterator[None]:
    """Faults of the system as LedgerTrouble. Their own texts hold paths and end here."""
    try:
        yield
    except sqlite3.Error as problem:
        raise _explained(problem) from None
    except OSError as problem:
        raise LedgerTrouble(Trouble(trouble_of(problem).value)) from None
    except (ValueError, LookupError):
        # The pages may be sound and a row still hold what was never written there.
        raise LedgerTrouble(Trouble.DAMAGED) from None


def _explained(problem: sqlite3.Error) -> Exception:
    code = getattr(problem, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR):
        return LedgerTrouble(Trouble.DAMAGED)  # ERROR: a table that must be there is not
    known = KNOWN.get(code, IndexTroubles.BROKEN_DISK)
    return LedgerTrouble(Trouble(known.value))


def make(path: str, mark: bytes) -> None:
    """An empty ledger under a name that nobody has. Raises OSError, sqlite3.Error."""
    private_folder(os.path.dirname(path))
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, PRIVATE))
    with contextlib.closing(connect(path)) as db:
        _create(db, mark)


def _make(path: str, mark: bytes, name: str) -> None:
    """It appears under its name at once or not at all: an empty file there is always damage."""
    fresh = f"{path}.{name}.new"
    try:
        make(fresh, mark)
        with contextlib.suppress(FileExistsError):  # another process was quicker
            os.link(fresh, path)
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(fresh)
    flush_folder(os.path.dirname(path))


def _create(db: sqlite3.Connection, mark: bytes) -> None:
    db.execute("PRAGMA synchronous=FULL")
    db.execute("BEGIN IMMEDIATE")
    for statement in CREATE:
        db.execute(statement)
    db.execute("INSERT INTO own VALUES (1, ?, 0, ?)", (mark, bytes(32)))
    db.execute(f"PRAGMA application_id={APPLICATION_ID}")
    db.execute(f"PRAGMA user_version={VERSION}")
    db.execute("COMMIT")
    db.execute("PRAGMA journal_mode=WAL")


def _opened(path: str) -> sqlite3.Connection:
    found = os.lstat(path)
    if not stat.S_ISREG(found.st_mode):
        raise LedgerTrouble(Trouble.DAMAGED)
    if stat.S_IMODE(found.st_mode) != PRIVATE:
        os.chmod(path, PRIVATE)
    return connect(path)


def _must_be_sound(db: sqlite3.Connection, mark: bytes) -> None:
    """Every page is read: what is broken is met before anything is deleted. Raises LedgerTrouble, sqlite3.Error."""
    db.row_factory = sqlite3.Row
    db.execute("PRAGMA synchronous=FULL")
    db.execute("PRAGMA secure_delete=ON")  # what is forgotten is overwritten, not only unlinked
    if (number(db, "application_id"), number(db, "user_version")) != (APPLICATION_ID, VERSION):
        raise LedgerTrouble(Trouble.DAMAGED)
    tables = {row[0] for row in db.execute("SELECT sql FROM sqlite_master")}
    if not tables >= set(CREATE) or (has_parted(db) and not tables >= set(PARTED)):
        raise LedgerTrouble(Trouble.DAMAGED)
    if db.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
        raise LedgerTrouble(Trouble.DAMAGED)
    own = db.execute("SELECT mark FROM own").fetchone()
    if own is None or own["mark"] != mark:
        raise LedgerTrouble(Trouble.DAMAGED)


def has_parted(db: sqlite3.Connection) -> bool:
    """Whether a picture was ever set apart: then there is a table of it."""
    found = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name IN ('parted', 'parted_pictures')"
    return db.execute(found).fetchone() is not None


def connect(path: str) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=BUSY_S, isolation_level=None)
