"""A run in which a test was skipped is red, with one worker and with two."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

PLUGIN_FOLDER = Path(__file__).parents[2] / "packaging" / "setup"
GREEN = "def test_green():\n    pass\n"
SKIPPED = "import pytest\ndef test_left_out():\n    pytest.skip('no phone')\n"
WHOLE_FILE = "import pytest\npytest.skip('no phone', allow_module_level=True)\n"
EXPECTED = "import pytest\n@pytest.mark.xfail\ndef test_known():\n    assert False\n"
UNEXPECTED = "import pytest\n@pytest.mark.xfail\ndef test_mended():\n    pass\n"


def run(folder: Path, text: str, workers: int) -> subprocess.CompletedProcess[str]:
    (folder / "test_green.py").write_text(GREEN)
    (folder / "test_it.py").write_text(text)
    (folder / "pytest.ini").write_text("[pytest]\n")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no_skips", "-n", str(workers), str(folder)]
    environ = {**os.environ, "PYTHONPATH": str(PLUGIN_FOLDER)}
    return subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, check=False, timeout=120)


@pytest.mark.parametrize("workers", [0, 2])
@pytest.mark.parametrize("text", [SKIPPED, WHOLE_FILE, EXPECTED, UNEXPECTED])
def test_what_did_not_run_makes_the_run_red(tmp_path: Path, text: str, workers: int) -> None:
    ended = run(tmp_path, text, workers)
    assert ended.returncode == pytest.ExitCode.TESTS_FAILED
    assert "NOT RUN" in ended.stdout


def test_run_in_which_everything_ran_stays_green(tmp_path: Path) -> None:
    ended = run(tmp_path, "", 2)
    assert ended.returncode == 0, ended.stdout
    assert "1 passed" in ended.stdout
