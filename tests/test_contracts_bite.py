"""Each import contract is broken once, on a copy of the packages, to see that it would be noticed."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("agent", "checks", "reports")
CONTRACTS = [
    row["name"] for row in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
]
BREAKS = {
    "the agent uses reports, reports use checks, nothing goes back": ("reports/envelope.py", "agent.exits"),
    "checks decide from what they are given: no process, network, database, clock or chance": (
        "checks/rollup.py",
        "time",
    ),
    "whoever looks cannot see how it is judged": ("agent/collect/linux/screen_lock.py", "checks.screen_lock.check"),
    "what leaves the device cannot hold a fact": ("reports/deliver/folder.py", "checks.screen_lock.fact"),
    "no check knows another": ("checks/screen_lock/check.py", "checks.updates.fact"),
    "no platform knows another": ("agent/collect/android/answers.py", "agent.collect.linux.mounts"),
    "no transport knows another": ("reports/deliver/folder.py", "reports.deliver.email"),
    "what decodes pictures is loaded in the worker only": ("agent/photos/scan.py", "numpy"),
    "the console is for a server: nothing else can reach it": ("agent/send.py", "reports.console.model"),
    "auditing cannot delete: only the clinician's own page can": ("agent/runner.py", "agent.photos.review.model"),
    "the daemon loads no web server": ("agent/runner.py", "starlette"),
    "commands call the daemon or the audit, the audit calls the probes, nothing goes back": (
        "agent/collect/observe.py",
        "agent.runner",
    ),
}
"""By contract: a file, and an import that it must not have."""


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("copy")
    for name in PACKAGES:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def lint(folder: Path) -> str:
    command = (
        "import sys; sys.path.insert(0, ''); from importlinter.cli import lint_imports; lint_imports(no_cache=True)"
    )
    ended = subprocess.run(
        [sys.executable, "-P", "-c", command], cwd=folder, capture_output=True, text=True, check=False, timeout=120
    )
    return " ".join(ended.stdout.split())


def test_every_contract_has_a_break_here() -> None:
    assert set(CONTRACTS) == set(BREAKS)


def test_copy_as_it_is_keeps_them_all(copy: Path) -> None:
    assert f"Contracts: {len(CONTRACTS)} kept, 0 broken." in lint(copy)


@pytest.mark.parametrize("contract", CONTRACTS)
def test_forbidden_import_breaks_its_contract(copy: Path, contract: str) -> None:
    name, forbidden = BREAKS[contract]
    file = copy / name
    before = file.read_text()
    file.write_text(f"{before}\nimport {forbidden}\n")
    try:
        assert f"{contract} BROKEN" in lint(copy)
    finally:
        file.write_text(before)
