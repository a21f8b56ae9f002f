"""Renders the first pages of a PDF."""

import math
from collections.abc import Iterator
from typing import cast

import pypdfium2
from PIL import Image

from agent.photos.image import Source, Unread, Unreadable
from agent.photos.readers.pixels import finished

PAGES = 3
MOST_PIXELS = 16_000_000
LONGEST = 8000
MOST_BYTES = 512 << 20
PASSWORD, UNKNOWN_LOCK = 4, 5
"""PDFium's own numbers for a document that asks for a password, and one that is locked in a way it does not know."""


def views(source: Source, at_least: int) -> Iterator[Image.Image]:
    """Raises NO_READER for a document that is encrypted."""
    if source.size > MOST_BYTES:
        raise Unreadable(Unread.TOO_LARGE)
    with _opened(source) as document:
        for number in range(min(PAGES, len(document))):
            page = document[number]
            width, height = page.get_size()
            image = page.render(scale=_scale(width, height, at_least), may_draw_forms=False).to_pil()
            yield finished(cast(Image.Image, image), 1, at_least)


def _opened(source: Source) -> pypdfium2.PdfDocument:
    try:
        return pypdfium2.PdfDocument(source.whole())
    except pypdfium2.PdfiumError as fault:
        locked = fault.err_code in {PASSWORD, UNKNOWN_LOCK}
        raise Unreadable(Unread.NO_READER if locked else Unread.BROKEN) from fault


def _scale(width: float, height: float, at_least: int) -> float:
    """Pages may claim any size: 0.1 mm, or 5 km by 1 mm."""
    shorter, longer = sorted((max(width, 1.0), max(height, 1.0)))
    scale = min(at_least / shorter, LONGEST / longer)
    return min(scale, math.sqrt(MOST_PIXELS / (shorter * longer)))
