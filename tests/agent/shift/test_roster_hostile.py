"""Rosters that were written to hurt: each ends in what can be told of it, or in one clear sentence."""

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.shift.bounds import ROSTER_BYTES, RosterTrouble
from agent.shift.entries import sane
from agent.shift.lines import NO_CALENDAR
from agent.shift.written import CROWD
from tests.agent.shift.roster_parts import NOW, calendar, found, local

ROOT = Path(__file__).parents[3]
GOOD = "UID:good|DTSTART:20261122T070000"
BOMBS = {
    "each second since 1970": "DTSTART:19700101T000000Z|RRULE:FREQ=SECONDLY",
    "each minute": "DTSTART:20000101T000000Z|RRULE:FREQ=MINUTELY;COUNT=1000000000",
    "each hour": "DTSTART:20000101T000000Z|RRULE:FREQ=HOURLY",
    "each second of a day": f"DTSTART:20000101T000000Z|RRULE:FREQ=DAILY;BYSECOND={','.join(map(str, range(60)))}",
    "no step": "DTSTART:20000101T000000Z|RRULE:FREQ=DAILY;INTERVAL=0",
    "a step backwards": "DTSTART:20000101T000000Z|RRULE:FREQ=DAILY;INTERVAL=-1",
    "two rules": "DTSTART:20000101T000000Z|RRULE:FREQ=DAILY|RRULE:FREQ=WEEKLY",
    "an unknown word": "DTSTART:20000101T000000Z|RRULE:FREQ=DAILY;BYEASTER=1",
    "before anybody's time": "DTSTART:00010101T000000Z|RRULE:FREQ=DAILY",
    "a word for a number": "DTSTART:20000101T000000Z|RRULE:FREQ=DAILY;COUNT=MANY",
    "no frequency": "DTSTART:20000101T000000Z|RRULE:COUNT=3",
    "a thirteenth month": "DTSTART:20261399T990000",
    "a rule of no month": "DTSTART:20260101T000000Z|RRULE:FREQ=DAILY;BYMONTH=13",
    "no start": "SUMMARY:nothing",
    "half a start": "DTSTART:20261122T07",
    "an hour that is none": "UID:x|DTSTART:20261122T990000",
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_an_entry_that_makes_no_sense_is_left_out_and_the_shift_beside_it_is_found(bomb: str) -> None:
    assert local(calendar(BOMBS[bomb], GOOD)) == ["22 07:00"]


def test_how_many_are_not_understood_is_counted() -> None:
    assert found(calendar(BOMBS["each hour"], GOOD, BOMBS["an hour that is none"], BOMBS["no start"])).odd == 3


def test_a_zone_that_makes_no_sense_costs_only_the_entries_that_name_it() -> None:
    zone = (
        "BEGIN:VTIMEZONE\nTZID:Bad\nBEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:+9900\nTZOFFSETTO:+9900\n"
        "END:STANDARD\nEND:VTIMEZONE\n"
    )
    told = found(calendar("UID:a|DTSTART;TZID=Bad:20261123T070000", GOOD, more=zone))
    assert (len(told.starts), told.odd) == (1, 1)


@pytest.mark.parametrize(
    "data",
    [
        b"BEGIN:VCALENDAR\n" + b"BEGIN:VEVENT\n" * 80_000,
        b"BEGIN:VCALENDAR\n" + b"END:VEVENT\n" * 80_000,
        b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:2026\n" + b" 1\n" * 500_000,
        b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART" + b";A=B" * 100_000 + b"\nEND:VEVENT\n",
        b'BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;TZID="' + b"x" * 1_000_000,
        b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20261122T0700\0" + b"\0" * 1_000_000,
        b"BEGIN:VCALENDAR" + b"\xff\xfe\x80" * 100_000,
        calendar("UID:a|DTSTART:20000101T000000Z|EXDATE:" + "20000101T000000Z," * 100_000),
    ],
    ids=["nested", "ends only", "folds", "parameters", "quote", "NUL", "bytes", "exceptions"],
)
def test_a_text_without_end_says_of_no_shift(data: bytes) -> None:
    assert found(data).starts == ()


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"<html>Please sign in</html>", NO_CALENDAR),
        (b"", NO_CALENDAR),
        (b"BEGIN:VCALENDAR" + b" " * ROSTER_BYTES, "The roster is larger than 2 MB"),
        (calendar(*(f"UID:{one}|DTSTART:20261122T070000" for one in range(6000))), CROWD),
        (calendar(*(f"UID:{one}|DTSTART:20200101T070000|RRULE:FREQ=DAILY" for one in range(600))), CROWD),
        (calendar("DTSTART:20200101T070000|RRULE:FREQ=DAILY|EXDATE:" + ",".join(["20261122T070000"] * 600)), CROWD),
    ],
    ids=["a page", "nothing", "large", "a crowd", "a crowd of rules", "a crowd of exceptions"],
)
def test_what_cannot_be_used_is_refused_in_a_sentence(data: bytes, sentence: str) -> None:
    with pytest.raises(RosterTrouble, match=sentence.split(".")[0].split("(")[0]):
        found(data)


