"""When an audit is due: jitter, catch-up, clock jumps, daylight saving."""

import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.daemon import Schedule, ScheduleError
from agent.daemon.timetable import Timetable

SYDNEY = ZoneInfo("Australia/Sydney")


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SYDNEY).astimezone(UTC)


def timetable(covered: str, *times: str, jitter_s: int = 0, luck: float = 0.0) -> Timetable:
    schedule = Schedule(times=times or ("07:00",), jitter_s=jitter_s)
    return Timetable(schedule, covered=local(covered), zone=SYDNEY, random=lambda: luck)


def test_the_next_audit_is_at_the_next_daily_time() -> None:
    assert timetable("2026-11-21 06:59").next_at == local("2026-11-21 07:00")
    assert timetable("2026-11-21 07:00").next_at == local("2026-11-22 07:00")


def test_of_several_times_the_nearest_counts() -> None:
    assert timetable("2026-11-21 08:00", "07:00", "19:00", "12:30").next_at == local("2026-11-21 12:30")


def test_an_audit_is_due_at_its_time_and_not_before() -> None:
    table = timetable("2026-11-21 06:00")
    assert not table.due(local("2026-11-21 06:59:59"))
    assert table.due(local("2026-11-21 07:00"))
    assert not table.due(local("2026-11-21 07:00:01"))


def test_three_missed_days_are_made_up_for_once() -> None:
    table = timetable("2026-11-18 07:00", "07:00", "19:00")
    now = local("2026-11-21 12:00")
    assert table.due(now)
    assert not table.due(now + timedelta(seconds=1))
    assert table.next_at == local("2026-11-21 19:00")


def test_times_within_one_jitter_are_one_audit() -> None:
    table = timetable("2026-11-21 06:00", "07:00", "07:05", jitter_s=600, luck=0.9)
    assert not table.due(local("2026-11-21 07:08"))
    assert table.due(local("2026-11-21 07:09:30"))
    assert table.next_at > local("2026-11-22 07:00")


def test_a_full_audit_for_another_reason_covers_the_time() -> None:
    table = timetable("2026-11-21 06:00", jitter_s=600, luck=0.5)
    table.cover(local("2026-11-21 07:01"))
    assert table.next_at == local("2026-11-22 07:05")


def test_an_audit_at_the_very_moment_covers_it() -> None:
    table = timetable("2026-11-21 06:00")
    table.cover(local("2026-11-21 07:00"))
    assert table.next_at == local("2026-11-22 07:00")


def test_an_older_audit_uncovers_nothing() -> None:
    table = timetable("2026-11-21 08:00")
    table.cover(local("2026-11-20 08:00"))
    assert table.covered == local("2026-11-21 08:00")


@given(luck=st.floats(0, 1, exclude_max=True), jitter_s=st.integers(0, 6 * 3600))
def test_jitter_stays_in_its_range(luck: float, jitter_s: int) -> None:
    due = timetable("2026-11-21 06:00", jitter_s=jitter_s, luck=luck).next_at
    assert due is not None
    assert timedelta(0) <= due - local("2026-11-21 07:00") <= timedelta(seconds=jitter_s)


def test_jitter_is_drawn_once_for_each_time() -> None:
    table = Timetable(
        Schedule(times=("07:00",), jitter_s=3600), covered=local("2026-11-21 06:00"), zone=SYDNEY,
        random=random.Random(7).random,
    )  # fmt: skip
    due = table.next_at
    assert not table.due(local("2026-11-21 06:30"))
    assert table.next_at == due


def test_the_hour_that_daylight_saving_skips_is_made_up_for_an_hour_later() -> None:
    table = timetable("2026-10-03 12:00", "02:30")
    assert table.next_at == local("2026-10-04 03:30")
    assert table.due(local("2026-10-04 03:30"))
    assert table.next_at == local("2026-10-05 02:30")


def test_the_hour_that_comes_twice_counts_once() -> None:
    table = timetable("2026-04-04 12:00", "02:30")
    first = datetime(2026, 4, 4, 15, 30, tzinfo=UTC)
    assert table.due(first)
    assert not table.due(first + timedelta(hours=1))
    assert table.next_at == local("2026-04-06 02:30")


@pytest.mark.parametrize("day", ["2026-10-04", "2026-04-05"])
def test_a_morning_time_stays_at_its_wall_clock_hour_over_daylight_saving(day: str) -> None:
    assert timetable(f"{day} 00:30").next_at == local(f"{day} 07:00")


def test_a_clock_that_was_days_ahead_brings_one_audit_and_the_old_rhythm() -> None:
    table = timetable("2026-11-21 07:00")
    assert table.due(local("2026-11-25 09:00"))
    assert table.due(local("2026-11-21 09:05"))
    assert not table.due(local("2026-11-21 09:06"))
    assert table.next_at == local("2026-11-22 07:00")


def test_a_small_correction_backwards_brings_none() -> None:
    table = timetable("2026-11-21 06:00")
    assert table.due(local("2026-11-21 07:00:05"))
    assert not table.due(local("2026-11-21 06:59:50"))
    assert not table.due(local("2026-11-21 07:00:01"))


@given(
    start=st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1)),  # noqa: DTZ001
    steps=st.lists(st.integers(-3 * 86_400, 3 * 86_400), max_size=30),
)
def test_after_any_jumps_the_next_audit_is_at_most_a_day_away(start: datetime, steps: list[int]) -> None:
    now = start.replace(tzinfo=UTC)
    table = Timetable(Schedule(jitter_s=0), covered=now, zone=SYDNEY, random=lambda: 0.0)
    for step in steps:
        now += timedelta(seconds=step)
        table.due(now)
        assert table.next_at is not None
        assert now < table.next_at <= now + timedelta(hours=25, minutes=10)


@pytest.mark.parametrize(
    ("times", "jitter_s"),
    [(("7:00",), 0), (("24:00",), 0), (("07:60",), 0), (("07:00\n",), 0), (("٠٧:٠٠",), 0),
     (("07:00",), -1), (("07:00",), 6 * 3600 + 1), (("07:00",) * 25, 0)],
)  # fmt: skip
def test_times_that_make_no_sense_are_refused(times: tuple[str, ...], jitter_s: int) -> None:
    with pytest.raises(ScheduleError):
        Schedule(times=times, jitter_s=jitter_s)


def test_without_a_zone_the_laptops_own_counts() -> None:
    at = datetime(2026, 11, 21, 0, 0, tzinfo=UTC)
    table = Timetable(Schedule(jitter_s=0), covered=at, random=lambda: 0.0)
    assert table.next_at is not None
    assert f"{table.next_at.astimezone():%H:%M}" == "07:00"


def test_policy_without_times_brings_no_daily_audit() -> None:
    table = Timetable(Schedule(times=()), covered=local("2026-11-21 07:00"), zone=SYDNEY, random=lambda: 0.0)
    assert table.next_at is None
    assert not table.due(local("2027-11-21 07:00"))
