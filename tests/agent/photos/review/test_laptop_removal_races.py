"""Whatever another program does to the file at whatever moment, what it put there is never lost."""

import contextlib
import ctypes
import errno
import os
import threading

import pytest
from laptop_removal_parts import (
    DOORS,
    OTHER,
    STAMP,
    WOUND,
    Bare,
    Old,
    Watched,
    contents,
    copy_of,
    files,
    marked,
    put,
    real_folder,
)

from agent.photos.review.laptop_door import Door
from agent.photos.review.laptop_hiding import hidden_name
from agent.photos.review.model import Removal, Removed

folder = pytest.fixture(real_folder)


def replace(path):
    """By a file of the same size and time."""
    put(path.with_name("new"), OTHER)
    os.replace(path.with_name("new"), path)


def overwrite(path):
    with contextlib.suppress(FileNotFoundError), open(path, "r+b") as file:
        file.write(OTHER)


def make_anew(path):
    with contextlib.suppress(FileExistsError), open(path, "xb") as file:
        file.write(OTHER)


def delete(path):
    with contextlib.suppress(FileNotFoundError):
        path.unlink()


def delete_and_make(path):
    delete(path)
    make_anew(path)


def second_name(path):
    with contextlib.suppress(FileNotFoundError):
        os.link(path, path.parent.parent / "second.jpg")


def link_over(path):
    put(path.parent.parent / "kept.jpg", OTHER)
    delete(path)
    path.symlink_to("../kept.jpg")


def folder_over(path):
    delete(path)
    put(path / "inside.jpg", OTHER)


def swap_folder(path):
    path.parent.rename(path.parent.with_name("Moved"))
    put(path.parent.parent / "Elsewhere" / path.name, OTHER)
    path.parent.symlink_to("Elsewhere")


def take_folder(path):
    path.parent.rename(path.parent.with_name("Moved"))


DOES = [
    replace, overwrite, make_anew, delete, delete_and_make, second_name, link_over, folder_over, swap_folder,
    take_folder,
]  # fmt: skip
TAKE = (delete, delete_and_make, link_over, folder_over)
STEPS = 60
NOT_DONE = {Removal.CHANGED, Removal.LINKED, Removal.FAILED, Removal.NOT_PERMITTED, Removal.READ_ONLY}


def disturbed(kind, step, does, path):
    """A door through whose n-th call somebody else comes first; `made` tells whether they made anything."""
    made = []

    def act(name, count):
        if len(door.calls) == step:
            does(path)
            made.append(OTHER in contents(path.parent.parent).values())

    door = kind(act)
    return door, made


@pytest.mark.parametrize("kind", DOORS)
@pytest.mark.parametrize("does", DOES)
def test_no_other_file_is_lost_at_any_moment(kind, does):
    for step in range(1, STEPS):
        for folder in real_folder():
            path = put(folder / "Pictures" / "wound.jpg")
            door, made = disturbed(kind, step, does, path)
            outcome = files(door).remove(marked(path)).outcome
            left = list(contents(folder).values())
            assert left.count(OTHER) == (made == [True]), "what somebody else put there"
            if outcome is Removal.GONE and does is not second_name:
                assert WOUND not in left
            if outcome in NOT_DONE and does is second_name:
                assert WOUND in left
            assert outcome is not Removal.UNSURE
            assert not any(".scrubin-" in name for name in contents(folder))
    assert len(door.calls) < STEPS - 1, "each call was met"


@pytest.mark.parametrize("kind", DOORS)
@pytest.mark.parametrize("does", DOES)
def test_putting_back_loses_no_other_file_at_any_moment(kind, does):
    for step in range(1, STEPS):
        for folder in real_folder():
            path = folder / "Pictures" / "wound.jpg"
            hidden = put(path.with_name(hidden_name(str(path)).decode()))
            door, made = disturbed(kind, step, does, path)
            said = files(door).is_gone(marked(path))
            left = list(contents(folder).values())
            assert left.count(OTHER) == (made == [True])
            assert said is not True or does in TAKE
            assert WOUND in left or does in TAKE or does in (overwrite, replace)
            assert hidden.exists() <= (said is None)
    assert len(door.calls) < STEPS - 1, "each call was met"


@pytest.mark.parametrize("kind", DOORS)
def test_the_replacement_of_the_last_moment_is_back_under_its_name(folder, kind):
    path = put(folder / "wound.jpg")
    door = kind(lambda name, count: replace(path) if (name, count) == ("move_new", 1) else None)
    assert files(door).remove(marked(path)) == Removed(outcome=Removal.CHANGED)
    there = contents(folder)
    assert list(there.values()) == [OTHER]
    # Where a disk can promise nothing, it lies beside it, for all to see.
    assert list(there) == ["wound.jpg"] or (kind is DOORS[2] and next(iter(there)).startswith("scrubin-kept-"))


@pytest.mark.parametrize("kind", DOORS)
def test_a_name_taken_twice_leaves_both_files(folder, kind):
    path = put(folder / "wound.jpg")

    def act(name, count):
        if (name, count) == ("move_new", 1):
            replace(path)
        if (name, count) == ("move_new", 2):
            path.write_bytes(b"the newest")

    assert files(kind(act)).remove(marked(path)).outcome is Removal.CHANGED
    assert path.read_bytes() == b"the newest"
    assert sorted(contents(folder).values()) == sorted([OTHER, b"the newest"])
    assert any(name.startswith("scrubin-kept-") and name.endswith(".jpg") for name in contents(folder))


