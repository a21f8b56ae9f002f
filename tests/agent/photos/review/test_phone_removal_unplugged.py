"""A cable that is pulled at each step of a deletion: the file is there or gone, and later the phone says which."""

from pathlib import Path

import pytest
from phone_removal_parts import ANSWERS, NAME, PICTURE, Removers, adb_server, copy_of, lay, left, remover, virtual_phone
from virtual_phone.rig import PlugIn

from agent.demo.faults import Faults
from agent.photos.review.model import Marked, Removal, Removed

__all__ = ["adb_server", "remover", "virtual_phone"]

SMALL = "Pictures/.thumbnails/1000000001.jpg"
AFTERWARDS = ["sync", "content call"]
"""What the phone does once the file is gone."""
STEPS = [
    (Faults(cut_before=("getprop",)), Removal.PHONE_GONE, True),
    (Faults(cut_before=("readlink",)), Removal.PHONE_GONE, True),
    (Faults(cut_before=("content query",)), Removal.PHONE_GONE, True),
    (Faults(cut_after=("content query",)), Removal.PHONE_GONE, True),
    (Faults(cut_before=("sha256sum",)), Removal.PHONE_GONE, True),
    (Faults(cut_after=("sha256sum",)), Removal.PHONE_GONE, True),
    (Faults(cut_before=("rm",)), Removal.UNSURE, True),
    (Faults(cut_after=("rm",)), Removal.UNSURE, False),
    *((Faults(cut_before=(one,)), Removal.UNSURE, False) for one in AFTERWARDS),
    *((Faults(cut_after=(one,)), Removal.UNSURE, False) for one in AFTERWARDS),
]
"""When it comes out, what is known then, and whether the file is still there."""


@pytest.fixture
def storage(tmp_path: Path) -> Path:
    return lay(tmp_path / "sdcard", {NAME: PICTURE, "Pictures/c.jpg": PICTURE, SMALL: b"small"})


def marked_on(phone: PlugIn, remover: Removers, storage: Path) -> Marked:
    found = remover(phone(ANSWERS, storage=storage)).mark(copy_of(storage, NAME))
    assert isinstance(found, Marked)
    return found


@pytest.mark.parametrize(("faults", "known", "stays"), STEPS)
def test_each_step_leaves_the_file_or_a_finished_deletion(
    faults: Faults, known: Removal, stays: bool, virtual_phone: PlugIn, remover: Removers, storage: Path
) -> None:
    marked = marked_on(virtual_phone, remover, storage)
    assert remover(virtual_phone(ANSWERS, storage=storage, writable=True, faults=faults)).remove(marked) == Removed(
        outcome=known
    )
    assert (NAME in left(storage)) is stays
    assert {"Pictures/c.jpg"} <= left(storage)
    again = remover(virtual_phone(ANSWERS, storage=storage, writable=True))
    assert again.is_gone(marked) is not stays
    assert again.remove(marked).outcome is (Removal.GONE if stays else Removal.ALREADY_GONE)
    assert NAME not in left(storage)


@pytest.mark.parametrize("called", ["getprop", "stat", "sha256sum", "head"])
def test_a_phone_that_goes_while_it_is_marked_is_said_to_be_gone(
    called: str, virtual_phone: PlugIn, remover: Removers, storage: Path
) -> None:
    phone = virtual_phone(ANSWERS, storage=storage, writable=True, faults=Faults(cut_after=(called,)))
    assert remover(phone).mark(copy_of(storage, NAME)) is Removal.PHONE_GONE
    assert NAME in left(storage)


def test_a_phone_that_is_not_there_can_tell_nothing(virtual_phone: PlugIn, remover: Removers, storage: Path) -> None:
    phone = virtual_phone(ANSWERS, storage=storage, writable=True)
    deletes = remover(phone)
    marked = deletes.mark(copy_of(storage, NAME))
    phone.unplug()
    assert deletes.is_gone(marked) is None
    assert deletes.mark(marked.copy) is Removal.PHONE_GONE
    assert deletes.remove(marked) == Removed(outcome=Removal.PHONE_GONE)


def test_a_cable_that_breaks_after_any_number_of_bytes_leaves_no_doubt_later(
    virtual_phone: PlugIn, remover: Removers, storage: Path
) -> None:
    marked = marked_on(virtual_phone, remover, storage)
    outcomes = set()
    for size in range(0, 700, 60):
        lay(storage, {NAME: PICTURE})
        phone = virtual_phone(ANSWERS, storage=storage, writable=True, faults=Faults(cut_after_bytes=size))
        outcome = remover(phone).remove(marked).outcome
        gone = remover(virtual_phone(ANSWERS, storage=storage)).is_gone(marked)
        assert gone is (NAME not in left(storage))
        assert outcome is not Removal.GONE or gone
        assert outcome is not Removal.PHONE_GONE or not gone
        outcomes.add(outcome)
    assert outcomes == {Removal.PHONE_GONE, Removal.UNSURE, Removal.GONE}
