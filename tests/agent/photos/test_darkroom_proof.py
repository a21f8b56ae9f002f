"""The second reading refuses every copy in which anything was left, whoever made it."""

import struct
from collections.abc import Callable

import pytest
from darkroom_parts import (
    PLANTED,
    jpeg_segments,
    planted_film,
    planted_jpeg,
    png_chunk,
    segment,
    stripped,
)
from PIL import TiffImagePlugin
from sample_files import animation, box, film, photo, picture, saved

from agent.photos.darkroom_proof import STILLS, NotEmpty
from agent.photos.darkroom_proof_film import mp4
from agent.photos.darkroom_proof_tiff import tiff

PROOFS = {**STILLS, ".tif": tiff, ".mp4": mp4}
JPEG = stripped(saved(picture(), "JPEG")).data
PNG = stripped(saved(picture(), "PNG")).data
WEBP = stripped(saved(picture(), "WEBP")).data
MOVING = stripped(animation("WEBP")).data
TIFF = stripped(saved(picture(64, 48), "TIFF")).data
FILM = stripped(planted_film()).data
AV1, HEVC, MPEG4 = (stripped(planted_film(codec)).data for codec in ("libsvtav1", "libx265", "mpeg4"))


def riff(data: bytes, extra: bytes) -> bytes:
    return data[:4] + struct.pack("<I", len(data) + len(extra) - 8) + data[8:] + extra


def within(data: bytes, path: tuple[bytes, ...], extra: bytes) -> bytes:
    """With `extra` at the end of the box at that path, and all lengths put right."""
    at, end, starts = 0, len(data), []
    for kind in path:
        while data[at + 4 : at + 8] != kind:
            at += int.from_bytes(data[at : at + 4])
        starts.append(at)
        end = at + int.from_bytes(data[at : at + 4])
        at += 8
    grown = bytearray(data[:end] + extra + data[end:])
    for start in starts:
        grown[start : start + 4] = (int.from_bytes(data[start : start + 4]) + len(extra)).to_bytes(4)
    return bytes(grown)


def instead(data: bytes, old: bytes, new: bytes) -> bytes:
    assert old in data
    return data.replace(old, new, 1)


def dated(data: bytes, kind: bytes) -> bytes:
    at = data.index(kind) + 8
    return data[:at] + b"\1" + data[at + 1 :]


PLANTS: dict[str, tuple[str, Callable[[], bytes]]] = {
    **{f"jpeg segment {n}": (".jpg", lambda n=n: JPEG[:2] + jpeg_segments()[n] + JPEG[2:]) for n in range(10)},
    "jpeg trailer": (".jpg", lambda: JPEG + b"hidden"),
    "jpeg trailer that ends well": (".jpg", lambda: JPEG + b"hidden\xff\xd9"),
    "jpeg behind a jpeg": (".jpg", lambda: JPEG + JPEG),
    "jpeg small picture": (".jpg", lambda: instead(JPEG, b"\0\1\0\1\0\0", b"\0\1\0\1\1\1")),
    "jpeg words in its colours": (".jpg", lambda: JPEG[:2] + segment(0xEE, b"Adobe\0dhide\0") + JPEG[2:]),
    "jpeg as it was": (".jpg", planted_jpeg),
    "jpeg without dots": (".jpg", lambda: b"\xff\xd8\xff\xd9"),
    "no jpeg": (".jpg", lambda: PNG),
    "png text": (".png", lambda: PNG[:33] + png_chunk(b"tEXt", b"Author\0me") + PNG[33:]),
    "png profile": (".png", lambda: PNG[:33] + png_chunk(b"iCCP", b"me\0\0") + PNG[33:]),
    "png block": (".png", lambda: PNG[:33] + png_chunk(b"eXIf", b"II*\0") + PNG[33:]),
    "png trailer": (".png", lambda: PNG + b"hidden"),
    "png behind its dots": (".png", lambda: PNG[:-12] + png_chunk(b"IDAT", b"hidden") + PNG[-12:]),
    "png behind its dots in one chunk": (".png", lambda: longer_dots()),
    "png end with words": (".png", lambda: PNG[:-12] + png_chunk(b"IEND", b"hidden")),
    "png palette twice": (".png", lambda: PNG[:33] + 2 * png_chunk(b"PLTE", b"abc") + PNG[33:]),
    "png wrong check": (".png", lambda: PNG[:-1] + b"\0"),
    "webp block": (".webp", lambda: riff(WEBP, b"EXIF\4\0\0\0II*\0")),
    "webp xmp": (".webp", lambda: riff(WEBP, b"XMP \4\0\0\0hide")),
    "webp unknown": (".webp", lambda: riff(WEBP, b"CANV\4\0\0\0hide")),
    "webp trailer": (".webp", lambda: WEBP + b"hidden"),
    "webp size that lies": (".webp", lambda: WEBP[:4] + b"hide" + WEBP[8:]),
    "webp block of an animation": (".webp", lambda: riff(MOVING, b"EXIF\x1a\0\0\0" + bytes(16) + b"VP8L\2\0\0\0ab")),
    "webp flag": (".webp", lambda: MOVING[:20] + bytes((MOVING[20] | 8,)) + MOVING[21:]),
    "webp words in a frame": (".webp", lambda: frame_words()),
    "webp padding": (".webp", lambda: riff(WEBP, b"ALPH\1\0\0\0ah")),
    "tiff with words": (".tif", lambda: saved(picture(64, 48), "TIFF", description="hidden")),
    "tiff with software": (".tif", lambda: saved(picture(64, 48), "TIFF", software="hidden")),
    "tiff with xmp": (".tif", lambda: tiff_with(700, 1, b"hidden")),
    "tiff with a folder": (".tif", lambda: tiff_with(34853, 4, 8)),
    "tiff trailer": (".tif", lambda: TIFF + b"hidden and more of it"),
    "tiff short trailer": (".tif", lambda: TIFF + b"hidden"),
    "film place": (".mp4", lambda: within(FILM, (b"moov", b"udta"), box(b"\xa9xyz", b"\0\x04\x15\xc7hide"))),
    "film names": (".mp4", lambda: within(FILM, (b"moov",), box(b"meta", b"hidden"))),
    "film of Windows": (".mp4", lambda: within(FILM, (b"moov", b"udta"), box(b"Xtra", b"hidden"))),
    "film box": (".mp4", lambda: FILM + box(b"uuid", b"hidden")),
    "film second track": (".mp4", lambda: within(FILM, (b"moov",), second_track())),
    "film box in its description": (".mp4", lambda: instead(FILM, b"btrt", b"hide")),
    "film free box": (".mp4", lambda: FILM + box(b"free", b"hidden")),
    "film second pictures": (".mp4", lambda: FILM + box(b"mdat", b"hidden")),
    "film trailer": (".mp4", lambda: FILM + b"hidden"),
    "film behind its pictures": (".mp4", lambda: within(FILM, (b"mdat",), b"hidden")),
    "film made then": (".mp4", lambda: dated(FILM, b"mvhd")),
    "film track made then": (".mp4", lambda: dated(FILM, b"tkhd")),
    "film media made then": (".mp4", lambda: dated(FILM, b"mdhd")),
    "film track name": (".mp4", lambda: within(FILM, (b"moov", b"trak", b"mdia", b"hdlr"), b"hidden\0")),
    "film of a language": (".mp4", lambda: instead(FILM, b"\x55\xc4\0\0", b"\x15\xc7\0\0")),
    "film of a brand": (".mp4", lambda: instead(FILM, b"isom", b"hide")),
    "film of an encoder": (".mp4", lambda: named_encoder()),
    "film as it was": (".mp4", planted_film),
    "film of a camera": (".mp4", lambda: film(12)),
    "film words in a picture": (".mp4", lambda: instead(FILM, b"\x65\x88\x84", b"\x06\x88\x84")),
    "film words in hevc": (".mp4", lambda: hevc_words()),
    "film words in av1": (".mp4", lambda: av1_words()),
    "film words in mpeg4": (".mp4", lambda: instead(MPEG4, b"\0\0\1\xb6", b"\0\0\1\xb2")),
    "film words in the description": (".mp4", lambda: instead(HEVC, b"\x20\0\1\0", b"\x27\0\1\0")),
    "no film": (".mp4", lambda: JPEG),
    "nothing": (".jpg", lambda: b""),
}  # fmt: skip


