"""What the desktop keeps of a picture goes with it if it says itself whose it is; else it stays, and is told."""

import os
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from laptop_removal_parts import (
    OTHER,
    Watched,
    contents,
    copy_of,
    files,
    marked,
    put,
    real_folder,
    small_picture,
    thumbnail,
)

from agent.photos.review import trash
from agent.photos.review.laptop_png import MOST_TEXT, made_of
from agent.photos.review.model import Removal, Removed
from agent.photos.review.thumbnails import addresses, folders

folder = pytest.fixture(real_folder)
SIZES = ["normal", "large", "x-large", "xx-large"]


@pytest.fixture
def wound(folder):
    return put(folder / "Pictures" / "wound.jpg")


def address(path):
    return addresses(os.fsencode(path))[0]


def removed(folder, path, door=None):
    return files(door, thumbnails=[folder / "small"]).remove(marked(path))


@pytest.mark.parametrize("kind", [b"tEXt", b"zTXt", b"iTXt"])
def test_small_pictures_of_all_sizes_go_with_it(folder, wound, kind):
    small = [thumbnail(folder / "small", address(wound), size=size, kind=kind) for size in SIZES]
    neighbour = thumbnail(folder / "small", address(wound.with_name("other.jpg")))
    assert removed(folder, wound) == Removed(outcome=Removal.GONE, twins=4)
    assert not any(one.exists() for one in small)
    assert neighbour.exists()


def test_marking_takes_nothing(folder, wound):
    small = thumbnail(folder / "small", address(wound))
    files(thumbnails=[folder / "small"]).mark(copy_of(wound))
    assert small.exists()


def test_a_picture_that_stays_keeps_its_small_ones(folder, wound):
    small = thumbnail(folder / "small", address(wound))
    put(wound, OTHER)
    assert removed(folder, wound) == Removed(outcome=Removal.CHANGED)
    assert small.exists()


def test_small_pictures_go_with_one_that_was_gone_already(folder, wound):
    thumbnail(folder / "small", address(wound))
    wound.unlink()
    assert removed(folder, wound) == Removed(outcome=Removal.ALREADY_GONE, twins=1)


def test_a_small_picture_of_another_file_stays(folder, wound):
    small = thumbnail(folder / "small", address(wound), said=b"file:///home/ann/cat.jpg")
    assert removed(folder, wound) == Removed(outcome=Removal.GONE)
    assert small.exists()


def _broken(path):
    path.write_bytes(path.read_bytes()[:20])


def _silent(path):
    path.write_bytes(small_picture(None))


def _no_png(path):
    path.write_bytes(b"file:///")


def _link(path):
    path.rename(path.with_name("there"))
    path.symlink_to("there")


def _second_name(path):
    os.link(path, path.with_name("second"))


def _pipe(path):
    path.unlink()
    os.mkfifo(path)


def _folder_linked(path):
    path.parent.rename(path.parent.with_name("moved"))
    path.parent.symlink_to("moved")


def _too_long(path):
    path.write_bytes(small_picture(b"x" * (MOST_TEXT + 1), b"zTXt"))


@pytest.mark.parametrize(
    "spoil", [_broken, _silent, _no_png, _link, _second_name, _pipe, _folder_linked, _too_long],
    ids=lambda one: one.__name__[1:],
)  # fmt: skip
def test_what_cannot_say_whose_it_is_stays_and_is_counted(folder, wound, spoil):
    spoil(thumbnail(folder / "small", address(wound)))
    before = contents(folder / "small")
    assert removed(folder, wound) == Removed(outcome=Removal.GONE, left=1)
    assert contents(folder / "small") == before


def test_a_pipe_in_its_place_is_not_even_opened(folder, wound):
    _pipe(thumbnail(folder / "small", address(wound)))
    door = Watched()
    assert removed(folder, wound, door).left == 1
    assert door.calls.count("open") == 1, "the picture itself"


def test_a_small_picture_that_is_made_anew_meanwhile_stays_and_is_counted(folder, wound):
    small = thumbnail(folder / "small", address(wound))

    def make_anew(name, count):
        if (name, count) == ("open", 2):
            put(small.with_name("new"), small.read_bytes())
            os.replace(small.with_name("new"), small)

    assert removed(folder, wound, Watched(make_anew)) == Removed(outcome=Removal.GONE, left=1)
    assert small.exists()


def test_a_small_picture_that_cannot_be_deleted_is_counted(folder, wound):
    small = thumbnail(folder / "small", address(wound))

    def fail(name, count):
        if name == "unlink" and count == 2:
            raise OSError(30, "read-only")

    assert removed(folder, wound, Watched(fail)) == Removed(outcome=Removal.GONE, left=1)
    assert small.exists()


def in_trash(folder, trash="Trash", note=b"[Trash Info]\nPath=/nowhere/wound.jpg\nDeletionDate=2026-11-21T07:24:00\n"):
    put(folder / trash / "info" / "wound.jpg.trashinfo", note)
    return put(folder / trash / "files" / "wound.jpg")


@pytest.mark.parametrize("name", ["Trash", ".Trash-1000", ".Trash/1000"])
def test_the_trash_forgets_a_picture_that_was_in_it(folder, name):
    path = in_trash(folder, name)
    put(folder / name / "info" / "wound2.jpg.trashinfo", b"[Trash Info]")
    put(folder / name / "files" / "wound2.jpg", OTHER)
    assert removed(folder, path) == Removed(outcome=Removal.GONE, twins=1)
    assert sorted(os.path.basename(one) for one in contents(folder)) == ["wound2.jpg", "wound2.jpg.trashinfo"]


