"""The bar of a scan: pictures looked at, of how many, and the time left. rich is loaded only when it is drawn."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from agent.photos.engine import Progress

LOOKING, LISTING, WAITING = "pictures", "listing", "waiting: battery, or a busy laptop"
REDRAWN_HZ = 4


@contextmanager
def bar(*, shown: bool) -> Iterator[Callable[[Progress], None]]:
    """Yield the function that is told how far the scan is. It is drawn on standard error."""
    if not shown:
        yield lambda _: None
        return
    from rich import progress
    from rich.console import Console

    columns = (
        progress.TextColumn("  {task.description}"),
        progress.BarColumn(20),
        progress.MofNCompleteColumn(),
        progress.TimeRemainingColumn(compact=True),
        progress.TextColumn("left"),
    )
    drawn = progress.Progress(
        *columns, console=Console(stderr=True), transient=True, refresh_per_second=REDRAWN_HZ,
    )  # fmt: skip
    with drawn:
        task = drawn.add_task(LISTING, total=None)

        def tick(so_far: Progress) -> None:
            words = WAITING if so_far.waiting else LISTING if so_far.known is None else LOOKING
            drawn.update(task, completed=so_far.done, total=so_far.known, description=words)

        yield tick
