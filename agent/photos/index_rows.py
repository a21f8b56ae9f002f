"""How a judged file is laid out in the index, and read back out of it."""

import sqlite3
import struct
from collections.abc import Mapping
from dataclasses import dataclass

from agent.photos.image import Fingerprint, Header, Medium, Result, Seen, Stage, Unread, Words
from agent.photos.index_model import IndexTrouble, Kept, Put, Trouble
from agent.photos.index_schema import as_bytes, as_text
from agent.photos.place import File, Place
from checks.clinical_images.fact import Disposition, Folder, Group, Origin

Cell = int | float | str | bytes | None
PlaceCells = tuple[bytes, str, str, int]
"""Path, sort, origin and named, as in the table of places."""
LEAST, MOST = -(1 << 63), (1 << 63) - 1
TEXT_CHARACTERS = 200
HASHES = 1024
EMBEDDING_BYTES = 4096
AGAIN = frozenset({Unread.VANISHED, Unread.CHANGED, Unread.DENIED, Unread.FAILED})
"""What may be otherwise next time although the file is the same; what broke a reader would break it again."""
RESULT = (
    "unread", "medium", "format", "taken_at", "gps", "camera", "orientation", "width", "height", "stage", "score",
    "label", "kind", "words", "hashes", "embedding",
)  # fmt: skip
STATE = ("place", "hidden", "size", "stamp", "modified_s", "digest", "model", "again", *RESULT)
"""All columns that a new look at a file replaces."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Laid:
    """A Put, checked and laid out."""

    folder: bytes
    name: bytes
    place: PlaceCells
    state: Mapping[str, Cell]
    """STATE without the place."""
    now: int
    first_seen: int | None


def laid(put: Put, folder: str, name: str) -> Laid:
    """Raises IndexTrouble for what cannot be true."""
    file = put.file
    state = {
        "hidden": int(file.hidden),
        "size": fitted(file.size),
        "stamp": fitted(file.stamp),
        "modified_s": fitted(file.modified_s),
        "digest": put.digest,
        "model": word(put.model),
        "again": int(put.result in AGAIN),
        **_cells(put.result),
    }
    return Laid(
        folder=as_bytes(folder),
        name=as_bytes(name),
        place=place_cells(file.place),
        state=state,
        now=put.now,
        first_seen=put.first_seen,
    )


def place_cells(place: Place) -> PlaceCells:
    """A place as its table has it."""
    return (as_bytes(place.path), place.folder.value, place.origin.value, int(place.named))


def place(row: sqlite3.Row) -> Place:
    """The reverse, from the columns root, sort, origin and named. Raises ValueError."""
    return Place(
        folder=Folder(row["sort"]), path=as_text(row["root"]), origin=Origin(row["origin"]), named=bool(row["named"])
    )


def kept(row: sqlite3.Row, path: str) -> Kept:
    """A judged picture from its row joined with its place. Raises ValueError for what was never written there."""
    file = File(
        place=place(row),
        path=path,
        size=row["size"],
        stamp=row["stamp"],
        modified_s=row["modified_s"],
        hidden=bool(row["hidden"]),
    )
    return Kept(
        id=row["id"],
        device=row["device_name"],
        file=file,
        result=_seen(row),
        model=row["model"],
        first_seen=row["first_seen"],
        disposition=Disposition(row["disposition"]),
    )


def result(row: sqlite3.Row) -> Result:
    """What was found. Raises ValueError for what was never written there."""
    return _seen(row) if row["unread"] is None else Unread(row["unread"])


def fitted(value: int) -> int:
    """What SQLite can hold. A clamped size or stamp equals no listing's: such a file is looked at every time."""
    return max(LEAST, min(value, MOST))


def word(text: str) -> str:
    """A short text of one line. Raises IndexTrouble: such texts come out of a process that reads hostile files."""
    if len(text) > TEXT_CHARACTERS or not text.isprintable():  # a surrogate is not printable either
        raise IndexTrouble(Trouble.UNFIT)
    return text


def _cells(found: Result) -> dict[str, Cell]:
    cells: dict[str, Cell] = dict.fromkeys(RESULT)
    if isinstance(found, Unread):
        return {**cells, "unread": found.value}
    return {
        **cells,
        **_header_cells(found.header),
        "stage": found.stage.value,
        "score": _score(found.score),
        "label": word(found.label),
        "kind": found.group.value,
        "words": found.words.value,
        **_print_cells(found.fingerprint),
    }


def _header_cells(header: Header) -> dict[str, Cell]:
    return {
        "medium": header.medium.value,
        "format": word(header.format),
        "taken_at": None if header.taken_at is None else word(header.taken_at),
        "gps": int(header.gps),
        "camera": int(header.camera),
        "orientation": fitted(header.orientation),
        "width": None if header.width is None else fitted(header.width),
        "height": None if header.height is None else fitted(header.height),
    }


def _print_cells(found: Fingerprint | None) -> dict[str, Cell]:
    if found is None:
        return {}
    fits = all(0 <= one < 1 << 64 for one in found.hashes)
    if not fits or len(found.hashes) > HASHES or len(found.embedding) > EMBEDDING_BYTES:
        raise IndexTrouble(Trouble.UNFIT)
    return {"hashes": struct.pack(f"<{len(found.hashes)}Q", *found.hashes), "embedding": found.embedding}


def _score(score: float) -> float:
    if not 0 <= score <= 1:  # nor is NaN
        raise IndexTrouble(Trouble.UNFIT)
    return float(score)


def _seen(row: sqlite3.Row) -> Seen:
    header = Header(
        medium=Medium(row["medium"]),
        format=row["format"],
        taken_at=row["taken_at"],
        gps=bool(row["gps"]),
        camera=bool(row["camera"]),
        orientation=row["orientation"],
        width=row["width"],
        height=row["height"],
    )
    return Seen(
        header=header,
        stage=Stage(row["stage"]),
        score=row["score"],
        label=row["label"],
        group=Group(row["kind"]),
        words=Words(row["words"]),
        fingerprint=fingerprint(row["hashes"], row["embedding"]),
    )


def fingerprint(hashes: bytes | None, embedding: bytes | None) -> Fingerprint | None:
    """From its two columns. Raises ValueError for what was never written there."""
    if hashes is None or embedding is None:
        return None
    if len(hashes) % 8:
        raise ValueError("no hashes")
    return Fingerprint(hashes=struct.unpack(f"<{len(hashes) // 8}Q", hashes), embedding=embedding)
