"""How devices stand together: what counts against a shift, when an answer is too old, and what a look would settle."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from agent.runner import Audit
from checks.attest import stated
from checks.evaluate import Examined
from checks.model import Finding, Level, Overall, Status, settled
from checks.plurals import counted
from reports.envelope import Report

OLD = timedelta(days=3)
"""An answer older than this says nothing of today, whatever it was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What the reports of some devices come to."""

    fix: int
    look: int
    """Things that nobody can tell yet, devices that could not be looked at included."""
    proven: bool
    compliant: bool
    """Each device's own report says so."""

    @property
    def overall(self) -> Overall:
        """Never compliant where anything is open."""
        if self.fix:
            return Overall.NOT_COMPLIANT
        return Overall.COMPLIANT if self.proven and self.compliant and not self.look else Overall.CANNOT_TELL


def tally(reports: Iterable[Report], *, others: int = 0) -> Tally:
    """`others`: devices that are there, or were, of which there is no report to go by."""
    whole = tuple(reports)
    findings = [one for report in whole for one in report.findings if counts(one)]
    return Tally(
        fix=sum(one.status is Status.FAIL for one in findings),
        look=sum(one.status in (Status.UNKNOWN, Status.ERROR) for one in findings) + others,
        proven=all(report.proof.proven for report in whole),
        compliant=all(report.overall is Overall.COMPLIANT for report in whole),
    )


def counts(one: Finding) -> bool:
    """Required, not waived, and not settled by the person's own word."""
    return one.level is Level.REQUIRED and one.waiver is None and not settled(one)


def in_words(whole: Tally) -> str:
    """The answer to "may I start my shift?"."""
    if whole.fix:
        tail = f", {whole.look} to look at" if whole.look else ""
        return f"{counted(whole.fix, 'thing')} to fix before your shift{tail}."
    if not whole.proven:
        return "Can't tell: this check did not prove itself, so it isn't believed."
    if whole.look:
        return f"Can't tell yet: {counted(whole.look, 'thing')} to look at."
    if not whole.compliant:
        return "Can't tell: none of the checks that your practice requires has passed."
    return "Ready for your shift."


def askable(one: Examined, audit: Audit) -> bool:
    """A look by the person would settle it."""
    terms = audit.terms.get(one.finding.check_id)
    at = audit.report.generated_at
    return terms is not None and stated(one, terms, terms.saw.good, at=at) is not None
