"""A new picture is judged while the first scan of this laptop still runs: two real processes and one index."""

import contextlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
import pytest

from agent.photos.consent import agree
from agent.photos.index import Index
from agent.photos.planted import FOLDER

ROOT = Path(__file__).parents[2]
PATIENCE_S = 120
SETTLED_S = 4
"""A folder is quiet for two seconds before anybody looks."""
RUN = [sys.executable, "-c", "import sys; from agent.cli import main; sys.exit(main())"]
TRACING = next(FOLDER.glob("*.jpg"))


def within(look: Callable[[], Any], patience_s: float) -> Any:
    deadline = time.monotonic() + patience_s
    while not (answer := look()) and time.monotonic() < deadline:
        time.sleep(0.01)
    return answer


def until(look: Callable[[], Any]) -> Any:
    answer = within(look, PATIENCE_S)
    assert answer, "it never happened"
    return answer


def child_that_looks(agent: psutil.Process, *, touched: bool) -> psutil.Process | None:
    for one in agent.children():
        with contextlib.suppress(psutil.Error):
            words = one.cmdline()
            if "look" in words and ("--touched" in words) is touched:
                return one
    return None


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "home" / "Pictures").mkdir(parents=True)
    (tmp_path / "etc").mkdir()
    agree(tmp_path / "state" / "photos", now=datetime.now(UTC))
    return {
        **os.environ, "PYTHONPATH": str(ROOT), "SCRUBIN_STATE": str(tmp_path / "state"),
        "HOME": str(tmp_path / "home"), "SCRUBIN_SYSTEM_CONFIG": str(tmp_path / "etc"),
        "XDG_RUNTIME_DIR": str(tmp_path / "run"), "XDG_CONFIG_HOME": str(tmp_path / "home" / ".config"),
    }  # fmt: skip


@pytest.fixture
def agent(environ: dict[str, str], tmp_path: Path) -> Iterator[psutil.Process]:
    (tmp_path / "etc" / "agent.toml").write_text(f'photo_folders = ["{tmp_path / "home" / "Pictures"}"]\n')
    with (tmp_path / "log").open("wb") as log:
        process = psutil.Popen([*RUN, "agent"], env=environ, stderr=log, stdin=subprocess.DEVNULL)
    yield process
    for one in [*process.children(recursive=True), process]:
        with contextlib.suppress(psutil.NoSuchProcess):
            one.kill()
    process.wait(PATIENCE_S)


def judged(folder: Path) -> set[str]:
    with Index.open(folder / "state" / "photos", key=bytes(32)) as index:
        return {Path(one.file.path).name for one in index.pictures("laptop", at_least=0.8)}


def test_a_new_picture_is_judged_while_the_first_scan_still_runs(agent: psutil.Process, tmp_path: Path) -> None:
    first = until(lambda: child_that_looks(agent, touched=False))
    first.suspend()  # a scan of twenty minutes
    numbers = iter(range(10_000))

    def glanced() -> bool:
        """Only the daemon knows when its watch stands, so pictures come until one is noticed."""
        shutil.copy(TRACING, tmp_path / "home" / "Pictures" / f"{next(numbers)}.jpg")
        glance = within(lambda: child_that_looks(agent, touched=True), SETTLED_S)
        if glance is not None:
            with contextlib.suppress(psutil.NoSuchProcess):
                glance.wait(PATIENCE_S)
        return "0.jpg" in judged(tmp_path)

    until(glanced)
    assert first.status() == psutil.STATUS_STOPPED, "the first scan has not gone on meanwhile"
    first.resume()
    until(lambda: (tmp_path / "state" / "status.json").exists())
    assert str(tmp_path) not in (tmp_path / "log").read_text()


@pytest.mark.parametrize("given", [b"", b"{}", b"[5]", b'["Pictures"]', b'["/a\\u0000"]', b"[" * 3_000_000])
def test_what_is_no_list_of_folders_is_refused(given: bytes, environ: dict[str, str]) -> None:
    argv = [*RUN, "photos", "look", "--touched", "--background", "--json"]
    done = subprocess.run(argv, env=environ, input=given, capture_output=True, check=False)
    assert done.returncode == 64
    assert b"Traceback" not in done.stderr


def test_without_consent_nothing_is_looked_at_and_folders_elsewhere_never_are(
    environ: dict[str, str], tmp_path: Path
) -> None:
    argv = [*RUN, "photos", "look", "--touched", "--background", "--json"]
    (tmp_path / "elsewhere").mkdir()
    shutil.copy(TRACING, tmp_path / "elsewhere" / "a.jpg")
    given = f'["{tmp_path / "elsewhere"}"]'.encode()
    done = subprocess.run(argv, env=environ, input=given, capture_output=True, check=True)
    assert done.stdout == b'{"judged": 0}\n'
    shutil.rmtree(tmp_path / "state" / "photos")
    done = subprocess.run(argv, env=environ, input=given, capture_output=True, check=False)
    assert (done.returncode, b"not_consented" in done.stdout) == (2, True)
