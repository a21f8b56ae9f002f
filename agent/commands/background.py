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
from agent.config import APART, Transport
from agent.daemon import Ended, Parts, Progress, Schedule, ScheduleError, Scope, Trigger, run_daemon
from agent.daemon.clock import SystemClock
from agent.daemon.parts import Clock
from agent.directive import DirectiveError, Kept
from agent.enrolment import Enrolment
from agent.exits import Answer, CannotRun, Exit
from agent.keep import keep, outbox
from agent.outbox_model import OutboxError
from agent.photos.apart import Apart
from agent.photos.consent import given
from agent.round import look_again_after_change
from agent.runner import Audit, Subject, audit, refreshed
from agent.send import transport
from agent.shift.work import ShiftWork
from checks.clinical_images import check as clinical_images
from checks.model import Level
from reports.deliver.errors import TransportError

LOG = logging.getLogger(__name__)
DELIVERY_S = 600.0
"""A month's letters over a slow line; each has its own, shorter limits."""
WITNESS_S = 60.0
ASK_EVERY = timedelta(hours=6)
"""The practice's console is asked at least this often what it wants, or as often as it wants to hear from us."""
FRESH = timedelta(days=1)
"""The practice's audit times look at everything at least this often."""
PHONES = ("check", "--device", "phones", "--background", "--json")
PHONES_S = 1800.0
"""A phone with thousands of new pictures takes minutes; one that changes little, seconds."""
PICTURES = ("photos", "look", "--background", "--json")
PICTURES_S = 1800.0
GLANCE = ("photos", "look", "--background", "--touched", "--json")
GLANCE_S = 60.0
"""For a few new pictures, on a machine that is busy with many."""
FOLDER_CHECKS = ("cloud_backup", "clinical_images", "encryption")
"""What a change in a photo folder can change; encryption, where it becomes a link to another disk."""


def run(arguments: argparse.Namespace) -> Answer:
    """Run until told to stop. Raises CannotRun."""
    level = logging.DEBUG if arguments.verbose else logging.INFO
    logging.basicConfig(level=level, format="%(levelname)s %(name)s: %(message)s")
    work = Work(SystemClock())
    ended = run_daemon(work.parts())
    return Answer(code=Exit.COMPLIANT if ended is Ended.STOPPED else Exit.COULD_NOT_RUN)


class Witness:
    """Has the practice's signature verified in a process of its own, once for the same bytes.

    What verifies it would take a sixth of the memory that an idle daemon may have.
    """

    def __init__(self, child: Callable[..., str], stop: threading.Event) -> None:
        self._child = child
        self._stop = stop
        self._sound: tuple[str, str] | None = None

    def __call__(self, enrolled: Enrolment, kept: Kept) -> None:
        """See agent.directive.Verify."""
        seen = (enrolled.console_key, kept.digest)
        if seen == self._sound:
            return
        try:
            said = json.loads(self._child(("status", "--json"), stop=self._stop, timeout_s=WITNESS_S))
            sound = said["enrolment"]["directive"] == kept.digest
        except (ChildError, ValueError, KeyError, TypeError) as error:
            raise DirectiveError("its signature could not be looked at") from error
        if not sound:
            raise DirectiveError("its signature does not match your practice's key")
        self._sound = seen