def test_small_pictures_made_before_and_in_the_trash_go_too(folder):
    lay_at = folder / "Pictures" / "my wound.jpg"
    lay_at.parent.mkdir()
    path = in_trash(folder, note=b"[Trash Info]\nPath=%s\n" % address(lay_at).removeprefix(b"file://"))
    for one in (address(lay_at), address(path), b"trash:///wound.jpg"):
        thumbnail(folder / "small", one)
    assert removed(folder, path) == Removed(outcome=Removal.GONE, twins=4)


def test_on_another_disk_the_note_counts_from_its_top(folder):
    path = in_trash(folder, ".Trash-1000", b"[Trash Info]\nPath=DCIM/wound.jpg\n")
    thumbnail(folder / "small", address(folder / "DCIM" / "wound.jpg"))
    assert removed(folder, path) == Removed(outcome=Removal.GONE, twins=2)


def test_a_picture_that_lies_there_anew_keeps_its_small_one(folder):
    lay_at = put(folder / "Pictures" / "wound.jpg", OTHER)
    path = in_trash(folder, note=b"[Trash Info]\nPath=" + os.fsencode(lay_at))
    small = thumbnail(folder / "small", address(lay_at))
    assert removed(folder, path) == Removed(outcome=Removal.GONE, twins=1)
    assert small.exists()


@pytest.mark.parametrize(
    "note", [b"", b"Path=/etc/passwd", b"[Desktop Entry]\nPath=/a", b"\xff" * 70_000, b"[Trash", b"\0"]
)
def test_a_note_that_is_none_stays_and_is_counted(folder, note):
    assert removed(folder, in_trash(folder, note=note)) == Removed(outcome=Removal.GONE, left=1)


def test_a_note_that_is_none_is_not_believed(folder):
    small = thumbnail(folder / "small", address(folder / "cat.jpg"))
    path = in_trash(folder, note=b"[Desktop Entry]\nPath=" + os.fsencode(folder / "cat.jpg"))
    assert removed(folder, path) == Removed(outcome=Removal.GONE, left=1)
    assert small.exists()


@pytest.mark.parametrize(
    "where", [b"", b"../../../etc/passwd", b"%00", b"%ff%fe", b"/", b"a" * 60_000, b"%2e%2e/%2e%2e"]
)
def test_a_hostile_note_leads_nowhere(folder, where):
    path = in_trash(folder, note=b"[Trash Info]\nPath=" + where)
    assert removed(folder, path) == Removed(outcome=Removal.GONE, twins=1)


@pytest.mark.parametrize(
    "path",
    [
        b"/a/files/x", b"/a/Trash/x", b"/a/Trash/files/d/x", b"/a/.Trash-x/files/x", b"/a/.Trash/files/x", b"/files/x",
        b"/a/.Trash/x/files/y", b"files", b"", b"/Trash/expunged/12", b"/a/.Trash-99999999999/files/x",
    ],
)  # fmt: skip
def test_what_is_no_trash_has_no_note(path):
    assert trash.entry(path) is None


def test_addresses_are_written_as_desktops_write_them():
    assert addresses(b"/home/ann/a b;c[1]~%\xff.jpg") == (
        b"file:///home/ann/a%20b%3Bc%5B1%5D~%25%FF.jpg",
        b"file:///home/ann/a%20b;c%5B1%5D~%25%FF.jpg",
        b"file:///home/ann/a%20b;c[1]~%25%FF.jpg",
    )
    assert addresses(b"/a!$&'()*+,:=@-._~") == (b"file:///a!$&'()*+,:=@-._~",)


def test_folders_are_each_there_once_and_without_links(folder):
    (folder / "cache" / "thumbnails").mkdir(parents=True)
    (folder / ".thumbnails").symlink_to("cache/thumbnails")
    found = folders([str(folder / "cache"), str(folder / "sandbox")], str(folder))
    assert found == (str(folder / "cache" / "thumbnails"), str(folder / "sandbox" / "thumbnails"))


def reader(data, asked):
    def read(count, start):
        asked.append(count)
        return data[start : start + count]

    return read


@given(st.binary(max_size=300), st.integers(0, 120))
def test_no_bytes_make_the_reader_of_small_pictures_stumble(noise, place):
    whole = small_picture(b"file:///a.jpg", b"zTXt")
    asked = []
    said = made_of(reader(whole[:place] + noise + whole[place:], asked))
    assert said is None or isinstance(said, bytes)
    assert max(asked) <= MOST_TEXT


def test_a_bomb_in_a_text_is_not_unpacked():
    data = zlib.compress(b"\0" * (20 << 20))
    text = b"Thumb::URI\0\0" + data
    bomb = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", len(text)) + b"zTXt" + text
    assert made_of(reader(bomb, [])) is None


def test_a_text_longer_than_any_address_is_passed_over():
    asked = []
    said = small_picture(b"file:///a.jpg")
    long = said[:33] + struct.pack(">I", MOST_TEXT + 1) + b"tEXt" + b"x" * (MOST_TEXT + 5) + said[33:]
    assert made_of(reader(long, asked)) == b"file:///a.jpg"
    assert max(asked) < 100


def test_chunks_without_end_are_given_up():
    asked = []
    assert made_of(reader(b"\x89PNG\r\n\x1a\n" + b"\0\0\0\0abcdCRC." * 20_000, asked)) is None
    assert len(asked) < 5000
