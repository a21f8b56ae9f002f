"""A copy for teaching tells nothing but what it shows, and shows what the original showed."""

import io
import struct
import zlib
from typing import Any

import pytest
from darkroom_parts import (
    CANARY,
    PLANTED,
    RED_FOR_GREEN,
    canaries,
    exif,
    furthest,
    jpeg_segments,
    jpeg_trailer,
    pixels,
    planted_jpeg,
    planted_png,
    planted_tiff,
    planted_webp,
    png_chunk,
    profile,
    segment,
    source,
    stripped,
)
from PIL import Image, TiffImagePlugin
from sample_files import animation, dng, exif_block, heic, noise, pages, photo, picture, saved, small_jpeg

from agent.photos import darkroom_png, readers
from agent.photos.darkroom import Darkroom, Held
from agent.photos.darkroom_model import Trace
from agent.photos.darkroom_strip import strip
from agent.photos.image import Unread, Unreadable
from agent.photos.readers.reach import Garbled
from agent.photos.readers.sniff import Form

EVERYTHING = {
    Trace.TIME, Trace.PLACE, Trace.DEVICE, Trace.SERIAL, Trace.NAMES, Trace.MAKER_NOTES, Trace.XMP,
}  # fmt: skip
SUFFIXES = {
    "photo.jpg": ".jpg", "drawing.png": ".png", "scan.tif": ".tif", "drawing.gif": ".png", "photo.webp": ".webp",
    "exact.webp": ".webp", "photo.heic": ".jpg", "photo.avif": ".jpg",
}  # fmt: skip
LOSSLESS = {"photo.jpg", "drawing.png", "drawing.gif", "photo.webp", "exact.webp"}


def turned(orientation: int) -> bytes:
    block = Image.Exif()
    block[0x0112] = orientation
    return block.tobytes()


def refused(data: bytes, name: str = "picture") -> Unread:
    with pytest.raises(Unreadable) as raised:
        stripped(data, name)
    return raised.value.why


@pytest.mark.parametrize("name", PLANTED)
def test_no_canary_comes_through(name: str) -> None:
    data = PLANTED[name]()
    assert canaries(data)
    copy = stripped(data, name)
    assert canaries(copy.data) == []
    assert copy.suffix == SUFFIXES[name]


@pytest.mark.parametrize("name", PLANTED)
def test_the_copy_shows_what_the_original_showed(name: str) -> None:
    data = PLANTED[name]()
    before = next(readers.views(source(data), readers.header(source(data)), at_least=4096))
    assert furthest(before, pixels(stripped(data).data)) <= (0 if name in LOSSLESS | {"scan.tif"} else 3)


@pytest.mark.parametrize("name", sorted(PLANTED.keys() - {"scan.tif", "drawing.gif"}))
def test_what_was_taken_out_is_said(name: str) -> None:
    assert set(stripped(PLANTED[name]()).removed) >= EVERYTHING


def test_what_phones_put_behind_a_photo_is_said_and_gone() -> None:
    copy = stripped(photo() + jpeg_trailer())
    assert {Trace.SOUND, Trace.PREVIEW, Trace.OTHER} <= set(copy.removed)
    assert copy.data.endswith(b"\xff\xd9")
    assert b"ftyp" not in copy.data


def test_nothing_is_said_of_a_picture_that_tells_nothing() -> None:
    for form in ("JPEG", "PNG", "WEBP", "GIF"):
        assert stripped(saved(picture(), form)).removed == ()


def test_a_copy_of_a_copy_tells_nothing() -> None:
    for make in PLANTED.values():
        copy = stripped(make())
        assert stripped(copy.data).removed == ()


@pytest.mark.parametrize("number", range(10))
def test_each_segment_of_a_jpeg_alone_is_found(number: int) -> None:
    plain = saved(picture(), "JPEG")
    copy = stripped(plain[:2] + jpeg_segments()[number] + plain[2:])
    assert copy.removed
    assert copy.data == stripped(plain).data


def test_the_dots_of_a_jpeg_are_copied_and_not_coded_anew() -> None:
    plain = saved(noise(320, 240), "JPEG", quality=60)
    dots = plain[plain.index(b"\xff\xda") :]
    assert stripped(planted_jpeg(plain)).data.endswith(dots)


