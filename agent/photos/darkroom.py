"""Previews and stripped copies of single pictures, made by a confined process that ends soon after it is last asked.

Whatever a picture does to its decoder, it does to that process: this one never looks at a pixel.
"""

import os
import selectors
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Protocol, Self, TypeVar

from agent.photos.darkroom_form import MOST_PAYLOAD, Asked, PreviewAnswer, StrippedAnswer, Wish, request
from agent.photos.darkroom_model import (
    MOST_HELD,
    DarkroomError,
    Held,
    OnLaptop,
    Preview,
    Shot,
    Stripped,
    Trace,
)
from agent.photos.frames import Frame, FrameError
from agent.photos.image import Unread
from agent.photos.member import Job, Member

SHOT_S = 20.0
"""For one picture."""
TIMES = {Wish.PREVIEW: 1, Wish.STRIP: 3}
"""So much more time has a copy, which is decoded and encoded in full and then read again."""
READ_RATE = 64 << 20
"""Bytes a second that even a slow disk gives: so much more time has a film, all of which is read for its digest."""
IDLE_S = 60.0
"""After so long without a question the process ends."""
RENEWED_S = 10.0
"""Who is so near to that end is not asked any more: the question would fall between."""
MEMORY_BYTES = 1 << 30
"""120 million pixels, twice: as they lie and upright."""
WATCH_S = 0.2
Made = TypeVar("Made", covariant=True)

__all__ = [
    "Darkroom", "DarkroomError", "Held", "OnLaptop", "Preview", "Shot", "Stripped", "Trace", "command",
]  # fmt: skip


class Answer(Protocol[Made]):
    """Puts together what was asked for."""

    def heed(self, frame: Frame) -> Made | None:
        """None: there is more to come. Raises DarkroomError, FrameError."""


def command(*, shot_s: float = SHOT_S, idle_s: float = IDLE_S, memory_bytes: int = MEMORY_BYTES) -> tuple[str, ...]:
    """How the process is started. -P: the working folder is no place for modules; -B: it may write no files."""
    limits = (str(shot_s), str(idle_s), str(memory_bytes))
    return (sys.executable, "-P", "-B", "-m", "agent.photos.darkroom_child", *limits)


def allowed_s(shot_s: float, wish: Wish, size: int) -> float:
    """Seconds for a file of so many bytes."""
    return TIMES[wish] * shot_s + size / READ_RATE


class Darkroom:
    """One process, started when it is first needed. Any thread may ask; one at a time is served.

    Use as a context: leaving it ends the process, and whoever still waits for it gets a DarkroomError.
    """

    def __init__(
        self,
        environ: Mapping[str, str],
        *,
        argv: Sequence[str] = (),
        shot_s: float = SHOT_S,
        idle_s: float = IDLE_S,
        clock_s: Callable[[], float] = time.monotonic,
    ) -> None:
        """`environ`: of which only what Python needs to start is passed on."""
        self._environ, self._clock_s = environ, clock_s
        self._argv = argv or command(shot_s=shot_s, idle_s=idle_s)
        self._shot_s, self._idle_s = shot_s, idle_s
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._member: Member | None = None
        self._number = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        with self._lock:
            self._end()

    @property
    def worker(self) -> int | None:
        """Its process id; None where there is none."""
        return self._member.pid if self._member else None

    def preview(self, shot: Shot) -> Preview:
        """The picture to be looked at, clear and blurred; of a film one frame, of papers the first page.

        Raises DarkroomError.
        """
        return self._made(shot, Wish.PREVIEW, PreviewAnswer)

    def strip(self, shot: Shot) -> Stripped:
        """A copy that tells nothing but what it shows; it was read a second time before it comes out.

        Raises DarkroomError: NO_READER for a form that no copy can be made of, BROKEN also where the copy was not
        empty after all.
        """
        return self._made(shot, Wish.STRIP, StrippedAnswer)

    def _made(self, shot: Shot, wish: Wish, answer: Callable[[int], Answer[Made]]) -> Made:
        with self._lock:
            self._number += 1
            job, sent = _job(self._number, shot, wish)
            member = self._ready()
            member.send(job, sent)
            try:
                limit_s = allowed_s(self._shot_s, wish, job.size)
                made = self._heard(member, answer(job.number), self._clock_s() + limit_s)
            except FrameError as error:
                self._end()
                raise DarkroomError(Unread.CRASHED) from error
            finally:
                if member.flying:  # not ended
                    member.done()
            return made

    def _ready(self) -> Member:
        """The process. Raises DarkroomError where the system starts none."""
        if self._member and self._is_over(self._member):
            self._end()
        if self._closing.is_set():
            raise DarkroomError(Unread.FAILED)
        if self._member is None:
            try:
                self._member = Member(self._argv, self._environ, clock_s=self._clock_s, most_payload=MOST_PAYLOAD)
            except OSError as error:
                raise DarkroomError(Unread.FAILED) from error
        return self._member

    def _is_over(self, member: Member) -> bool:
        """It has died meanwhile, is about to, or says what nobody asked for."""
        unasked = any(True for _ in member.hear())
        return unasked or member.closed or self._clock_s() - member.since_s > self._idle_s - RENEWED_S

    def _heard(self, member: Member, answer: Answer[Made], until_s: float) -> Made:
        """Wait for the answer, and no longer. Raises DarkroomError, FrameError."""
        with selectors.DefaultSelector() as selector:
            selector.register(member.stdout, selectors.EVENT_READ)
            while True:
                self._attend(selector, member)
                selector.select(WATCH_S)
                member.flush()
                made: Made | None = None
                for frame in member.hear():
                    if made is not None:
                        raise FrameError("it says more than it was asked")
                    made = answer.heed(frame)
                if made is not None:
                    return made
                if member.closed:
                    raise FrameError("it died")
                if self._closing.is_set() or self._clock_s() > until_s:
                    self._end()
                    raise DarkroomError(Unread.FAILED if self._closing.is_set() else Unread.TIMED_OUT)

    def _attend(self, selector: selectors.BaseSelector, member: Member) -> None:
        """Be told when its pipe takes more, for as long as something waits to be written."""
        attended = member.stdin in selector.get_map()
        if member.waiting and not attended:
            selector.register(member.stdin, selectors.EVENT_WRITE)
        elif attended and not member.waiting:
            selector.unregister(member.stdin)

    def _end(self) -> None:
        if self._member is not None:
            self._member.end()
            self._member = None


def _job(number: int, shot: Shot, wish: Wish) -> tuple[Job, tuple[bytes, ...]]:
    """What the member remembers, and the message. Raises DarkroomError where it is too large."""
    if isinstance(shot, OnLaptop):
        name, path, size, stamp, data = os.path.basename(shot.path), shot.path, shot.size, shot.stamp, b""
        # Bytes on the way, as the locale of the other side may differ from ours, in which names are spelt out.
        path = os.fsencode(path).decode("utf-8", "surrogateescape")
    else:
        name, path, size, stamp, data = shot.name, None, len(shot.data), 0, shot.data
    asked = Asked(number=number, wish=wish, name=name, size=size, path=path, stamp=stamp)
    if len(data) > MOST_HELD:
        raise DarkroomError(Unread.TOO_LARGE)
    try:
        return Job(number=number, name=name, size=size, path=path, stamp=stamp), request(asked, data)
    except FrameError as error:
        raise DarkroomError(Unread.TOO_LARGE) from error
