"""The tables of the index of pictures, and whether a file holds them whole.

Paths and names are stored as bytes, UTF-8 with lone surrogates passed: any text of Python comes back as it was, and
SQLite never has to understand it.
"""

import sqlite3

APPLICATION_ID = 0x53637249
VERSION = 1
"""Another version is not carried over: everything but the dates can be found again."""
KEY_BYTES = 32
CREATE = (
    "CREATE TABLE own(one INTEGER PRIMARY KEY CHECK (one = 1), key BLOB NOT NULL) STRICT",
    # AUTOINCREMENT: neither number comes back. A device that was forgotten meanwhile is known by its new one, and an id
    # of a picture that the clinician was shown never comes to stand for another.
    "CREATE TABLE devices(id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE) STRICT",
    """CREATE TABLE places(id INTEGER PRIMARY KEY, device INTEGER NOT NULL REFERENCES devices ON DELETE CASCADE,
        path BLOB NOT NULL, sort TEXT NOT NULL, origin TEXT NOT NULL, named INTEGER NOT NULL,
        UNIQUE (device, path, sort, origin, named)) STRICT""",
    """CREATE TABLE folders(id INTEGER PRIMARY KEY, device INTEGER NOT NULL REFERENCES devices ON DELETE CASCADE,
        path BLOB NOT NULL, UNIQUE (device, path)) STRICT""",
    """CREATE TABLE files(id INTEGER PRIMARY KEY AUTOINCREMENT,
        device INTEGER NOT NULL REFERENCES devices ON DELETE CASCADE,
        folder INTEGER NOT NULL REFERENCES folders ON DELETE CASCADE, name BLOB NOT NULL,
        place INTEGER NOT NULL REFERENCES places ON DELETE CASCADE,
        hidden INTEGER NOT NULL, size INTEGER NOT NULL, stamp INTEGER NOT NULL, modified_s INTEGER NOT NULL,
        first_seen INTEGER NOT NULL, digest BLOB, disposition TEXT NOT NULL, disposed_at INTEGER,
        model TEXT NOT NULL, again INTEGER NOT NULL, unread TEXT, medium TEXT, format TEXT, taken_at TEXT,
        gps INTEGER, camera INTEGER, orientation INTEGER, width INTEGER, height INTEGER, stage TEXT,
        score REAL CHECK ((unread IS NULL) = (score IS NOT NULL)), label TEXT, kind TEXT, words TEXT,
        hashes BLOB, embedding BLOB, UNIQUE (folder, name)) STRICT""",
    "CREATE INDEX in_place ON files(place)",
    "CREATE INDEX of_content ON files(device, digest, first_seen) WHERE digest IS NOT NULL",
    "CREATE INDEX disposed ON files(device, digest, disposed_at) WHERE disposition <> 'none'",
    """CREATE TABLE gone(id INTEGER PRIMARY KEY, device INTEGER NOT NULL REFERENCES devices ON DELETE CASCADE,
        digest BLOB NOT NULL, size INTEGER NOT NULL, modified_s INTEGER NOT NULL, first_seen INTEGER NOT NULL,
        disposition TEXT NOT NULL, disposed_at INTEGER, gone_at INTEGER NOT NULL) STRICT""",
    "CREATE INDEX gone_content ON gone(device, digest, first_seen)",
    "CREATE INDEX gone_since ON gone(gone_at)",
)


class DamagedError(Exception):
    """The file is no index, not any more, or one of another version."""


def create(db: sqlite3.Connection, key: bytes) -> None:
    """Make the tables in an empty file, all of them or none. One process at a time."""
    db.execute("BEGIN IMMEDIATE")
    for statement in CREATE:
        db.execute(statement)
    db.execute("INSERT INTO own VALUES (1, ?)", (key,))
    db.execute(f"PRAGMA application_id={APPLICATION_ID}")
    db.execute(f"PRAGMA user_version={VERSION}")
    db.execute("COMMIT")


def must_be_sound(db: sqlite3.Connection) -> None:
    """Raises DamagedError or sqlite3.Error.

    Pages are not checked one by one: every scan begins with reading all rows, which meets what is broken.
    """
    if (number(db, "application_id"), number(db, "user_version")) != (APPLICATION_ID, VERSION):
        raise DamagedError
    if not {row[0] for row in db.execute("SELECT sql FROM sqlite_master")} >= set(CREATE):
        raise DamagedError
    key = db.execute("SELECT key FROM own").fetchone()
    if key is None or len(key[0]) != KEY_BYTES:
        raise DamagedError


def number(db: sqlite3.Connection, pragma: str) -> int:
    """The value of a pragma that is a number."""
    return int(db.execute(f"PRAGMA {pragma}").fetchone()[0])


def as_bytes(text: str) -> bytes:
    """A path or a name as it is stored."""
    return text.encode("utf-8", "surrogatepass")


def as_text(stored: bytes) -> str:
    """The reverse. Raises ValueError for what `as_bytes` never made."""
    return stored.decode("utf-8", "surrogatepass")
