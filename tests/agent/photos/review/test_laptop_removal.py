"""A picture of this laptop is deleted if it is the one that was judged, and left alone in every other case."""

import errno
import os
import socket
from pathlib import Path

import pytest
from laptop_removal_parts import (
    OTHER,
    STAMP,
    WOUND,
    Watched,
    contents,
    copy_of,
    failing,
    files,
    marked,
    put,
    real_folder,
)

from agent.photos.review.laptop_door import Door
from agent.photos.review.model import Marked, Removal, Removed
from agent.photos.source import MOST_WHOLE

folder = pytest.fixture(real_folder)


@pytest.fixture
def wound(folder):
    return put(folder / "Pictures" / "wound.jpg")


def test_marking_proves_the_contents_and_touches_nothing(folder, wound):
    before = os.stat(wound)
    assert files().mark(copy_of(wound)) == marked(wound)
    after = os.stat(wound)
    assert (after.st_mtime_ns, after.st_ctime_ns, after.st_ino) == (
        before.st_mtime_ns,
        before.st_ctime_ns,
        before.st_ino,
    )
    assert contents(folder) == {"Pictures/wound.jpg": WOUND}


def test_a_marked_picture_is_deleted_and_its_neighbours_stay(folder, wound):
    put(folder / "Pictures" / "wound.jpg~", OTHER)
    assert files().remove(marked(wound)) == Removed(outcome=Removal.GONE)
    assert contents(folder) == {"Pictures/wound.jpg~": OTHER}
    assert files().is_gone(marked(wound)) is True


def test_what_is_deleted_twice_is_already_gone_the_second_time(wound):
    files().remove(marked(wound))
    assert files().remove(marked(wound)).outcome is Removal.ALREADY_GONE
    assert files().mark(copy_of(wound)) is Removal.ALREADY_GONE


def test_the_folder_is_flushed_after_the_name_went(wound):
    door = Watched()
    files(door).remove(marked(wound))
    assert door.calls.index("flush") > door.calls.index("unlink")


def test_a_picture_that_another_program_has_open_is_deleted(wound):
    with open(wound, "rb") as other:
        assert files().remove(marked(wound)).outcome is Removal.GONE
        assert other.read() == WOUND


def _grown(path):
    put(path, WOUND + b"1")


def _later(path):
    os.utime(path, ns=(STAMP, STAMP + 1))


def _other_contents(path):
    put(path, OTHER)


def _other_file(path):
    put(path.with_name("new"), OTHER)
    os.replace(path.with_name("new"), path)


def _linked_to(path):
    path.rename(path.with_name("there.jpg"))
    path.symlink_to("there.jpg")


def _second_name(path):
    os.link(path, path.with_name("second.jpg"))


def _pipe(path):
    path.unlink()
    os.mkfifo(path)


def _socket(path):
    path.unlink()
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(str(path))


def _folder(path):
    path.unlink()
    path.mkdir()


def _folder_linked(path):
    path.parent.rename(path.parent.with_name("Moved"))
    path.parent.symlink_to("Moved")


def _file_for_folder(path):
    path.parent.rename(path.parent.with_name("Moved"))
    path.parent.write_bytes(b"")


def _deleted(path):
    path.unlink()


def _folder_deleted(path):
    path.unlink()
    path.parent.rmdir()


def _bare(path):
    """As a folder is on which a disk is mounted at other times: empty, and old."""
    path.unlink()
    os.utime(path.parent, ns=(STAMP - 1, STAMP - 1))


FOUND = [
    (_grown, Removal.CHANGED),
    (_later, Removal.CHANGED),
    (_other_contents, Removal.CHANGED),
    (_other_file, Removal.CHANGED),
    (_linked_to, Removal.LINKED),
    (_second_name, Removal.LINKED),
    (_pipe, Removal.CHANGED),
    (_socket, Removal.CHANGED),
    (_folder, Removal.CHANGED),
    (_folder_linked, Removal.LINKED),
    (_file_for_folder, Removal.CHANGED),
    (_deleted, Removal.ALREADY_GONE),
    (_folder_deleted, Removal.FAILED),
    (_bare, Removal.FAILED),
]


