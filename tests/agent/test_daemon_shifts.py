"""The daemon tells the person before their shift: in time, once, with fresh results, and it never waits itself."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest

from agent.child import ChildError
from agent.daemon.loop import Loop
from agent.daemon.shifts import AGAIN_S, READ_EVERY, WAIT_FOR_AUDIT_S, Shifts
from agent.notify import Notifier
from agent.shift.plan import Plan, Terms
from tests.agent.daemon_fakes import SPRING, FakeClock, Rig

SHIFT = SPRING + timedelta(hours=8)
ROSTER = Plan(terms=Terms(minutes_before=30), starts=(SHIFT,), watched=True)


class Desktop:
    """Where a notification would be shown, with the plan that a roster came to."""

    def __init__(self, clock: FakeClock, plan: Plan = ROSTER) -> None:
        self.clock, self.now_is = clock, plan
        self.plans: list[datetime] = []
        self.rung: list[datetime] = []
        self.answers: list[bool | Exception] = []
        self.trouble: Exception | None = None

    def plan(self) -> Plan:
        self.plans.append(self.clock.now())
        if self.trouble is not None:
            raise self.trouble
        return self.now_is

    def ring(self) -> bool:
        self.rung.append(self.clock.now())
        answer = self.answers.pop(0) if self.answers else True
        if isinstance(answer, Exception):
            raise answer
        return answer


class Evening:
    """The daemon's clock, turned by hand, with audits that take a minute unless a test holds them up."""

    def __init__(self, folder: Path, plan: Plan = ROSTER, *, audit_s: float | None = 60.0) -> None:
        self.clock = FakeClock()
        self.desktop = Desktop(self.clock, plan)
        self.folder, self.audit_s = folder, audit_s
        self.asked: list[datetime] = []
        self.succeed = True
        self.restart()

    def restart(self) -> None:
        self._ends_s: float | None = None
        self.shifts = Shifts(
            self.desktop, folder=str(self.folder), clock=self.clock, ask=self._ask, zone=UTC, start=self._at_once
        )

    def _ask(self) -> None:
        self.asked.append(self.clock.now())
        self._ends_s = None if self.audit_s is None else self.clock.mono_s + self.audit_s

    @staticmethod
    def _at_once(work: Callable[[], None]) -> None:
        work()

    def run_for(self, **span: float) -> "Evening":
        end_s = self.clock.mono_s + timedelta(**span).total_seconds()
        while self.clock.mono_s < end_s:
            self.shifts.step(self.clock.now(), self.clock.monotonic())
            pause_s = self.shifts.pause_s(self.clock.now(), self.clock.monotonic())
            if pause_s is None:
                continue  # its work has ended already, and woken it
            self.clock.pass_time(max(0.05, min(pause_s, 30.0, end_s - self.clock.mono_s)))
            self._audited()
        return self

    def _audited(self) -> None:
        if self._ends_s is not None and self.clock.mono_s >= self._ends_s:
            self._ends_s = None
            self.shifts.audited(self.clock.now(), succeeded=self.succeed)

    @property
    def told(self) -> list[str]:
        return [f"{one:%d %H:%M}" for one in self.desktop.rung]


def test_the_person_is_told_once_half_an_hour_before_and_results_are_made_fresh_first(tmp_path: Path) -> None:
    evening = Evening(tmp_path).run_for(days=1)
    assert evening.told == ["21 08:31"]
    assert [f"{one:%d %H:%M}" for one in evening.asked] == ["21 08:30"]


def test_fresh_results_are_not_made_again(tmp_path: Path) -> None:
    evening = Evening(tmp_path).run_for(hours=7)
    evening.shifts.audited(evening.clock.now(), succeeded=True)
    assert evening.run_for(hours=1).told == ["21 08:30"]
    assert evening.asked == []


def test_an_audit_that_failed_does_not_keep_the_person_waiting(tmp_path: Path) -> None:
    evening = Evening(tmp_path)
    evening.succeed = False
    assert evening.run_for(hours=9).told == ["21 08:31"]
    assert len(evening.asked) == 1


def test_an_audit_that_does_not_end_is_waited_for_ten_minutes(tmp_path: Path) -> None:
    evening = Evening(tmp_path, audit_s=None).run_for(hours=9)
    assert evening.told == [f"21 08:{30 + WAIT_FOR_AUDIT_S / 60:.0f}"]
    assert len(evening.asked) == 1


def test_the_practices_time_is_kept_every_day(tmp_path: Path) -> None:
    plan = Plan(terms=Terms(times=(time(6, 45),)))
    assert Evening(tmp_path, plan).run_for(days=3).told == ["21 06:46", "22 06:46", "23 06:46"]


def test_who_has_neither_roster_nor_times_is_left_alone(tmp_path: Path) -> None:
    evening = Evening(tmp_path, Plan()).run_for(days=1)
    assert (evening.told, evening.asked) == ([], [])
    assert len(evening.desktop.plans) == 24 / (READ_EVERY.total_seconds() / 3600)


