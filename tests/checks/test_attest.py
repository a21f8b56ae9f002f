"""The person's own word: what it covers, how long, and what ends it."""

from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import pytest
from fakes import NOON, laptop, observed, rule_for
from hypothesis import given
from hypothesis import strategies as st

from checks.attest import (
    ANSWERED_BY_LOOKING,
    LONGEST,
    MOST_UNCLEAR,
    Statement,
    Terms,
    attest,
    standing,
    stated,
    terms,
    unclear,
)
from checks.cloud_backup.check import CHECK
from checks.evaluate import Examined, evaluate
from checks.evidence import MEANING, Fact, Unobserved, Why
from checks.model import Attestation, Finding, Point, Status, Verdict, Word
from checks.spec import Check, Saw

OFF = Saw(good=Word.OFF, bad=Word.ON)
TERMS = Terms(saw=OFF, counts=True, days=30)
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


class Reason(StrEnum):
    NOT_SEEN = "not_seen"
    NOT_SAID = "not_said"
    """The name of a `Why`, and none."""
    SEEN = "seen"


class App(StrEnum):
    ONE = "one"
    TWO = "two"
    OTHER = "other"


def point(client: str | None = None, why: str | None = Why.NOT_SAID, reason: StrEnum = Reason.NOT_SEEN) -> Point:
    exact = {"client": client, "why": why}
    return Point(reason=reason, because="b", exact={key: value for key, value in exact.items() if value is not None})


def examined(*points: Point, status: Status = Status.UNKNOWN, check_id: str = "cloud_backup") -> Examined:
    check: Check[Any, Any] = replace(
        CHECK, id=check_id, fact=Fact, measures={}, judge=lambda seen, limits: Verdict(status=status, points=points)
    )
    return evaluate(check, laptop(), observed(Fact()), rule_for(CHECK.limits()), now=NOON, profile="owner")


def said(first: Examined, saw: Word = Word.OFF, at: datetime = NOON, days: int = 30) -> Statement:
    statement = stated(first, replace(TERMS, days=days), saw, at=at)
    assert statement is not None
    return statement


def judged(
    now_open: Examined, statement: Statement, given_terms: Terms = TERMS, now: datetime = NOON
) -> Attestation | None:
    (one,) = attest([now_open.finding], [now_open], [statement], {"cloud_backup": given_terms}, now=now)
    assert one.status is now_open.finding.status
    return one.attestation


def test_good_word_counts_where_the_policy_says_so_and_only_there() -> None:
    first = examined(point(App.ONE))
    held = Attestation(saw=Word.OFF, at=NOON, until=NOON + LONGEST, counts=True)
    assert judged(first, said(first)) == held
    assert judged(first, said(first), replace(TERMS, counts=False)) == replace(held, counts=False)


def test_bad_news_is_kept_and_never_counts() -> None:
    first = examined(point(App.ONE))
    assert judged(first, said(first, Word.ON)) == Attestation(saw=Word.ON, at=NOON, until=NOON + LONGEST, counts=False)


def test_word_that_the_check_does_not_know_is_not_shown() -> None:
    first = examined(point(App.ONE))
    assert judged(first, said(first, Word.LIMITED)) is None


@pytest.mark.parametrize("status", [one for one in Status if one is not Status.UNKNOWN])
def test_only_an_open_finding_carries_a_word(status: Status) -> None:
    first, later = examined(point(App.ONE)), examined(point(App.ONE), status=status)
    assert judged(later, said(first)) is None
    assert stated(later, TERMS, Word.OFF, at=NOON) is None


def test_finding_that_could_not_be_looked_at_takes_no_word() -> None:
    first = examined(point(App.ONE, Why.TIMED_OUT))
    assert first.finding.status is Status.ERROR
    assert stated(first, TERMS, Word.OFF, at=NOON) is None


ONE, TWO, THREE = (point(name) for name in ("one", "two", "three"))


@pytest.mark.parametrize(
    ("then", "now", "covered", "covered_of_one"),
    [
        ((ONE, TWO), (ONE, TWO), True, True),
        ((ONE, TWO), (TWO, ONE), True, True),
        ((ONE, TWO), (ONE,), True, False),
        ((ONE, TWO), (ONE, TWO, THREE), False, False),
        ((ONE, TWO), (ONE, THREE), False, False),
        ((ONE,), (ONE, ONE), False, False),
        ((ONE, ONE), (ONE,), True, False),
        ((ONE,), (replace(ONE, reason=Reason.SEEN),), False, False),
        ((ONE,), (point("one", Why.UNPARSABLE),), True, True),
        ((ONE,), (replace(ONE, exact={**ONE.exact, "seconds": 3}),), True, True),
        ((ONE,), (replace(ONE, exact={**ONE.exact, "folder": "b"}),), False, False),
        ((ONE,), (replace(ONE, because="in other words"),), True, True),
    ],
)
def test_word_covers_what_was_open_then_and_nothing_new(
    then: tuple[Point, ...], now: tuple[Point, ...], covered: bool, covered_of_one: bool
) -> None:
    statement = said(examined(*then))
    one_suffices = replace(TERMS, saw=replace(OFF, one_suffices=True))
    assert (judged(examined(*now), statement) is not None) is covered
    assert (judged(examined(*now), statement, one_suffices) is not None) is covered_of_one


