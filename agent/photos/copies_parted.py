"""What of a group of copies stays together where the person said that some of them are another picture."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from types import MappingProxyType

from agent.photos.image import Fingerprint

Apart = Mapping[int, frozenset[int]]
"""By place, the places that are another picture; both ways."""
NOTHING: Apart = MappingProxyType({})
NONE: frozenset[int] = frozenset()


def parted(
    group: Sequence[int], near: Mapping[int, Collection[int]], apart: Apart, prints: Sequence[Fingerprint]
) -> list[list[int]]:
    """The group in parts that hold no two places that are apart, each place once and in order.

    `near`: by place, those that it is linked to. Whoever could go with several goes with those that it has most links
    to, else with the larger part.
    """
    if not any(one in apart for one in group):
        return [list(group)]
    meant = set(group)
    torn = [one for one in group if not meant.isdisjoint(apart.get(one, NONE))]
    parts: list[list[int]] = []
    for one in _alike_in_a_row(torn, prints):
        _seat(one, parts, near, [part for part in parts if _may_join(one, part, near, apart)])
    for one in _alike_in_a_row(sorted(meant.difference(torn)), prints):
        _seat(one, parts, near, parts)
    return [sorted(one) for one in parts]


def _seat(one: int, parts: list[list[int]], near: Mapping[int, Collection[int]], free: Sequence[list[int]]) -> None:
    """Into the best of the parts that are free to it, or one of its own."""
    if free:
        max(free, key=lambda part: (_links(one, part, near), len(part))).append(one)
    else:
        parts.append([one])


def _may_join(one: int, part: Sequence[int], near: Mapping[int, Collection[int]], apart: Apart) -> bool:
    return apart.get(one, NONE).isdisjoint(part) and _links(one, part, near) > 0


def _links(one: int, part: Iterable[int], near: Mapping[int, Collection[int]]) -> int:
    others = near.get(one, ())
    return sum(other in others for other in part)


def _alike_in_a_row(places: Iterable[int], prints: Sequence[Fingerprint]) -> list[int]:
    """In order, but those of one look behind one another: so the same contents, which have the same links, go the
    same way.
    """
    rows: dict[Fingerprint, list[int]] = {}
    for one in places:
        rows.setdefault(prints[one], []).append(one)
    return [one for row in rows.values() for one in row]
