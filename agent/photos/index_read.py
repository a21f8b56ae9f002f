"""Questions to the index, each answered within one transaction."""

import posixpath
import sqlite3
from collections.abc import Iterable, Iterator
from typing import Any

from agent.photos.image import HEAD_BYTES, Medium, Result, Unread
from agent.photos.index_model import DUE, Counts, Judged, Kept, Reviewable, Row
from agent.photos.index_rows import fingerprint, fitted, kept, result
from agent.photos.index_schema import as_text
from agent.photos.place import File
from agent.photos.speech import CLINICAL, Sound, is_speech
from checks.clinical_images.fact import Disposition, Folder, Group, Origin

ALIKE = 1000
"""Files with the same head among which one with the same contents is sought."""
FILES = f"""SELECT folder, name, iif(model = ?2 AND NOT again, size, {DUE[0]}),
    iif(model = ?2 AND NOT again, stamp, {DUE[1]}) FROM files WHERE device = ?1"""  # noqa: S608 - constants
MOVED = f"""SELECT * FROM (SELECT * FROM files WHERE device = ? AND digest = ? ORDER BY first_seen LIMIT {ALIKE})
    WHERE model = ? AND NOT again AND size = ? AND (size <= {HEAD_BYTES} OR modified_s = ?) LIMIT 1"""  # noqa: S608
PICTURES = """SELECT f.*, d.name AS device_name, o.path AS folder_path, p.path AS root, p.sort, p.origin, p.named
    FROM files f JOIN places p ON p.id = f.place JOIN folders o ON o.id = f.folder JOIN devices d ON d.id = f.device
    WHERE f.score >= ?1 AND (?2 IS NULL OR d.name = ?2) ORDER BY f.id"""
BY_ID = PICTURES.replace("ORDER BY f.id", "AND f.id = ?3")
JUDGED = """SELECT f.id, d.name, f.digest, f.size, f.modified_s, f.disposition, f.hashes, f.embedding
    FROM files f JOIN devices d ON d.id = f.device WHERE f.score IS NOT NULL ORDER BY f.id"""
# A score of 0.29 is 28.999999999999996 times a hundredth.
ROWS = """SELECT p.sort, p.origin, f.kind, min(100, CAST(f.score * 100 + 1e-6 AS INTEGER)), f.gps, f.disposition,
    f.modified_s, f.first_seen FROM files f JOIN places p ON p.id = f.place WHERE f.device = ? AND f.score >= ?"""
# Each is one pass over the table. None goes by an index: an index that lost a page would hide pictures.
UNREAD = """SELECT p.sort, f.unread, count(*) FROM files f JOIN places p ON p.id = f.place
    WHERE f.device = ? AND f.unread <> 'not_a_picture' GROUP BY 1, 2"""
DOCUMENTS = """SELECT p.sort, count(*) FROM files f JOIN places p ON p.id = f.place
    WHERE f.device = ? AND f.words = 'unread' GROUP BY 1"""
SOUNDS = """SELECT f.folder, o.path, f.name, f.format, p.sort, p.origin, f.gps, f.disposition, f.modified_s,
    f.first_seen FROM files f JOIN places p ON p.id = f.place JOIN folders o ON o.id = f.folder
    WHERE f.device = ? AND f.medium = ?"""
DIGESTS = "SELECT digest FROM files WHERE device = ? AND digest IS NOT NULL"
CLINICAL_IN = "SELECT folder, modified_s FROM files WHERE device = ? AND score >= ?"
DEVICES = "SELECT id, name FROM devices"
SUMS = """SELECT count(*) FILTER (WHERE score < ?2), count(*) FILTER (WHERE model <> ?3) FROM files WHERE device = ?1"""
FOLDERS = {one.value: one for one in Folder}
ORIGINS = {one.value: one for one in Origin}
GROUPS = {one.value: one for one in Group}
DISPOSITIONS = {one.value: one for one in Disposition}


def known(db: sqlite3.Connection, device: int, model: str) -> dict[str, dict[str, tuple[int, int]]]:
    """Folder path to names to size and stamp."""
    paths = {
        number: as_text(path) for number, path in db.execute("SELECT id, path FROM folders WHERE device = ?", (device,))
    }
    names: dict[int, dict[str, tuple[int, int]]] = {number: {} for number in paths}
    for folder, name, size, stamp in _plain(db, FILES, (device, model)):
        names[folder][name.decode("utf-8", "surrogatepass")] = (size, stamp)
    return {paths[number]: files for number, files in names.items() if files}


