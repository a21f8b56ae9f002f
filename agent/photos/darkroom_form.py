"""What the darkroom and its confined process say to each other; what comes back counts as hostile."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from agent.photos.darkroom_model import (
    LONGEST_PX,
    MOST_SHOWN_BYTES,
    MOST_STRIPPED,
    DarkroomError,
    Preview,
    Stripped,
    Trace,
)
from agent.photos.frames import Frame, FrameError, buffers
from agent.photos.image import Unread

PIECE_BYTES = 2 << 20
"""A stripped copy travels in pieces, so that neither side holds it twice for long."""
MOST_PAYLOAD = 2 * MOST_SHOWN_BYTES
SUFFIXES = frozenset({".jpg", ".png", ".webp", ".tif", ".mp4"})
SHA256 = re.compile(r"[0-9a-f]{64}")
JPEG_START, JPEG_END = b"\xff\xd8\xff", b"\xff\xd9"
Row = Mapping[str, object]


class Wish(StrEnum):
    """What is asked for."""

    PREVIEW = "preview"
    STRIP = "strip"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One job, as the confined process reads it."""

    number: int
    wish: Wish
    name: str
    size: int
    path: str | None
    """None where the bytes came with the message."""
    stamp: int


def request(asked: Asked, data: bytes) -> tuple[bytes, ...]:
    """The message. Raises FrameError where it is too large."""
    header = {
        "number": asked.number, "wish": asked.wish, "name": asked.name, "size": asked.size, "path": asked.path,
        "stamp": asked.stamp,
    }  # fmt: skip
    return buffers(header, data)


def asked(frame: Frame) -> Asked:
    """What `request` wrote. Raises FrameError, ValueError: what is no job can only come from our own parent."""
    row = frame.header
    path = row.get("path")
    if path is not None and not isinstance(path, str):
        raise FrameError("path")
    return Asked(
        number=_number(row, "number", 0, 2**63), wish=Wish(_text(row, "wish")), name=_text(row, "name"),
        size=_number(row, "size", 0, 2**63), path=path, stamp=_number(row, "stamp", -(2**63), 2**63),
    )  # fmt: skip


def refusal(number: int, why: Unread) -> tuple[bytes, ...]:
    """The answer where there is nothing to hand out."""
    return buffers({"number": number, "unread": why})


def shown(number: int, preview: Preview) -> tuple[bytes, ...]:
    """The answer that is a preview."""
    header = {
        "number": number, "width": preview.width, "height": preview.height, "clear": len(preview.clear),
        "sha256": preview.sha256.hex(),
    }  # fmt: skip
    return buffers(header, preview.clear, preview.blurred)


def handed(number: int, copy: Stripped) -> Iterator[tuple[bytes, ...]]:
    """The answer that is a stripped copy: first what it is, then its pieces."""
    yield buffers({"number": number, "size": len(copy.data), "suffix": copy.suffix, "removed": list(copy.removed)})
    whole = memoryview(copy.data)
    for at in range(0, len(copy.data), PIECE_BYTES):
        yield buffers({"number": number, "at": at}, bytes(whole[at : at + PIECE_BYTES]))


class PreviewAnswer:
    """Puts together a preview, of one message."""

    def __init__(self, number: int) -> None:
        self._number = number

    def heed(self, frame: Frame) -> Preview | None:
        """The preview. Raises DarkroomError, FrameError."""
        row, both = frame.header, frame.payload
        _check(row, self._number)
        end = _number(row, "clear", 1, MOST_SHOWN_BYTES)
        return Preview(
            clear=_jpeg(both[:end]), blurred=_jpeg(both[end:]), width=_number(row, "width", 1, LONGEST_PX),
            height=_number(row, "height", 1, LONGEST_PX), sha256=_digest(row),
        )  # fmt: skip


class StrippedAnswer:
    """Puts together a stripped copy, of many messages."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._size: int | None = None
        self._data = bytearray()
        self._suffix = ""
        self._removed: tuple[Trace, ...] = ()

    def heed(self, frame: Frame) -> Stripped | None:
        """The copy once its last piece is there. Raises DarkroomError, FrameError."""
        row = frame.header
        _check(row, self._number)
        if self._size is None:
            self._begin(row)
            return None
        if row.get("at") != len(self._data) or not 0 < len(frame.payload) <= self._size - len(self._data):
            raise FrameError("piece")
        self._data += frame.payload
        if len(self._data) < self._size:
            return None
        return Stripped(data=bytes(self._data), suffix=self._suffix, removed=self._removed)

    def _begin(self, row: Row) -> None:
        suffix, removed = _text(row, "suffix"), row.get("removed")
        if suffix not in SUFFIXES or not isinstance(removed, list):
            raise FrameError("not a copy")
        try:
            found = {Trace(str(one)) for one in removed[: len(Trace)]}
        except ValueError as error:
            raise FrameError("trace") from error
        self._suffix, self._removed = suffix, tuple(trace for trace in Trace if trace in found)
        self._size = _number(row, "size", 1, MOST_STRIPPED)


def _check(row: Row, number: int) -> None:
    """Raises DarkroomError where the answer is a refusal, FrameError where it is none to this question."""
    if row.get("number") != number:
        raise FrameError("another number")
    if "unread" in row:
        try:
            raise DarkroomError(Unread(str(row["unread"])))
        except ValueError as error:
            raise FrameError("unread") from error


def _jpeg(data: bytes) -> bytes:
    if len(data) > MOST_SHOWN_BYTES or not data.startswith(JPEG_START) or not data.endswith(JPEG_END):
        raise FrameError("not a JPEG")
    return data


def _digest(row: Row) -> bytes:
    text = _text(row, "sha256")
    if not SHA256.fullmatch(text):
        raise FrameError("sha256")
    return bytes.fromhex(text)


def _number(row: Row, name: str, least: int, most: int) -> int:
    value = row.get(name)
    if type(value) is not int or not least <= value <= most:  # type, not isinstance: True is an int
        raise FrameError(name)
    return value


def _text(row: Row, name: str) -> str:
    value = row.get(name)
    if not isinstance(value, str):
        raise FrameError(name)
    return value