@pytest.mark.parametrize("options", [{"progressive": True}, {"restart_marker_rows": 1}, {"subsampling": 0}])
def test_every_sort_of_jpeg_looks_the_same(options: dict[str, Any]) -> None:
    plain = saved(noise(320, 240), "JPEG", **options)
    assert furthest(pixels(plain), pixels(stripped(planted_jpeg(plain)).data)) == 0


@pytest.mark.parametrize("mode", ["L", "CMYK"])
def test_a_jpeg_of_other_colours_looks_the_same(mode: str) -> None:
    plain = saved(noise(320, 240).convert(mode), "JPEG")
    assert furthest(pixels(plain), pixels(stripped(plain).data)) == 0


@pytest.mark.parametrize("orientation", range(2, 9))
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_a_turned_picture_is_copied_upright(form: str, orientation: int) -> None:
    data = saved(picture(), form, exif=turned(orientation))
    copy = stripped(data)
    assert furthest(pixels(data, orientation), pixels(copy.data)) < 3
    assert readers.header(source(copy.data)).orientation == 1


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_colours_stay_what_the_profile_meant(form: str) -> None:
    data = saved(Image.new("RGB", (64, 64), (255, 0, 0)), form, icc_profile=profile(RED_FOR_GREEN))
    copy = stripped(data)
    red, green, _ = pixels(copy.data).getpixel((32, 32))
    assert green > 200 > 60 > red
    assert Trace.COLOUR_PROFILE in copy.removed


def test_a_profile_that_changes_nothing_costs_no_dot() -> None:
    data = saved(noise(64, 64), "JPEG", icc_profile=profile())
    assert furthest(pixels(data), pixels(stripped(data).data)) == 0


def test_a_thumbnail_that_shows_what_was_cut_off_is_gone() -> None:
    whole = small_jpeg()
    copy = stripped(photo(thumbnail=whole))
    assert Trace.PREVIEW in copy.removed
    assert copy.data.count(b"\xff\xd8\xff") == 1


def test_what_an_editor_left_behind_a_cropped_drawing_is_gone() -> None:
    """Some wrote the smaller picture over the larger one, whose end stayed in the file."""
    small, large = saved(picture(64, 48), "PNG"), saved(noise(640, 480), "PNG")
    assert len(stripped(small + large[len(small) :]).data) <= len(small)


def test_what_is_hidden_behind_packed_dots_is_gone() -> None:
    plain = saved(picture(64, 48), "PNG")
    at = plain.index(b"IDAT") - 4
    hidden = plain[:at] + plain[at:-12] + png_chunk(b"IDAT", CANARY.encode()) + plain[-12:]
    assert canaries(stripped(hidden).data) == []


def test_dots_that_are_too_many_are_coded_anew() -> None:
    head = png_chunk(b"IHDR", struct.pack(">IIBBBBB", 2, 2, 8, 2, 0, 0, 0))
    dots = zlib.compress(bytes(2 * 7) + CANARY.encode(), 0)
    data = b"\x89PNG\r\n\x1a\n" + head + png_chunk(b"IDAT", dots) + png_chunk(b"IEND", b"")
    assert canaries(data)
    assert canaries(stripped(data).data) == []


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_a_drawing_keeps_its_colours_and_its_depth(mode: str) -> None:
    plain = picture(200, 150)
    image = Image.new("I;16", (200, 150), 40000) if mode == "I;16" else plain.convert(mode)
    copy = Image.open(io.BytesIO(stripped(planted_png(image)).data))
    assert copy.mode == image.mode
    assert copy.tobytes() == image.tobytes()


def test_a_scan_keeps_its_pages() -> None:
    copy = Image.open(io.BytesIO(stripped(planted_tiff()).data))
    assert getattr(copy, "n_frames", 1) == 2
    copy.seek(1)
    assert copy.mode == "L"


def test_an_animation_keeps_its_frames_and_its_times() -> None:
    data = animation("WEBP")
    before, after = Image.open(io.BytesIO(data)), Image.open(io.BytesIO(stripped(data).data))
    assert after.n_frames == before.n_frames
    assert after.info.get("loop") == before.info.get("loop")


def test_an_animation_with_words_is_bare() -> None:
    moving = planted_webp(save_all=True, append_images=[picture(640, 480, "L").convert("RGB")])
    assert canaries(stripped(moving).data) == []


def test_a_moving_gif_is_not_copied() -> None:
    assert refused(animation("GIF")) is Unread.NO_READER


