"""What the boxes of an MP4 or QuickTime film tell beside its pictures."""

from collections.abc import Iterator

from agent.photos.darkroom_model import Trace
from agent.photos.readers.boxes import Box, boxes, find
from agent.photos.readers.movie import CAMERA_MARKS, PLACE_MARKS
from agent.photos.readers.reach import Fetch

TEXT_BYTES = 256 << 10
XMP_BOX = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
MARKS = {
    Trace.PLACE: PLACE_MARKS,
    Trace.DEVICE: (*CAMERA_MARKS, b"com.android", b"software", b"\xa9too", b"\xa9swr"),
    Trace.TIME: (b"\xa9day", b"creationdate"),
    Trace.NAMES: (b"\xa9nam", b"\xa9cmt", b"\xa9ART", b"\xa9des", b"desc", b"\xa9aut", b"author", b"titl", b"auth"),
    Trace.PREVIEW: (b"covr",),
    Trace.SERIAL: (b"serial", b"identifier"),
}
PLAIN = frozenset({b"ftyp", b"free", b"skip", b"wide", b"mdat", b"moov"})
PLAIN_WITHIN = frozenset({b"mvhd", b"trak", b"free"})
SOUND, PICTURES = b"soun", b"vide"


def film_traces(fetch: Fetch, size: int) -> Iterator[Trace]:
    """Raises Garbled, NeedsWhole."""
    for box in boxes(fetch, 0, size):
        if box.kind == b"moov":
            yield from _of_description(fetch, box)
        elif box.kind == b"uuid":
            yield Trace.XMP if fetch(box.at, 16) == XMP_BOX else Trace.OTHER
        elif box.kind not in PLAIN:
            yield Trace.OTHER


def _of_description(fetch: Fetch, moov: Box) -> Iterator[Trace]:
    for box in boxes(fetch, moov.at, moov.end):
        if box.kind in {b"udta", b"meta"}:
            yield from _of_texts(fetch(box.at, min(box.end - box.at, TEXT_BYTES)))
        elif box.kind == b"uuid":
            yield Trace.XMP if fetch(box.at, 16) == XMP_BOX else Trace.OTHER
        elif box.kind not in PLAIN_WITHIN:
            yield Trace.OTHER
    tracks = [box for box in boxes(fetch, moov.at, moov.end) if box.kind == b"trak"]
    for kind in (_kind(fetch, track) for track in tracks):
        if kind != PICTURES:
            yield Trace.SOUND if kind == SOUND else Trace.OTHER


def _of_texts(texts: bytes) -> Iterator[Trace]:
    found = [trace for trace, marks in MARKS.items() if any(mark in texts for mark in marks)]
    yield from found
    yield Trace.OTHER


def _kind(fetch: Fetch, track: Box) -> bytes:
    handler = find(fetch, track.at, track.end, b"mdia", b"hdlr")
    return fetch(handler.at + 8, 4) if handler else b""
