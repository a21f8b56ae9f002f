"""Finds the ready-made pictures that cameras put into their raw files; raw pixels are never developed."""

import io
from collections.abc import Iterator
from typing import NamedTuple

from PIL import Image

from agent.photos.image import Header, Source, Unread, Unreadable
from agent.photos.readers import jpeg
from agent.photos.readers.exif import THUMBNAIL, THUMBNAIL_BYTES
from agent.photos.readers.pixels import finished, opened
from agent.photos.readers.reach import Fetch, Garbled, Reach, exactly, part
from agent.photos.readers.sniff import Form
from agent.photos.readers.still import check_jpeg
from agent.photos.readers.tiff import Fields, Tiff, number
from agent.photos.readers.told import raf_preview, sub_folders

MOST_BYTES = 128 << 20
"""LibRaw, which is asked last, reads all of the file into memory."""
MOST_PREVIEW_BYTES = 32 << 20
COMPRESSION, STRIP, STRIP_BYTES, PANASONIC_JPEG = 0x0103, 0x0111, 0x0117, 0x002E
JPEG_COMPRESSIONS = frozenset({6, 7})


class Preview(NamedTuple):
    """One JPEG within the file."""

    shorter: int
    """Its shorter side in pixels."""
    at: int
    length: int


def view(source: Source, header: Header, at_least: int) -> Image.Image:
    """The smallest preview that is large enough, else the largest."""
    fetch = Reach(source)
    found = previews(fetch, Form(header.format))
    fitting = [preview for preview in found if preview.shorter >= at_least]
    best = min(fitting) if fitting else max(found, default=None)
    if best is None:
        return finished(_by_library(source), header.orientation, at_least)
    file = source.whole()
    file.seek(best.at)
    return decoded(file.read(best.length), header.orientation, at_least)


def decoded(raw: bytes, orientation: int, at_least: int) -> Image.Image:
    """A JPEG that lies within another file."""
    check_jpeg(jpeg.layout(lambda at, length: raw[at : at + length]))
    image = opened(Form.JPEG, io.BytesIO(raw))
    image.draft(None, (at_least, at_least))
    return finished(image, orientation, at_least)


def previews(fetch: Fetch, form: Form) -> list[Preview]:
    """Those that an ordinary decoder opens. The raw pixels may be kept as JPEG too, but as a lossless one."""
    found = []
    for at, length in _spans(fetch, form):
        inside = jpeg.layout(part(fetch, at, length))
        if inside.complete and inside.frame in jpeg.DECODED and length <= MOST_PREVIEW_BYTES:
            found.append(Preview(min(inside.width or 0, inside.height or 0), at, length))
    return found


def _spans(fetch: Fetch, form: Form) -> Iterator[tuple[int, int]]:
    if form is Form.RAF:
        span = raf_preview(fetch)
        if span:
            yield span
        return
    if form is Form.CR3:
        return
    try:
        tiff = Tiff(fetch)
        for fields in tiff.chain():
            yield from _spans_of(tiff, fields)
            for below in sub_folders(tiff, fields):
                yield from _spans_of(tiff, below)
    except Garbled:
        return


def _spans_of(tiff: Tiff, fields: Fields) -> Iterator[tuple[int, int]]:
    pairs = [(THUMBNAIL, THUMBNAIL_BYTES)]
    if number(tiff, fields, COMPRESSION) in JPEG_COMPRESSIONS and STRIP in fields and fields[STRIP].many == 1:
        pairs.append((STRIP, STRIP_BYTES))
    for start_tag, length_tag in pairs:
        start, length = number(tiff, fields, start_tag), number(tiff, fields, length_tag)
        if start and length and start > 0 and length > 0:
            yield start, length
    panasonic = fields.get(PANASONIC_JPEG)
    if panasonic and panasonic.at > 0:
        yield panasonic.at, panasonic.many


def _by_library(source: Source) -> Image.Image:
    """LibRaw knows where the makers hide their previews."""
    if source.size > MOST_BYTES:
        raise Unreadable(Unread.TOO_LARGE)
    import rawpy

    try:
        with rawpy.imread(source.whole()) as file:
            found = file.extract_thumb()
    except (rawpy.LibRawUnsufficientMemoryError, rawpy.LibRawTooBigError) as fault:
        raise Unreadable(Unread.OUT_OF_MEMORY) from fault
    except (rawpy.LibRawNonFatalError, rawpy.NotSupportedError) as fault:
        raise Unreadable(Unread.NO_READER) from fault
    except rawpy.LibRawError as fault:
        raise Unreadable(Unread.BROKEN) from fault
    if isinstance(found.data, bytes):
        return opened(Form.JPEG, io.BytesIO(found.data))
    return Image.fromarray(found.data)


def small(source: Source, header: Header) -> bytes | None:
    """The largest preview that lies in the head, whole."""
    fetch = Reach(source, beyond=False)
    head = len(source.head())
    found = [it for it in previews(fetch, Form(header.format)) if it.at + it.length <= head]
    best = max(found, default=None)
    return exactly(fetch, best.at, best.length) if best else None
