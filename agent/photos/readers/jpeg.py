"""Walks the segments of a JPEG up to where its picture starts, without decoding any of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from agent.photos.image import NeedsWhole
from agent.photos.readers.reach import Fetch, Garbled, exactly, part

SEGMENTS = 1024
"""An endless colour profile has more; 255 is the most that one honest profile may have."""
JUNK_BYTES = 256
SCAN, APP1 = 0xDA, 0xE1
STANDALONE = frozenset({0x00, 0x01, *range(0xD0, 0xDA)})
"""Markers without a length."""
FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
PROGRESSIVE = frozenset({0xC2, 0xC6, 0xCA, 0xCE})
DECODED = frozenset({0xC0, 0xC1, 0xC2, 0xC9, 0xCA})
"""Lossless frames, of which raw files are made, are none that an ordinary decoder opens."""
EXIF = b"Exif\0"


class Segment(NamedTuple):
    """One marker with its body."""

    marker: int
    at: int
    """Where its body starts, after the length."""
    length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """What a JPEG holds, as far as it could be walked."""

    exif: tuple[int, int] | None = None
    """Where the EXIF block starts, and its bytes."""
    width: int | None = None
    height: int | None = None
    frame: int | None = None
    """The marker that says how the picture is coded."""
    complete: bool = False
    """The walk came to where the picture starts."""


def layout(fetch: Fetch) -> Layout:
    """As far as the bytes at hand tell; a garbled or cut file gives what comes before."""
    exif: tuple[int, int] | None = None
    size: tuple[int | None, int | None, int | None] = (None, None, None)
    complete = False
    try:
        for segment in segments(fetch):
            if segment.marker == APP1 and exif is None:
                exif = _exif(fetch, segment)
            elif segment.marker in FRAMES:
                size = _frame(fetch, segment)
            complete = segment.marker == SCAN
    except (Garbled, NeedsWhole):
        complete = False
    return Layout(exif=exif, width=size[0], height=size[1], frame=size[2], complete=complete)


def segments(fetch: Fetch) -> Iterator[Segment]:
    """Every segment up to the scan. Raises Garbled where the file ends before it, or the chain does not."""
    at = 2
    for _ in range(SEGMENTS):
        start = fetch(at, 4)
        if len(start) < 2:
            raise Garbled
        if start[0] != 0xFF:
            at += _junk(fetch, at)
        elif start[1] == 0xFF:
            at += 1
        elif start[1] in STANDALONE:
            at += 2
        else:
            length = int.from_bytes(start[2:])
            if length < 2 or len(start) < 4:
                raise Garbled
            yield Segment(start[1], at + 4, length - 2)
            if start[1] == SCAN:
                return
            at += 2 + length
    raise Garbled


def _junk(fetch: Fetch, at: int) -> int:
    """Some cameras leave a few stray bytes between segments."""
    found = fetch(at, JUNK_BYTES).find(b"\xff")
    if found < 0:
        raise Garbled
    return found


def _exif(fetch: Fetch, segment: Segment) -> tuple[int, int] | None:
    if segment.length < 8 or fetch(segment.at, len(EXIF)) != EXIF:
        return None
    return segment.at + 6, segment.length - 6


def _frame(fetch: Fetch, segment: Segment) -> tuple[int, int, int]:
    body = exactly(fetch, segment.at, 5)
    return int.from_bytes(body[3:5]), int.from_bytes(body[1:3]), segment.marker


def exif_part(fetch: Fetch, found: Layout) -> Fetch | None:
    """The EXIF block as a file of its own."""
    return part(fetch, *found.exif) if found.exif else None
