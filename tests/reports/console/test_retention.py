"""Retention: bodies go after the practice's period and not a second before, whole months at once; changes stay."""

import datetime
import uuid

import pytest
import sqlalchemy as sa
from alerts_parts import DAY, change, device, put, rows

from reports.console import retention, retention_partitions
from reports.console.store import tables


def report(console, practice_id, at):
    made = str(uuid.uuid4())
    about = {"practice_id": practice_id, "device_id": str(uuid.uuid4())}
    put(
        console, tables.reports, id=made, received_at=at, agent_id=str(uuid.uuid4()), seq=1, link="", body=b"z",
        proof="{}", **about,
    )  # fmt: skip
    put(console, tables.report_ids, id=made, digest="d" * 64, received_at=at, **about)
    return made


def kept(console, table=tables.reports):
    return {row.id for row in rows(console, table)}


@pytest.fixture
def here(both, practice_of):
    return practice_of(both)


def test_bodies_go_after_the_practices_own_period(both, here, practice_of):
    other = practice_of(both, "Other Practice")
    change(both, tables.practices, here, raw_days=10)
    old, edge = report(both, here, both.now() - 10 * DAY - 1), report(both, here, both.now() - 10 * DAY)
    theirs = report(both, other, both.now() - 80 * DAY)
    retention.run(both)
    assert kept(both) == {edge, theirs}
    assert kept(both, tables.report_ids) == {old, edge, theirs}


def test_ids_of_reports_go_much_later(both, here):
    report(both, here, both.now() - 401 * DAY)
    late = report(both, here, both.now() - 399 * DAY)
    retention.run(both)
    assert kept(both, tables.report_ids) == {late}


def test_more_rows_than_one_turn_takes_go_too(both, here, monkeypatch):
    monkeypatch.setattr(retention, "AT_ONCE", 2)  # a bound, not a part: the real one would need thousands of rows
    for second in range(5):
        report(both, here, both.now() - 100 * DAY - second)
    retention.run(both)
    assert kept(both) == set()


def test_changes_findings_and_the_audit_log_stay(both, here):
    made = device(both, here)
    old = {"practice_id": here, "at": 1}
    put(both, tables.changes, **old, device_id=made, what="overall", received_at=1)
    put(both, tables.audit, **old, actor_kind="person", actor="a", act="b", target="", detail="")
    retention.run(both)
    assert len(rows(both, tables.changes)) == len(rows(both, tables.audit)) == len(rows(both, tables.devices)) == 1


def test_what_ran_out_is_tidied(both, here):
    person = {"id": "p", "email": "a@b.example", "name": "A", "created_at": 0}
    put(both, tables.people, **person)
    now = both.now()
    session = {"person_id": "p", "csrf": "c", "created_at": 0, "seen_at": 0, "complete": True}
    put(both, tables.sessions, **session, token_hash="old", expires_at=now - 1)
    put(both, tables.sessions, **session, token_hash="new", expires_at=now)
    put(both, tables.attempts, key="old", count=1, since=now - 3 * DAY)
    put(both, tables.links, token_hash="old", person_id="p", expires_at=now - 31 * DAY)
    retention.run(both)
    assert [row.token_hash for row in rows(both, tables.sessions)] == ["new"]
    assert rows(both, tables.attempts) == rows(both, tables.links) == []


def months(console):
    with console.store.read() as db:
        asked = "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'reports'::regclass ORDER BY 1"
        return list(db.scalars(sa.text(asked)))


def test_months_are_made_ahead_and_take_what_came_before_them(pg_console, practice_of):
    early = report(pg_console, practice_of(pg_console), pg_console.now())
    retention_partitions.keep(pg_console)
    retention_partitions.keep(pg_console)
    assert months(pg_console) == ["reports_2026_11", "reports_2026_12", "reports_2027_01", "reports_other"]
    report(pg_console, practice_of(pg_console), pg_console.now() + 41 * DAY)
    with pg_console.store.read() as db:
        counts = [db.scalar(sa.text(f"SELECT count(*) FROM {name}")) for name in months(pg_console)]
    assert counts == [1, 0, 1, 0]
    assert early in kept(pg_console)


def test_a_whole_month_is_dropped_once_nobody_keeps_it(pg_console, practice_of):
    retention_partitions.keep(pg_console)
    report(pg_console, practice_of(pg_console), pg_console.now())
    first = int(datetime.datetime(2026, 12, 1, tzinfo=datetime.UTC).timestamp())
    pg_console.clock.at = first + 90 * DAY - 1
    retention.run(pg_console)
    assert "reports_2026_11" in months(pg_console)
    pg_console.clock.forward(1)
    retention.run(pg_console)
    assert months(pg_console) == ["reports_2026_12", "reports_2027_01", "reports_other"]


def test_the_longest_period_of_all_practices_decides_of_a_month(pg_console, practice_of):
    retention_partitions.keep(pg_console)
    change(pg_console, tables.practices, practice_of(pg_console, "Other Practice"), raw_days=400)
    theirs = report(pg_console, practice_of(pg_console, "Other Practice"), pg_console.now())
    report(pg_console, practice_of(pg_console), pg_console.now())
    pg_console.clock.forward(200 * DAY)
    retention.run(pg_console)
    assert kept(pg_console) == {theirs}


def test_sqlite_has_no_months(console):
    retention_partitions.keep(console)
    retention_partitions.drop_before(console, console.now())
