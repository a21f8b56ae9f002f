"""Whatever a picture or its folder is called, that file goes and no other."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st
from laptop_removal_parts import OTHER, WOUND, contents, copy_of, files, marked, put, real_folder, thumbnail

from agent.photos.review.laptop_hiding import hidden_name
from agent.photos.review.model import Removal, Removed
from agent.photos.review.thumbnails import addresses

folder = pytest.fixture(real_folder)
NAMES = {
    "newline": b"a\nb.jpg",
    "command": b"$(reboot).jpg",
    "ticks": b"`reboot`; rm *.jpg",
    "two dots and an end": b"..jpg",
    "three dots": b"...",
    "right to left": "wound\u202egpj.exe\u202c\u200f.jpg".encode(),
    "255 bytes": b"w" * 251 + b".jpg",
    "255 bytes of an end": b"w." + b"j" * 253,
    "not UTF-8": b"\xff\xfe wound\x80.jpg",
    "leading dash": b"-rf",
    "quotes": b"'\"\\.jpg",
    "percent": b"100%25%2F..%2F.jpg",
    "star": b"*",
    "blank": b" ",
    "tab": b"\t.jpg",
    "hidden": b".scrubin-0123456789abcdef",
}


def planted(folder, name):
    """Such a file in such a folder, beside files whose names are near."""
    path = os.path.join(os.fsencode(folder), name, name)
    os.makedirs(os.path.dirname(path))
    put(os.fsdecode(path))
    put(folder / "a", OTHER)
    put(os.fsdecode(os.path.dirname(path)) + "/b.jpg", OTHER)
    return os.fsdecode(path)


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_a_hostile_name_is_only_a_name(folder, name):
    path = planted(folder, name)
    mark = files().mark(copy_of(path))
    assert mark == marked(path)
    assert files().remove(mark).outcome is Removal.GONE
    assert files().is_gone(mark) is True
    assert sorted(contents(folder).values()) == [OTHER, OTHER]


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_a_hostile_name_that_was_hidden_comes_back(folder, name):
    path = planted(folder, name)
    os.rename(path, os.path.join(os.path.dirname(os.fsencode(path)), hidden_name(path)))
    assert files().is_gone(marked(path)) is False
    with open(path, "rb") as file:
        assert file.read() == WOUND


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_a_hostile_name_has_its_small_picture_taken_along(folder, name):
    path = planted(folder / "Pictures", name)
    small = [thumbnail(folder / "thumbnails", one) for one in addresses(os.fsencode(path))]
    assert files(thumbnails=[folder / "thumbnails"]).remove(marked(path)) == Removed(
        outcome=Removal.GONE, twins=len(small)
    )
    assert not any(one.exists() for one in small)


@given(
    st.binary(min_size=1, max_size=255).filter(lambda name: not set(name) & set(b"\0/") and name not in (b".", b".."))
)
def test_any_name_that_a_disk_takes_is_deleted_and_nothing_else(name):
    for folder in real_folder():
        path = os.fsdecode(os.path.join(os.fsencode(folder), name))
        put(path)
        put(folder / "a" / "b", OTHER) if name != b"a" else None
        before = len(contents(folder))
        assert files().remove(marked(path)).outcome is Removal.GONE
        assert len(contents(folder)) == before - 1
        assert not os.path.lexists(path)
