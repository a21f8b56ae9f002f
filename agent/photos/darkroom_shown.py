"""Makes the preview of one file, clear and blurred. Runs in the darkroom only."""

import io
from collections.abc import Iterator

from PIL import Image, ImageFilter, ImageStat

from agent.photos import readers
from agent.photos.darkroom_colours import to_srgb
from agent.photos.darkroom_model import BLURRED_FROM_PX, LONGEST_PX, Preview
from agent.photos.image import Header, Medium, Source, Unread, Unreadable

QUALITY = 85
BLURRED_QUALITY = 60
FRAMES = 3
PLAIN = 6.0
"""A frame whose levels vary by less shows nothing: films begin in the dark."""


def preview(source: Source, digest: bytes) -> Preview:
    """`digest`: of the whole file. Raises Unreadable; NO_READER for sound and for DICOM, of which no pixel is read."""
    header = readers.header(source)
    if header.medium in {Medium.AUDIO, Medium.DICOM}:
        raise Unreadable(Unread.NO_READER)
    clear = _shown(readers.views(source, header, at_least=_at_least(header)), header)
    blurred = _blurred(clear)
    return Preview(
        clear=_jpeg(clear, QUALITY), blurred=_jpeg(blurred, BLURRED_QUALITY),
        width=clear.width, height=clear.height, sha256=digest,
    )  # fmt: skip


def _at_least(header: Header) -> int:
    """What the shorter side must have for the longer one to have enough."""
    longer, shorter = max(header.width or 0, header.height or 0), min(header.width or 0, header.height or 0)
    return max(1, -(-LONGEST_PX * shorter // longer)) if shorter else LONGEST_PX


def _shown(views: Iterator[Image.Image], header: Header) -> Image.Image:
    chosen = _telling(views) if header.medium is Medium.VIDEO else next(views, None)
    if chosen is None:
        raise Unreadable(Unread.BROKEN)
    profile = chosen.info.get("icc_profile")
    chosen.thumbnail((LONGEST_PX, LONGEST_PX), Image.Resampling.LANCZOS, reducing_gap=None)
    return to_srgb(chosen, profile if isinstance(profile, bytes) else None)


def _telling(views: Iterator[Image.Image]) -> Image.Image | None:
    """The first of a few frames that is not of one colour, else the very first."""
    first: Image.Image | None = None
    for _, image in zip(range(FRAMES), views, strict=False):
        if max(ImageStat.Stat(image).stddev) >= PLAIN:
            return image
        first = first or image
    return first


def _blurred(clear: Image.Image) -> Image.Image:
    """Nothing but the few dots is left before it is made large again."""
    dots = clear.copy()
    dots.thumbnail((BLURRED_FROM_PX, BLURRED_FROM_PX), Image.Resampling.BOX, reducing_gap=None)
    large = dots.resize(clear.size, Image.Resampling.BICUBIC)
    return large.filter(ImageFilter.GaussianBlur(max(clear.size) / BLURRED_FROM_PX / 2))


def _jpeg(image: Image.Image, quality: int) -> bytes:
    image.info = {}  # whatever it holds would be written, too
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality)
    return file.getvalue()
