"""What an MP4 or QuickTime file says of itself: when it was recorded, how large, with sound only or with pictures."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from agent.photos.readers.boxes import Box, boxes, find
from agent.photos.readers.exif import YEARS
from agent.photos.readers.reach import Fetch, Garbled, exactly

EPOCH = datetime(1904, 1, 1, tzinfo=UTC)
TEXT_BYTES = 64 << 10
PLACE_MARKS = (b"\xa9xyz", b"loci", b"location.ISO6709")
CAMERA_MARKS = (b"\xa9mak", b"\xa9mod", b"quicktime.make", b"quicktime.model")


@dataclass(frozen=True, slots=True, kw_only=True)
class Movie:
    """The description of a recording."""

    taken_at: str | None = None
    gps: bool = False
    camera: bool = False
    width: int | None = None
    height: int | None = None
    sound_only: bool | None = None
    """None where it lists neither sound nor pictures."""


def movie(fetch: Fetch, size: int) -> Movie:
    """What is garbled counts as absent. Raises NeedsWhole where the description lies beyond what is at hand."""
    try:
        found = find(fetch, 0, size, b"moov")
        return _told(fetch, list(boxes(fetch, found.at, found.end))) if found else Movie()
    except Garbled:
        return Movie()


def _told(fetch: Fetch, parts: list[Box]) -> Movie:
    tracks = list(_tracks(fetch, [box for box in parts if box.kind == b"trak"]))
    texts = b"".join(
        fetch(box.at, min(box.end - box.at, TEXT_BYTES)) for box in parts if box.kind in {b"udta", b"meta"}
    )
    sizes = [(width, height) for kind, width, height in tracks if kind == b"vide" and width and height]
    width, height = max(sizes, default=(None, None))
    kinds = {kind for kind, _, _ in tracks}
    return Movie(
        taken_at=next((_created(fetch, box) for box in parts if box.kind == b"mvhd"), None),
        gps=any(mark in texts for mark in PLACE_MARKS),
        camera=any(mark in texts for mark in CAMERA_MARKS),
        width=width,
        height=height,
        sound_only=b"vide" not in kinds if b"soun" in kinds else None,
    )


def _created(fetch: Fetch, box: Box) -> str | None:
    """Many programs leave it zero, which would be 1904."""
    long = exactly(fetch, box.at, 1) == b"\x01"
    seconds = int.from_bytes(exactly(fetch, box.at + 4, 8 if long else 4))
    if seconds >= 1 << 33:
        return None
    when = EPOCH + timedelta(seconds=seconds)
    return when.isoformat() if when.year in YEARS else None


def _tracks(fetch: Fetch, found: list[Box]) -> Iterator[tuple[bytes, int, int]]:
    """Of each track its kind, width and height."""
    for track in found:
        handler = find(fetch, track.at, track.end, b"mdia", b"hdlr")
        header = find(fetch, track.at, track.end, b"tkhd")
        kind = fetch(handler.at + 8, 4) if handler else b""
        sides = fetch(header.end - 8, 8) if header else b""
        yield kind, int.from_bytes(sides[0:2]), int.from_bytes(sides[4:6])
