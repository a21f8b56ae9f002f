"""Writes reports: one thread takes all that wait into one transaction, and answers each after it is on the disk."""

import contextlib
import logging
import queue
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

import sqlalchemy as sa

from reports.console.console import Console
from reports.console.intake import batch, fold
from reports.console.intake.arrivals import Arrival, Taken
from reports.console.intake.sentences import refusal
from reports.console.intake.watch import Allowance
from reports.console.model import Refusal
from reports.console.store.engine import StoreError, Trouble

LOG = logging.getLogger(__name__)
TOGETHER = 100
"""Reports in one transaction: enough to share its cost, few enough that none waits long."""
WAITING = 2000
WAITING_BYTES = 48 << 20
ONE_BY_ONE = frozenset({Trouble.FAILED})
"""Troubles that a single report may be the cause of; the others would meet each report alike."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    arrival: Arrival
    answer: Future[Taken] = field(default_factory=Future)


class Writer:
    """The one writer of a console process. Within `with`, it takes reports; on leaving, what waits is written."""

    def __init__(self, console: Console, *, waiting: int = WAITING) -> None:
        self._console = console
        self._waiting: queue.Queue[_Job] = queue.Queue(waiting)
        self._bytes = 0
        self._lock = threading.Lock()
        self._thread: ThreadPoolExecutor | None = None
        self._allowance = Allowance(console.clock)

    def __enter__(self) -> "Writer":
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="intake")
        return self

    def __exit__(self, *_: object) -> None:
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.shutdown(wait=True)

    def take(self, arrival: Arrival) -> Future[Taken]:
        """Put a report in the queue; the future has the answer once it is on the disk. Raises Refusal where full."""
        job = _Job(arrival=arrival)
        thread = self._thread
        if thread is None:
            raise refusal("stopping")
        with self._lock:
            if self._bytes + len(arrival.body) > WAITING_BYTES:
                raise refusal("full")
            try:
                self._waiting.put_nowait(job)
            except queue.Full as error:
                raise refusal("full") from error
            self._bytes += len(arrival.body)
        self._start(thread)
        return job.answer

    def _start(self, thread: ThreadPoolExecutor) -> None:
        """Wake the thread; a round that finds nothing to do ends at once."""
        try:
            thread.submit(self._round).add_done_callback(_log_failure)
        except RuntimeError as error:  # it was shut down since
            raise refusal("stopping") from error

    def _round(self) -> None:
        jobs = self._next()
        with _answered(jobs):
            if jobs:
                self._write(jobs)

    def _next(self) -> list[_Job]:
        jobs: list[_Job] = []
        size = 0
        while len(jobs) < TOGETHER:
            try:
                job = self._waiting.get_nowait()
            except queue.Empty:
                break
            size += len(job.arrival.body)
            # From here on nobody who hangs up can take the answer's place away; who did so before has lost nothing.
            if job.answer.set_running_or_notify_cancel():
                jobs.append(job)
        with self._lock:
            self._bytes -= size
        return jobs

    def _write(self, jobs: Sequence[_Job]) -> None:
        """All together; where one may be to blame, each by itself, so that it takes no other down with it."""
        try:
            self._together(jobs)
        except StoreError as error:
            self._apart(jobs, error, alone=error.trouble in ONE_BY_ONE)
        except sa.exc.IntegrityError as error:
            # The same id came through another console at this moment, or twice in one group.
            self._apart(jobs, error, alone=True)

    def _apart(self, jobs: Sequence[_Job], error: Exception, *, alone: bool) -> None:
        if alone and len(jobs) > 1:
            for job in jobs:
                self._write([job])
            return
        LOG.error("%d reports not taken in: %s", len(jobs), type(error.__cause__ or error).__name__)
        for job in jobs:
            job.answer.set_exception(refusal("database"))

    def _together(self, jobs: Sequence[_Job]) -> None:
        store = self._console.store
        answers: list[Taken | Refusal] = []
        with store.write() as db:
            arrivals = [one.arrival for one in jobs]
            known = batch.load(db, arrivals, now=self._console.now(), allowed=self._allowance.allowed)
            answers = [_taken(known, one) for one in arrivals]
            batch.flush(db, store, known)
        for job, answer in zip(jobs, answers, strict=True):
            if isinstance(answer, Refusal):
                job.answer.set_exception(answer)
            else:
                job.answer.set_result(answer)


def _taken(known: batch.Batch, arrival: Arrival) -> Taken | Refusal:
    try:
        return fold.take(known, arrival)
    except Refusal as error:
        return error


@contextlib.contextmanager
def _answered(jobs: Sequence[_Job]) -> Iterator[None]:
    """Whatever happens, nobody waits for an answer that will never come."""
    try:
        yield
    finally:
        for job in jobs:
            if not job.answer.done():
                job.answer.set_exception(refusal("database"))


def _log_failure(done: Future[None]) -> None:
    error = done.exception()
    if error is not None:
        LOG.error("a group of reports was not taken in", exc_info=error)
