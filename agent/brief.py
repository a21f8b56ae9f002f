"""The answer in one line: from a check that was just made, or from what the last ones left while that still counts."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from agent.desk import Desk
from agent.escape import printable
from agent.exits import OF, Exit
from agent.status_file import AHEAD, read_report
from agent.tell import headline
from checks.catalog import CATALOG
from checks.model import Device, Finding, Kind, Level, Ownership, Status
from checks.policy import Policy
from checks.rollup import rollup
from reports.envelope import Report

MOST_NAMED = 4
LONGEST_NAME = 48
SEE = "See: scrubin page"
NEVER = "Can't tell yet: this laptop has not been checked."
CHECKS = {one.id: one for one in CATALOG}


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """What one line says, and on what it stands."""

    code: Exit
    answer: str
    """A sentence without names: it may be read by others."""
    devices: tuple[str, ...] = ()
    """What was looked at, by names that the person knows, this laptop first."""
    age: timedelta | None = None
    """Of the oldest look; None where all was just looked at, or nothing ever."""

    def line(self, since: str = "") -> str:
        """The whole line, its end left out. `since` says how old it is, such as "checked 3 hours ago"."""
        answer = self.answer.removesuffix(".")
        tail = f", {since}" if since else ""
        if self.code is not Exit.COMPLIANT:
            return f"{answer}{tail}. {SEE}"
        return f"{answer} ({', '.join(self.devices)}){tail}."


def fresh(reports: Sequence[Report], *, unready: int, code: Exit) -> Brief:
    """Of a check that was just made; `code` is what it ends with. `unready` phones could not be looked at."""
    return Brief(code=code, answer=headline(reports, unready), devices=_named(reports))


def last(desk: Desk, now: datetime) -> Brief:
    """Of what the last checks left. Of a device that was never checked, or too long ago, nobody can tell."""
    kept = [read_report(one.last_report) for one in (desk.places.kept(), *desk.places.kept_phones())]
    if kept[0] is None:
        return Brief(code=Exit.CANNOT_TELL, answer=NEVER)
    known = [one for one in kept if one is not None]
    reports = [aged(one, desk.in_force.policy, now) for one in known]
    codes = {OF[one.overall] for one in reports} | ({Exit.CANNOT_TELL} if len(known) < len(kept) else set())
    code = next(one for one in (Exit.NOT_COMPLIANT, Exit.CANNOT_TELL, Exit.COMPLIANT) if one in codes)
    oldest = max(now - one.generated_at for one in known)
    return Brief(
        code=code,
        answer=headline(reports, len(kept) - len(known)),
        devices=_named(known),
        age=max(oldest, timedelta(0)),
    )


def aged(report: Report, policy: Policy, now: datetime) -> Report:
    """As it counts today: what is too old, or was judged by other rules, is not known any more."""
    same = (report.policy_id, report.policy_version) == (policy.id, policy.version) and _whole(report)
    found = tuple(_today(one, policy, report.device.ownership, now, same=same) for one in report.findings)
    return replace(report, findings=found, overall=rollup(found, proven=report.proof.proven))


def _whole(report: Report) -> bool:
    """It speaks of every check that this version makes: a new one has not been made by an older version."""
    asked = {one.id for one in CATALOG if report.device.platform in one.platforms}
    return asked <= {one.check_id for one in report.findings}


def _today(one: Finding, policy: Policy, ownership: Ownership, now: datetime, *, same: bool) -> Finding:
    if one.waiver is not None and one.waiver.until <= now:
        one = replace(one, waiver=None)
    if one.attestation is not None and one.attestation.until <= now:
        one = replace(one, attestation=None)
    if one.status is Status.NOT_APPLICABLE and same:
        return one
    if same and one.check_id in CHECKS:
        rule = policy.rule(CHECKS[one.check_id], ownership)
        if -AHEAD <= now - one.observed_at <= timedelta(days=rule.max_age_days):
            return replace(one, level=rule.level)
    level = Level.REQUIRED if not same and one.level is Level.OFF else one.level
    return replace(one, status=Status.UNKNOWN, level=level, waiver=None, attestation=None)


def _named(reports: Sequence[Report]) -> tuple[str, ...]:
    """This laptop first; of a crowd of phones only how many more there are."""
    names = [_name(one.device) for one in sorted(reports, key=lambda one: one.device.kind is Kind.PHONE)]
    more = len(names) - MOST_NAMED
    return (*names[:MOST_NAMED], *([f"and {more} more"] if more > 0 else []))


def _name(device: Device) -> str:
    if device.kind is Kind.LAPTOP:
        return "this laptop"
    return printable(device.model, LONGEST_NAME) or "a phone"
