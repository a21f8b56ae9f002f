"""A check that is stopped, or breaks off: nothing begins again by itself, nothing hangs, and nobody is ready by it."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from self_check_parts import BAD, SERIAL, checked, rested
from virtual_phone.rig import PlugIn, adb_server, until, virtual_phone
from visit_parts import Visit, visited

from agent.demo.server import AdbServer
from agent.desk import Desk
from agent.exits import CannotRun
from agent.page.busy import Busy
from agent.page.checking import FRESH, Checking
from agent.page.checking_run import again

__all__ = ["adb_server", "virtual_phone"]


@pytest.fixture(autouse=True)
def own_adb(home: object, adb_server: AdbServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANDROID_ADB_SERVER_PORT", str(adb_server.port))


class Gate:
    """A desk that is opened when the test says so; `fault`: and then is not."""

    def __init__(self, desk: Callable[[], Desk]) -> None:
        self.desk = desk
        self.let = threading.Event()
        self.opened = 0
        self.fault = False

    def __call__(self) -> Desk:
        self.opened += 1
        assert self.let.wait(60)
        if self.fault:
            raise ValueError("a fault")
        return self.desk()


def gated(visit: Visit) -> tuple[Checking, Gate]:
    gate = Gate(visit.page.open_desk)
    return Checking(open_desk=gate, now=visit.page.now, busy=Busy(), stop=visit.page.stop), gate


def quiet(checking: Checking) -> None:
    until(lambda: not checking._working)


def test_a_check_that_is_stopped_before_it_begins_does_not_seem_to_run_for_ever(visit: Visit) -> None:
    checking, gate = gated(visit)
    checking.attended()
    assert checking.watching()  # a look for phones is in the way
    until(lambda: gate.opened == 1)
    checking.check()
    checking.stop()
    gate.let.set()
    quiet(checking)
    assert checking.snapshot.work is None


def test_a_page_that_is_shown_again_after_a_stop_begins_no_other_check(visit: Visit) -> None:
    checking, gate = gated(visit)
    checking.opened()
    until(lambda: gate.opened == 1)
    checking.stop()
    gate.let.set()
    quiet(checking)
    checking.opened()
    quiet(checking)
    assert gate.opened == 1


def test_long_after_a_stop_whoever_opens_the_page_has_devices_checked(home: object) -> None:
    at = [datetime.now(UTC)]
    with visited(now=lambda: at[0]) as visit:
        visit.open().page.checking.stop()
        at[0] += FRESH + timedelta(seconds=1)
        visit.page.checking.opened()
        assert rested(visit).ended_at is not None


@pytest.mark.parametrize("how", ["stopped", "broken"])
def test_a_check_that_was_cut_off_takes_back_that_all_was_looked_at(visit: Visit, how: str) -> None:
    checking, gate = gated(visit)
    gate.let.set()
    checking.check()
    quiet(checking)
    assert checking.snapshot.ended_at is not None
    gate.let.clear()
    gate.fault = how == "broken"
    checking.check()
    until(lambda: gate.opened == 2)
    if how == "stopped":
        checking.stop()
    gate.let.set()
    quiet(checking)
    assert checking.snapshot.ended_at is None


def test_a_page_that_ends_waits_for_no_look_at_one_check(visit: Visit, virtual_phone: PlugIn) -> None:
    virtual_phone(recording=BAD, serial=SERIAL)
    checked(visit)
    (device_id,) = visit.page.checking.snapshot.here or ()
    before = visit.page.checking.snapshot
    stop = threading.Event()
    stop.set()
    page = visit.page
    with pytest.raises(CannotRun):
        again(page.open_desk(), page.checking._board, device_id, "screen_lock", now=page.now, stop=stop)
    assert page.checking.snapshot is before
