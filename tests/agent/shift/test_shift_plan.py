"""When the person is told: once for each shift, in time or not at all, whatever clocks and restarts do."""

import json
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.shift.plan import APART, LATE, Notice, Plan, Terms, due, next_at
from agent.shift.told import FILE, MOST, Told
from tests.agent.shift.roster_parts import NOW, SYDNEY

SHIFT = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
ROSTER = Plan(terms=Terms(minutes_before=30), starts=(SHIFT,), watched=True)
DAILY = Plan(terms=Terms(times=(time(7, 0), time(19, 30))))


@pytest.mark.parametrize(
    ("minutes", "tells"),
    [(-31, False), (-30, True), (-1, True), (0, True), (29, True), (30, False), (24 * 60, False)],
)
def test_it_is_due_from_half_an_hour_before_until_it_is_too_late(minutes: int, tells: bool) -> None:
    assert (due(ROSTER, (), SHIFT + timedelta(minutes=minutes)) is not None) is tells


def test_the_practices_times_are_of_the_laptops_own_clock() -> None:
    at = due(DAILY, (), datetime(2026, 11, 21, 20, 5, tzinfo=UTC), SYDNEY)
    assert at == Notice(at=SHIFT, shift=SHIFT)
    assert due(DAILY, (), datetime(2026, 11, 21, 21, 0, tzinfo=UTC), SYDNEY) is None


def test_daylight_saving_moves_the_practices_times_with_the_clock_on_the_wall() -> None:
    before, after = datetime(2026, 4, 3, 12, 0, tzinfo=UTC), datetime(2026, 4, 5, 12, 0, tzinfo=UTC)
    first, second = (next_at(DAILY, (), one, SYDNEY) for one in (before, after))
    assert first is not None
    assert second is not None
    assert (first.hour, second.hour) == (20, 21)


def test_who_was_told_is_not_told_again_of_a_shift_nearby() -> None:
    two = Plan(terms=Terms(), starts=(SHIFT, SHIFT + timedelta(hours=1)), watched=True)
    assert due(two, (SHIFT,), SHIFT + timedelta(minutes=45)) is None
    apart = Plan(terms=Terms(), starts=(SHIFT, SHIFT + APART), watched=True)
    assert due(apart, (SHIFT,), SHIFT + APART) is not None


def test_what_comes_next_is_known() -> None:
    assert next_at(ROSTER, (), NOW) == SHIFT - timedelta(minutes=30)
    assert next_at(ROSTER, (SHIFT,), NOW) is None
    assert next_at(ROSTER, (), SHIFT + LATE) is None
    assert Plan().idle
    assert not ROSTER.idle
    assert not DAILY.idle


@given(
    st.lists(st.integers(0, 3 * 1440), max_size=8),
    st.lists(st.integers(-2 * 1440, 2 * 1440), max_size=30),
)
def test_however_the_clock_jumps_nobody_is_told_twice_within_two_hours(starts: list[int], jumps: list[int]) -> None:
    plan = Plan(terms=Terms(), starts=tuple(NOW + timedelta(minutes=one) for one in starts), watched=True)
    told: list[datetime] = []
    clock = NOW
    for jump in jumps:
        clock += timedelta(minutes=jump)
        notice = due(plan, told, clock)
        if notice is not None:
            assert all(abs(notice.shift - one) >= APART for one in told)
            assert notice.at <= clock < notice.until
            told.append(notice.shift)


def test_what_was_told_is_known_after_a_restart(tmp_path: Path) -> None:
    Told(str(tmp_path)).add(SHIFT)
    assert list(Told(str(tmp_path)).moments(NOW)) == [SHIFT]
    again = Told(str(tmp_path))
    again.take_back(SHIFT)
    assert list(Told(str(tmp_path)).moments(NOW)) == []


def test_only_the_last_are_kept(tmp_path: Path) -> None:
    told = Told(str(tmp_path))
    for day in range(MOST + 5):
        told.add(SHIFT + timedelta(days=day))
    assert len(json.loads((tmp_path / FILE).read_text())["told"]) == MOST


def test_a_clock_that_was_years_ahead_silences_nothing(tmp_path: Path) -> None:
    told = Told(str(tmp_path))
    told.add(SHIFT + timedelta(days=4000))
    assert list(told.moments(NOW)) == []


@pytest.mark.parametrize(
    "text", ["", "[]", "null", '{"schema": "scrubin/shifts-told/1"}', '{"schema": "other", "told": []}',
             '{"schema": "scrubin/shifts-told/1", "told": ["2026-11-21T20:00:00"]}',
             '{"schema": "scrubin/shifts-told/1", "told": [7]}', "[" * 5000],
)  # fmt: skip
def test_a_damaged_memory_is_none_and_is_said(tmp_path: Path, text: str, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / FILE).write_text(text)
    assert list(Told(str(tmp_path)).moments(NOW)) == []
    assert "can't be read" in caplog.text
    assert str(tmp_path) not in caplog.text


def test_a_full_disk_is_said_and_the_memory_holds(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "shift").write_text("a file where the folder should be")
    told = Told(str(tmp_path / "shift"))
    told.add(SHIFT)
    assert list(told.moments(NOW)) == [SHIFT]
    assert "could not be kept" in caplog.text
    assert str(tmp_path) not in caplog.text
