"""Which pictures are copies of one another, by their fingerprints alone: smaller, turned, cut, on a screenshot.

The hashes of a fingerprint are, in this order: the tones of REGIONS parts of the picture, then two hashes for each
window. The first ASKED windows are looked for in other pictures, in four turns: the whole, its middle, and the same of
what lies inside the borders; a copy is mostly the whole of something that is whole or larger elsewhere. Then come the
windows in which others are found: parts, and parts of the picture turned a little.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from operator import add, itemgetter, mul

from agent.photos.copies_parted import NOTHING, Apart, parted
from agent.photos.image import EMBEDDING, Fingerprint

Wave = tuple[int, int]
"""Half waves down and across the window."""

COARSE: tuple[Wave, ...] = tuple((down, across) for down in range(8) for across in range(8) if down or across)
"""Bit 0 first: the sign of each wave in the brightness of the window. The large forms of the picture."""
FINE: tuple[Wave, ...] = tuple(
    (down, across)
    for down in range(12)
    for across in range(12)
    if max(down, across) >= 8 and down + across <= 16  # with (down, across) also (across, down): turns stay inside
)
"""Bit 0 first: the same of faster waves, after contrasts were made even: lines of text, marks on the skin."""
BITS = 64 + len(FINE)
"""Of a window: the fine hash above the coarse one."""
MEANT = (1 << BITS) - 1
REGIONS = 12
"""The whole, nine parts of it in rows, the inside of the borders, and the middle of that."""
ASKED_REGIONS = (0, 5, 10, 11)
"""The regions that are the asked windows."""
ASKED = len(ASKED_REGIONS)
"""So many windows come first and are looked for in other pictures."""
Tones = tuple[int, ...]
"""Of 256: mean brightness and both colours, then how far each is spread."""
APART = (9, 4, 4, 9, 4, 4)
"""So far the tones of a copy may lie from those of some region of the other."""
Cell = tuple[int, ...]
LANE = 16
"""Bits for a tone where many are compared at once: room for a sign."""
NEAR_BITS = 24
"""Of the 122 bits of a window, so many may differ between copies. See packaging/bench/copies.py."""
NEAR_BITS_OF_PAPER = 16
"""White pages share margins and lines, so that fewer bits are left to tell one letter from the next."""
PAPER_BRIGHT = 185
PAPER_COLOURS = 4
"""From this mean brightness on, and with colours no further spread, a picture is a white page."""
HOPEFUL_BITS = 42
"""A window that lies a little beside differs by no more; where no sifting window comes so near, none fits."""
ALIKE = 0.4
"""The cosine of two embeddings below which the network sees two different things."""
SURELY_ALIKE = 0.7
SURELY_NEAR_BITS = 16
"""Of pictures that were only made smaller, encoded anew or turned, 96 in 100 are as near; of wrong links few."""
SIFTING = (0, 1, 2, 3, 13, 16, 25, 28, 54, 57, 60, 75, 78, 81, 96, 99, 102, 103, 106, 107, 110, 111, 114, 115, 118)
"""Windows spread over all positions, sizes and angles, in the order of fingerprint.py."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Print:
    """A fingerprint made ready to be compared."""

    asked: tuple[tuple[int, tuple[int, ...]], ...]
    """Tones and the four turns of each; the tones in lanes, as often as there are regions."""
    regions: int
    """The tones of all regions in lanes."""
    whole: frozenset[Cell]
    parts: frozenset[Cell]
    """Cells of the asked windows, and of all regions."""
    paper: bool
    sifting: tuple[int, ...]
    windows: tuple[int, ...]
    embedding: tuple[int, ...]


def surely_linked(a: Fingerprint, b: Fingerprint) -> bool:
    """The same by bounds that two pages on one desk do not meet; copies that were cut may not, either."""
    one, other = _ready(a), _ready(b)
    if one is None or other is None or _likeness(one, other) < SURELY_ALIKE * 127 * 127:
        return False
    return _holds(one, other, SURELY_NEAR_BITS) or _holds(other, one, SURELY_NEAR_BITS)


