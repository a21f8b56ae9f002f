"""How large the picture in a simple form is, and where its EXIF lies: PNG, WebP, GIF, BMP, PSD, JPEG 2000."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from agent.photos.image import NeedsWhole
from agent.photos.readers.boxes import find
from agent.photos.readers.reach import Fetch, Garbled, exactly, part
from agent.photos.readers.sniff import Form

CHUNKS = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """None where the file does not say."""

    width: int | None = None
    height: int | None = None
    exif: Fetch | None = None
    """The EXIF block as a file of its own."""


def measures(fetch: Fetch, form: Form) -> Measures:
    """What is garbled counts as absent."""
    try:
        return MEASURED[form](fetch)
    except Garbled:
        return Measures()


def _chunks(fetch: Fetch, at: int, *, order: str, name_first: bool, after: int) -> Iterator[tuple[bytes, int, int]]:
    """Name, start and length of each chunk of a PNG or a RIFF; ends where the file or what is at hand does."""
    for _ in range(CHUNKS):
        try:
            start = fetch(at, 8)
        except NeedsWhole:
            return
        if len(start) < 8:
            return
        name, size = (start[:4], start[4:]) if name_first else (start[4:], start[:4])
        length = int.from_bytes(size, "little" if order == "<" else "big")
        yield name, at + 8, length
        at += 8 + length + after + (length & 1 if name_first else 0)


def _png(fetch: Fetch) -> Measures:
    start = exactly(fetch, 8, 16)
    if start[4:8] != b"IHDR":
        raise Garbled
    exif = None
    for name, at, length in _chunks(fetch, 8, order=">", name_first=False, after=4):
        if name == b"eXIf":
            exif = part(fetch, at, length)
        if name == b"IDAT" or exif:
            break
    return Measures(width=int.from_bytes(start[8:12]), height=int.from_bytes(start[12:16]), exif=exif)


def _webp(fetch: Fetch) -> Measures:
    start = exactly(fetch, 12, 18)
    width, height = _webp_sides(start)
    chunks = _chunks(fetch, 12, order="<", name_first=True, after=0) if _webp_has_exif(start) else iter(())
    exif = next((_webp_exif(fetch, at, length) for name, at, length in chunks if name == b"EXIF"), None)
    return Measures(width=width, height=height, exif=exif)


def _webp_has_exif(start: bytes) -> bool:
    return start[:4] == b"VP8X" and bool(start[8] & 8)


def _webp_exif(fetch: Fetch, at: int, length: int) -> Fetch:
    """Some programs keep the mark with which EXIF starts in a JPEG."""
    try:
        skipped = 6 if fetch(at, 6) == b"Exif\0\0" else 0
    except NeedsWhole:
        skipped = 0
    return part(fetch, at + skipped, max(0, length - skipped))


def _webp_sides(start: bytes) -> tuple[int, int]:
    kind = start[:4]
    if kind == b"VP8X":
        return 1 + int.from_bytes(start[12:15], "little"), 1 + int.from_bytes(start[15:18], "little")
    if kind == b"VP8 " and start[11:14] == b"\x9d\x01\x2a":
        return int.from_bytes(start[14:16], "little") & 0x3FFF, int.from_bytes(start[16:18], "little") & 0x3FFF
    if kind == b"VP8L" and start[8] == 0x2F:
        bits = int.from_bytes(start[9:13], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    raise Garbled


def _gif(fetch: Fetch) -> Measures:
    sides = exactly(fetch, 6, 4)
    return Measures(width=int.from_bytes(sides[:2], "little"), height=int.from_bytes(sides[2:], "little"))


def _bmp(fetch: Fetch) -> Measures:
    """A negative height means that the top row comes first."""
    start = exactly(fetch, 14, 12)
    length = 2 if start[0] == 12 else 4
    sides = (start[4 : 4 + length], start[4 + length : 4 + 2 * length])
    width, height = (abs(int.from_bytes(side, "little", signed=length == 4)) for side in sides)
    return Measures(width=width, height=height)


def _psd(fetch: Fetch) -> Measures:
    sides = exactly(fetch, 14, 8)
    return Measures(width=int.from_bytes(sides[4:]), height=int.from_bytes(sides[:4]))


def _jpeg2000(fetch: Fetch) -> Measures:
    if exactly(fetch, 0, 4) == b"\xff\x4f\xff\x51":
        sides = exactly(fetch, 8, 16)
        right, bottom, left, top = (int.from_bytes(sides[at : at + 4]) for at in range(0, 16, 4))
        return Measures(width=max(0, right - left), height=max(0, bottom - top))
    box = find(fetch, 0, 1 << 16, b"jp2h", b"ihdr")
    sides = exactly(fetch, box.at, 8) if box else b""
    return Measures(width=int.from_bytes(sides[4:8]), height=int.from_bytes(sides[:4]))


MEASURED: dict[Form, Callable[[Fetch], Measures]] = {
    Form.PNG: _png,
    Form.WEBP: _webp,
    Form.GIF: _gif,
    Form.BMP: _bmp,
    Form.PSD: _psd,
    Form.JPEG2000: _jpeg2000,
}
