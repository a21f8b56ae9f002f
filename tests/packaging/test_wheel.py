"""What is installed is whole: every file that the program reads is in the wheel, and it audits from there."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("agent", "checks", "reports")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what the wheel holds; built from a copy, since building leaves its traces in the tree."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    leave = shutil.ignore_patterns(".*", "tests", "__pycache__", "*.egg-info", "build")
    shutil.copytree(ROOT, source, ignore=leave)
    build = "import sys; from setuptools.build_meta import build_wheel; build_wheel(sys.argv[1])"
    done = subprocess.run(
        [sys.executable, "-c", build, str(folder)], cwd=source, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "installed")
    return folder / "installed"


def test_wheel_holds_every_file_of_the_packages(installed: Path) -> None:
    wanted = {
        path.relative_to(ROOT)
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".md"
    }
    assert not {one for one in wanted if not (installed / one).is_file()}


def test_wheel_audits_and_proves_itself(installed: Path, tmp_path: Path) -> None:
    code = (
        "import sys, agent; assert agent.__file__.startswith(sys.argv[1]);"
        "from agent.cli import main; main(sys.argv[2:])"
    )
    environ = {**os.environ, "PYTHONPATH": str(installed), "SCRUBIN_STATE": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code, str(installed), "check", "--plain"],
        cwd=tmp_path, env=environ, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "\nproof proven " in done.stdout, done.stderr
