"""Copies of a WebP just what a decoder needs: its coded dots as they are, still or moving."""

import struct
from collections.abc import Iterator

from agent.photos.readers.reach import Garbled

MOST_CHUNKS = 1 << 16
ALPHA, ANIMATED = 0x10, 0x02
DOTS = frozenset({b"VP8 ", b"VP8L"})
FRAME_BYTES = 16
"""With which one frame of an animation starts: where it stands, how large, for how long."""


def chunks(raw: bytes, at: int, end: int) -> Iterator[tuple[bytes, bytes]]:
    """Name and body of each. Raises Garbled."""
    for _ in range(MOST_CHUNKS):
        if at == end:
            return
        kind, length = raw[at : at + 4], int.from_bytes(raw[at + 4 : at + 8], "little")
        if at + 8 + length > end:
            raise Garbled
        yield kind, raw[at + 8 : at + 8 + length]
        at = min(end, at + 8 + length + (length & 1))
    raise Garbled


def end_of(raw: bytes) -> int:
    """Where the picture ends by its own word. Raises Garbled."""
    end = 8 + int.from_bytes(raw[4:8], "little")
    if end > len(raw) or end < 20:
        raise Garbled
    return end


def bare(raw: bytes) -> bytes:
    """The picture alone. Raises Garbled."""
    found = list(chunks(raw, 12, end_of(raw)))
    if is_animated(raw):
        parts = [(kind, _moving(kind, body)) for kind, body in found]
        kept = b"".join(_chunk(kind, body) for kind, body in parts if body is not None)
    else:
        first = found[0]
        see_through = first[0] == b"VP8X" and bool(first[1][:1]) and bool(first[1][0] & ALPHA)
        kept = _chunk(b"VP8X", _described(first[1])) if first[0] == b"VP8X" else b""
        kept += _dots(found, see_through=see_through)
    return b"RIFF" + struct.pack("<I", 4 + len(kept)) + b"WEBP" + kept


def is_animated(raw: bytes) -> bool:
    """Whether it moves."""
    return raw[12:16] == b"VP8X" and bool(raw[20:21]) and bool(raw[20] & ANIMATED)


def _moving(kind: bytes, body: bytes) -> bytes | None:
    """What of a chunk of an animation the copy gets."""
    if kind == b"VP8X":
        return _described(body)
    if kind == b"ANIM":
        return body[:6]
    if kind == b"ANMF":
        return body[:FRAME_BYTES] + _dots(list(chunks(body, FRAME_BYTES, len(body))), see_through=True)
    return None


def _described(body: bytes) -> bytes:
    """How large it is, and whether it moves or shows what lies behind: no word of profiles and blocks."""
    if len(body) < 10:
        raise Garbled
    return bytes((body[0] & (ALPHA | ANIMATED), 0, 0, 0)) + body[4:10]


def _dots(found: list[tuple[bytes, bytes]], *, see_through: bool) -> bytes:
    """The first that are there: a decoder heeds no second ones."""
    for place, (kind, body) in enumerate(found):
        if kind in DOTS:
            veil = [one for one in found[:place] if one[0] == b"ALPH"][:1] if see_through and kind == b"VP8 " else []
            return b"".join(_chunk(*one) for one in veil) + _chunk(kind, body)
    raise Garbled


def _chunk(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("<I", len(body)) + body + b"\0" * (len(body) & 1)
