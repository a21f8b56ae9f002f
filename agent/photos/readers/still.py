"""Decodes photos and drawings that Pillow opens, scaled down where the form allows it; of animations two frames."""

from collections.abc import Iterator

from PIL import ExifTags, Image, ImageFile

from agent.photos.image import Header, Source, Unread, Unreadable
from agent.photos.readers import jpeg
from agent.photos.readers.pixels import MOST_PIXELS, check_pixels, finished, opened
from agent.photos.readers.reach import Reach
from agent.photos.readers.sniff import Form

MOST_JPEG_PIXELS = 250_000_000
"""Baseline JPEG is scaled while it is decoded: the photos of the newest phones have 200 million."""
MOST_PROGRESSIVE_PIXELS = 60_000_000
"""Progressive JPEG is held whole, at three bytes and more a pixel."""
MOST_BYTES = 256 << 20
MOST_BYTES_OF = {Form.GIF: 64 << 20, Form.AVIF: 64 << 20, Form.WEBP: 64 << 20, Form.JPEG2000: 128 << 20}
"""The decoders of these read all of the file into memory, or walk through rubbish byte by byte."""
PAGES = 3
FRAMES = 24
"""The middle of a long animation is taken to be here: each frame before it must be decoded."""
FRAME_PIXELS = 60_000_000
"""Of all these frames together."""


def views(source: Source, header: Header, at_least: int) -> Iterator[Image.Image]:
    """The picture; the first pages of a TIFF; the first and the middle frame of an animation."""
    try:
        yield from _views(source, header, at_least)
    except Image.DecompressionBombError as fault:
        # A frame of a GIF may be larger than the GIF says it is.
        raise Unreadable(Unread.TOO_MANY_PIXELS) from fault


def _views(source: Source, header: Header, at_least: int) -> Iterator[Image.Image]:
    form = Form(header.format)
    if source.size > MOST_BYTES_OF.get(form, MOST_BYTES):
        raise Unreadable(Unread.TOO_LARGE)
    most = MOST_JPEG_PIXELS if form is Form.JPEG else MOST_PIXELS
    check_pixels(header.width, header.height, most)
    if form is Form.JPEG:
        check_jpeg(jpeg.layout(Reach(source)))
    image = opened(form, source.whole())
    check_pixels(*image.size, most)
    if form is Form.TIFF:
        yield from _pages(image, at_least)
    elif getattr(image, "is_animated", False):
        yield from _frames(image, header.orientation, at_least)
    else:
        yield _one(image, _orientation(image, form, header), at_least)


def check_jpeg(found: jpeg.Layout) -> None:
    """Pillow steps through what is no JPEG byte by byte, for ever: only what was walked to its scan is given to it."""
    if not found.complete or found.frame not in jpeg.DECODED:
        raise Unreadable(Unread.BROKEN)
    progressive = found.frame in jpeg.PROGRESSIVE
    check_pixels(found.width, found.height, MOST_PROGRESSIVE_PIXELS if progressive else MOST_JPEG_PIXELS)


def _orientation(image: ImageFile.ImageFile, form: Form, header: Header) -> int:
    """AVIF keeps its own, which overrules that of its EXIF; the decoder puts it into the EXIF it reports."""
    if form is not Form.AVIF:
        return header.orientation
    return int(image.getexif().get(ExifTags.Base.Orientation, 1))


def _one(image: ImageFile.ImageFile, orientation: int, at_least: int) -> Image.Image:
    image.draft(None, (at_least, at_least))
    return finished(image, orientation, at_least)


def _pages(image: ImageFile.ImageFile, at_least: int) -> Iterator[Image.Image]:
    """Pillow sets each page of a TIFF upright itself."""
    for page in range(PAGES):
        try:
            image.seek(page)
        except EOFError:
            return
        check_pixels(*image.size)
        yield finished(image, 1, at_least).copy()


def _frames(image: ImageFile.ImageFile, orientation: int, at_least: int) -> Iterator[Image.Image]:
    # Copied, for the decoder paints the next frame over it.
    yield finished(image, orientation, at_least).copy()
    reached = 0
    most = min(FRAMES, FRAME_PIXELS // max(1, image.width * image.height))
    try:
        for frame in range(1, most + 1):
            image.seek(frame)
            reached = frame
    except EOFError:
        image.seek(reached // 2 or reached)
    if reached:
        yield finished(image, orientation, at_least)
