"""What could not be deleted on this laptop comes with why, and what to do by hand."""

import pytest

from agent.photos.review.laptop_words import by_hand, elsewhere, left_behind
from agent.photos.review.model import Removal
from checks.clinical_images.fact import Folder

SILENT = {Removal.GONE, Removal.ALREADY_GONE, Removal.PHONE_GONE}


@pytest.mark.parametrize("outcome", Removal)
@pytest.mark.parametrize("folder", Folder)
def test_each_fault_of_a_laptop_has_its_words(outcome, folder):
    said = by_hand(outcome, folder)
    assert bool(said) is (outcome not in SILENT)
    assert said == "" or said.endswith(".")
    assert "image" not in said


def test_steps_by_hand_are_those_of_the_place():
    assert "Shift+Delete" in by_hand(Removal.FAILED, Folder.PICTURES)
    assert "Delete permanently" in by_hand(Removal.FAILED, Folder.TRASH)
    assert "web page" in by_hand(Removal.FAILED, Folder.CLOUD)


@pytest.mark.parametrize("outcome", [Removal.ON_HOLD, Removal.CHANGED, Removal.LINKED])
def test_nobody_is_told_to_delete_by_hand_what_must_stay(outcome):
    assert not any("Shift" in by_hand(outcome, folder) or "By hand" in by_hand(outcome, folder) for folder in Folder)


def test_what_may_be_elsewhere_is_said_once():
    said = elsewhere([Folder.CLOUD, Folder.PICTURES, Folder.CLOUD, Folder.MESSENGER])
    assert len(said) == 2
    assert "bin" in said[0]
    assert elsewhere([]) == ()


def test_traces_that_stayed_are_counted():
    assert left_behind(0) == ""
    assert left_behind(1).startswith("1 trace of it may have stayed")
    assert left_behind(2).startswith("2 traces of it may have stayed")
