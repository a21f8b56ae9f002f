"""Reads a stripped film a second time: every box, every unit of its description, every unit of every picture."""

import struct
from collections.abc import Callable, Iterator

from agent.photos.darkroom_proof import must

BRANDS = {b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"avc1", b"av01", b"mp41", b"mp42"}
WITHIN = {
    b"": {b"ftyp", b"free", b"mdat", b"moov"},
    b"moov": {b"mvhd", b"trak", b"udta"},
    b"trak": {b"tkhd", b"edts", b"mdia"},
    b"edts": {b"elst"},
    b"mdia": {b"mdhd", b"hdlr", b"minf"},
    b"minf": {b"vmhd", b"dinf", b"stbl"},
    b"dinf": {b"dref"},
    b"stbl": {b"stsd", b"stts", b"stss", b"ctts", b"stsc", b"stsz", b"stco", b"co64", b"sdtp", b"cslg"},
    b"described": {b"avcC", b"hvcC", b"av1C", b"vpcC", b"esds", b"pasp", b"btrt", b"fiel", b"clap", b"colr", b"free"},
}
"""What may stand in what. One track; tables of numbers."""
EMPTY_NAMES = b"\0\0\0\x35meta\0\0\0\0\0\0\0\x21hdlr\0\0\0\0\0\0\0\0mdirappl\0\0\0\0\0\0\0\0\0\0\0\0\x08ilst"
"""The part in which names would stand, without any."""
HANDLERS = {b"\0", b"VideoHandler\0"}
MOST_SMALL = 64
UNDEFINED = b"\x55\xc4"
"""The language of no language."""


def mp4(raw: bytes) -> None:
    """Raises NotEmpty."""
    found: dict[bytes, bytes] = {}
    _level(raw, b"", found)
    must({b"ftyp", b"moov", b"mdat", b"stsd", b"stsz", b"tkhd"} <= found.keys())
    _pictures(found[b"mdat"], found[b"stsz"], _coding(found))


def _level(body: bytes, parent: bytes, found: dict[bytes, bytes]) -> None:
    for kind, inner in _boxes(body, 0):
        must(kind in WITHIN[parent] and (kind not in found or kind == b"free"))
        found[kind] = inner
        if kind in WITHIN:
            _level(inner, kind, found)
        elif kind in LEAVES:
            must(LEAVES[kind](inner))


def _boxes(body: bytes, at: int) -> Iterator[tuple[bytes, bytes]]:
    while at < len(body):
        size, kind = struct.unpack(">I4s", body[at : at + 8].ljust(8, b"\0"))
        start = 8
        if size == 1:
            size, start = int.from_bytes(body[at + 8 : at + 16]), 16
        must(start <= size <= len(body) - at)
        yield kind, body[at + start : at + size]
        at += size


def _undated(body: bytes) -> bool:
    """It starts with when it was made and changed."""
    return not any(body[4 : 20 if body[:1] == b"\1" else 12])


def _is_described(body: bytes) -> bool:
    """One description, whose encoder has no name; its parts are looked at by `_coding`."""
    return body[:8] == b"\0\0\0\0\0\0\0\1" and len(body) > 94 and not any(body[8 + 8 + 42 : 8 + 8 + 74])


def _coding(found: dict[bytes, bytes]) -> Callable[[bytes], bool]:
    """What every coded picture must be like."""
    ((entry, body),) = _boxes(found[b"stsd"], 8)
    parts = dict(_boxes(body, 78))
    must(set(parts) <= WITHIN[b"described"])
    for kind in (b"pasp", b"btrt", b"fiel", b"clap", b"vpcC", b"colr"):
        must(len(parts.get(kind, b"")) <= MOST_SMALL)
    must(not any(parts.get(b"free", b"")) and parts.get(b"colr", b"nclx")[:4] in {b"nclx", b"nclc"})
    if b"avcC" in parts:
        return _h264(parts[b"avcC"])
    if b"hvcC" in parts:
        return _hevc(parts[b"hvcC"])
    if b"av1C" in parts:
        must(len(parts[b"av1C"]) == 4)
        return _av1_tells_nothing
    must(entry in {b"mp4v", b"vp09"} and b"\0\0\1\xb2" not in parts.get(b"esds", b""))
    return lambda coded: entry == b"vp09" or b"\0\0\1\xb2" not in coded


def _h264(setup: bytes) -> Callable[[bytes], bool]:
    at = 6
    for place, kind in ((5, 7), (-1, 8)):
        count = setup[place] & 31 if place > 0 else setup[at]
        at += 0 if place > 0 else 1
        for _ in range(count):
            length = int.from_bytes(setup[at : at + 2])
            must(length > 0 and at + 2 + length <= len(setup) and setup[at + 2] & 31 == kind)
            at += 2 + length
    must(len(setup) - at in (0, 4))
    return lambda coded: not {6, 12} & {first & 31 for first in _firsts(coded, 1 + (setup[4] & 3))}


def _hevc(setup: bytes) -> Callable[[bytes], bool]:
    at = 23
    for _ in range(setup[22]):
        must(setup[at] & 63 in (32, 33, 34))
        count, at = int.from_bytes(setup[at + 1 : at + 3]), at + 3
        for _ in range(count):
            at += 2 + int.from_bytes(setup[at : at + 2])
    must(at == len(setup))
    return lambda coded: all(first >> 1 & 63 < 38 for first in _firsts(coded, 1 + (setup[21] & 3)))


def _firsts(coded: bytes, length: int) -> Iterator[int]:
    """The first byte of each unit."""
    at = 0
    while at < len(coded):
        size = int.from_bytes(coded[at : at + length])
        must(0 < size <= len(coded) - at - length)
        yield coded[at + length]
        at += length + size


def _av1_tells_nothing(coded: bytes) -> bool:
    at = 0
    while at < len(coded):
        kind, extended, sized = coded[at] >> 3 & 15, coded[at] >> 2 & 1, coded[at] & 2
        if kind in (5, 15):
            return False
        at += 1 + extended
        size, shift = (0 if sized else len(coded) - at), 0
        while sized:
            must(at < len(coded) and shift < 56)
            size |= (coded[at] & 127) << shift
            sized, shift, at = coded[at] & 128, shift + 7, at + 1
        at += size
    return at == len(coded)


def _pictures(dots: bytes, sizes: bytes, tells_nothing: Callable[[bytes], bool]) -> None:
    """They lie one after another, and nothing lies between, before or after them."""
    same, count = struct.unpack(">II", sizes[4:12].ljust(8, b"\0"))
    must(count > 0 and (same > 0 or len(sizes) == 12 + 4 * count))
    at = 0
    for number in range(count):
        size = same or int.from_bytes(sizes[12 + 4 * number : 16 + 4 * number])
        must(0 < size <= len(dots) - at and tells_nothing(dots[at : at + size]))
        at += size
    must(at == len(dots))


LEAVES: dict[bytes, Callable[[bytes], bool]] = {
    b"ftyp": lambda body: all(body[at : at + 4] in BRANDS for at in (0, *range(8, len(body), 4))),
    b"free": lambda body: not any(body),
    b"mvhd": _undated,
    b"tkhd": _undated,
    b"mdhd": lambda body: _undated(body) and body[-4:-2] == UNDEFINED,
    b"hdlr": lambda body: body[:24] == b"\0\0\0\0\0\0\0\0vide" + bytes(12) and body[24:] in HANDLERS,
    b"udta": lambda body: body == EMPTY_NAMES,
    b"dref": lambda body: body == b"\0\0\0\0\0\0\0\1\0\0\0\x0curl \0\0\0\1",
    b"stsd": _is_described,
}
