"""audit(device) -> report: the whole flow. Start reading here."""

import logging
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol, TypeVar

import agent.collect
from agent import __version__, limits
from agent.collect.catalog import Probe
from agent.collect.host import Host
from agent.collect.layered import MemoHost, planted
from agent.collect.observe import SOURCE, observe
from agent.fault import told
from checks.attest import Statement, Terms, attest, terms
from checks.evaluate import Examined, evaluate
from checks.evidence import Evidence, Unobserved, Why
from checks.model import Device, Finding, Level, Ownership, Status, Waiver
from checks.rollup import rollup
from checks.spec import Check, Rule
from checks.waivers import waive
from reports.envelope import Proof, Report

T = TypeVar("T")
LOG = logging.getLogger(__name__)
OWNER = "owner"
"""The profile of a device's own user, as against a work profile."""
CANARIES = Path(agent.collect.__file__).parent


class Policy(Protocol):
    """What an audit asks of a policy."""

    @property
    def id(self) -> str:
        """The policy's name in reports."""

    @property
    def version(self) -> str:
        """The version in force."""

    def rule(self, check: Check[Any, Any], ownership: Ownership) -> Rule[Any]:
        """What it says of one check on one kind of device."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What is audited, and how."""

    device: Device
    host: Host
    door: Host
    """Reads the planted files: this laptop, also when a recording is judged."""
    checks: Sequence[Check[Any, Any]]
    probes: Mapping[str, Probe]
    recorded: bool = False
    """It answers from a recording: judged as of then, never kept and never sent."""
    left_out: frozenset[str] = frozenset()
    """Checks that the person left out of this run; they are unknown, never passed."""
    waivers: tuple[Waiver, ...] = ()
    statements: tuple[Statement, ...] = ()
    """What the person said of what devices do not show; on other devices too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """A report, with what stays on the device."""

    report: Report
    examined: tuple[Examined, ...]
    proofs: Mapping[str, bool] = field(default_factory=dict)
    """Check id -> whether its planted setting was found; a check without a probe has none."""
    terms: Mapping[str, Terms] = field(default_factory=dict)
    """Check id -> what the person's word on it is worth; a check that no look can settle has none."""


def audit(
    subject: Subject, policy: Policy, *, clock: Callable[[], datetime], tick: Callable[[str], None] = lambda _: None
) -> Audit:
    """Look, judge, prove, roll up. `tick` is told each check's id when it is done, from any thread."""
    host = MemoHost(subject.host)
    rules = {check.id: policy.rule(check, subject.device.ownership) for check in subject.checks}

    def one(check: Check[Any, Any]) -> tuple[Evidence[Any], bool | None]:
        evidence = _evidence(check, subject, rules[check.id], host)
        found = _canary(check, subject, rules[check.id], host)
        tick(check.id)
        return evidence, found

    with ThreadPoolExecutor(limits.PROBES_AT_ONCE, thread_name_prefix="probe") as pool:
        seen = list(pool.map(one, subject.checks))
    now = clock()
    examined = tuple(
        _examined(check, subject.device, evidence, rules[check.id], now)
        for check, (evidence, _) in zip(subject.checks, seen, strict=True)
    )
    asked = _terms(subject.checks, rules)
    waived = waive([each.finding for each in examined], subject.waivers, now=now)
    findings = attest(waived, examined, subject.statements, asked, now=now)
    looked = zip(subject.checks, seen, strict=True)
    proofs = {check.id: found for check, (_, found) in looked if found is not None}
    report = _report(subject.device, (policy.id, policy.version), findings, proofs, now)
    return Audit(report=report, examined=examined, proofs=proofs, terms=asked)


def refreshed(last: Audit, fresh: Audit, waivers: Iterable[Waiver], statements: Iterable[Statement] = ()) -> Audit:
    """The last whole audit with the checks of a fresh partial one in their places: a report is always whole.

    Both must be of one device under one policy. `waivers` and `statements` are those of now: one that ended meanwhile
    helps no more.
    """
    news = {one.check_id: one for one in fresh.report.findings}
    seen = {one.finding.check_id: one for one in fresh.examined}
    proofs = {**last.proofs, **fresh.proofs}
    bare = [replace(news.get(one.check_id, one), waiver=None) for one in last.report.findings]
    examined = tuple(seen.get(one.finding.check_id, one) for one in last.examined)
    asked = {**last.terms, **fresh.terms}
    now = fresh.report.generated_at
    findings = attest(waive(bare, waivers, now=now), examined, statements, asked, now=now)
    policy = (fresh.report.policy_id, fresh.report.policy_version)
    return Audit(
        report=_report(fresh.report.device, policy, findings, proofs, now),
        examined=examined,
        proofs=proofs,
        terms=asked,
    )


