"""The items of a HEIF or AVIF file: how large its picture is, and where its EXIF lies."""

from collections.abc import Iterator
from dataclasses import dataclass

from agent.photos.readers.boxes import Box, boxes, find
from agent.photos.readers.reach import Fetch, Garbled, exactly, part

META_BYTES = 1 << 20
ITEMS = 4096
EXIF_BYTES = 1 << 20
TURNS = (1, 8, 3, 6)
"""EXIF orientation by quarter turns anticlockwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Items:
    """What the file lists; None where it does not say."""

    width: int | None = None
    height: int | None = None
    orientation: int = 1
    """As EXIF would say it. This mark counts; what the EXIF says of it, a decoder of these forms ignores."""
    exif: Fetch | None = None


class Cursor:
    """Reads numbers one after another. Raises Garbled at the end of the bytes."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._at = 0

    def take(self, length: int) -> int:
        """An unsigned number of so many bytes; of none, 0."""
        self._at += length
        if self._at > len(self._raw):
            raise Garbled
        return int.from_bytes(self._raw[self._at - length : self._at])


def items(fetch: Fetch, size: int) -> Items:
    """What is garbled counts as absent. Raises NeedsWhole where the list itself lies beyond what is at hand."""
    try:
        meta = find(fetch, 0, size, b"meta")
        if meta is None or meta.end - meta.at > META_BYTES:
            return Items()
        raw = fetch(meta.at, meta.end - meta.at)
    except Garbled:
        return Items()
    block = _over(raw)
    width, height = _largest(block, len(raw))
    turn = next((body[0] & 3 for body in _properties(block, len(raw), b"irot", 1)), 0)
    return Items(width=width, height=height, orientation=TURNS[turn], exif=_exif(fetch, block, len(raw)))


def _over(raw: bytes) -> Fetch:
    return lambda offset, length: raw[max(0, offset) : max(0, offset + length)]


def _largest(block: Fetch, end: int) -> tuple[int | None, int | None]:
    """The picture itself: its tiles, its thumbnail and its depth map are listed alike, and are smaller."""
    bodies = _properties(block, end, b"ispe", 12)
    sizes = [(int.from_bytes(body[4:8]), int.from_bytes(body[8:12])) for body in bodies]
    width, height = max(sizes, key=lambda size: size[0] * size[1], default=(0, 0))
    return width or None, height or None


def _properties(block: Fetch, end: int, kind: bytes, length: int) -> Iterator[bytes]:
    """The start of each property of that kind, up to where the list breaks."""
    try:
        found = find(block, 4, end, b"iprp", b"ipco")
        for box in boxes(block, found.at, found.end) if found else ():
            if box.kind == kind:
                yield exactly(block, box.at, length)
    except Garbled:
        return


def _exif(fetch: Fetch, block: Fetch, end: int) -> Fetch | None:
    """The EXIF block as a file of its own; where it lies may be beyond what is at hand."""
    try:
        infos, places = find(block, 4, end, b"iinf"), find(block, 4, end, b"iloc")
        number = _exif_number(block, infos) if infos else None
        extent = _extent(_cursor(block, places), number) if places and number is not None else None
    except Garbled:
        return None
    if extent is None or not 4 < extent[1] <= EXIF_BYTES:
        return None
    return _without_prefix(part(fetch, *extent), extent[1])


def _without_prefix(item: Fetch, length: int) -> Fetch:
    """The item starts with how many bytes come before the block itself. Asked late: it may lie beyond the head."""

    def inner(offset: int, wanted: int) -> bytes:
        skipped = 4 + int.from_bytes(exactly(item, 0, 4))
        return part(item, skipped, length - skipped)(offset, wanted)

    return inner


def _cursor(block: Fetch, box: Box) -> Cursor:
    return Cursor(block(box.at, box.end - box.at))


def _exif_number(block: Fetch, infos: Box) -> int | None:
    version = exactly(block, infos.at, 1)[0]
    for box in boxes(block, infos.at + (8 if version else 6), infos.end):
        if box.kind == b"infe":
            cursor = _cursor(block, box)
            kind = cursor.take(4) >> 24
            number, _protection = cursor.take(4 if kind == 3 else 2), cursor.take(2)
            if kind >= 2 and cursor.take(4) == int.from_bytes(b"Exif"):
                return number
    return None


def _extent(cursor: Cursor, wanted: int) -> tuple[int, int] | None:
    """Where in the file the item starts, and its bytes; None where it is kept otherwise."""
    version = cursor.take(4) >> 24
    sizes = cursor.take(2)
    offset_size, length_size, base_size, index_size = (sizes >> shift & 15 for shift in (12, 8, 4, 0))
    wide = 4 if version == 2 else 2
    for _ in range(min(cursor.take(wide), ITEMS)):
        number = cursor.take(wide)
        method = cursor.take(2) & 15 if version else 0
        cursor.take(2)
        base, count = cursor.take(base_size), cursor.take(2)
        for place in range(count):
            cursor.take(index_size if version else 0)
            start, length = base + cursor.take(offset_size), cursor.take(length_size)
            if number == wanted and place == 0 and method == 0:
                return start, length
    return None
