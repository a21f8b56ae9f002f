"""The units of which a coded picture of a film is made: those that show something stay, those that tell something go.

Between the pictures cameras write the time, the place, serial numbers, and the settings of the encoder.
"""

from collections.abc import Callable, Iterator

from agent.photos.readers.reach import Garbled

KEPT_H264 = frozenset({1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 13, 14, 15, 19, 20})
KEPT_HEVC_SETS = frozenset({32, 33, 34})
KEPT_HEVC = frozenset({*range(22), *KEPT_HEVC_SETS, 35, 36, 37})
KEPT_AV1 = frozenset({1, 2, 3, 4, 6, 7, 8})
"""All but metadata, padding and what is not defined."""
USER_DATA, START = b"\0\0\1\xb2", b"\0\0\1"
MOST_UNITS = 1 << 16
"""Of one picture."""
KINDS: dict[str, Callable[[int], bool]] = {
    "h264": lambda first: first & 31 in KEPT_H264,
    "hevc": lambda first: first >> 1 & 63 in KEPT_HEVC,
}
"""Whether a unit stays, by its first byte."""


def cleaner(codec: str, length: int) -> Callable[[bytes], bytes]:
    """Takes what is not picture out of one coded picture. `length`: bytes before each unit that tell how long it is.

    What it gives back raises Garbled.
    """
    if codec in KINDS:
        return (lambda coded: plain_units(codec, coded, length)) if length else lambda coded: plain_stream(codec, coded)
    return {"av1": plain_av1, "mpeg4": without_words, "mpeg2video": without_words}.get(codec, lambda coded: coded)


def plain_units(codec: str, coded: bytes, length: int) -> bytes:
    """Of units that each have their length before them."""
    parts: list[bytes] = []
    at = 0
    for _ in range(MOST_UNITS):
        if at == len(coded):
            return b"".join(parts)
        end = at + length + int.from_bytes(coded[at : at + length])
        if end > len(coded):
            raise Garbled
        if end > at + length and KINDS[codec](coded[at + length]):
            parts.append(coded[at:end])
        at = end
    raise Garbled


def plain_stream(codec: str, coded: bytes) -> bytes:
    """Of units that each have the mark of a start before them."""
    units = coded.split(START, MOST_UNITS)
    if len(units) > MOST_UNITS:
        raise Garbled
    # No unit ends with a zero byte: those before a mark belong to it.
    whole = (unit.rstrip(b"\0") for unit in units[1:])
    return b"".join(b"\0" + START + unit for unit in whole if unit and KINDS[codec](unit[0]))


def without_words(coded: bytes) -> bytes:
    """MPEG-2 and MPEG-4 without their user data, each of which reaches to the next start of anything."""
    parts, at = [], 0
    while (found := coded.find(USER_DATA, at)) >= 0:
        parts.append(coded[at:found])
        at = coded.find(START, found + len(USER_DATA))
        if at < 0:
            return b"".join(parts)
    return b"".join((*parts, coded[at:]))


def plain_av1(coded: bytes) -> bytes:
    """Of the units of AV1, which tell their own length."""
    return b"".join(coded[at:end] for kind, at, end in _av1_units(coded) if kind in KEPT_AV1)


def _av1_units(coded: bytes) -> Iterator[tuple[int, int, int]]:
    at = 0
    for _ in range(MOST_UNITS):
        if at == len(coded):
            return
        first = coded[at]
        if not first & 2:  # without a length it reaches to the end
            yield first >> 3 & 15, at, len(coded)
            return
        size, body = _number(coded, at + 1 + (first >> 2 & 1))
        end = body + size
        if end > len(coded):
            raise Garbled
        yield first >> 3 & 15, at, end
        at = end
    raise Garbled


def _number(coded: bytes, at: int) -> tuple[int, int]:
    """A number of seven bits a byte, least first, and where it ends."""
    value = 0
    for place, byte in enumerate(coded[at : at + 8]):
        value |= (byte & 127) << 7 * place
        if byte < 128:
            return value, at + place + 1
    raise Garbled
