"""Faults are told without what they quote."""

import logging

import pytest

from agent.fault import MOST_FRAMES, attempt, told

CANARY = "/home/jane.citizen/Pictures/wound.jpg"


def fail() -> None:
    try:
        raise PermissionError(13, "Permission denied", CANARY)
    except PermissionError as error:
        raise ValueError(f"bad {CANARY}") from error


def test_a_fault_names_kind_and_place_and_nothing_it_quotes(caplog: pytest.LogCaptureFixture) -> None:
    log = logging.getLogger("test")
    assert attempt(fail, what="an audit", log=log) == (False, None)
    assert "an audit failed: ValueError at test_daemon_fault:" in caplog.text
    assert "after PermissionError(EACCES)" in caplog.text
    assert "jane" not in caplog.text


def test_an_answer_comes_through() -> None:
    assert attempt(lambda: 7, what="an audit", log=logging.getLogger("test")) == (True, 7)


def test_the_end_of_the_process_is_no_fault() -> None:
    def leave() -> None:
        raise SystemExit(3)

    with pytest.raises(SystemExit):
        attempt(leave, what="an audit", log=logging.getLogger("test"))


def test_a_bottomless_fault_is_told_in_one_line() -> None:
    def dig() -> None:
        dig()

    with pytest.raises(RecursionError) as caught:
        dig()
    assert told(caught.value).count(" dig") == MOST_FRAMES