def test_a_restart_tells_nobody_twice(tmp_path: Path) -> None:
    evening = Evening(tmp_path).run_for(hours=7, minutes=32)
    evening.restart()
    assert evening.run_for(hours=1).told == ["21 08:31"]


def test_a_clock_that_is_set_back_tells_nobody_twice(tmp_path: Path) -> None:
    evening = Evening(tmp_path).run_for(hours=7, minutes=40)
    evening.clock.set(-timedelta(hours=2))
    assert evening.run_for(hours=3).told == ["21 08:31"]


def test_a_laptop_that_wakes_after_the_shift_began_tells_in_time_or_not_at_all(tmp_path: Path) -> None:
    for asleep, told in ((timedelta(hours=8, minutes=10), 1), (timedelta(hours=9), 0)):
        evening = Evening(tmp_path / str(told)).run_for(minutes=1)
        evening.clock.set(asleep)
        assert len(evening.run_for(hours=1).told) == told


def test_a_shift_that_was_cancelled_meanwhile_is_not_told_of(tmp_path: Path) -> None:
    evening = Evening(tmp_path).run_for(hours=7)
    evening.desktop.now_is = Plan(terms=Terms(), watched=True)
    assert evening.run_for(hours=2).told == []


def test_a_roster_that_cannot_be_read_any_more_leaves_what_was_known(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    evening = Evening(tmp_path).run_for(hours=1)
    evening.desktop.trouble = ChildError("/home/jane/roster.ics")
    assert evening.run_for(hours=8).told == ["21 08:31"]
    assert "reading when shifts begin failed: ChildError" in caplog.text
    assert "jane" not in caplog.text


def test_where_nobody_can_be_told_it_is_tried_again_until_it_is_too_late(tmp_path: Path) -> None:
    evening = Evening(tmp_path)
    evening.desktop.answers = [False, False]
    assert evening.run_for(hours=9).told == ["21 08:31", "21 08:36", "21 08:41"]
    never = Evening(tmp_path / "never")
    never.desktop.answers = [False] * 99
    assert len(never.run_for(hours=12).told) == 59 * 60 // AGAIN_S + 1


def test_one_that_failed_in_the_middle_is_not_repeated_for_it_may_have_been_seen(tmp_path: Path) -> None:
    evening = Evening(tmp_path)
    evening.desktop.answers = [ChildError("killed")]
    assert evening.run_for(hours=9).told == ["21 08:31"]


def test_who_cannot_be_told_where_memory_cannot_be_kept_is_told_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "shift").write_text("a file where the folder should be")
    assert Evening(tmp_path / "shift").run_for(hours=9).told == ["21 08:31"]


def test_a_new_policy_is_looked_at_at_once(tmp_path: Path) -> None:
    evening = Evening(tmp_path, Plan()).run_for(hours=1)
    evening.desktop.now_is = ROSTER
    evening.shifts.look_again()
    assert evening.run_for(hours=8).told == ["21 08:31"]


def test_nothing_is_held_up_while_work_runs(tmp_path: Path) -> None:
    clock = FakeClock()
    begun: list[Callable[[], None]] = []
    shifts = Shifts(Desktop(clock), folder=str(tmp_path), clock=clock, ask=lambda: None, zone=UTC, start=begun.append)
    shifts.step(clock.now(), clock.monotonic())
    shifts.step(clock.now(), clock.monotonic())
    assert len(begun) == 1
    assert shifts.pause_s(clock.now(), clock.monotonic()) is None
    begun[0]()
    assert clock.woken


def test_clocks_that_move_on_between_two_looks_do_not_make_it_read_for_ever(tmp_path: Path) -> None:
    """A real clock is later each time one looks; what was read is from before the next look, not from the future."""
    evening = Evening(tmp_path, Plan())
    for _ in range(50):
        now, now_s = evening.clock.now(), evening.clock.monotonic()
        evening.clock.pass_time(0.001)
        evening.shifts.step(now, now_s)
    assert len(evening.desktop.plans) == 1


class Reader(Desktop):
    """Lets a test wait until the plan has been read."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__(clock, Plan())
        self.read = threading.Semaphore(0)

    def plan(self) -> Plan:
        self.read.release()
        return super().plan()


def test_the_loop_reads_the_plan_at_its_start_and_again_with_a_new_policy(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    desktop = Reader(rig.clock)
    parts = replace(rig.parts, before_shift=desktop)
    loop = Loop(parts, notifier=Notifier(), backlog=rig.backlog, worker=rig.worker, since=SPRING)
    for _ in range(2):
        rig.clock.woken = False
        loop.step()
        assert desktop.read.acquire(timeout=60)
        while not rig.clock.woken:
            assert not desktop.read.acquire(timeout=0.01), "it is read once"
        loop.step()
        loop.reload()
    assert len(desktop.plans) == 2
