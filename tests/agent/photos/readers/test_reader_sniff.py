"""The form of a file is told by its bytes, not by its name."""

import pytest
from sample_files import EVERY_FORM, HeldBytes, film, photo, sample, sound

from agent.photos.image import Medium, Unread, Unreadable
from agent.photos.readers import header, views
from agent.photos.readers.sniff import sniff

FORMS = {
    "photo.jpg": "jpeg", "drawing.png": "png", "drawing.gif": "gif", "photo.webp": "webp", "scan.tiff": "tiff",
    "old.bmp": "bmp", "photo.avif": "avif", "photo.jp2": "jpeg2000", "photo.heic": "heif", "photo.dng": "dng",
    "photo.raf": "raf", "film.mp4": "mp4", "film.mkv": "matroska", "film.avi": "avi", "film.ts": "mpeg_ts",
    "voice.m4a": "mp4", "voice.ogg": "ogg", "voice.mp3": "mp3", "letter.pdf": "pdf", "xray.dcm": "dicom",
}  # fmt: skip
OTHERS = {
    "archive": b"PK\x03\x04\x14\0\0\0\x08\0",
    "program": b"\x7fELF\x02\x01\x01\0",
    "text": b"Dear colleague,\nsee the picture below.\n",
    "drawing in text": b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>',
    "database": b"SQLite format 3\0\x10\0",
}


def why(data: bytes, name: str) -> Unread:
    with pytest.raises(Unreadable) as caught:
        header(HeldBytes(data, name))
    return caught.value.why


def test_every_sample_has_its_form_written_down() -> None:
    assert set(FORMS) == set(EVERY_FORM)


@pytest.mark.parametrize("name", FORMS)
def test_form_is_told_whatever_the_file_is_called(name: str) -> None:
    data = sample(name)
    assert sniff(data, name, len(data)) == FORMS[name]
    if name != "voice.mp3":
        assert sniff(data, "notes.txt", len(data)) == FORMS[name]


@pytest.mark.parametrize("name", OTHERS)
def test_what_is_certainly_something_else_is_no_picture_even_if_it_is_called_one(name: str) -> None:
    assert why(OTHERS[name], "holiday.jpg") is Unread.NOT_A_PICTURE


def test_nothing_known_is_broken_where_its_name_says_picture_and_no_picture_otherwise() -> None:
    assert why(bytes(5000), "IMG_0001.JPG") is Unread.BROKEN
    assert why(bytes(5000), "core") is Unread.NOT_A_PICTURE
    assert why(b"\xff\xd8", "cut.jpeg") is Unread.BROKEN


def test_empty_file_is_empty() -> None:
    assert why(b"", "photo.jpg") is Unread.EMPTY


def test_name_that_is_not_utf8_does_not_matter() -> None:
    assert header(HeldBytes(photo(), "caf\udce9.\udcff")).format == "jpeg"


def test_jpeg_xl_is_known_and_has_no_reader() -> None:
    source = HeldBytes(b"\0\0\0\x0cJXL \r\n\x87\n" + bytes(40), "new.jxl")
    with pytest.raises(Unreadable) as caught:
        next(views(source, header(source), at_least=100))
    assert caught.value.why is Unread.NO_READER


@pytest.mark.parametrize(
    ("name", "medium"),
    [("photo.jpg", Medium.PHOTO), ("film.mp4", Medium.VIDEO), ("film.mkv", Medium.VIDEO), ("voice.m4a", Medium.AUDIO),
     ("voice.ogg", Medium.AUDIO), ("letter.pdf", Medium.PAPER), ("xray.dcm", Medium.DICOM)],
)  # fmt: skip
def test_medium_follows_what_the_file_holds(name: str, medium: Medium) -> None:
    assert header(HeldBytes(sample(name), name)).medium is medium


def test_sound_alone_in_a_film_form_is_sound() -> None:
    assert header(HeldBytes(sound("matroska", "libopus"), "voice.webm")).medium is Medium.AUDIO
    assert header(HeldBytes(film(form="matroska"), "voice.mka")).medium is Medium.VIDEO


@pytest.mark.parametrize("start", [b"\x02dss", b"\x03ds2"])
def test_files_of_dictation_machines_are_sound(start: bytes) -> None:
    assert header(HeldBytes(start + bytes(600), "DS2300.DS2")).medium is Medium.AUDIO


def test_old_quicktime_without_a_brand_is_a_film() -> None:
    data = film()
    first = int.from_bytes(data[:4])
    assert header(HeldBytes(data[first:], "clip.mov")).medium is Medium.VIDEO


def test_text_that_happens_to_spell_a_box_is_no_film() -> None:
    assert why(b"The free advice of the day is short.", "notes") is Unread.NOT_A_PICTURE