def frame_words() -> bytes:
    body = bytes(16) + b"VP8L\2\0\0\0ab" + b"XMP \4\0\0\0hide"
    return riff(MOVING, b"ANMF" + struct.pack("<I", len(body)) + body)


def tiff_with(tag: int, kind: int, value: object) -> bytes:
    fields = TiffImagePlugin.ImageFileDirectory_v2()
    fields.tagtype[tag], fields[tag] = kind, value
    return saved(picture(64, 48), "TIFF", tiffinfo=fields)


def second_track() -> bytes:
    at = FILM.index(b"trak") - 4
    return FILM[at : at + int.from_bytes(FILM[at : at + 4])]


def longer_dots() -> bytes:
    at = PNG.index(b"IDAT") + 4
    length = int.from_bytes(PNG[at - 8 : at - 4])
    return PNG[: at - 8] + png_chunk(b"IDAT", PNG[at : at + length] + b"hidden") + PNG[-12:]


def named_encoder() -> bytes:
    at = FILM.index(b"avc1", FILM.index(b"stsd")) + 4 + 42
    return FILM[:at] + b"\4hide" + FILM[at + 5 :]


def hevc_words() -> bytes:
    at = HEVC.index(b"mdat") + 8
    return HEVC[:at] + bytes((39 << 1,)) + HEVC[at + 1 :]


def av1_words() -> bytes:
    at = AV1.index(b"mdat") + 4
    return AV1[:at] + bytes((5 << 3 | AV1[at] & 7,)) + AV1[at + 1 :]


@pytest.mark.parametrize("suffix", PROOFS)
def test_a_bare_copy_passes(suffix: str) -> None:
    bare = {".jpg": JPEG, ".png": PNG, ".webp": WEBP, ".tif": TIFF, ".mp4": FILM}
    PROOFS[suffix](bare[suffix])


@pytest.mark.parametrize("data", [AV1, HEVC, MPEG4], ids=["av1", "hevc", "mpeg4"])
def test_a_bare_film_of_another_coding_passes(data: bytes) -> None:
    mp4(data)


@pytest.mark.parametrize("plant", PLANTS)
def test_whatever_was_left_is_found(plant: str) -> None:
    suffix, make = PLANTS[plant]
    with pytest.raises((NotEmpty, IndexError, struct.error)):
        PROOFS[suffix](make())


@pytest.mark.parametrize("name", PLANTED)
def test_no_original_passes(name: str) -> None:
    data = PLANTED[name]()
    with pytest.raises((NotEmpty, IndexError, struct.error)):
        PROOFS[stripped(data).suffix](data)


def test_a_cut_copy_does_not_pass() -> None:
    for suffix, data in ((".jpg", JPEG), (".png", PNG), (".webp", WEBP), (".tif", TIFF), (".mp4", FILM)):
        with pytest.raises((NotEmpty, IndexError, struct.error)):
            PROOFS[suffix](data[:-1])


def test_a_photo_of_a_camera_does_not_pass() -> None:
    with pytest.raises(NotEmpty):
        PROOFS[".jpg"](photo())
