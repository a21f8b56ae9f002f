"""The digest: once a day at its hour by the practice's clocks, nothing without news, an all-clear once a week."""

import datetime
import json
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from alerts_parts import DAY, channel, device, failing, practice, put, rows, setting, told
from hypothesis import given
from hypothesis import strategies as st

from reports.console.alerts import digest, evaluate, mail_words, trend
from reports.console.alerts.hours import day, is_quiet
from reports.console.alerts.naming import banded
from reports.console.alerts.rules import Rules, RulesError, read, to_plain
from reports.console.store import tables

MELBOURNE = ZoneInfo("Australia/Melbourne")


def at(text, zone=MELBOURNE):
    return int(datetime.datetime.fromisoformat(text).replace(tzinfo=zone).timestamp())


@pytest.fixture
def here(console, practice_of):
    console.clock.at = at("2026-11-24T07:14:59")
    channel(console, practice_of(console))
    return practice_of(console)


def run(console, seconds=0):
    console.clock.forward(seconds)
    evaluate.run(console)
    digest.run(console)


def digests(console):
    return told(console, "digest")


def test_it_comes_at_its_hour_and_once_a_day(console, here):
    failing(console, here)
    counts = []
    for seconds in (0, 1, 60, 16 * 3600):
        run(console, seconds)
        counts.append(len(digests(console)))
    assert counts == [0, 1, 1, 1]


def test_a_day_without_news_has_none_but_monday_does(console, here):
    device(console, here, due_at=console.now() + 60 * DAY)
    console.clock.forward(60)
    weekdays = []
    for _ in range(14):
        run(console, DAY)
        weekdays += [datetime.datetime.fromtimestamp(one["at"], MELBOURNE).weekday() for one in digests(console)]
    assert set(weekdays) == {0}
    assert len(digests(console)) == 2


def test_what_happened_while_the_console_was_off_is_in_the_next_one(console, here):
    made = device(console, here, due_at=console.now() + 60 * DAY)
    run(console, 60)
    put(
        console, tables.changes, practice_id=here, device_id=made, what="overall", before="compliant",
        after="cannot_tell", at=console.now(), received_at=console.now() + 600,
    )  # fmt: skip
    run(console, 3 * DAY)
    assert [one["says"] for one in digests(console)[-1]["fresh"]] == ["now cannot tell"]


def test_it_says_what_needs_somebody_where_things_stand_and_what_moved(console, here):
    failing(console, here)
    fixed = device(console, here)
    about = {"practice_id": here, "device_id": fixed, "what": "overall", "at": 1}
    put(console, tables.changes, **about, before="compliant", after="not_compliant", received_at=console.now())
    put(console, tables.changes, **about, before="not_compliant", after="compliant", received_at=console.now())
    put(
        console, tables.day_counts, practice_id=here, day="2026-11-23", compliant=7, not_compliant=0, cannot_tell=1,
        overdue=0,
    )  # fmt: skip
    run(console, 1)
    made = digests(console)[0]
    assert made["headline"] == "1 thing needs you, 1-5 of 1-5 devices compliant"
    assert [(one["name"], one["today"], one["yesterday"]) for one in made["counts"]] == [
        ("Compliant", "1-5", "7"), ("Not compliant", "1-5", "0"), ("Cannot tell", "0", "1-5"), ("Overdue", "0", "0"),
    ]  # fmt: skip
    assert ([one["device_id"] for one in made["fixed"]], made["fresh"]) == ([fixed], [])


def test_it_holds_nothing_of_another_practice(console, here, practice_of):
    failing(console, practice_of(console, "Other Practice"), model="Theirs")
    run(console, 1)
    assert digests(console) == []
    content = digest.contents(console, practice(console, here), Rules(), 0)
    assert content["items"] == content["fresh"] == content["fixed"] == []
    assert {one["today"] for one in content["counts"]} == {"0"}


def test_text_and_html_say_the_same(console, here):
    failing(console, here)
    run(console, 1)
    mail = mail_words.mail_of(console, digests(console)[0], message_id="m", at=1)
    said = ("scrubin for Example Practice", "not compliant: Screen locks", "No device has", "Compliant")
    for words in (*said[:2], *said[3:], "Every device&#39;s last run found", "Nothing has changed."):
        assert words in mail.html
        assert words.replace("&#39;", "'") in mail.text
    assert mail.subject == "scrubin: 1 thing needs you, 0 of 1-5 devices compliant"


