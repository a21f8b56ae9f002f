"""What the index holds with the copies of each, worked out anew only when other pictures are there."""

import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from agent.photos.engine import LINKED
from agent.photos.index_model import Kept
from agent.photos.planted import is_planted
from agent.photos.scan import Found, open_index, pictures


class Mark(NamedTuple):
    """By which a picture is known to be what it was when copies were worked out."""

    id: int
    path: str
    stamp: int
    score: float
    first_seen: int


class Gathered:
    """One page's. To find copies among thousands takes seconds; what was said of them changes with every click."""

    def __init__(self, folder: Path) -> None:
        """`folder` is Places.photos."""
        self._folder = folder
        self._lock = threading.Lock()
        self._marks: frozenset[Mark] | None = None
        self._found: Sequence[Found] = ()

    def now(self) -> Sequence[Found]:
        """All that may be a copy of one that counts, on every device. Raises IndexTrouble."""
        with self._lock:
            with open_index(self._folder) as index:
                kept = [one for one in index.pictures(at_least=LINKED) if not is_planted(one.device)]
            marks = frozenset(map(_mark, kept))
            if marks != self._marks:
                self._found = pictures(self._folder, None, at_least=LINKED)
                self._marks = marks
            said = {one.id: one.disposition for one in kept}
            return [replace(one, disposition=said.get(one.id, one.disposition)) for one in self._found]


def _mark(one: Kept) -> Mark:
    return Mark(one.id, one.file.path, one.file.stamp, one.result.score, one.first_seen)
