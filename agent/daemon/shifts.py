"""Tells the person before their shift, once: reads the plan, has results made fresh, rings; never holds the loop."""

import logging
import threading
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo
from functools import partial

from agent.daemon.parts import BeforeShift, Clock
from agent.fault import attempt
from agent.shift.plan import Notice, Plan, due, next_at
from agent.shift.told import Told

log = logging.getLogger(__name__)

READ_EVERY = timedelta(hours=3)
READ_BEFORE_TELLING = timedelta(minutes=15)
"""A plan older than this may not know that the shift was cancelled."""
FRESH = timedelta(hours=1)
"""Results older than this are made anew first."""
WAIT_FOR_AUDIT_S = 600.0
"""Then the person is told what is known; pictures may take longer to look through."""
AGAIN_S = 300.0
"""When nobody could be told: the desktop may come up yet."""

Done = Callable[[], None]
Note = Callable[[datetime, float], None]
"""What to remember of work that has ended, at the loop's own look at both clocks."""


def in_a_thread(work: Done) -> None:
    """Its own, for as long as it takes: an idle daemon keeps none for this."""
    threading.Thread(target=work, name="scrubin-shift", daemon=True).start()


class Shifts:
    """Used by the loop alone, but for the work that it starts. Times ending in `_s` are monotonic."""

    def __init__(
        self,
        work: BeforeShift | None,
        *,
        folder: str,
        clock: Clock,
        ask: Callable[[], None],
        zone: tzinfo | None = None,
        start: Callable[[Done], None] = in_a_thread,
    ) -> None:
        """`ask` has everything looked at anew; `folder` keeps of which shifts the person was told."""
        self._work, self._clock, self._ask, self._zone, self._start = work, clock, ask, zone, start
        self._told = Told(folder)
        self._plan = Plan()
        self._read: tuple[datetime, float] | None = None
        """When the plan was last read, by both clocks: one jumps, the other stands still in sleep."""
        self._busy = False
        self._ended: deque[Note] = deque()
        self._fresh_at: datetime | None = None
        self._asked: tuple[Notice, float] | None = None
        """For which notice an audit was asked for."""
        self._quiet_until_s = float("-inf")

    def look_again(self) -> None:
        """Policy or configuration may be others now."""
        self._read = None

    def audited(self, began_at: datetime, *, succeeded: bool) -> None:
        """Everything was looked at, or that failed: nothing better will come in time."""
        if succeeded:
            self._fresh_at = began_at
        if self._asked is not None:
            self._asked = (self._asked[0], float("-inf"))

    def step(self, now: datetime, now_s: float) -> None:
        """Do, or begin, what is due. Never blocks."""
        while self._ended:
            self._busy = False
            self._ended.popleft()(now, now_s)
        if self._work is None or self._busy:
            return
        if self._older(READ_EVERY, now, now_s):
            self._begin(partial(self._read_plan, self._work))
            return
        notice = due(self._plan, self._told.moments(now), now, self._zone)
        if notice is None or now_s < self._quiet_until_s:
            return
        if self._plan.watched and self._older(READ_BEFORE_TELLING, now, now_s):
            self._begin(partial(self._read_plan, self._work))
        elif self._ready(notice, now, now_s):
            self._told.add(notice.shift)  # first: whatever ends this daemon now, nobody is told twice
            self._begin(partial(self._ring, self._work, notice))

    def pause_s(self, now: datetime, now_s: float) -> float | None:
        """How long there is nothing to do; None where work is in hand, whose end wakes the loop."""
        if self._work is None or self._busy or self._read is None:
            return None
        pauses = [READ_EVERY.total_seconds() - (now_s - self._read[1])]
        moment = next_at(self._plan, self._told.moments(now), now, self._zone)
        if moment is not None:
            wait_s = max((moment - now).total_seconds(), self._quiet_until_s - now_s)
            if self._asked is not None and moment <= now:
                wait_s = max(wait_s, self._asked[1] + WAIT_FOR_AUDIT_S - now_s)
            pauses.append(wait_s)
        return max(0.0, min(pauses))

    def _older(self, limit: timedelta, now: datetime, now_s: float) -> bool:
        """The plan, by either clock. One from the future was read under another clock."""
        if self._read is None:
            return True
        at, at_s = self._read
        return now_s - at_s >= limit.total_seconds() or not timedelta(0) <= now - at < limit

    def _ready(self, notice: Notice, now: datetime, now_s: float) -> bool:
        """Results are fresh, or as fresh as they will be in time; else that is seen to."""
        if self._fresh_at is not None and timedelta(0) <= now - self._fresh_at < FRESH:
            return True
        if self._asked is None or self._asked[0] != notice:
            self._asked = (notice, now_s)
            self._ask()
            return False
        return now_s >= self._asked[1] + WAIT_FOR_AUDIT_S

    def _begin(self, work: Done) -> None:
        self._busy = True
        self._start(work)

    def _read_plan(self, work: BeforeShift) -> None:
        _, plan = attempt(work.plan, what="reading when shifts begin", log=log)
        self._hand_over(partial(self._note_plan, plan))

    def _note_plan(self, plan: Plan | None, now: datetime, now_s: float) -> None:
        self._read = (now, now_s)
        self._plan = plan if plan is not None else self._plan  # what was known is better than nothing

    def _ring(self, work: BeforeShift, notice: Notice) -> None:
        _, told = attempt(work.ring, what="telling the person before their shift", log=log)
        self._hand_over(partial(self._note_ring, notice, told))

    def _note_ring(self, notice: Notice, told: bool | None, _now: datetime, now_s: float) -> None:
        """`told` None: that failed in the middle, so the person may have been told."""
        self._asked = None
        if told is False:
            self._told.take_back(notice.shift)
            self._quiet_until_s = now_s + AGAIN_S

    def _hand_over(self, note: Note) -> None:
        """Called by the work, in its own thread."""
        self._ended.append(note)
        self._clock.wake()
