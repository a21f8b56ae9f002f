"""The bar comes for a check that lasts, counts what was done before it came, and leaves nothing behind."""

import threading
import time

import pytest

from agent.progress import progress


def drawn(capsys: pytest.CaptureFixture[str]) -> str:
    deadline = time.monotonic() + 30
    text = ""
    while "checks" not in text:
        assert time.monotonic() < deadline, "no bar came"
        text += capsys.readouterr().err
        time.sleep(0.01)
    return text


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("FORCE_COLOR", "1"), ("TERM", "xterm"), ("COLUMNS", "80")):
        monkeypatch.setenv(name, value)


@pytest.mark.usefixtures("terminal")
def test_bar_comes_late_and_shows_what_was_done_before(capsys: pytest.CaptureFixture[str]) -> None:
    with progress(7, shown=True, after_s=0.05) as tick:
        tick("a")
        tick("b")
        text = drawn(capsys)
        tick("c")
    assert "2/7" in text
    assert not [one for one in threading.enumerate() if isinstance(one, threading.Timer)]


def test_short_check_has_no_bar(capsys: pytest.CaptureFixture[str]) -> None:
    with progress(1, shown=True, after_s=60) as tick:
        tick("a")
    assert capsys.readouterr().err == ""


def test_nothing_is_drawn_where_nobody_looks(capsys: pytest.CaptureFixture[str]) -> None:
    with progress(1, shown=False, after_s=0) as tick:
        tick("a")
    assert capsys.readouterr().err == ""
