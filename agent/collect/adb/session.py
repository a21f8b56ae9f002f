"""All readings of one phone in at most three round trips; what a cut cable leaves is kept."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from agent import limits
from agent.collect.adb.script import TIMED_OUT, Frame, Frames
from agent.collect.adb.wire import Line, Stream
from agent.collect.android.commands import PROPERTIES, Reading
from agent.collect.android.properties import same_start
from agent.collect.host import CollectError, Output
from checks.evidence import Why

Answers = Mapping[tuple[str, ...], Output | CollectError]
"""Command -> what it said, or why nothing was heard of it."""
POLL_S = 0.25
AGAIN_S = 0.2
PASSING = frozenset({Why.OFFLINE, Why.DISCONNECTED, Why.NOT_AUTHORISED})
"""Refusals that a phone that just came back gives for an instant."""
ENDED_FOR_TIME = frozenset({TIMED_OUT, 142, 143})
"""Exit codes of a command that `timeout` ended; older ones say by which signal, counted from 127 or 128."""
ENDED_BY_SIGNAL = range(129, 193)
"""Exit codes of a command that did not end by itself: what it said is not whole."""


@dataclass(slots=True, kw_only=True)
class Taken:
    """What one phone said, and what it cost."""

    answers: dict[tuple[str, ...], Output | CollectError] = field(default_factory=dict)
    trips: int = 0
    received_bytes: int = 0


class Session:
    """One look at one phone."""

    def __init__(
        self,
        line: Line,
        *,
        marker: Callable[[], str],
        stop: threading.Event,
        trips: int = limits.PHONE_TRIPS,
        clock_s: Callable[[], float] = time.monotonic,
    ) -> None:
        """`marker` makes a fresh one for each trip; `trips` is what is left of the phone's round trips."""
        self._line = line
        self._marker = marker
        self._stop = stop
        self._trips = trips
        self._clock_s = clock_s
        self._until_s = clock_s() + limits.PHONE_BUDGET_S
        self._lost: set[tuple[str, ...]] = set()
        self._taken = Taken()

    def take(self, readings: Sequence[Reading]) -> Taken:
        """Ask for all of them. Never raises for what a phone does: each command gets an answer or a reason."""
        why = Why.DISCONNECTED
        for _ in range(self._trips):
            if self._stop.is_set():
                why = Why.STOPPED
                break
            if all(one.command.argv in self._taken.answers for one in readings):
                break
            try:
                why = self._trip([one for one in readings if self._wanted(one)])
            except CollectError as error:
                why = error.why
                break
            if self._out_of_time() or self._stop.is_set():
                break
        for one in readings:
            self._taken.answers.setdefault(one.command.argv, CollectError(why, one.command.argv[0]))
        return self._taken

    def _wanted(self, one: Reading) -> bool:
        """The properties are asked for in each trip: they show that the same phone answers."""
        heard = self._taken.answers.get(one.command.argv)
        return heard is None or (one.command == PROPERTIES and isinstance(heard, Output))

    def _trip(self, wanted: Sequence[Reading]) -> Why:
        """One script, as far as it goes. Answers why the rest was not heard. Raises CollectError where none starts."""
        marker = self._marker()
        frames = Frames(marker)
        stream = self._opened(wanted, marker)
        try:
            why = self._listen(stream, frames, wanted)
        finally:
            stream.close()
        done = ((wanted[number], frame) for number, frame in frames.done.items() if number < len(wanted))
        self._join({one.command.argv: _output(frame, one) for one, frame in done})
        self._blame(frames.current, wanted, why)
        return why

    def _join(self, heard: Answers) -> None:
        """Put a trip's answers to those of earlier ones. Raises DISCONNECTED where they may be another phone's.

        Addresses go from phone to phone, and makers of cheap ones ship the same serial for all.
        """
        before = self._taken.answers
        if heard and any(isinstance(one, Output) for one in before.values()) and not _same_phone(before, heard):
            raise CollectError(Why.DISCONNECTED, "another phone may have answered")
        for argv, answer in heard.items():
            before.setdefault(argv, answer)

    def _opened(self, wanted: Sequence[Reading], marker: str) -> Stream:
        """Start the script, trying again for a moment: after "Allow" a phone goes away and comes back."""
        until_s = self._clock_s() + limits.PHONE_BACK_S
        self._taken.trips += 1
        while True:
            try:
                return self._line.open(wanted, marker)
            except CollectError as error:
                if error.why not in PASSING or self._clock_s() > until_s or self._stop.is_set():
                    raise
            self._stop.wait(AGAIN_S)

    def _listen(self, stream: Stream, frames: Frames, wanted: Sequence[Reading]) -> Why:
        asked, since_s = frames.current, self._clock_s()
        while not frames.finished:
            if frames.current != asked:
                asked, since_s = frames.current, self._clock_s()
            if (over := self._over(frames, wanted, since_s)) is not None:
                return over
            try:
                chunk = stream.read(POLL_S)
            except CollectError as error:
                return error.why
            if chunk == b"":
                return Why.DISCONNECTED
            if chunk:
                self._taken.received_bytes += len(chunk)
                before = len(frames.done)
                frames.feed(chunk)
                if len(frames.done) > before:
                    since_s = self._clock_s()
        return Why.UNPARSABLE  # the script ended, so a frame that is missing was hurt on the way

    def _over(self, frames: Frames, wanted: Sequence[Reading], since_s: float) -> Why | None:
        """Why it is not worth listening on, if it isn't."""
        if self._stop.is_set():
            return Why.STOPPED
        if frames.too_large or self._taken.received_bytes > limits.PHONE_TOTAL_BYTES:
            return Why.TOO_LARGE
        known = frames.current is not None and frames.current < len(wanted)
        limit_s = wanted[frames.current or 0].command.timeout_s if known else 0.0
        late = self._clock_s() > since_s + limit_s + limits.PHONE_SLACK_S
        return Why.TIMED_OUT if late or self._out_of_time() else None

    def _out_of_time(self) -> bool:
        return self._clock_s() > self._until_s

    def _blame(self, current: int | None, wanted: Sequence[Reading], why: Why) -> None:
        """The reading in the middle of which it broke: asked once more after a cut, else not again."""
        if current is None or current >= len(wanted):
            return
        argv = wanted[current].command.argv
        if why is Why.DISCONNECTED and argv not in self._lost:
            self._lost.add(argv)
        elif why is not Why.UNPARSABLE:
            self._taken.answers.setdefault(argv, CollectError(why, argv[0]))


def _same_phone(one: Answers, other: Answers) -> bool:
    first, second = one.get(PROPERTIES.argv), other.get(PROPERTIES.argv)
    return isinstance(first, Output) and isinstance(second, Output) and same_start(first.stdout, second.stdout)


def _output(frame: Frame, one: Reading) -> Output | CollectError:
    if frame.exit_code in ENDED_FOR_TIME:
        return CollectError(Why.TIMED_OUT, one.command.argv[0])
    if frame.exit_code in ENDED_BY_SIGNAL:
        return CollectError(Why.TOOL_FAILED, one.command.argv[0])
    return Output(exit_code=frame.exit_code, stdout=frame.text.decode("utf-8", "replace"), stderr="")
