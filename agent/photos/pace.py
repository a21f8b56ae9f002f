"""When a scan may use the machine: at once for a person who waits for it, else only while nobody else needs it."""

import os
import time
from collections.abc import Callable, Collection
from enum import StrEnum

import psutil

READ_EVERY_S = 3.0
"""Each reading covers the time since the last, so one busy instant weighs little."""
BUSY = 0.5
"""The machine is busy once others use this share of its processors."""
QUIET = 0.25
"""And quiet again only below this one, twice in a row: else the scan would stutter along with its neighbour."""
QUIET_READINGS = 2
WAIT_S = 1.0
"""How long to wait before asking again. On battery for hours, this is all that a scan costs."""


class Step(StrEnum):
    """What a scan may do now."""

    GO = "go"
    WAIT = "wait"
    END = "end"
    """Its time is up: what is left stays for the next scan, and the scan says that it is incomplete."""


Power = Callable[[], bool | None]
"""Whether the laptop runs on its battery; None where it has none, or does not say."""
Load = Callable[[Collection[int]], float]
"""0..1: the share of all processors that processes other than these, and this one, used since it was last asked."""


class Pace:
    """Asked before each new file; reads the machine only every few seconds, and not at all for a person who waits."""

    def __init__(
        self,
        *,
        background: bool,
        budget_s: float | None = None,
        power: Power | None = None,
        load: Load | None = None,
        clock_s: Callable[[], float] = time.monotonic,
    ) -> None:
        """`budget_s`: from the first step on, waiting included; only in the background."""
        self._background = background
        self._budget_s = budget_s
        self._power = power or on_battery
        self._load = load or Elsewhere()
        self._clock_s = clock_s
        self._began_s: float | None = None
        self._read_at_s = 0.0
        self._waiting = False
        self._busy = False
        self._quiet = 0
        self.ended = False
        """The budget ran out: some files were not looked at."""

    @property
    def waiting(self) -> bool:
        """The last step was to wait."""
        return self._waiting

    def step(self, workers: Collection[int] = ()) -> Step:
        """What to do now. `workers`: process ids of our own, whose work is not others'."""
        if not self._background:
            return Step.GO
        now_s = self._clock_s()
        if self._began_s is None:
            self._began_s, self._read_at_s = now_s, float("-inf")
        if self._budget_s is not None and now_s - self._began_s >= self._budget_s:
            self.ended, self._waiting = True, False
            return Step.END
        if now_s - self._read_at_s >= READ_EVERY_S:
            self._read_at_s = now_s
            self._waiting = self._asks_to_wait(workers)
        return Step.WAIT if self._waiting else Step.GO

    def _asks_to_wait(self, workers: Collection[int]) -> bool:
        load = self._load(workers)  # also on battery, so that the next reading covers the time since this one only
        self._quiet = self._quiet + 1 if load < QUIET else 0
        if load >= BUSY:
            self._busy = True
        elif self._quiet >= QUIET_READINGS:
            self._busy = False
        return self._busy or self._power() is True


def on_battery() -> bool | None:
    """Whether the laptop runs on its battery; None where it has none, or the system does not say."""
    read = getattr(psutil, "sensors_battery", None)  # psutil has it on some systems only
    if read is None:
        return None
    try:
        battery = read()
    except (OSError, ValueError, psutil.Error):
        return None
    return None if battery is None or battery.power_plugged is None else not battery.power_plugged


class Elsewhere:
    """The share of the processors that others use, from the system's own counters."""

    def __init__(self) -> None:
        self._before: tuple[float, float] | None = None
        self._ours_before: dict[int, float] = {}

    def __call__(self, workers: Collection[int]) -> float:
        """See Load. 0 the first time, as nothing was counted yet."""
        total_s, busy_s = _counted()
        ours = {pid: _used_s(pid) for pid in (os.getpid(), *workers)}
        before, ours_before = self._before, self._ours_before
        self._before, self._ours_before = (total_s, busy_s), ours
        if before is None or total_s <= before[0]:
            return 0.0
        # A worker that is new has used all its time since; one that is gone takes its last moments along.
        own_s = sum(max(0.0, used_s - ours_before.get(pid, 0.0)) for pid, used_s in ours.items())
        return min(1.0, max(0.0, (busy_s - before[1] - own_s) / (total_s - before[0])))


def _counted() -> tuple[float, float]:
    """Processor seconds since the system started, of all processors together: (all, busy)."""
    times = psutil.cpu_times()
    # Guests are counted in user and nice as well; what waits for a disk leaves the processor free.
    total_s = sum(times) - getattr(times, "guest", 0.0) - getattr(times, "guest_nice", 0.0)
    return total_s, total_s - times.idle - getattr(times, "iowait", 0.0)


def _used_s(pid: int) -> float:
    try:
        times = psutil.Process(pid).cpu_times()
    except psutil.Error:
        return 0.0
    return float(times.user + times.system)