class Work:
    """What the daemon calls. It opens the desk anew each time, so that a new policy or configuration counts at once."""

    def __init__(self, clock: Clock, *, child: Callable[..., str] = call) -> None:
        """`child` runs this program once more, as agent.child.call does."""
        self._child = child
        self._clock = clock
        self._stop = threading.Event()
        self._witness = Witness(child, self._stop)
        self._asked_s: float | None = None
        """When the practice's console was last asked what it wants, by the clock that only grows."""
        self._news = False
        self._first = self._desk()
        self._progress = Progress(self._clock.monotonic)
        self._schedule = Schedule()
        self._last: tuple[str, Audit] | None = None
        """The last audit, with the digest of the policy that it was made under."""

    def parts(self) -> Parts:
        """Everything that the daemon is given."""
        where = self._first.places
        return Parts(
            audit=self.audit,
            deliver=self.deliver,
            news=self.news,
            load_schedule=self.load_schedule,
            photo_folders=self.photo_folders,
            folder_checks=FOLDER_CHECKS,
            glance=self.glance,
            before_shift=ShiftWork(self._desk, self._child, self._stop),
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

    def glance(self, folders: tuple[str, ...]) -> None:
        """Put what is newest in these folders into the index at once, beside an audit that lasts. Raises ChildError.

        The audit that waits behind it judges what that comes to.
        """
        desk = self._desk()
        rule = desk.in_force.policy.rule(clinical_images.CHECK, desk.config.ownership)
        if rule.level is Level.OFF or not given(desk.places.photos):
            return
        weights = desks.weights(desk, desk.config.ownership)
        said = self._child(
            (*GLANCE, "--weights", weights), stop=self._stop, timeout_s=GLANCE_S, fine=(0, 2),
            given=json.dumps(folders).encode("ascii"),
        )  # fmt: skip
        LOG.debug("a glance at new pictures: %s", "done" if '"judged"' in said else "not possible")

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
            desk = self._desk()
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
        desk = self._desk()
        if desk.config.transport is Transport.NONE:
            return None
        box = outbox(desk)
        look_again_after_change(desk, box, desks.now())
        due = box.next_due(desks.now())
        ask_at = self._ask_at(desk)
        if (due is None or due > desks.now()) and (ask_at is None or ask_at > desks.now()):
            return _earlier(due, ask_at)
        if desk.config.transport in APART:
            # They need TLS and the keyring, which would nearly double the memory of an idle daemon.
            return self._deliver_apart(desk)
        way = transport(desk.config, desk.places)
        assert way is not None
        done = box.deliver_due(way, now=desks.now(), stop=self._stop.is_set)
        for failure in done.failures:
            LOG.warning("%s", failure.sentence)
        return done.next_due

    def _deliver_apart(self, desk: desks.Desk) -> datetime | None:
        self._asked_s = self._clock.monotonic()
        answer = json.loads(self._child(("deliver", "--json"), stop=self._stop, timeout_s=DELIVERY_S))
        for sentence in (*answer["failures"], *answer["told"]):
            LOG.warning("%s", sentence)
        self._news = self._news or answer["news"]
        due = datetime.fromisoformat(answer["next_due"]) if answer["next_due"] else None
        return _earlier(due, self._ask_at(desk))

    def _ask_at(self, desk: desks.Desk) -> datetime | None:
        """When to ask the practice's console again what it wants; None where there is no console to ask."""
        if desk.config.transport is not Transport.CONSOLE:
            return None
        if self._asked_s is None:
            return desks.now()
        said = desk.told.said
        every = ASK_EVERY if said is None else min(ASK_EVERY, said.period)
        left = every - timedelta(seconds=self._clock.monotonic() - self._asked_s)
        return desks.now() + max(left, timedelta(0))

    def news(self) -> bool:
        """Whether a delivery brought another policy since this was last asked."""
        news, self._news = self._news, False
        return news

    def _desk(self) -> desks.Desk:
        return desks.open_desk(stop=self._stop, verify=self._witness)

    def load_schedule(self) -> Schedule:
        """The practice's audit times; the last good ones where they cannot be read."""
        try:
            wanted = self._desk().in_force.policy.schedule
            times = tuple(one.isoformat("minutes") for one in wanted.audit_at)
            self._schedule = Schedule(times=times, jitter_s=wanted.jitter_s)
        except (CannotRun, ScheduleError) as error:
            LOG.warning("the audit times stay as they were: %s", type(error).__name__)
        return self._schedule

    def photo_folders(self) -> tuple[str, ...]:
        """Folders to watch: those that the system names and those of agent.toml."""
        try:
            config = self._desk().config
        except CannotRun:
            config = self._first.config
        return tuple(one.path for one in photo_folders(self._first.door, config.photo_folders).folders)


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    return min((each for each in (one, other) if each is not None), default=None)
