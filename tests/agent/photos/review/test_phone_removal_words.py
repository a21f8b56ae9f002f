"""What the person is told of copies on phones that stayed, and of those that nobody here can reach."""

import re
from itertools import product

import pytest

from agent.photos.review.model import Removal
from agent.photos.review.phone_words import IPHONE, by_hand, elsewhere, left_behind
from checks.clinical_images.fact import Folder
from checks.makers import Maker

DONE = frozenset({Removal.GONE, Removal.ALREADY_GONE})
CASES = list(product(Removal, Maker, Folder))
SENTENCE = re.compile(r"[A-Z][^\n<]+[.]")


def test_every_outcome_has_words_but_the_good_ones() -> None:
    for outcome, maker, folder in CASES:
        said = by_hand(outcome, maker, folder)
        assert bool(said) is (outcome not in DONE)
        assert not said or SENTENCE.fullmatch(said)
        assert len(said) < 400


@pytest.mark.parametrize(
    ("outcome", "maker", "folder", "words"),
    [
        (Removal.FAILED, Maker.SAMSUNG, Folder.CAMERA, "Gallery > Menu > Recycle bin"),
        (Removal.FAILED, Maker.GOOGLE, Folder.CAMERA, "Collections > Bin"),
        (Removal.FAILED, Maker.OTHER, Folder.PICTURES, "your gallery app"),
        (Removal.NOT_PERMITTED, Maker.XIAOMI, Folder.MESSENGER, "Delete for me"),
        (Removal.NOT_PERMITTED, Maker.XIAOMI, Folder.CLOUD, "cloud app"),
        (Removal.PHONE_GONE, Maker.GOOGLE, Folder.CAMERA, "nothing on it was touched"),
        (Removal.UNSURE, Maker.GOOGLE, Folder.CAMERA, "nobody can say yet"),
    ],
)
def test_steps_are_those_of_the_phone_and_the_place(outcome: Removal, maker: Maker, folder: Folder, words: str) -> None:
    assert words in by_hand(outcome, maker, folder)


def test_only_where_hands_help_are_steps_given() -> None:
    for outcome in (Removal.CHANGED, Removal.ON_HOLD, Removal.PHONE_GONE, Removal.UNSURE):
        assert "By hand" not in by_hand(outcome, Maker.GOOGLE)


def test_places_that_nobody_here_can_see_are_named_once() -> None:
    assert elsewhere([], Maker.SONY)[0].startswith("If Google Photos backed it up")
    said = elsewhere([Folder.MESSENGER, Folder.MESSENGER, Folder.CAMERA, Folder.CLOUD], Maker.SAMSUNG)
    assert len(said) == len(set(said)) == 5
    assert "OneDrive" in said[1]
    assert "other person's chat" in said[2]
    assert "Xiaomi Cloud" in elsewhere([Folder.CAMERA], Maker.XIAOMI)[1]
    assert all(SENTENCE.fullmatch(one) for maker in Maker for one in elsewhere(Folder, maker))


def test_traces_that_stayed_are_told() -> None:
    assert left_behind(0) == ""
    assert left_behind(1).startswith("1 trace of it")
    assert left_behind(2).startswith("2 traces of it")
    assert "iCloud" in IPHONE
