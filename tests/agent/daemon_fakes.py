"""Fakes of the daemon's tests: a clock turned by hand, a worker without a thread, watchdog without a kernel."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

from agent.daemon import Parts, Progress, Schedule, Trigger
from agent.daemon.backlog import Backlog
from agent.daemon.loop import Loop
from agent.daemon.worker import Worker
from agent.notify import Notifier

SPRING = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)
"""Noon of a Saturday in Sydney."""


class FakeClock:
    """Both clocks stand still until somebody waits."""

    wake_descriptor = -1

    def __init__(self, at: datetime = SPRING) -> None:
        self.wall = at
        self.mono_s = 1000.0
        self.woken = False
        self.waits: list[float] = []

    def now(self) -> datetime:
        return self.wall

    def monotonic(self) -> float:
        return self.mono_s

    def wait(self, timeout_s: float) -> None:
        self.waits.append(timeout_s)
        if not self.woken:
            self.pass_time(timeout_s)
        self.woken = False

    def wake(self) -> None:
        self.woken = True

    def pass_time(self, seconds: float) -> None:
        self.wall += timedelta(seconds=seconds)
        self.mono_s += seconds

    def set(self, change: timedelta) -> None:
        """The wall clock is set, or the laptop slept: the other clock knows nothing of it."""
        self.wall += change


class ThreadlessWorker(Worker):
    """Does its work when a test says so."""

    alive = True  # type: ignore[assignment]


class Rig:
    """A loop with a fake clock and a recorded audit."""

    def __init__(
        self, root: Path, *, at: datetime = SPRING, since: datetime | None = None, schedule: Schedule | None = None,
        zone: tzinfo = UTC, random: float = 0.0, notifier: Notifier | None = None,
    ) -> None:  # fmt: skip
        self.clock = FakeClock(at)
        self.schedule = schedule or Schedule(times=("07:00",), jitter_s=0)
        self.audits: list[tuple[datetime, Trigger]] = []
        self.deliveries: list[datetime] = []
        self.faults: list[Exception] = []
        self.next_delivery: Callable[[], datetime | None] = lambda: None
        self.stop = threading.Event()
        self.progress = Progress(self.clock.monotonic)
        self.parts = Parts(
            audit=self._audit, deliver=self._deliver, load_schedule=lambda: self.schedule,
            photo_folders=tuple, folder_checks=("clinical_images",), state_dir=str(root / "state"),
            runtime_dir=str(root / "run"), environ={}, clock=self.clock, progress=self.progress,
            random=lambda: random, stop=self.stop, zone=zone,
        )  # fmt: skip
        self.backlog = Backlog()
        self.worker = ThreadlessWorker(self.parts, self.backlog)
        self.loop = Loop(
            self.parts, notifier=notifier or Notifier(), backlog=self.backlog, worker=self.worker, since=since or at
        )
        self.loop.read_schedule()

    def _audit(self, trigger: Trigger) -> None:
        self.audits.append((self.clock.now(), trigger))
        if self.faults:
            raise self.faults.pop()

    def _deliver(self) -> datetime | None:
        self.deliveries.append(self.clock.now())
        return self.next_delivery()

    def run_for(self, **span: float) -> "Rig":
        """Let the loop run, the worker too, until the wall clock has moved on by this much."""
        end_s = self.clock.mono_s + timedelta(**span).total_seconds()
        while self.clock.mono_s < end_s:
            pause_s = self.step()
            self.clock.woken = False
            self.clock.wait(min(pause_s, end_s - self.clock.mono_s))
        return self

    def step(self) -> float:
        """One turn of the loop, and of the worker until it has nothing to do."""
        pause_s = self.loop.step()
        while (work := self.backlog.take(block=False)) is not None:
            self.worker.do(work)
            pause_s = self.loop.step()
        return pause_s

    @property
    def reasons(self) -> list[str]:
        return [str(trigger.reason) for _, trigger in self.audits]

    @property
    def moments(self) -> list[str]:
        """When audits began, in the zone of the schedule."""
        return [f"{at.astimezone(self.parts.zone):%d %H:%M}" for at, _ in self.audits]


class FakeObserver:
    """A watchdog observer that remembers what it was asked, and can run out of watches."""

    def __init__(self, *, room: int = 100, fault: OSError | None = None) -> None:
        self.room = room
        self.fault = fault or OSError(28, "inotify watch limit reached")
        self.watches: dict[str, Any] = {}
        self.started = self.stopped = False

    def schedule(self, event_handler: Any, path: str, *, recursive: bool = False, event_filter: Any = None) -> Any:
        if len(self.watches) >= self.room:
            raise self.fault
        self.watches[path] = (event_handler, recursive)
        return path

    def unschedule(self, watch: Any) -> None:
        del self.watches[watch]

    def start(self) -> None:
        self.started = True

    def stop(self) -> None:
        self.stopped = True
