"""What is not deleted on a virtual phone: all that is no longer, or never was, the very file that was judged."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from phone_removal_parts import (
    ANSWERS,
    CAMERA,
    FILM,
    NAME,
    PICTURE,
    Removers,
    adb_server,
    copy_of,
    lay,
    left,
    remover,
    virtual_phone,
)
from virtual_phone.rig import PlugIn

from agent.demo.faults import Faults
from agent.photos.review.model import Copy, Marked, Removal, Removed

__all__ = ["adb_server", "remover", "virtual_phone"]

FILM_NAME = f"{CAMERA}/film.mp4"
OTHER = PICTURE[:-1] + b"!"


@pytest.fixture
def storage(tmp_path: Path) -> Path:
    return lay(tmp_path / "sdcard", {NAME: PICTURE, FILM_NAME: FILM, "Pictures/c.jpg": PICTURE})


def kept_times(path: Path, data: bytes) -> None:
    """Replace contents so that size and time stay."""
    seen = path.stat()
    path.write_bytes(data)
    os.utime(path, ns=(seen.st_atime_ns, seen.st_mtime_ns))


def link(path: Path) -> None:
    target = path.with_name("target")
    path.rename(target)
    path.symlink_to("target")


def link_folder(path: Path) -> None:
    path.parent.rename(path.parent.with_name("elsewhere"))
    path.parent.symlink_to("elsewhere")


def second_name(path: Path) -> None:
    os.link(path, path.with_name("second.jpg"))


def folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


HAPPENED: list[tuple[Callable[[Path], object], Removal]] = [
    (lambda path: kept_times(path, OTHER), Removal.CHANGED),
    (lambda path: path.write_bytes(PICTURE + b"1"), Removal.CHANGED),
    (lambda path: path.write_bytes(b""), Removal.CHANGED),
    (folder, Removal.CHANGED),
    (pipe, Removal.CHANGED),
    (link, Removal.LINKED),
    (link_folder, Removal.LINKED),
    (second_name, Removal.LINKED),
    (lambda path: path.chmod(0), Removal.NOT_PERMITTED),
    (Path.unlink, Removal.ALREADY_GONE),
]
"""Since it was judged, or since it was marked."""


@pytest.mark.parametrize(("happens", "why"), HAPPENED)
def test_what_happened_before_it_was_marked_is_noticed(
    happens: Callable[[Path], object], why: Removal, virtual_phone: PlugIn, remover: Removers, storage: Path
) -> None:
    copy = copy_of(storage, NAME)
    happens(storage / NAME)
    assert remover(virtual_phone(ANSWERS, storage=storage, writable=True)).mark(copy) is why


@pytest.mark.parametrize(("happens", "why"), HAPPENED)
def test_what_happened_after_it_was_marked_is_noticed_and_nothing_is_deleted(
    happens: Callable[[Path], object], why: Removal, virtual_phone: PlugIn, remover: Removers, storage: Path
) -> None:
    deletes = remover(virtual_phone(ANSWERS, storage=storage, writable=True))
    marked = deletes.mark(copy_of(storage, NAME))
    happens(storage / NAME)
    before = left(storage)
    assert deletes.remove(marked) == Removed(outcome=why)
    assert left(storage) == before


@pytest.mark.parametrize(
    ("known", "why"),
    [
        ({}, None),
        ({"modified_s": -3}, Removal.CHANGED),
        ({"modified_s": 2}, None),
        ({"digest": None}, None),
        ({"digest": None, "modified_s": 60}, Removal.CHANGED),
        ({"size": 1}, Removal.CHANGED),
        ({"digest": b"0" * 16}, Removal.CHANGED),
        ({"device": "another phone"}, Removal.PHONE_GONE),
    ],
)
def test_a_film_must_be_of_the_time_that_it_was_judged_at(
    known: dict[str, object], why: Removal | None, virtual_phone: PlugIn, remover: Removers, storage: Path
) -> None:
    copy = copy_of(storage, FILM_NAME)
    changes = {name: copy.modified_s + value if name == "modified_s" else value for name, value in known.items()}
    marked = remover(virtual_phone(ANSWERS, storage=storage, writable=True)).mark(replace(copy, **changes))
    assert marked is why if why else isinstance(marked, Marked)


def test_a_time_that_nobody_knows_is_made_up_for_by_contents_only(
    virtual_phone: PlugIn, remover: Removers, storage: Path
) -> None:
    deletes = remover(virtual_phone(ANSWERS, storage=storage, writable=True))

    def known(name: str) -> Copy:
        return replace(copy_of(storage, name), modified_s=0)

    assert isinstance(deletes.mark(known(FILM_NAME)), Marked)
    assert isinstance(deletes.mark(known(NAME)), Marked)
    assert deletes.mark(replace(known(FILM_NAME), digest=None)) is Removal.CHANGED


def test_a_phone_that_keeps_everything_says_read_only(virtual_phone: PlugIn, remover: Removers, storage: Path) -> None:
    deletes = remover(virtual_phone(ANSWERS, storage=storage))
    assert deletes.remove(deletes.mark(copy_of(storage, NAME))) == Removed(outcome=Removal.READ_ONLY)
    assert NAME in left(storage)


def test_a_folder_that_is_an_apps_own_is_said(virtual_phone: PlugIn, remover: Removers, storage: Path) -> None:
    deletes = remover(virtual_phone(ANSWERS, storage=storage, writable=True))
    marked = deletes.mark(copy_of(storage, NAME))
    (storage / CAMERA).chmod(0o500)
    done = deletes.remove(marked)
    (storage / CAMERA).chmod(0o700)
    assert done == Removed(outcome=Removal.NOT_PERMITTED)
    assert NAME in left(storage)


def test_what_cannot_be_looked_into_is_not_gone(virtual_phone: PlugIn, remover: Removers, storage: Path) -> None:
    deletes = remover(virtual_phone(ANSWERS, storage=storage, writable=True))
    marked = deletes.mark(copy_of(storage, NAME))
    (storage / CAMERA).chmod(0)
    seen = (deletes.mark(marked.copy), deletes.is_gone(marked), deletes.remove(marked).outcome)
    (storage / CAMERA).chmod(0o700)
    assert seen == (Removal.NOT_PERMITTED, None, Removal.NOT_PERMITTED)


def test_what_went_with_its_folder_is_gone(virtual_phone: PlugIn, remover: Removers, storage: Path) -> None:
    deletes = remover(virtual_phone(ANSWERS, storage=storage, writable=True))
    marked = deletes.mark(copy_of(storage, "Pictures/c.jpg"))
    (storage / "Pictures/c.jpg").unlink()
    (storage / "Pictures").rmdir()
    assert deletes.is_gone(marked) is True
    assert deletes.remove(marked) == Removed(outcome=Removal.ALREADY_GONE)


def test_a_card_that_is_out_proves_nothing(virtual_phone: PlugIn, remover: Removers, storage: Path) -> None:
    phone = virtual_phone(ANSWERS, storage=storage, writable=True)
    card = lay(Path(phone.folder, "root/storage/0F1B-1234"), {NAME: PICTURE})
    deletes = remover(phone)
    marked = deletes.mark(copy_of(card, NAME, top="/storage/0F1B-1234"))
    card.rename(card.with_name("out"))
    assert deletes.is_gone(marked) is None
    assert deletes.mark(marked.copy) is Removal.PHONE_GONE
    assert deletes.remove(marked) == Removed(outcome=Removal.PHONE_GONE)


def test_a_locked_phone_proves_nothing(virtual_phone: PlugIn, remover: Removers, storage: Path) -> None:
    copy = copy_of(storage, NAME)
    deletes = remover(virtual_phone(ANSWERS, faults=Faults(before_first_unlock=True), writable=True))
    assert deletes.mark(copy) is Removal.PHONE_GONE
    assert deletes.remove(Marked(copy=copy, sha256=bytes(32))) == Removed(outcome=Removal.PHONE_GONE)
    assert deletes.is_gone(Marked(copy=copy, sha256=bytes(32))) is None


def test_a_storage_that_shows_nothing_proves_nothing(virtual_phone: PlugIn, remover: Removers, storage: Path) -> None:
    deletes = remover(virtual_phone(ANSWERS, storage=storage, writable=True))
    marked = deletes.mark(copy_of(storage, NAME))
    storage.chmod(0)
    seen = (deletes.mark(marked.copy), deletes.is_gone(marked), deletes.remove(marked).outcome)
    storage.chmod(0o700)
    assert seen == (Removal.PHONE_GONE, None, Removal.PHONE_GONE)


def test_another_phone_is_not_asked(virtual_phone: PlugIn, remover: Removers, storage: Path) -> None:
    phone = virtual_phone(ANSWERS, storage=storage, writable=True)
    marked = Marked(copy=replace(copy_of(storage, NAME), device="another"), sha256=bytes(32))
    deletes = remover(phone)
    assert deletes.mark(marked.copy) is Removal.PHONE_GONE
    assert deletes.remove(marked) == Removed(outcome=Removal.PHONE_GONE)
    assert deletes.is_gone(marked) is None
    assert phone.ledger.services == []
