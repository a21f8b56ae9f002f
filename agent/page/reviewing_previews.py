"""Previews of pictures, in memory only and not many of them at once."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import NamedTuple

from agent.photos.darkroom_model import DarkroomError, Preview, Shot
from agent.photos.image import Unread
from agent.photos.index_model import Reviewable

MOST_BYTES = 64 << 20
MOST_FAILED = 1000
LASTING = frozenset(
    {
        Unread.NOT_A_PICTURE, Unread.EMPTY, Unread.BROKEN, Unread.TOO_LARGE, Unread.TOO_MANY_PIXELS, Unread.NO_READER,
        Unread.NOT_A_FILE, Unread.TIMED_OUT, Unread.OUT_OF_MEMORY, Unread.CRASHED,
    }
)  # fmt: skip
"""What becomes no better by another try at the same file, and may cost twenty seconds each time."""


class Key(NamedTuple):
    """One file's contents. The id alone would not do: an index that was lost begins to count anew."""

    id: int
    device: str
    path: str
    size: int
    stamp: int


def key(one: Reviewable) -> Key:
    """Of this copy."""
    return Key(one.id, one.device, one.path, one.size, one.stamp)


class Previews:
    """One page's. Threads share it; one picture at a time is made."""

    def __init__(self, make: Callable[[Shot], Preview], *, most_bytes: int = MOST_BYTES) -> None:
        """`make` raises DarkroomError."""
        self._make, self._most = make, most_bytes
        self._made: OrderedDict[Key, Preview] = OrderedDict()
        self._failed: OrderedDict[Key, Unread] = OrderedDict()
        self._bytes = 0
        self._at_work = threading.Lock()
        self._lock = threading.Lock()
        self._age = 0
        """How often things were forgotten: what was being made meanwhile is not kept."""

    def of(self, copy: Reviewable, fetch: Callable[[], Shot | Unread]) -> Preview | Unread:
        """A preview, or why there is none. `fetch` gets at the file where that is not known already."""
        wanted = key(copy)
        known = self._known(wanted)
        if known is not None:
            return known
        with self._at_work:
            known = self._known(wanted)
            if known is not None:
                return known
            age = self._age
            return self._kept(wanted, self._tried(fetch), age)

    def forget(self, device: str | None = None) -> None:
        """All of them, or those of one device: nobody can see any more that they are still there."""
        with self._lock:
            self._age += 1
            for one in [one for one in self._made if device in (None, one.device)]:
                self._drop(one)

    @property
    def devices(self) -> frozenset[str]:
        """Of which there are previews."""
        with self._lock:
            return frozenset(one.device for one in self._made)

    @property
    def bytes(self) -> int:
        """That all of them take."""
        return self._bytes

    def _tried(self, fetch: Callable[[], Shot | Unread]) -> Preview | Unread:
        try:
            shot = fetch()
            return shot if isinstance(shot, Unread) else self._make(shot)
        except DarkroomError as error:
            return error.why

    def _known(self, wanted: Key) -> Preview | Unread | None:
        with self._lock:
            if wanted in self._made:
                self._made.move_to_end(wanted)
                return self._made[wanted]
            return self._failed.get(wanted)

    def _kept(self, wanted: Key, made: Preview | Unread, age: int) -> Preview | Unread:
        with self._lock:
            if isinstance(made, Unread):
                if made in LASTING:
                    self._failed[wanted] = made
                    while len(self._failed) > MOST_FAILED:
                        self._failed.popitem(last=False)
            elif age == self._age:
                self._made[wanted] = made
                self._bytes += _size(made)
                while self._bytes > self._most:
                    self._drop(next(iter(self._made)))
        return made

    def _drop(self, one: Key) -> None:
        self._bytes -= _size(self._made.pop(one))


def _size(made: Preview) -> int:
    return len(made.clear) + len(made.blurred)
