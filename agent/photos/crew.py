"""A few workers that judge files: kept busy, watched, and replaced when a file kills one; only that file is blamed."""

import os
import re
import selectors
import struct
import threading
import time
import zlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import TracebackType
from typing import Self

from agent.photos.frames import Frame, FrameError
from agent.photos.image import Result, Unread
from agent.photos.member import Job, Member, command, message
from agent.photos.pace import WAIT_S, Pace, Step
from agent.photos.result_form import PROOF, understood

FILE_S = 20.0
"""For one file; a slow one takes one or two."""
MEMORY_BYTES = 350 << 20
"""Resident, of one worker."""
START_S = 60.0
"""To load the libraries; a slow disk after resume needs some of it."""
WINDOW = 4
"""Jobs that one worker has at once, so that it never waits for us."""
WINDOW_BYTES = 4 << 20
"""No further job for a worker that has so much: of whole files, one at a time."""
WATCH_S = 0.1
ABSENT_S = 5.0
"""Who has not listened for longer, as an answer was put to use or the machine stood still, cannot say who was slow."""
RELEASE_S = 30.0
"""A crew that has to wait for longer gives its memory back."""
MOST_DEATHS = 3
"""So many in a row without an answer, and a harmless picture must show whose fault it is."""
MODEL = re.compile(r"[\w.+ -]{1,80}", re.ASCII)

__all__ = ["Answer", "Crew", "CrewError", "CrewTrouble", "Job", "harmless"]


class CrewTrouble(StrEnum):
    """Why nothing can be judged."""

    LIBRARY_MISSING = "library_missing"
    """The picture finder's libraries are not installed."""
    MODEL_DAMAGED = "model_damaged"
    """The finder's own files are missing, or are not what they should be."""
    NOT_STARTED = "not_started"
    """The system started no further process."""
    TOO_SLOW = "too_slow"
    """It did not load in time."""
    DYING = "dying"
    """It ends again and again, whatever it is given."""
    STOPPED = "stopped"