def test_an_empty_practice_has_words_too(console, here):
    content = digest.contents(console, practice(console, here), Rules(), 0)
    mail = mail_words.mail_of(console, content, message_id="m", at=1)
    assert "Nothing needs you." in mail.text
    assert "no device has reported yet" in mail.subject


def test_a_trend_keeps_the_last_look_of_each_day(both, practice_of):
    here = practice_of(both)
    both.clock.at = at("2026-11-24T23:00:00")
    device(both, here)
    trend.run(both)
    device(both, here, overall="cannot_tell")
    for _ in range(2):
        trend.run(both)
        both.clock.forward(3599)
    both.clock.forward(2)
    trend.run(both)
    mine = rows(both, tables.day_counts, tables.day_counts.c.practice_id == here)
    found = {row.day: (row.compliant, row.not_compliant, row.cannot_tell, row.overdue) for row in mine}
    assert found == {"2026-11-24": (1, 0, 1, 0), "2026-11-25": (1, 0, 1, 0)}


QUIET = Rules(quiet_from="01:30", quiet_until="03:30")


@pytest.mark.parametrize(
    ("first", "minutes"),
    [("2026-10-02T12:00:00", 120), ("2026-10-04T00:00:00", 60), ("2026-04-05T00:00:00", 180)],
)
def test_quiet_hours_follow_the_clock_on_the_wall(first, minutes):
    """In October the clock jumps from 2 to 3, in April it shows 2 to 3 twice."""
    start = at(first)
    quiet = [is_quiet(start + 60 * minute, QUIET, MELBOURNE) for minute in range(18 * 60)]
    assert sum(quiet) == minutes


@given(st.integers(min_value=1_700_000_000, max_value=1_900_000_000))
def test_hours_over_midnight_are_the_complement_of_the_day(moment):
    night, light = Rules(quiet_from="20:00", quiet_until="06:30"), Rules(quiet_from="06:30", quiet_until="20:00")
    assert is_quiet(moment, night, MELBOURNE) is not is_quiet(moment, light, MELBOURNE)


def test_the_same_time_twice_is_no_quiet_hour():
    same = Rules(quiet_from="08:00", quiet_until="08:00")
    assert not any(is_quiet(hour * 3600, same, MELBOURNE) for hour in range(48))


def test_a_day_is_the_practices_own():
    assert (day(at("2026-11-24T00:00:00"), MELBOURNE), day(at("2026-11-24T00:00:00") - 1, MELBOURNE)) == (
        "2026-11-24",
        "2026-11-23",
    )


@pytest.mark.parametrize(("count", "words"), [(0, "0"), (1, "1-5"), (5, "1-5"), (6, "6"), (48, "48")])
def test_small_numbers_are_banded(count, words):
    assert banded(count) == words


def test_rules_come_back_as_they_were_kept():
    made = replace(Rules(), steps=(1, 4, 9), critical_passes=False)
    assert read(json.loads(json.dumps(to_plain(made)))) == made


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"quiet_from": "25:00"}, "quiet_from"), ({"digest_at": "7:15"}, "digest_at"), ({"steps": [0, 0, 7]}, "step_1"),
        ({"waiver_days": [3, 14]}, "waiver_1"), ({"grace_days": 61}, "grace_days"),
        ({"all_clear_day": 7}, "all_clear_day"),
        ({"grace_days": True}, "grace_days"), ({"names": "name"}, "names"),
    ],
)  # fmt: skip
def test_rules_outside_their_range_are_refused_by_field(change, fault):
    with pytest.raises(RulesError) as met:
        read({**json.loads(json.dumps(to_plain(Rules()))), **change})
    assert met.value.fault == fault


def test_the_label_setting_reaches_the_digest(console, here):
    setting(console, here, "alerts", {**json.loads(json.dumps(to_plain(Rules()))), "names": "label"})
    failing(console, here)
    run(console, 1)
    assert digests(console)[0]["items"][0]["name"] == "Reception 2, laptop"
