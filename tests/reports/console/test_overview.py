"""The overview: what it counts, what it says needs somebody, and when it doubts itself."""

from typing import Any

import pytest
import stock

from reports.console import charts
from reports.console.console import Console
from reports.console.fleet_today import Trust, trend, trust
from reports.console.pages import overview
from reports.console.store import tables

HOUR, DAY = 3600, 86400


@pytest.fixture
def practice(console: Console, practice_of: Any) -> str:
    return str(practice_of(console))


@pytest.fixture
def page(console: Console, as_role: Any, ask: Any) -> Any:
    return lambda: overview.show(ask(console, as_role(console))).content.decode()


def device(console: Console, practice: str, **given: Any) -> str:
    return stock.device(console, practice, stock.agent(console, practice), **given)


def test_without_devices_it_shows_how_to_begin_and_no_figure(page: Any) -> None:
    assert "No device has reported yet" in page()
    assert "compliant now" not in page()


def test_it_says_how_many_are_compliant_and_what_is_overdue(console: Console, practice: str, page: Any) -> None:
    device(console, practice)
    device(console, practice, overall="not_compliant")
    device(console, practice, due_at=console.now() - 1, received_at=console.now() - 9 * DAY)
    text = page()
    assert "1 of 3 devices is compliant now" in text
    assert "1 device is overdue</b>, the longest silent for 9 days" in text


def test_a_check_that_could_not_be_made_past_the_grace_needs_somebody(
    console: Console, practice: str, page: Any
) -> None:
    made = device(console, practice)
    stock.finding(console, practice, made, status="error", failed_since=console.now() - 4 * DAY)
    assert "Screen lock couldn't be checked</b> for 4 days, past the 3 days of grace" in page()


@pytest.mark.parametrize(
    ("given", "said"),
    [({"chain": "gap"}, "reports do not follow one another"), ({"chain": "broken"}, "reports do not follow")],
)
def test_a_gap_in_the_reports_needs_somebody(
    console: Console, practice: str, page: Any, given: dict[str, Any], said: str
) -> None:
    device(console, practice)
    assert said not in page()
    device(console, practice, **given)
    assert said in page()


def test_a_failing_way_of_telling_needs_somebody(console: Console, practice: str, page: Any) -> None:
    device(console, practice)
    about = {"id": "c", "practice_id": practice, "kind": "email", "name": "<IT mail>", "sealed": b"", "enabled": True}
    stock.put(console, tables.channels, {**about, "created_at": 1, "failing_since": console.now() - HOUR})
    assert "Messages through &lt;IT mail&gt; fail" in page()


def test_long_silence_while_devices_are_due_is_called_our_fault(console: Console, practice: str, page: Any) -> None:
    now = console.now()
    device(console, practice, received_at=now - 7 * HOUR, due_at=now - HOUR)
    assert "No reports have arrived since" in page()


@pytest.mark.parametrize(("heard_ago", "due_ago"), [(5 * HOUR, HOUR), (7 * HOUR, -HOUR), (7 * HOUR, 8 * HOUR)])
def test_silence_alone_is_no_fault_of_ours(
    console: Console, practice: str, page: Any, heard_ago: int, due_ago: int
) -> None:
    device(console, practice, received_at=console.now() - heard_ago, due_at=console.now() - due_ago)
    assert "No reports have arrived since" not in page()


SOUND = {"runs": 5, "proven": 5, "last_report": 1, "fell_due": 0, "channels": 1, "told_at": 10, "late_jobs": 0}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, None),
        ({"proven": 4}, "1 of 5 runs"),
        ({"runs": 0, "proven": 0}, "No device has reported"),
        ({"channels": 0}, "no channel is set up"),
        ({"told_at": None}, "No test message"),
        ({"late_jobs": 1}, "is behind"),
    ],
)
def test_doubts_are_said_one_by_one(given: dict[str, Any], said: str | None) -> None:
    found = overview.doubts(Trust(**{**SOUND, **given}), 20)
    assert len(found) == (said is not None)
    assert said is None or said in found[0]


def test_runs_that_did_not_find_what_they_planted_are_counted(console: Console, practice: str) -> None:
    device(console, practice)
    device(console, practice, proven=False)
    device(console, practice, proven=False, received_at=console.now() - 2 * DAY)
    with console.store.read() as db:
        found = trust(db, practice, console.now())
    assert (found.runs, found.proven) == (2, 1)


def test_the_trend_takes_the_newest_count_of_each_week(console: Console, practice: str) -> None:
    from zoneinfo import ZoneInfo

    for day, good in (("2026-11-20", 5), ("2026-11-21", 6), ("2026-11-14", 3), ("2026-01-01", 1)):
        counts = {"compliant": good, "not_compliant": 10 - good, "cannot_tell": 0, "overdue": 0}
        stock.put(console, tables.day_counts, {"practice_id": practice, "day": day, **counts})
    with console.store.read() as db:
        weeks = trend(db, practice, console.now(), ZoneInfo("Australia/Melbourne"))
    assert [(str(one.day), one.percent) for one in weeks] == [("2026-11-14", 30), ("2026-11-21", 60)]


def test_a_bar_is_whole_and_leaves_out_what_is_nothing() -> None:
    parts = charts.share({"compliant": 1, "not_compliant": 0, "overdue": 3})
    assert [(one.name, one.x, one.width) for one in parts] == [("compliant", 0, 25), ("overdue", 25, 75)]
    assert charts.share({"compliant": 0}) == []


def test_a_line_needs_two_points_and_marks_inside() -> None:
    assert charts.line([50], [0]) is None
    drawn = charts.line([0, 100], [0, 100], [-1, 50, 101])
    assert drawn is not None
    assert (drawn.line, drawn.marks) == ("M0.00 100 L100.00 0", [50])
