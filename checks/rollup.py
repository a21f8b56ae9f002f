"""Findings of a device -> what they say together."""

from collections.abc import Iterable

from checks.model import Finding, Level, Overall, Status, settled


def rollup(findings: Iterable[Finding], *, proven: bool) -> Overall:
    """Required findings decide, save what is waived or settled by the person's own word.

    A run without proof, or in which nothing passed, is not compliant.
    """
    counted = [
        one.status for one in findings if one.level is Level.REQUIRED and one.waiver is None and not settled(one)
    ]
    if Status.FAIL in counted:
        return Overall.NOT_COMPLIANT
    if not proven or Status.PASS not in counted or Status.UNKNOWN in counted or Status.ERROR in counted:
        return Overall.CANNOT_TELL
    return Overall.COMPLIANT
