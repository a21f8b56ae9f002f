"""Whatever the person set apart, each picture is in one group, and none of them holds two that are apart."""

from hypothesis import given, settings
from hypothesis import strategies as st
from test_copies import differing, joined, mark, picture, some_hashes

from agent.photos.copies import groups

kinds = st.integers(1, 4).flatmap(lambda seed: st.integers(0, 40).map(lambda bits: (seed, bits)))


def both_ways(*pairs: tuple[int, int]) -> dict[int, frozenset[int]]:
    found: dict[int, set[int]] = {}
    for one, other in pairs:
        found.setdefault(one, set()).add(other)
        found.setdefault(other, set()).add(one)
    return {one: frozenset(others) for one, others in found.items()}


@settings(deadline=None, max_examples=60)
@given(drawn=st.lists(kinds, min_size=2, max_size=9), data=st.data())
def test_groups_are_a_division_and_hold_no_pair(drawn: list[tuple[int, int]], data: st.DataObject) -> None:
    prints = [differing(bits, place=seed - 1, seed=seed) for seed, bits in drawn]
    place = st.integers(0, len(prints) - 1)
    pairs = data.draw(st.lists(st.tuples(place, place).filter(lambda pair: pair[0] != pair[1]), max_size=12))
    found = groups(prints, both_ways(*pairs))
    assert sorted(place for one in found for place in one) == list(range(len(prints)))
    assert not [pair for pair in pairs if any({*pair} <= {*one} for one in found)]
    assert groups(prints, both_ways(*pairs)) == found
    assert all(one == sorted(one) for one in found)


@settings(deadline=None, max_examples=60)
@given(
    drawn=st.lists(st.sampled_from([(1, 0), (1, 9), (1, 20), (2, 0)]), min_size=2, max_size=10),
    pairs=st.sets(st.sampled_from([((1, 0), (1, 9)), ((1, 0), (1, 20)), ((1, 9), (1, 20))])),
)
def test_the_same_contents_stay_together_whatever_is_set_apart(
    drawn: list[tuple[int, int]], pairs: set[tuple[tuple[int, int], tuple[int, int]]]
) -> None:
    prints = [differing(bits, seed=seed) for seed, bits in drawn]
    torn = [
        (one, other)
        for one, kind in enumerate(drawn)
        for other, another in enumerate(drawn)
        if (kind, another) in pairs
    ]
    for group in groups(prints, both_ways(*torn)):
        for one in group:
            assert {place for place, kind in enumerate(drawn) if kind == drawn[one]} <= {*group}


def test_what_is_linked_to_both_goes_with_the_larger_part_in_whatever_order() -> None:
    one = picture(1)
    assert groups([one, one, one, one], both_ways((0, 1), (0, 2))) == [[0], [1, 2, 3]]
    assert groups([one, one, one, one], both_ways((3, 1), (3, 2))) == [[0, 1, 2], [3]]


def test_what_is_linked_to_both_goes_with_the_one_that_it_has_most_links_to() -> None:
    """A small part that is like two cuts of one picture, and like nothing of the other."""
    hashes = some_hashes(1)
    cuts = [mark([*hashes[:22], *some_hashes(9)[:2]]), mark([*hashes[:22], *some_hashes(9)[:2]])]
    small = mark([*some_hashes(9)[:2], *some_hashes(10)])
    whole = mark(hashes)
    assert groups([whole, whole, whole, *cuts, small]) == [[0, 1, 2, 3, 4, 5]]
    torn = both_ways(*((one, other) for one in (0, 1, 2) for other in (3, 4)))
    assert groups([whole, whole, whole, *cuts, small], torn) == [[0, 1, 2], [3, 4, 5]]


def test_what_was_set_apart_goes_with_its_own_copies() -> None:
    """A collage is like both of its pictures, and was taken for a copy of the first."""
    prints = [picture(1), picture(1), picture(1), joined(1, 2), picture(2), picture(2)]
    assert groups(prints) == [[0, 1, 2, 3], [4, 5]]
    assert groups(prints, both_ways((3, 0), (3, 1), (3, 2))) == [[0, 1, 2], [3, 4, 5]]


def test_the_same_contents_stay_together_though_the_one_has_more_links_elsewhere() -> None:
    a, c, y, z = (differing(bits) for bits in (0, 5, 9, 14))
    torn = both_ways((0, 6), (5, 6), (1, 2), (1, 3), (1, 4))
    assert groups([a, c, y, y, y, a, z], torn) == [[0, 1, 5], [2, 3, 4, 6]]


def test_pairs_of_what_is_not_there_or_not_alike_change_nothing() -> None:
    prints = [picture(1), picture(1), picture(2)]
    assert groups(prints, both_ways((0, 2), (0, 77))) == groups(prints) == [[0, 1], [2]]
