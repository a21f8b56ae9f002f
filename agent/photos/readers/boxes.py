"""Walks the boxes of which HEIF, AVIF, CR3, MP4 and QuickTime files are made; never deeper than it is asked."""

from collections.abc import Iterator
from typing import NamedTuple

from agent.photos.readers.reach import Fetch, Garbled, exactly

BOXES = 512
"""On one level. A film for the web has a box for each second, but its description comes before them."""


class Box(NamedTuple):
    """One box: its four letters, where its body starts, and where it ends."""

    kind: bytes
    at: int
    end: int


def boxes(fetch: Fetch, at: int, end: int) -> Iterator[Box]:
    """Those from `at` to `end`. A box that claims more than its parent has is cut; one below 8 is Garbled."""
    for _ in range(BOXES):
        if end - at < 8:
            return
        start = fetch(at, 8)
        if len(start) < 8:
            return
        size, body = int.from_bytes(start[:4]), at + 8
        if size == 1:
            size, body = int.from_bytes(exactly(fetch, body, 8)), body + 8
        elif size == 0:
            size = end - at
        if size < body - at:
            raise Garbled
        yield Box(start[4:], body, min(at + size, end))
        at += size
    raise Garbled


def find(fetch: Fetch, at: int, end: int, *path: bytes) -> Box | None:
    """The first box at the end of such a path of names."""
    found = None
    for kind in path:
        found = next((box for box in boxes(fetch, at, end) if box.kind == kind), None)
        if found is None:
            return None
        at, end = found.at, found.end
    return found
