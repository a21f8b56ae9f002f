"""How a page is read: what first, until when, and what is said where too little could be read."""

import logging
from math import pi

import pytest
from page_parts import Ledger, row
from PIL import Image

from agent.photos import document
from agent.photos.image import Words
from agent.photos.text_boxes import Box
from agent.photos.words import Page

PAPER = Image.new("RGB", (80, 100), "white")
REPORT = ["Northcoast Laboratory", "HISTOPATHOLOGY", "MRN 0123456", "Sections show a melanoma", "Dr A Example FRCPA"]
LETTER = ["Dear Ruby", "The tiles have come", "We start on Monday", "Please keep the dog inside", "Yours, Otto"]


def read(ledger: Ledger, *, budget_s: float = 3.0) -> Page:
    return document.read(PAPER, ledger, budget_s=budget_s, clock=ledger.clock)


def page(texts: list[str], **how: object) -> Ledger:
    return Ledger({row(number): text for number, text in enumerate(texts)}, **how)  # type: ignore[arg-type]


def test_without_a_reader_a_page_is_unread() -> None:
    assert document.read(PAPER, None, budget_s=3.0) == Page(words=Words.UNREAD, weight=0.0)


def test_a_picture_without_text_is_ordinary() -> None:
    assert read(Ledger({})).words is Words.ORDINARY


@pytest.mark.parametrize(("texts", "words"), [(REPORT, Words.CLINICAL), (LETTER, Words.ORDINARY)])
def test_the_words_decide(texts: list[str], words: Words) -> None:
    assert read(page(texts)).words is words


def test_reading_ends_once_the_page_is_clearly_clinical() -> None:
    ledger = page(REPORT + ["No text of interest"] * 40)
    assert read(ledger).words is Words.CLINICAL
    assert len(ledger.asked) < 15


def test_reading_ends_once_the_page_is_clearly_ordinary() -> None:
    ledger = page(["TAX INVOICE", "ABN 51 824 753 556", "GST"] + ["Paint and brushes"] * 80)
    assert read(ledger).words is Words.ORDINARY
    assert len(ledger.asked) < 40


def test_a_page_without_end_is_read_so_far_only() -> None:
    ledger = page(["One more word"] * 300)
    assert read(ledger).words is Words.ORDINARY
    assert len(ledger.asked) < 80


def test_when_time_runs_out_early_the_page_is_unread() -> None:
    assert read(page(LETTER * 4, seconds_a_line=1.0)).words is Words.UNREAD


def test_when_time_runs_out_late_enough_was_read() -> None:
    assert read(page(LETTER, seconds_a_line=0.5)).words is Words.ORDINARY


def test_clinical_words_count_however_little_was_read() -> None:
    assert read(page(REPORT + LETTER * 8, seconds_a_line=0.4)).words is Words.CLINICAL


def test_handwriting_that_cannot_be_read_is_unread() -> None:
    assert read(page(REPORT, sure=0.5)).words is Words.UNREAD


def test_a_name_and_its_value_may_stand_in_two_boxes() -> None:
    apart = Ledger({row(0): "MRN", row(0, column=1): "0123456"})
    alone = Ledger({row(0): "MRN"})
    assert read(apart).weight > read(alone).weight


def test_a_page_on_its_head_is_read_from_the_other_side() -> None:
    assert read(page(REPORT, turned=True)).words is Words.CLINICAL


def test_on_a_page_on_its_head_rows_run_the_other_way() -> None:
    """What lies bottom right in the picture is the beginning of the text; a number stands behind its name."""
    ledger = Ledger({row(0, column=1): "MRN", row(0): "0123456", row(5): "Ward", row(9): "Name"}, turned=True)
    named = Ledger({row(0): "MRN", row(0, column=1): "0123456", row(5): "Ward", row(9): "Name"})
    assert read(ledger).weight == read(named).weight
    assert ledger.asked[6:][0] == "Name"


@pytest.mark.parametrize("turned", [False, True])
def test_a_page_on_its_side_is_read(*, turned: bool) -> None:
    boxes = {Box(x=0.9 - place * 0.05, y=0.4, length=0.3, height=0.02, angle=pi / 2): text
             for place, text in enumerate(REPORT)}  # fmt: skip
    assert read(Ledger(boxes, turned=turned)).words is Words.CLINICAL


def test_headings_and_the_last_row_come_before_the_middle() -> None:
    texts = [f"Line {number}" for number in range(20)]
    boxes = {row(number, height=0.05 if number == 12 else 0.02): text for number, text in enumerate(texts)}
    ledger = Ledger(boxes)
    read(ledger)
    order = ledger.asked[3:]  # the first three tell which way up the page is
    assert order.index("Line 12") < order.index("Line 5")
    assert order.index("Line 19") < order.index("Line 10")


def test_nothing_that_was_read_is_logged_or_handed_on(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    result = read(page(REPORT))
    said = caplog.text + repr(result)
    assert not [text for text in REPORT if text in said]
    assert result.__slots__ == ("words", "weight")
