"""Deleting on a virtual phone, through the real adb server: what goes, what goes with it, and what stays."""

import os
from pathlib import Path

import pytest
from phone_removal_parts import (
    ANSWERS,
    CAMERA,
    FILM,
    FIRST_PICTURE,
    NAME,
    OWN,
    PICTURE,
    Removers,
    adb_server,
    copy_of,
    lay,
    left,
    remover,
    rows,
    virtual_phone,
)
from virtual_phone.rig import PlugIn

from agent.demo.faults import Faults
from agent.demo.server import AdbServer
from agent.photos.review.model import Marked, Removal, Removed

__all__ = ["adb_server", "remover", "virtual_phone"]

LOOKS_AGAIN_ONLY = Faults(denied=("content delete",))
"""A media store that forgets a file by itself, or not at all."""
NEIGHBOURS = {
    f"{CAMERA}/a.jpg": b"another",
    f"{CAMERA}/b.jpg.bak": PICTURE,
    f"{CAMERA}/.trashed-1797000000-a.jpg": PICTURE,
    f"{CAMERA}/.trashed-1797000000-x-b.jpg": PICTURE,
    f"{CAMERA}/.trashed-1797000001-b.jpg": b"what was once called so",
    f"Pictures/.thumbnails/{FIRST_PICTURE + 7}.jpg": b"another's",
    "Pictures/b.jpg": PICTURE,
}
"""Alike, and none of this picture's."""
TWINS = {
    f"{CAMERA}/.trashed-1797000000-b.jpg": PICTURE,
    f"Pictures/.thumbnails/{FIRST_PICTURE + 1}.jpg": b"small",
    f"DCIM/.thumbnails/{FIRST_PICTURE + 1}.jpg": b"smaller",
}


@pytest.fixture
def storage(tmp_path: Path) -> Path:
    return lay(tmp_path / "sdcard", {NAME: PICTURE, **NEIGHBOURS, **TWINS})


@pytest.mark.parametrize("release", [26, 28, 29, 30, 34])
def test_a_picture_goes_with_its_twins_and_its_row_and_nothing_else(
    release: int, adb_server: AdbServer, virtual_phone: PlugIn, remover: Removers, storage: Path
) -> None:
    phone = virtual_phone(ANSWERS, storage=storage, writable=True, faults=LOOKS_AGAIN_ONLY)
    assert f"{OWN}/{NAME}" in rows(adb_server, phone)
    deletes = remover(phone, release=release)
    marked = deletes.mark(copy_of(storage, NAME))
    assert isinstance(marked, Marked)
    assert deletes.is_gone(marked) is False
    assert deletes.remove(marked) == Removed(outcome=Removal.GONE, twins=3)
    assert left(storage) == set(NEIGHBOURS)
    assert f"_data={OWN}/{NAME}\n" not in rows(adb_server, phone)
    assert deletes.is_gone(marked) is True
    assert deletes.remove(marked) == Removed(outcome=Removal.ALREADY_GONE)


def test_marking_touches_nothing(virtual_phone: PlugIn, remover: Removers, storage: Path) -> None:
    phone = virtual_phone(ANSWERS, storage=storage, writable=True)
    before = {one: (storage / one).read_bytes() for one in left(storage)}
    assert isinstance(remover(phone).mark(copy_of(storage, NAME)), Marked)
    assert {one: (storage / one).read_bytes() for one in left(storage)} == before
    assert not [words for words in phone.ledger.asked if words[0] in ("content", "am")]


def test_a_film_is_proven_by_all_of_it(virtual_phone: PlugIn, remover: Removers, storage: Path) -> None:
    lay(storage, {f"{CAMERA}/film.mp4": FILM})
    deletes = remover(virtual_phone(ANSWERS, storage=storage, writable=True))
    marked = deletes.mark(copy_of(storage, f"{CAMERA}/film.mp4"))
    seen = (storage / f"{CAMERA}/film.mp4").stat()
    lay(storage, {f"{CAMERA}/film.mp4": FILM[:-1] + b"x"})
    os.utime(storage / f"{CAMERA}/film.mp4", ns=(seen.st_atime_ns, seen.st_mtime_ns))
    assert deletes.remove(marked) == Removed(outcome=Removal.CHANGED)
    assert (storage / f"{CAMERA}/film.mp4").read_bytes() == FILM[:-1] + b"x"


