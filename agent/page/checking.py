"""The checks that the page runs, one at a time in the background, and what they found last."""

import logging
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from agent.attestations import Saying, heard
from agent.desk import Desk
from agent.exits import CannotRun, WrongUse
from agent.fault import attempt
from agent.look import ALL
from agent.page.busy import Busy
from agent.page.checking_board import Board
from agent.page.checking_model import Snapshot
from agent.page.checking_run import Run, again
from agent.surroundings import around
from checks.model import Word

LOG = logging.getLogger(__name__)
GLIMPSE = "glimpse"
"""Only whether phones came or went. No device is called so."""
GLIMPSE_EVERY = timedelta(seconds=3)
WATCHED = timedelta(minutes=10)
"""So long after the person did something, phones that come and go are noticed by themselves."""
FRESH = timedelta(minutes=10)
"""Whoever opens the page again so soon sees what is known."""
FAULT = "This check failed on a fault of scrubin's own. Please tell us: scrubin doctor"
GONE = "That device has not been checked on this page yet: check it first."


@dataclass(slots=True)
class Errand:
    """What the thread does now, and how to stop it."""

    wanted: str
    halt: threading.Event


class Checking:
    """One page's. Any thread may ask; one thread of its own works."""

    def __init__(
        self, *, open_desk: Callable[[], Desk], now: Callable[[], datetime], busy: Busy, stop: threading.Event
    ) -> None:
        self._open_desk, self._now, self._busy, self._stop = open_desk, now, busy, stop
        self._board = Board()
        self._lock = threading.Lock()
        self._asked: list[str] = []
        self._errand: Errand | None = None
        self._working = False
        self._one_at_once = threading.Lock()
        """For looks at one check: two of them would ask the same phone at once."""
        self._attended_at: datetime | None = None
        self._stopped_at: datetime | None = None
        self._glimpsed_at: datetime | None = None
        self._phones: frozenset[tuple[str, str]] | None = None
        """Which phones were seen last, and in what state."""
        threading.Thread(target=self._end, daemon=True, name="check-end").start()

    @property
    def snapshot(self) -> Snapshot:
        """What is known now."""
        return self._board.snapshot

    def opened(self) -> None:
        """Somebody opened the page: check, unless that has just been done, or was stopped by them."""
        self.attended()
        now, rested = self._now(), (self.snapshot.ended_at, self._stopped_at)
        if not any(one is not None and timedelta(0) <= now - one < FRESH for one in rested):
            self.check()

    def attended(self) -> None:
        """Somebody is at the page and does something."""
        self._attended_at = self._now()

    def check(self, wanted: str = ALL, *, after: bool = False) -> None:
        """Check all devices, or the one of this id. One that runs is joined; `after` waits for its end and goes again.

        Answers at once.
        """
        with self._lock:
            running = self._errand is not None and self._errand.wanted in (ALL, wanted)
            if (running and not after) or not {ALL, wanted}.isdisjoint(self._asked) or self._stop.is_set():
                return
            if wanted == ALL:
                self._asked = [one for one in self._asked if one == GLIMPSE]
            if self.snapshot.work is None:
                # Now, and not once the thread comes to it: a page that is made meanwhile must not say ready.
                self._board.begin()
            self._put(wanted)

    def stop(self) -> None:
        """The person has had enough: what runs ends, and shows what it has."""
        self._stopped_at = self._now()
        with self._lock:
            self._asked.clear()
            if self._errand is not None:
                self._errand.halt.set()
        self._board.stopping()

    def watching(self) -> bool:
        """Whether phones that come and go are noticed: look for them if it is time."""
        now = self._now()
        if self._attended_at is None or not timedelta(0) <= now - self._attended_at < WATCHED:
            return False
        with self._lock:
            due = self._glimpsed_at is None or abs(now - self._glimpsed_at) >= GLIMPSE_EVERY
            if due and not self._working:
                self._glimpsed_at = now
                self._put(GLIMPSE)
        return True

    def again(self, device_id: str, check_id: str) -> None:
        """Look at one check at once; then the whole device, in the background, so that its report follows."""
        self._board.say()
        try:
            with self._one_at_once, self._busy.at_work():
                again(self._open_desk(), self._board, device_id, check_id, now=self._now, stop=self._stop)
        except CannotRun as error:
            self._board.say(_sentence(error))
            self._board.gone(device_id)
            return
        self.check(device_id, after=True)

    def looked(self, device_id: str, check_id: str, saw: Word) -> None:
        """The person says what they saw of one check of one device: kept as `scrubin check --saw` keeps it."""
        held = self.snapshot.held.get(device_id)
        if held is None:
            self._board.say(GONE)
            return
        desk = self._open_desk()
        try:
            told = heard([held.audit], [Saying(check_id=check_id, saw=saw)], desk.places.state, desk.door)
        except WrongUse as error:
            self._board.say(_sentence(error))
            return
        (after,) = told.audits
        # What was seen meanwhile stays; the check that follows judges it with this word.
        self._board.merge(device_id, lambda last: after if last is held.audit else last)
        self._board.say(*told.notes)
        if not told.notes:
            self.check(device_id, after=True)

    def say(self, *sentences: str) -> None:
        """Tell the person something on the next page, in place of what was said before."""
        self._board.say(*sentences)

    def _put(self, wanted: str) -> None:
        """With the lock held."""
        self._asked.append(wanted)
        if not self._working:
            self._working = True
            threading.Thread(target=self._work, daemon=True, name="check").start()

    def _work(self) -> None:
        while (errand := self._next()) is not None:
            if errand.wanted == GLIMPSE:
                attempt(partial(self._glimpse, errand.halt), what="a look for phones", log=LOG)
                continue
            with self._busy.at_work():
                whole, _ = attempt(partial(self._checked, errand), what="a check", log=LOG)
                if not whole:
                    self._board.note(FAULT)
                    self._board.end(None, of_all=errand.wanted == ALL)

    def _next(self) -> Errand | None:
        with self._lock:
            if not self._asked or self._stop.is_set():
                self._errand, self._working = None, False
                if self.snapshot.work is not None:  # stopped before it began: nobody else would end it
                    self._board.end(None, of_all=False)
                return None
            self._errand = Errand(self._asked.pop(0), threading.Event())
            return self._errand

    def _checked(self, errand: Errand) -> None:
        self._board.begin()
        ended = False
        try:
            desk = self._open_desk()
            if errand.wanted == ALL:
                self._remember(desk, errand.halt)
            ended = Run(desk=desk, board=self._board, now=self._now, halt=errand.halt).go(errand.wanted)
        except CannotRun as error:
            self._board.note(_sentence(error))
            if errand.wanted != ALL:
                self._board.gone(errand.wanted)
        self._board.end(self._now() if ended else None, of_all=errand.wanted == ALL)

    def _remember(self, desk: Desk, halt: threading.Event) -> None:
        """Which phones are here as a check begins: what changes from now on is news."""
        self._phones = _phones(desk, halt)

    def _glimpse(self, halt: threading.Event) -> None:
        seen = _phones(self._open_desk(), halt)
        if seen == self._phones:
            return
        first, self._phones = self._phones is None, seen
        if not first:
            self.check()

    def _end(self) -> None:
        """The page ends: whoever looks at a device stops."""
        self._stop.wait()
        with self._lock:
            self._asked.clear()
            if self._errand is not None:
                self._errand.halt.set()


def _phones(desk: Desk, halt: threading.Event) -> frozenset[tuple[str, str]]:
    here = around({**os.environ, "HOME": desk.door.home}, stop=halt)
    return frozenset((one.serial, one.state) for one in here.seen)


def _sentence(error: Exception) -> str:
    """As a sentence of its own; the commands put it behind their name."""
    text = str(error)
    return f"{text[:1].upper()}{text[1:]}" + ("" if text.endswith((".", "!", "?")) else ".")
