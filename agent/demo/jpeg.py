"""Makes small pictures out of coloured squares, so that a virtual phone has some: the plainest form of JPEG."""

from collections.abc import Iterable, Iterator

Colour = tuple[int, int, int]
"""Luma and the two chromas, 0 to 255."""
BLOCK = 8
STEP = b"\x08" * 64
"""Divisors. A square of one colour is eight times its value, so that dividing by eight leaves the value."""
CODE_LENGTHS = bytes((0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0))
CODES = ("00", "010", "011", "100", "101", "110", "1110", "11110", "111110", "1111110", "11111110", "111111110")
"""For a number of so many bits; the standard's own codes for brightness."""
NO_MORE = "0"
"""After its mean nothing follows in a square: the only code of the second table."""


def picture(rows: list[list[Colour]]) -> bytes:
    """A JPEG of as many squares of 8 pixels; every row has as many as the first."""
    height, width = len(rows) * BLOCK, len(rows[0]) * BLOCK
    size = height.to_bytes(2, "big") + width.to_bytes(2, "big")
    parts = (
        _part(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0"),
        _part(0xDB, b"\0" + STEP),
        _part(0xC0, b"\x08" + size + b"\3\1\x11\0\2\x11\0\3\x11\0"),
        _part(0xC4, b"\0" + CODE_LENGTHS + bytes(range(12))),
        _part(0xC4, b"\x10" + b"\1" + b"\0" * 15 + b"\0"),
        _part(0xDA, b"\3\1\0\2\0\3\0\0\x3f\0"),
    )
    return b"\xff\xd8" + b"".join(parts) + _packed(_bits(rows)) + b"\xff\xd9"


def _part(kind: int, content: bytes) -> bytes:
    return bytes((0xFF, kind)) + (len(content) + 2).to_bytes(2, "big") + content


def _bits(rows: list[list[Colour]]) -> Iterator[str]:
    """Each square as its difference to the one before, channel by channel."""
    before = [0, 0, 0]
    for row in rows:
        for colour in row:
            for channel, value in enumerate(colour):
                level = value - 128
                yield _number(level - before[channel]) + NO_MORE
                before[channel] = level


def _number(value: int) -> str:
    length = abs(value).bit_length()
    shown = value if value >= 0 else value + (1 << length) - 1
    return CODES[length] + (f"{shown:0{length}b}" if length else "")


def _packed(bits: Iterable[str]) -> bytes:
    text = "".join(bits)
    text += "1" * (-len(text) % 8)
    data = bytes(int(text[start : start + 8], 2) for start in range(0, len(text), 8))
    return data.replace(b"\xff", b"\xff\0")  # else it would read as the start of a part
