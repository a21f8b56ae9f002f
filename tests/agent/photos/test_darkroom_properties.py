"""Whatever a file holds beside its picture, and wherever it lies, a copy has none of it, or there is no copy."""

import struct
from string import ascii_letters

from darkroom_parts import CANARY, canaries, pixels, png_chunk, segment, stripped
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sample_files import box, film, picture, saved

from agent.photos.darkroom_model import Stripped
from agent.photos.image import Unread, Unreadable
from agent.photos.readers.faults import reading

JPEG, PNG = saved(picture(96, 64), "JPEG"), saved(picture(96, 64), "PNG")
WEBP, GIF, FILM = saved(picture(96, 64), "WEBP"), saved(picture(96, 64), "GIF"), film(8)
SEEDS = (JPEG, PNG, WEBP, GIF, FILM)
HIDDEN = CANARY.encode()
bodies = st.binary(max_size=200).map(lambda one: one[:100] + HIDDEN + one[100:])
starts = st.sampled_from([
    b"", b"Exif\0\0II*\0\x08\0\0\0", b"ICC_PROFILE\0\1\1", b"http://ns.adobe.com/xap/1.0/\0",
    b"JFIF\0\1\2\0\0\1\0\1\0\0", b"Adobe\0\x64\0\0\0\0\1", b"MPF\0", b"Photoshop 3.0\0", b"JFXX\0\x10",
])  # fmt: skip
asides = st.sampled_from([*range(0xE0, 0xF0), 0xFE, *range(0xF0, 0xFE)])
names = st.text(ascii_letters, min_size=4, max_size=4).map(str.encode) | st.sampled_from([
    b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"iCCP", b"tIME", b"EXIF", b"XMP ", b"ICCP", b"ALPH", b"VP8 ", b"VP8L", b"ANMF",
    b"uuid", b"udta", b"meta", b"free", b"moov", b"mdat", b"acTL", b"fdAT",
])  # fmt: skip
PLACES = (2, JPEG.index(b"\xff\xc4"), JPEG.index(b"\xff\xda"))
"""Where a segment may lie."""
few = settings(max_examples=60, deadline=None)


def copied(data: bytes) -> Stripped | Unread:
    """As the confined process would say it: nothing but these two ever comes out."""
    try:
        with reading():
            return stripped(data)
    except Unreadable as error:
        return error.why


@few
@given(st.lists(st.tuples(asides, starts, bodies, st.sampled_from(PLACES)), min_size=1, max_size=6))
def test_no_segment_of_a_jpeg_comes_through(planted: list[tuple[int, bytes, bytes, int]]) -> None:
    found = JPEG
    for marker, start, body, at in sorted(planted, key=lambda one: -one[3]):
        found = found[:at] + segment(marker, start + body) + found[at:]
    assert canaries(found)
    copy = copied(found)
    if isinstance(copy, Stripped):
        assert canaries(copy.data) == []
        assert pixels(copy.data).size == (96, 64)


@few
@given(st.lists(st.tuples(names, bodies), min_size=1, max_size=6), bodies)
def test_no_chunk_of_a_png_comes_through(planted: list[tuple[bytes, bytes]], trailer: bytes) -> None:
    extra = b"".join(
        png_chunk(name, body) for name, body in planted if name not in {b"IHDR", b"PLTE", b"IDAT", b"tRNS"}
    )
    copy = copied(PNG[:33] + extra + PNG[33:] + trailer)
    assert not isinstance(copy, Stripped) or canaries(copy.data) == []


@few
@given(st.lists(st.tuples(names, bodies), min_size=1, max_size=6))
def test_no_chunk_of_a_webp_comes_through(planted: list[tuple[bytes, bytes]]) -> None:
    extra = b"".join(name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) & 1) for name, body in planted)
    found = WEBP[:4] + struct.pack("<I", len(WEBP) + len(extra) - 8) + WEBP[8:] + extra
    copy = copied(found)
    assert not isinstance(copy, Stripped) or canaries(copy.data) == []


@few
@given(st.integers(min_value=0, max_value=255), st.lists(bodies, min_size=1, max_size=4))
def test_no_extension_of_a_gif_comes_through(label: int, planted: list[bytes]) -> None:
    blocks = b"".join(bytes((len(body),)) + body for body in planted if len(body) < 256)
    at = GIF.index(b",\0\0\0\0")
    copy = copied(GIF[:at] + b"!" + bytes((label,)) + blocks + b"\0" + GIF[at:])
    assert not isinstance(copy, Stripped) or canaries(copy.data) == []


@few
@given(st.lists(st.tuples(names, bodies), min_size=1, max_size=4))
def test_no_box_behind_a_film_comes_through(planted: list[tuple[bytes, bytes]]) -> None:
    copy = copied(FILM + b"".join(box(name, body) for name, body in planted))
    assert not isinstance(copy, Stripped) or canaries(copy.data) == []


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(SEEDS), st.lists(st.tuples(st.integers(0, 1 << 16), st.integers(0, 255)), max_size=6))
@example(JPEG, [(3, 0xD9)])
def test_a_garbled_file_gives_a_copy_or_a_reason(seed: bytes, changes: list[tuple[int, int]]) -> None:
    found = bytearray(seed)
    for at, value in changes:
        found[at % len(found)] = value
    assert isinstance(copied(bytes(found)), (Stripped, Unread))


@few
@given(st.sampled_from(SEEDS), st.integers(0, 1 << 16))
def test_a_cut_file_gives_a_copy_or_a_reason(seed: bytes, length: int) -> None:
    assert isinstance(copied(seed[: length % len(seed)]), (Stripped, Unread))
