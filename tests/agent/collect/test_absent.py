"""A look at what is not there has an answer; a look that failed has none."""

from collections.abc import Callable

import pytest
from fakes import recorded_host

from agent.collect.absent import if_there, names_if_there, text_if_there, there
from agent.collect.host import CollectError, Host
from checks.evidence import Why

OTHER_REASONS = [why for why in Why if why is not Why.NOT_FOUND]
LOOKS: list[Callable[[Host, str], object]] = [there, text_if_there, names_if_there]


def refused(why: Why) -> None:
    raise CollectError(why, "a detail")


def test_what_is_there_is_seen() -> None:
    host = recorded_host(files={"/etc/a": "text"}, folders={"/etc/d": ["b", "a"]})
    assert (there(host, "/etc/a"), there(host, "/etc/d")) == (True, True)
    assert text_if_there(host, "/etc/a") == "text"
    assert names_if_there(host, "/etc/d") == ("a", "b")


def test_what_is_not_there_is_an_answer() -> None:
    host = recorded_host()
    assert there(host, "/etc/none") is False
    assert text_if_there(host, "/etc/none") is None
    assert names_if_there(host, "/etc/none") == ()


def test_a_missing_file_is_an_answer_and_a_closed_one_is_not() -> None:
    host = recorded_host(files={"/etc/a": "text", "/etc/b": Why.NOT_PERMITTED})
    assert text_if_there(host, "/etc/a") == "text"
    assert text_if_there(host, "/etc/none") is None
    with pytest.raises(CollectError):
        text_if_there(host, "/etc/b")


def test_an_empty_file_is_there() -> None:
    assert text_if_there(recorded_host(files={"/etc/a": ""}), "/etc/a") == ""


def test_any_look_may_find_nothing() -> None:
    assert if_there(lambda: refused(Why.NOT_FOUND)) is None
    assert if_there(lambda: 7) == 7


@pytest.mark.parametrize("why", OTHER_REASONS)
def test_every_other_reason_goes_up_with_its_detail(why: Why) -> None:
    with pytest.raises(CollectError) as caught:
        if_there(lambda: refused(why))
    assert (caught.value.why, caught.value.detail) == (why, "a detail")


@pytest.mark.parametrize("look", LOOKS)
def test_what_is_closed_is_not_taken_for_absent(look: Callable[[Host, str], object]) -> None:
    host = recorded_host(files={"/closed": Why.NOT_PERMITTED}, folders={"/closed": Why.NOT_PERMITTED})
    with pytest.raises(CollectError) as caught:
        look(host, "/closed")
    assert caught.value.why is Why.NOT_PERMITTED
