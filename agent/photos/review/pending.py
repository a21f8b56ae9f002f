"""A deletion that waits, so that it can be undone. It lives in the memory of one page and ends with it."""

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from agent.photos.index_model import Reviewable
from agent.photos.review.model import Copy, Marked, Removal
from agent.photos.review.rules import ReviewRefusal, Why

UNDO_S = 30.0
LONGER_UNDO_S = 120.0
NAME_BYTES = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """Copies that are to be deleted. Nothing has been touched yet."""

    id: str
    group: tuple[Reviewable, ...]
    """All copies of the picture, as they were when the person was asked."""
    marked: tuple[Marked, ...]
    """Those that will be deleted; () where none can be: then nothing waits under this id."""
    left: Mapping[int, Removal] = field(default_factory=dict)
    """By id, those that were ticked and can't be deleted as they are."""
    not_before: float | None
    """On the page's steady clock, seconds; None: it waits until the person says so."""


class Waiting:
    """The deletions that wait on one page. Threads share it."""

    def __init__(self, randomness: Callable[[int], bytes], clock_s: Callable[[], float]) -> None:
        self._randomness, self._clock_s = randomness, clock_s
        self._lock = threading.Lock()
        self._all: dict[str, Pending] = {}

    def add(
        self, group: Iterable[Reviewable], marked: Iterable[Marked], left: Mapping[int, Removal], delay_s: float | None
    ) -> Pending:
        """In place of others on the same files."""
        made = Pending(
            id=self._randomness(NAME_BYTES).hex(),
            group=tuple(group),
            marked=tuple(marked),
            left=left,
            not_before=self._after(delay_s),
        )
        self.drop_with(one.id for one in made.group)
        if made.marked:
            with self._lock:
                self._all[made.id] = made
        return made

    def get(self, id: str) -> Pending:
        """Raises ReviewRefusal."""
        with self._lock:
            return self._one(id)

    def put_off(self, id: str, delay_s: float | None) -> Pending:
        """Count anew from now. Raises ReviewRefusal."""
        with self._lock:
            later = replace(self._one(id), not_before=self._after(delay_s))
            self._all[id] = later
            return later

    def take(self, id: str) -> Pending:
        """Out of the waiting ones, once its time has come; nobody gets it twice. Raises ReviewRefusal."""
        with self._lock:
            one = self._one(id)
            if one.not_before is None:
                raise ReviewRefusal(Why.WAITS)
            if self._clock_s() < one.not_before:
                raise ReviewRefusal(Why.TOO_EARLY)
            return self._all.pop(id)

    def drop(self, id: str) -> bool:
        """Nothing happens to it any more. False: it did not wait, for it is over, or being carried out."""
        with self._lock:
            return self._all.pop(id, None) is not None

    def drop_with(self, ids: Iterable[int]) -> None:
        """All that are about one of these files or about a copy of one."""
        meant = set(ids)
        with self._lock:
            about = [one.id for one in self._all.values() if not meant.isdisjoint(copy.id for copy in one.group)]
            for id in about:
                del self._all[id]

    def _one(self, id: str) -> Pending:
        if id not in self._all:
            raise ReviewRefusal(Why.GONE)
        return self._all[id]

    def _after(self, delay_s: float | None) -> float | None:
        return None if delay_s is None else self._clock_s() + delay_s


def copy_of(one: Reviewable) -> Copy:
    """As a remover is told of it."""
    return Copy(
        id=one.id,
        device=one.device,
        path=one.path,
        size=one.size,
        stamp=one.stamp,
        modified_s=one.modified_s,
        digest=one.digest,
        folder=one.folder,
        origin=one.origin,
    )


def is_as_asked(now: Reviewable | None, asked: Reviewable) -> bool:
    """Still the file that the person was asked about, and still what they said of it."""
    return now is not None and copy_of(now) == copy_of(asked) and now.disposition is asked.disposition