def rejudged(
    done: Audit,
    policy: Policy,
    checks: Iterable[Check[Any, Any]],
    waivers: Iterable[Waiver],
    statements: Iterable[Statement],
) -> tuple[Finding, ...]:
    """What another policy would make of what an audit saw. Nothing is looked at again, and the audit stays as it is."""
    known = {one.id: one for one in checks}
    pairs = [(known[one.finding.check_id], one.evidence) for one in done.examined]
    device, now = done.report.device, done.report.generated_at
    rules = {check.id: policy.rule(check, device.ownership) for check, _ in pairs}
    examined = tuple(_examined(check, device, evidence, rules[check.id], now) for check, evidence in pairs)
    waived = waive([each.finding for each in examined], waivers, now=now)
    return attest(waived, examined, statements, _terms((check for check, _ in pairs), rules), now=now)


def _terms(checks: Iterable[Check[Any, Any]], rules: Mapping[str, Rule[Any]]) -> dict[str, Terms]:
    return {check.id: found for check in checks if (found := terms(check, rules[check.id])) is not None}


def _evidence(check: Check[Any, Any], subject: Subject, rule: Rule[Any], host: Host) -> Evidence[Any]:
    """Run the check's probe, if there is one and the policy wants it."""
    probe = subject.probes.get(check.id)
    if check.id in subject.left_out:
        return Unobserved(why=Why.NOT_ASKED, detail="", source="none", at=host.now())
    if probe is None or rule.level is Level.OFF or subject.device.platform not in check.platforms:
        return Unobserved(why=Why.NO_PROBE, detail="", source="none", at=host.now())
    return _guarded(check.id, lambda: observe(probe.look, host), lambda: _crashed(host.now()))


def _examined(
    check: Check[Any, Any], device: Device, evidence: Evidence[Any], rule: Rule[Any], now: datetime
) -> Examined:
    """Judge; a judge that fails is an error of its check alone."""

    def judged(shown: Evidence[Any]) -> Examined:
        return evaluate(check, device, shown, rule, now=now, profile=OWNER)

    return _guarded(check.id, lambda: judged(evidence), lambda: judged(_crashed(evidence.at)))


def _crashed(at: datetime) -> Unobserved:
    return Unobserved(why=Why.CRASHED, detail="", source=SOURCE, at=at)


def _guarded(label: str, act: Callable[[], T], otherwise: Callable[[], T]) -> T:
    """The one place where any fault of ours is caught: it becomes a finding, and the other checks go on."""
    try:
        return act()
    except Exception as error:
        LOG.error("%s: %s", label, told(error))
        return otherwise()


def _canary(check: Check[Any, Any], subject: Subject, rule: Rule[Any], host: Host) -> bool | None:
    """Plant the known-bad setting and look again. None: the check has no probe, so there is nothing to prove."""
    probe = subject.probes.get(check.id)
    if probe is None or rule.level is Level.OFF or check.id in subject.left_out:
        return None
    if subject.device.platform not in check.platforms:
        return None
    canary = probe.canary
    if canary is None:
        return None if probe.proof is None else probe.proof()
    folder = CANARIES / subject.device.platform / "canary" / check.id

    def found() -> bool:
        evidence = observe(probe.look, planted(canary, folder, host, source=subject.door))
        default = Rule(level=Level.REQUIRED, limits=check.limits(), max_age_days=1, why="", layer="")
        seen = evaluate(check, subject.device, evidence, default, now=evidence.at, profile=OWNER)
        return seen.finding.status is Status.FAIL and canary.reason in {str(one.reason) for one in seen.points}

    return _guarded(f"canary of {check.id}", found, lambda: False)


def _report(
    device: Device, policy: tuple[str, str], findings: tuple[Finding, ...], proofs: Mapping[str, bool], now: datetime
) -> Report:
    proof = Proof(planted=len(proofs), found=sum(proofs.values()))
    return Report(
        id=str(uuid.uuid4()),
        agent_version=__version__,
        device=device,
        overall=rollup(findings, proven=proof.proven),
        policy_id=policy[0],
        policy_version=policy[1],
        proof=proof,
        generated_at=now,
        findings=findings,
    )
