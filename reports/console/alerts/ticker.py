"""A thread that does the jobs that are due, as long as the console runs."""

import logging
import threading
from types import TracebackType
from typing import Self

from reports.console.alerts.jobs import JOBS, Job, tick
from reports.console.console import Console
from reports.console.store.engine import StoreError

LOG = logging.getLogger(__name__)
EVERY_S = 5.0


class Ticker:
    """Started and stopped by `with`. A stop lets the job in hand finish."""

    def __init__(self, console: Console, jobs: tuple[Job, ...] = JOBS, *, every_s: float = EVERY_S) -> None:
        self._console, self._jobs, self._every_s = console, jobs, every_s
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="jobs", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stop.set()
        self._thread.join(timeout=20)  # a mail server that hangs must not keep the console from ending

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                tick(self._console, self._jobs)
            except StoreError as error:  # the database is away for a while: it is asked again at the next turn
                LOG.warning("jobs wait: %s", error.sentence)
            self._stop.wait(self._every_s)
