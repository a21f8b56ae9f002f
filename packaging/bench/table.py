"""One table for all measures: what was seen, beside what, and whether the target is kept."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A measure."""

    measure: str
    seen: str
    beside: str = ""
    """What it is compared with, seen in the same run."""
    ratio: float | None = None
    target: str = ""
    kept: bool | None = None
    """None: there is no target."""


def ratio_row(measure: str, seen_s: float, *, beside: str, beside_s: float, limit: float | None = None) -> Row:
    """A time as a multiple of another one."""
    ratio = seen_s / beside_s if beside_s else float("inf")
    return Row(
        measure=measure,
        seen=seconds(seen_s),
        beside=f"{beside} {seconds(beside_s)}",
        ratio=ratio,
        target="" if limit is None else f"at most {limit:g} times",
        kept=None if limit is None else ratio <= limit,
    )


def seconds(value: float) -> str:
    """A time that people can read."""
    return f"{value * 1000:.0f} ms" if value < 1 else f"{value:.2f} s"


def show(rows: Sequence[Row]) -> None:
    """Print the table."""
    print_cells(["measure", "seen", "beside", "ratio", "target", "kept"], [_cells(row) for row in rows])


def print_cells(head: Sequence[str], body: Sequence[Sequence[str]]) -> None:
    """Columns as wide as their widest cell."""
    widths = [max(len(line[column]) for line in (head, *body)) for column in range(len(head))]
    for line in (head, ["-" * width for width in widths], *body):
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def _cells(row: Row) -> list[str]:
    ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
    kept = {None: "", True: "yes", False: "NO"}[row.kept]
    return [row.measure, row.seen, row.beside, ratio, row.target, kept]
