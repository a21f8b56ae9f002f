"""EXIF gives a date, whether a place and a camera are named, and which side is up; nonsense in it counts as absent."""

import struct
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample_files import TAKEN_ISO, exif_block, tiff_folder

from agent.photos.readers.exif import NO_EXIF, Exif, moment, read
from agent.photos.readers.reach import part

NO_FIX = (0, 1, 0, 1, 0, 1)
NONSENSE = [
    "0000:00:00 00:00:00", "2024:13:01 10:00:00", "2024:02:30 10:00:00", "2024:01:01 25:00:00", "1970:01:01 00:00:00",
    "9999:01:01 00:00:00", "    :  :     :  :  ", "", "2024:05:01", "two days ago", "٢٠٢٤:05:01 10:20:30",
]  # fmt: skip


def told(block: bytes) -> Exif:
    return read(part(lambda at, length: block[at : at + length], 0, len(block)))


def test_a_plain_block_tells_all() -> None:
    assert told(exif_block(orientation=6, sides=(640, 480))) == Exif(
        taken_at=TAKEN_ISO, gps=True, camera=True, orientation=6, width=640, height=480
    )


def test_offset_is_given_only_where_the_file_has_one() -> None:
    assert told(exif_block(offset="+10:00")).taken_at == f"{TAKEN_ISO}+10:00"
    assert told(exif_block(offset="east")).taken_at == TAKEN_ISO


@pytest.mark.parametrize("date", NONSENSE)
def test_nonsense_is_no_date(date: str) -> None:
    assert moment(date, "") is None


@given(st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2099, 12, 31)))  # noqa: DTZ001 - EXIF has no zone
def test_every_sane_date_comes_back(when: datetime) -> None:
    assert moment(when.strftime("%Y:%m:%d %H:%M:%S"), "") == when.isoformat(timespec="seconds")


@given(st.text(), st.text())
def test_any_text_is_a_date_or_none(date: str, offset: str) -> None:
    found = moment(date, offset)
    assert found is None or datetime.fromisoformat(found)


def test_zeros_for_a_latitude_are_no_place() -> None:
    assert not told(exif_block(latitude=NO_FIX)).gps
    assert not told(exif_block(latitude=(0, 0, 0, 0, 0, 0))).gps
    assert not told(exif_block(latitude=None)).gps


def test_no_maker_is_no_camera() -> None:
    assert not told(exif_block(make=None)).camera
    assert not told(exif_block(make="   ")).camera


def test_orientation_out_of_range_is_upright() -> None:
    assert told(exif_block(orientation=9)).orientation == 1
    assert told(exif_block(orientation=0)).orientation == 1


def test_chain_that_loops_ends() -> None:
    block = b"II*\0\x08\0\0\0" + tiff_folder(8, [(0x010F, 2, "Canon"), (0x8769, 4, 8), (0x8825, 4, 8)], following=8)
    assert told(block).camera


@pytest.mark.parametrize("tag", [0x8769, 0x8825])
@pytest.mark.parametrize("where", [0, 1, 7, 5000, 0xFFFFFFFF])
def test_pointer_to_nowhere_loses_only_what_it_points_to(tag: int, where: int) -> None:
    found = told(b"II*\0\x08\0\0\0" + tiff_folder(8, [(0x010F, 2, "Canon"), (tag, 4, where)]))
    assert found == Exif(camera=True)


def test_count_of_four_thousand_million_is_not_believed() -> None:
    entry = struct.pack("<HHII", 0x010F, 2, 0xFFFFFFFF, 8) + struct.pack("<HHII", 0x0112, 3, 0xFFFFFFFF, 8)
    assert not told(b"II*\0\x08\0\0\0" + struct.pack("<H", 2) + entry + bytes(4)).camera


def test_a_folder_that_claims_more_than_there_is_is_none() -> None:
    assert told(b"II*\0\x08\0\0\0\xff\xff" + bytes(100)) == NO_EXIF


def test_big_endian_and_big_tiff_are_read() -> None:
    entry = struct.pack(">HHIHH", 0x0112, 3, 1, 8, 0)
    assert told(b"MM\0*\0\0\0\x08" + struct.pack(">H", 1) + entry + bytes(4)).orientation == 8
    big = struct.pack("<HHQHHHH", 0x0112, 3, 1, 3, 0, 0, 0)
    assert told(b"II+\0\x08\0\0\0\x10" + bytes(7) + struct.pack("<Q", 1) + big + bytes(8)).orientation == 3


@given(st.binary(max_size=400))
def test_any_bytes_are_a_block_or_none(data: bytes) -> None:
    assert isinstance(told(b"II*\0\x08\0\0\0" + data), Exif)