class CrewError(Exception):
    """There is no worker. The text is the reason, a CrewTrouble."""

    def __init__(self, why: CrewTrouble) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What became of one job."""

    number: int
    result: Result | None
    """None: the head does not decide; send it again with `whole`."""


class Crew:
    """Workers, started only once there is a job for them. Use as a context: leaving it ends them all."""

    def __init__(
        self,
        weights: str,
        *,
        workers: int,
        stop: threading.Event,
        pace: Pace,
        file_s: float = FILE_S,
        memory_bytes: int = MEMORY_BYTES,
        argv: Sequence[str] | None = None,
        environ: Mapping[str, str] | None = None,
        clock_s: Callable[[], float] = time.monotonic,
    ) -> None:
        """`argv` starts a worker of another kind. `clock_s` must stand still while the laptop sleeps."""
        self._argv = argv or command(weights, file_s=file_s, memory_bytes=memory_bytes)
        self._environ = os.environ if environ is None else environ
        self._workers, self._stop, self._pace = max(1, workers), stop, pace
        self._file_s, self._memory_bytes, self._clock_s = file_s, memory_bytes, clock_s
        self._selector = selectors.DefaultSelector()
        self._members: list[Member] = []
        self._line: deque[Job] = deque()
        """Taken from the caller and with no worker, in order."""
        self._suspects: list[Answer] = []
        """Blamed, but not told: a worker must first show that it can work, else no file is to blame."""
        self._again: set[int] = set()
        """Jobs that had their second try."""
        self._deaths = self._stillborn = 0
        self._watched_s = float("-inf")
        self._model = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._release(self._members)
        self._selector.close()

    @property
    def model(self) -> str:
        """What the workers loaded; starts one. Raises CrewError."""
        while not self._model:
            if self._stop.is_set():
                raise CrewError(CrewTrouble.STOPPED)
            if not self._members:
                self._start()
            for _ in self._hear():
                pass  # nothing was sent
        return self._model

    @property
    def workers(self) -> tuple[int, ...]:
        """Process ids of those that run."""
        return tuple(one.pid for one in self._members)

    def answers(self, jobs: Iterable[Job]) -> Iterator[Answer]:
        """One answer a job, in any order; jobs are taken as workers come free.

        Ends early where it is told to stop or the pace says END: jobs without an answer were not judged.
        Raises CrewError, and whatever `jobs` raises.
        """
        queue = iter(jobs)
        waits_since_s: float | None = None
        try:
            while not self._stop.is_set():
                step = self._pace.step(self.workers)
                if step is Step.GO:
                    waits_since_s = None
                    if not self._employ(queue):
                        return
                elif not self._flying:
                    if step is Step.END:
                        return
                    waits_since_s = self._rest(waits_since_s)
                    continue
                yield from self._hear()
        finally:
            self._release([one for one in self._members if one.flying])
            self._line.clear()
            self._suspects.clear()
            self._again.clear()

    @property
    def _flying(self) -> bool:
        return any(one.flying for one in self._members)

    def _employ(self, queue: Iterator[Job]) -> bool:
        """Give jobs to workers that have room; start one where all are full. False: there is nothing left to do."""
        while self._waits(queue):
            member = self._with_room()
            if member is None:
                if len(self._members) < self._workers and all(one.ready for one in self._members):
                    self._start()
                return True
            self._give(member, self._line.popleft())
        return self._flying or bool(self._suspects)

    def _waits(self, queue: Iterator[Job]) -> bool:
        """Whether a job waits for a worker; one is taken from the caller where none does."""
        if not self._line and (job := next(queue, None)) is not None:
            self._line.append(job)
        if not self._line and self._suspects and not self._flying:
            self._line.append(harmless())
        return bool(self._line)

    def _with_room(self) -> Member | None:
        free = [one for one in self._members if one.ready and _has_room(one)]
        return min(free, key=lambda one: len(one.flying), default=None)

    def _give(self, member: Member, job: Job) -> None:
        try:
            sent = message(job)
        except FrameError:
            # A file that nothing can be done with; it goes the way of the suspects only to be told at all.
            self._suspects.append(Answer(number=job.number, result=Unread.TOO_LARGE))
            return
        member.send(job, sent)
        self._attend(member)

    def _start(self) -> None:
        try:
            member = Member(self._argv, self._environ, clock_s=self._clock_s)
        except OSError as error:
            raise CrewError(CrewTrouble.NOT_STARTED) from error
        self._members.append(member)
        self._selector.register(member.stdout, selectors.EVENT_READ, member)

    def _attend(self, member: Member) -> None:
        """Be told when its pipe takes more, for as long as something waits to be written."""
        attended = member.stdin in self._selector.get_map()
        if member.waiting and not attended:
            self._selector.register(member.stdin, selectors.EVENT_WRITE, member)
        elif attended and not member.waiting:
            self._selector.unregister(member.stdin)

    def _hear(self) -> Iterator[Answer]:
        """What the workers say within a moment."""
        for key, event in self._selector.select(WATCH_S):
            member: Member = key.data
            if member not in self._members:
                continue  # lost since
            if event & selectors.EVENT_WRITE:
                member.flush()
                self._attend(member)
            else:
                yield from self._hear_one(member)
        now_s, before_s = self._clock_s(), self._watched_s
        if now_s - before_s >= WATCH_S:
            self._watched_s = now_s
            for member in tuple(self._members):
                if now_s - max(before_s, member.since_s) > ABSENT_S:
                    member.since_s = now_s
                yield from self._watch(member)

    def _hear_one(self, member: Member) -> Iterator[Answer]:
        try:
            for frame in member.hear():
                yield from self._heed(member, frame)
        except FrameError:
            self._lose(member, Unread.CRASHED)
            return
        if member.closed:
            self._lose(member, Unread.CRASHED)

    def _heed(self, member: Member, frame: Frame) -> Iterator[Answer]:
        """Raises FrameError where it is not what this worker could have to say."""
        if not member.ready:
            self._model = _greeting(frame)
            member.ready, self._stillborn = True, 0
            return
        number, result = understood(frame)
        first = member.flying[0] if member.flying else None
        if first is None or first.number != number or (result is None and (first.path or first.whole is not None)):
            raise FrameError("not an answer to what it has in hand")
        member.done()
        self._deaths = 0
        told, self._suspects = self._suspects, []
        yield from told
        if number != PROOF:
            yield Answer(number=number, result=result)

    def _watch(self, member: Member) -> Iterator[Answer]:
        """End it where it takes too long or too much."""
        if self._overdue(member):
            yield from self._hear_one(member)  # it may have answered while nobody listened
        if member not in self._members:
            return
        if self._overdue(member):
            if not member.ready:
                raise CrewError(CrewTrouble.TOO_SLOW)
            self._lose(member, Unread.TIMED_OUT)
        elif member.resident() > self._memory_bytes:
            self._lose(member, Unread.OUT_OF_MEMORY)

    def _overdue(self, member: Member) -> bool:
        limit_s = self._file_s if member.ready else START_S
        return (not member.ready or bool(member.flying)) and self._clock_s() - member.since_s > limit_s

    def _lose(self, member: Member, why: Unread) -> None:
        """End a worker; blame the file it had in hand, and give the others to the next one."""
        self._release([member])
        if not member.ready:
            self._stillborn += 1
            if self._stillborn >= MOST_DEATHS:
                raise CrewError(CrewTrouble.DYING)
            return
        self._deaths += 1
        if member.flying and not self._deserves_another(member, why):
            blamed = member.flying.popleft()
            if blamed.number == PROOF:
                raise CrewError(CrewTrouble.DYING)
            self._suspects.append(Answer(number=blamed.number, result=why))
        self._line.extendleft(reversed(member.flying))
        if self._deaths >= MOST_DEATHS:
            self._deaths = 0
            self._line.appendleft(harmless())

    def _deserves_another(self, member: Member, why: Unread) -> bool:
        """A worker that has judged many may have grown with each: the file in hand is tried once more, by another.

        Libraries that are refused memory end the process as often as they say so, hence CRASHED too.
        """
        number = member.flying[0].number
        if why is Unread.TIMED_OUT or not member.answered or number in self._again:
            return False
        self._again.add(number)
        return True

    def _rest(self, since_s: float | None) -> float:
        """Wait a moment, for a reason that may last. Since when."""
        since_s = self._clock_s() if since_s is None else since_s
        if self._clock_s() - since_s > RELEASE_S:
            self._release(self._members)
        self._stop.wait(WAIT_S)
        return since_s

    def _release(self, members: Iterable[Member]) -> None:
        for member in tuple(members):
            self._members.remove(member)
            for descriptor in (member.stdin, member.stdout):
                if descriptor in self._selector.get_map():
                    self._selector.unregister(descriptor)
            member.end()


def _has_room(member: Member) -> bool:
    return len(member.flying) < WINDOW and sum(one.held for one in member.flying) < WINDOW_BYTES


def _greeting(frame: Frame) -> str:
    """The model's name. Raises CrewError where it could not be loaded, FrameError."""
    trouble, model = frame.header.get("trouble"), frame.header.get("model")
    if trouble in (CrewTrouble.LIBRARY_MISSING, CrewTrouble.MODEL_DAMAGED):
        raise CrewError(CrewTrouble(str(trouble)))
    if not isinstance(model, str) or not MODEL.fullmatch(model):
        raise FrameError("no greeting")
    return model


def harmless() -> Job:
    """A grey square of 64 pixels, as a PNG: whoever dies of it dies of everything."""
    side = 64
    head = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress((b"\0" + b"\x80" * side) * side)), (b"IEND", b""))
    data = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks
    )
    return Job(number=PROOF, name="proof.png", size=len(data), path=None, stamp=0, head=data, whole=data)
