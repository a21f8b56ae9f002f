"""What the index holds with the copies of each, worked out anew only when other pictures are there or set apart."""

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from agent.photos.copies_parted import NOTHING, Apart
from agent.photos.engine import LINKED
from agent.photos.index_model import Kept
from agent.photos.planted import is_planted
from agent.photos.scan import Found, open_index, parted_in, pictures


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
        self._known: tuple[frozenset[Mark], Mapping[bytes, frozenset[bytes]]] | None = None
        """What was there, and what was set apart, when copies were worked out."""
        self._apart: Apart = NOTHING
        self._found: Sequence[Found] = ()

    def now(self) -> Sequence[Found]:
        """All that may be a copy of one that counts, on every device. Raises LedgerTrouble, IndexTrouble."""
        with self._lock:
            parted = parted_in(self._folder)
            with open_index(self._folder) as index:
                kept = [one for one in index.pictures(at_least=LINKED) if not is_planted(one.device)]
                known = frozenset(map(_mark, kept)), parted.others
                if known != self._known:
                    self._apart = parted.apart(index.judged)
                    self._found = pictures(self._folder, None, at_least=LINKED, apart=self._apart)
                    self._known = known
            said = {one.id: one.disposition for one in kept}
            return [replace(one, disposition=said.get(one.id, one.disposition)) for one in self._found]

    def others(self, ids: Iterable[int]) -> frozenset[int]:
        """What the person said is another picture than these, by what was gathered last."""
        with self._lock:
            return frozenset[int]().union(*(self._apart.get(one, frozenset()) for one in ids))


def _mark(one: Kept) -> Mark:
    return Mark(one.id, one.file.path, one.file.stamp, one.result.score, one.first_seen)
