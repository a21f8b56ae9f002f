"""A bar on the terminal, for a check that lasts. rich is loaded only when one is drawn."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

PATIENCE_S = 0.7
"""A check that is done sooner needs no bar, and need not wait for rich to load."""


@contextmanager
def progress(total: int, *, shown: bool, after_s: float = PATIENCE_S) -> Iterator[Callable[[str], None]]:
    """Yield the function that is told of each finished check. It is safe in any thread."""
    if not shown:
        yield lambda _: None
        return
    bar = _Bar(total)
    timer = threading.Timer(after_s, bar.draw)
    timer.daemon = True
    timer.start()
    try:
        yield bar.tick
    finally:
        timer.cancel()
        bar.clear()


class _Bar:
    """Counts from the start, and draws once asked to."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._done = 0
        self._drawn: Any = None
        self._cleared = False
        self._guard = threading.Lock()

    def tick(self, _: str) -> None:
        """One more check is done."""
        with self._guard:
            self._done += 1
            if self._drawn is not None:
                self._drawn.advance(0)

    def draw(self) -> None:
        """Show what was counted so far."""
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        columns = (TextColumn("  {task.description}"), BarColumn(20), MofNCompleteColumn(), TimeElapsedColumn())
        with self._guard:
            if self._cleared:
                return
            self._drawn = Progress(*columns, console=Console(stderr=True), transient=True)
            self._drawn.add_task("This laptop", total=self._total, completed=self._done)
            self._drawn.start()

    def clear(self) -> None:
        """Take the bar away; one that would come too late does not come."""
        with self._guard:
            self._cleared = True
            if self._drawn is not None:
                self._drawn.stop()
