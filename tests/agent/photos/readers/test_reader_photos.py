"""Photos come out upright, RGB, no larger than asked for; their thumbnails out of the head alone."""

import io
import struct

import pytest
from PIL import Image, ImageOps
from sample_files import (
    BLUE,
    RED,
    TAKEN_ISO,
    HeldBytes,
    animation,
    box,
    exif_block,
    film,
    heic,
    noise,
    photo,
    picture,
    sample,
    saved,
    small_jpeg,
)

from agent.photos.image import HEAD_BYTES, NeedsWhole, Unread, Unreadable
from agent.photos.readers import header, thumbnail, views

TURNED = {
    1: None, 2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}  # fmt: skip
"""How a picture lies in the file that is stored with such an orientation."""
STILLS = ["photo.jpg", "drawing.png", "drawing.gif", "photo.webp", "scan.tiff", "old.bmp", "photo.avif", "photo.jp2"]


def seen(source: HeldBytes, at_least: int = 100) -> list[Image.Image]:
    return list(views(source, header(source), at_least=at_least))


def small(source: HeldBytes) -> Image.Image | None:
    return thumbnail(source, header(source))


def near(image: Image.Image, x: float, y: float, colour: tuple[int, int, int]) -> bool:
    found = image.getpixel((int(x * image.width), int(y * image.height)))
    return all(abs(a - b) < 40 for a, b in zip(found, colour, strict=True))  # type: ignore[arg-type]


def is_upright(image: Image.Image) -> bool:
    """White at the top left, red at the top right, blue below."""
    white = (255, 255, 255)
    return (
        image.mode == "RGB"
        and near(image, 0.1, 0.1, white)
        and near(image, 0.9, 0.2, RED)
        and near(image, 0.5, 0.8, BLUE)
    )


def stored(orientation: int, width: int = 640, height: int = 480) -> Image.Image:
    turn = TURNED[orientation]
    return picture(width, height) if turn is None else picture(width, height).transpose(turn)


@pytest.mark.parametrize("name", [*STILLS, "photo.heic"])
def test_every_photo_comes_out_whole_and_upright(name: str) -> None:
    (image,) = seen(HeldBytes(sample(name), name))
    assert is_upright(image)
    assert 100 <= min(image.size) < 200


@pytest.mark.parametrize("orientation", TURNED)
def test_picture_and_thumbnail_are_set_upright(orientation: int) -> None:
    ready = saved(stored(orientation, 160, 120), "JPEG")
    block = b"Exif\0\0" + exif_block(orientation=orientation, thumbnail=ready)
    source = HeldBytes(saved(stored(orientation), "JPEG", exif=block))
    shown = small(source)
    assert shown is not None
    assert is_upright(shown)
    assert is_upright(seen(source)[0])


