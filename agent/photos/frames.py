"""Messages between the scan and its workers: a length, a small JSON header, then bytes that nobody copies.

No pickle, and every length is bounded before it is believed: a worker decodes hostile files, so it counts as hostile.
"""

import json
import os
import struct
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

ENVELOPE = struct.Struct("<4sII")
"""Mark, bytes of header, bytes of payload."""
MARK = b"scr1"
MOST_HEADER = 64 << 10
"""A path has at most 4,096 bytes, each of which takes up to six characters in JSON."""
MOST_PAYLOAD = 128 << 20
MOST_BUFFERS = 16
"""In one write; far below what any system allows."""


class FrameError(Exception):
    """What came is no frame, or what should go is too large for one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One message."""

    header: Mapping[str, object]
    payload: bytes = b""


def buffers(header: Mapping[str, object], *payload: bytes) -> tuple[bytes, ...]:
    """One message as bytes to be written one after another; the payload's own bytes are among them, not a copy."""
    text = json.dumps(header, separators=(",", ":")).encode("ascii")
    size = sum(map(len, payload))
    if len(text) > MOST_HEADER or size > MOST_PAYLOAD:
        raise FrameError("too large")
    return (ENVELOPE.pack(MARK, len(text), size) + text, *(one for one in payload if one))


def send(descriptor: int, message: tuple[bytes, ...]) -> None:
    """Write all of it, however long the other side takes. Raises OSError."""
    outgoing = Outgoing()
    outgoing.add(message)
    while outgoing.waiting:
        outgoing.flush(descriptor)


class Outgoing:
    """What waits to be written to a pipe that may be full."""

    def __init__(self) -> None:
        self._buffers: deque[memoryview] = deque()

    @property
    def waiting(self) -> bool:
        """There is something to write."""
        return bool(self._buffers)

    def add(self, message: tuple[bytes, ...]) -> None:
        """Queue one message."""
        self._buffers.extend(map(memoryview, message))

    def flush(self, descriptor: int) -> None:
        """Write what goes at once. Raises OSError; BlockingIOError where nothing goes just now."""
        done = os.writev(descriptor, [self._buffers[at] for at in range(min(MOST_BUFFERS, len(self._buffers)))])
        while self._buffers and done >= len(self._buffers[0]):
            done -= len(self._buffers.popleft())
        if done:
            self._buffers[0] = self._buffers[0][done:]


def receive(descriptor: int, *, most_payload: int = MOST_PAYLOAD) -> Frame | None:
    """Wait for one message; None where the other side has closed. Raises FrameError, OSError."""
    envelope = _exactly(descriptor, ENVELOPE.size)
    if not envelope:
        return None
    header, payload = _lengths(envelope, most_payload)
    text, data = _exactly(descriptor, header), _exactly(descriptor, payload)
    if len(text) < header or len(data) < payload:
        raise FrameError("cut short")
    return Frame(header=_parsed(text), payload=data)


class Incoming:
    """Finds messages in bytes that come in pieces of any length."""

    def __init__(self, *, most_payload: int) -> None:
        self._most_payload = most_payload
        self._kept = bytearray()

    def feed(self, data: bytes) -> Iterator[Frame]:
        """The messages that are whole now. Raises FrameError, and is of no use after that."""
        self._kept += data
        while len(self._kept) >= ENVELOPE.size:
            header, payload = _lengths(self._kept[: ENVELOPE.size], self._most_payload)
            begin, end = ENVELOPE.size + header, ENVELOPE.size + header + payload
            if len(self._kept) < end:
                return
            frame = Frame(header=_parsed(self._kept[ENVELOPE.size : begin]), payload=bytes(self._kept[begin:end]))
            del self._kept[:end]
            yield frame


def _exactly(descriptor: int, size: int) -> bytes:
    """`size` bytes, or fewer where the other side closed. One read, and so no copy, where all of it is there."""
    parts: list[bytes] = []
    missing = size
    while missing and (part := os.read(descriptor, missing)):
        parts.append(part)
        missing -= len(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def _lengths(envelope: bytes | bytearray, most_payload: int) -> tuple[int, int]:
    if len(envelope) < ENVELOPE.size:
        raise FrameError("cut short")
    mark, header, payload = ENVELOPE.unpack(envelope)
    if mark != MARK or header > MOST_HEADER or payload > most_payload:
        raise FrameError("not a frame")
    return header, payload


def _parsed(text: bytes | bytearray) -> Mapping[str, object]:
    try:
        header = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FrameError("not JSON") from error
    if not isinstance(header, dict):
        raise FrameError("not an object")
    return header
