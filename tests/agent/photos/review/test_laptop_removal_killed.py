"""Killed at any step, a deletion leaves the file under its name or nothing of it, and the next start says which."""

import pytest
from laptop_removal_child import POINTS, beside, child, picture, remover
from laptop_removal_parts import WOUND, contents, marked, real_folder

folder = pytest.fixture(real_folder)


def killed(folder, way, kind):
    """Each place in which the work was cut off, and what the next start says of it."""
    out, err = child(folder, way, kind).communicate(timeout=300)
    assert err == ""
    assert 10 < int(out) <= POINTS, "each call is met"
    for place in sorted(one for one in folder.iterdir() if one.name != "whole"):
        yield place, remover(place).is_gone(marked(picture(place)))


@pytest.mark.parametrize("kind", ["Watched", "Old", "Bare"])
def test_a_deletion_killed_anywhere_is_undone_or_finished(folder, kind):
    said = set()
    for place, gone in killed(folder, "remove", kind):
        said.add(gone)
        if gone:
            assert contents(place) == {}, "it went with all that belongs to it"
        else:
            assert list(contents(place / "Trash" / "files").values()) == [WOUND]
            assert not any(name.startswith(".") for name in contents(place / "Trash" / "files"))
            assert len(beside(place)) == 3, "nothing went without it"
    assert said == {True, False}


@pytest.mark.parametrize("kind", ["Watched", "Old", "Bare"])
def test_putting_back_killed_anywhere_is_done_by_the_next_start(folder, kind):
    for place, gone in killed(folder, "settle", kind):
        assert gone is False
        (name,) = contents(place / "Trash" / "files")
        assert name == "wound.jpg" or (kind == "Bare" and name.startswith("scrubin-kept-"))
        assert picture(place).with_name(name).read_bytes() == WOUND


def test_what_was_put_back_can_be_deleted_again(folder):
    for place, gone in killed(folder, "remove", "Watched"):
        if not gone:
            assert remover(place).remove(marked(picture(place))).twins == 3
        assert contents(place) == {}
