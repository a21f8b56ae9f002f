"""A bar on the terminal, for a check that lasts. rich is loaded only when one is drawn."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from agent.photos.engine import Progress as Pictures

PATIENCE_S = 0.7
"""A check that is done sooner needs no bar, and need not wait for rich to load."""


class Ticks(Protocol):
    """Is told how far the work is, from any thread."""

    def __call__(self, check_id: str, /) -> None:
        """One more check is done."""

    def pictures(self, so_far: "Pictures", /) -> None:
        """So many pictures were judged."""


class _Silent:
    def __call__(self, _: str) -> None:
        pass

    def pictures(self, so_far: "Pictures") -> None:
        pass


@contextmanager
def progress(total: int, *, shown: bool, after_s: float = PATIENCE_S) -> Iterator[Ticks]:
    """Yield what is told of each finished check, and of pictures on the way."""
    if not shown:
        yield _Silent()
        return
    bar = _Bar(total)
    timer = threading.Timer(after_s, bar.draw)
    timer.daemon = True
    timer.start()
    try:
        yield bar
    finally:
        timer.cancel()
        bar.clear()


class _Bar:
    """Counts from the start, and draws once asked to."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._done = 0
        self._drawn: Any = None
        self._task: Any = None
        self._line: Any = None
        self._cleared = False
        self._guard = threading.Lock()

    def __call__(self, _: str) -> None:
        """See Ticks."""
        with self._guard:
            self._done += 1
            if self._drawn is not None:
                self._drawn.advance(self._task)

    def pictures(self, so_far: "Pictures") -> None:
        """See Ticks. The line of pictures comes with the first that is to be judged."""
        with self._guard:
            if self._drawn is None or not so_far.known:
                return
            if self._line is None:
                self._line = self._drawn.add_task("pictures", total=so_far.known)
            self._drawn.update(self._line, completed=so_far.done, total=so_far.known)

    def draw(self) -> None:
        """Show what was counted so far."""
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (TextColumn("  {task.description}"), BarColumn(20), MofNCompleteColumn(), TimeRemainingColumn())
        with self._guard:
            if self._cleared:
                return
            self._drawn = Progress(*columns, console=Console(stderr=True), transient=True)
            self._task = self._drawn.add_task("checks", total=self._total, completed=self._done)
            self._drawn.start()

    def clear(self) -> None:
        """Take the bar away; one that would come too late does not come."""
        with self._guard:
            self._cleared = True
            if self._drawn is not None:
                self._drawn.stop()
