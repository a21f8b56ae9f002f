"""Reads a stripped copy a second time, by itself: every byte of it must be of a kind that pictures need.

Nothing here is shared with what made the copy, so that one mistake does not hide another.
"""

import re
import struct
import zlib
from collections.abc import Callable

JFIF = b"\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
ADOBE = re.compile(rb"\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00[\x00-\x02]")
JPEG_TABLES = {0xC0, 0xC1, 0xC2, 0xC4, 0xC9, 0xCA, 0xCC, 0xDB, 0xDD}
JPEG_DOTS = re.compile(rb"(?:[^\xff]|\xff[\x00\xd0-\xd7])*+")
PNG_LENGTHS = {b"IHDR": (13, 13), b"sRGB": (1, 1), b"PLTE": (3, 768), b"tRNS": (1, 256), b"IEND": (0, 0)}
WEBP_DOTS = {(b"VP8 ",), (b"VP8L",), (b"ALPH", b"VP8 ")}
"""How one picture may be made up."""
WEBP_ALPHA, WEBP_MOVES = 0x10, 0x02
UNPACKED_AT_ONCE = 1 << 20


class NotEmpty(Exception):
    """The copy holds what no picture needs, or is no picture. It must not come out."""


def must(holds: bool) -> None:
    """Raises NotEmpty where it does not."""
    if not holds:
        raise NotEmpty


def jpeg(raw: bytes) -> None:
    """Tables, dots, and two marks of one wording each."""
    must(raw.startswith(b"\xff\xd8") and raw.endswith(b"\xff\xd9"))
    at, scans = 2, 0
    while at < len(raw) - 2:
        must(raw[at] == 0xFF)
        marker, end = raw[at + 1], at + 2 + int.from_bytes(raw[at + 2 : at + 4])
        must(at + 4 <= end <= len(raw) - 2)
        if marker == 0xE0:
            must(raw[at:end] == JFIF)
        elif marker == 0xEE:
            must(ADOBE.fullmatch(raw[at:end]) is not None)
        else:
            must(marker in JPEG_TABLES or marker == 0xDA)
        if marker == 0xDA:
            scans += 1
            dots = JPEG_DOTS.match(raw, end)
            end = dots.end() if dots else end
        at = end
    must(scans > 0 and at == len(raw) - 2)


def png(raw: bytes) -> None:
    """Chunks that draw, whose packed dots end where the last of them does."""
    must(raw.startswith(b"\x89PNG\r\n\x1a\n"))
    at, unpacking, kinds = 8, zlib.decompressobj(), []
    while at < len(raw):
        length, kind = struct.unpack(">I4s", raw[at : at + 8].ljust(8, b"\0"))
        body, check = raw[at + 8 : at + 8 + length], raw[at + 8 + length : at + 12 + length]
        must(len(body) == length and check == struct.pack(">I", zlib.crc32(kind + body)))
        if kind == b"IDAT":
            _unpack(unpacking, body)
        else:
            least, most = PNG_LENGTHS.get(kind, (1, 0))
            must(least <= length <= most and kind not in kinds)
        kinds.append(kind)
        at += 12 + length
    must(kinds[:1] == [b"IHDR"] and kinds[-1:] == [b"IEND"] and unpacking.eof)


def _unpack(unpacking: "zlib._Decompress", body: bytes) -> None:
    for at in range(0, len(body), UNPACKED_AT_ONCE // 16):
        left = body[at : at + UNPACKED_AT_ONCE // 16]
        must(not unpacking.eof)
        while left and not unpacking.eof:
            unpacking.decompress(left, UNPACKED_AT_ONCE)
            left = unpacking.unconsumed_tail
        must(not unpacking.unused_data)


def webp(raw: bytes) -> None:
    """Chunks that draw."""
    must(raw[:4] == b"RIFF" and raw[8:12] == b"WEBP" and int.from_bytes(raw[4:8], "little") == len(raw) - 8)
    parts = _riff(raw, 12)
    kinds = tuple(kind for kind, _ in parts)
    if kinds[:1] == (b"VP8X",):
        flags = parts[0][1]
        must(len(flags) == 10 and not flags[0] & ~(WEBP_ALPHA | WEBP_MOVES) and flags[1:4] == b"\0\0\0")
        must(b"ALPH" not in kinds or bool(flags[0] & WEBP_ALPHA))
        if flags[0] & WEBP_MOVES:
            must(kinds[1:2] == (b"ANIM",) and len(parts[1][1]) == 6 and set(kinds[2:]) == {b"ANMF"})
            must(all(_kinds(body, 16) in WEBP_DOTS for _, body in parts[2:]))
            return
        kinds = kinds[1:]
    must(kinds in WEBP_DOTS)


def _kinds(body: bytes, at: int) -> tuple[bytes, ...]:
    return tuple(kind for kind, _ in _riff(body, at))


def _riff(raw: bytes, at: int) -> list[tuple[bytes, bytes]]:
    found = []
    while at < len(raw):
        kind, length = struct.unpack("<4sI", raw[at : at + 8].ljust(8, b"\0"))
        end = at + 8 + length
        must(end + (length & 1) <= len(raw) and (not length & 1 or raw[end] == 0))
        found.append((kind, raw[at + 8 : end]))
        at = end + (length & 1)
    return found


STILLS: dict[str, Callable[[bytes], None]] = {".jpg": jpeg, ".png": png, ".webp": webp}