def linked(a: Fingerprint, b: Fingerprint) -> bool:
    """These two are of one picture, as far as fingerprints tell. For many of them, Prints is faster."""
    prints = Prints()
    prints.add(a)
    return bool(prints.add(b))


class Prints:
    """Fingerprints, each compared with all that came before. Costs little for those of other colours."""

    def __init__(self) -> None:
        self._ready: list[_Print | None] = []
        self._asked: dict[Cell, set[int]] = defaultdict(set)
        self._regions: dict[Cell, set[int]] = defaultdict(set)

    def add(self, mark: Fingerprint) -> list[int]:
        """Places of the earlier ones that are linked to it: the first that was added has place 0."""
        one = _ready(mark)
        found = self._linked(one)
        self._take_in(one)
        return found

    def learn(self, mark: Fingerprint) -> None:
        """Add it without asking what it is linked to."""
        self._take_in(_ready(mark))

    def like(self, mark: Fingerprint) -> list[int]:
        """Ask without adding it."""
        return self._linked(_ready(mark))

    def _take_in(self, one: _Print | None) -> None:
        place = len(self._ready)
        self._ready.append(one)
        if one is not None:
            for index, cells in ((self._asked, one.whole), (self._regions, one.parts)):
                for cell in cells:
                    index[cell].add(place)

    def _linked(self, one: _Print | None) -> list[int]:
        if one is None:
            return []
        met = sorted(_met(self._regions, one.whole) | _met(self._asked, one.parts))
        return [other for other in met if (earlier := self._ready[other]) is not None and _same(one, earlier)]


def groups(prints: Sequence[Fingerprint], apart: Apart = NOTHING) -> list[list[int]]:
    """Places in `prints`, those of one picture together; each place once, in order.

    `apart`: by place, those that the person said are another picture: they are in no group with it.

    A group is one picture with those that are linked to it, and those linked to two of these. Chains make no groups,
    and where the links of a picture fall into two families it belongs to the larger: one wrong link joins nothing.
    """
    near: dict[int, set[int]] = defaultdict(set)
    known = Prints()
    for place, mark in enumerate(prints):
        for other in known.add(mark):
            if other not in apart.get(place, ()):
                near[place].add(other)
                near[other].add(place)
    seat: dict[int, int] = {}
    for first in sorted(range(len(prints)), key=lambda one: (-len(near[one]), one)):
        if first not in seat:
            seat[first] = first
            _gather(first, near, seat)
    found: dict[int, list[int]] = defaultdict(list)
    for place in range(len(prints)):
        found[seat[place]].append(place)
    return sorted(part for one in found.values() for part in parted(one, near, apart, prints))


def _gather(first: int, near: Mapping[int, set[int]], seat: dict[int, int]) -> None:
    """Seat all that belong to a group's first picture."""
    free = {one for one in near[first] if one not in seat}
    families = sorted(_families(free, near), key=lambda family: (-len(family), min(family)))
    inside = {
        first,
        *(one for place, family in enumerate(families) if place == 0 or len(family) == 1 for one in family),
    }
    links: dict[int, int] = defaultdict(int)
    for member in inside:
        seat[member] = first
        for other in near[member]:
            links[other] += 1
    for other, count in links.items():
        if count >= 2 and other not in seat:
            seat[other] = first


def _families(among: set[int], near: Mapping[int, set[int]]) -> Iterator[set[int]]:
    """Those that hang together by their links without the one that all of them are linked to."""
    left = set(among)
    while left:
        family = {left.pop()}
        fresh = set(family)
        while fresh:
            fresh = {other for one in fresh for other in near[one] & left}
            left -= fresh
            family |= fresh
        yield family


def _met(index: Mapping[Cell, set[int]], cells: frozenset[Cell]) -> set[int]:
    """All that lie in one of the cells, or beside one."""
    around = {tuple(map(add, cell, step)) for cell in cells for step in product((-1, 0, 1), repeat=3)}
    return set().union(*(index[cell] for cell in around if cell in index))


