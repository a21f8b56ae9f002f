"""Reads when a DICOM file was taken and how large it is; what it shows of whom is never read."""

import io
from datetime import datetime

import pydicom
from pydicom.errors import BytesLengthException, InvalidDicomError

from agent.photos.image import Header, Medium, Source
from agent.photos.readers.exif import YEARS
from agent.photos.readers.faults import FAULTS
from agent.photos.readers.sniff import Form

ROWS, COLUMNS = 0x00280010, 0x00280011
TAKEN = ((0x00080022, 0x00080032), (0x00080023, 0x00080033), (0x00080020, 0x00080030))
"""Date and time of: acquisition, content, study."""
TAGS = [ROWS, COLUMNS, *(tag for pair in TAKEN for tag in pair)]


def header(source: Source) -> Header:
    """A file that has the mark and is garbled after it is DICOM all the same."""
    try:
        found = _read(source.head())
    except (*FAULTS, InvalidDicomError, BytesLengthException):
        found = {}
    return Header(
        medium=Medium.DICOM,
        format=Form.DICOM,
        taken_at=_taken(found),
        width=_side(found.get(COLUMNS)),
        height=_side(found.get(ROWS)),
    )


def _read(head: bytes) -> dict[int, str]:
    dataset = pydicom.dcmread(io.BytesIO(head), stop_before_pixels=True, force=True, specific_tags=list(TAGS))
    return {tag: str(dataset[tag].value) for tag in TAGS if tag in dataset}


def _taken(found: dict[int, str]) -> str | None:
    for date_tag, time_tag in TAKEN:
        # A time may lack its seconds and minutes; without any the day began.
        digits = found.get(date_tag, "") + found.get(time_tag, "").partition(".")[0].ljust(6, "0")
        date = _moment(digits)
        if date:
            return date
    return None


def _moment(digits: str) -> str | None:
    if len(digits) != 14 or not (digits.isascii() and digits.isdigit()):
        return None
    try:
        when = datetime.strptime(digits, "%Y%m%d%H%M%S")  # noqa: DTZ007 - local, unknown where
    except ValueError:
        return None
    return when.isoformat() if when.year in YEARS else None


def _side(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and 0 < int(text) < 1 << 16 else None
