"""The nouns of the daemon: what wakes it, what it is given, how it ends."""

import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from enum import IntEnum, StrEnum
from typing import Protocol

from agent.shift.plan import Plan

HHMM = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
MOST_TIMES = 24
MOST_JITTER_S = 6 * 3600


class ScheduleError(ValueError):
    """The audit times cannot be kept; the text says which and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """The practice's audit times. Raises ScheduleError when they make no sense."""

    times: tuple[str, ...] = ("07:00",)
    """Local wall-clock times "HH:MM", at most 24; none: audits come only with what happens."""
    jitter_s: int = 600
    """Each audit starts up to this many seconds late, so that a practice's laptops do not report all at once."""

    def __post_init__(self) -> None:
        if len(self.times) > MOST_TIMES:
            raise ScheduleError(f"{len(self.times)} audit times are given; at most {MOST_TIMES} are expected")
        if not all(HHMM.fullmatch(at) for at in self.times):
            raise ScheduleError('an audit time is not of the form "HH:MM"')
        if not 0 <= self.jitter_s <= MOST_JITTER_S:
            raise ScheduleError(f"the jitter is {self.jitter_s} s; 0 to {MOST_JITTER_S} s are expected")


class Reason(StrEnum):
    """What asked for an audit."""

    START = "start"
    SCHEDULE = "schedule"
    POLICY = "policy"
    PHONE = "phone"
    FOLDER = "folder"
    SHIFT = "shift"


class Scope(StrEnum):
    """Which devices an audit looks at."""

    ALL = "all"
    LAPTOP = "laptop"
    PHONES = "phones"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """One wish for an audit. It names no device, path or person: the audit looks for itself."""

    reason: Reason
    scope: Scope = Scope.ALL
    checks: tuple[str, ...] = ()
    """Ids of the checks to run; empty means every check."""

    @property
    def full(self) -> bool:
        """It looks at everything, so it stands for every audit that was due before it."""
        return self.scope is Scope.ALL and not self.checks


class Ended(IntEnum):
    """How the daemon ended: the exit codes of `scrubin agent`."""

    STOPPED = 0
    COULD_NOT_RUN = 3


class Clock(Protocol):
    """Time, and the one place where the daemon sleeps."""

    @property
    def wake_descriptor(self) -> int:
        """A byte written here ends a `wait`; never blocks. -1 if there is none."""

    def now(self) -> datetime:
        """The wall clock, aware, UTC. It may jump either way."""

    def monotonic(self) -> float:
        """Seconds that only grow; they stand still while the laptop sleeps on some systems."""

    def wait(self, timeout_s: float) -> None:
        """Sleep until somebody calls `wake`, or the time is over."""

    def wake(self) -> None:
        """End a `wait`, the next one if none runs. Safe in any thread and in a signal handler."""


class Progress:
    """The worker's sign of life: an audit marks each step, and the watchdog is fed only while marks come."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._marked_s: float | None = None

    def mark(self) -> None:
        """The work moves on."""
        self._marked_s = self._monotonic()

    def rest(self) -> None:
        """There is no work."""
        self._marked_s = None

    @property
    def silent_s(self) -> float:
        """Seconds since the last mark; 0 while there is no work."""
        marked_s = self._marked_s
        return 0.0 if marked_s is None else self._monotonic() - marked_s


class BeforeShift(Protocol):
    """What is done for the person before a shift. Each call may take a minute, and may raise."""

    def plan(self) -> Plan:
        """When to tell them."""

    def ring(self) -> bool:
        """Tell them now. False: nobody could be told, and it may go better later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the daemon is made of: it knows no check, no policy and no transport."""

    audit: Callable[[Trigger], None]
    """Audits, queues the report, writes the status file. What it raises is logged and tried again later."""
    deliver: Callable[[], datetime | None]
    """Sends what is due; answers when something is due next (aware, UTC), or None."""
    news: Callable[[], bool] = lambda: False
    """Whether a delivery brought another policy since this was last asked."""
    load_schedule: Callable[[], Schedule]
    """The practice's audit times; the last good ones when the policy is broken."""
    photo_folders: Callable[[], tuple[str, ...]]
    """Absolute folders to watch, those that do not exist included."""
    folder_checks: tuple[str, ...]
    """Ids of the checks to run again when one of them changes."""
    glance: Callable[[tuple[str, ...]], None] = lambda _: None
    """Judges what is newest in these folders while an audit runs; see agent.daemon.glances."""
    before_shift: BeforeShift | None = None
    policy_folders: tuple[str, ...] = ()
    """Absolute folders in which a new policy may appear."""
    state_dir: str
    """Kept over restarts: when the last audit began."""
    runtime_dir: str
    """Gone with the session: the lock that keeps this instance the only one."""
    environ: Mapping[str, str]
    """Where systemd says how to talk to it."""
    clock: Clock
    progress: Progress
    random: Callable[[], float]
    """A number from 0 up to 1."""
    stop: threading.Event
    """Set by the daemon when it must end; LocalHost ends the running command when it sees it."""
    zone: tzinfo | None = None
    """The zone of the audit times; None is the laptop's own, also when the laptop travels."""
    stuck_after_s: float = 900.0
    """How long an audit may go without a mark before the watchdog is no longer fed."""
    settle_s: Mapping[Reason, float] | None = None
    """How long each noisy reason must be quiet before it counts; None is the daemon's own choice."""
    poll_s: float = 300.0
    """How often lost folders are looked for, and how often folders are compared when they cannot be watched."""
