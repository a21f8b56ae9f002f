"""Which phones call for an audit, under a clock that tests turn by hand."""

from hypothesis import given
from hypothesis import strategies as st

from agent.daemon.attachments import MOST, WITHIN_S, Attachments


def test_a_phone_that_becomes_ready_calls_once() -> None:
    seen = Attachments()
    assert not seen.listed([], 0.0)
    assert seen.listed(["A"], 1.0)
    assert not seen.listed(["A"], 2.0)


def test_phones_that_were_there_first_are_no_news() -> None:
    seen = Attachments()
    seen.known(["A"])
    assert not seen.listed(["A"], 0.0)
    assert seen.listed(["A", "B"], 1.0)


def test_plugged_in_again_by_a_person_counts_at_once() -> None:
    seen = Attachments()
    assert seen.listed(["A"], 0.0)
    seen.listed([], 60.0)
    assert seen.listed(["A"], 90.0)


def test_a_loose_contact_waits_and_is_not_forgotten() -> None:
    seen, started = Attachments(), []
    for second in range(0, 1201):
        if seen.listed(["A"] if second % 2 else [], float(second)) or seen.due(float(second)):
            started.append(second)
    assert len(started) <= 2 * MOST + 1
    assert all(later - first >= WITHIN_S for first, later in zip(started, started[MOST:], strict=False))


def test_the_audit_that_waits_is_made_when_its_time_comes() -> None:
    seen = Attachments()
    for second in (0.0, 10.0, 20.0):
        seen.listed(["A"], second)
        seen.listed([], second + 5)
    seen.listed(["A"], 30.0)
    assert seen.next_s == WITHIN_S
    assert not seen.due(WITHIN_S - 1)
    assert seen.due(WITHIN_S)
    assert seen.next_s is None


def test_a_phone_that_left_while_it_waited_starts_nothing() -> None:
    seen = Attachments(most=1)
    seen.listed(["A"], 0.0)
    seen.listed([], 1.0)
    seen.listed(["A"], 2.0)
    seen.listed([], 3.0)
    assert not seen.due(WITHIN_S + 1)
    assert seen.listed(["A"], WITHIN_S + 2)


def test_one_phones_loose_contact_holds_up_no_other() -> None:
    seen = Attachments()
    for second in range(10):
        seen.listed(["A"] if second % 2 else [], float(second))
    assert seen.listed(["A", "B"], 10.0)


@given(st.lists(st.tuples(st.sets(st.sampled_from("ABC")), st.floats(0.0, 400.0)), max_size=60))
def test_no_phone_ever_starts_more_than_its_share(steps: list[tuple[set[str], float]]) -> None:
    """Of any sequence: in any ten minutes three phones start at most three times their share."""
    seen, now_s, started = Attachments(), 0.0, []
    for ready, passed_s in steps:
        now_s += passed_s
        started += [now_s] * (seen.listed(ready, now_s) + seen.due(now_s))
        assert seen.next_s is None or seen.next_s > now_s
    for first in started:
        assert sum(first <= one < first + WITHIN_S for one in started) <= 3 * MOST


def test_memory_is_bounded_whatever_comes() -> None:
    seen = Attachments(most=1)
    for number in range(500):
        seen.listed([str(number % 250)], number / 10)
    assert len(seen._started_s) <= 64
    assert len(seen._waiting) <= 64