@pytest.mark.parametrize("why", Why)
def test_look_settles_what_the_device_does_not_say_and_no_fault_of_the_run(why: Why) -> None:
    settles = why in {Why.NOT_SAID, Why.UNPARSABLE, Why.NOT_FOUND, Why.NO_PROBE}
    assert bool(unclear([point(why=why)], OFF)) is settles
    evidence = Unobserved(why=why, detail="", source="none", at=NOON)
    whole = evaluate(CHECK, laptop(), evidence, rule_for(CHECK.limits()), now=NOON, profile="owner")
    assert bool(unclear(whole.points, OFF)) is settles
    assert not settles or MEANING[why][0] is Status.UNKNOWN


ODD = (
    point(why=None), point("one", None, Reason.NOT_SAID), point(App.OTHER), point("other"), point("other_android"),
    point("other_\n"), point(why="news"), point(why=Why.NO_SESSION),
)  # fmt: skip


@pytest.mark.parametrize("odd", ODD)
def test_one_thing_that_a_look_cannot_settle_keeps_all_of_it_open(odd: Point) -> None:
    assert unclear([odd], OFF) == unclear([ONE, odd], OFF) == frozenset()
    first = examined(ONE)
    assert stated(replace(first, points=(ONE, odd)), TERMS, Word.OFF, at=NOON) is None
    assert judged(replace(first, points=(ONE, odd)), said(first)) is None


@pytest.mark.parametrize("name", ["another", "others", "mother", "one_other"])
def test_name_that_only_looks_like_no_name_is_one(name: str) -> None:
    assert unclear([point(name)], OFF)


SETTLES = replace(OFF, settles=frozenset({Reason.SEEN}))
SHOWN = point("one", None, Reason.SEEN)


def test_check_may_name_what_a_look_settles_although_the_device_showed_something() -> None:
    assert unclear([SHOWN], SETTLES)
    assert unclear([SHOWN, ONE], SETTLES)
    assert not unclear([SHOWN], OFF)
    assert not unclear([replace(SHOWN, reason=Reason.NOT_SEEN)], SETTLES)
    assert not unclear([point(App.OTHER, None, Reason.SEEN)], SETTLES)
    assert not unclear([point("one", Why.NO_SESSION, Reason.SEEN)], SETTLES)


ANY = replace(OFF, one_suffices=True)


@pytest.mark.parametrize("odd", ODD)
def test_where_one_thing_suffices_a_word_on_it_is_enough_and_bound_to_all(odd: Point) -> None:
    assert unclear([odd], ANY) == unclear([], ANY) == frozenset()
    assert len(unclear([ONE, odd], ANY)) == 2
    first = replace(examined(ONE), points=(ONE, odd))
    anyone = replace(TERMS, saw=ANY)
    statement = stated(first, anyone, Word.OFF, at=NOON)
    assert statement is not None
    assert judged(first, statement, anyone) is not None
    assert judged(replace(first, points=(ONE,)), statement, anyone) is None
    assert judged(replace(first, points=(odd,)), statement, anyone) is None


def test_nothing_is_covered_where_nothing_is_named() -> None:
    first = examined(ONE)
    assert judged(replace(first, points=()), said(first)) is None
    assert judged(replace(first, points=()), replace(said(first), covers=frozenset())) is None


@pytest.mark.parametrize(("count", "named"), [(1, 1), (MOST_UNCLEAR, MOST_UNCLEAR), (MOST_UNCLEAR + 1, 0)])
def test_nobody_looks_up_more_than_a_hundred_things(count: int, named: int) -> None:
    assert MOST_UNCLEAR == 100
    assert len(unclear([point(str(number)) for number in range(count)], OFF)) == named


def test_names_are_short_and_hold_nothing_that_can_be_read() -> None:
    (name,) = unclear([point("Dr Example\udcff")], OFF)
    assert len(name) == 32
    assert set(name) <= set("0123456789abcdef")


@pytest.mark.parametrize(
    ("after", "holds"),
    [(timedelta(0), True), (-SECOND, False), (30 * DAY - SECOND, True), (30 * DAY, False), (31 * DAY, False)],
)
def test_word_holds_from_when_it_was_said_and_for_thirty_days(after: timedelta, holds: bool) -> None:
    first = examined(ONE)
    assert (judged(first, said(first), now=NOON + after) is not None) is holds


