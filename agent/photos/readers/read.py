"""The three questions that are asked of a file, whatever its form."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from agent.photos.image import Header, Medium, NeedsWhole, Source, Unread, Unreadable
from agent.photos.readers import told
from agent.photos.readers.faults import reading
from agent.photos.readers.reach import exactly
from agent.photos.readers.sniff import Form

if TYPE_CHECKING:
    from PIL.Image import Image

SMALLEST = 96
"""A thumbnail whose longer side has fewer pixels shows too little."""
TOLERANCE = 0.04
"""So far the shapes of a picture and of its thumbnail may differ: sides are rounded to whole pixels."""
MOST_THUMBNAIL_PIXELS = 4_000_000
RAWS = frozenset({Form.DNG, Form.RAW, Form.RAF, Form.CR3})
UNOPENED = frozenset({Form.JPEG_XL})


def tell(source: Source) -> told.Told:
    """From the head where it suffices, and a few short reads where more is at hand. Raises Unreadable, NeedsWhole."""
    with reading():
        return told.tell(source)


def header(source: Source) -> Header:
    """The header of what `tell` tells. Raises Unreadable, NeedsWhole."""
    return tell(source).header


def thumbnail(source: Source, header: Header, known: told.Told | None = None) -> "Image | None":
    """The embedded small picture, upright RGB; None where there is none, it is tiny, or of another shape.

    A JPEG's comes out of the head and, where more is at hand, what little of it lies behind that. `known`: what `tell`
    told of this source, so that a JPEG is not walked twice. Raises Unreadable for what cannot be read at all, never for
    a bad thumbnail.
    """
    if header.medium is not Medium.PHOTO:
        return None
    try:
        with reading():
            image = _small(source, header, known)
    except NeedsWhole:
        return None
    except Unreadable as fault:
        if fault.why is not Unread.BROKEN:
            raise
        return None
    return image if image is not None and _matches(image, header) else None


def views(source: Source, header: Header, *, at_least: int) -> "Iterator[Image]":
    """What the file shows, upright RGB: one picture of a photo, a few of a film or a document, none of sound or DICOM.

    The shorter side has at least so many pixels where the file has them, and less than twice so many.
    Raises Unreadable, NeedsWhole; either may come after the first pictures.
    """
    with reading():
        images = _views(source, header, at_least)
    while True:
        with reading():
            image = next(images, None)
        if image is None:
            return
        yield image


def _small(source: Source, header: Header, known: told.Told | None) -> "Image | None":
    from agent.photos.readers import raw

    form = Form(header.format)
    found = _from_exif(known if known is not None and form is Form.JPEG else told.tell(source, beyond=False))
    if not found and form in RAWS:
        found = raw.small(source, header)
    if found:
        return raw.decoded(found, header.orientation, SMALLEST * 4)
    if form is Form.HEIF:
        from agent.photos.readers import heif

        return heif.small(source)
    return None


def _from_exif(found: told.Told) -> bytes | None:
    if found.block is None or found.exif.thumbnail is None:
        return None
    start, length = found.exif.thumbnail
    return exactly(found.block, start, length)


def _matches(image: "Image", header: Header) -> bool:
    """Of another shape is what an editor left behind when it cropped, or what a camera framed with black bars."""
    if max(image.size) < SMALLEST or not header.width or not header.height:
        return False
    upright = header.orientation < 5
    width, height = (header.width, header.height) if upright else (header.height, header.width)
    return abs(image.width * height / (image.height * width) - 1) <= TOLERANCE


def _views(source: Source, header: Header, at_least: int) -> "Iterator[Image]":
    form = Form(header.format)
    if form in UNOPENED:
        raise Unreadable(Unread.NO_READER)
    match header.medium:
        case Medium.AUDIO | Medium.DICOM:
            return iter(())
        case Medium.VIDEO:
            from agent.photos.readers import video

            return video.views(source, header, at_least)
        case Medium.PAPER:
            from agent.photos.readers import pdf

            return pdf.views(source, at_least)
    return _photos(source, header, form, at_least)


def _photos(source: Source, header: Header, form: Form, at_least: int) -> "Iterator[Image]":
    if form in RAWS:
        from agent.photos.readers import raw

        return iter((raw.view(source, header, at_least),))
    if form is Form.HEIF:
        from agent.photos.readers import heif

        return iter((heif.view(source, header, at_least),))
    from agent.photos.readers import still

    return still.views(source, header, at_least)