def test_of_a_raw_file_the_picture_that_the_camera_made_is_copied() -> None:
    copy = stripped(dng(), "photo.dng")
    assert copy.suffix == ".jpg"
    assert pixels(copy.data).size == (320, 240)


@pytest.mark.parametrize("data", [pages(1), b"\0" * 128 + b"DICM" + bytes(40)])
def test_of_other_forms_no_copy_is_made(data: bytes) -> None:
    assert refused(data) is Unread.NO_READER


def test_a_cut_photo_is_not_copied() -> None:
    assert refused(photo()[:-2000]) is Unread.BROKEN


def test_the_copy_comes_whole_out_of_the_confined_process() -> None:
    with Darkroom({}) as room:
        copy = room.strip(Held(name="photo.jpg", data=planted_jpeg()))
    assert copy == stripped(planted_jpeg())


def test_a_photo_with_an_older_block_is_bare() -> None:
    copy = stripped(heic(exif=exif_block()))
    assert {Trace.TIME, Trace.PLACE, Trace.DEVICE} <= set(copy.removed)
    assert b"Canon" not in copy.data


def test_a_copy_in_which_anything_was_left_does_not_come_out() -> None:
    leaky = {Form.JPEG: lambda original: (original.raw(), ".jpg")}
    plain = saved(picture(), "JPEG")
    assert strip(source(plain), leaky)
    with pytest.raises(Unreadable) as raised:
        strip(source(plain[:2] + segment(0xFE, b"hidden") + plain[2:]), leaky)
    assert raised.value.why is Unread.BROKEN


def test_a_copy_that_is_another_picture_does_not_come_out() -> None:
    with pytest.raises(Unreadable) as raised:
        strip(source(photo()), {Form.JPEG: lambda _: (saved(picture(64, 48), "JPEG"), ".jpg")})
    assert raised.value.why is Unread.BROKEN


def test_a_text_in_a_table_that_nothing_uses_is_gone() -> None:
    plain = saved(picture(), "JPEG")
    table = segment(0xC4, b"\x13" + bytes(7) + bytes((len(CANARY),)) + bytes(8) + CANARY.encode())
    assert canaries(stripped(plain[:2] + table + plain[2:]).data) == []


def test_what_stands_in_the_two_marks_that_stay_is_put_right() -> None:
    dense = saved(picture(), "JPEG", dpi=(301, 302))
    assert stripped(dense).data == stripped(saved(picture(), "JPEG")).data
    inks = saved(picture().convert("CMYK"), "JPEG")
    assert stripped(inks.replace(b"Adobe\0d", b"Adobe\0e")).data == stripped(inks).data


def test_a_small_copy_among_the_pages_of_a_scan_is_gone_and_said() -> None:
    small = TiffImagePlugin.ImageFileDirectory_v2()
    small[254] = 1
    file = io.BytesIO()
    with TiffImagePlugin.AppendingTiffWriter(file, True) as pages_of:
        for size, fields in (((200, 150), None), ((20, 15), small)):
            picture(*size).save(pages_of, "TIFF", tiffinfo=fields or {})
            pages_of.newFrame()
    copy = stripped(file.getvalue())
    assert Trace.PREVIEW in copy.removed
    assert getattr(Image.open(io.BytesIO(copy.data)), "n_frames", 1) == 1


def test_a_turned_scan_is_copied_upright() -> None:
    data = saved(picture(200, 150), "TIFF", exif=turned(6))
    assert furthest(pixels(data), pixels(stripped(data).data)) == 0
    assert pixels(stripped(data).data).size == (150, 200)


@pytest.mark.parametrize("rows", [1, 3])
def test_dots_that_are_not_as_many_as_the_head_says_are_not_copied(rows: int) -> None:
    head = png_chunk(b"IHDR", struct.pack(">IIBBBBB", 2, 2, 8, 2, 0, 0, 0))
    data = b"\x89PNG\r\n\x1a\n" + head + png_chunk(b"IDAT", zlib.compress(bytes(rows * 7))) + png_chunk(b"IEND", b"")
    with pytest.raises(Garbled):
        darkroom_png.bare(data)


def test_two_blocks_do_not_hide_each_other() -> None:
    plain = saved(picture(), "JPEG", exif=exif())
    assert canaries(stripped(plain[:2] + jpeg_segments()[0] + plain[2:]).data) == []
