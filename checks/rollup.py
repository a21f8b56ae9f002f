"""Findings of a device -> what they say together."""

from collections.abc import Iterable

from checks.model import Finding, Level, Overall, Status


def rollup(findings: Iterable[Finding], *, proven: bool) -> Overall:
    """Required, unwaived findings decide. A run without proof, or in which nothing passed, is not compliant."""
    counted = [one.status for one in findings if one.level is Level.REQUIRED and one.waiver is None]
    if Status.FAIL in counted:
        return Overall.NOT_COMPLIANT
    if not proven or Status.PASS not in counted or Status.UNKNOWN in counted or Status.ERROR in counted:
        return Overall.CANNOT_TELL
    return Overall.COMPLIANT
