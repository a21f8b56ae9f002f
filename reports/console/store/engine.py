"""Opens the database, and says in our words what is the matter with it."""

import contextlib
import sqlite3
import threading
from collections.abc import Iterator
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, InternalError, OperationalError

BUSY_S = 5.0
"""How long a statement waits for another writer of the same SQLite file."""
CONNECTIONS = 12


class Trouble(StrEnum):
    """Why the database could not do it."""

    GONE = "gone"
    """No connection, or it broke."""
    BUSY = "busy"
    """Somebody else held it for too long."""
    FULL = "full"
    READ_ONLY = "read_only"
    DAMAGED = "damaged"
    NEWER = "newer"
    """A newer version of the program made it."""
    OLDER = "older"
    """It has not been brought up to this version."""
    FAILED = "failed"


class StoreError(Exception):
    """Nothing was changed. The text is for the operator, and holds neither values nor addresses."""

    def __init__(self, trouble: Trouble, sentence: str) -> None:
        super().__init__(sentence)
        self.trouble = trouble
        self.sentence = sentence


SENTENCES = {
    Trouble.GONE: "The database can't be reached.",
    Trouble.BUSY: "The database is busy.",
    Trouble.FULL: "The disk of the database is full.",
    Trouble.READ_ONLY: "The database can't be written to.",
    Trouble.DAMAGED: "The database's file is damaged: put back a backup with scrubin console restore.",
    Trouble.NEWER: "A newer version of scrubin made this database: install that version.",
    Trouble.OLDER: "The database is of an older version: start the console once to bring it up to date.",
    Trouble.FAILED: "The database refused a statement.",
}

SQLITE_CODES = {
    sqlite3.SQLITE_BUSY: Trouble.BUSY,
    sqlite3.SQLITE_LOCKED: Trouble.BUSY,
    sqlite3.SQLITE_FULL: Trouble.FULL,
    sqlite3.SQLITE_READONLY: Trouble.READ_ONLY,
    sqlite3.SQLITE_PERM: Trouble.READ_ONLY,
    sqlite3.SQLITE_CANTOPEN: Trouble.GONE,
    sqlite3.SQLITE_IOERR: Trouble.GONE,
    sqlite3.SQLITE_CORRUPT: Trouble.DAMAGED,
    sqlite3.SQLITE_NOTADB: Trouble.DAMAGED,
}
SQLSTATES = {
    "53100": Trouble.FULL,
    "53200": Trouble.FULL,
    "25006": Trouble.READ_ONLY,
    "55P03": Trouble.BUSY,
    "40001": Trouble.BUSY,
    "40P01": Trouble.BUSY,
    "53300": Trouble.BUSY,
}


class Store:
    """The database. Threads may share it."""

    def __init__(self, url: sa.URL) -> None:
        self.url = url
        self.is_sqlite = url.get_backend_name() == "sqlite"
        self.engine = _sqlite(url) if self.is_sqlite else _postgres(url)
        self._one_writer = threading.Lock()

    @contextlib.contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A connection to look things up with. Raises StoreError."""
        with said(), self.engine.connect() as db:
            yield db

    @contextlib.contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """A transaction; on return it is on the disk, after an exception nothing of it is. Raises StoreError."""
        with said(), self._turn(), self.engine.connect() as db:
            if self.is_sqlite:
                # Taken at once: a transaction that turns from reading to writing could fail half-way.
                db.exec_driver_sql("BEGIN IMMEDIATE")
            try:
                yield db
            except BaseException:
                db.rollback()
                raise
            db.commit()

    def _turn(self) -> contextlib.AbstractContextManager[Any]:
        """SQLite has one writer: threads of this process queue here, in place of failing there."""
        return self._one_writer if self.is_sqlite else contextlib.nullcontext()

    def close(self) -> None:
        """Let go of all connections."""
        self.engine.dispose()


def sqlite_url(path: str) -> sa.URL:
    """Of a file."""
    return sa.URL.create("sqlite", database=path)


def parse_url(text: str) -> sa.URL:
    """`--database postgresql://user@host/name`. Raises ValueError with a sentence."""
    try:
        url = sa.make_url(text)
    except sa.exc.ArgumentError as error:
        raise ValueError("expected a database such as postgresql://scrubin@localhost/scrubin") from error
    if url.get_backend_name() not in ("postgresql", "sqlite"):
        raise ValueError("expected a database of PostgreSQL: postgresql://user@host/name")
    return url.set(drivername="postgresql+psycopg") if url.get_backend_name() == "postgresql" else url


@contextlib.contextmanager
def said() -> Iterator[None]:
    """Turn what drivers raise into StoreError. IntegrityError passes: it is the caller's question answered."""
    try:
        yield
    except (OperationalError, InternalError) as error:
        trouble = trouble_of(error)
        raise StoreError(trouble, SENTENCES[trouble]) from error
    except sa.exc.TimeoutError as error:
        raise StoreError(Trouble.BUSY, SENTENCES[Trouble.BUSY]) from error
    except sa.exc.DatabaseError as error:
        if isinstance(error, sa.exc.IntegrityError):
            raise
        trouble = trouble_of(error)
        raise StoreError(trouble, SENTENCES[trouble]) from error


def trouble_of(error: DBAPIError) -> Trouble:
    """What a driver's error means."""
    if isinstance(error.orig, sqlite3.Error):
        code = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF
        return SQLITE_CODES.get(code, Trouble.FAILED)
    state = getattr(error.orig, "sqlstate", None) or ""
    if not state or state.startswith(("08", "57P")):
        return Trouble.GONE
    return SQLSTATES.get(state, Trouble.FAILED)


def _sqlite(url: sa.URL) -> sa.Engine:
    engine = sa.create_engine(
        url,
        hide_parameters=True,  # else an error's text, and with it the log, quotes what was to be written
        pool_size=CONNECTIONS,
        max_overflow=0,
        poolclass=sa.pool.QueuePool,
        connect_args={"timeout": BUSY_S, "check_same_thread": False, "isolation_level": None},
    )
    event.listen(engine, "connect", _prepare)
    return engine


def _prepare(raw: sqlite3.Connection, _: object) -> None:
    for line in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "trusted_schema=OFF"):
        raw.execute(f"PRAGMA {line}")


def _postgres(url: sa.URL) -> sa.Engine:
    return sa.create_engine(
        url,
        hide_parameters=True,  # else an error's text, and with it the log, quotes what was to be written
        pool_size=CONNECTIONS,
        max_overflow=0,
        pool_pre_ping=True,
        pool_timeout=10,
        connect_args={"connect_timeout": 5, "options": "-c statement_timeout=30000 -c lock_timeout=5000"},
    )


def insert(store: Store, table: sa.Table) -> Any:
    """The engine's own INSERT, which knows on_conflict_do_update and on_conflict_do_nothing."""
    return sqlite.insert(table) if store.is_sqlite else postgresql.insert(table)
