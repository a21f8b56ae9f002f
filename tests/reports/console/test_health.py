"""`/healthz`: well while the database takes writes, the jobs keep time and people can be told; never of whom."""

import json

import pytest
import sqlalchemy as sa
from alerts_parts import change, channel, put

from reports.console import health
from reports.console.alerts.jobs import tick
from reports.console.pages import health as page
from reports.console.store import tables


def seen(console, ask):
    page.WATCH = health.Watch()
    reply = page.show(ask(console))
    return reply.status, json.loads(reply.content)


WELL = {"status": "ok", "database": "ok", "jobs": "ok", "alert_path": "ok"}


def test_a_console_that_does_its_jobs_is_well(both, ask):
    tick(both)
    assert seen(both, ask) == (200, WELL)


def test_one_that_has_done_none_is_not(console, ask):
    assert seen(console, ask) == (503, {**WELL, "status": "failing", "jobs": "failing"})


def test_jobs_that_stopped_are_noticed(console, ask):
    tick(console)
    console.clock.forward(15 + health.LATE_S)
    assert seen(console, ask)[0] == 200
    console.clock.forward(1)
    assert seen(console, ask) == (503, {**WELL, "status": "failing", "jobs": "failing"})


def test_a_job_that_failed_is_noticed(console, ask):
    tick(console)
    with console.store.write() as db:
        db.execute(tables.jobs.update().where(tables.jobs.c.name == "digest").values(error="it failed"))
    assert seen(console, ask)[1]["jobs"] == "failing"


def test_a_channel_that_fails_is_noticed_and_not_named(console, ask, practice_of):
    tick(console)
    made = channel(console, practice_of(console))
    change(console, tables.channels, made, failing_since=1, last_error="no answer")
    assert seen(console, ask) == (503, {**WELL, "status": "failing", "alert_path": "failing"})


def test_a_database_that_takes_no_writes_is_noticed(console, ask):
    tick(console)
    with console.store.write() as db:
        db.execute(sa.text("ALTER TABLE jobs RENAME TO gone"))
    assert seen(console, ask)[1]["database"] == "failing"


def test_whoever_asks_often_gets_the_answer_of_a_moment_ago(console):
    tick(console)
    watch = health.Watch()
    first = watch.look(console)
    put(console, tables.jobs, name="late", due_at=0, lease_until=0, lease_by="", error="")
    assert watch.look(console) is first
    console.clock.forward(health.FRESH_S)
    assert not watch.look(console).ok


@pytest.mark.parametrize("part", ["database", "jobs", "alert_path"])
def test_one_part_that_fails_is_enough(part):
    assert not health.Health(**{**dict.fromkeys(("database", "jobs", "alert_path"), True), part: False}).ok


def test_anybody_may_ask_over_http(console, client):
    tick(console)
    page.WATCH = health.Watch()
    answer = client(console).get("/healthz")
    assert (answer.status_code, answer.json()) == (200, WELL)


def test_every_page_of_alerts_is_behind_the_sign_in(console, client):
    running = client(console)
    for path in ("/alerts", "/alerts.csv", "/alerts/told", "/alerts/rules", "/channels", "/erase"):
        assert running.get(path).headers["location"].startswith("/sign-in")
