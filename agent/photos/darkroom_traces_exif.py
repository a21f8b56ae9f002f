"""What the fields of an EXIF block, or of a TIFF, tell of when, where, with what and by whom a picture was taken."""

from collections.abc import Iterator

from agent.photos.darkroom_model import Trace
from agent.photos.readers.exif import EXIF_FOLDER, GPS_FOLDER
from agent.photos.readers.reach import Fetch
from agent.photos.readers.tiff import Fields, Tiff, folder, number

TOLD = {
    **dict.fromkeys((0x0132, 0x9003, 0x9004, 0x9010, 0x9011, 0x9012, 0x9290, 0x9291, 0x9292, 0xC71B), Trace.TIME),
    **dict.fromkeys((0x010F, 0x0110, 0x0131, 0x013C, 0xA432, 0xA433, 0xA434, 0xC614, 0xC615), Trace.DEVICE),
    **dict.fromkeys((0xA420, 0xA431, 0xA435, 0xC62F, 0xC65D), Trace.SERIAL),
    **dict.fromkeys((0x010D, 0x010E, 0x011D, 0x013B, 0x8298, 0x83BB, 0x8649, 0x9286, 0xA430), Trace.NAMES),
    **dict.fromkeys((0x9C9B, 0x9C9C, 0x9C9D, 0x9C9E, 0x9C9F, 0xA436, 0xA437, 0xA438), Trace.NAMES),
    **dict.fromkeys((0x927C, 0xC634), Trace.MAKER_NOTES),
    0x02BC: Trace.XMP,
    0x8773: Trace.COLOUR_PROFILE,
    GPS_FOLDER: Trace.PLACE,
    EXIF_FOLDER: None,
}
"""By the number of the field. Whatever is not among them is OTHER."""
SMALL = frozenset({0x0201, 0x014A})
"""A small picture, or folders that hold some."""
DRAWING = frozenset({
    0x00FE, 0x0100, 0x0101, 0x0102, 0x0103, 0x0106, 0x010A, 0x0111, 0x0115, 0x0116, 0x0117, 0x011A, 0x011B, 0x011C,
    0x0128, 0x013D, 0x0140, 0x0142, 0x0143, 0x0144, 0x0145, 0x014C, 0x0152, 0x0153, 0x0212, 0x0214,
})  # fmt: skip
"""What draws the picture of a TIFF. In the EXIF block of another file it would tell of a small one."""


def exif_traces(block: Fetch) -> Iterator[Trace]:
    """Of a block within a picture. Raises Garbled, NeedsWhole."""
    tiff = Tiff(block)
    first, second_at = tiff.folder(tiff.first)
    yield from _of(first, frozenset())
    yield from _of(folder(tiff, number(tiff, first, EXIF_FOLDER)), frozenset())
    if folder(tiff, second_at):
        yield Trace.PREVIEW


def tiff_traces(block: Fetch) -> Iterator[Trace]:
    """Of a file that is a TIFF itself. Raises Garbled, NeedsWhole."""
    tiff = Tiff(block)
    for fields in tiff.chain():
        yield from _of(fields, DRAWING)
        yield from _of(folder(tiff, number(tiff, fields, EXIF_FOLDER)), frozenset())
        if (number(tiff, fields, 0x00FE) or 0) & 1:
            yield Trace.PREVIEW


def _of(fields: Fields, drawing: frozenset[int]) -> Iterator[Trace]:
    for tag in fields.keys() - drawing:
        trace = Trace.PREVIEW if tag in SMALL else TOLD.get(tag, Trace.OTHER)
        if trace:
            yield trace
