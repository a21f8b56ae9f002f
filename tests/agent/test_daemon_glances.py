"""Folders that change while an audit holds the worker are glanced at: one glance at a time, and none without need."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from queue import Empty, Queue

import pytest
from daemon_fakes import Rig
from watchdog.events import DirCreatedEvent, FileClosedEvent, FileCreatedEvent, FileDeletedEvent, FileMovedEvent

from agent.daemon import Reason
from agent.daemon.folders import FolderKeeper, Watched
from agent.daemon.glances import MOST, Glances
from agent.daemon.loop import Loop

WAIT_S = 60.0


class Glancer:
    """Says what it is to look at, and looks until it is told to end."""

    def __init__(self) -> None:
        self.began: Queue[tuple[str, ...]] = Queue()
        self.go_on = threading.Semaphore(0)
        self.at_once = self.most_at_once = 0

    def __call__(self, folders: tuple[str, ...]) -> None:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        self.began.put(folders)
        assert self.go_on.acquire(timeout=WAIT_S)
        self.at_once -= 1
        if folders == ("/broken",):
            raise OSError(2, "nothing there", "/home/clin/Pictures/wound.jpg")

    def heard(self) -> tuple[str, ...]:
        return self.began.get(timeout=WAIT_S)


@pytest.fixture
def glancer() -> Glancer:
    return Glancer()


@pytest.fixture
def glances(glancer: Glancer) -> Iterator[Glances]:
    one = Glances(glancer)
    yield one
    for _ in range(9):
        glancer.go_on.release()
    one.end(WAIT_S)


def test_folders_that_change_under_a_running_audit_are_glanced_at(glances: Glances, glancer: Glancer) -> None:
    glances.touched("/a")
    glances.touched("/b")
    glances.touched("/a")
    glances.settled(busy=True)
    assert glancer.heard() == ("/b", "/a")


def test_an_audit_that_can_begin_looks_for_itself(glances: Glances, glancer: Glancer) -> None:
    glances.touched("/a")
    glances.settled(busy=False)
    glances.settled(busy=True)
    glances.touched("/b")
    glances.settled(busy=True)
    assert glancer.heard() == ("/b",)


def test_one_glance_at_a_time_and_none_is_forgotten(glances: Glances, glancer: Glancer) -> None:
    for name in ("/a", "/b", "/c"):
        glances.touched(name)
        glances.settled(busy=True)
        if name == "/a":
            assert glancer.heard() == ("/a",)
    glancer.go_on.release()
    assert glancer.heard() == ("/b", "/c")
    assert glancer.most_at_once == 1


def test_a_glance_that_fails_is_said_without_a_path(
    glances: Glances, glancer: Glancer, caplog: pytest.LogCaptureFixture
) -> None:
    glancer.go_on.release()
    for name in ("/broken", "/a"):
        glances.touched(name)
        glances.settled(busy=True)
        assert glancer.heard() == (name,)
    assert "a glance at new pictures failed" in caplog.text
    assert "wound" not in caplog.text


def test_a_flood_keeps_the_folders_that_changed_last(glances: Glances, glancer: Glancer) -> None:
    for number in range(MOST + 5):
        glances.touched(f"/{number}")
    glances.settled(busy=True)
    assert glancer.heard() == tuple(f"/{number}" for number in range(5, MOST + 5))


def test_after_the_end_nothing_begins(glances: Glances, glancer: Glancer) -> None:
    glances.end(0)
    glances.touched("/a")
    glances.settled(busy=True)
    with pytest.raises(Empty):
        glancer.began.get_nowait()


def test_the_keeper_tells_into_which_folder_something_came() -> None:
    came: list[str] = []
    keeper = FolderKeeper(wanted=tuple, changed=lambda _: None, poll_s=300, probe_dir="/probe", touched=came.append)
    observer = Recorder()
    photos = Watched(path="/", reason=Reason.FOLDER, recursive=True)
    keeper._keep(observer, photos)
    for event in (
        FileCreatedEvent("/p/a.jpg"), FileMovedEvent("/p/a.part", "/q/a.jpg"), DirCreatedEvent("/p/trip"),
        FileDeletedEvent("/r/a.jpg"),
    ):  # fmt: skip
        observer.handler.on_any_event(event)
    assert came == ["/p", "/q", "/p/trip"]


class Recorder:
    """An observer of which the handler is wanted."""

    def schedule(self, event_handler, path: str, *, recursive: bool = False, event_filter=None) -> str:
        assert FileClosedEvent not in event_filter
        self.handler = event_handler
        return path

    def unschedule(self, watch) -> None:
        del self.handler

    def start(self) -> None:
        """Nothing runs."""

    def stop(self) -> None:
        """Nothing runs."""


@pytest.mark.parametrize("busy", [True, False])
def test_the_loop_asks_for_a_glance_while_the_worker_is_busy(tmp_path: Path, busy: bool, glancer: Glancer) -> None:
    rig = Rig(tmp_path)
    loop = Loop(
        replace(rig.parts, glance=glancer), notifier=rig.loop._notifier, backlog=rig.backlog, worker=rig.worker,
        since=rig.clock.now(),
    )  # fmt: skip
    rig.worker.busy = busy
    loop.glances.touched("/photos")
    loop.happened(Reason.FOLDER)
    loop.step()
    rig.clock.pass_time(10)
    loop.step()
    if busy:
        assert glancer.heard() == ("/photos",)
        glancer.go_on.release()
    loop.glances.end(WAIT_S)
    assert glancer.began.empty()
    assert rig.backlog.take(block=False) is not None, "the audit comes as well"
