"""The file of the index: private, in WAL mode, whole after every commit; started anew where it is damaged or foreign.

Other than the outbox it may always be made again, so a damaged file is removed and not kept: it holds paths. The dates
that can still be read out of it are carried over. synchronous=NORMAL: a power cut may undo the last commits and leaves
the file whole, and what was undone is looked at once more.
"""

import contextlib
import errno
import fcntl
import os
import sqlite3
import stat
from collections.abc import Callable, Iterator

from agent.atomic import PRIVATE, private_folder
from agent.photos.index_model import IndexTrouble, Trouble
from agent.photos.index_repair import restore, salvage
from agent.photos.index_schema import DamagedError, create, must_be_sound, number

Connect = Callable[[str], sqlite3.Connection]
FILE = "index.sqlite"
BESIDE = ("-wal", "-shm", "-journal")
BUSY_S = 10.0
ATTEMPTS = 4
"""To open the file, while other processes remove it or it is damaged again."""
KNOWN = {
    sqlite3.SQLITE_FULL: Trouble.NO_SPACE,
    sqlite3.SQLITE_READONLY: Trouble.READ_ONLY,
    sqlite3.SQLITE_CANTOPEN: Trouble.READ_ONLY,
    sqlite3.SQLITE_PERM: Trouble.READ_ONLY,
    sqlite3.SQLITE_AUTH: Trouble.READ_ONLY,
    sqlite3.SQLITE_BUSY: Trouble.BUSY,
    sqlite3.SQLITE_LOCKED: Trouble.BUSY,
    sqlite3.SQLITE_PROTOCOL: Trouble.BUSY,
    sqlite3.SQLITE_IOERR: Trouble.BROKEN_DISK,
}


class Store:
    """One open index. For one thread; other threads and processes open it for themselves."""

    def __init__(self, folder: str, *, key: bytes, connect: Connect | None = None) -> None:
        """`connect` stands in for opening the file, for tests that cut it short. Raises IndexTrouble."""
        self._folder = os.path.abspath(folder)
        self._key = key
        self._connect = connect or _connect
        self.rebuilt = False
        """The file was damaged, foreign or of another version, and was started anew."""
        with _told():
            private_folder(self._folder)
            self._db = self._open_or_rebuild()

    @contextlib.contextmanager
    def transaction(self, kind: str = "DEFERRED") -> Iterator[sqlite3.Connection]:
        """Work on the database, all of it or nothing. IMMEDIATE for changes, so that what they read still holds.

        Raises IndexTrouble; after DAMAGED the index is open and empty.
        """
        try:
            with _told(), _whole(self._db, kind):
                # Whoever goes by what it read before must not go on with another's new file, nor with a removed one.
                if self._inode() != self._opened:
                    raise IndexTrouble(Trouble.GONE)
                yield self._db
        except (DamagedError, ValueError, LookupError):
            # The pages may be sound and a row still hold what was never written there.
            self._begin_anew()
            raise IndexTrouble(Trouble.DAMAGED) from None

    def tidy(self) -> None:
        """Bring what was changed into the file itself, and empty the one beside it."""
        with _told():
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def _begin_anew(self) -> None:
        with _told():
            self._remove_damaged(self._opened)
            self._db.close()
            self._db = self._open_or_rebuild()
        self.rebuilt = True

    def _open_or_rebuild(self) -> sqlite3.Connection:
        for _ in range(ATTEMPTS):
            with contextlib.ExitStack() as unless_sound:
                try:
                    db = self._open(unless_sound)
                except DamagedError:
                    # Not closed before: its number stays taken, and the file of that number is the damaged one.
                    self._remove_damaged(self._opened)
                    self.rebuilt = True
                    continue
                if self._inode() == self._opened:
                    unless_sound.pop_all()
                    return db
        raise IndexTrouble(Trouble.BROKEN_DISK)

    def _remove_damaged(self, inode: int) -> None:
        """Start a new file that has the old one's dates, unless another process was quicker."""
        left = salvage(self._path)
        with _alone(self._folder):
            if self._inode() != inode:
                return
            _remove(self._path)
            if left is not None:
                self._make(left.key)
        if left is not None:
            with contextlib.closing(self._connect(self._path)) as db, _whole(db, "IMMEDIATE"):
                restore(db, left)

    def _make(self, key: bytes) -> None:
        """An empty index. Killed in between, it leaves an empty file or a sound one."""
        self._touch()
        with contextlib.closing(self._connect(self._path)) as db:
            create(db, key)
            # Not before there are tables: it would write a header that looks like another program's.
            db.execute("PRAGMA journal_mode=WAL")

    def _open(self, unless_sound: contextlib.ExitStack) -> sqlite3.Connection:
        self._opened = self._inode()
        if self._opened == 0:
            self._touch()
            self._opened = self._inode()
        self._must_be_ours()
        db = unless_sound.enter_context(contextlib.closing(self._connect(self._path)))
        try:
            self._prepare(db)
        except sqlite3.Error as problem:
            raise _explained(problem) from None
        return db

    def _prepare(self, db: sqlite3.Connection) -> None:
        db.row_factory = sqlite3.Row
        if number(db, "page_count") == 0 or db.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
            with _alone(self._folder):
                if number(db, "page_count") == 0:
                    if os.path.getsize(self._path) > 0:
                        raise DamagedError
                    create(db, self._key)
                db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=NORMAL")
        db.execute("PRAGMA foreign_keys=ON")
        # What is forgotten is overwritten, not only unlinked.
        db.execute("PRAGMA secure_delete=ON")
        must_be_sound(db)

    def _touch(self) -> None:
        """Make the file, private. Another process may be quicker."""
        with contextlib.suppress(FileExistsError):
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, PRIVATE))

    def _must_be_ours(self) -> None:
        """Without opening a file that is there already: to close it would drop the locks that SQLite holds on it."""
        try:
            found = os.lstat(self._path)
        except FileNotFoundError:  # removed in between: once more
            raise DamagedError from None
        if stat.S_ISDIR(found.st_mode):
            raise IndexTrouble(Trouble.READ_ONLY)
        if not stat.S_ISREG(found.st_mode):
            raise DamagedError
        if stat.S_IMODE(found.st_mode) != PRIVATE:
            os.chmod(self._path, PRIVATE)

    def _inode(self) -> int:
        """0 where there is no file."""
        try:
            return os.lstat(self._path).st_ino
        except FileNotFoundError:
            return 0

    @property
    def _path(self) -> str:
        return os.path.join(self._folder, FILE)