def test_a_picture_that_could_only_be_kept_beside_its_name_is_not_gone(folder):
    path = folder / "wound.jpg"
    put(path.with_name(os.fsdecode(hidden_name(str(path)))))
    assert files(Bare()).is_gone(marked(path)) is False
    (kept,) = contents(folder)
    assert kept.startswith("scrubin-kept-")
    assert files().is_gone(marked(path)) is False
    assert files().mark(copy_of(path)) is Removal.FAILED
    assert files().remove(marked(path)) == Removed(outcome=Removal.FAILED)
    assert files().remove(marked(folder / kept)).outcome is Removal.GONE
    assert files().is_gone(marked(path)) is True


def test_a_second_name_given_at_the_last_moment_is_told(folder):
    path = put(folder / "Pictures" / "wound.jpg")
    door = Watched(lambda name, count: second_name(path) if name == "move_new" and count == 1 else None)
    assert files(door).remove(marked(path)).outcome is Removal.LINKED
    assert path.read_bytes() == WOUND


def test_a_pipe_put_there_at_the_last_moment_is_not_waited_for(folder):
    path = put(folder / "wound.jpg")

    def act(name, count):
        if name == "open":
            path.unlink()
            os.mkfifo(path)

    said = []
    work = threading.Thread(target=lambda: said.append(files(Watched(act)).remove(marked(path)).outcome), daemon=True)
    work.start()
    work.join(timeout=20)
    assert said == [Removal.CHANGED]


def test_a_name_beside_that_is_taken_is_not_taken_again(folder):
    path = put(folder / "wound.jpg", OTHER)
    hidden = hidden_name(str(path))
    put(folder / os.fsdecode(hidden))
    put(folder / f"scrubin-kept-{os.fsdecode(hidden)[-16:]}-1.jpg", b"kept before")
    assert files(Bare()).is_gone(marked(path)) is False
    assert sorted(contents(folder).values()) == sorted([OTHER, WOUND, b"kept before"])


def test_another_picture_kept_beside_the_name_is_not_this_one(folder):
    path = folder / "wound.jpg"
    put(folder / f"scrubin-kept-{os.fsdecode(hidden_name(str(path)))[-16:]}-1.jpg", b"kept before")
    assert files().is_gone(marked(path)) is True


def test_a_file_that_has_the_hidden_name_is_not_moved_over(folder):
    path = put(folder / "wound.jpg")
    hidden = folder / os.fsdecode(hidden_name(str(path)))
    door = Old(lambda name, count: put(hidden, OTHER) if (name, count) == ("move_new", 1) else None)
    assert files(door).remove(marked(path)).outcome is Removal.FAILED
    assert sorted(contents(folder).values()) == sorted([OTHER, WOUND])
    assert path.read_bytes() == WOUND


@pytest.mark.parametrize("kind", DOORS)
def test_what_was_put_back_outlives_the_next_power_cut(folder, kind):
    path = folder / "wound.jpg"
    put(folder / os.fsdecode(hidden_name(str(path))))
    door = kind()
    files(door).is_gone(marked(path))
    assert door.calls[-1] == "flush"


@pytest.mark.parametrize("code", [errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP])
def test_a_disk_that_says_that_it_lacks_the_safe_step_is_an_old_one(folder, code):
    class Lacking(Door):
        def __init__(self):
            super().__init__()
            self._rename = lambda *_: ctypes.set_errno(code) or -1

    path = put(folder / "wound.jpg")
    assert files(Lacking()).remove(marked(path)).outcome is Removal.GONE
    put(folder / os.fsdecode(hidden_name(str(path))))
    assert files(Lacking()).is_gone(marked(path)) is False
    assert contents(folder) == {"wound.jpg": WOUND}


def test_two_names_left_by_a_power_cut_become_one_again(folder):
    path = put(folder / "wound.jpg")
    os.link(path, folder / os.fsdecode(hidden_name(str(path))))
    assert files(Old()).is_gone(marked(path)) is False
    assert contents(folder) == {"wound.jpg": WOUND}
    assert os.stat(path).st_nlink == 1


@pytest.mark.parametrize("kind", DOORS)
def test_a_program_that_writes_all_the_time_never_loses_its_last_word(folder, kind):
    path = folder / "Pictures" / "wound.jpg"
    for trial in range(40):
        put(path)
        ready = threading.Barrier(2)
        program = threading.Thread(target=rewrite, args=(path, ready, trial))
        program.start()
        ready.wait()
        files(kind()).remove(marked(path))
        program.join()
        assert b"last of %d" % trial in contents(folder).values()


def rewrite(path, ready, trial):
    """As editors and sync programs do: a new file, then over the old one."""
    ready.wait()
    for version in range(30):
        fresh = path.with_name("fresh")
        fresh.write_bytes(b"last of %d" % trial if version == 29 else b"%d" % version)
        os.replace(fresh, path)


def test_marks_hold_nothing_open(folder):
    path = put(folder / "wound.jpg")
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(20):
        files().mark(copy_of(path))
        files().mark(copy_of(path, stamp=STAMP + 1))
        files().is_gone(marked(path))
        files().remove(marked(path.with_name("none") / "none"))
    assert len(os.listdir("/proc/self/fd")) == before
