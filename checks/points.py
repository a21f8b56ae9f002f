"""Points that every judge needs: one for each part of a fact that was not seen."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from checks.evidence import MEANING, Fact, Why
from checks.model import Point


def not_seen(reasons: type[StrEnum], fact: Fact, parts: Mapping[str, Any]) -> tuple[Point, ...]:
    """A point `<part>_not_seen` for each part whose value is None, with the reason of its gap when there is one."""
    why = {gap.part: gap.why for gap in fact.gaps}
    return tuple(
        Point(
            reason=reasons(f"{part}_not_seen"),
            because=f"{part.replace('_', ' ')} not seen: {MEANING[why.get(part, Why.NOT_SAID)][1]}",
            exact={"why": why.get(part, Why.NOT_SAID)},
        )
        for part, value in parts.items()
        if value is None
    )
