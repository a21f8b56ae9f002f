"""Is it in the PACS? Asks a DICOMweb server by the UID that the picture's own bytes give, then compares the bytes."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from agent.stored.model import Asked, Because, Look, LookError
from agent.stored.wire import Wire, must_be_good

if TYPE_CHECKING:
    from reports.deliver.https_door import Answer

DICOM_JSON = "application/dicom+json"
KINDS = frozenset({DICOM_JSON, "application/json"})
UID = re.compile(r"[0-9][0-9.]{0,63}")
BOUNDARY = re.compile(r';[ \t]*boundary=(?:"([^"\r\n]{1,200})"|([^";,\s]{1,200}))', re.IGNORECASE)
"""Longer than the standard's 70 characters: Orthanc's are."""
SOP_INSTANCE, STUDY, SERIES, PATIENT = "00080018", "0020000D", "0020000E", "00100020"
AS_STORED = (
    'multipart/related; type="application/octet-stream"; transfer-syntax=*',
    'multipart/related; type="image/jpeg"; transfer-syntax=1.2.840.10008.1.2.4.50',
)
"""Ways to ask for a frame as it lies there: servers know one, or the other, or both."""
NOT_THAT_WAY = frozenset({400, 406, 415})
AROUND_BYTES = 64 << 10
"""What may come around a frame."""


def uid_of(sha256: bytes) -> str:
    """The SOP instance UID of a picture: who stores it and who looks for it come to the same one, unasked."""
    return f"2.25.{int.from_bytes(sha256[:16], 'big')}"


def look(asked: Asked, wire: Wire) -> Look:
    """Look once. Raises LookError."""
    uid = uid_of(asked.sha256)
    place = f"/instances?SOPInstanceUID={uid}&includefield={PATIENT}&limit=2"
    rows = wire.get_json(place, accept=DICOM_JSON, kinds=KINDS)
    if rows == []:
        return Look(because=Because.NOT_THERE)
    row = _the_row(rows, uid)
    if not _same_frame(asked.data, _frame(wire, row, uid, len(asked.data))):
        return Look(because=Because.DIFFERENT)
    return Look(because=_whose(asked.patient, row), reference=uid)


def _the_row(rows: Any, uid: str) -> Mapping[str, Any]:
    """The one row, which must be about the one that was asked for. Raises LookError."""
    if not isinstance(rows, list) or len(rows) != 1 or not isinstance(rows[0], dict):
        raise LookError(Because.ODD_ANSWER)
    if _value(rows[0], SOP_INSTANCE) != uid:
        raise LookError(Because.ODD_ANSWER)
    return rows[0]


def _whose(patient: str, row: Mapping[str, Any]) -> Because:
    number = _value(row, PATIENT)
    if not number:
        return Because.NO_PATIENT_NAMED
    if not patient:
        return Because.THERE_WITHOUT_NUMBER
    return Because.SAME if number == patient else Because.OTHER_PATIENT


def _value(row: Mapping[str, Any], tag: str) -> str:
    """An attribute's only value, without the blanks that DICOM pads with; "" where it has none, or several."""
    attribute = row.get(tag)
    values = attribute.get("Value") if isinstance(attribute, dict) else None
    if not isinstance(values, list) or len(values) != 1 or not isinstance(values[0], str):
        return ""
    return values[0].strip(" \0")


def _frame(wire: Wire, row: Mapping[str, Any], uid: str, size: int) -> bytes:
    """The picture as the server has it. Raises LookError."""
    study, series = _value(row, STUDY), _value(row, SERIES)
    if not UID.fullmatch(study) or not UID.fullmatch(series):
        raise LookError(Because.ODD_ANSWER)
    place = f"/studies/{study}/series/{series}/instances/{uid}/frames/1"
    answer = wire.get(place, accept=AS_STORED[0], most_bytes=size + AROUND_BYTES)
    if answer.status in NOT_THAT_WAY:
        answer = wire.get(place, accept=AS_STORED[1], most_bytes=size + AROUND_BYTES)
    must_be_good(answer)
    return _unpacked(answer)


def _unpacked(answer: "Answer") -> bytes:
    """The only part of a multipart answer, or the whole of one that has no parts. Raises LookError."""
    if not answer.kind.startswith("multipart/"):
        return answer.body
    named = BOUNDARY.search(answer.headers.get("content-type", ""))
    if named is None:
        raise LookError(Because.ODD_ANSWER)
    mark = b"--" + (named[1] or named[2]).encode("latin-1", "replace")
    _, opening, rest = answer.body.partition(mark + b"\r\n")
    head, gap, rest = rest.partition(b"\r\n\r\n")
    part, closing, tail = rest.partition(b"\r\n" + mark)
    # One part and the end: of several nobody could say which is the picture.
    if not (opening and gap and closing) or mark in head or not tail.startswith(b"--"):
        raise LookError(Because.ODD_ANSWER)
    return part


def _same_frame(data: bytes, frame: bytes) -> bool:
    """Byte for byte. DICOM keeps lengths even, so behind an odd number of bytes stands one of padding."""
    return frame == data or (len(data) % 2 == 1 and frame == data + b"\0")
