"""What a film says once for all its pictures, by coding, without what nobody needs to decode them."""

from collections.abc import Iterator

from agent.photos.darkroom_film_units import KEPT_HEVC_SETS, plain_stream, without_words
from agent.photos.readers.reach import Garbled

HIGH_PROFILES = frozenset({100, 110, 122, 144})
"""Of H.264: their description has a tail of four bytes."""
AV1_SETUP = 4
"""Bytes that AV1 says before it repeats what the first picture says as well."""


def plain_setup(codec: str, setup: bytes) -> bytes:
    """The description of that coding. Raises Garbled."""
    packed = setup[:1] == b"\1"
    if codec in {"mpeg4", "mpeg2video"}:
        return without_words(setup)
    if codec == "hevc":
        return _hevc(setup) if packed else plain_stream(codec, setup)
    if codec == "h264":
        return _h264(setup) if packed else plain_stream(codec, setup)
    return setup[:AV1_SETUP] if codec == "av1" and setup[:1] == b"\x81" else setup


def length_bytes(codec: str, setup: bytes) -> int:
    """How many bytes stand before each unit to tell its length; 0: units are marked by where they start instead."""
    if setup[:1] != b"\1":
        return 0
    at = {"h264": 4, "hevc": 21}[codec]
    if len(setup) <= at:
        raise Garbled
    return 1 + (setup[at] & 3)


def _hevc(setup: bytes) -> bytes:
    kept, at = [], 23
    for _ in range(setup[22] if len(setup) > 22 else 0):
        start = setup[at : at + 3]
        units = list(_units(setup, at + 3, int.from_bytes(start[1:])))
        at += 3 + sum(map(len, units))
        if start and start[0] & 63 in KEPT_HEVC_SETS:
            kept.append(start + b"".join(units))
    return setup[:22] + bytes((len(kept),)) + b"".join(kept)


def _h264(setup: bytes) -> bytes:
    at = 5
    for mask in (31, 255):
        count = setup[at] & mask if at < len(setup) else 0
        at += 1 + sum(map(len, _units(setup, at + 1, count)))
    # Of the tail its last byte counts further units, which no camera writes.
    tail = setup[at : at + 3] + b"\0" if setup[1] in HIGH_PROFILES and len(setup) >= at + 4 else b""
    return setup[:at] + tail


def _units(setup: bytes, at: int, count: int) -> Iterator[bytes]:
    """Each with its length before it. Raises Garbled where one is cut."""
    for _ in range(count):
        end = at + 2 + int.from_bytes(setup[at : at + 2])
        if end > len(setup) or end < at + 3:
            raise Garbled
        yield setup[at:end]
        at = end
