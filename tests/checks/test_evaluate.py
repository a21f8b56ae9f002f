"""A status is decided here and nowhere else, and nothing unseen ever passes."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

import pytest
from fakes import NOON, laptop, observed, rule_for

from checks.evaluate import evaluate, uid
from checks.evidence import MEANING, Fact, Gap, Unobserved, Why
from checks.model import LAPTOPS, Level, Platform, Point, Severity, Status, Verdict, rule
from checks.spec import Check


class Reason(StrEnum):
    GOOD = "good"
    BAD = "bad"
    DARK = "dark"


class Band(StrEnum):
    FEW = "few"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen(Fact):
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    most: int = 1


GOOD = Point(reason=Reason.GOOD, because="all well")
BAD = Point(reason=Reason.BAD, because="broken")
DARK = Point(reason=Reason.DARK, because="dark")
CHECK: Check[Any, Any] = Check(
    id="sample", title="Sample is well", severity=Severity.LOW, fact=Seen, limits=Limits,
    judge=lambda seen, limits: seen.verdict, reasons=Reason, measures={"band": Band, "most": int, "on": bool},
    requirements=("R1",), platforms=LAPTOPS,
)  # fmt: skip


def verdict(**parts: Any) -> Verdict:
    return rule(kept=GOOD, **parts)


def judged(seen: Verdict, *, gaps: tuple[Gap, ...] = (), age: timedelta = timedelta(0), **changes: Any):
    evidence = observed(Seen(verdict=seen, gaps=gaps), at=NOON - age)
    given = {"device": laptop(), "rule": rule_for(Limits()), **changes}
    return evaluate(CHECK, given["device"], evidence, given["rule"], now=NOON, profile="owner").finding


@pytest.mark.parametrize(
    ("parts", "status", "because"),
    [
        ({}, Status.PASS, "all well"),
        ({"broken": [BAD]}, Status.FAIL, "broken"),
        ({"unclear": [DARK]}, Status.UNKNOWN, "dark"),
        ({"broken": [BAD], "unclear": [DARK]}, Status.FAIL, "broken; dark"),
        ({"broken": [BAD, BAD]}, Status.FAIL, "broken"),
    ],
)
def test_broken_beats_unclear_and_unclear_beats_kept(parts: Any, status: Status, because: str) -> None:
    finding = judged(verdict(**parts))
    assert (finding.status, finding.because) == (status, because)


@pytest.mark.parametrize(("count", "tail"), [(8, "dark 7"), (9, "dark 7; and 1 more"), (10, "dark 7; and 2 more")])
def test_many_sentences_are_cut_with_their_count(count: int, tail: str) -> None:
    points = [Point(reason=Reason.DARK, because=f"dark {number}") for number in range(count)]
    because = judged(verdict(unclear=points)).because
    assert because.startswith("dark 0; dark 1; ")
    assert because.endswith(tail)


@pytest.mark.parametrize("why", list(Why))
def test_gap_that_we_could_not_look_into_makes_an_unknown_an_error(why: Why) -> None:
    dark = Point(reason=Reason.DARK, because="dark", exact={"why": why})
    finding = judged(verdict(unclear=[DARK, dark]))
    assert finding.status is MEANING[why][0]
    assert finding.measures["reasons"] == ("dark",)


def test_gap_changes_neither_a_fail_nor_what_the_policy_does_not_ask_for() -> None:
    gaps = (Gap(part="x", why=Why.TOOL_MISSING),)
    dark = Point(reason=Reason.DARK, because="dark", exact={"why": Why.TOOL_MISSING})
    assert judged(verdict(broken=[BAD], unclear=[dark]), gaps=gaps).status is Status.FAIL
    assert judged(verdict(unclear=[DARK]), gaps=gaps).status is Status.UNKNOWN
    assert judged(verdict(), gaps=gaps).status is Status.PASS


def test_every_why_has_a_meaning_and_none_is_a_pass() -> None:
    assert set(MEANING) == set(Why)
    assert {status for status, _ in MEANING.values()} == {Status.UNKNOWN, Status.ERROR}
    assert len({sentence for _, sentence in MEANING.values()}) == len(MEANING)


@pytest.mark.parametrize("why", list(Why))
def test_unobserved_takes_status_and_sentence_from_its_reason(why: Why) -> None:
    evidence = Unobserved(why=why, detail="/home/secret", source="device", at=NOON)
    seen = evaluate(CHECK, laptop(), evidence, rule_for(Limits()), now=NOON, profile="owner")
    assert (seen.finding.status, seen.finding.because) == MEANING[why]
    assert seen.finding.measures == {"reasons": (str(why),)}
    assert seen.evidence is evidence


def test_other_platform_is_not_applicable_whatever_was_seen() -> None:
    finding = judged(verdict(broken=[BAD]), device=laptop(platform=Platform.ANDROID))
    assert (finding.status, finding.because) == (Status.NOT_APPLICABLE, "does not concern this kind of device")
    assert finding.measures == {"reasons": ("not_concerned",)}


def test_switched_off_is_not_applicable_and_says_who_did_it() -> None:
    finding = judged(verdict(broken=[BAD]), rule=rule_for(Limits(), level=Level.OFF))
    assert (finding.status, finding.because) == (Status.NOT_APPLICABLE, "switched off by the policy in force")
    assert finding.measures == {"reasons": ("switched_off",)}
    assert finding.level is Level.OFF


@pytest.mark.parametrize(
    ("age", "status"),
    [
        (timedelta(0), Status.PASS),
        (timedelta(days=1), Status.PASS),
        (timedelta(days=1, seconds=1), Status.UNKNOWN),
        (timedelta(seconds=-1), Status.UNKNOWN),
    ],
)
def test_evidence_too_old_or_from_the_future_is_unknown(age: timedelta, status: Status) -> None:
    assert judged(verdict(), age=age).status is status


def test_old_fail_is_unknown_too() -> None:
    finding = judged(verdict(broken=[BAD]), age=timedelta(days=2))
    assert finding.measures["reasons"] == ("out_of_date",)


def test_fact_of_another_check_is_a_fault_not_an_answer() -> None:
    seen = evaluate(CHECK, laptop(), observed(Fact()), rule_for(Limits()), now=NOON, profile="owner")
    assert (seen.finding.status, seen.finding.measures) == (Status.ERROR, {"reasons": ("crashed",)})


def test_measures_are_flattened_beside_the_reasons() -> None:
    finding = judged(verdict(measures={"band": Band.FEW, "most": 3, "on": True}))
    assert finding.measures == {"reasons": ("good",), "band": "few", "most": 3, "on": True}
    assert type(finding.measures["band"]) is str
    both = judged(verdict(measures={"band": (Band.FEW, Band.FEW)}))
    assert both.measures["band"] == ("few", "few")
    assert type(both.measures["band"][0]) is str


@pytest.mark.parametrize("measures", [{"band": "few"}, {"most": True}, {"on": 1}, {"band": (Band.FEW, "x")}])
def test_measure_outside_its_declared_set_is_refused(measures: Any) -> None:
    with pytest.raises(ValueError, match=r"^sample: measure \w+ is not one of \w+$"):
        judged(verdict(measures=measures))


def test_undeclared_measure_is_refused() -> None:
    with pytest.raises(KeyError):
        judged(verdict(measures={"path": Band.FEW}))


def test_reason_that_is_no_code_is_refused() -> None:
    class Loose(StrEnum):
        TEXT = "/home/clin"

    with pytest.raises(ValueError, match=r"^sample: a reason is not a code$"):
        judged(rule(kept=Point(reason=Loose.TEXT, because="x")))


def test_finding_carries_check_device_rule_and_evidence() -> None:
    finding = judged(verdict(), age=timedelta(hours=1), rule=rule_for(Limits(), level=Level.RECOMMENDED))
    assert (finding.check_id, finding.title, finding.severity) == ("sample", "Sample is well", Severity.LOW)
    assert (finding.level, finding.profile, finding.source) == (Level.RECOMMENDED, "owner", "device")
    assert (finding.device_id, finding.observed_at) == (laptop().id, NOON - timedelta(hours=1))
    assert finding.waiver is None


def test_uid_is_stable_and_differs_by_device_profile_and_check() -> None:
    assert uid("d", "owner", "sample") == "48302c4d-ed94-551b-8efd-118f5f5e7012"
    others = {uid("e", "owner", "sample"), uid("d", "work", "sample"), uid("d", "owner", "other")}
    assert len(others | {uid("d", "owner", "sample")}) == 4
    assert judged(verdict()).uid == uid(laptop().id, "owner", "sample")


def test_points_keep_their_exact_values_on_the_device() -> None:
    exact = Point(reason=Reason.BAD, because="broken", exact={"idle_s": 77})
    evidence = observed(Seen(verdict=verdict(broken=[exact])))
    seen = evaluate(CHECK, laptop(), evidence, rule_for(Limits()), now=NOON, profile="owner")
    assert seen.points == (exact,)
    assert "77" not in repr(seen.finding)
