"""Deletions that wait on the page, which are dropped when the page no longer gives a sign of life."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

from agent.photos.review.pending import UNDO_S

LIFE_S = 60.0
"""A page that is closed, or left, says nothing; then what waits is undone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """One deletion, as its page shows it."""

    number: int
    """In the address of its picture."""
    count: int
    """Copies that the person confirmed."""
    whole_s: float | None
    """The time to undo; None: until the person says so."""
    ready_s: float
    """On the steady clock: before this nothing begins, whatever is chosen."""
    seen_s: float
    """The last sign of life."""


class Waiting:
    """One page's. Threads share it."""

    def __init__(self, *, clock_s: Callable[[], float], drop: Callable[[str], object]) -> None:
        """`drop` undoes the deletion of this key."""
        self._clock_s, self._drop = clock_s, drop
        self._all: dict[str, Wait] = {}
        self._lock = threading.Lock()
        self.choice: float | None = UNDO_S
        """The time to undo that the person chose last, for as long as the page is open."""

    def add(self, key: str, *, number: int, count: int) -> None:
        """One begins to wait."""
        now_s = self._clock_s()
        one = Wait(number=number, count=count, whole_s=self.choice, ready_s=now_s + UNDO_S, seen_s=now_s)
        with self._lock:
            self._all[key] = one

    def alive(self, key: str) -> Wait | None:
        """Its page was heard of. None for one that is over, or was given up meanwhile."""
        self.sweep()
        with self._lock:
            one = self._all.get(key)
            if one is not None:
                one = self._all[key] = replace(one, seen_s=self._clock_s())
            return one

    def put_off(self, key: str, whole_s: float | None) -> None:
        """Another time to undo, which counts from now, and for what comes after."""
        self.choice = whole_s
        with self._lock:
            if key in self._all:
                self._all[key] = replace(self._all[key], whole_s=whole_s)

    def end(self, key: str) -> None:
        """It is over."""
        with self._lock:
            self._all.pop(key, None)

    def sweep(self) -> None:
        """Undo those of which nothing was heard."""
        now_s = self._clock_s()
        with self._lock:
            silent = [key for key, one in self._all.items() if now_s - one.seen_s > LIFE_S]
            for key in silent:
                del self._all[key]
        for key in silent:
            self._drop(key)
