"""Any stretch of a file: out of its head where it lies there, else out of the whole of it, within a budget."""

from collections.abc import Callable

from agent.photos.image import NeedsWhole, Source

BUDGET_BYTES = 4 << 20
"""So much is read beyond the head to learn what a file says of itself; no honest header needs a tenth of it."""
BLOCK = 4096

Fetch = Callable[[int, int], bytes]
"""Takes where to start and how many bytes; gives fewer where the file ends. Raises Garbled, NeedsWhole, Unreadable."""


class Garbled(ValueError):
    """The bytes break the rules of their own form."""


class Reach:
    """A Fetch over a source. Beyond the head it reads in blocks, for headers are walked in small steps."""

    def __init__(self, source: Source, *, beyond: bool = True) -> None:
        """Without `beyond` it stays in the head, whether or not the rest is at hand."""
        self._source = source
        self._beyond = beyond
        self._head = source.head()
        self._left = BUDGET_BYTES
        self._block = (0, b"")

    def __call__(self, offset: int, length: int) -> bytes:
        if offset < 0 or length < 0:
            raise Garbled
        end = offset + length
        if end <= len(self._head) or self._source.size <= len(self._head):
            return self._head[offset:end]
        if not self._beyond:
            raise NeedsWhole
        return self._far(offset, length)

    def _far(self, offset: int, length: int) -> bytes:
        start, block = self._block
        if not start <= offset <= offset + length <= start + len(block):
            if offset >= self._source.size:
                return b""
            start, block = self._block = offset, self._read(offset, max(length, BLOCK))
        return block[offset - start : offset - start + length]

    def _read(self, offset: int, length: int) -> bytes:
        if length > self._left:
            raise Garbled
        self._left -= length
        file = self._source.whole()
        file.seek(offset)
        return file.read(length)


def part(fetch: Fetch, start: int, length: int) -> Fetch:
    """The stretch of so many bytes from `start`, as if it were a file of its own."""

    def inner(offset: int, wanted: int) -> bytes:
        if offset < 0 or wanted < 0:
            raise Garbled
        return fetch(start + offset, max(0, min(wanted, length - offset)))

    return inner


def exactly(fetch: Fetch, offset: int, length: int) -> bytes:
    """All of them, or Garbled."""
    found = fetch(offset, length)
    if len(found) != length:
        raise Garbled
    return found
