"""What changed between two texts of a policy, line by line, with words beside the colours."""

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

CONTEXT = 3
"""Lines around each change that did not."""


class Change(StrEnum):
    """What became of a line."""

    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"
    SKIPPED = "skipped"
    """Stands for the lines between, which did not change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One row of the comparison."""

    change: Change
    before: int | None
    """Its number in the text before, from 1; None where it is not in it."""
    after: int | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """The comparison as a whole."""

    lines: tuple[Line, ...]
    """None at all where the texts are the same."""
    removed: int
    added: int


def difference(before: str, after: str) -> Difference:
    """Compare two texts, each within the bounds of a policy (policies_text)."""
    lines = tuple(_lines(before.splitlines(), after.splitlines()))
    removed = sum(one.change is Change.REMOVED for one in lines)
    added = sum(one.change is Change.ADDED for one in lines)
    return Difference(lines=lines if removed or added else (), removed=removed, added=added)


def _lines(before: Sequence[str], after: Sequence[str]) -> Iterator[Line]:
    matcher = difflib.SequenceMatcher(a=before, b=after)
    last = 0
    for group in matcher.get_grouped_opcodes(CONTEXT):
        start = group[0][1]
        if start > last:
            yield Line(change=Change.SKIPPED, before=None, after=None, text=_skipped(start - last))
        for tag, a_from, a_to, b_from, b_to in group:
            yield from _block(tag, before, after, (a_from, a_to, b_from, b_to))
        last = group[-1][2]
    if len(before) > last:
        yield Line(change=Change.SKIPPED, before=None, after=None, text=_skipped(len(before) - last))


def _block(tag: str, before: Sequence[str], after: Sequence[str], at: tuple[int, int, int, int]) -> Iterator[Line]:
    a_from, a_to, b_from, b_to = at
    if tag == "equal":
        for place in range(a_to - a_from):
            one, other = a_from + place + 1, b_from + place + 1
            yield Line(change=Change.SAME, before=one, after=other, text=before[a_from + place])
        return
    for number in range(a_from, a_to):
        yield Line(change=Change.REMOVED, before=number + 1, after=None, text=before[number])
    for number in range(b_from, b_to):
        yield Line(change=Change.ADDED, before=None, after=number + 1, text=after[number])


def _skipped(count: int) -> str:
    return f"{count} line{'' if count == 1 else 's'} without a change"