def moved(db: sqlite3.Connection, device: int, digest: bytes, file: File, model: str) -> Result | None:
    """What was found in the same contents."""
    sought = (device, digest, model, fitted(file.size), fitted(file.modified_s))
    row = db.execute(MOVED, sought).fetchone()
    return None if row is None else result(row)


def digests(db: sqlite3.Connection, device: int) -> set[bytes]:
    """Of the contents of all files of a device, as far as they have one."""
    return {found for (found,) in _plain(db, DIGESTS, (device,))}


def pictures(db: sqlite3.Connection, device: str | None, at_least: float) -> Iterator[Kept]:
    """In the order in which they were put in."""
    for row in db.execute(PICTURES, (at_least, device)):
        yield kept(row, posixpath.join(as_text(row["folder_path"]), as_text(row["name"])))


def for_review(db: sqlite3.Connection, ids: Iterable[int]) -> Iterator[Reviewable]:
    """Those of them that are still there. Raises ValueError for what was never written there."""
    for number in dict.fromkeys(map(fitted, ids)):
        for row in db.execute(BY_ID, (0.0, None, number)):
            yield _reviewable(kept(row, posixpath.join(as_text(row["folder_path"]), as_text(row["name"]))), row)


def judged(db: sqlite3.Connection) -> Iterator[Judged]:
    """Every judged picture of every device. Raises ValueError or KeyError for what was never written there."""
    for number, device, digest, size, modified_s, said, hashes, embedding in _plain(db, JUDGED, ()):
        mark = fingerprint(hashes, embedding)
        yield Judged(number, device, digest, size, modified_s, DISPOSITIONS[said], mark)


def counts(db: sqlite3.Connection, device: int, model: str, at_least: float) -> Counts:
    """Raises ValueError or KeyError for what was never written there."""
    below, stale = _plain(db, SUMS, (device, at_least, model)).fetchone()
    return Counts(
        rows=tuple(_row(*one) for one in _plain(db, ROWS, (device, at_least))),
        below=below,
        unread={(Folder(sort), Unread(why)): count for sort, why, count in _plain(db, UNREAD, (device,))},
        unread_documents={Folder(sort): count for sort, count in _plain(db, DOCUMENTS, (device,))},
        stale=stale,
        recordings=_recordings(db, device),
    )


def recordings(db: sqlite3.Connection) -> dict[str, tuple[Row, ...]]:
    """By device, files that are likely speech."""
    found = {name: _recordings(db, number) for number, name in _plain(db, DEVICES, ()).fetchall()}
    return {name: rows for name, rows in found.items() if rows}


def _reviewable(one: Kept, row: sqlite3.Row) -> Reviewable:
    return Reviewable(
        id=one.id,
        device=one.device,
        path=one.file.path,
        size=one.file.size,
        stamp=one.file.stamp,
        modified_s=one.file.modified_s,
        digest=row["digest"],
        folder=one.file.place.folder,
        origin=one.file.place.origin,
        disposition=one.disposition,
        first_seen=one.first_seen,
        result=one.result,
    )


def _recordings(db: sqlite3.Connection, device: int) -> tuple[Row, ...]:
    sounds = _plain(db, SOUNDS, (device, Medium.AUDIO.value)).fetchall()
    if not sounds:
        return ()
    clinical: dict[int, list[int]] = {}
    for folder, modified_s in _plain(db, CLINICAL_IN, (device, CLINICAL)):
        clinical.setdefault(folder, []).append(modified_s)
    return tuple(_recording(one) for one in sounds if is_speech(_sound(one), clinical.get(one[0], ())))


def _sound(cells: tuple[Any, ...]) -> Sound:
    _, path, name, form, sort, _, _, _, modified_s, _ = cells
    return Sound(folder=as_text(path), name=as_text(name), form=form, place=FOLDERS[sort], modified_s=modified_s)


def _recording(cells: tuple[Any, ...]) -> Row:
    """Without a score: nobody listened."""
    _, _, _, _, sort, origin, gps, said, modified_s, since = cells
    return _row(sort, origin, Group.RECORDING.value, 0, gps, said, modified_s, since)


def _row(sort: str, origin: str, kind: str, percent: int, gps: int, said: str, modified_s: int, since: int) -> Row:
    return Row(
        FOLDERS[sort], ORIGINS[origin], GROUPS[kind], percent, gps == 1, DISPOSITIONS[said], modified_s, since
    )  # fmt: skip


def _plain(db: sqlite3.Connection, question: str, values: tuple[object, ...]) -> sqlite3.Cursor:
    """Rows as tuples: ten thousand of them need no names."""
    cursor = db.cursor()
    cursor.row_factory = None
    return cursor.execute(question, values)
