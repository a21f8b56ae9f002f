"""The daemon's loop: sleeps until the next due moment, turns what happened into work, answers signals."""

import logging
import os
import threading
from datetime import datetime, timedelta

from agent.daemon.backlog import SETTLE_S, Backlog, Errand, Settling
from agent.daemon.glances import Glances
from agent.daemon.parts import Parts, Reason, Schedule, Scope, Trigger
from agent.daemon.shifts import Shifts
from agent.daemon.timetable import Timetable
from agent.daemon.worker import Audited, Delivered, Worker
from agent.fault import attempt
from agent.notify import Notifier

log = logging.getLogger(__name__)

LONGEST_SLEEP_S = 300.0
"""The clock may jump, and sleep does not count as waiting: look at the time at least this often."""
SHORTEST_SLEEP_S = 0.05
RETRY_S = 900.0
"""A full audit that failed is tried again after this time."""
DELIVERY_AT_LEAST_S = 30.0
DELIVERY_AT_MOST_S = 6 * 3600.0
"""A delivery is never asked for more, or less, often than this, whatever the outbox answers."""
JUMP_S = 60.0
SHIFT_FOLDER = "shift"
MANY_FAILURES = 3


class Loop:
    """Everything that the main thread decides. `step` never blocks: it answers how long to sleep."""

    def __init__(self, parts: Parts, *, notifier: Notifier, backlog: Backlog, worker: Worker, since: datetime) -> None:
        """`since` is when the last full audit began."""
        self._parts = parts
        self._notifier = notifier
        self._backlog = backlog
        self._worker = worker
        self._settling = Settling(SETTLE_S if parts.settle_s is None else parts.settle_s)
        self.glances = Glances(parts.glance)
        self._shifts = Shifts(
            parts.before_shift, folder=os.path.join(parts.state_dir, SHIFT_FOLDER), clock=parts.clock, zone=parts.zone,
            ask=lambda: self._ask(Trigger(reason=Reason.SHIFT)),
        )  # fmt: skip
        self._happened: set[Reason] = set()
        self._noticing = threading.Lock()
        self._failures = 0
        self._status = ""
        self._stuck_said = False
        self._timetable = self._make_timetable(Schedule(), since)
        self._delivery_at: datetime | None = None
        self._delivery_s: float | None = None
        self._pinged_s = float("-inf")
        self._seen = (parts.clock.now(), parts.clock.monotonic())

    def begin(self) -> None:
        """Read the schedule, audit once, send what still waits from before."""
        self.read_schedule()
        self._ask(Trigger(reason=Reason.START))
        self._backlog.put(Errand.DELIVER)

    def happened(self, reason: Reason) -> None:
        """Something was noticed. For observers: any thread, no work done here."""
        with self._noticing:
            self._happened.add(reason)
        self._parts.clock.wake()

    def reload(self) -> None:
        """The person, or the service manager, says that configuration or policy changed."""
        self._notifier.reloading(self._parts.clock.monotonic())
        self._ask(Trigger(reason=Reason.POLICY))
        self._notifier.ready()

    def read_schedule(self) -> None:
        """Take up the practice's audit times; what the old ones already covered stays covered."""
        succeeded, times = attempt(self._parts.load_schedule, what="reading the audit times", log=log)
        if succeeded and times is not None and times != self._timetable.times:
            self._timetable = self._make_timetable(times, self._timetable.covered)

    def step(self) -> float:
        """Do what is due now; answer how many seconds may be slept."""
        now, now_s = self._parts.clock.now(), self._parts.clock.monotonic()
        self._note_jump(now, now_s)
        self._take_outcomes(now, now_s)
        self._take_happenings(now_s)
        for trigger in self._settling.ready(now_s):
            self._start(trigger, now)
        if self._timetable.due(now):
            self._ask(Trigger(reason=Reason.SCHEDULE))
        self._shifts.step(now, now_s)
        self._deliver_if_due(now, now_s)
        self._feed_watchdog(now_s)
        self._say()
        return self._pause_s(now, now_s)

    def _make_timetable(self, times: Schedule, covered: datetime) -> Timetable:
        return Timetable(times, covered=covered, zone=self._parts.zone, random=self._parts.random)

    def _ask(self, trigger: Trigger) -> None:
        self._start(trigger, self._parts.clock.now())

    def _start(self, trigger: Trigger, now: datetime) -> None:
        if trigger.reason is Reason.POLICY:
            self.read_schedule()  # the audit times are part of it
            self._shifts.look_again()
        if trigger.reason is Reason.FOLDER:
            self.glances.settled(busy=self._worker.busy)
        if trigger.full:
            self._timetable.cover(now)
        self._backlog.put(trigger)

    def _note_jump(self, now: datetime, now_s: float) -> None:
        then, then_s = self._seen
        self._seen = (now, now_s)
        jump_s = (now - then).total_seconds() - (now_s - then_s)
        if abs(jump_s) > JUMP_S:
            log.info("the laptop slept or its clock was set: %+.0f s", jump_s)

    def _take_happenings(self, now_s: float) -> None:
        with self._noticing:
            happened, self._happened = self._happened, set()
        for reason in sorted(happened):
            self._settling.notice(self._trigger_for(reason), now_s)

    def _trigger_for(self, reason: Reason) -> Trigger:
        if reason is Reason.FOLDER:
            return Trigger(reason=reason, scope=Scope.LAPTOP, checks=self._parts.folder_checks)
        return Trigger(reason=reason, scope=Scope.PHONES if reason is Reason.PHONE else Scope.ALL)

    def _take_outcomes(self, now: datetime, now_s: float) -> None:
        while self._worker.outcomes:
            match self._worker.outcomes.popleft():
                case Audited() as audited:
                    self._note_audit(audited, now_s)
                case Delivered() as delivered:
                    self._note_delivery(delivered, now, now_s)

    def _note_audit(self, audited: Audited, now_s: float) -> None:
        if audited.trigger.full:
            self._shifts.audited(audited.began_at, succeeded=audited.succeeded)
        if audited.succeeded:
            self._failures = 0
            return
        self._failures += 1
        if self._failures == MANY_FAILURES:
            log.error("%d audits in a row have failed", self._failures)
        self._settling.put_off(audited.trigger, now_s + RETRY_S)

    def _note_delivery(self, delivered: Delivered, now: datetime, now_s: float) -> None:
        if delivered.news:
            self._start(Trigger(reason=Reason.POLICY), now)
        if not delivered.succeeded:
            wait_s = RETRY_S
        elif delivered.next_at is None:
            self._delivery_at = self._delivery_s = None
            return
        else:
            wait_s = (delivered.next_at - now).total_seconds()
        wait_s = min(max(wait_s, DELIVERY_AT_LEAST_S), DELIVERY_AT_MOST_S)
        # Both clocks, since the one may be set back and the other stands still in sleep: the earlier counts.
        self._delivery_at, self._delivery_s = now + timedelta(seconds=wait_s), now_s + wait_s

    def _deliver_if_due(self, now: datetime, now_s: float) -> None:
        if self._delivery_at is None or self._delivery_s is None:
            return
        if now >= self._delivery_at or now_s >= self._delivery_s:
            self._delivery_at = self._delivery_s = None
            self._backlog.put(Errand.DELIVER)

    @property
    def _stuck(self) -> bool:
        return self._parts.progress.silent_s > self._parts.stuck_after_s or not self._worker.alive

    def _feed_watchdog(self, now_s: float) -> None:
        stuck = self._stuck
        if stuck and not self._stuck_said:
            log.error("the running audit shows no sign of life since %.0f s", self._parts.progress.silent_s)
        self._stuck_said = stuck
        every_s = self._notifier.ping_every_s
        if every_s is not None and not stuck and now_s >= self._pinged_s + every_s:
            self._pinged_s = now_s
            self._notifier.ping()

    def _say(self) -> None:
        status = self._describe()
        if status != self._status:
            self._status = status
            self._notifier.status(status)

    def _describe(self) -> str:
        next_at = self._timetable.next_at
        local = "" if next_at is None else f" Next audit {next_at.astimezone(self._parts.zone):%a %H:%M}."
        if self._stuck:
            return f"The running audit shows no sign of life.{local}"
        if self._failures >= MANY_FAILURES:
            return f"The last {MANY_FAILURES} audits failed; the log says where.{local}"
        return f"Running.{local}"

    def _pause_s(self, now: datetime, now_s: float) -> float:
        pauses = [LONGEST_SLEEP_S]
        shifts_s = self._shifts.pause_s(now, now_s)
        if shifts_s is not None:
            pauses.append(shifts_s)
        if self._timetable.next_at is not None:
            pauses.append((self._timetable.next_at - now).total_seconds())
        if self._settling.next_s is not None:
            pauses.append(self._settling.next_s - now_s)
        if self._delivery_at is not None and self._delivery_s is not None:
            pauses += [(self._delivery_at - now).total_seconds(), self._delivery_s - now_s]
        if self._notifier.ping_every_s is not None and not self._stuck:
            pauses.append(self._pinged_s + self._notifier.ping_every_s - now_s)
        return max(SHORTEST_SLEEP_S, min(pauses))
