"""Puts the results of a scan into the index, many in one commit, once the finder has shown that it finds."""

from collections.abc import Callable
from dataclasses import replace

from agent.photos.image import Result
from agent.photos.index import Index
from agent.photos.index_model import Put
from agent.photos.place import File

KEPT_AT_ONCE = 64
"""Results that wait for one commit; so many are looked at again after a power cut, at most."""
KEPT_AFTER_S = 2.0


class Keep:
    """What one scan keeps of one device."""

    def __init__(
        self, index: Index, device: str, model: str, clock_s: Callable[[], float], *, proven: bool | None
    ) -> None:
        """`proven`: None where that is still to be shown; results wait in memory until then."""
        self._index, self._device, self._model, self._clock_s = index, device, model, clock_s
        self._proven = proven
        self._rows: list[Put] = []
        self._since_s = clock_s()

    def prove(self, found: bool) -> None:
        """Say whether the planted picture was found."""
        self._proven = found

    def add(self, file: File, result: Result, mark: bytes | None, first_seen: int | None) -> None:
        """One file that was judged."""
        self._rows.append(self.row(file, result, mark, first_seen))
        full = len(self._rows) >= KEPT_AT_ONCE or self._clock_s() > self._since_s + KEPT_AFTER_S
        if full and self._proven is not None:
            self.flush()

    def row(self, file: File, result: Result, mark: bytes | None, first_seen: int | None) -> Put:
        """What the index is given."""
        now = int(self._clock_s())
        return Put(file=file, result=result, model=self._model, digest=mark, now=now, first_seen=first_seen)

    def flush(self) -> None:
        """Keep all that waits. What no proven finder judged counts if it is clinical, and is looked at again."""
        self._since_s = self._clock_s()
        if self._rows:
            rows, self._rows = self._rows, []
            self._index.put(self._device, rows if self._proven else map(_unproven, rows))


def _unproven(row: Put) -> Put:
    """By another finder than the one that the next scan asks for: so the file is due, and no copy of it is excused."""
    return replace(row, model=f"{row.model} unproven")
