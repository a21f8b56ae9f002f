"""What the mail says: a device's short id, the verdict, the checks by name. It names no person, file or machine."""

import re
from collections.abc import Iterable

from checks.model import Attestation, Finding, Level, Overall, Status, settled
from reports.deliver.bodies import Opened, Seen
from reports.envelope import Report

WELL = frozenset({Status.PASS, Status.NOT_APPLICABLE})
VERDICT = {
    Overall.COMPLIANT: "is compliant",
    Overall.NOT_COMPLIANT: "is not compliant",
    Overall.CANNOT_TELL: "cannot be judged",
}
WORD = {
    Status.PASS: "in order",
    Status.FAIL: "fails",
    Status.UNKNOWN: "unknown",
    Status.ERROR: "could not look",
    Status.NOT_APPLICABLE: "does not apply",
}
HISTORY_LINES = 50


def subject(report: Report) -> str:
    """One line: how much needs attention, and on which device."""
    required = [one for one in report.findings if one.level is Level.REQUIRED]
    count = sum(_needs_attention(one) for one in required)
    if count:
        says = f"{count} of {_checks(len(required))} {'needs' if count == 1 else 'need'} attention"
    elif report.overall is Overall.COMPLIANT:
        says = f"all {_checks(len(required))} in order{_by_word(required)}"
    else:
        says = "the device cannot be judged"
    return f"Device compliance: {says} ({_device(report)})"


def _by_word(required: Iterable[Finding]) -> str:
    """Whoever reads only the subject is told, too, what rests on somebody's word."""
    count = sum(settled(one) and one.waiver is None for one in required)
    return f", {count} of them by the person's own word" if count else ""


def text(letter: Opened) -> str:
    """The mail's text, plain, lines ending in a line feed."""
    report = letter.report
    shown = [one for one in report.findings if one.level is not Level.OFF]
    parts = [
        _head(report),
        _section("Needs attention", [one for one in shown if one.level is Level.REQUIRED and _needs_attention(one)]),
        _section("Recommended", [one for one in shown if one.level is Level.RECOMMENDED and _needs_attention(one)]),
        _section("Waived by the practice", [one for one in shown if one.waiver is not None and one.status not in WELL]),
        _section("By the person's own word", [one for one in shown if settled(one) and one.waiver is None]),
        _section("In order, or does not apply", [one for one in shown if one.status in WELL]),
        _history(letter.history, report),
        "The report is attached. It holds verdicts, never what was seen: no picture, file name, place or account.",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _head(report: Report) -> str:
    lines = [
        f"The {_device(report)} {VERDICT[report.overall]}.",
        f"Policy: {_plain(report.policy_id)}, version {_plain(report.policy_version)}",
        f"Audited: {report.generated_at:%Y-%m-%d %H:%M} UTC, by scrubin {_plain(report.agent_version)}",
    ]
    if not report.proof.proven:
        lines.append("The audit did not find the known-bad setting that it planted for itself, so it proves nothing.")
    return "\n".join(lines)


def _section(title: str, findings: Iterable[Finding]) -> str:
    lines = [line for one in findings for line in _finding(one)]
    return "\n".join([title, *lines]) if lines else ""


def _finding(one: Finding) -> list[str]:
    waived = f", waived until {one.waiver.until:%Y-%m-%d}" if one.waiver else ""
    lines = [f"  {_plain(one.title)}: {WORD[one.status]} ({one.severity}{waived})"]
    if one.status not in WELL:
        lines.append(f"    {_plain(one.because)}")
    if one.attestation is not None:
        lines.append(f"    {_said(one.attestation)}")
    return lines


def _said(one: Attestation) -> str:
    worth = f"the policy counts this until {one.until:%Y-%m-%d}" if one.counts else "this does not count"
    return f'The person looked on {one.at:%Y-%m-%d} and says "{one.saw}"; {worth}.'


def _history(history: tuple[Seen, ...], report: Report) -> str:
    """What happened in the reports that could not be sent before this one, for as many lines as a person reads."""
    titles = {one.uid: _plain(one.title) for one in report.findings}
    lines = [
        f"  {one.observed_at:%Y-%m-%d %H:%M} UTC  {titles.get(one.uid, 'a check no longer made')}: {WORD[one.status]}"
        for one in history
    ]
    if not lines:
        return ""
    more = len(lines) - HISTORY_LINES
    hidden = [f"  ... and {more} earlier, in the attached report"] if more > 0 else []
    return "\n".join(["Before this report, while none could be sent", *hidden, *lines[-HISTORY_LINES:]])


def _needs_attention(one: Finding) -> bool:
    return one.status not in WELL and one.waiver is None and not settled(one)


def _checks(count: int) -> str:
    return f"{count} check" if count == 1 else f"{count} checks"


def _device(report: Report) -> str:
    """The kind and the first eight characters of an id that says nothing of its owner."""
    return f"{report.device.kind} {re.sub('[^0-9a-f]', '', report.device.id)[:8]}"


def _plain(line: str) -> str:
    """One line of printable text: what was written to us in a policy cannot forge a line of the mail."""
    return "".join(mark for mark in " ".join(line.split()) if mark.isprintable())[:300]
