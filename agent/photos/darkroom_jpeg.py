"""Copies of a JPEG just what a decoder needs, byte for byte, so that not one dot of the picture changes."""

import re
from collections.abc import Callable

from agent.photos.readers.reach import Garbled

MOST_SEGMENTS = 4096
"""A progressive picture has a dozen scans, each with its tables."""
JUNK_BYTES = 256
"""Some cameras leave a few stray bytes between segments."""
SOI, EOI, SOS = 0xD8, 0xD9, 0xDA
DQT, DHT, DAC, DRI = 0xDB, 0xC4, 0xCC, 0xDD
APP0, APP14 = 0xE0, 0xEE
FRAMES = frozenset({0xC0, 0xC1, 0xC2, 0xC9, 0xCA})
STANDALONE = frozenset({0x01, *range(0xD0, 0xD8)})
JFIF = b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0"
"""Square dots, no small picture: all that is kept of what stood there."""
ADOBE = b"Adobe\0\x64\0\0\0\0"
"""Up to its last byte, which says how colours are coded."""
AFTER_SCAN = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
"""Where coded dots end: at any mark but those that stand amid them."""


def bare(raw: bytes) -> bytes:
    """The picture alone. Raises Garbled where it is not certain what of it a decoder needs."""
    return _Copier(raw).copied()


class _Copier:
    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._at = 2
        self._out = bytearray(b"\xff\xd8")
        self._once: set[int] = set()
        self._scans = 0

    def copied(self) -> bytes:
        for _ in range(MOST_SEGMENTS):
            marker = self._marker()
            if marker == EOI:
                if not self._scans:
                    raise Garbled
                return bytes(self._out + b"\xff\xd9")
            if marker not in STANDALONE:
                self._segment(marker)
        raise Garbled

    def _marker(self) -> int:
        start = self._raw.find(b"\xff", self._at, self._at + JUNK_BYTES)
        if start < 0:
            raise Garbled
        while self._raw[start : start + 1] == b"\xff":
            start += 1
        if start >= len(self._raw) or self._raw[start] in (0, SOI):
            raise Garbled
        self._at = start + 1
        return self._raw[start]

    def _segment(self, marker: int) -> None:
        length = int.from_bytes(self._raw[self._at : self._at + 2])
        body = self._raw[self._at + 2 : self._at + length]
        if length < 2 or len(body) != length - 2:
            raise Garbled
        self._at += length
        kept = _kept(marker, body)
        if kept is None or (marker in (APP0, APP14) and marker in self._once):
            return
        self._once.add(marker)
        self._out += bytes((0xFF, marker)) + (2 + len(kept)).to_bytes(2) + kept
        if marker == SOS:
            self._dots()

    def _dots(self) -> None:
        end = AFTER_SCAN.search(self._raw, self._at)
        if end is None:
            raise Garbled
        self._scans += 1
        self._out += self._raw[self._at : end.start()].rstrip(b"\xff")
        self._at = end.start()


def _kept(marker: int, body: bytes) -> bytes | None:
    """What of it the copy gets; None for all that no decoder needs. Raises Garbled for a table of no known form."""
    if marker == APP0:
        return JFIF if body.startswith(b"JFIF\0") else None
    if marker == APP14:
        return ADOBE + body[11:12] if body.startswith(b"Adobe") and len(body) >= 12 else None
    sound = FRAME_SOUND if marker in FRAMES else SOUND.get(marker)
    if sound is None:
        if 0xC0 <= marker < 0xE0:  # a frame or a table that no ordinary decoder knows
            raise Garbled
        return None
    if not sound(body):
        raise Garbled
    return body


def _is_frame(body: bytes) -> bool:
    sides = body[1:5]
    return len(body) > 6 and len(body) == 6 + 3 * body[5] and b"\0\0" not in (sides[:2], sides[2:])


def _is_scan(body: bytes) -> bool:
    return len(body) > 0 and 1 <= body[0] <= 4 and len(body) == 4 + 2 * body[0]


def _are_weights(body: bytes) -> bool:
    at = 0
    while at < len(body):
        wide, number = body[at] >> 4, body[at] & 15
        if wide > 1 or number > 3:
            return False
        at += 1 + 64 * (1 + wide)
    return at == len(body)


def _are_codes(body: bytes) -> bool:
    """No code stands twice in an honest table: a text would hardly do without."""
    at = 0
    while at < len(body):
        counts = body[at + 1 : at + 17]
        codes = body[at + 17 : at + 17 + sum(counts)]
        if body[at] >> 4 > 1 or body[at] & 15 > 3 or len(counts) < 16 or len(codes) != sum(counts):
            return False
        if len(set(codes)) != len(codes):
            return False
        at += 17 + len(codes)
    return True


SOUND: dict[int, Callable[[bytes], bool]] = {
    SOS: _is_scan,
    DQT: _are_weights,
    DHT: _are_codes,
    DRI: lambda body: len(body) == 2,
    DAC: lambda body: len(body) % 2 == 0 and len(body) <= 64,
}
FRAME_SOUND = _is_frame
