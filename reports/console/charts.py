"""Shapes of charts as numbers: templates draw them as SVG, whose labels and tables of numbers are HTML."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

GAP = 0.45
"""Between two days of a strip, in percent of its width."""
LOOKS = {"compliant": "pass", "not_compliant": "fail", "cannot_tell": "unknown", "overdue": "stale", "silent": "track"}
PATTERNS = {"not_compliant": "p-diag", "cannot_tell": "p-dots", "overdue": "p-bars"}
"""So that nobody needs to tell colours apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One piece of a bar. Places and widths are percent of it."""

    name: str
    x: float
    width: float
    number: int = 0

    @property
    def look(self) -> str:
        """Its colour's class, without `f-`."""
        return LOOKS.get(self.name, "track")

    @property
    def pattern(self) -> str:
        """The id of its pattern; "" for a plain one."""
        return PATTERNS.get(self.name, "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line in a box of 100 by 100, with 100 percent on top."""

    line: str
    area: str
    marks: Sequence[float]
    last_x: float
    last_y: float


def share(numbers: Mapping[str, int]) -> list[Part]:
    """A bar of what is not nothing, in the order given."""
    total = sum(numbers.values())
    parts: list[Part] = []
    at = 0.0
    for name, number in numbers.items():
        if number:
            width = number * 100 / total
            parts.append(Part(name=name, x=at, width=width, number=number))
            at += width
    return parts


def strip(states: Sequence[str]) -> list[Part]:
    """One piece for each day."""
    step = 100 / max(1, len(states))
    return [Part(name=state, x=place * step, width=step - GAP) for place, state in enumerate(states)]


def line(percents: Sequence[int], places: Sequence[float], marks: Sequence[float] = ()) -> Line | None:
    """Through percents at places from 0 to 100; None where there are not two of them to join."""
    if len(percents) < 2:
        return None
    points = [f"{x:.2f} {100 - y}" for x, y in zip(places, percents, strict=True)]
    path = " L".join(points)
    return Line(
        line=f"M{path}",
        area=f"M{path} L{places[-1]:.2f} 100 L{places[0]:.2f} 100z",
        marks=[one for one in marks if 0 <= one <= 100],
        last_x=places[-1],
        last_y=100 - percents[-1],
    )


def lengths(numbers: Sequence[int]) -> list[float]:
    """Of bars side by side, in percent of the longest."""
    most = max(numbers, default=0)
    return [number * 100 / most if most else 0.0 for number in numbers]
