"""Of which file a small picture was made, as it says itself: the texts of a PNG are read, never its pixels."""

import struct
import zlib
from collections.abc import Iterator

from agent.photos.review.laptop_small import Read

SIGNATURE = b"\x89PNG\r\n\x1a\n"
KEYWORD = b"Thumb::URI"
PLAIN, PACKED, WIDE = b"tEXt", b"zTXt", b"iTXt"
END = b"IEND"
MOST_CHUNKS = 4096
"""A small picture of a megabyte has some hundred."""
MOST_TEXT = 64 << 10
"""A path is no longer than 4 KiB, thrice that where each byte is spelt out."""
HEAD_BYTES, CHECK_BYTES = 8, 4


def made_of(read: Read) -> bytes | None:
    """The address of its file; None where it says none that can be read. Raises OSError."""
    for kind, text in _texts(read):
        keyword, _, rest = text.partition(b"\0")
        if keyword == KEYWORD:
            return _value(kind, rest)
    return None


def _texts(read: Read) -> Iterator[tuple[bytes, bytes]]:
    if read(len(SIGNATURE), 0) != SIGNATURE:
        return
    place = len(SIGNATURE)
    for _ in range(MOST_CHUNKS):
        head = read(HEAD_BYTES, place)
        if len(head) < HEAD_BYTES or head[4:] == END:
            return
        length, kind = struct.unpack(">I4s", head)
        if kind in (PLAIN, PACKED, WIDE) and length <= MOST_TEXT:
            yield kind, read(length, place + HEAD_BYTES)
        place += HEAD_BYTES + length + CHECK_BYTES


def _value(kind: bytes, rest: bytes) -> bytes | None:
    """The text after its keyword."""
    if kind == PLAIN:
        return rest
    if kind == PACKED:
        return _unpacked(rest[1:]) if rest[:1] == b"\0" else None
    flags, rest = rest[:2], rest[2:]
    _language, _, rest = rest.partition(b"\0")
    _translated, _, text = rest.partition(b"\0")
    return text if flags[:1] == b"\0" else _unpacked(text)


def _unpacked(data: bytes) -> bytes | None:
    """None for what is broken, and for what is longer than any address."""
    packed = zlib.decompressobj()
    try:
        text = packed.decompress(data, MOST_TEXT)
    except zlib.error:
        return None
    return text if packed.eof else None