@pytest.mark.parametrize("form", ["PNG", "WEBP", "TIFF", "AVIF"])
@pytest.mark.parametrize("orientation", [3, 6, 8])
def test_other_forms_are_set_upright_once(form: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    source = HeldBytes(saved(stored(orientation), form, exif=exif.tobytes()))
    assert header(source).orientation == orientation
    assert is_upright(seen(source)[0])


def test_heic_is_set_upright_by_its_own_mark_and_not_by_its_exif_again() -> None:
    source = HeldBytes(heic(stored(6), exif_block(orientation=6)))
    assert header(source).orientation == 6
    assert is_upright(seen(source)[0])


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16", "I", "F", "LAB", "YCbCr"])
def test_every_mode_becomes_rgb(mode: str) -> None:
    image = picture(300, 200).convert("L").convert("I").convert(mode) if mode == "I;16" else _as(mode)
    source = HeldBytes(saved(image, "TIFF"))
    (found,) = seen(source)
    assert (found.mode, min(found.size)) == ("RGB", 100)


def _as(mode: str) -> Image.Image:
    if mode == "LAB":
        return Image.new("LAB", (300, 200), (100, 128, 128))
    return picture(300, 200).convert("L").convert(mode) if mode in {"LA", "F", "I"} else picture(300, 200).convert(mode)


def test_twelve_of_sixteen_bits_are_spread_over_the_whole_range() -> None:
    rows = [100 + 10 * x for x in range(200)] * 200
    image = Image.frombytes("I;16", (200, 200), struct.pack(f"<{len(rows)}H", *rows))
    (found,) = seen(HeldBytes(saved(image, "PNG")))
    assert found.convert("L").getextrema()[0] < 5  # type: ignore[operator]
    assert found.convert("L").getextrema()[1] > 250  # type: ignore[operator]


def test_floats_that_are_no_numbers_are_broken() -> None:
    image = Image.new("F", (200, 200), float("nan"))
    with pytest.raises(Unreadable) as caught:
        seen(HeldBytes(saved(image, "TIFF")))
    assert caught.value.why is Unread.BROKEN


def test_what_is_clear_is_white() -> None:
    clear = Image.new("RGBA", (200, 200), (0, 0, 0, 0))
    assert seen(HeldBytes(saved(clear, "PNG")))[0].getpixel((50, 50)) == (255, 255, 255)
    indexed = clear.convert("P")
    assert seen(HeldBytes(saved(indexed, "PNG", transparency=0)))[0].getpixel((50, 50)) == (255, 255, 255)


@pytest.mark.parametrize("at_least", [1, 100, 224, 480, 5000])
def test_shorter_side_keeps_what_was_asked_for(at_least: int) -> None:
    for name in ("photo.jpg", "drawing.png", "photo.heic"):
        (image,) = seen(HeldBytes(sample(name)), at_least)
        assert min(image.size) >= min(at_least, 480)


def test_header_and_thumbnail_of_a_photo_need_the_head_alone() -> None:
    data = saved(noise(), "JPEG", exif=b"Exif\0\0" + exif_block(thumbnail=small_jpeg()))
    source = HeldBytes(data, only_head=True)
    assert len(data) > HEAD_BYTES
    assert header(source).taken_at == TAKEN_ISO
    assert small(source) is not None
    assert source.asked_whole == 0
    with pytest.raises(NeedsWhole):
        seen(source)


@pytest.mark.parametrize("sides", [(160, 160), (160, 90), (120, 160), (80, 60)], ids=str)
def test_thumbnail_of_another_shape_or_tiny_is_none(sides: tuple[int, int]) -> None:
    assert small(HeldBytes(photo(thumbnail=small_jpeg(*sides)))) is None


def test_thumbnail_that_is_cut_or_lies_elsewhere_is_none() -> None:
    assert small(HeldBytes(photo(thumbnail=small_jpeg()[:300]))) is None
    assert small(HeldBytes(photo(thumbnail=b"no picture at all"))) is None
    assert small(HeldBytes(photo(thumbnail=b""))) is None


def test_thumbnail_whose_header_claims_a_bomb_is_none_or_said_so() -> None:
    ready = bytearray(small_jpeg())
    at = ready.index(b"\xff\xc0")
    ready[at + 5 : at + 9] = struct.pack(">HH", 60000, 60000)
    with pytest.raises(Unreadable) as caught:
        small(HeldBytes(photo(thumbnail=bytes(ready))))
    assert caught.value.why is Unread.TOO_MANY_PIXELS


def test_cut_photo_is_broken_and_its_thumbnail_is_still_there() -> None:
    source = HeldBytes(photo()[:6500])
    assert small(source) is not None
    with pytest.raises(Unreadable) as caught:
        seen(source)
    assert caught.value.why is Unread.BROKEN


def test_motion_photo_is_a_photo() -> None:
    source = HeldBytes(photo() + film(), "PXL_20240501.MP.jpg")
    assert header(source).medium == "photo"
    assert is_upright(seen(source)[0])


def test_progressive_photo_is_read() -> None:
    assert is_upright(seen(HeldBytes(saved(picture(), "JPEG", progressive=True)))[0])


def test_sides_that_lie_beyond_the_head_are_taken_from_the_exif() -> None:
    data = saved(picture(), "JPEG", exif=b"Exif\0\0" + exif_block(thumbnail=small_jpeg(), sides=(640, 480)))
    exif_at = 4 + int.from_bytes(data[4:6])
    exif_end = exif_at + 2 + int.from_bytes(data[exif_at + 2 : exif_at + 4])
    profile = b"\xff\xe2\xff\xff" + bytes(0xFFFD)
    source = HeldBytes(data[:exif_end] + profile + profile + data[exif_end:], only_head=True)
    assert (header(source).width, header(source).height) == (640, 480)
    assert small(source) is not None
    source.only_head = False
    assert is_upright(seen(source)[0])


def test_exif_at_the_end_of_a_webp_is_read_where_it_is_at_hand() -> None:
    source = HeldBytes(saved(noise(), "WEBP", quality=90, exif=exif_block()), only_head=True)
    assert header(source).taken_at is None
    source.only_head = False
    assert header(source).taken_at == TAKEN_ISO


@pytest.mark.parametrize("form", ["GIF", "WEBP", "PNG"])
@pytest.mark.parametrize("frames", [2, 5, 60])
def test_animation_shows_its_first_and_its_middle_frame(form: str, frames: int) -> None:
    first, middle = seen(HeldBytes(animation(form, frames)), 64)
    assert first.getpixel((3, 3))[0] > 240  # type: ignore[index]
    assert middle.getpixel((3, 3)) != first.getpixel((3, 3))


def test_animation_whose_middle_is_broken_shows_its_first_frame_and_says_so() -> None:
    source = HeldBytes(animation("PNG")[:300])
    with pytest.raises(Unreadable) as caught:
        seen(source, 10)
    assert caught.value.why is Unread.BROKEN


def test_of_a_long_tiff_three_pages_are_shown() -> None:
    made = [picture(120, 120), Image.new("RGB", (120, 120), RED), Image.new("RGB", (120, 120), BLUE)] * 3
    data = saved(made[0], "TIFF", save_all=True, append_images=made[1:])
    first, second, third = seen(HeldBytes(data))
    assert is_upright(first)
    assert (second.getpixel((5, 5)), third.getpixel((5, 5))) == (RED, BLUE)


def test_tiff_that_tells_of_itself_at_its_end_needs_the_whole() -> None:
    source = HeldBytes(saved(noise(), "TIFF", compression="tiff_deflate"), only_head=True)
    assert header(source).width is None
    source.only_head = False
    assert header(source).width == 1600


def test_heic_thumbnail_is_shown_from_the_head_or_from_the_whole() -> None:
    data = heic(thumbnails=[320])
    shown = small(HeldBytes(data))
    assert shown is not None
    assert (is_upright(shown), max(shown.size)) == (True, 320)
    turned = small(HeldBytes(heic(stored(6), exif_block(orientation=6), thumbnails=[320])))
    assert turned is not None
    assert is_upright(turned)
    far = HeldBytes(heic(noise(640, 480), thumbnails=[320]), only_head=True)
    assert small(far) is None
    far.only_head = False
    assert small(far) is not None


def test_jpeg_in_the_exif_of_a_heic_is_its_thumbnail() -> None:
    shown = small(HeldBytes(heic(exif=exif_block(thumbnail=small_jpeg()))))
    assert shown is not None
    assert is_upright(shown)


def test_heic_list_of_items_beyond_the_head_leaves_the_header_bare() -> None:
    data = heic(exif=exif_block())
    first = int.from_bytes(data[:4])
    source = HeldBytes(data[:first] + box(b"free", bytes(HEAD_BYTES)) + data[first:], only_head=True)
    assert header(source).taken_at is None


def test_own_turn_of_a_thumbnail_matches_that_of_pillow() -> None:
    for orientation in TURNED:
        data = saved(stored(orientation), "JPEG", exif=b"Exif\0\0" + exif_block(orientation=orientation))
        with Image.open(io.BytesIO(data)) as image:
            assert is_upright(ImageOps.exif_transpose(image))
