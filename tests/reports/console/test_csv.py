"""CSV: opened as text by a spreadsheet, whatever a device or a person put into a cell."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.console.csv_out import cell, csv_reply


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_what_would_start_a_formula_gets_a_mark(start: str) -> None:
    assert cell(f"{start}cmd|' /C calc'!A0") == f"'{start}cmd|' /C calc'!A0"


@pytest.mark.parametrize(("value", "text"), [(None, ""), (-5, "-5"), (7, "7"), ("plain", "plain"), ("a=b", "a=b")])
def test_other_cells_stay_as_they_are(value: object, text: str) -> None:
    assert cell(value) == text


def test_a_file_has_the_mark_of_utf_8_and_ends_lines_as_excel_wants() -> None:
    reply = csv_reply("devices", ("Device",), [("Zoë",), ('a "b", c',)])
    assert reply.content == b'\xef\xbb\xbfDevice\r\nZo\xc3\xab\r\n"a ""b"", c"\r\n'
    assert reply.headers["content-disposition"] == 'attachment; filename="devices.csv"'


@given(st.lists(st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"))))
def test_any_text_comes_back_and_none_starts_a_formula(values: list[str]) -> None:
    reply = csv_reply("x", ("a",), [(one, "end") for one in values])
    rows = list(csv.reader(io.StringIO(reply.content.decode("utf-8-sig"), newline="")))[1:]
    assert [row[0].removeprefix("'") for row in rows] == [one.removeprefix("'") for one in values]
    assert all(not row[0].startswith(("=", "+", "-", "@", "\t", "\r")) for row in rows)
