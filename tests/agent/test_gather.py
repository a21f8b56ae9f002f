"""Phones on the cable are given a moment to say what they are, and no more."""

import pytest

from agent.collect.adb.devices import State
from agent.devices import Seen
from agent.gather import in_the_way
from agent.surroundings import settled


def seen(state: State, *, wireless: bool = False) -> tuple[Seen, ...]:
    return (Seen(serial="R5CT1", state=state, wireless=wireless),)


class Server:
    """Answers one list after another, the last for ever; each wait takes a second."""

    def __init__(self, *lists: tuple[Seen, ...], stops: bool = False) -> None:
        self._lists = list(lists)
        self._stops = stops
        self.asked = 0
        self.now_s = 0.0

    def ask(self) -> tuple[Seen, ...]:
        self.asked += 1
        return self._lists.pop(0) if len(self._lists) > 1 else self._lists[0]

    def wait(self, seconds: float) -> bool:
        self.now_s += 1.0
        return self._stops

    def list(self) -> tuple[Seen, ...]:
        return settled(self.ask, wait=self.wait, clock_s=lambda: self.now_s)


@pytest.mark.parametrize("state", [State.READY, State.UNAUTHORISED, State.NO_PERMISSIONS, State.RECOVERY])
def test_state_that_stays_is_taken_at_once(state: State) -> None:
    server = Server(seen(state))
    assert server.list() == seen(state)
    assert server.asked == 1


@pytest.mark.parametrize("state", [State.OFFLINE, State.CONNECTING, State.AUTHORISING])
def test_phone_that_is_just_coming_is_waited_for(state: State) -> None:
    assert Server(seen(state), seen(state), seen(State.READY)).list() == seen(State.READY)


def test_phone_that_never_comes_is_given_up() -> None:
    server = Server(seen(State.OFFLINE))
    assert server.list() == seen(State.OFFLINE)
    assert server.now_s == 3.0


def test_nobody_is_waited_for_who_went_home() -> None:
    gone = Server(seen(State.OFFLINE, wireless=True))
    assert gone.list() == seen(State.OFFLINE, wireless=True)
    assert gone.asked == 1


@pytest.mark.parametrize(
    ("one", "known", "waits"),
    [
        (seen(State.UNAUTHORISED), set(), True),
        (seen(State.CABLE_ONLY), {"R5CT2"}, True),
        (seen(State.OFFLINE), set(), True),
        (seen(State.UNAUTHORISED, wireless=True), set(), True),
        (seen(State.OFFLINE, wireless=True), set(), False),
        (seen(State.READY), set(), False),
        (seen(State.CABLE_ONLY), {"R5CT1"}, False),
        (seen(State.UNAUTHORISED), {"R5CT1"}, False),
    ],
)
def test_phone_that_was_not_looked_at_is_in_the_way(one: tuple[Seen, ...], known: set[str], waits: bool) -> None:
    assert in_the_way(one, known) == (one if waits else ())


def test_person_who_has_had_enough_is_not_kept_waiting() -> None:
    server = Server(seen(State.OFFLINE), stops=True)
    server.list()
    assert server.asked == 1
