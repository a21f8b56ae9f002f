"""What EXIF says: when and with what a picture was taken, which side is up, and where its small copy lies."""

import re
from dataclasses import dataclass
from datetime import datetime

from agent.photos.readers.reach import Fetch, Garbled
from agent.photos.readers.tiff import Field, Fields, Tiff, folder, number, text

YEARS = range(1990, 2100)
"""Nobody took a picture with EXIF before; a camera whose clock was never set writes 1970 or 1980."""
WIDTH, HEIGHT, MAKE, MODEL, ORIENTATION, CHANGED = 0x0100, 0x0101, 0x010F, 0x0110, 0x0112, 0x0132
EXIF_FOLDER, GPS_FOLDER, LATITUDE, PIXEL_WIDTH, PIXEL_HEIGHT = 0x8769, 0x8825, 2, 0xA002, 0xA003
THUMBNAIL, THUMBNAIL_BYTES = 0x0201, 0x0202
DATES = ((0x9003, 0x9011), (0x9004, 0x9012), (CHANGED, 0x9010))
"""Taken, digitised, changed; beside each the tag with its distance from UTC."""
DATE = re.compile(r"(\d{4})[:/-](\d{2})[:/-](\d{2})[ T](\d{2}):(\d{2}):(\d{2})", re.ASCII)
OFFSET = re.compile(r"[+-](?:0\d|1[0-4]):[0-5]\d", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exif:
    """One EXIF block. What is garbled in it counts as absent."""

    taken_at: str | None = None
    gps: bool = False
    camera: bool = False
    orientation: int = 1
    width: int | None = None
    height: int | None = None
    thumbnail: tuple[int, int] | None = None
    """Where the small JPEG starts, from the start of the block, and how many bytes it has."""


NO_EXIF = Exif()


def read(fetch: Fetch) -> Exif:
    """The block that starts with its byte order. Raises NeedsWhole and Unreadable only."""
    try:
        tiff = Tiff(fetch)
        first, second_at = tiff.folder(tiff.first)
    except Garbled:
        return NO_EXIF
    return told(tiff, first, folder(tiff, second_at))


def told(tiff: Tiff, first: Fields, second: Fields) -> Exif:
    """The first folder of the chain tells of the picture, the second of its small copy."""
    details = folder(tiff, number(tiff, first, EXIF_FOLDER))
    orientation = number(tiff, first, ORIENTATION) or 1
    width, height = number(tiff, details, PIXEL_WIDTH), number(tiff, details, PIXEL_HEIGHT)
    return Exif(
        taken_at=taken(tiff, first | details),
        gps=located(tiff, folder(tiff, number(tiff, first, GPS_FOLDER)).get(LATITUDE)),
        camera=bool(text(tiff, first, MAKE) or text(tiff, first, MODEL)),
        orientation=orientation if orientation in range(1, 9) else 1,
        width=width or None,
        height=height or None,
        thumbnail=_thumbnail(tiff, second),
    )


def taken(tiff: Tiff, fields: Fields) -> str | None:
    """The first sane date of them."""
    for date_tag, offset_tag in DATES:
        date = moment(text(tiff, fields, date_tag), text(tiff, fields, offset_tag))
        if date:
            return date
    return None


def moment(date: str, offset: str) -> str | None:
    """ISO 8601; None for what is no date, such as 0000:00:00 or a thirteenth month."""
    found = DATE.match(date)
    if not found:
        return None
    try:
        when = datetime(*(int(part) for part in found.groups()))  # type: ignore[arg-type]  # noqa: DTZ001 - local, unknown where
    except ValueError:
        return None
    if when.year not in YEARS:
        return None
    return when.isoformat() + (offset if OFFSET.fullmatch(offset) else "")


def located(tiff: Tiff, latitude: Field | None) -> bool:
    """Phones that knew not where they were leave the tag, filled with zeros."""
    try:
        values = tiff.numbers(latitude, 3) if latitude else ()
    except Garbled:
        return False
    return any(above and below for above, below in zip(values[::2], values[1::2], strict=False))


def _thumbnail(tiff: Tiff, fields: Fields) -> tuple[int, int] | None:
    start, length = number(tiff, fields, THUMBNAIL), number(tiff, fields, THUMBNAIL_BYTES)
    return (start, length) if start and length and start > 0 and length > 0 else None
