"""Watching folders: what is watched, what is said, what happens at the kernel's limits."""

import errno
import logging
import os
import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from daemon_fakes import FakeObserver
from watchdog.events import DirDeletedEvent, FileModifiedEvent, FileOpenedEvent

from agent.daemon import Reason
from agent.daemon.folders import CHANGES, FolderKeeper, Watched, identify, to_watch

WAIT_S = 30.0
"""How long a test waits for the kernel before it gives up."""


class Kept:
    """A keeper with fake observers."""

    def __init__(self, *folders: Path, room: int = 100, fault: OSError | None = None) -> None:
        self.native = FakeObserver(room=room, fault=fault)
        self.poller = FakeObserver()
        self.changed: list[Reason] = []
        self.wanted = [Watched(path=str(path), reason=Reason.FOLDER, recursive=True) for path in folders]
        self.keeper = FolderKeeper(
            wanted=lambda: tuple(self.wanted), changed=self.changed.append, poll_s=300, probe_dir="/probe",
            open_observer=lambda: self.native, open_poller=lambda: self.poller,
        )  # fmt: skip


def test_wanted_folders_are_watched_once(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    for _ in range(3):
        kept.keeper.look()
    assert list(kept.native.watches) == [str(tmp_path)]
    assert kept.changed == []


def test_a_folder_no_longer_wanted_is_dropped(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    kept.keeper.look()
    kept.wanted.clear()
    kept.keeper.look()
    assert kept.native.watches == {}


def test_a_deleted_folder_is_said_once_and_its_return_counts_as_a_change(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    folder = tmp_path / "jane"
    folder.mkdir()
    kept = Kept(folder)
    kept.keeper.look()
    folder.rmdir()
    for _ in range(3):
        kept.keeper.look()
    assert kept.native.watches == {}
    assert caplog.text.count("not there or cannot be read: 1") == 1
    folder.mkdir()
    kept.keeper.look()
    assert kept.changed == [Reason.FOLDER]
    assert list(kept.native.watches) == [str(folder)]
    assert "there again: 1" in caplog.text
    assert "jane" not in caplog.text


def test_another_folder_under_the_same_name_is_watched_anew(tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    kept = Kept(folder)
    kept.keeper.look()
    before = kept.native.watches[str(folder)]
    folder.rename(tmp_path / "old")
    folder.mkdir()
    kept.keeper.look()
    assert kept.native.watches[str(folder)] is not before
    assert kept.changed == [Reason.FOLDER]


def test_a_folder_that_comes_between_the_look_and_the_watch_is_not_missed(tmp_path: Path) -> None:
    folder = tmp_path / "policy.d"
    kept = Kept(folder, tmp_path)  # the folder is looked for before the one above it is watched
    take = kept.native.schedule

    def slow(handler, path, **options):
        folder.mkdir(exist_ok=True)
        return take(handler, path, **options)

    kept.native.schedule = slow
    kept.keeper.look()
    assert str(folder) in kept.native.watches
    assert kept.changed == [Reason.FOLDER]


def test_a_missing_policy_folder_is_nothing_to_speak_of(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    kept = Kept()
    kept.wanted = [Watched(path=str(tmp_path / "policy.d"), reason=Reason.POLICY, recursive=False)]
    kept.keeper.look()
    assert caplog.text == ""
    (tmp_path / "policy.d").mkdir()
    kept.keeper.look()
    assert kept.changed == [Reason.POLICY]


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EMFILE, errno.ENFILE])
@pytest.mark.parametrize("room", [0, 1], ids=["first folder", "the probe, that is: some subfolder"])
def test_at_the_kernels_limit_folders_are_compared_and_it_is_said_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, code: int, room: int
) -> None:
    kept = Kept(tmp_path, room=room, fault=OSError(code, "limit"))
    for _ in range(3):
        kept.keeper.look()
    assert kept.keeper.polls
    assert kept.native.stopped
    assert list(kept.poller.watches) == [str(tmp_path)]
    assert caplog.text.count("inotify) is reached: folders are compared every 300 s instead") == 1


def test_a_watchdog_thread_that_dies_is_replaced_by_comparing(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    kept.keeper.look()
    kept.keeper.observer_died()
    kept.keeper.look()
    assert list(kept.poller.watches) == [str(tmp_path)]


def test_a_folder_that_vanishes_while_it_is_taken_up_is_looked_for_again(tmp_path: Path) -> None:
    kept = Kept(tmp_path, room=0, fault=FileNotFoundError(errno.ENOENT, "gone"))
    with pytest.raises(FileNotFoundError):
        kept.keeper.look()
    kept.native.room = 100
    kept.keeper.look()
    assert list(kept.native.watches) == [str(tmp_path)]


def test_only_folders_that_can_be_listed_have_an_identity(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    assert identify(str(tmp_path)) is not None
    assert identify(str(tmp_path / "none")) is identify(str(tmp_path / "file")) is identify("/a\0b") is None
    assert identify(str(tmp_path / "loop")) is None


def test_an_unreadable_folder_has_no_identity(tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(0o000)
    answers: queue.Queue[object] = queue.Queue()
    child = os.fork()
    if child == 0:
        if os.geteuid() == 0:
            tmp_path.chmod(0o755)
            os.setresuid(65_534, 65_534, 65_534)
        os._exit(0 if identify(str(tmp_path / "closed")) is None else 1)
    answers.put(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    assert answers.get() == 0


def test_folders_within_each_other_are_watched_once(tmp_path: Path) -> None:
    for name in ("a/b", "ab"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "a")
    photos = tuple(str(tmp_path / name) for name in ("a/b", "a", "ab", "link"))
    paths = [watched.path for watched in to_watch((*photos, "relative", "/a\0b"), (), own=())]
    assert paths == [str(tmp_path / "a"), str(tmp_path / "ab")]


def test_the_agents_own_writing_does_not_wake_it(tmp_path: Path) -> None:
    state = tmp_path / "home" / "state"
    photos = (str(tmp_path / "home"), str(state), str(state / "x"))
    [home] = to_watch(photos, (), own=(str(state),))
    assert (home.path, home.recursive) == (str(tmp_path / "home"), False)


def test_reading_a_picture_is_no_change() -> None:
    assert not any(issubclass(FileOpenedEvent, one) for one in CHANGES)
    assert FileModifiedEvent in CHANGES
    assert DirDeletedEvent in CHANGES


@contextmanager
def running(*folders: Path, probe: Path) -> Iterator[queue.Queue[Reason]]:
    """A real keeper on real folders; what it notices."""
    changes: queue.Queue[Reason] = queue.Queue()
    keeper = FolderKeeper(
        wanted=lambda: to_watch(tuple(map(str, folders)), (), own=()), changed=changes.put, poll_s=0.1,
        probe_dir=str(probe),
    )  # fmt: skip
    before = set(threading.enumerate())
    keeper.start()
    try:
        yield changes
    finally:
        keeper.stop()
        for thread in set(threading.enumerate()) - before:
            if thread.is_alive():
                thread.join(WAIT_S)


def until_noticed(changes: "queue.Queue[Reason]", folder: Path) -> None:
    """Write new files until one is noticed: only the keeper knows when its watch stands."""
    for number in range(int(WAIT_S * 10)):
        (folder / f"{number}.jpg").touch()
        try:
            assert changes.get(timeout=0.1) is Reason.FOLDER
        except queue.Empty:
            continue
        return
    pytest.fail("no change was noticed")


def test_a_new_picture_deep_in_a_folder_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    with running(tmp_path / "photos", probe=tmp_path) as changes:
        until_noticed(changes, tmp_path / "photos")
        (tmp_path / "photos" / "trip" / "day one").mkdir(parents=True)
        until_noticed(changes, tmp_path / "photos" / "trip" / "day one")


def test_a_folder_that_appears_later_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    with running(tmp_path / "photos", tmp_path / "other", probe=tmp_path) as changes:
        until_noticed(changes, tmp_path / "other")
        while not changes.empty():
            changes.get()
        (tmp_path / "photos").mkdir()
        assert changes.get(timeout=WAIT_S) is Reason.FOLDER
