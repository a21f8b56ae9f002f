"""A copy of a film shows what the film showed, without a voice, a place, a time or a name."""

import io

import av
import pytest
from av.packet import Packet
from darkroom_parts import CANARY, canaries, planted_film, source, stripped
from sample_files import film, sound

from agent.photos.darkroom_film import bare, in_order
from agent.photos.darkroom_film_setup import plain_setup
from agent.photos.darkroom_film_units import cleaner, plain_av1, without_words
from agent.photos.darkroom_model import Trace
from agent.photos.image import Unread, Unreadable
from agent.photos.readers import header
from agent.photos.readers.reach import Garbled

KINDS = [
    ("libx264", "mp4"), ("libx265", "mp4"), ("mpeg4", "mp4"), ("libsvtav1", "mp4"), ("libvpx-vp9", "mp4"),
    ("libx264", "mov"), ("libx264", "matroska"), ("libvpx-vp9", "webm"), ("mpeg4", "avi"), ("libx264", "mpegts"),
    ("libx265", "mpegts"), ("mpeg2video", "mpegts"),
]  # fmt: skip
SIGNATURES = (b"x264", b"x265", b"Lavf", b"Lavc", b"options:")
"""What encoders write between the pictures."""


def made(codec: str, form: str) -> bytes:
    if form == "webm":
        return film(12, "webm", codec)
    return planted_film(codec, form)


def frames(data: bytes) -> list[bytes]:
    with av.open(io.BytesIO(data)) as opened:
        return [bytes(frame.to_image().tobytes()) for frame in opened.decode(video=0)]


@pytest.mark.parametrize(("codec", "form"), KINDS)
def test_no_canary_comes_through(codec: str, form: str) -> None:
    data = made(codec, form)
    copy = stripped(data)
    assert copy.suffix == ".mp4"
    assert canaries(copy.data) == []
    assert [mark for mark in SIGNATURES if mark in copy.data] == []


@pytest.mark.parametrize(("codec", "form"), KINDS)
def test_every_frame_is_the_same(codec: str, form: str) -> None:
    data = made(codec, form)
    assert frames(stripped(data).data) == frames(data)


@pytest.mark.parametrize(("codec", "form"), [kind for kind in KINDS if kind[1] != "webm"])
def test_the_voice_is_gone_and_it_is_said(codec: str, form: str) -> None:
    data = made(codec, form)
    copy = stripped(data)
    assert Trace.SOUND in copy.removed
    with av.open(io.BytesIO(copy.data)) as opened:
        assert [stream.type for stream in opened.streams] == ["video"]
        assert not {
            name for name in opened.metadata if name not in {"major_brand", "minor_version", "compatible_brands"}
        }


def test_a_film_without_a_description_is_read_to_its_end_and_copied_all_the_same() -> None:
    data = film(form="mpegts", codec="mpeg2video")
    assert len(frames(stripped(data).data)) == 40


def test_what_a_phone_writes_into_a_film_is_said() -> None:
    said = set(stripped(planted_film()).removed)
    assert {Trace.TIME, Trace.PLACE, Trace.DEVICE, Trace.NAMES, Trace.XMP, Trace.SOUND} <= said


@pytest.mark.parametrize("degrees", [90, 180, -90])
def test_a_film_stays_as_it_was_turned(degrees: int) -> None:
    data = planted_film(turned=degrees)
    with av.open(io.BytesIO(data)) as before, av.open(io.BytesIO(stripped(data).data)) as after:
        assert next(after.decode(video=0)).rotation == next(before.decode(video=0)).rotation != 0


def test_a_film_lasts_as_long_as_before() -> None:
    data = film(40)
    with av.open(io.BytesIO(data)) as before, av.open(io.BytesIO(stripped(data).data)) as after:
        assert after.streams.video[0].duration * after.streams.video[0].time_base == 4
        assert before.streams.video[0].average_rate == after.streams.video[0].average_rate


