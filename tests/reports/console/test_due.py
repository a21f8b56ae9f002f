"""When a device is due: working days count, leave and days off do not, and clocks may change on the way."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from consoles import practice_id
from hypothesis import given, settings
from hypothesis import strategies as st
from sender import at_the_door, enrolled, rows

from reports.console.console import Console
from reports.console.intake.due import due_at, renew_due
from reports.console.store import tables

ZONE = ZoneInfo("Australia/Melbourne")
HOUR = 3600
WEEKDAYS = "1111100"


def at(text: str) -> int:
    """Melbourne's time, as in 2026-11-20 09:00 (a Friday)."""
    return int(datetime.fromisoformat(text).replace(tzinfo=ZONE).timestamp())


def due(received: str, *, period: int = 24, grace: int = 24, days: str = "1111111", away: list = ()) -> str:
    spans = [(at(since), at(until)) for since, until in away]
    moment = due_at(at(received), period_hours=period, grace_hours=grace, days=days, zone=ZONE, away=spans)
    return datetime.fromtimestamp(moment, ZONE).strftime("%Y-%m-%d %H:%M")


RULES = [
    ("every day counts", {"received": "2026-11-20 09:00"}, "2026-11-22 09:00"),
    ("a weekend off", {"received": "2026-11-20 09:00", "days": WEEKDAYS}, "2026-11-24 09:00"),
    ("heard on a day off", {"received": "2026-11-21 15:00", "days": WEEKDAYS}, "2026-11-24 24:00"),
    ("one day a week", {"received": "2026-11-20 00:00", "days": "0000100"}, "2026-11-27 24:00"),
    ("no day at all is every day", {"received": "2026-11-20 09:00", "days": "0000000"}, "2026-11-22 09:00"),
    ("days that are no days", {"received": "2026-11-20 09:00", "days": "1"}, "2026-11-22 09:00"),
    (
        "a week of leave",
        {"received": "2026-11-20 09:00", "away": [("2026-11-21 00:00", "2026-11-28 00:00")]},
        "2026-11-29 09:00",
    ),
    (
        "leave and weekend",
        {"received": "2026-11-19 12:00", "days": WEEKDAYS, "away": [("2026-11-20 00:00", "2026-11-23 12:00")]},
        "2026-11-25 00:00",
    ),
    (
        "leave that overlaps, in any order",
        {
            "received": "2026-11-20 00:00",
            "away": [("2026-11-22 00:00", "2026-11-25 00:00"), ("2026-11-21 00:00", "2026-11-23 00:00")],
        },
        "2026-11-26 00:00",
    ),
    (
        "leave that ends before it begins",
        {"received": "2026-11-20 09:00", "away": [("2026-11-28 00:00", "2026-11-21 00:00")]},
        "2026-11-22 09:00",
    ),
    (
        "leave that is over",
        {"received": "2026-11-20 09:00", "away": [("2026-11-01 00:00", "2026-11-10 00:00")]},
        "2026-11-22 09:00",
    ),
    ("clocks go forward", {"received": "2026-10-03 12:00", "days": "1111111"}, "2026-10-05 13:00"),
    ("clocks go forward on a working weekend", {"received": "2026-10-03 12:00", "days": "0000011"}, "2026-10-10 13:00"),
]


@pytest.mark.parametrize(("what", "given_", "expected"), RULES, ids=[one[0] for one in RULES])
def test_time_counts_on_working_days_outside_leave(what: str, given_: dict, expected: str) -> None:
    day, _, hour = expected.partition(" ")
    wanted = at(f"{day} 00:00") + 86400 if hour == "24:00" else at(expected)
    assert due(**given_) == datetime.fromtimestamp(wanted, ZONE).strftime("%Y-%m-%d %H:%M")


def test_leave_without_a_sensible_end_does_not_hang() -> None:
    forever = [(0, 1 << 40)]
    moment = due_at(at("2026-11-20 09:00"), period_hours=24, grace_hours=0, days=WEEKDAYS, zone=ZONE, away=forever)
    assert moment >= at("2026-11-20 09:00")


SPANS = st.lists(st.tuples(st.integers(0, 40 * 86400), st.integers(0, 40 * 86400)), max_size=5)
DAYS = st.text("01", min_size=7, max_size=7)


@settings(deadline=None, max_examples=60)
@given(hours=st.integers(1, 400), days=DAYS, spans=SPANS)
def test_more_leave_and_fewer_days_never_make_a_device_due_earlier(hours: int, days: str, spans: list) -> None:
    start = at("2026-11-20 09:00")
    away = [(start + since, start + until) for since, until in spans]
    known = {"period_hours": hours, "grace_hours": 0, "zone": ZONE}
    plain = due_at(start, days="1111111", away=(), **known)
    rostered = due_at(start, days=days, away=(), **known)
    assert start + hours * HOUR == plain <= rostered <= due_at(start, days=days, away=away, **known)


def test_what_a_group_or_leave_changes_is_worked_out_again(both: Console) -> None:
    with at_the_door(both) as client:
        sender = enrolled(client, both, practice_id(both))
        sender.report("ppp")
    before = rows(both, tables.devices)[0].due_at
    assert before == both.now() + (24 + 72) * HOUR
    group = {"id": "g", "practice_id": practice_id(both), "name": "Ward", "period_hours": 12, "grace_hours": 12}
    with both.store.write() as db:
        db.execute(tables.groups.insert().values(group))
        db.execute(tables.agents.update().values(group_id="g"))
        leave = {"from_at": both.now(), "until_at": both.now() + 10 * HOUR}
        db.execute(tables.away.insert().values(**leave, practice_id=practice_id(both), agent_id=sender.agent_id))
        renew_due(db, both, sender.agent_id)
        renew_due(db, both, "nobody")
    assert rows(both, tables.devices)[0].due_at == both.now() + 34 * HOUR