@pytest.mark.parametrize(("then", "now", "days"), [(30, 7, 7), (7, 30, 7), (30, 30, 30), (1, 1, 1), (30, 90, 30)])
def test_shorter_of_what_was_promised_and_what_the_policy_says_now_holds(then: int, now: int, days: int) -> None:
    first = examined(ONE)
    found = judged(first, said(first, days=then), replace(TERMS, days=now))
    assert found is not None
    assert found.until == NOON + days * DAY


def test_no_word_reaches_further_than_thirty_days_whoever_wrote_it() -> None:
    first = examined(ONE)
    far = replace(said(first), until=NOON + 300 * DAY)
    found = judged(first, far, replace(TERMS, days=300))
    assert found is not None
    assert found.until == NOON + 30 * DAY == NOON + LONGEST


def test_statement_is_of_whole_seconds_as_it_will_be_kept() -> None:
    first = examined(ONE)
    statement = said(first, at=NOON.replace(microsecond=700_000), days=2)
    assert (statement.at, statement.until, statement.uid) == (NOON, NOON + 2 * DAY, first.finding.uid)


def test_word_on_another_finding_or_without_terms_helps_nothing() -> None:
    first = examined(ONE)
    other = replace(said(first), uid="another")
    assert judged(first, other) is None
    (one,) = attest([first.finding], [first], [said(first)], {}, now=NOON)
    assert one.attestation is None


def test_word_that_the_finding_carried_before_is_judged_anew() -> None:
    first = examined(ONE)
    (carried,) = attest([first.finding], [first], [said(first)], {"cloud_backup": TERMS}, now=NOON)
    assert carried.attestation is not None
    (bare,) = attest([carried], [first], [], {"cloud_backup": TERMS}, now=NOON)
    (unseen,) = attest([carried], [], [said(first)], {"cloud_backup": TERMS}, now=NOON)
    assert bare.attestation is unseen.attestation is None


def test_terms_are_those_of_the_check_under_the_rule() -> None:
    rule = rule_for(CHECK.limits(), attestation_counts=True, attestation_days=5)
    assert terms(replace(CHECK, saw=OFF), rule) == Terms(saw=OFF, counts=True, days=5)
    assert terms(replace(CHECK, saw=None), rule) is None


def failing(first: Examined, at: datetime) -> Finding:
    return replace(first.finding, status=Status.FAIL, observed_at=at)


@pytest.mark.parametrize(("seen", "stands"), [(-SECOND, True), (timedelta(0), False), (SECOND, False)])
def test_word_ends_for_good_with_a_fault_that_the_device_shows_after_it(seen: timedelta, stands: bool) -> None:
    first = examined(ONE)
    assert bool(standing([said(first)], [failing(first, NOON + seen)])) is stands


@pytest.mark.parametrize("status", [one for one in Status if one is not Status.FAIL])
def test_word_outlives_whatever_is_no_fault(status: Status) -> None:
    first = examined(ONE)
    kept = (said(first), replace(said(first), uid="another"))
    assert standing(kept, [replace(first.finding, status=status)]) == kept
    assert standing(kept, [failing(first, NOON)]) == kept[1:]


POINTS = st.lists(
    st.builds(
        point, st.sampled_from([None, *App]), st.sampled_from([None, *Why]), st.sampled_from([*Reason, Why.NO_PROBE])
    ),
    max_size=4,
)


@given(POINTS, POINTS, st.booleans())
def test_whatever_is_open_later_a_word_covers_only_what_was_open_then(
    then: list[Point], now: list[Point], one_suffices: bool
) -> None:
    first = replace(examined(ONE), points=tuple(then))
    statement = stated(first, TERMS, Word.OFF, at=NOON)
    if statement is None:
        return
    later = replace(first, points=tuple(now))
    found = judged(later, statement, replace(TERMS, saw=replace(OFF, one_suffices=one_suffices)))
    if found is not None:
        assert {(one.reason, one.exact.get("client")) for one in now} <= {
            (one.reason, one.exact.get("client")) for one in then
        }
        # Where one of several ways suffices, so does one that a look answers: the word speaks of that one.
        enough = any if one_suffices else all
        assert enough(one.exact.get("why", one.reason) in ANSWERED_BY_LOOKING for one in now)


def test_one_way_that_a_look_answers_is_enough_only_where_one_suffices() -> None:
    open_ways = [point(None, Why.NOT_FOUND, Reason.NOT_SEEN), point(None, None, Reason.NOT_SEEN)]
    first = replace(examined(ONE), points=(open_ways[0], open_ways[0]))
    statement = stated(first, TERMS, Word.OFF, at=NOON)
    assert statement is not None
    later = replace(first, points=tuple(open_ways))
    found = {one: judged(later, statement, replace(TERMS, saw=replace(OFF, one_suffices=one))) for one in (True, False)}
    assert (found[True] is not None, found[False] is not None) == (True, False)
