"""What a roster says of the coming week, in the ways in which programs write rosters."""

from datetime import timedelta

import pytest

from agent.shift.bounds import SHIFTS
from agent.shift.entries import calendar as entries_of
from agent.shift.lines import text_of
from agent.shift.written import written
from tests.agent.shift.roster_parts import NOW, SECRET, calendar, found, local

OWN_ZONE = (
    "BEGIN:VTIMEZONE\nTZID:Our Ward\nBEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:+0300\nTZOFFSETTO:+0300\n"
    "END:STANDARD\nEND:VTIMEZONE\n"
)
WEEKLY = "UID:a|DTSTART;TZID=Australia/Sydney:20200106T070000|RRULE:FREQ=WEEKLY;BYDAY=MO,WE,FR"


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ("DTSTART:20261122T070000", ["22 07:00"]),
        ("DTSTART:20261121T200000Z", ["22 07:00"]),
        ("DTSTART;TZID=Europe/Berlin:20261122T070000", ["22 17:00"]),
        ("DTSTART;TZID=AUS Eastern Standard Time:20261122T070000", ["22 07:00"]),
        ("DTSTART;TZID=Nowhere/Land:20261122T070000", ["22 07:00"]),
        ('DTSTART;TZID="Our Ward":20261122T070000', ["22 15:00"]),
        ("DTSTART;VALUE=DATE-TIME:20261122T070000", ["22 07:00"]),
        ("DTSTART:20261122T070000|DTEND:20261122T150000", ["22 07:00"]),
        ("DTSTART:20261122T070000|DTEND:20261121T150000", ["22 07:00"]),
        ("DTSTART:20261122T07\n 0000", ["22 07:00"]),
        ("DTSTART;VALUE=DATE:20261122", []),
        ("DTSTART:20261122T070000|STATUS:CANCELLED", []),
        ("DTSTART:20261121T100000", ["21 10:00"]),
        ("DTSTART:20261121T095900", []),
        ("DTSTART:20261128T120000", ["28 12:00"]),
        ("DTSTART:20261128T120100", []),
        ("SUMMARY:DTSTART:20261122T070000", []),
    ],
)
def test_a_single_shift_begins_when_it_says(event: str, expected: list[str]) -> None:
    assert local(calendar(event, more=OWN_ZONE)) == expected


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([WEEKLY], ["23 07:00", "25 07:00", "27 07:00"]),
        ([WEEKLY + ";UNTIL=20261124T000000Z"], ["23 07:00"]),
        ([WEEKLY + ";UNTIL=20261124"], ["23 07:00"]),
        ([WEEKLY + ";UNTIL=20211124T000000Z"], []),
        ([WEEKLY + ";COUNT=3"], []),
        ([WEEKLY + "|EXDATE;TZID=Australia/Sydney:20261125T070000,20261127T070000"], ["23 07:00"]),
        ([WEEKLY + "|EXDATE;VALUE=DATE:20261125"], ["23 07:00", "27 07:00"]),
        ([WEEKLY + "|RDATE;TZID=Australia/Sydney:20261124T120000"],
         ["23 07:00", "24 12:00", "25 07:00", "27 07:00"]),
        (["DTSTART:20260101T070000|RDATE;VALUE=PERIOD:20261124T120000/PT8H,20261126T120000/PT8H"],
         ["24 12:00", "26 12:00"]),
        ([WEEKLY, "UID:a|RECURRENCE-ID;TZID=Australia/Sydney:20261125T070000|DTSTART:20261126T120000"],
         ["23 07:00", "26 12:00", "27 07:00"]),
        ([WEEKLY, "UID:a|RECURRENCE-ID;TZID=Australia/Sydney:20261125T070000|DTSTART:20270126T120000"],
         ["23 07:00", "27 07:00"]),
        ([WEEKLY, "UID:a|RECURRENCE-ID;TZID=Australia/Sydney:20261125T070000|DTSTART;VALUE=DATE:20261125"],
         ["23 07:00", "27 07:00"]),
        ([WEEKLY, "UID:a|RECURRENCE-ID;TZID=Australia/Sydney:20261125T070000|DTSTART:20261125T070000|STATUS:CANCELLED"],
         ["23 07:00", "27 07:00"]),
        (["DTSTART:20261122T070000", "DTSTART:20261123T070000"], ["22 07:00", "23 07:00"]),
        (["UID:a|DTSTART:20261122T070000", "UID:b|DTSTART:20261122T070000"], ["22 07:00"]),
        (["UID:a|DTSTART:20261122T070000|BEGIN:VALARM|TRIGGER:-PT15M|DTSTART:20261124T070000|END:VALARM"],
         ["22 07:00"]),
    ],
)  # fmt: skip
def test_shifts_that_come_again_come_when_they_should(events: list[str], expected: list[str]) -> None:
    assert local(calendar(*events)) == expected


def test_daylight_saving_keeps_the_hour_of_the_day() -> None:
    berlin = "DTSTART;TZID=Europe/Berlin:20260701T070000|RRULE:FREQ=DAILY"
    assert {one.hour for one in found(calendar(berlin)).starts} == {6}


def test_no_more_shifts_are_told_than_anybody_works() -> None:
    hourly = [f"DTSTART:202611{day}T{hour:02d}0000" for day in (22, 23, 24, 25) for hour in range(24)]
    assert len(found(calendar(*hourly)).starts) == SHIFTS


def test_starts_are_in_order_and_within_the_week() -> None:
    starts = found(calendar("DTSTART:20261124T070000", "DTSTART:20261122T070000")).starts
    assert list(starts) == sorted(starts)
    assert all(NOW - timedelta(hours=2) <= one <= NOW + timedelta(days=7) for one in starts)


def test_what_is_written_again_holds_times_and_no_word_of_the_roster() -> None:
    event = f"UID:{SECRET}|SUMMARY:{SECRET}|LOCATION:{SECRET}|ATTENDEE;CN={SECRET}:mailto:a@b.example|{WEEKLY[6:]}"
    again = written(entries_of(text_of(calendar(event, more=OWN_ZONE))))
    assert "RRULE:FREQ=WEEKLY;BYDAY=MO,WE,FR" in again
    assert not {"Example", "Ward", "mailto", "Dr"} & set(again.replace(":", " ").split())
    assert local(again.encode()) == ["23 07:00", "25 07:00", "27 07:00"]
