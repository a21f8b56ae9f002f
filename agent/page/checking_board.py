"""What a running check has found so far, written by the check and read by whoever asks for the page."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from agent.look import Looked
from agent.page.checking_model import Held, Part, Snapshot, Step, Work
from agent.runner import Audit, Subject
from agent.tell import device_line
from checks.model import Kind

if TYPE_CHECKING:
    from agent.photos.engine import Progress


class Board:
    """One page's; threads share it. A snapshot never changes under its reader."""

    def __init__(self) -> None:
        self._now = Snapshot()
        self._lock = threading.Lock()

    @property
    def snapshot(self) -> Snapshot:
        """As it is now."""
        return self._now

    def begin(self) -> None:
        """A check starts."""
        self._change(lambda now: replace(now, work=Work(), notes=()))

    def find(self, looked: Looked, *, whole: bool) -> None:
        """These devices are looked at now. `whole`: phones that are not among them are not here."""
        phones = frozenset(one.device.id for one in looked.subjects if one.device.kind is Kind.PHONE)

        def found(now: Snapshot) -> Snapshot:
            kept = {key: one for key, one in now.held.items() if not one.unnamed or key in looked.unnamed}
            after = replace(now, work=Work(steps=_steps(looked.subjects)), held=kept)
            if whole:
                return replace(after, here=phones, unready=looked.unready, trouble=looked.note)
            return replace(after, here=(now.here or frozenset()) | phones)

        self._change(found)

    def gone(self, device_id: str) -> None:
        """This phone is not here any more."""
        self._change(lambda now: replace(now, here=(now.here or frozenset()) - {device_id}))

    def tick(self, device_id: str) -> None:
        """One more check of a device is done."""
        self._step(device_id, Part.SETTINGS, lambda one: replace(one, done=one.done + 1))

    def pictures(self, device_id: str, so_far: "Progress") -> None:
        """So many of its pictures were judged."""
        self._step(device_id, Part.PICTURES, lambda one: replace(one, done=so_far.done, total=so_far.known))

    def ended(self, device_id: str, part: Part) -> None:
        """A part of a device is done."""
        self._step(device_id, part, lambda one: replace(one, ended=True))

    def show(self, held: Held) -> None:
        """What a device said, in place of what it said before."""
        key = held.audit.report.device.id
        self._change(lambda now: replace(now, held={**now.held, key: held}))

    def merge(self, device_id: str, merged: Callable[[Audit], Audit], *, pending: bool | None = None) -> Audit | None:
        """Change what a device said; None where it said nothing yet. `pending`: None leaves it as it is."""
        with self._lock:
            before = self._now.held.get(device_id)
            if before is None:
                return None
            after = replace(before, audit=merged(before.audit), pending=before.pending if pending is None else pending)
            self._put(replace(self._now, held={**self._now.held, device_id: after}))
            return after.audit

    def note(self, *sentences: str) -> None:
        """Say something about the check that runs; the next check says it anew."""
        self._change(lambda now: replace(now, notes=tuple(dict.fromkeys((*now.notes, *sentences)))))

    def say(self, *sentences: str) -> None:
        """Say something about what the person asked for, in place of what was said before."""
        self._change(lambda now: replace(now, said=sentences))

    def stopping(self) -> None:
        """The person has had enough of the check that runs."""
        self._change(lambda now: replace(now, work=None if now.work is None else replace(now.work, stopping=True)))

    def end(self, at: datetime | None, *, of_all: bool = True) -> None:
        """The check is over. `at`: when it looked to its end; None where it did not. `of_all`: at all devices."""
        self._change(lambda now: replace(now, work=None, held=_settled(now), ended_at=at if of_all else now.ended_at))

    def _step(self, device_id: str, part: Part, change: Callable[[Step], Step]) -> None:
        with self._lock:
            work = self._now.work
            if work is not None:
                mine = (device_id, part)
                steps = tuple(change(one) if (one.device_id, one.part) == mine else one for one in work.steps)
                self._now = replace(self._now, work=replace(work, steps=steps))

    def _change(self, change: Callable[[Snapshot], Snapshot]) -> None:
        with self._lock:
            self._put(change(self._now))

    def _put(self, after: Snapshot) -> None:
        self._now = replace(after, version=self._now.version + 1)


def _settled(now: Snapshot) -> dict[str, Held]:
    """Nothing is pending once nobody works on it."""
    return {key: replace(one, pending=False) for key, one in now.held.items()}


def _steps(subjects: Sequence[Subject]) -> tuple[Step, ...]:
    names = [(one, device_line(one.device).partition(",")[0]) for one in subjects]
    settings = [
        Step(device_id=one.device.id, name=name, part=Part.SETTINGS, total=len(one.checks)) for one, name in names
    ]
    pictures = [Step(device_id=one.device.id, name=name, part=Part.PICTURES) for one, name in names]
    return (*settings, *pictures)
