"""One check while somebody watches: the same look, judgement and keeping as `scrubin check`, settings first."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial

from agent.attestations import attestations
from agent.desk import IMAGES, Desk
from agent.exits import CannotRun
from agent.keep import SENT, keep
from agent.look import ALL, LAPTOP, Looked, look, pictures_of
from agent.page.checking_board import Board
from agent.page.checking_model import Held, Part
from agent.runner import Audit, Subject, audit, refreshed
from checks.model import Kind

STOPPED = "You stopped this check before it ended, so what it had not finished isn't kept and isn't sent."
UNNAMED = (
    "A phone on the network did not say which one it is, so what was found on it isn't kept and isn't sent. "
    "Check it again, over its cable if it can be."
)


class Run:
    """One check of all devices, or of one."""

    def __init__(self, *, desk: Desk, board: Board, now: Callable[[], datetime], halt: threading.Event) -> None:
        """`halt` is set when the person, or the end of the page, stops it."""
        self._desk, self._board, self._now, self._halt = desk, board, now, halt
        self._pictures = pictures_of(desk, halt)

    def go(self, wanted: str) -> bool:
        """Look, show, keep and send. Whether it went to its end. Raises CannotRun."""
        named = self._named(wanted)
        looked = look(self._desk, named, stop=self._halt, pictures=self._pictures)
        self._board.find(looked, whole=wanted == ALL)
        for subject in looked.subjects:
            self._settings(subject, unnamed=subject.device.id in looked.unnamed)
        for subject in looked.subjects:
            if not self._halt.is_set():
                self._whole(subject)
        self._tell(looked)
        return not self._halt.is_set()

    def _named(self, wanted: str) -> str:
        """As `look` calls it: this laptop has a word, and phones have their ids."""
        held = self._board.snapshot.held.get(wanted)
        return wanted if held is None else _word(held.audit)

    def _settings(self, subject: Subject, *, unnamed: bool) -> None:
        """All but the pictures, which may take long."""
        first = replace(subject, left_out=subject.left_out | {IMAGES})
        device_id = subject.device.id
        done = audit(first, self._desk.in_force.policy, clock=self._now, tick=lambda _: self._board.tick(device_id))
        self._board.ended(device_id, Part.SETTINGS)
        self._board.show(Held(audit=done, pending=not self._halt.is_set(), unnamed=unnamed))

    def _whole(self, subject: Subject) -> None:
        """The pictures, too; then the report is whole, and kept."""
        device_id = subject.device.id
        self._pictures.tick = partial(self._board.pictures, device_id)
        (images,) = (one for one in subject.checks if one.id == IMAGES)
        fresh = audit(replace(subject, checks=(images,)), self._desk.in_force.policy, clock=self._now)
        self._board.ended(device_id, Part.PICTURES)
        done = self._board.merge(device_id, partial(joined, self._desk, fresh), pending=False)
        held = self._board.snapshot.held.get(device_id)
        if done is None or held is None or held.unnamed or self._halt.is_set():
            return
        self._board.note(*(one for one in keep(self._desk, done, now=self._now()) if one != SENT))

    def _tell(self, looked: Looked) -> None:
        if self._halt.is_set():
            self._board.note(STOPPED)
        elif looked.unnamed:
            self._board.note(UNNAMED)


def again(
    desk: Desk, board: Board, device_id: str, check_id: str, *, now: Callable[[], datetime], stop: threading.Event
) -> bool:
    """Look at one check of one device at once, and show it; nothing is kept. Raises CannotRun.

    `stop`: set when the page ends, which waits for no phone that hangs.
    False: there is no whole answer of this device, under the policy in force, in which it could take its place.
    """
    held = board.snapshot.held.get(device_id)
    if held is None or check_id == IMAGES or not _same_policy(held.audit, desk):
        return False
    subject = _subject(desk, held.audit, device_id, stop)
    (check,) = (one for one in subject.checks if one.id == check_id)
    fresh = audit(replace(subject, checks=(check,)), desk.in_force.policy, clock=now)
    return board.merge(device_id, partial(joined, desk, fresh)) is not None


def joined(desk: Desk, fresh: Audit, last: Audit) -> Audit:
    """The last whole audit with what was just seen in it, and with what the person said up to this moment."""
    return refreshed(last, fresh, desk.waivers.granted, attestations(desk.places.state, desk.door).given)


def _subject(desk: Desk, last: Audit, device_id: str, stop: threading.Event) -> Subject:
    looked = look(desk, _word(last), stop=stop)
    for one in looked.subjects:
        if one.device.id == device_id:
            return one
    raise CannotRun("this phone is not here any more. Plug it in and unlock it")


def _word(last: Audit) -> str:
    device = last.report.device
    return LAPTOP if device.kind is Kind.LAPTOP else device.id


def _same_policy(last: Audit, desk: Desk) -> bool:
    policy = desk.in_force.policy
    return (last.report.policy_id, last.report.policy_version) == (policy.id, policy.version)
