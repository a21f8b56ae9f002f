"""The whole flow on a recorded laptop: look, judge, prove, roll up."""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from fakes import HOME, NOON, laptop, recorded_host, rule_for

from agent.collect.canary import Canary
from agent.collect.catalog import PROBES, Probe
from agent.collect.host import CollectError, LocalHost
from agent.runner import Audit, Subject, audit, refreshed
from checks.catalog import CATALOG
from checks.evidence import Why
from checks.model import Level, Overall, Platform, Status, Waiver
from checks.screen_lock.fact import Desktop, ScreenLock

SCREEN_LOCK = next(one for one in CATALOG if one.id == "screen_lock")
GOOD = ScreenLock(
    desktop=Desktop.GNOME, locks=True, idle_s=300, grace_s=0, on_resume=True, password=True, auto_login=False
)
REAL = PROBES[Platform.LINUX]["screen_lock"]


class Demanding:
    """A policy that asks the same of every check."""

    id = "example"
    version = "practice-7"

    def __init__(self, level: Level = Level.REQUIRED) -> None:
        self._level = level

    def rule(self, check: Any, ownership: Any) -> Any:
        return rule_for(check.limits(), level=self._level)


def seen(look: Callable[[Any], Any]) -> Probe:
    """A probe that answers so on the laptop, and as the real one does on what was planted."""
    return Probe(look=lambda host: REAL.look(host) if type(host).__name__ == "PlantedHost" else look(host),
                 canary=REAL.canary)  # fmt: skip


def audited(look: Callable[[Any], Any] | None = None, policy: Any = None, **changes: Any) -> Audit:
    given: dict[str, Any] = {
        "device": laptop(), "host": recorded_host(), "door": LocalHost(), "checks": (SCREEN_LOCK,),
        "probes": {"screen_lock": REAL if look is None else seen(look)},
    }  # fmt: skip
    return audit(Subject(**{**given, **changes}), policy or Demanding(), clock=lambda: NOON)


def test_good_laptop_is_compliant_and_proven() -> None:
    report = audited(lambda host: GOOD).report
    assert (report.overall, report.proof.planted, report.proof.found) == (Overall.COMPLIANT, 1, 1)
    assert (report.policy_id, report.policy_version, report.generated_at) == ("example", "practice-7", NOON)
    assert report.findings[0].status is Status.PASS


def test_bad_laptop_is_not_compliant() -> None:
    assert audited(lambda host: replace(GOOD, locks=False)).report.overall is Overall.NOT_COMPLIANT


def test_check_without_a_probe_is_unknown_and_has_nothing_to_prove() -> None:
    report = audited(probes={}).report
    assert (report.findings[0].status, report.findings[0].measures) == (Status.UNKNOWN, {"reasons": ("no_probe",)})
    assert (report.proof.planted, report.overall) == (0, Overall.CANNOT_TELL)


def test_check_left_out_is_unknown_never_passed() -> None:
    report = audited(lambda host: GOOD, left_out=frozenset({"screen_lock"})).report
    assert report.findings[0].measures == {"reasons": ("not_asked",)}
    assert report.overall is Overall.CANNOT_TELL


def test_switched_off_check_is_not_looked_at() -> None:
    def never(host: Any) -> Any:
        raise AssertionError("looked")

    report = audited(never, Demanding(Level.OFF)).report
    assert report.findings[0].status is Status.NOT_APPLICABLE
    assert report.overall is Overall.CANNOT_TELL


def test_probe_that_cannot_see_gives_its_reason() -> None:
    def denied(host: Any) -> Any:
        raise CollectError(Why.NOT_PERMITTED, "/home/clin/secret")

    report = audited(denied).report
    assert report.findings[0].status is Status.ERROR
    assert "secret" not in repr(report)


def test_fault_of_ours_is_an_error_and_its_message_goes_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    def crash(host: Any) -> Any:
        raise ZeroDivisionError("/home/clin/secret")

    with caplog.at_level(logging.DEBUG):
        done = audited(crash)
    assert done.report.findings[0].measures == {"reasons": ("crashed",)}
    assert done.report.overall is Overall.CANNOT_TELL
    assert "screen_lock: ZeroDivisionError at test_runner:" in caplog.text
    assert "secret" not in caplog.text + repr(done.report)


def test_judge_that_fails_is_an_error_of_its_check_alone() -> None:
    broken = replace(SCREEN_LOCK, id="screen_lock", judge=lambda seen, limits: 1 / 0)
    report = audited(lambda host: GOOD, checks=(broken, replace(SCREEN_LOCK, id="other")), probes={
        "screen_lock": seen(lambda host: GOOD), "other": seen(lambda host: GOOD)}).report  # fmt: skip
    assert [one.status for one in report.findings] == [Status.ERROR, Status.PASS]
    assert not report.proof.proven


