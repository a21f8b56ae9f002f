"""What findings say together."""

from dataclasses import replace
from datetime import timedelta

import pytest
from fakes import NOON

from checks.evidence import Fact, Gap, Why
from checks.model import Attestation, Finding, Level, Overall, Severity, Status, Waiver, Word, settled
from checks.points import not_seen
from checks.rollup import rollup
from checks.screen_lock.check import Reason
from checks.waivers import waive

COUNTS = Attestation(saw=Word.OFF, at=NOON, until=NOON + timedelta(days=30), counts=True)
SHOWN = replace(COUNTS, counts=False)
WAIVER = Waiver(uid="u", who="it", why="new laptop ordered", until=NOON + timedelta(days=1))


def finding(status: Status, level: Level = Level.REQUIRED, waiver: Waiver | None = None) -> Finding:
    return Finding(
        uid="u", check_id="c", title="t", severity=Severity.HIGH, level=level, device_id="d", profile="owner",
        status=status, because="b", measures={"reasons": ("x",)}, source="device", observed_at=NOON, waiver=waiver,
    )  # fmt: skip


P, F, U, E, N = Status.PASS, Status.FAIL, Status.UNKNOWN, Status.ERROR, Status.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("findings", "overall"),
    [
        ([finding(P)], Overall.COMPLIANT),
        ([finding(P), finding(N)], Overall.COMPLIANT),
        ([finding(P), finding(F)], Overall.NOT_COMPLIANT),
        ([finding(U), finding(F)], Overall.NOT_COMPLIANT),
        ([finding(P), finding(U)], Overall.CANNOT_TELL),
        ([finding(P), finding(E)], Overall.CANNOT_TELL),
        ([], Overall.CANNOT_TELL),
        ([finding(P), finding(F, Level.RECOMMENDED)], Overall.COMPLIANT),
        ([finding(P), finding(U, Level.RECOMMENDED)], Overall.COMPLIANT),
        ([finding(P, Level.RECOMMENDED)], Overall.CANNOT_TELL),
        ([finding(P), finding(F, waiver=WAIVER)], Overall.COMPLIANT),
        ([finding(P), finding(E, waiver=WAIVER)], Overall.COMPLIANT),
        ([finding(N)], Overall.CANNOT_TELL),
        ([finding(F, waiver=WAIVER)], Overall.CANNOT_TELL),
    ],
)
def test_required_unwaived_findings_decide(findings: list[Finding], overall: Overall) -> None:
    assert rollup(findings, proven=True) is overall


def attested(status: Status, said: Attestation = COUNTS, level: Level = Level.REQUIRED) -> Finding:
    return replace(finding(status, level), attestation=said)


@pytest.mark.parametrize(
    ("findings", "overall"),
    [
        ([finding(P), attested(U)], Overall.COMPLIANT),
        ([finding(P), attested(U, SHOWN)], Overall.CANNOT_TELL),
        ([finding(P), attested(U), finding(U)], Overall.CANNOT_TELL),
        ([finding(P), attested(U), finding(F)], Overall.NOT_COMPLIANT),
        ([finding(P), attested(E)], Overall.CANNOT_TELL),
        ([finding(P), attested(F)], Overall.NOT_COMPLIANT),
        ([attested(U)], Overall.CANNOT_TELL),
        ([attested(U), attested(U)], Overall.CANNOT_TELL),
        ([attested(P)], Overall.COMPLIANT),
        ([finding(P, Level.RECOMMENDED), attested(U)], Overall.CANNOT_TELL),
        ([finding(P), replace(attested(U), waiver=WAIVER)], Overall.COMPLIANT),
    ],
)
def test_persons_word_settles_an_open_finding_and_passes_nothing(findings: list[Finding], overall: Overall) -> None:
    assert rollup(findings, proven=True) is overall


def test_persons_word_proves_no_run() -> None:
    assert rollup([finding(P), attested(U)], proven=False) is Overall.CANNOT_TELL


def test_settled_is_open_with_a_word_that_counts() -> None:
    assert settled(attested(U))
    assert not any(map(settled, (attested(U, SHOWN), finding(U), *(attested(one) for one in (P, F, E, N)))))


def test_unproven_run_is_never_compliant_and_still_shows_a_fail() -> None:
    assert rollup([finding(P)], proven=False) is Overall.CANNOT_TELL
    assert rollup([finding(F)], proven=False) is Overall.NOT_COMPLIANT


@pytest.mark.parametrize("status", [F, U, E])
def test_waiver_is_a_note_and_keeps_the_status(status: Status) -> None:
    (waived,) = waive([finding(status)], [WAIVER], now=NOON)
    assert (waived.status, waived.waiver) == (status, WAIVER)


@pytest.mark.parametrize("status", [P, N])
def test_what_needs_no_waiver_gets_none(status: Status) -> None:
    (kept,) = waive([finding(status)], [WAIVER], now=NOON)
    assert kept.waiver is None


@pytest.mark.parametrize(
    ("lasts", "holds"),
    [
        (timedelta(0), False),
        (timedelta(seconds=1), True),
        (timedelta(days=90), True),
        (timedelta(days=90, seconds=1), False),
        (timedelta(days=-1), False),
    ],
)
def test_waiver_holds_while_it_runs_and_no_longer_than_90_days(lasts: timedelta, holds: bool) -> None:
    given = Waiver(uid="u", who="it", why="x", until=NOON + lasts)
    (one,) = waive([finding(F)], [given], now=NOON)
    assert (one.waiver is not None) is holds


def test_waiver_of_another_finding_does_not_help() -> None:
    (one,) = waive([finding(F)], [Waiver(uid="v", who="it", why="x", until=WAIVER.until)], now=NOON)
    assert one.waiver is None


def test_each_unseen_part_is_a_point_with_the_reason_of_its_gap() -> None:
    fact = Fact(gaps=(Gap(part="auto_login", why=Why.NOT_PERMITTED, detail="/etc/x"),))
    first, second = not_seen(Reason, fact, {"auto_login": None, "password": None, "idle": 300})
    assert first.reason is Reason.AUTO_LOGIN_NOT_SEEN
    assert first.because == "auto login not seen: access to it was refused"
    assert first.exact == {"why": Why.NOT_PERMITTED}
    assert second.reason is Reason.PASSWORD_NOT_SEEN
    assert second.because == "password not seen: the system does not say"
    assert second.exact == {"why": Why.NOT_SAID}
    assert not_seen(Reason, fact, {"idle": 0, "password": False}) == ()