def _cell(tones: Tones) -> Cell:
    """By the three means: tones whose cells do not touch are not near."""
    return tuple(tone // apart for tone, apart in zip(tones[:3], APART[:3], strict=True))


def _same(one: _Print, other: _Print) -> bool:
    return _likeness(one, other) >= ALIKE * 127 * 127 and (_holds(one, other) or _holds(other, one))


def _likeness(one: _Print, other: _Print) -> int:
    return sum(map(mul, one.embedding, other.embedding))


def _holds(whole: _Print, part: _Print, near_bits: int = NEAR_BITS) -> bool:
    """`part` in one of its turns is a window of `whole`."""
    fitting = (turn for tones, turns in part.asked if _near(tones, whole.regions) for turn in turns)
    most = min(near_bits, NEAR_BITS_OF_PAPER) if whole.paper and part.paper else near_bits
    return any(_fits(turn, whole, most) for turn in fitting)


def _near(tones: int, regions: int) -> bool:
    """One asked window's tones against all regions at once: a lane keeps its sign where it is not too far apart."""
    within = (regions + _ROOM - tones) & (tones + _ROOM - regions) & _SIGNS
    pairs = within & within >> LANE
    return bool(pairs & pairs >> 2 * LANE & pairs >> 4 * LANE & _FIRST)


def _fits(window: int, whole: _Print, most: int) -> bool:
    differs = window.__xor__
    if min(map(int.bit_count, map(differs, whole.sifting))) > HOPEFUL_BITS:
        return False
    return min(map(int.bit_count, map(differs, whole.windows))) <= most


def _ready(mark: Fingerprint) -> _Print | None:
    """None where there are no hashes, as of an empty page, or they are of another form: nothing is linked to it."""
    hashes = mark.hashes[REGIONS:]
    if len(hashes) < 2 * ASKED or len(hashes) % 2 or len(mark.embedding) != EMBEDDING:
        return None
    pairs = zip(hashes[::2], hashes[1::2], strict=True)
    windows = tuple((fine << 64 | coarse) & MEANT for coarse, fine in pairs)
    tones = [tuple(one.to_bytes(8, "little")[: len(APART)]) for one in mark.hashes[:REGIONS]]
    asked = [tones[region] for region in ASKED_REGIONS]
    return _Print(
        asked=tuple(
            (_lanes(one * REGIONS), tuple(_turns(window)))
            for one, window in dict.fromkeys(zip(asked, windows[:ASKED], strict=True))
        ),
        regions=_lanes([tone for one in tones for tone in one]),
        whole=frozenset(map(_cell, asked)),
        parts=frozenset(map(_cell, tones)),
        paper=tones[0][0] >= PAPER_BRIGHT and max(tones[0][4:]) <= PAPER_COLOURS,
        sifting=tuple(windows[place] for place in SIFTING if place < len(windows)),
        windows=windows,
        embedding=tuple(byte - 256 if byte > 127 else byte for byte in mark.embedding),
    )


def _lanes(tones: Sequence[int]) -> int:
    return sum(tone << LANE * place for place, tone in enumerate(tones))


def _turns(window: int) -> Iterator[int]:
    """The hashes of one window, and of it turned by one, two and three quarters."""
    for _ in range(4):
        yield window
        window = int("".join(_TURN(f"{window:0{BITS}b}")), 2) ^ _FLIPS


def _sources() -> Iterator[int]:
    """For each digit of a turned window, from the first, the digit that it was before."""
    places = {wave: bit for bit, wave in enumerate(COARSE)} | {wave: 64 + bit for bit, wave in enumerate(FINE)}
    before = {bit: places[across, down] for (down, across), bit in places.items()}
    return (BITS - 1 - before.get(bit, bit) for bit in reversed(range(BITS)))


_TURN = itemgetter(*_sources())
_FLIPS = sum(1 << bit for bit, (down, _) in enumerate(COARSE) if down % 2) | sum(
    1 << 64 + bit for bit, (down, _) in enumerate(FINE) if down % 2
)
"""Odd waves change their sign when the picture is turned over."""
_SIGNS = _lanes([1 << LANE - 1] * len(APART) * REGIONS)
_ROOM = _SIGNS + _lanes(APART * REGIONS)
_FIRST = _lanes((1 << LANE - 1, 0, 0, 0, 0, 0) * REGIONS)
