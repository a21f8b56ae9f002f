"""How old a phone's security patch is, and whether anybody still publishes for it."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from fakes import NOON, recorded_phone
from hypothesis import given
from hypothesis import strategies as st

from agent.collect.android.commands import PROPERTIES, SETTINGS
from agent.collect.android.updates import CANARY, FRESH, bulletins, days, parse, probe, support
from agent.collect.host import CollectError, LocalHost, Output
from agent.collect.layered import planted
from agent.collect.recorded import RecordedHost
from checks.evidence import Why
from checks.makers import Maker
from checks.model import Status
from checks.updates.check import Limits, judge
from checks.updates.fact import Dated, Updates

PATCH = "ro.build.version.security_patch"
TODAY = NOON.date()
CANARIES = Path(__file__).parents[3] / "agent" / "collect" / "android" / "canary" / "updates"


def phone(patch: str = "2026-11-05", level: str = "36", settings: str | Why = "adb_enabled=1\n") -> RecordedHost:
    text = f"[ro.build.version.sdk]: [{level}]\n[{PATCH}]: [{patch}]\n[ro.product.brand]: [samsung]\n"
    return recorded_phone({PROPERTIES: text, SETTINGS["global"]: settings})


def whys(seen: Updates) -> Mapping[str, Why]:
    return {gap.part: gap.why for gap in seen.gaps}


def test_a_recent_patch_shows_its_age_and_that_somebody_publishes() -> None:
    seen = probe(phone())
    assert (seen.last_update_days, seen.supported, seen.supported_until) == (16, True, None)
    assert (seen.dated, seen.maker) == (Dated.PUBLISHED, Maker.SAMSUNG)
    assert (seen.restart_pending, seen.restart_days) == (None, None)


@pytest.mark.parametrize(
    ("patch", "why"),
    [
        ("", Why.NOT_SAID), ("null", Why.UNPARSABLE), ("2026-11", Why.UNPARSABLE), ("2026-13-01", Why.UNPARSABLE),
        ("2026-02-30", Why.UNPARSABLE), ("20261105", Why.UNPARSABLE), ("2026-11-05 ", Why.UNPARSABLE),
        ("٢٠٢٦-١١-٠٥", Why.UNPARSABLE), ("0000-00-00", Why.UNPARSABLE), ("5 novembre 2026", Why.UNPARSABLE),
    ],
)  # fmt: skip
def test_what_is_no_date_is_not_seen(patch: str, why: Why) -> None:
    with pytest.raises(CollectError) as refused:
        parse({PATCH: patch})
    assert refused.value.why is why


def test_a_phone_without_a_patch_date_has_neither_age_nor_support() -> None:
    assert whys(probe(phone(patch="")))["last_update"] is Why.NOT_SAID
    assert probe(phone(patch="", level="28")).supported is None


@pytest.mark.parametrize(
    ("marked", "age"),
    [("2026-11-21", 0), ("2026-11-20", 1), ("2026-11-22", 0), ("2026-12-05", 0), ("1970-01-01", 20778)],
)
def test_the_age_is_counted_in_whole_days(marked: str, age: int) -> None:
    assert days(TODAY, date.fromisoformat(marked)) == age


def test_a_patch_from_the_future_hides_its_age() -> None:
    with pytest.raises(CollectError, match="future"):
        days(TODAY, date(2026, 12, 6))
    assert whys(probe(phone("2026-12-06")))["last_update"] is Why.NOT_SAID


def test_a_fresh_patch_shows_that_somebody_publishes_even_for_an_old_release() -> None:
    assert support(26, TODAY - FRESH, TODAY) == (True, None)
    assert support(99, TODAY - FRESH, TODAY) == (True, None)


@pytest.mark.parametrize("level", [26, 27, 28, 29, 30, 31, 32, 33])
def test_support_is_over_when_nothing_that_runs_is_newer_than_the_last_bulletin(level: int) -> None:
    end = bulletins().ends[level]
    assert support(level, end, TODAY) == (False, end)
    with pytest.raises(CollectError, match="nothing known"):
        support(level, date.fromordinal(end.toordinal() + 1), TODAY)


@pytest.mark.parametrize("level", [25, 34, 35, 36, 37])
def test_an_old_patch_of_a_release_not_on_our_list_says_nothing_of_support(level: int) -> None:
    with pytest.raises(CollectError) as refused:
        support(level, TODAY - FRESH - timedelta(days=1), TODAY)
    assert refused.value.why is Why.NOT_SAID


def test_a_phone_that_nobody_mends_shows_since_when() -> None:
    seen = probe(phone("2021-12-01", level="28"))
    assert (seen.supported, seen.supported_until) == (False, date(2022, 1, 31))


@pytest.mark.parametrize(("day", "age"), [(-1, None), (0, 27)])
def test_a_clock_behind_our_own_list_counts_nothing(day: int, age: int | None) -> None:
    at = datetime.combine(bulletins().known_at, time(12), UTC) + timedelta(days=day)
    index = {**phone("2026-05-05")._index, "captured_at": at}
    seen = probe(RecordedHost(index, {}))
    assert seen.last_update_days == age
    assert seen.supported is (None if age is None else True)


@pytest.mark.parametrize(
    ("settings", "automatic"),
    [
        ("ota_disable_automatic_update=1\n", False), ("ota_disable_automatic_update=0\n", None),
        ("adb_enabled=1\n", None), (Why.NOT_PERMITTED, None),
    ],
)  # fmt: skip
def test_that_updates_go_in_by_themselves_is_never_claimed(settings: str | Why, automatic: bool | None) -> None:
    seen = probe(phone(settings=settings))
    assert seen.automatic is automatic
    assert ("automatic" in whys(seen)) is (automatic is None)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (Why.DISCONNECTED, Why.DISCONNECTED),
        (Output(exit_code=0, stdout="", stderr="java.lang.SecurityException: no"), Why.NOT_PERMITTED),
        (Output(exit_code=127, stdout="", stderr="/system/bin/sh: getprop: not found"), Why.TOOL_MISSING),
        ("", Why.UNPARSABLE),
        ("inaccessible", Why.UNPARSABLE),
    ],
)
def test_a_refusal_leaves_its_reason(answer: str | Output | Why, why: Why) -> None:
    seen = probe(recorded_phone({PROPERTIES: answer}))
    assert (seen.last_update_days, seen.supported, seen.maker) == (None, None, None)
    assert whys(seen)["last_update"] is why
    assert whys(seen)["support"] is why or why is Why.UNPARSABLE


def test_of_two_dates_none_counts_and_line_ends_neither() -> None:
    text = f"[ro.build.version.sdk]: [36]\r\n[{PATCH}]: [2026-11-05]\r\n"
    assert probe(recorded_phone({PROPERTIES: text})).last_update_days == 16
    assert probe(recorded_phone({PROPERTIES: f"{text}[{PATCH}]: [2026-11-20]\r\n"})).last_update_days is None


@pytest.mark.parametrize("behind", [recorded_phone({}), phone()])
def test_the_planted_phone_is_found_old(behind: RecordedHost) -> None:
    seen = probe(planted(CANARY, CANARIES, behind, source=LocalHost()))
    assert CANARY.reason in {str(point.reason) for point in judge(seen, Limits()).points}


@given(st.text(), st.text())
def test_any_text_is_a_fact_and_never_a_pass_without_a_date(properties: str, settings: str) -> None:
    seen = probe(recorded_phone({PROPERTIES: properties, SETTINGS["global"]: settings}))
    assert judge(seen, Limits()).status is not Status.PASS


@given(st.dictionaries(st.sampled_from([PATCH, "ro.build.version.sdk"]), st.text()))
def test_any_property_is_a_date_or_a_reason(found: dict[str, Any]) -> None:
    with suppress(CollectError):
        assert isinstance(parse(found), date)
