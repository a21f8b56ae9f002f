"""What a page remembers of the review while it is open: a few results, answers and wishes, never a picture."""

import threading
from collections import OrderedDict
from collections.abc import Hashable, Mapping, Sequence
from typing import Generic, TypeVar

from agent.page.review_model import Picture
from agent.page.review_outcome import Done, Place
from agent.photos.darkroom_model import Trace
from agent.stored.model import Answer

MOST = 100
K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
Ids = tuple[int, ...]
"""Of all copies of a picture."""


class Few(Generic[K, V]):
    """The newest of what was put in."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._all: OrderedDict[K, V] = OrderedDict()
        self._lock = threading.Lock()

    def put(self, key: K, value: V) -> None:
        """In place of what was there under this key."""
        with self._lock:
            self._all[key] = value
            self._all.move_to_end(key)
            while len(self._all) > self._most:
                self._all.popitem(last=False)

    def get(self, key: K) -> V | None:
        """None where it is not known any more."""
        with self._lock:
            return self._all.get(key)


class Memory:
    """One page's. Threads share it."""

    def __init__(self) -> None:
        self.keys = True
        """Single keys do something in the panel."""
        self.outcomes: Few[str, Done] = Few()
        """Of deletions that are over, by their key."""
        self.places: Few[str, Mapping[int, Place]] = Few()
        """Of the copies of deletions that wait, by their key."""
        self.answers: Few[Ids, Answer] = Few()
        """What the record system last said of a picture."""
        self.taught: Few[Ids, Sequence[Trace]] = Few()
        """What was taken out of the copy that is kept for teaching."""
        self._hidden: set[int] = set()

    def hide(self, ids: Sequence[int]) -> None:
        """Make no preview of it any more, until the page is closed."""
        self._hidden.update(ids)

    def is_hidden(self, picture: Picture) -> bool:
        """The person asked not to be shown it."""
        return not self._hidden.isdisjoint(picture.ids)
