"""All that the console does by itself from time to time, and how one of these jobs is run."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from reports.console import retention, retention_partitions
from reports.console.alerts import digest, evaluate, intake_watch, leases, probe, sending, trend
from reports.console.alerts.leases import Lease
from reports.console.console import Console
from reports.console.sealed import SealError
from reports.console.store.engine import StoreError

LOG = logging.getLogger(__name__)
AFTER_ERROR_S = 300
MINUTE, HOUR = 60, 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One of them."""

    lease: Lease
    every_s: int
    run: Callable[[Console], None]

    @property
    def name(self) -> str:
        """As in the table."""
        return self.lease.job


def _job(name: str, every_s: int, run: Callable[[Console], None], lease_s: int = 600) -> Job:
    return Job(lease=Lease(job=name, seconds=lease_s), every_s=every_s, run=run)


JOBS: tuple[Job, ...] = (
    _job("partitions", 12 * HOUR, retention_partitions.keep),
    _job("evaluation", MINUTE, evaluate.run),
    _job("intake", 5 * MINUTE, intake_watch.run),
    _job("trend", 30 * MINUTE, trend.run),
    _job("digest", 5 * MINUTE, digest.run),
    _job("probe", 15 * MINUTE, probe.run),
    Job(lease=sending.LEASE, every_s=15, run=sending.run),
    _job("retention", 6 * HOUR, retention.run, lease_s=1800),
)


def tick(console: Console, jobs: tuple[Job, ...] = JOBS) -> None:
    """Do what is due and nobody else is doing. Raises StoreError when the database can't be asked."""
    waiting = leases.due(console, tuple(one.name for one in jobs))
    for job in jobs:
        if job.name in waiting and leases.take(console, job.lease):
            _do(console, job)


def _do(console: Console, job: Job) -> None:
    """A job that fails, even by a fault of ours, is tried again soon, and costs the others nothing."""
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"job-{job.name}") as pool:
        error = pool.submit(job.run, console).exception()
    if error is None:
        leases.give_back(console, job.lease, next_in=job.every_s)
        return
    LOG.error("job %s failed", job.name, exc_info=error)
    leases.give_back(console, job.lease, next_in=min(job.every_s, AFTER_ERROR_S), error=_sentence(error))


def _sentence(error: BaseException) -> str:
    """For the operator; a fault of ours is named by its kind alone, since its text may quote anything."""
    if isinstance(error, StoreError):
        return error.sentence
    if isinstance(error, SealError):
        return str(error)
    return f"The job met a fault of scrubin's own ({type(error).__name__}): see the console's log."
