"""Puts judged files into the index: what has the same contents keeps its date, its number and what was said of it."""

import posixpath
import sqlite3
from collections.abc import Iterable, Sequence

from agent.photos.image import HEAD_BYTES
from agent.photos.index_model import Put
from agent.photos.index_rows import STATE, Cell, Laid, PlaceCells, fitted, laid, place_cells
from agent.photos.place import Place
from checks.clinical_images.fact import Disposition

MOST_GONE = 100_000
GONE_S = 30 * 86400
"""So long a file that is gone is recognised if its contents turn up again; only digest, dates and disposition stay."""
COLUMNS = ("device", "folder", "name", "first_seen", "disposition", "disposed_at", *STATE)
INSERT = f"INSERT INTO files({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})"  # noqa: S608 - constants
UPDATE = f"UPDATE files SET first_seen = ?, {', '.join(f'{one} = ?' for one in STATE)} WHERE id = ?"  # noqa: S608
BURY = """INSERT INTO gone(device, digest, size, modified_s, first_seen, disposition, disposed_at, gone_at)
    SELECT device, digest, size, modified_s, first_seen, disposition, disposed_at, ? FROM files
    WHERE id = ? AND digest IS NOT NULL"""
OLD = "SELECT id, size, stamp, modified_s, digest, first_seen FROM files WHERE folder = ? AND name = ?"
SINCE = """SELECT min(first_seen) FROM (
    SELECT min(first_seen) AS first_seen FROM files WHERE device = ?1 AND digest = ?2
    UNION ALL SELECT min(first_seen) FROM gone WHERE device = ?1 AND digest = ?2)"""
SAID = f"""SELECT disposition, disposed_at FROM (
    SELECT disposition, disposed_at, size, modified_s FROM files
    WHERE device = ?1 AND digest = ?2 AND disposition <> 'none'
    UNION ALL SELECT disposition, disposed_at, size, modified_s FROM gone
    WHERE device = ?1 AND digest = ?2 AND disposition <> 'none')
    WHERE size <= {HEAD_BYTES} OR modified_s = ?3
    ORDER BY disposition = 'legal_hold' DESC, disposed_at DESC LIMIT 1"""  # noqa: S608 - a constant


def lay_out(rows: Iterable[Put]) -> list[Laid]:
    """Check all rows before one is written. Raises IndexTrouble."""
    return [laid(one, *posixpath.split(one.file.path)) for one in rows]


class Writer:
    """Writes the rows of one device within one transaction."""

    def __init__(self, db: sqlite3.Connection, device: str) -> None:
        self._db = db
        db.execute("INSERT OR IGNORE INTO devices(name) VALUES (?)", (device,))
        self.device: int = db.execute("SELECT id FROM devices WHERE name = ?", (device,)).fetchone()[0]
        self._folders: dict[bytes, int] = {}
        self._places: dict[PlaceCells, int] = {}

    def put(self, row: Laid) -> None:
        """Add one file, or replace what was known of it."""
        state = {**row.state, "place": self.place(row.place)}
        folder = self._folder(row.folder)
        old = self._db.execute(OLD, (folder, row.name)).fetchone()
        digest = row.state["digest"]
        dates = (row.now, row.first_seen, old and old["first_seen"], self._since(digest))
        since = fitted(min(one for one in dates if one is not None))
        if old is not None and _same(old, row):
            state["digest"] = digest or old["digest"]
            self._db.execute(UPDATE, (since, *(state[one] for one in STATE), old["id"]))
            return
        if old is not None:
            bury(self._db, old["id"], row.now)
        said = self._said(digest, row)
        self._db.execute(INSERT, (self.device, folder, row.name, since, *said, *(state[one] for one in STATE)))

    def place(self, cells: PlaceCells) -> int:
        """The number of a place, which is added where it is new."""
        if cells not in self._places:
            key = (self.device, *cells)
            self._db.execute("INSERT OR IGNORE INTO places(device, path, sort, origin, named) VALUES (?,?,?,?,?)", key)
            where = "device = ? AND path = ? AND sort = ? AND origin = ? AND named = ?"
            found = self._db.execute(f"SELECT id FROM places WHERE {where}", key).fetchone()  # noqa: S608 - a constant
            self._places[cells] = found[0]
        return self._places[cells]

    def _folder(self, path: bytes) -> int:
        if path not in self._folders:
            key = (self.device, path)
            self._db.execute("INSERT OR IGNORE INTO folders(device, path) VALUES (?, ?)", key)
            found = self._db.execute("SELECT id FROM folders WHERE device = ? AND path = ?", key).fetchone()
            self._folders[path] = found[0]
        return self._folders[path]

    def _since(self, digest: Cell) -> int | None:
        """When these contents were first seen on this device, under whatever path.

        The digest may be of the head alone, so this may be another file's date: then the picture counts as too old,
        never as too young.
        """
        if digest is None:
            return None
        since: int | None = self._db.execute(SINCE, (self.device, digest)).fetchone()[0]
        return since

    def _said(self, digest: Cell, row: Laid) -> tuple[Cell, Cell]:
        """What was said last of the very same picture: it would excuse this one, so the head alone is not enough."""
        if digest is None:
            return Disposition.NONE.value, None
        found = self._db.execute(SAID, (self.device, digest, row.state["modified_s"])).fetchone()
        return (Disposition.NONE.value, None) if found is None else (found[0], found[1])


