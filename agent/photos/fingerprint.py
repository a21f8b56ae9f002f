"""What copies of a picture have in common, taken from its pixels. Runs in the worker only."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from PIL import Image

from agent.photos.borders import inner
from agent.photos.copies import COARSE, FINE
from agent.photos.image import Fingerprint

Floats = np.ndarray[Any, np.dtype[np.float64]]
"""Brightness 0..255 where nothing else is said."""

LONGER_PX = 512
"""What is larger is made so small first: bars are then still found to half a percent."""
SIDE = 128
"""The picture is squashed to a square of so many pixels: a turned one is then the same square, turned."""
WAVES = 12
LOCAL_PX = 12
"""Contrasts are made even over twice as many pixels."""
CALM = 4.0
"""Grey levels: contrasts below are noise of the camera or of compression, and stay small."""
TONES_PX = 80
"""Side of the square that tones are taken from."""
REGIONS = ((0, 0, 80), *((down, across, 66) for down in (0, 7, 14) for across in (0, 7, 14)))
"""Top, left and side of each, in that square: a part of the picture has the tones of the nearest of them."""
INSIDE = (REGIONS[0], REGIONS[5])
"""The same inside the borders: the whole and the middle."""
FAINT = 0.004
"""A wave that is weaker, once contrasts are even, has no sign to rely on."""
FEWEST_WAVES = 40
"""Of 144. Shades from one side to the other and the noise of a camera make some that stand out."""
SIZES = ((0.95, 3), (0.9, 4), (0.85, 5), (0.8, 7))
"""Windows: share of the side, and how many positions down and across."""
ANGLES = (-5.0, -2.5, 2.5, 5.0)
ANGLED = (1.0, 0.95, 0.9, 0.85)
"""Shares of the side of the windows in the middle of the picture turned by each angle."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Windows:
    """Where the hashes are taken from a square."""

    waves: Floats
    """(spans, WAVES, SIDE): what to multiply a column with to get each wave of it within each span."""
    down: tuple[int, ...]
    across: tuple[int, ...]
    """Of each window, its spans."""


def fingerprint(image: Image.Image, embedding: bytes) -> Fingerprint:
    """Of an upright RGB picture. No hashes for one that shows too little to tell it from others."""
    small = image.copy()
    small.thumbnail((LONGER_PX, LONGER_PX), Image.Resampling.BOX)
    if not _tells(_square(small)):
        return Fingerprint(hashes=(), embedding=embedding)
    inside = inner(small)
    if not _tells(_square(inside)):
        inside = small
    hashes = [*_asked(small), *_asked(inside), *_others(small)]
    tones = [*_tones(small, REGIONS), *_tones(inside, INSIDE)]
    return Fingerprint(hashes=(*tones, *hashes), embedding=embedding)


def _asked(image: Image.Image) -> list[int]:
    return _hashes(_square(image), asked_windows())


def _others(image: Image.Image) -> list[int]:
    """Parts of it, and of it turned a little."""
    hashes = _hashes(_square(image), straight_windows())
    for angle in ANGLES:
        hashes += _hashes(_square(image.rotate(angle, Image.Resampling.BILINEAR)), middle_windows())
    return hashes


@cache
def asked_windows() -> Windows:
    """The whole, and its middle, which the corners of a turned picture do not reach."""
    return _windows([(0, 1), (0.075, 0.925)], [(0, 0), (1, 1)])


@cache
def straight_windows() -> Windows:
    """All positions of all sizes."""
    spans: list[tuple[float, float]] = []
    places: list[tuple[int, int]] = []
    for share, steps in SIZES:
        first = len(spans)
        spans += [(start, start + share) for start in np.linspace(0, 1 - share, steps)]
        places += [(first + down, first + across) for down in range(steps) for across in range(steps)]
    return _windows(spans, places)