@pytest.mark.parametrize(
    "look",
    [lambda host: GOOD, lambda host: replace(GOOD, locks=False), lambda host: 1 / 0, lambda host: None],
    ids=["blind", "sees another fault", "crashes", "no fact"],
)
def test_run_whose_canary_is_not_found_is_unproven_and_never_compliant(look: Callable[[Any], Any]) -> None:
    probe = Probe(look=look, canary=REAL.canary)
    report = audited(probes={"screen_lock": probe}).report
    assert (report.proof.planted, report.proof.found, report.proof.proven) == (1, 0, False)
    assert report.overall is not Overall.COMPLIANT


def test_canary_file_that_is_missing_from_the_package_is_unproven() -> None:
    canary = Canary(files={"/etc/gdm3/daemon.conf": "no-such-file"}, reason="auto_login")
    probe = Probe(look=lambda host: REAL.look(host), canary=canary)
    assert not audited(probes={"screen_lock": probe}).report.proof.proven


def test_canary_counts_also_where_the_policy_asks_for_less() -> None:
    class Loose(Demanding):
        def rule(self, check: Any, ownership: Any) -> Any:
            return rule_for(check.limits(max_idle_s=3600, on_resume=False), level=Level.RECOMMENDED)

    assert audited(lambda host: GOOD, Loose()).report.proof.proven


def test_waiver_travels_on_the_finding_and_its_status_stays() -> None:
    uid = audited(lambda host: replace(GOOD, locks=False)).report.findings[0].uid
    waiver = Waiver(uid=uid, who="it", why="soon", until=NOON + timedelta(days=1))
    (finding,) = audited(lambda host: replace(GOOD, locks=False), waivers=(waiver,)).report.findings
    assert (finding.status, finding.waiver) == (Status.FAIL, waiver)


def test_partial_audit_takes_its_places_in_the_last_whole_one() -> None:
    other = replace(SCREEN_LOCK, id="other")
    both = {"screen_lock": seen(lambda host: GOOD), "other": seen(lambda host: GOOD)}
    last = audited(checks=(SCREEN_LOCK, other), probes=both)
    bad = audited(checks=(other,), probes={"other": seen(lambda host: replace(GOOD, locks=False))})
    whole = refreshed(last, bad, ())
    assert [one.check_id for one in whole.report.findings] == ["screen_lock", "other"]
    assert [one.status for one in whole.report.findings] == [Status.PASS, Status.FAIL]
    assert [one.finding.check_id for one in whole.examined] == ["screen_lock", "other"]
    assert (whole.report.overall, whole.report.proof.planted) == (Overall.NOT_COMPLIANT, 2)
    assert whole.report.id not in {last.report.id, bad.report.id}


def test_waiver_that_ended_since_the_last_audit_helps_no_more() -> None:
    other = replace(SCREEN_LOCK, id="other")
    bad, good = seen(lambda host: replace(GOOD, locks=False)), seen(lambda host: GOOD)
    given = {"checks": (SCREEN_LOCK, other), "probes": {"screen_lock": bad, "other": good}}
    uid = audited(**given).report.findings[0].uid
    waiver = Waiver(uid=uid, who="it", why="soon", until=NOON + timedelta(days=1))
    last = audited(**given, waivers=(waiver,))
    fresh = audited(checks=(other,), probes={"other": good})
    assert last.report.overall is not Overall.NOT_COMPLIANT
    assert refreshed(last, fresh, (waiver,)).report.findings[0].waiver == waiver
    ended = refreshed(last, fresh, (replace(waiver, until=NOON),)).report
    assert (ended.overall, ended.findings[0].waiver) == (Overall.NOT_COMPLIANT, None)


def test_partial_audit_without_its_proof_makes_the_whole_unproven() -> None:
    last = audited(lambda host: GOOD)
    blind = audited(probes={"screen_lock": Probe(look=lambda host: GOOD, canary=REAL.canary)})
    whole = refreshed(last, blind, ())
    assert (last.report.overall, whole.report.overall) == (Overall.COMPLIANT, Overall.CANNOT_TELL)


def test_each_finished_check_is_told() -> None:
    told: list[str] = []
    subject = Subject(device=laptop(), host=recorded_host(), door=LocalHost(), checks=CATALOG, probes={})
    audit(subject, Demanding(), clock=lambda: NOON, tick=told.append)
    assert sorted(told) == sorted(one.id for one in CATALOG)


def test_reports_have_ids_of_their_own_and_findings_keep_theirs() -> None:
    first, second = audited().report, audited().report
    assert first.id != second.id
    assert [one.uid for one in first.findings] == [one.uid for one in second.findings]


@pytest.mark.parametrize(("platform", "check_id"), [(p, c) for p, probes in PROBES.items() for c in probes])
def test_every_canary_is_found_on_an_empty_machine(platform: Platform, check_id: str) -> None:
    check = next(one for one in CATALOG if one.id == check_id)
    host = recorded_host(environ={"HOME": HOME})
    report = audited(checks=(check,), probes=PROBES[platform], host=host, device=laptop(platform=platform)).report
    assert report.proof.proven
    assert report.findings[0].status is not Status.PASS, "an empty machine shows nothing that could pass"
