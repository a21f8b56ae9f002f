"""Reads out of a damaged index since when each picture has been there: a new index must not make old pictures young.

What the clinician said of a picture is not carried over: after damage it might be said of another one.
"""

import contextlib
import os
import sqlite3
import stat
from collections.abc import Iterator
from dataclasses import dataclass

from agent.photos.index_schema import KEY_BYTES

MOST = 100_000
"""Pictures of which the dates are read out."""
DATES = "SELECT device, digest, size, modified_s, first_seen FROM {} WHERE digest IS NOT NULL ORDER BY id {} LIMIT {}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Salvage:
    """What could be read. Without the key the digests mean nothing, so there is none without it."""

    key: bytes
    dates: frozenset[tuple[str, bytes, int, int, int]]
    """Device, digest, size, time of last change, first seen: both times in Unix seconds."""
    at: int
    """When the damaged file was last written. Unix time, seconds."""


def salvage(path: str) -> Salvage | None:
    """What can still be read of a file; None where that is nothing. Never raises for what the file holds."""
    try:
        found = os.lstat(path)
        if not stat.S_ISREG(found.st_mode):
            return None
        with contextlib.closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as db:
            key = db.execute("SELECT key FROM own").fetchone()[0]
            names = dict(db.execute("SELECT id, name FROM devices LIMIT 1000"))
            if not isinstance(key, bytes) or len(key) != KEY_BYTES:
                return None
            return Salvage(key=key, dates=frozenset(_dates(db, names)), at=int(found.st_mtime))
    except (sqlite3.Error, TypeError, OSError):
        return None


def restore(db: sqlite3.Connection, left: Salvage) -> None:
    """Put the dates into a new index, as those of files that are gone: whoever puts such contents in gets them."""
    for name in sorted({row[0] for row in left.dates}):
        db.execute("INSERT OR IGNORE INTO devices(name) VALUES (?)", (name,))
    db.executemany(
        """INSERT INTO gone(device, digest, size, modified_s, first_seen, disposition, gone_at)
        SELECT id, ?2, ?3, ?4, ?5, 'none', ?6 FROM devices WHERE name = ?1""",
        ((*row, left.at) for row in sorted(left.dates)),
    )


def _dates(db: sqlite3.Connection, names: dict[int, str]) -> Iterator[tuple[str, bytes, int, int, int]]:
    """From both ends of each table: what lies before and behind one damaged page."""
    for table in ("files", "gone"):
        for order in ("ASC", "DESC"):
            with contextlib.suppress(sqlite3.Error):  # the damage; what came before it counts
                for device, *row in db.execute(DATES.format(table, order, MOST)):
                    if (found := _sane(names.get(device), row)) is not None:
                        yield found


def _sane(name: object, row: list[object]) -> tuple[str, bytes, int, int, int] | None:
    digest, size, modified_s, first_seen = row
    if not isinstance(name, str) or not isinstance(digest, bytes):
        return None
    if not isinstance(size, int) or not isinstance(modified_s, int) or not isinstance(first_seen, int):
        return None
    return (name, digest, size, modified_s, first_seen)
