"""The bar of a scan: counts, says what it waits for, and leaves nothing behind."""

import pytest

from agent.commands.photos_bar import WAITING, bar
from agent.photos.engine import Progress


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("FORCE_COLOR", "1"), ("TERM", "xterm"), ("COLUMNS", "100")):
        monkeypatch.setenv(name, value)


@pytest.mark.usefixtures("terminal")
@pytest.mark.parametrize(
    ("so_far", "words"),
    [
        (Progress(done=7, known=40), "7/40"),
        (Progress(done=7, known=40), "pictures"),
        (Progress(done=7, known=40), "left"),
        (Progress(done=0, known=None), "listing"),
        (Progress(done=7, known=40, waiting=True), WAITING),
    ],
)
def test_it_shows_how_far_it_is(so_far: Progress, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    with bar(shown=True) as tick:
        tick(so_far)
    said = capsys.readouterr()
    assert words in said.err
    assert said.out == ""


def test_nothing_is_drawn_where_nobody_looks(capsys: pytest.CaptureFixture[str]) -> None:
    with bar(shown=False) as tick:
        tick(Progress(done=1, known=2))
    assert capsys.readouterr().err == ""


@pytest.mark.usefixtures("terminal")
def test_the_bar_goes_when_the_scan_ends(capsys: pytest.CaptureFixture[str]) -> None:
    with bar(shown=True) as tick:
        tick(Progress(done=1, known=2))
    assert capsys.readouterr().err.endswith(("\x1b[?25h", "\x1b[2K", "\x1b[1A\x1b[2K"))
