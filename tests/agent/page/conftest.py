"""Places of a test's own, a page that listens, and Debian's Chromium."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright
from visit_parts import Visit, visited

CHROMIUM = "/usr/bin/chromium"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An account with nothing in it."""
    folder = tmp_path / "home"
    folder.mkdir()
    for name, value in {
        "HOME": folder, "SCRUBIN_STATE": tmp_path / "state", "SCRUBIN_SYSTEM_CONFIG": tmp_path / "etc",
        "XDG_CONFIG_HOME": folder / ".config", "XDG_RUNTIME_DIR": tmp_path / "run",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, str(value))
    (tmp_path / "run").mkdir(mode=0o700)
    return folder


@pytest.fixture
def visit(home: Path) -> Iterator[Visit]:
    """A page that was opened."""
    with visited() as there:
        yield there.open()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One for all tests of a file; others look that no process is left."""
    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()
