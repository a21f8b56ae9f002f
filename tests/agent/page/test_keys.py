"""Links that work once and sessions that end."""

import itertools

import pytest

from agent.page.keys import LINK_S, MOST_LINKS, SESSION_S, Keys


class Clock:
    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def keys(clock: Clock) -> Keys:
    numbers = itertools.count(1)
    return Keys(randomness=lambda count: next(numbers).to_bytes(count, "big"), clock_s=clock)


def test_a_link_opens_a_session(keys: Keys) -> None:
    session = keys.open(keys.link())
    assert session is not None
    assert keys.holds(session)


def test_a_link_opens_nothing_a_second_time(keys: Keys) -> None:
    link = keys.link()
    keys.open(link)
    assert keys.open(link) is None


def test_a_link_is_no_session(keys: Keys) -> None:
    assert not keys.holds(keys.link())


def test_a_link_that_was_left_lying_opens_nothing(keys: Keys, clock: Clock) -> None:
    link = keys.link()
    clock.now_s += LINK_S + 1
    assert keys.open(link) is None


def test_a_session_ends_with_the_shift(keys: Keys, clock: Clock) -> None:
    session = keys.open(keys.link())
    assert session is not None
    clock.now_s += SESSION_S + 1
    assert not keys.holds(session)


def test_only_the_newest_links_work(keys: Keys) -> None:
    links = [keys.link() for _ in range(MOST_LINKS + 1)]
    assert keys.open(links[0]) is None
    assert keys.open(links[1]) is not None


@pytest.mark.parametrize("odd", ["", "\ud800", "x" * 10_000])
def test_what_was_never_given_out_opens_nothing(keys: Keys, odd: str) -> None:
    assert keys.open(odd) is None
    assert not keys.holds(odd)