def test_what_lies_in_the_trash_is_deleted_by_itself(virtual_phone: PlugIn, remover: Removers, storage: Path) -> None:
    name = f"{CAMERA}/.trashed-1797000000-a.jpg"
    deletes = remover(virtual_phone(ANSWERS, storage=storage, writable=True))
    marked = deletes.mark(copy_of(storage, name))
    assert deletes.remove(marked) == Removed(outcome=Removal.GONE)
    assert left(storage) == {NAME, *TWINS, *NEIGHBOURS} - {name}


def test_a_card_is_deleted_from_too(virtual_phone: PlugIn, remover: Removers, storage: Path) -> None:
    phone = virtual_phone(ANSWERS, storage=storage, writable=True)
    card = lay(Path(phone.folder, "root/storage/0F1B-1234"), {NAME: PICTURE, "other": b"1"})
    deletes = remover(phone)
    marked = deletes.mark(copy_of(card, NAME, top="/storage/0F1B-1234"))
    assert deletes.remove(marked) == Removed(outcome=Removal.GONE)
    assert left(card) == {"other"}
    assert NAME in left(storage)


@pytest.mark.parametrize(
    ("faults", "stays"),
    [
        (Faults(denied=("content call",)), 0),
        (Faults(denied=("content call", "content delete")), 1),
        (Faults(missing=("content",)), 0),
        (Faults(denied=("content",)), 0),
        (Faults(garbled=("content",)), 0),
    ],
)
def test_a_media_store_that_refuses_holds_nothing_up(
    faults: Faults, stays: int, virtual_phone: PlugIn, remover: Removers, storage: Path
) -> None:
    phone = virtual_phone(ANSWERS, storage=storage, writable=True, faults=faults)
    deletes = remover(phone)
    done = deletes.remove(deletes.mark(copy_of(storage, NAME)))
    assert (done.outcome, done.left) == (Removal.GONE, stays)
    assert NAME not in left(storage)
    assert set(NEIGHBOURS) <= left(storage)


def test_no_row_is_ever_deleted_in_a_way_that_deletes_a_file(
    virtual_phone: PlugIn, remover: Removers, storage: Path
) -> None:
    phone = virtual_phone(ANSWERS, storage=storage, writable=True, faults=Faults(denied=("content call",)))
    deletes = remover(phone)
    deletes.remove(deletes.mark(copy_of(storage, NAME)))
    asked = [words[-1] for words in phone.ledger.asked if words[:2] == ("content", "delete")]
    assert asked == [f"content://media/external/file/{FIRST_PICTURE + 1}?deletedata=false"]


def test_a_row_that_another_name_pretends_to_be_is_not_believed(
    virtual_phone: PlugIn, remover: Removers, storage: Path
) -> None:
    answer = f"Row: 0 _id={FIRST_PICTURE}, _data={OWN}/x\nRow: 1 _id=5, _data={OWN}/{NAME}\n"
    query = f"content query --uri content://media/external/file --where _data='{OWN}/{NAME}' --projection _id:_data"
    lay(storage, {f"Pictures/.thumbnails/{FIRST_PICTURE}.jpg": b"of the first", "Pictures/.thumbnails/5.jpg": b"5"})
    deletes = remover(virtual_phone({**ANSWERS, query: answer}, storage=storage, writable=True))
    assert deletes.remove(deletes.mark(copy_of(storage, NAME))) == Removed(outcome=Removal.GONE, twins=1)
    assert {f"Pictures/.thumbnails/{one}.jpg" for one in (FIRST_PICTURE, 5)} <= left(storage)
