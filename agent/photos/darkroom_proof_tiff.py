"""Reads a stripped TIFF a second time: fields that draw, numbers only, and no byte that none of them points to."""

import struct

from agent.photos.darkroom_proof import must

DRAWING = frozenset({
    254, 256, 257, 258, 259, 262, 266, 273, 277, 278, 279, 282, 283, 284, 296, 317, 320, 322, 323, 324, 325, 332,
    338, 339, 530, 532,
})  # fmt: skip
"""Sides, bits, packing, strips, colours. No text, no profile, no folder within."""
SIZES = {1: 1, 3: 2, 4: 4, 5: 8}
"""Bytes of one value; of all other types is no field that draws."""
STRIPS = ((273, 279), (324, 325))
MOST_FOLDERS = 256
MOST_GAP = 16
"""Bytes between what is pointed to: zeros, or the start of a file, with which a writer begins each page."""
Span = tuple[int, int]


def tiff(raw: bytes) -> None:
    """Raises NotEmpty."""
    must(raw[:4] in {b"II*\0", b"MM\0*"})
    order = "<" if raw[:2] == b"II" else ">"
    spans: list[Span] = [(0, 8)]
    at = _numbers(raw, order, "I", 4, 1)[0]
    for _ in range(MOST_FOLDERS):
        at = _folder(raw, order, at, spans)
        if not at:
            _covered(raw, spans)
            return
    must(False)


def _folder(raw: bytes, order: str, at: int, spans: list[Span]) -> int:
    """Where the next one lies."""
    count = _numbers(raw, order, "H", at, 1)[0]
    end = at + 2 + 12 * count
    spans.append((at, end + 4))
    strips: dict[int, tuple[int, ...]] = {}
    for row in range(at + 2, end, 12):
        tag, kind = _numbers(raw, order, "H", row, 2)
        many = _numbers(raw, order, "I", row + 4, 1)[0]
        must(tag in DRAWING and kind in SIZES)
        size, place = SIZES[kind] * many, row + 8
        if size > 4:
            place = _numbers(raw, order, "I", row + 8, 1)[0]
            spans.append((place, place + size))
        if any(tag in pair for pair in STRIPS):
            strips[tag] = _numbers(raw, order, "H" if kind == 3 else "I", place, many)
    for starts, lengths in STRIPS:
        pairs = zip(strips.get(starts, ()), strips.get(lengths, ()), strict=True)
        spans += [(start, start + length) for start, length in pairs]
    return _numbers(raw, order, "I", end, 1)[0]


def _covered(raw: bytes, spans: list[Span]) -> None:
    """What lies between two of them is the padding of a writer, or hidden."""
    done = 0
    for start, end in [*sorted(spans), (len(raw), len(raw))]:
        must(end <= len(raw) and start <= end)
        if start > done:
            between = raw[done:start].strip(b"\0")
            must(start - done <= MOST_GAP and (not between or between[:3] == raw[:3]))
        done = max(done, end)


def _numbers(raw: bytes, order: str, code: str, at: int, many: int) -> tuple[int, ...]:
    form = struct.Struct(f"{order}{many}{code}")
    must(at >= 0 and at + form.size <= len(raw))
    return form.unpack_from(raw, at)
