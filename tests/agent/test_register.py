"""Which phones are one and the same."""

from itertools import permutations

import pytest

from agent.collect.adb.devices import State
from agent.devices import Seen
from agent.register import Named, once


def way(serial: str, state: State, *, wireless: bool = False) -> Named:
    return Named(seen=Seen(serial="as adb has it", state=state, wireless=wireless), serial=serial)


CABLE, WIFI = way("A", State.READY), way("A", State.READY, wireless=True)
LOCKED, OTHER = way("A", State.UNAUTHORISED), way("B", State.OFFLINE)


@pytest.mark.parametrize(
    ("ways", "best"),
    [((CABLE, WIFI), CABLE), ((LOCKED, WIFI), WIFI), ((LOCKED, CABLE), CABLE), ((LOCKED, WIFI, CABLE), CABLE)],
)
def test_the_way_that_is_ready_is_taken_and_the_cable_of_two(ways: tuple[Named, ...], best: Named) -> None:
    for order in permutations((*ways, OTHER)):
        assert set(map(id, once(order))) == {id(best), id(OTHER)}


def test_phones_without_a_serial_are_not_taken_for_one() -> None:
    nameless = (way("", State.CABLE_ONLY), way("", State.CABLE_ONLY))
    assert once(nameless) == nameless
