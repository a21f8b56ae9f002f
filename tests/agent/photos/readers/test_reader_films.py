"""Films show a few key frames, spread over their length, the right way up."""

import io
import struct

import pytest
from PIL import Image
from sample_files import HeldBytes, box, film, sound

from agent.photos.image import HEAD_BYTES, Medium, Unread, Unreadable
from agent.photos.readers import header, thumbnail, views
from agent.photos.readers.video import KEY_FRAMES, Metered

LATE = 1 << 31


def seen(source: HeldBytes, at_least: int = 100) -> list[Image.Image]:
    return list(views(source, header(source), at_least=at_least))


def redness(image: Image.Image) -> int:
    red, _, blue = image.getpixel((20, 20))  # type: ignore[misc]
    return int(red) - int(blue)


@pytest.mark.parametrize("form", ["mp4", "matroska", "avi"])
def test_key_frames_are_spread_over_the_film(form: str) -> None:
    shown = seen(HeldBytes(film(60, form)))
    assert 4 <= len(shown) <= KEY_FRAMES
    shades = [redness(image) for image in shown]
    assert shades == sorted(shades, reverse=True)
    assert (shades[0] > 120, shades[-1] < -60) == (True, True)
    assert all((image.mode, min(image.size)) == ("RGB", 100) for image in shown)


@pytest.mark.parametrize(
    ("form", "codec"),
    [("mpegts", "mpeg2video"), ("vob", "mpeg2video"), ("flv", "flv1"), ("asf", "msmpeg4"), ("webm", "libvpx")],
)
def test_every_form_of_film_shows_some(form: str, codec: str) -> None:
    source = HeldBytes(film(40, form, codec))
    assert header(source).medium is Medium.VIDEO
    shown = seen(source)
    assert 1 <= len(shown) <= KEY_FRAMES
    assert redness(shown[0]) > 120


def test_film_of_one_frame_shows_it_once() -> None:
    assert len(seen(HeldBytes(film(1)))) == 1


@pytest.mark.parametrize(("turned", "sides"), [(0, (133, 100)), (90, (100, 133)), (180, (133, 100)), (270, (100, 133))])
def test_film_is_set_upright(turned: int, sides: tuple[int, int]) -> None:
    assert seen(HeldBytes(film(5, turned=turned)))[0].size == sides


def test_film_tells_when_it_was_taken_and_how_large_it_is() -> None:
    told = header(HeldBytes(film()))
    assert (told.taken_at, told.width, told.height) == ("2024-05-01T10:20:30+00:00", 320, 240)
    assert thumbnail(HeldBytes(film()), told) is None


def test_description_at_the_end_is_read_where_it_is_at_hand() -> None:
    late = film(early=False)
    first = int.from_bytes(late[:4])
    padded = late[:first] + box(b"free", bytes(HEAD_BYTES)) + late[first:]
    source = HeldBytes(padded, only_head=True)
    assert header(source).taken_at is None
    source.only_head = False
    assert header(source).taken_at == "2024-05-01T10:20:30+00:00"


@pytest.mark.parametrize("seconds", [0, 1, LATE << 1])
def test_nonsense_is_no_date(seconds: int) -> None:
    data = bytearray(film())
    at = data.index(b"mvhd") + 8
    data[at : at + 4] = struct.pack(">I", seconds & 0xFFFFFFFF)
    assert header(HeldBytes(bytes(data))).taken_at is None


def test_place_and_camera_are_noticed_and_not_read() -> None:
    marks = box(b"udta", box(b"\xa9xyz", b"\0\x12\x15\xc7-27.4698+153.0251/") + box(b"\xa9mak", b"\0\x05\0\0Apple"))
    movie = box(b"moov", box(b"mvhd", bytes(100)) + marks)
    told = header(HeldBytes(box(b"ftyp", b"qt  \0\0\0\0qt  ") + movie))
    assert (told.gps, told.camera) == (True, True)
    assert "27.4698" not in repr(told)


def test_film_that_is_cut_is_broken() -> None:
    with pytest.raises(Unreadable) as caught:
        seen(HeldBytes(film()[:700]))
    assert caught.value.why is Unread.BROKEN


def test_film_without_pictures_in_it_is_broken() -> None:
    empty = box(b"ftyp", b"isom\0\0\0\0isom") + box(b"moov", box(b"mvhd", bytes(100))) + box(b"mdat", bytes(100))
    with pytest.raises(Unreadable) as caught:
        seen(HeldBytes(empty))
    assert caught.value.why is Unread.BROKEN


def test_film_that_names_other_files_opens_none(tmp_path: object) -> None:
    playlist = b"#EXTM3U\n#EXTINF:10,\nfile:///etc/hostname\n#EXT-X-ENDLIST\n"
    with pytest.raises(Unreadable) as caught:
        header(HeldBytes(playlist, "film.mp4"))
    assert caught.value.why is Unread.NOT_A_PICTURE


def test_sound_shows_nothing_and_is_not_read() -> None:
    source = HeldBytes(sound())
    assert header(source).medium is Medium.AUDIO
    assert (seen(source), source.asked_whole) == ([], 0)


def test_no_more_is_read_than_the_budget() -> None:
    metered = Metered(io.BytesIO(bytes(1000)), 300)
    assert [len(metered.read(200)), len(metered.read(200)), len(metered.read())] == [200, 100, 0]
    metered.seek(0)
    assert metered.read(10) == b""