@pytest.mark.parametrize(("change", "outcome"), FOUND, ids=[one.__name__[1:] for one, _ in FOUND])
@pytest.mark.parametrize("act", ["mark", "remove"])
def test_what_is_not_the_judged_picture_is_left_as_it_is(folder, wound, change, outcome, act):
    change(wound)
    before = contents(folder)
    if act == "mark":
        assert files().mark(copy_of(wound)) is outcome
    else:
        assert files().remove(marked(wound)) == Removed(outcome=outcome)
    assert contents(folder) == before


def test_other_contents_of_the_same_size_and_time_are_left_without_a_digest_too(wound):
    mark = files().mark(copy_of(wound, digest=None))
    put(wound, OTHER)
    assert isinstance(mark, Marked)
    assert files().remove(mark).outcome is Removal.CHANGED
    assert wound.read_bytes() == OTHER


def test_contents_beyond_the_head_count_too(folder):
    film = WOUND * 20
    path = put(folder / "film.mp4", film)
    mark = files().mark(copy_of(path, film))
    put(path, film[:-1] + b"x")
    assert files().remove(mark).outcome is Removal.CHANGED
    assert path.exists()


def test_a_pipe_that_looks_like_the_file_is_not_even_opened(folder):
    path = folder / "pipe.jpg"
    os.mkfifo(path)
    os.utime(path, ns=(STAMP, STAMP))
    door = Watched()
    assert files(door).mark(copy_of(path, b"")) is Removal.CHANGED
    assert "open" not in door.calls


def test_a_disk_that_gives_less_than_it_says_has_proven_nothing(folder):
    class Short(Door):
        def read(self, descriptor, count, start):
            return super().read(descriptor, max(0, min(count, 100_000 - start)), start)

    path = put(folder / "film.mp4", WOUND * 20)
    assert files(Short()).mark(copy_of(path, WOUND * 20)) is Removal.CHANGED


def test_only_the_last_folder_must_be_one_that_may_be_listed(folder, wound):
    class Listed(Door):
        asked = ()

        def enter(self, folder, name, *, to_list):
            self.asked += (to_list,)
            return super().enter(folder, name, to_list=to_list)

    door = Listed()
    files(door).mark(copy_of(wound))
    assert door.asked == (*(len(wound.parts) - 3) * (False,), True)


def test_a_folder_that_holds_something_is_no_bare_one(wound):
    put(wound.with_name("other.jpg"), OTHER)
    _bare(wound)
    assert files().mark(copy_of(wound)) is Removal.ALREADY_GONE
    assert files().is_gone(marked(wound)) is True


def test_a_picture_of_another_account_is_left(wound):
    class Stranger(Door):
        def person(self):
            return super().person() + 1

    assert files(Stranger()).mark(copy_of(wound)) is Removal.NOT_PERMITTED
    assert files(Stranger()).remove(marked(wound)).outcome is Removal.NOT_PERMITTED
    assert wound.exists()


def test_what_nobody_ever_looked_through_is_not_read(folder):
    path = put(folder / "huge.dcm", b"")
    os.truncate(path, MOST_WHOLE + 1)
    os.utime(path, ns=(STAMP, STAMP))
    door = Watched()
    assert files(door).mark(copy_of(path, size=MOST_WHOLE + 1, digest=None)) is Removal.FAILED
    assert "read" not in door.calls


def test_a_file_that_grows_while_it_is_read_is_no_more_than_read(wound):
    def grow(name, count):
        if name == "read":
            with open(wound, "ab") as file:
                file.write(b"x" * 5000)

    door = Watched(grow)
    assert files(door).mark(copy_of(wound)) is Removal.CHANGED
    assert door.calls.count("read") <= 3


@pytest.mark.parametrize(
    "path", ["wound.jpg", "", "/", "/a/../etc/passwd", "/a/./b", "/a//b", "/a/b/", "/a\0/b", "/a/\ud800"]
)
def test_what_is_no_path_is_refused_before_anything_is_opened(path):
    door = Watched()
    assert files(door).mark(copy_of(path)) is Removal.FAILED
    assert files(door).remove(marked(path)).outcome is Removal.FAILED
    assert files(door).is_gone(marked(path)) is None
    assert door.calls == []