def test_parts_of_a_description_that_no_decoder_needs_are_blanked() -> None:
    data = planted_film()
    assert data.count(b"btrt") == 2
    lit = data.replace(b"btrt" + data[data.index(b"btrt") + 4 :][:12], b"clli\1\2\3\4hiddenxx", 1)
    copy = stripped(lit).data
    assert b"clli" not in copy
    assert frames(copy) == frames(data)


def test_tables_that_point_at_what_a_film_tells_are_not_followed() -> None:
    data = planted_film("libvpx-vp9")
    at = data.index(b"stco") + 12
    names = data.index(CANARY.encode())
    moved = data[:at] + (names - 20).to_bytes(4) + data[at + 4 :]
    with pytest.raises(Garbled):
        bare(source(moved), header(source(moved)))


def test_pictures_whose_turn_is_not_told_get_theirs() -> None:
    """Matroska leaves it out for as many as the coding looks ahead."""
    packets = [Packet(b"x"), Packet(b"x"), Packet(b"x"), Packet(b""), Packet(b"x")]
    for packet, turn in zip(packets, (None, None, 0, None, 100), strict=True):
        packet.dts, packet.duration = turn, 100
    assert [packet.dts for packet in in_order(iter(packets))] == [-200, -100, 0, 100]


def test_a_film_that_never_tells_whose_turn_it_is_is_not_copied() -> None:
    with pytest.raises(Garbled):
        list(in_order(Packet(b"x") for _ in range(1000)))


@pytest.mark.parametrize("data", [sound(), sound("ogg", "libopus")])
def test_of_sound_no_copy_is_made(data: bytes) -> None:
    with pytest.raises(Unreadable) as raised:
        stripped(data)
    assert raised.value.why is Unread.NO_READER


def test_a_cut_film_is_not_copied() -> None:
    with pytest.raises(Unreadable) as raised:
        stripped(planted_film()[:900])
    assert raised.value.why is Unread.BROKEN


def test_words_between_pictures_go_and_pictures_stay() -> None:
    picture, words = b"\0\0\0\3\x65ab", b"\0\0\0\5\x06hide"
    assert cleaner("h264", 4)(words + picture + words) == picture
    assert cleaner("h264", 0)(b"\0\0\0\1\x06hide\0\0\1\x65ab") == b"\0\0\0\1\x65ab"
    assert cleaner("hevc", 4)(b"\0\0\0\4\x4e\1xx" + b"\0\0\0\4\x28\1ab") == b"\0\0\0\4\x28\1ab"


def test_user_data_goes_up_to_the_next_start() -> None:
    assert (
        without_words(b"\0\0\1\xb0a\0\0\1\xb2hidden\0\0\1\xb6picture\0\0\1\xb2end") == b"\0\0\1\xb0a\0\0\1\xb6picture"
    )


def test_units_that_tell_of_a_scene_go_from_av1() -> None:
    scene, frame = b"\x2a\x04hide", b"\x32\x02ab"
    assert plain_av1(scene + frame) == frame


@pytest.mark.parametrize("coded", [b"\0\0\0\x09\x65ab", b"\0\0", b"\xff\xff\xff\xff\x65"])
def test_units_longer_than_the_picture_are_refused(coded: bytes) -> None:
    with pytest.raises(Garbled):
        cleaner("h264", 4)(coded)


def test_words_in_the_description_go() -> None:
    sets = b"\x20\0\1\0\2vv\x21\0\1\0\2ss\x22\0\1\0\2pp"
    words = b"\x27\0\1\0\4hide"
    start = b"\1" + bytes(21)
    assert plain_setup("hevc", start + b"\4" + sets + words) == start + b"\3" + sets


def test_what_lies_behind_the_description_goes() -> None:
    plain = b"\1\x42\0\x1e\xff\xe1\0\2gs\1\0\2hp"
    assert plain_setup("h264", plain + b"hidden") == plain
