"""Open findings over all devices: what counts, for how long, in which order, and of this practice only."""

from typing import Any

import pytest
import stock

from reports.console import fleet_findings
from reports.console.console import Console
from reports.console.fleet_findings import Age, Borne, FindingFilter, FindingRow

DAY = 86400


@pytest.fixture
def device(both: Console, practice_of: Any) -> str:
    practice = practice_of(both)
    return stock.device(both, practice, stock.agent(both, practice))


def found(console: Console, practice: str, **wanted: Any) -> list[str]:
    with console.store.read() as db:
        rows = fleet_findings.open_findings(db, practice, console.now(), FindingFilter(**wanted))
        every = fleet_findings.every_finding(db, practice, console.now(), FindingFilter(**wanted))
        assert {one.uid for one in every} == {one.uid for one in rows}
        assert fleet_findings.how_many(db, practice, console.now(), FindingFilter(**wanted)) == len(rows)
    return [one.uid for one in rows]


@pytest.mark.parametrize(
    ("given", "counts"),
    [
        ({}, True),
        ({"status": "unknown"}, True),
        ({"status": "error"}, True),
        ({"status": "pass", "failed_since": None}, False),
        ({"level": "recommended"}, False),
        ({"level": "off"}, False),
        ({"settled": True}, False),
        ({"waived": 60}, False),
        ({"waived": -60}, True),
    ],
)
def test_what_is_open_and_counts(
    both: Console, practice_of: Any, device: str, given: dict[str, Any], counts: bool
) -> None:
    if "waived" in given:
        given = {"waived_until": both.now() + given["waived"]}
    uid = stock.finding(both, practice_of(both), device, **given)
    assert found(both, practice_of(both)) == ([uid] if counts else [])


def test_the_oldest_come_first_whatever_their_status(both: Console, practice_of: Any, device: str) -> None:
    practice, now = practice_of(both), both.now()
    new = stock.finding(both, practice, device, failed_since=now - 9)
    old = stock.finding(both, practice, device, failed_since=now - 999, status="error")
    assert found(both, practice) == [old, new]
    assert found(both, practice, status="error") == [old]


@pytest.mark.parametrize(
    ("ago", "age"),
    [
        (-60, Age.HOURS),
        (DAY - 1, Age.HOURS),
        (DAY, Age.DAYS),
        (8 * DAY - 1, Age.DAYS),
        (8 * DAY, Age.WEEKS),
        (91 * DAY - 1, Age.WEEKS),
        (91 * DAY, Age.LONGER),
    ],
)
def test_ages_meet_without_gap_or_overlap(both: Console, practice_of: Any, device: str, ago: int, age: Age) -> None:
    practice = practice_of(both)
    stock.finding(both, practice, device, failed_since=both.now() - ago)
    assert [one for one in Age if found(both, practice, age=one)] == [age]
    with both.store.read() as db:
        ages = fleet_findings.tally(db, practice, both.now()).ages
    assert [one for one in Age if ages[one]] == [age]


def test_waived_ones_are_shown_when_asked_for(both: Console, practice_of: Any, device: str) -> None:
    practice = practice_of(both)
    plain = stock.finding(both, practice, device, failed_since=5)
    waived = stock.finding(both, practice, device, failed_since=9, waived_until=both.now() + 9)
    assert found(both, practice, borne=Borne.YES) == [waived]
    assert found(both, practice, borne=None) == [plain, waived]


def test_what_fails_most_is_counted_by_device(both: Console, practice_of: Any, device: str) -> None:
    practice = practice_of(both)
    second = stock.device(both, practice, stock.agent(both, practice))
    for one, check, status in (
        (device, "updates", "fail"),
        (second, "updates", "fail"),
        (device, "encryption", "fail"),
        (second, "encryption", "unknown"),
    ):
        stock.finding(both, practice, one, check_id=check, status=status)
    with both.store.read() as db:
        tally = fleet_findings.tally(db, practice, both.now())
    assert tally.failing == [("updates", 2), ("encryption", 1)]
    assert tally.total == 4


def test_devices_that_left_and_other_practices_have_no_open_findings(both: Console, practice_of: Any) -> None:
    practice, other = practice_of(both), practice_of(both, "Other Practice")
    left = stock.device(both, practice, stock.agent(both, practice), ended_at=5)
    theirs = stock.device(both, other, stock.agent(both, other))
    stock.finding(both, practice, left)
    stock.finding(both, other, theirs)
    assert found(both, practice, level="", borne=None) == []
    with both.store.read() as db:
        assert fleet_findings.tally(db, practice, both.now()).total == 0


def test_lasting_errors_are_those_from_before_the_grace(both: Console, practice_of: Any, device: str) -> None:
    practice, now = practice_of(both), both.now()
    long = stock.finding(both, practice, device, status="error", failed_since=now - 900)
    stock.finding(both, practice, device, status="error", failed_since=now - 10)
    stock.finding(both, practice, device, status="fail", failed_since=now - 900)
    with both.store.read() as db:
        rows, total = fleet_findings.lasting_errors(db, practice, now, before=now - 100, most=3)
    assert ([one.uid for one in rows], total) == ([long], 1)
    assert isinstance(rows[0], FindingRow)