MEANS = {
    errno.EROFS: Removal.READ_ONLY, errno.EPERM: Removal.NOT_PERMITTED, errno.EACCES: Removal.NOT_PERMITTED,
    errno.ENOSPC: Removal.FAILED, errno.EIO: Removal.FAILED, errno.EBUSY: Removal.FAILED,
}  # fmt: skip


@pytest.mark.parametrize("code", MEANS, ids=errno.errorcode.get)
@pytest.mark.parametrize("call", ["root", "enter", "look", "open", "held", "read", "move_new", "unlink"])
def test_a_disk_or_a_right_that_fails_leaves_the_picture_under_its_name(folder, wound, call, code):
    door = failing(Watched, call, code)
    assert files(door).remove(marked(wound)) == Removed(outcome=MEANS[code])
    assert contents(folder) == {"Pictures/wound.jpg": WOUND}


@pytest.mark.parametrize("call", ["open", "read", "move_new"])
def test_that_it_is_not_there_is_not_believed_while_it_is(folder, wound, call):
    assert files(failing(Watched, call, errno.ENOENT)).remove(marked(wound)).outcome is Removal.FAILED
    assert contents(folder) == {"Pictures/wound.jpg": WOUND}


def test_a_server_that_moves_it_and_says_that_it_did_not_is_seen_through(folder, wound):
    class Forgetful(Door):
        def move_new(self, folder, old, new):
            super().move_new(folder, old, new)
            raise FileNotFoundError(errno.ENOENT, "")

    assert files(Forgetful()).remove(marked(wound)).outcome is Removal.UNSURE
    assert files().is_gone(marked(wound)) is False
    assert contents(folder) == {"Pictures/wound.jpg": WOUND}


def test_a_picture_that_goes_between_two_looks_is_already_gone(wound):
    for call in ("open", "move_new"):
        put(wound)
        door = Watched(lambda name, count, call=call: wound.unlink() if (name, count) == (call, 1) else None)
        assert files(door).remove(marked(wound)).outcome is Removal.ALREADY_GONE


def test_where_nothing_can_be_written_through_nobody_says_that_it_is_gone(wound):
    assert files(failing(Watched, "flush", errno.EIO)).remove(marked(wound)).outcome is Removal.UNSURE
    assert files(failing(Watched, "flush", errno.EIO)).is_gone(marked(wound)) is None
    assert files().is_gone(marked(wound)) is True


def test_a_disk_that_cannot_flush_a_folder_is_no_fault():
    folder = os.open("/proc/self/ns", os.O_RDONLY)
    try:
        with pytest.raises(OSError, match="Invalid"):
            os.fsync(folder)
        Door().flush(folder)
    finally:
        os.close(folder)


def test_a_disk_that_fails_for_good_in_the_middle_leaves_it_hidden_until_the_next_look(folder, wound):
    def fail(name, count):
        if name == "unlink" or (name == "move_new" and count > 1):
            raise OSError(errno.EIO, "")

    assert files(Watched(fail)).remove(marked(wound)).outcome is Removal.UNSURE
    assert files(failing(Watched, "move_new", errno.EROFS)).is_gone(marked(wound)) is None
    assert files().mark(copy_of(wound)) is Removal.FAILED
    assert files().is_gone(marked(wound)) is False
    assert contents(folder) == {"Pictures/wound.jpg": WOUND}


def test_what_was_hidden_when_the_power_went_is_deleted_by_the_next_try(folder, wound):
    def fail(name, count):
        if name == "unlink" or (name == "move_new" and count > 1):
            raise OSError(errno.EIO, "")

    files(Watched(fail)).remove(marked(wound))
    assert files().remove(marked(wound)).outcome is Removal.GONE
    assert contents(folder) == {}


def test_gone_is_said_only_where_the_folder_could_be_read(folder, wound):
    assert files().is_gone(marked(wound)) is False
    _bare(wound)
    assert files().is_gone(marked(wound)) is None
    _folder_deleted(put(wound))
    assert files().is_gone(marked(wound)) is None
    Path(wound.parent).symlink_to(folder)
    assert files().is_gone(marked(wound)) is None


def test_a_picture_that_is_there_again_at_once_is_not_said_to_be_gone(wound):
    door = Watched(lambda name, count: put(wound) if name == "flush" else None)
    assert files(door).remove(marked(wound)).outcome is Removal.REPLACED
    assert wound.read_bytes() == WOUND
