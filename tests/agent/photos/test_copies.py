"""Linking by fingerprints alone: what counts as near, in which turn, and who comes into one group."""

import random
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.photos.copies import (
    APART,
    ASKED,
    COARSE,
    FINE,
    NEAR_BITS,
    NEAR_BITS_OF_PAPER,
    REGIONS,
    Prints,
    groups,
    linked,
)
from agent.photos.image import EMBEDDING, Fingerprint

SEEN = bytes([13]) * EMBEDDING
"""An embedding of unit length."""
UNLIKE = bytes([13, 243]) * (EMBEDDING // 2)
WINDOWS = 12
"""The last is then the first of SIFTING behind those that are asked."""
GREY = 0x808080808080
WHITE = 0x040410_8080F0
POSTER = 0x050410_8080F0
"""As bright, and coloured."""
FLAT = (GREY,) * REGIONS


def some_hashes(seed: int) -> list[int]:
    """Coarse and fine by turns, of a few windows."""
    chance = random.Random(seed)
    return [chance.getrandbits(len(order)) for _ in range(WINDOWS) for order in (COARSE, FINE)]


def mark(hashes: list[int], tones: int = GREY, embedding: bytes = SEEN) -> Fingerprint:
    """Without borders around the picture: the first views are alike."""
    whole, middle, rest = hashes[:2], hashes[2:4], hashes[4:]
    return Fingerprint(hashes=(*[tones] * REGIONS, *whole, *middle, *whole, *middle, *rest), embedding=embedding)


def picture(seed: int) -> Fingerprint:
    return mark(some_hashes(seed))


def differing(bits: int, place: int = 0, seed: int = 1) -> Fingerprint:
    """Strange windows, but for the whole: it is one window of picture 1, with some bits changed."""
    hashes = some_hashes(seed + 100)
    hashes[:2] = some_hashes(1)[2 * place : 2 * place + 2]
    hashes[0] ^= (1 << min(bits, 40)) - 1
    hashes[1] ^= (1 << max(bits - 40, 0)) - 1
    return mark(hashes)


def turned(hashes: list[int]) -> list[int]:
    """A quarter turn, wave by wave: down and across change places, odd waves across change their sign."""
    found = []
    for place, one in enumerate(hashes):
        order = FINE if place % 2 else COARSE
        bits = {wave: one >> bit & 1 for bit, wave in enumerate(order)}
        found.append(sum((bits[across, down] ^ across % 2) << bit for bit, (down, across) in enumerate(order)))
    return found


def test_a_picture_is_linked_to_itself() -> None:
    assert linked(picture(1), picture(1))


def test_two_pictures_of_the_same_tones_are_not_linked() -> None:
    assert not linked(picture(1), picture(2))


@pytest.mark.parametrize(("bits", "near"), [(0, True), (NEAR_BITS, True), (NEAR_BITS + 1, False)])
def test_so_many_bits_may_differ_and_no_more(bits: int, near: bool) -> None:
    assert linked(picture(1), differing(bits)) is near
    assert linked(differing(bits), picture(1)) is near


@pytest.mark.parametrize(("tones", "most"), [(WHITE, NEAR_BITS_OF_PAPER), (GREY, NEAR_BITS), (POSTER, NEAR_BITS)])
def test_white_pages_must_be_nearer(tones: int, most: int) -> None:
    def toned(one: Fingerprint) -> Fingerprint:
        return Fingerprint(hashes=(*[tones] * REGIONS, *one.hashes[REGIONS:]), embedding=SEEN)

    assert linked(toned(picture(1)), toned(differing(most)))
    assert not linked(toned(picture(1)), toned(differing(most + 1)))


def test_a_part_is_linked_to_the_whole_whichever_comes_first() -> None:
    part = differing(2, place=1)
    assert linked(picture(1), part)
    assert linked(part, picture(1))


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_turned_picture_is_linked(quarters: int) -> None:
    hashes = some_hashes(1)
    for _ in range(quarters):
        hashes = turned(hashes)
    assert linked(picture(1), mark(hashes))


def test_a_quarter_turn_is_none_of_the_picture_mirrored() -> None:
    """A mirrored picture shows the other side of the body; it is not taken for a copy."""
    mirrored = [
        one ^ sum((across % 2) << bit for bit, (_, across) in enumerate(FINE if place % 2 else COARSE))
        for place, one in enumerate(some_hashes(1))
    ]
    assert not linked(picture(1), mark(mirrored))


@pytest.mark.parametrize("more", [0, 1])
@pytest.mark.parametrize("byte", range(6))
def test_other_tones_are_another_picture(byte: int, more: int) -> None:
    other = mark(some_hashes(1), tones=GREY + (APART[byte] + more << 8 * byte))
    assert linked(picture(1), other) is (more == 0)
    assert (len(groups([picture(1), other])) == 1) is (more == 0)


def test_the_tones_of_one_region_are_enough() -> None:
    """A part of a picture need not have the colours of the whole."""
    whole = Fingerprint(hashes=(*[0] * 7, GREY, *[0] * (REGIONS - 8), *picture(1).hashes[REGIONS:]), embedding=SEEN)
    assert linked(whole, picture(1))
    assert groups([whole, picture(1)]) == groups([picture(1), whole]) == [[0, 1]]


def test_what_the_network_takes_for_another_thing_is_not_linked() -> None:
    assert not linked(picture(1), mark(some_hashes(1), embedding=UNLIKE))


@pytest.mark.parametrize(
    "odd",
    [
        Fingerprint(hashes=(), embedding=SEEN),
        Fingerprint(hashes=(GREY,), embedding=SEEN),
        Fingerprint(hashes=FLAT, embedding=SEEN),
        Fingerprint(hashes=(*FLAT, *range(2 * ASKED - 2)), embedding=SEEN),
        Fingerprint(hashes=(*FLAT, *range(2 * ASKED + 1)), embedding=SEEN),
        Fingerprint(hashes=(*FLAT, *some_hashes(1)), embedding=b""),
        Fingerprint(hashes=(*FLAT, *some_hashes(1)), embedding=SEEN + bytes(1)),
    ],
)
def test_a_mark_of_another_form_is_linked_to_nothing_not_even_itself(odd: Fingerprint) -> None:
    assert not linked(odd, odd)
    assert groups([odd, picture(1), odd]) == [[0], [1], [2]]


def test_groups_hold_every_place_once_in_order() -> None:
    first, second = picture(1), picture(2)
    assert groups([first, second, differing(3), second, picture(3)]) == [[0, 2], [1, 3], [4]]


def test_no_pictures_make_no_groups() -> None:
    assert groups([]) == []


def joined(one: int, other: int) -> Fingerprint:
    """Looks like one picture as a whole, and holds another, as a collage does: it is linked to both."""
    hashes = some_hashes(one)
    hashes[-2:] = some_hashes(other)[:2]
    return mark(hashes)


def test_one_wrong_link_joins_no_two_groups() -> None:
    left, right = [picture(1)] * 3, [picture(2)] * 3
    found = groups([*left, joined(1, 2), *right])
    assert sorted(map(len, found)) == [3, 4]


def test_a_chain_of_links_is_no_group() -> None:
    chain = [joined(one, one + 1) for one in range(1, 9)]
    assert all(linked(one, other) for one, other in pairwise(chain))
    assert max(map(len, groups(chain))) <= 3


def test_a_picture_linked_to_two_of_a_group_belongs_to_it() -> None:
    """A small one is like two cuts of the whole, and no longer like the whole."""
    within = [*some_hashes(1)[:22], *some_hashes(5)[:2], *some_hashes(3)[:4], *some_hashes(6)[:2]]
    cuts = [mark([*some_hashes(seed)[:22], *some_hashes(9)[:2]]) for seed in (5, 6)]
    small = mark([*some_hashes(9)[:2], *some_hashes(10)])
    assert not linked(mark(within), small)
    assert groups([mark(within), mark(within), *cuts, small]) == [[0, 1, 2, 3, 4]]


@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(1, 4).flatmap(lambda seed: st.integers(0, 40).map(lambda bits: (seed, bits))), max_size=12))
def test_groups_are_a_division_of_all_places(drawn: list[tuple[int, int]]) -> None:
    prints = [differing(bits, place=seed - 1, seed=seed) for seed, bits in drawn]
    found = groups(prints)
    assert sorted(place for one in found for place in one) == list(range(len(prints)))
    assert all(one == sorted(one) for one in found)