def bury(db: sqlite3.Connection, file: int, now: int) -> None:
    """Take a file out, and remember what is needed to know its contents again."""
    db.execute(BURY, (fitted(now), file))
    db.execute("DELETE FROM files WHERE id = ?", (file,))


def take_out(db: sqlite3.Connection, device: int, path: bytes, names: Sequence[bytes] | None, now: int) -> None:
    """Files of one folder, or all of them; the folder itself once it has none."""
    folder = db.execute("SELECT id FROM folders WHERE device = ? AND path = ?", (device, path)).fetchone()
    if folder is None:
        return
    found = db.execute("SELECT id, name FROM files WHERE folder = ?", (folder["id"],)).fetchall()
    gone = None if names is None else set(names)
    for row in found:
        if gone is None or row["name"] in gone:
            bury(db, row["id"], now)
    db.execute(
        "DELETE FROM folders WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM files WHERE folder = ?1)", (folder["id"],)
    )


def settle(db: sqlite3.Connection, writer: Writer, device: int, places: Iterable[Place]) -> None:
    """Each known folder goes to the innermost of the places that it lies in; others stay as they are."""
    inner_first = sorted((place_cells(one) for one in places), key=lambda cells: -len(cells[0]))
    for number, path in db.execute("SELECT id, path FROM folders WHERE device = ?", (device,)).fetchall():
        for cells in inner_first:
            if path == cells[0] or path.startswith(cells[0].rstrip(b"/") + b"/"):
                place = writer.place(cells)
                db.execute("UPDATE files SET place = ?1 WHERE folder = ?2 AND place <> ?1", (place, number))
                break


def forget_the_long_gone(db: sqlite3.Connection, now: int) -> None:
    """Keep the memory of files that are gone short."""
    db.execute("DELETE FROM gone WHERE gone_at < ?", (fitted(now) - GONE_S,))
    db.execute("DELETE FROM gone WHERE id <= (SELECT max(id) FROM gone) - ?", (MOST_GONE,))


def _same(old: sqlite3.Row, new: Laid) -> bool:
    """Whether a path still has the contents it had; where that is not sure, no."""
    state = new.state
    if old["size"] != state["size"]:
        return False
    if old["digest"] is None or state["digest"] is None:
        return bool(old["stamp"] == state["stamp"])
    whole = old["size"] <= HEAD_BYTES or old["modified_s"] == state["modified_s"]
    return bool(old["digest"] == state["digest"] and whole)
