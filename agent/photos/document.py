"""Reads a page until its words decide whether it belongs to somebody's care. Worker only.

Lines are found once and read in the order in which they are likely to tell: headings and the top of the page first,
where names, numbers and titles stand. What was read is weighed at once and dropped.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import cos, pi, sin
from statistics import median
from typing import Protocol

from PIL import Image

from agent.photos.image import Words
from agent.photos.ocr import Reading, shrunk
from agent.photos.text_boxes import Box
from agent.photos.words import Hit, Page, hits, judge, strength

CLEAR = 1.5
"""Times over the threshold: nothing below on the page can undo it."""
CLEARLY_NOT = -0.5
"""After CLEARLY_NOT_ROWS rows with such a balance no heading is left that could turn it."""
CLEARLY_NOT_ROWS = 20
ENOUGH_ROWS = 60
"""No title stands below them."""
LEGIBLE = 0.75
"""A line that was read with less certainty is handwriting, blur or another script: not read."""
FAIR_SHARE = 0.5
"""So much of the text must have been read, by length, before a page counts as ordinary."""
SAMPLES = 3
"""Lines that are read both ways up to find which way up the page is."""
HEADING = 0.5
"""A line twice as high as most moves up by this share of the page."""
FOOT = 0.25
"""The last row, where a tracing states its speed and a form its name, is read as if it stood so far down."""


class Reader(Protocol):
    """What reads text; see ocr.TextReader."""

    def lines(self, image: Image.Image) -> list[Box]:
        """Where text stands, in no order."""

    def read(self, image: Image.Image, box: Box, *, turned: bool = False) -> Reading:
        """What stands there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The rows of a page, the most telling first, and how it lies."""

    rows: tuple[tuple[Box, ...], ...]
    turned: bool


@dataclass(slots=True)
class Progress:
    """What came of the rows so far; no text."""

    found: set[Hit]
    rows: int = 0
    read: float = 0.0
    """Length of the lines that were legible."""

    def add(self, row: Sequence[Box], readings: Sequence[Reading]) -> None:
        """Weigh one row: a label and its value may stand in two boxes of it."""
        legible = [(box, one) for box, one in zip(row, readings, strict=True) if one.sure >= LEGIBLE]
        self.found |= hits(" ".join(one.text for _, one in legible))
        self.read += sum(box.length for box, _ in legible)
        self.rows += 1

    @property
    def decided(self) -> bool:
        """More rows would change nothing."""
        balance = strength(self.found)
        ordinary = self.rows >= CLEARLY_NOT_ROWS and balance <= CLEARLY_NOT
        return balance >= CLEAR or ordinary or self.rows >= ENOUGH_ROWS


def read(
    image: Image.Image, reader: Reader | None, *, budget_s: float, clock: Callable[[], float] = time.process_time
) -> Page:
    """What the words of this picture say; UNREAD where there is no reader, no time, or too little that is legible.

    The budget is processor time: on a busy machine a page takes longer, it does not become unread.
    """
    if reader is None:
        return Page(words=Words.UNREAD, weight=0.0)
    deadline = clock() + budget_s
    picture = shrunk(image)
    lines = reader.lines(picture)
    if not lines:
        return judge(())
    layout = _layout(picture, lines, reader)
    progress = Progress(found=set())
    for row in layout.rows:
        progress.add(row, [reader.read(picture, box, turned=layout.turned) for box in row])
        if progress.decided or clock() >= deadline:
            break
    return _page(progress, layout)


def _page(progress: Progress, layout: Layout) -> Page:
    """Clinical words are proof however few were read; their absence is proof only where enough was."""
    page = judge(progress.found)
    seen = layout.rows if not progress.decided else layout.rows[: progress.rows]
    there = sum(box.length for row in seen for box in row)
    if page.words is Words.ORDINARY and progress.read < FAIR_SHARE * there:
        return Page(words=Words.UNREAD, weight=0.0)
    return page


def _layout(picture: Image.Image, lines: Sequence[Box], reader: Reader) -> Layout:
    angle = _usual_angle(lines)
    turned = _is_turned(picture, lines, reader, on_its_side=angle > pi / 4)
    rows = list(_rows(lines, angle + (pi if turned else 0.0)))
    return Layout(rows=tuple(_most_telling_first(rows)), turned=turned)


def _usual_angle(lines: Sequence[Box]) -> float:
    """Of the line at which half of all text, by length, is passed."""
    half = sum(box.length for box in lines) / 2
    for box in sorted(lines, key=lambda box: box.angle):
        half -= box.length
        if half <= 0:
            return box.angle
    return 0.0


def _is_turned(picture: Image.Image, lines: Sequence[Box], reader: Reader, *, on_its_side: bool) -> bool:
    """Upside down, or on its side with the head to the left."""
    samples = sorted(lines, key=lambda box: box.length, reverse=True)[:SAMPLES]
    sure = [_sureness(reader.read(picture, box)) for box in samples]
    if not on_its_side and median(sure) >= LEGIBLE:
        return False
    return sum(_sureness(reader.read(picture, box, turned=True)) for box in samples) > sum(sure)


def _sureness(reading: Reading) -> float:
    """A long line that is read as one or two letters was read the wrong way up."""
    return reading.sure if len(reading.text) > 2 else 0.0


def _rows(lines: Sequence[Box], angle: float) -> Iterator[tuple[Box, ...]]:
    """Boxes that stand beside one another, left to right; rows from the top."""

    def down(box: Box) -> float:
        return box.y * cos(angle) - box.x * sin(angle)

    def right(box: Box) -> float:
        return box.x * cos(angle) + box.y * sin(angle)

    row: list[Box] = []
    for box in sorted(lines, key=down):
        if row and down(box) - down(row[-1]) > min(box.height, row[-1].height) / 2:
            yield tuple(sorted(row, key=right))
            row = []
        row.append(box)
    yield tuple(sorted(row, key=right))


def _most_telling_first(rows: Sequence[tuple[Box, ...]]) -> list[tuple[Box, ...]]:
    usual = median(box.height for row in rows for box in row)

    def place(number: int) -> float:
        if number and number == len(rows) - 1:
            return FOOT
        taller = max(box.height for box in rows[number]) / usual - 1
        return number / len(rows) - HEADING * min(1.0, max(0.0, taller))

    return [rows[number] for number in sorted(range(len(rows)), key=place)]
