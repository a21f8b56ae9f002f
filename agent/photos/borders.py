"""What is left of a picture without the plain bars around it, as on a screenshot. Runs in the worker only."""

from typing import Any

import numpy as np
from PIL import Image

Pixels = np.ndarray[Any, np.dtype[np.uint8]]
Marks = np.ndarray[Any, np.dtype[np.bool_]]

PLAIN_STEPS = 6
"""Of 256, either side: what compression and a faint shade make of one colour."""
BAR = 0.6
"""A line of which so much has one colour belongs to a bar; the rest may be a clock, a name, a button."""
MOST_OF_IT = 0.7
"""One block must hold so much of all that is no bar, else there is no one picture and only the outer bars go."""
GAP = 0.02
"""Of the side: plain lines within a picture, such as a rule in a table, do not end it."""
SMALLEST_PX = 48


def inner(image: Image.Image) -> Image.Image:
    """All of it where no bar is found, or where too little would be left."""
    grey = np.asarray(image.convert("L"))
    across, down = _bars(grey), _bars(grey.T)
    top, bottom = _block(_busy(grey, across))
    # Once there are bars above and below, those beside have their colour: what else is plain belongs to the picture.
    beside = across if bottom - top < len(grey) else down
    left, right = _block(_busy(grey[top:bottom].T, beside))
    start, end = _block(_busy(grey[top:bottom, left:right], across))
    if min(end - start, right - left) < SMALLEST_PX:
        return image
    return image.crop((left, top + start, right, top + end))


def _bars(grey: Pixels) -> Pixels:
    """(2,): the colour of the first line and of the last."""
    colours: Pixels = np.median(grey[[0, -1]], axis=1).astype(np.uint8)
    return colours


def _busy(grey: Pixels, bars: Pixels) -> Marks:
    """(lines,): those that are no bar of these colours."""
    bar = [(np.abs(grey.astype(np.int16) - int(colour)) <= PLAIN_STEPS).mean(axis=1) >= BAR for colour in bars]
    busy: Marks = ~np.logical_or(*bar)
    return busy


def _block(busy: Marks) -> tuple[int, int]:
    """First line and the one behind the last of what is no bar; all lines where that cannot be said."""
    places = np.flatnonzero(busy)
    if not len(places):
        return 0, len(busy)
    breaks = np.flatnonzero(np.diff(places) > 1 + GAP * len(busy)) + 1
    runs = np.split(places, breaks)
    longest = max(runs, key=len)
    if len(longest) < MOST_OF_IT * len(places):
        longest = places
    return int(longest[0]), int(longest[-1]) + 1