def test_entries_of_other_years_do_not_count_against_the_limit() -> None:
    past = (f"UID:{one}|DTSTART:2020{one % 12 + 1:02d}10T070000" for one in range(20_000))
    assert local(calendar(*past, GOOD)) == ["22 07:00"]


def limited(code: str) -> str:
    """Standard output of a process of its own that holds itself to bounds."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=False, cwd=ROOT
    )
    return done.stdout + done.stderr[-300:]


HELD = """
from agent.shift.bounds import RosterTrouble, bounded
try:
    with bounded(cpu_s=1, memory_bytes=256 << 20):
        {}
except RosterTrouble as trouble:
    print(trouble)
"""


@pytest.mark.parametrize(
    ("work", "said"),
    [("while True: pass", "takes too long"), ("x = [0] * (1 << 30)", "too much memory"),
     ("f = lambda f: f(f); f(f)", "too much memory")],
)  # fmt: skip
def test_time_and_memory_run_out_in_a_sentence(work: str, said: str) -> None:
    assert said in limited(HELD.format(work))


def test_a_rule_that_never_comes_true_ends_in_a_sentence() -> None:
    code = """
    import sys
    from agent.shift.bounds import RosterTrouble, bounded
    from tests.agent.shift.roster_parts import calendar, found
    never = [f"UID:{one}|DTSTART:20200101T070000Z|RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30" for one in range(50)]
    try:
        with bounded(cpu_s=2):
            found(calendar(*never))
    except RosterTrouble as trouble:
        print(trouble)
    """
    assert "takes too long" in limited(code)


@given(st.text(alphabet="ABCDEFY=;,0123456789+-DAILYWKCOUNT", max_size=80))
def test_a_rule_that_is_let_through_names_a_frequency_by_the_day_or_slower(rule: str) -> None:
    if sane(rule):
        assert any(f"FREQ={one}" in rule for one in ("DAILY", "WEEKLY", "MONTHLY", "YEARLY"))


LINE = st.sampled_from(
    ["BEGIN:VEVENT", "END:VEVENT", "BEGIN:VALARM", "END:VALARM", "BEGIN:VTIMEZONE", "END:VTIMEZONE", "TZID:X", "UID:a",
     "BEGIN:STANDARD", "END:STANDARD", "TZOFFSETTO:+0300", "TZOFFSETFROM:-9999", "DTSTART:20261122T070000", " 0", "",
     "DTSTART;TZID=X:20261123T070000", "DTSTART;VALUE=DATE:20261122", "RRULE:FREQ=DAILY", "RRULE:FREQ=YEARLY;COUNT=2",
     "RECURRENCE-ID:20261122T070000", "RECURRENCE-ID;RANGE=THISANDFUTURE:20261124T070000Z", "STATUS:CANCELLED",
     "EXDATE:20261123T070000,20261124", "RDATE:20261125T120000/PT1H", "SEQUENCE:3", "END:VCALENDAR", "BEGIN:VCALENDAR"]
)  # fmt: skip


@given(st.lists(LINE, max_size=25))
def test_no_order_of_lines_breaks_it(lines: list[str]) -> None:
    told = found("\n".join(["BEGIN:VCALENDAR", *lines]).encode())
    assert list(told.starts) == sorted(set(told.starts))
    assert all(abs(one - NOW).days <= 8 for one in told.starts)
