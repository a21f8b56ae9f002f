"""Attach the practice's waivers to findings: notes with an end, never a status."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from checks.model import Finding, Status, Waiver

LONGEST = timedelta(days=90)


def waive(findings: Sequence[Finding], waivers: Iterable[Waiver], *, now: datetime) -> tuple[Finding, ...]:
    """Findings that fail or could not be seen carry their waiver while it runs; one that reaches too far is ignored."""
    running = {one.uid: one for one in waivers if now < one.until <= now + LONGEST}
    return tuple(
        replace(finding, waiver=running[finding.uid])
        if finding.uid in running and finding.status in (Status.FAIL, Status.UNKNOWN, Status.ERROR)
        else finding
        for finding in findings
    )
