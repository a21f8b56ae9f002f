"""Tables as CSV that a spreadsheet opens as text: nothing in a cell is taken for a formula."""

import csv
import io
from collections.abc import Iterable, Sequence

from reports.console.model import Reply

FORMULA = ("=", "+", "-", "@", "\t", "\r")
BOM = "\ufeff"
"""Without it, Excel takes UTF-8 for the old code page."""


def csv_reply(name: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> Reply:
    """A download called `name`.csv. `name` is one of ours; cells may hold anything."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows([cell(value) for value in row] for row in rows)
    return Reply(
        content=(BOM + out.getvalue()).encode("utf-8", "replace"),
        kind="text/csv; charset=utf-8",
        headers={"content-disposition": f'attachment; filename="{name}.csv"'},
    )


def cell(value: object) -> str:
    """What stands in a cell. Numbers of ours may be negative; texts get a mark before what would start a formula."""
    if value is None:
        return ""
    text = str(value)
    return f"'{text}" if not isinstance(value, int) and text.startswith(FORMULA) else text
