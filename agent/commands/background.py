"""`scrubin agent`: the daemon, joined to the runner, the outbox and the policy."""

import argparse
import json
import logging
import os
import random
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from agent import desk as desks
from agent.child import ChildError, call
from agent.collect.linux.folders import photo_folders
from agent.config import Transport
from agent.daemon import Ended, Parts, Progress, Schedule, ScheduleError, Scope, Trigger, run_daemon
from agent.daemon.clock import SystemClock
from agent.daemon.parts import Clock
from agent.exits import Answer, CannotRun, Exit
from agent.keep import keep, look_again_after_change, outbox
from agent.outbox_model import OutboxError
from agent.photos.apart import Apart
from agent.runner import Audit, Subject, audit, refreshed
from agent.send import transport
from reports.deliver.errors import TransportError

LOG = logging.getLogger(__name__)
DELIVERY_S = 600.0
"""A month's letters over a slow line; each has its own, shorter limits."""
FRESH = timedelta(days=1)
"""The practice's audit times look at everything at least this often."""
PHONES = ("check", "--device", "phones", "--background", "--json")
PHONES_S = 1800.0
"""A phone with thousands of new pictures takes minutes; one that changes little, seconds."""
PICTURES = ("photos", "look", "--background", "--json")
PICTURES_S = 1800.0
FOLDER_CHECKS = ("cloud_backup", "clinical_images", "encryption")
"""What a change in a photo folder can change; encryption, where it becomes a link to another disk."""


def run(arguments: argparse.Namespace) -> Answer:
    """Run until told to stop. Raises CannotRun."""
    level = logging.DEBUG if arguments.verbose else logging.INFO
    logging.basicConfig(level=level, format="%(levelname)s %(name)s: %(message)s")
    work = Work(SystemClock())
    ended = run_daemon(work.parts())
    return Answer(code=Exit.COMPLIANT if ended is Ended.STOPPED else Exit.COULD_NOT_RUN)


