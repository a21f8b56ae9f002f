"""Decodes HEIC and HEIF, as iPhones and newer Android phones take them."""

import io
from typing import cast

import pillow_heif
from PIL import Image

from agent.photos.image import Header, Source, Unread, Unreadable
from agent.photos.readers.pixels import check_pixels, finished
from agent.photos.readers.reach import Garbled

MOST_BYTES = 64 << 20
"""The library reads all of the file into memory."""
MOST_SIDE = 1024
"""A larger one is no thumbnail."""


def view(source: Source, header: Header, at_least: int) -> Image.Image:
    """The library sets the picture upright itself, by the file's own mark; what its EXIF says does not count."""
    if source.size > MOST_BYTES:
        raise Unreadable(Unread.TOO_LARGE)
    check_pixels(header.width, header.height)
    image = _opened(source.whole().read(MOST_BYTES))
    check_pixels(*image.size)
    return finished(image.to_pillow(), 1, at_least)


def small(source: Source) -> Image.Image | None:
    """The largest thumbnail, upright; None where there is none. Raises NeedsWhole where it lies beyond the head."""
    image = _opened(source.head())
    sides = [side for side in cast(list[int], image.info["thumbnails"]) if side <= MOST_SIDE]
    if not sides:
        return None
    try:
        return _thumbnail(image, max(sides))
    except ValueError:
        # Its bytes lie beyond: reading all of a file that is at hand is cheaper by far than decoding it.
        if source.size > MOST_BYTES:
            return None
        return _thumbnail(_opened(source.whole().read(MOST_BYTES)), max(sides))


def _thumbnail(image: pillow_heif.HeifImage, side: int) -> Image.Image:
    best = image.get_thumbnail(cast(list[int], image.info["thumbnails"]).index(side))
    return finished(best.to_pillow(), 1, min(best.size))


def _opened(raw: bytes) -> pillow_heif.HeifImage:
    # One thread: the process already shares two slow cores with whatever the person is doing.
    pillow_heif.options.DECODE_THREADS = 1
    # Nothing looks at depth maps and gain maps, and each is one more thing to open.
    pillow_heif.options.DEPTH_IMAGES = False
    pillow_heif.options.AUX_IMAGES = False
    file = pillow_heif.open_heif(io.BytesIO(raw))
    if file.primary_index is None:
        raise Garbled
    return file[file.primary_index]