class MemoryStore:
    """An index that is on no disk and ends with its process."""

    rebuilt = False

    def __init__(self, *, key: bytes) -> None:
        self._db = _connect(":memory:")
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA foreign_keys=ON")
        create(self._db, key)

    @contextlib.contextmanager
    def transaction(self, kind: str = "DEFERRED") -> Iterator[sqlite3.Connection]:
        """As of Store."""
        with _told(), _whole(self._db, kind):
            yield self._db

    def tidy(self) -> None:
        """Nothing lies beside it."""

    def close(self) -> None:
        """Let go of it all."""
        self._db.close()


def wipe(folder: str) -> None:
    """Remove the index with all that SQLite keeps beside it, also while others use it. Raises IndexTrouble."""
    with _told():
        if os.path.isdir(folder):
            with _alone(folder):
                _remove(os.path.join(folder, FILE))


def _connect(path: str) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=BUSY_S, isolation_level=None)


@contextlib.contextmanager
def _alone(folder: str) -> Iterator[None]:
    """Only one process at a time makes or removes the file: else one would remove what another just made."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _remove(path: str) -> None:
    """The database last: left alone its journals would be played into a new one."""
    for suffix in (*BESIDE, ""):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path + suffix)


@contextlib.contextmanager
def _whole(db: sqlite3.Connection, kind: str) -> Iterator[None]:
    db.execute(f"BEGIN {kind}")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:  # a signal's KeyboardInterrupt too
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """Faults of the system as IndexTrouble. Their own texts hold paths and end here."""
    try:
        yield
    except sqlite3.Error as problem:
        raise _explained(problem) from None
    except OSError as problem:
        raise IndexTrouble(trouble_of(problem)) from None


def _explained(problem: sqlite3.Error) -> Exception:
    code = getattr(problem, "sqlite_errorcode", 0)
    if code & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return DamagedError()
    if code == sqlite3.SQLITE_READONLY_DBMOVED:
        return IndexTrouble(Trouble.GONE)
    reason = KNOWN.get(code & 0xFF)
    return problem if reason is None else IndexTrouble(reason)


def trouble_of(problem: OSError) -> Trouble:
    """What an error of the system means for a file that is written and read."""
    if problem.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return Trouble.NO_SPACE
    if problem.errno in (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EISDIR):
        return Trouble.READ_ONLY
    return Trouble.BROKEN_DISK
