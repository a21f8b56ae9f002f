"""When the next audit is due: the practice's daily times, with jitter, over sleep, clock jumps and daylight saving."""

import time as system_time
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta, tzinfo

import schedule

from agent.daemon.parts import Schedule, ScheduleError

TOLERANCE = timedelta(minutes=10)
"""A clock that was set back by less than this is only being corrected."""


class Timetable:
    """The audits that are due. All moments are aware and UTC; a missed audit is made up for exactly once."""

    def __init__(
        self, times: Schedule, *, covered: datetime, zone: tzinfo | None = None, random: Callable[[], float]
    ) -> None:
        """`covered` is when the last full audit began: daily times up to then need no other."""
        self.times = times
        self.covered = covered
        self._zone = zone
        self._random = random
        self._now = covered
        self._ran = False
        self._jobs = schedule.Scheduler()
        for at in sorted(set(times.times)):
            _DailyAudit(self, self._jobs).days.at(at).do(self._make_up)

    @property
    def next_at(self) -> datetime | None:
        """When the next audit is due; in the past if one was missed."""
        moment: datetime | None = self._jobs.next_run
        return moment

    def due(self, now: datetime) -> bool:
        """Whether an audit is due. Answering yes counts as having made it."""
        if self.covered > now + TOLERANCE:
            # The clock was ahead and has been set back: what was audited then bears a wrong date.
            self._restart(now)
            return True
        self._now, self._ran = now, False
        self._jobs.run_pending()
        if self._ran:
            self.cover(now)
        return self._ran

    def cover(self, began_at: datetime) -> None:
        """A full audit began for another reason: daily times up to then need no other."""
        self.covered = max(self.covered, began_at)
        for job in self._jobs.jobs:
            if isinstance(job, _DailyAudit) and job.slot <= self.covered:
                job.reckon()

    def _make_up(self) -> None:
        self.covered, self._ran = self._now, True

    def _restart(self, now: datetime) -> None:
        self.covered = now
        for job in self._jobs.jobs:
            if isinstance(job, _DailyAudit):
                job.reckon()

    def slot_after(self, moment: datetime, at: time) -> datetime:
        """The first daily time after a moment.

        An hour that daylight saving skips is made up for an hour later; one that comes twice counts the first time.
        """
        if self._zone is None and hasattr(system_time, "tzset"):
            system_time.tzset()  # the laptop may have travelled since the last look
        today = moment.astimezone(self._zone).date()
        days = (today + timedelta(days=offset) for offset in (-1, 0, 1, 2))
        slots = (datetime.combine(day, at, self._zone).astimezone(UTC) for day in days)
        return next(slot for slot in slots if slot > moment)

    def jitter(self) -> timedelta:
        """A fresh delay."""
        return timedelta(seconds=self._random() * self.times.jitter_s)


class _DailyAudit(schedule.Job):
    """A daily job whose clock is its timetable's: the library's own reads the machine's, and knows no jitter."""

    def __init__(self, timetable: Timetable, scheduler: schedule.Scheduler) -> None:
        super().__init__(1, scheduler)
        self._timetable = timetable
        self.slot = timetable.covered

    @property
    def should_run(self) -> bool:
        return self.next_run is not None and self._timetable._now >= self.next_run

    def _schedule_next_run(self) -> None:
        self.reckon()

    def reckon(self) -> None:
        """Find the next daily time after what is covered."""
        if self.at_time is None:
            raise ScheduleError("a daily audit needs a time")
        self.slot = self._timetable.slot_after(self._timetable.covered, self.at_time)
        self.next_run = self.slot + self._timetable.jitter()