@cache
def middle_windows() -> Windows:
    """What is left of a picture that was turned a little and cut straight."""
    spans = [((1 - share) / 2, (1 + share) / 2) for share in ANGLED]
    return _windows(spans, [(place, place) for place in range(len(spans))])


def _windows(spans: list[tuple[float, float]], places: list[tuple[int, int]]) -> Windows:
    return Windows(
        waves=np.stack([_waves(*span) for span in spans]),
        down=tuple(down for down, _ in places),
        across=tuple(across for _, across in places),
    )


def _waves(start: float, end: float) -> Floats:
    """(WAVES, SIDE): cosines over part of the side; pixels that lie half in it count half."""
    edges = np.arange(SIDE + 1) / SIDE
    covered = np.clip(np.minimum(edges[1:], end) - np.maximum(edges[:-1], start), 0, None)
    along = ((edges[1:] + edges[:-1]) / 2 - start) / (end - start)
    waves: Floats = np.cos(np.pi * np.arange(WAVES)[:, None] * along) * covered / covered.sum()
    waves[1:] *= np.sqrt(2)
    return waves


def _square(image: Image.Image) -> Floats:
    return np.asarray(image.convert("L").resize((SIDE, SIDE), Image.Resampling.BOX), np.float64)


def _tells(square: Floats) -> bool:
    whole = _waves(0, 1)
    strong: int = (np.abs(whole @ _even(square) @ whole.T) > FAINT).sum()
    return strong >= FEWEST_WAVES


def _hashes(square: Floats, windows: Windows) -> list[int]:
    """Two of each window."""
    coarse = _signs(square, windows, COARSE)
    fine = _signs(_even(square), windows, FINE)
    return [one for pair in zip(coarse, fine, strict=True) for one in pair]


def _signs(square: Floats, windows: Windows, order: tuple[tuple[int, int], ...]) -> list[int]:
    rows = windows.waves.reshape(-1, SIDE)
    count = len(windows.waves)
    blocks = (rows @ square @ rows.T).reshape(count, WAVES, count, WAVES)
    picked = blocks[windows.down, :, windows.across, :]
    down, across = np.array(order).T
    bits = np.zeros((len(picked), 64), np.uint8)
    bits[:, : len(order)] = picked[:, down, across] > 0
    packed = np.packbits(bits, axis=1, bitorder="little")
    return [int.from_bytes(one.tobytes(), "little") for one in packed]


def _even(square: Floats) -> Floats:
    """The square with light and shade taken out and contrasts alike everywhere, so that a dark table around a page
    does not outweigh what is written on it."""
    details = square - _blurred(square)
    contrast: Floats = np.sqrt(np.maximum(_blurred(details**2), 0))  # sums of sums leave a hair below nothing
    even: Floats = details / (contrast + CALM)
    return even


def _blurred(square: Floats) -> Floats:
    """Twice the mean of the neighbourhood."""
    return _means(_means(square))


def _means(square: Floats) -> Floats:
    width = 2 * LOCAL_PX + 1
    sums = np.pad(np.pad(square, LOCAL_PX, mode="edge"), ((1, 0), (1, 0))).cumsum(0).cumsum(1)
    boxes: Floats = sums[width:, width:] - sums[:-width, width:] - sums[width:, :-width] + sums[:-width, :-width]
    return boxes / width**2


def _tones(image: Image.Image, regions: Sequence[tuple[int, int, int]]) -> list[int]:
    """Six bytes each: means of brightness and of both colours, then their spread."""
    colours = np.asarray(image.convert("YCbCr").resize((TONES_PX, TONES_PX), Image.Resampling.BOX), np.float64)
    found = []
    for top, left, side in regions:
        part = colours[top : top + side, left : left + side].reshape(-1, 3)
        tones = np.concatenate([part.mean(axis=0), part.std(axis=0)]).round().astype(np.uint8)
        found.append(int.from_bytes(tones.tobytes(), "little"))
    return found
