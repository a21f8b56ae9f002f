"""Jobs: each is done by one console at a time, a dead console's turn passes on, and a failing job costs no other."""

import logging
import threading
from dataclasses import replace

import pytest
import sqlalchemy as sa
from alerts_parts import rows

from reports.console.alerts import leases
from reports.console.alerts.jobs import JOBS, Job, tick
from reports.console.alerts.leases import Lease
from reports.console.alerts.ticker import Ticker
from reports.console.console import Console
from reports.console.store import tables

LEASE = Lease(job="sweeping", seconds=100)


def job(run, name: str = "sweeping", every_s: int = 60) -> Job:
    return Job(lease=Lease(job=name, seconds=100), every_s=every_s, run=run)


def kept(console: Console, name: str = "sweeping"):
    return rows(console, tables.jobs, tables.jobs.c.name == name)[0]


def test_a_job_is_done_when_it_is_due_and_not_before(both):
    done = []
    jobs = (job(lambda console: done.append(console.now())),)
    for _ in range(3):
        tick(both, jobs)
        both.clock.forward(40)
    assert done == [both.now() - 120, both.now() - 40]


def test_a_lease_is_given_to_one_console(both):
    second = replace(both, name="console-2")
    assert [leases.take(both, LEASE), leases.take(second, LEASE), leases.take(both, LEASE)] == [True, False, False]


def test_the_lease_of_a_dead_console_runs_out(both):
    second = replace(both, name="console-2")
    leases.take(both, LEASE)
    both.clock.forward(100)
    assert leases.take(second, LEASE)
    assert not leases.hold(both, LEASE)
    leases.give_back(both, LEASE, next_in=5)
    assert kept(both).lease_by == "console-2"


def test_a_lease_that_is_held_does_not_run_out(both):
    second = replace(both, name="console-2")
    leases.take(both, LEASE)
    both.clock.forward(60)
    assert leases.hold(both, LEASE)
    both.clock.forward(60)
    assert not leases.take(second, LEASE)


def test_two_consoles_at_once_never_do_a_job_twice(pg_console):
    """Twenty races: both ask at the same moment for a job that is due."""
    second = replace(pg_console, name="console-2")
    start, ran = threading.Barrier(2), []
    jobs = (job(lambda console: ran.append((console.name, console.now())), every_s=1),)

    def race(console: Console) -> None:
        for _ in range(20):
            start.wait(30)
            tick(console, jobs)
            start.wait(30)
            if console is pg_console:
                pg_console.clock.forward(1)

    threads = [threading.Thread(target=race, args=(one,)) for one in (pg_console, second)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(at for _, at in ran) == list(range(pg_console.now() - 20, pg_console.now()))


def test_a_job_that_fails_says_so_and_the_others_are_done(both, caplog):
    done = []

    def fault(_):
        raise ZeroDivisionError("Dr Example's own words")

    tick(both, (job(fault, "first"), job(done.append, "second")))
    assert done == [both]
    assert kept(both, "first").ok_at is None
    assert "ZeroDivisionError" in kept(both, "first").error
    assert "Dr Example" not in kept(both, "first").error
    assert "job first failed" in caplog.text


def test_a_job_that_failed_is_tried_again_and_its_error_goes(both, caplog):
    turns = iter([ZeroDivisionError(), None])

    def sometimes(_):
        if error := next(turns):
            raise error

    for _ in range(2):
        tick(both, (job(sometimes),))
        both.clock.forward(60)
    assert kept(both).error == ""
    assert kept(both).ok_at == both.now() - 60


def test_all_jobs_of_the_console_run_on_an_empty_one(both):
    tick(both)
    found = {row.name: (row.ok_at, row.error) for row in rows(both, tables.jobs)}
    assert found == {one.name: (both.now(), "") for one in JOBS}


def test_the_ticker_does_jobs_until_it_is_left(console):
    done = threading.Event()
    with Ticker(console, (job(lambda _: done.set()),)) as ticker:
        assert done.wait(30)
    assert not ticker._thread.is_alive()


class Met(logging.Handler):
    """Tells that something was logged."""

    def __init__(self) -> None:
        super().__init__()
        self.told = threading.Event()

    def emit(self, record: logging.LogRecord) -> None:
        self.told.set()


@pytest.fixture
def met():
    handler = Met()
    logging.getLogger().addHandler(handler)
    yield handler.told
    logging.getLogger().removeHandler(handler)


def test_the_ticker_outlives_a_database_that_is_away(console, met):
    """Its table is taken away and put back: the job is done then."""
    done = threading.Event()
    with console.store.write() as db:
        db.execute(sa.text("ALTER TABLE jobs RENAME TO gone"))
    with Ticker(console, (job(lambda _: done.set()),), every_s=0.01):
        assert met.wait(30)
        with console.store.write() as db:
            db.execute(sa.text("ALTER TABLE gone RENAME TO jobs"))
        assert done.wait(30)