class Work:
    """What the daemon calls. It opens the desk anew each time, so that a new policy or configuration counts at once."""

    def __init__(self, clock: Clock, *, child: Callable[..., str] = call) -> None:
        """`child` runs this program once more, as agent.child.call does."""
        self._child = child
        self._clock = clock
        self._stop = threading.Event()
        self._progress = Progress(self._clock.monotonic)
        self._first = desks.open_desk(stop=self._stop)
        self._schedule = Schedule()
        self._last: tuple[str, Audit] | None = None
        """The last audit, with the digest of the policy that it was made under."""

    def parts(self) -> Parts:
        """Everything that the daemon is given."""
        where = self._first.places
        return Parts(
            audit=self.audit,
            deliver=self.deliver,
            load_schedule=self.load_schedule,
            photo_folders=self.photo_folders,
            folder_checks=FOLDER_CHECKS,
            policy_folders=tuple(str(one) for one in where.policy_folders()),
            state_dir=str(where.state),
            runtime_dir=str(where.runtime),
            environ=os.environ,
            clock=self._clock,
            progress=self._progress,
            random=random.random,
            stop=self._stop,
        )

    def audit(self, trigger: Trigger) -> None:
        """One audit, kept and queued. One that is stopped leaves nothing behind and is made again at the next start."""
        if trigger.scope is not Scope.PHONES:
            self._audit_laptop(trigger)
        if trigger.scope is Scope.PHONES:
            self._audit_phones(trigger)
        elif trigger.scope is Scope.ALL and not self._stop.is_set():
            self._audit_phones_too(trigger)

    def _audit_phones_too(self, trigger: Trigger) -> None:
        """The laptop has been audited, so that need not be done again because a phone's audit failed."""
        try:
            self._audit_phones(trigger)
        except ChildError as error:
            LOG.warning("phones were not audited: %s", error)

    def _audit_phones(self, trigger: Trigger) -> None:
        """In a process of its own, which keeps and queues what it finds. Raises ChildError.

        What talks to adb would nearly double the memory of an idle daemon.
        """
        said = self._child(PHONES, stop=self._stop, timeout_s=PHONES_S, fine=(0, 1, 2, 3))
        self._progress.mark()
        if not said:
            LOG.info("no phone could be looked at")
            return
        try:
            body = json.loads(said)
        except ValueError as error:
            raise ChildError("the process did not say what it found") from error
        for report in body["reports"]:
            LOG.info("audit of a phone because of %s: %s", trigger.reason, report["overall"])
        for state in body["not_checked"]:
            LOG.info("a phone is attached and could not be looked at: %s", state)
        for note in body["notes"]:
            LOG.info("%s", note)

    def _audit_laptop(self, trigger: Trigger) -> None:
        try:
            desk = desks.open_desk(stop=self._stop)
            done = self._look(desk, trigger.checks)
        except CannotRun as error:
            # Safe to say, and IT needs it: the daemon's own line has the place in the program only.
            LOG.error("%s", error)
            raise
        if self._stop.is_set():
            return
        self._last = (desk.in_force.policy.digest, done)
        for sentence in desk.problems:
            LOG.warning("%s", sentence)
        for note in keep(desk, done, now=desks.now(), send=False):
            LOG.info("%s", note)
        LOG.info("audit because of %s: %s", trigger.reason, done.report.overall)

    def _look(self, desk: desks.Desk, wanted: tuple[str, ...]) -> Audit:
        """Look at what may have changed, and take the rest from the last audit while that is fresh."""
        subject, policy = desks.laptop(desk, pictures=self._pictures(desk)), desk.in_force.policy
        last = self._fresh_enough(subject, policy.digest) if wanted else None
        if last is not None:
            subject = replace(subject, checks=tuple(one for one in subject.checks if one.id in wanted))
        fresh = audit(subject, policy, clock=desks.now, tick=lambda _: self._progress.mark())
        return fresh if last is None else refreshed(last, fresh, subject.waivers, subject.statements)

    def _pictures(self, desk: desks.Desk) -> "Apart":
        """In a process of its own: an idle daemon has no room for what walks folders and keeps an index."""

        def ask(*arguments: str) -> str:
            said = self._child((*PICTURES, *arguments), stop=self._stop, timeout_s=PICTURES_S, fine=(0, 2))
            self._progress.mark()
            return said

        return Apart(desk.places.photos, ask)

    def _fresh_enough(self, subject: Subject, digest: str) -> Audit | None:
        """The last audit, where its rest may be taken over: same device and policy, all of it seen in the last day."""
        if self._last is None or self._last[0] != digest or self._last[1].report.device != subject.device:
            return None
        now, last = desks.now(), self._last[1]
        fresh = all(timedelta(0) <= now - one.observed_at <= FRESH for one in last.report.findings)
        return last if fresh else None

    def deliver(self) -> datetime | None:
        """Send what is due. Raises TransportError, OutboxError, ChildError: the daemon tries again."""
        try:
            return self._deliver()
        except (TransportError, OutboxError) as error:
            LOG.warning("%s", error.sentence)
            raise

    def _deliver(self) -> datetime | None:
        desk = desks.open_desk(stop=self._stop)
        if desk.config.transport is Transport.NONE:
            return None
        box = outbox(desk)
        look_again_after_change(desk, box, desks.now())
        due = box.next_due(desks.now())
        if due is None or due > desks.now():
            return due
        if desk.config.transport is Transport.EMAIL:
            # Mail needs TLS and the keyring, which would nearly double the memory of an idle daemon.
            return self._deliver_apart()
        way = transport(desk.config, desk.places)
        assert way is not None
        done = box.deliver_due(way, now=desks.now(), stop=self._stop.is_set)
        for failure in done.failures:
            LOG.warning("%s", failure.sentence)
        return done.next_due

    def _deliver_apart(self) -> datetime | None:
        answer = json.loads(self._child(("deliver", "--json"), stop=self._stop, timeout_s=DELIVERY_S))
        for sentence in answer["failures"]:
            LOG.warning("%s", sentence)
        return datetime.fromisoformat(answer["next_due"]) if answer["next_due"] else None

    def load_schedule(self) -> Schedule:
        """The practice's audit times; the last good ones where they cannot be read."""
        try:
            wanted = desks.open_desk(stop=self._stop).in_force.policy.schedule
            times = tuple(one.isoformat("minutes") for one in wanted.audit_at)
            self._schedule = Schedule(times=times, jitter_s=wanted.jitter_s)
        except (CannotRun, ScheduleError) as error:
            LOG.warning("the audit times stay as they were: %s", type(error).__name__)
        return self._schedule

    def photo_folders(self) -> tuple[str, ...]:
        """Folders to watch: those that the system names and those of agent.toml."""
        try:
            config = desks.open_desk(stop=self._stop).config
        except CannotRun:
            config = self._first.config
        return tuple(one.path for one in photo_folders(self._first.door, config.photo_folders).folders)
