"""Walks the folders of a TIFF, the form in which EXIF is kept and most raw files are; every chain is bounded."""

import struct
from collections.abc import Iterator
from typing import NamedTuple

from agent.photos.readers.reach import Fetch, Garbled, exactly

FOLDERS = 16
FIELDS = 1024
TEXT_BYTES = 256
BIG = 43
MAGICS = frozenset({42, BIG, 0x55, 0x4F52, 0x5352})
"""TIFF, BigTIFF, Panasonic's and Olympus's own."""
SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
"""Bytes of one value, by the number that TIFF gives to its type."""
CODES = {1: "B", 3: "H", 4: "I", 5: "II", 6: "b", 8: "h", 9: "i", 10: "ii", 13: "I", 16: "Q", 17: "q", 18: "Q"}


class Field(NamedTuple):
    """One entry of a folder, its values not yet read."""

    kind: int
    many: int
    at: int
    """Where its values start, from the start of the TIFF."""


Fields = dict[int, Field]


class Tiff:
    """Raises Garbled where what was asked for breaks the rules."""

    def __init__(self, fetch: Fetch) -> None:
        start = exactly(fetch, 0, 8)
        orders = {b"II": "<", b"MM": ">"}
        if start[:2] not in orders:
            raise Garbled
        self._fetch = fetch
        self._order = orders[start[:2]]
        magic, first = struct.unpack(f"{self._order}2xHI", start)
        if magic not in MAGICS:
            raise Garbled
        self._big = magic == BIG
        self.first = self._number(8, "Q") if self._big else int(first)

    def _number(self, at: int, code: str) -> int:
        raw = exactly(self._fetch, at, struct.calcsize(f"={code}"))
        return int(struct.unpack(f"{self._order}{code}", raw)[0])

    def folder(self, at: int) -> tuple[Fields, int]:
        """The fields of the folder there, and where the next one of its chain lies; 0 ends the chain."""
        count_code, row, room, link = ("Q", "HHQ8x", 12, "Q") if self._big else ("H", "HHI4x", 8, "I")
        count = self._number(at, count_code)
        if at == 0 or count > FIELDS:
            raise Garbled
        start, size = at + struct.calcsize(f"={count_code}"), struct.calcsize(f"={row}")
        block = exactly(self._fetch, start, count * size)
        rows = enumerate(struct.iter_unpack(f"{self._order}{row}", block))
        fields = {
            tag: Field(kind, number, self._value_at(kind, number, start + place * size + room))
            for place, (tag, kind, number) in rows
        }
        return fields, self._number(start + count * size, link)

    def _value_at(self, kind: int, count: int, inline: int) -> int:
        """Small values lie in the entry itself, large ones where it points. -1: of no known type, or nowhere."""
        size = SIZES.get(kind, 0) * count
        if not size:
            return -1
        if size <= (8 if self._big else 4):
            return inline
        return self._number(inline, "Q" if self._big else "I")

    def chain(self) -> Iterator[Fields]:
        """The folders of the main chain; it ends where it loops."""
        seen: set[int] = set()
        at = self.first
        while at and at not in seen and len(seen) < FOLDERS:
            seen.add(at)
            fields, at = self.folder(at)
            yield fields

    def numbers(self, field: Field, most: int = 16) -> tuple[int, ...]:
        """The first values of the field; each fraction gives two: above and below the line."""
        code = CODES.get(field.kind)
        if code is None or field.at < 0:
            raise Garbled
        count = min(field.many, most)
        raw = exactly(self._fetch, field.at, SIZES[field.kind] * count)
        return struct.unpack(f"{self._order}{code * count}", raw)

    def text(self, field: Field) -> str:
        """Up to its first zero byte, without the spaces around it."""
        if field.kind != 2 or field.at < 0:
            raise Garbled
        raw = exactly(self._fetch, field.at, min(field.many, TEXT_BYTES))
        return raw.split(b"\0")[0].decode("ascii", "replace").strip()


def number(tiff: Tiff, fields: Fields, tag: int) -> int | None:
    """The first value of a field; None where it is absent or garbled."""
    field = fields.get(tag)
    try:
        return tiff.numbers(field, 1)[0] if field else None
    except Garbled:
        return None


def text(tiff: Tiff, fields: Fields, tag: int) -> str:
    """The text of a field; empty where it is absent or garbled."""
    field = fields.get(tag)
    try:
        return tiff.text(field) if field else ""
    except Garbled:
        return ""


def folder(tiff: Tiff, at: int | None) -> Fields:
    """The fields of a folder; none where it is absent or garbled."""
    try:
        return tiff.folder(at)[0] if at else {}
    except Garbled:
        return {}