@settings(deadline=None)
@given(st.lists(st.integers(0, 2**64 - 1), max_size=40), st.binary(min_size=EMBEDDING, max_size=EMBEDDING))
def test_any_numbers_are_compared_without_a_fault_and_alike_both_ways(hashes: list[int], embedding: bytes) -> None:
    odd = Fingerprint(hashes=tuple(hashes), embedding=embedding)
    assert linked(odd, picture(1)) == linked(picture(1), odd)
    assert sorted(place for one in groups([odd, picture(1)]) for place in one) == [0, 1]


@given(st.integers(0, 2**48 - 1), st.booleans())
@settings(deadline=None)
def test_sorting_by_colour_loses_no_link(noise: int, less: bool) -> None:
    steps = (noise & 0x07070F07070F).to_bytes(6, "little")
    tones = sum((128 + (-step if less else step)) << 8 * byte for byte, step in enumerate(steps))
    near = all(step <= apart for step, apart in zip(steps, APART, strict=True))
    assert linked(picture(1), mark(some_hashes(1), tones=tones)) is near


def test_prints_tell_of_all_earlier_ones() -> None:
    prints = Prints()
    odd = Fingerprint(hashes=(), embedding=SEEN)
    told = [prints.add(one) for one in (picture(1), odd, picture(2), differing(3), picture(2), picture(1))]
    assert told == [[], [], [], [0], [2], [0, 3]]
