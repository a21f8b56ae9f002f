"""Where lines of text stand: from the detector's map of likely text to upright or tilted boxes. Worker only.

The map is cut into runs along its rows, runs that touch become one blob, and each blob becomes the rectangle along
its own main axis. Done with numpy alone: a vision library would cost more memory than the reader has.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import atan2, cos, pi, sin
from typing import Any

import numpy as np

Floats = np.ndarray[Any, np.dtype[np.float32]]
Exact = np.ndarray[Any, np.dtype[np.float64]]
Ints = np.ndarray[Any, np.dtype[np.int64]]

LIKELY = 0.3
"""From this probability on a pixel belongs to text."""
SURE = 0.5
"""Mean probability of a blob that counts."""
GROW = 1.6
"""The detector paints only the middle of a line; its outline lies so many times area / circumference outside."""
MANY = 600
"""Boxes of one page; of more, the largest count."""
SLENDER = 2.5
"""Length by height from which a blob's own axis is to be trusted; shorter words lie as the rest of the page does."""
MIN_PX = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A line of text; all in parts of the picture's longer side."""

    x: float
    y: float
    """Its middle."""
    length: float
    """Along its main axis."""
    height: float
    angle: float
    """Of the main axis, in radians, clockwise from the x axis: between -pi/4 and 3 pi/4."""

    @property
    def upright(self) -> bool:
        """Its letters stand above one another, or the page lies on its side."""
        return self.angle > pi / 4


def boxes(likely: Floats) -> list[Box]:
    """The lines in a map of probabilities (rows, columns)."""
    row, begin, end = _runs(likely > LIKELY)
    if not len(row):
        return []
    blob = _joined(row, begin, end)
    return _boxed(likely, row, begin, end, blob)


def _runs(mask: np.ndarray[Any, np.dtype[np.bool_]]) -> tuple[Ints, Ints, Ints]:
    """Row, first column and column past the last of each unbroken stretch."""
    edge = np.diff(np.pad(mask.astype(np.int8), ((0, 0), (1, 1))), axis=1)
    row, begin = np.nonzero(edge == 1)
    _, end = np.nonzero(edge == -1)
    return row.astype(np.int64), begin.astype(np.int64), end.astype(np.int64)


def _joined(row: Ints, begin: Ints, end: Ints) -> Ints:
    """The number of each run's blob: runs of neighbouring rows that overlap belong together."""
    parent = list(range(len(row)))

    def root(one: int) -> int:
        while parent[one] != one:
            parent[one] = parent[parent[one]]
            one = parent[one]
        return one

    first, last = _below(row, begin, end)
    for above, (low, high) in enumerate(zip(first.tolist(), last.tolist(), strict=True)):
        for below in range(low, high):
            parent[root(below)] = root(above)
    return np.unique([root(one) for one in range(len(row))], return_inverse=True)[1].astype(np.int64)


def _below(row: Ints, begin: Ints, end: Ints) -> tuple[Ints, Ints]:
    """For each run the slice of runs in the next row that touch it; runs lie in reading order."""
    wide = int(end.max()) + 2
    first = np.searchsorted(row * wide + end, (row + 1) * wide + begin, side="left")
    last = np.searchsorted(row * wide + begin, (row + 1) * wide + end, side="right")
    return first, last


def _boxed(likely: Floats, row: Ints, begin: Ints, end: Ints, blob: Ints) -> list[Box]:
    count = int(blob.max()) + 1
    size = np.bincount(blob, end - begin, count)
    before = np.pad(np.cumsum(likely, axis=1, dtype=np.float64), ((0, 0), (1, 0)))
    sure = np.bincount(blob, before[row, end] - before[row, begin], count) / size
    kept = np.nonzero((sure >= SURE) & (size >= MIN_PX * MIN_PX))[0]
    kept = kept[np.argsort(size[kept])[::-1][:MANY]]
    order = np.argsort(blob, kind="stable")
    bounds = np.searchsorted(blob[order], np.arange(count + 1))
    members = [order[bounds[one] : bounds[one + 1]] for one in kept]
    shapes = [_corners(row[one], begin[one], end[one]) for one in members]
    return _fitted(shapes, longer=max(likely.shape))


def _corners(row: Ints, begin: Ints, end: Ints) -> Exact:
    """The corners (n, 2) of a blob's runs, x and y."""
    x = np.concatenate([begin, end, begin, end]).astype(np.float64)
    y = np.concatenate([row, row, row + 1, row + 1]).astype(np.float64)
    return np.stack([x, y], axis=1)


def _fitted(shapes: Sequence[Exact], *, longer: int) -> list[Box]:
    axes = [_axis(shape) for shape in shapes]
    slender = [(angle, length) for angle, length, ratio in axes if ratio >= SLENDER]
    common = _usual(slender)
    found = (
        _box(shape, angle if ratio >= SLENDER else common, longer)
        for shape, (angle, _, ratio) in zip(shapes, axes, strict=True)
    )
    return [box for box in found if box is not None]


def _axis(shape: Exact) -> tuple[float, float, float]:
    """Angle of the main axis, length along it, and length by height."""
    centred = shape - shape.mean(axis=0)
    xx, yy = float((centred[:, 0] ** 2).mean()), float((centred[:, 1] ** 2).mean())
    xy = float((centred[:, 0] * centred[:, 1]).mean())
    angle = _half_turn(atan2(2 * xy, xx - yy) / 2)
    along = np.ptp(centred @ (cos(angle), sin(angle)))
    across = np.ptp(centred @ (-sin(angle), cos(angle)))
    return angle, float(along), float(along / max(across, 1.0))


def _half_turn(angle: float) -> float:
    """A line has no head: its angle lies between -pi/4 and 3 pi/4."""
    return (angle + pi / 4) % pi - pi / 4


def _usual(slender: Sequence[tuple[float, float]]) -> float:
    """The middle angle, by length; 0 where no line is long enough to have one."""
    half = sum(length for _, length in slender) / 2
    for angle, length in sorted(slender):
        half -= length
        if half <= 0:
            return angle
    return 0.0


def _box(shape: Exact, angle: float, longer: int) -> Box | None:
    along, across = shape @ (cos(angle), sin(angle)), shape @ (-sin(angle), cos(angle))
    length, height = float(np.ptp(along)), float(np.ptp(across))
    if min(length, height) < MIN_PX:
        return None
    grown = length * height * GROW / (length + height)
    u, v = float(along.min() + along.max()) / 2, float(across.min() + across.max()) / 2
    return Box(
        x=(u * cos(angle) - v * sin(angle)) / longer,
        y=(u * sin(angle) + v * cos(angle)) / longer,
        length=(length + grown) / longer,
        height=(height + grown) / longer,
        angle=angle,
    )
