"""What a running check has found so far: one picture for every reader, which changes only when there is news."""

import threading
from dataclasses import replace

import pytest
from fakes import laptop, phone, recorded_host
from self_check_parts import finding, report

from agent.collect.adb.devices import State
from agent.collect.host import LocalHost
from agent.devices import Seen
from agent.look import Looked
from agent.page.checking_board import Board
from agent.page.checking_model import Held, Part
from agent.photos.engine import Progress
from agent.runner import Audit, Subject
from checks.catalog import CATALOG
from checks.model import Device, Status

LAPTOP, PHONE = laptop(), phone()


def subject(device: Device) -> Subject:
    return Subject(device=device, host=recorded_host(), door=LocalHost(), checks=CATALOG, probes={})


def held(device: Device, **changes: bool) -> Held:
    return Held(audit=Audit(report=report(device, finding("shared_use", Status.PASS)), examined=()), **changes)


@pytest.fixture
def board() -> Board:
    made = Board()
    made.begin()
    made.find(Looked(subjects=(subject(PHONE), subject(LAPTOP))), whole=True)
    return made


def test_settings_of_all_devices_come_before_pictures(board: Board) -> None:
    work = board.snapshot.work
    assert work is not None
    assert [(one.name, str(one.part)) for one in work.steps] == [
        ("Example 7", "settings"), ("This laptop", "settings"), ("Example 7", "pictures"), ("This laptop", "pictures"),
    ]  # fmt: skip


def test_progress_is_counted_and_is_no_news(board: Board) -> None:
    version = board.snapshot.version
    for _ in CATALOG:
        board.tick(PHONE.id)
    board.ended(PHONE.id, Part.SETTINGS)
    board.pictures(PHONE.id, Progress(done=3, known=12))
    assert board.snapshot.work is not None
    settings, _, pictures, _ = board.snapshot.work.steps
    assert (settings.done, settings.total, settings.ended) == (len(CATALOG), len(CATALOG), True)
    assert (pictures.done, pictures.total, pictures.ended) == (3, 12, False)
    assert board.snapshot.version == version


def test_what_a_device_said_is_news(board: Board) -> None:
    before = board.snapshot
    board.show(held(PHONE))
    assert board.snapshot.version > before.version
    assert before.held == {}  # a reader's snapshot does not change
    assert set(board.snapshot.held) == {PHONE.id}


def test_a_phone_that_did_not_say_which_it_is_goes_with_the_next_look(board: Board) -> None:
    board.show(held(PHONE, unnamed=True))
    board.show(held(LAPTOP))
    board.find(Looked(subjects=(subject(LAPTOP),)), whole=False)
    assert set(board.snapshot.held) == {LAPTOP.id}


def test_a_look_at_one_device_says_nothing_of_the_others(board: Board) -> None:
    seen = Seen(serial="x", state=State.UNAUTHORISED)
    board.find(Looked(subjects=(subject(PHONE),), unready=(seen,), note="no adb"), whole=True)
    board.find(Looked(subjects=(subject(LAPTOP),)), whole=False)
    assert (board.snapshot.unready, board.snapshot.trouble) == ((seen,), "no adb")
    assert board.snapshot.here == {PHONE.id}
    board.find(Looked(subjects=(subject(LAPTOP),)), whole=True)
    assert (board.snapshot.unready, board.snapshot.trouble, board.snapshot.here) == ((), "", frozenset())


def test_nothing_is_pending_once_nobody_works_on_it(board: Board) -> None:
    board.show(held(PHONE, pending=True))
    board.end(None)
    assert board.snapshot.work is None
    assert not board.snapshot.held[PHONE.id].pending
    assert board.snapshot.ended_at is None


def test_what_was_said_of_the_check_and_of_an_act_are_kept_apart(board: Board) -> None:
    board.note("of the check")
    board.say("of the act")
    board.begin()
    assert (board.snapshot.notes, board.snapshot.said) == ((), ("of the act",))
    board.say()
    assert board.snapshot.said == ()


def test_many_threads_lose_no_tick(board: Board) -> None:
    threads = [threading.Thread(target=lambda: [board.tick(PHONE.id) for _ in range(200)]) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert board.snapshot.work is not None
    assert board.snapshot.work.steps[0].done == 1600


def test_a_device_that_said_nothing_yet_has_nothing_to_merge_into(board: Board) -> None:
    assert board.merge(PHONE.id, lambda last: last) is None
    board.show(held(PHONE))
    other = replace(held(PHONE).audit, proofs={"x": True})
    assert board.merge(PHONE.id, lambda _: other) is other
    assert board.snapshot.held[PHONE.id].audit is other
