"""In the background a scan waits for the mains and for a quiet machine, and ends when its time is up."""

import os
import subprocess
import sys
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

import psutil
import pytest
from crew_parts import reached

from agent.photos.pace import BUSY, QUIET, READ_EVERY_S, Elsewhere, Pace, Step, on_battery


@dataclass
class Machine:
    """A laptop whose state the test sets."""

    now_s: float = 1000.0
    battery: bool | None = False
    load: float = 0.0
    asked: list[Collection[int]] = field(default_factory=list)

    def used(self, workers: Collection[int]) -> float:
        self.asked.append(workers)
        return self.load

    def pace(self, *, background: bool = True, budget_s: float | None = None) -> Pace:
        return Pace(
            background=background, budget_s=budget_s, power=lambda: self.battery, load=self.used,
            clock_s=lambda: self.now_s,
        )  # fmt: skip

    def later(self, pace: Pace, load: float) -> Step:
        self.load = load
        self.now_s += READ_EVERY_S
        return pace.step((1, 2))


@pytest.mark.parametrize(
    ("battery", "step"), [(True, Step.WAIT), (False, Step.GO), (None, Step.GO)], ids=["battery", "mains", "none"]
)
def test_battery_is_spared(battery: bool | None, step: Step) -> None:
    assert Machine(battery=battery).pace().step() is step


def test_person_who_waits_is_served_on_battery_beside_anything() -> None:
    machine = Machine(battery=True, load=1.0)
    assert machine.pace(background=False, budget_s=0.0).step() is Step.GO
    assert machine.asked == []


@pytest.mark.parametrize(
    ("loads", "steps"),
    [
        ([0.0, BUSY - 0.01, QUIET], "ggg"),
        ([BUSY], "w"),
        ([BUSY, QUIET, BUSY - 0.01], "www"),
        ([BUSY, 0.0, QUIET, 0.0], "wwww"),
        ([BUSY, 0.0, 0.0, QUIET, BUSY], "wwggw"),
    ],
)
def test_busy_machine_must_be_quiet_for_a_while(loads: list[float], steps: str) -> None:
    machine = Machine()
    pace = machine.pace()
    assert "".join(machine.later(pace, load)[0] for load in loads) == steps


def test_machine_is_read_every_few_seconds_only() -> None:
    machine = Machine()
    pace = machine.pace()
    for _ in range(100):
        machine.now_s += READ_EVERY_S / 10
        pace.step((4, 5))
    assert machine.asked == [(4, 5)] * 10


def test_time_that_is_up_ends_it_also_while_it_waits() -> None:
    machine = Machine(battery=True)
    pace = machine.pace(budget_s=60.0)
    steps = [pace.step()]
    for _ in range(2):
        machine.now_s += 30.0
        steps.append(pace.step())
    assert steps == [Step.WAIT, Step.WAIT, Step.END]
    assert (pace.ended, pace.waiting) == (True, False)


def test_time_counts_from_the_first_step() -> None:
    machine = Machine()
    pace = machine.pace(budget_s=60.0)
    machine.now_s += 600.0
    assert pace.step() is Step.GO
    assert not pace.ended


def test_it_says_that_it_waits() -> None:
    machine = Machine(battery=True)
    pace = machine.pace()
    assert (pace.waiting, pace.step(), pace.waiting) == (False, Step.WAIT, True)


def test_battery_of_this_machine_is_known_or_not() -> None:
    assert on_battery() in (True, False, None)


@pytest.fixture
def spinning() -> Iterator[int]:
    """A process that does nothing but work."""
    with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as child:
        yield child.pid
        child.kill()


def test_own_work_is_not_others_work(spinning: int) -> None:
    """The same stretch of time, seen once with the process among ours and once without."""
    process = psutil.Process(spinning)
    others, ours = Elsewhere(), Elsewhere()
    assert (others(()), ours((spinning,))) == (0.0, 0.0)
    before_s = process.cpu_times().user
    assert reached(lambda: process.cpu_times().user - before_s > 0.5)
    assert others(()) > ours((spinning,))


def test_share_is_a_share_whatever_goes_and_comes() -> None:
    load = Elsewhere()
    for workers in [(), (os.getpid(),), (2**22 + 7,), ()]:
        assert 0.0 <= load(workers) <= 1.0
