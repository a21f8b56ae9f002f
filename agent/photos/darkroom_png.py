"""Copies of a PNG just what a decoder needs: its packed dots as they are, and neither text nor profile nor trailer."""

import struct
import zlib
from collections.abc import Iterator

from agent.photos.readers.pixels import check_pixels
from agent.photos.readers.reach import Garbled

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MOST_CHUNKS = 1 << 16
PACKED_AT_ONCE, UNPACKED_AT_ONCE = 64 << 10, 1 << 20
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
"""By colour type."""
DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
CLEAR_BYTES = {0: 2, 2: 6}
"""How many bytes name the colour that shows through, where there is no palette."""
PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
"""Of an interlaced picture: first column and row, and the steps between them."""
ORDER = (b"IHDR", b"sRGB", b"PLTE", b"tRNS", b"IDAT", b"IEND")


def chunks(raw: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Name and body of each, up to the one that ends the picture, whatever lies behind it. Raises Garbled."""
    at = len(SIGNATURE)
    for _ in range(MOST_CHUNKS):
        length = int.from_bytes(raw[at : at + 4])
        kind, body = raw[at + 4 : at + 8], raw[at + 8 : at + 8 + length]
        if len(kind) < 4 or len(body) < length:
            raise Garbled
        yield kind, body
        if kind == b"IEND":
            return
        at += 12 + length
    raise Garbled


def bare(raw: bytes) -> bytes:
    """The picture alone; of an animation its still. Raises Garbled where the dots are not just as many as it says."""
    found: dict[bytes, bytes] = {}
    dots: list[bytes] = []
    for kind, body in chunks(raw):
        if kind == b"IDAT":
            dots.append(body)
        else:
            found.setdefault(kind, body)
    kept = _kept(found)
    kept[b"IDAT"] = _packed(b"".join(dots), _unpacked_bytes(kept[b"IHDR"]))
    return SIGNATURE + b"".join(_chunk(kind, kept[kind]) for kind in ORDER if kind in kept)


def _kept(found: dict[bytes, bytes]) -> dict[bytes, bytes]:
    head = found.get(b"IHDR", b"")
    if len(head) != 13 or head[8] not in DEPTHS.get(head[9], ()) or head[10:12] != b"\0\0" or head[12] > 1:
        raise Garbled
    kept = {b"IHDR": head, b"IEND": b""}
    colours = found.get(b"PLTE", b"") if head[9] == 3 else b""
    if len(colours) % 3 or len(colours) > 3 << min(8, head[8]) or (head[9] == 3) != bool(colours):
        raise Garbled
    if colours:
        kept[b"PLTE"] = colours
    clear = found.get(b"tRNS", b"")
    if clear and head[9] in (0, 2, 3) and len(clear) <= CLEAR_BYTES.get(head[9], len(colours) // 3):
        kept[b"tRNS"] = clear
    if len(found.get(b"sRGB", b"")) == 1 and found[b"sRGB"][0] < 4:
        kept[b"sRGB"] = found[b"sRGB"]
    return kept


def _unpacked_bytes(head: bytes) -> int:
    width, height, depth, colours, _, _, interlaced = struct.unpack(">IIBBBBB", head)
    check_pixels(width, height)
    bits = depth * CHANNELS[colours]
    passes = PASSES if interlaced else ((0, 0, 1, 1),)
    sizes = [(-(-(width - x) // dx), -(-(height - y) // dy)) for x, y, dx, dy in passes]
    return sum(rows * (1 + (columns * bits + 7) // 8) for columns, rows in sizes if columns > 0 and rows > 0)


def _packed(data: bytes, expected: int) -> bytes:
    """The packed dots up to where they end. Raises Garbled where they are more or fewer than `expected` bytes."""
    unpacking, done = zlib.decompressobj(), 0
    for at in range(0, len(data), PACKED_AT_ONCE):
        left = data[at : at + PACKED_AT_ONCE]
        while left and not unpacking.eof:
            done += len(unpacking.decompress(left, UNPACKED_AT_ONCE))
            left = unpacking.unconsumed_tail
            if done > expected:
                raise Garbled
        if unpacking.eof:
            if done != expected:
                raise Garbled
            return data[: min(len(data), at + PACKED_AT_ONCE) - len(unpacking.unused_data)]
    raise Garbled


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
