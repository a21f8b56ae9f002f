"""The rules of the house that no linter knows: what lies where, how long it may be, what must not be written down."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from checks.catalog import CATALOG, IDS

ROOT = Path(__file__).parent.parent
PRODUCT = ("agent", "checks", "reports")
TRACKED = (*PRODUCT, "tests", "packaging", ".ci")
TREE = sorted(
    path for top in TRACKED for path in (ROOT / top).rglob("*") if path.is_file() and "__pycache__" not in path.parts
)
TEXTS = TREE + sorted(path for path in ROOT.iterdir() if path.is_file() and path.name != ".coverage")
SOURCES = [path for path in TREE if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in PRODUCT]
CONFIGURATION = str(ROOT / "pyproject.toml")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
CHECK_FOLDERS = {path.parent.name for path in (ROOT / "checks").glob("*/check.py")}
CATCH_ALL = {
    "agent/runner.py": "the audit loop: a fault in one check becomes that check's finding",
    "agent/fault.py": "the daemon's loop: a fault in one audit or delivery does not end the daemon",
    "agent/cli.py": "the command line: left to Python a fault would end with 1, which means not compliant",
    "agent/secrets_keyring.py": "the keyring's own thread: its fault is raised again by whoever waits for it",
}
UNSPEAKABLE = {
    "a path of the machine it was written on": re.escape(str(ROOT)) + r"(?![\w-])",
    "a person's own Python": r"\.pyenv|/root/\.",
    "the address of a registry": r"(?:pypi|pythonhosted|npmjs)\.(?:org|com)|index-url|trusted-host|find-links",
}
SPEAKS_OF_REGISTRIES = {"tests/test_house.py", "packaging/setup/lock.sh"}
"""Files that name such things in order to forbid them."""


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def functions() -> Iterator[tuple[str, int]]:
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef):
                yield f"{named(path)}:{node.name}", (node.end_lineno or node.lineno) - node.lineno + 1


def contract(kind: str, mention: str) -> dict[str, object]:
    rows = PROJECT["tool"]["importlinter"]["contracts"]
    return next(row for row in rows if row["type"] == kind and mention in str(row))


def test_everybody_imports_only_whom_they_may() -> None:
    # In a process of its own: it configures logging, which would silence the loggers of every later test.
    call = f"sys.exit(lint_imports({CONFIGURATION!r}, no_cache=True))"
    code = f"import sys; from importlinter.cli import lint_imports; {call}"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_packaging_folder_does_not_hide_the_library_of_that_name() -> None:
    assert not list((ROOT / "packaging").rglob("__init__.py"))


@pytest.mark.parametrize("path", SOURCES, ids=named)
def test_no_file_is_longer_than_400_lines(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 400


def test_no_function_is_longer_than_60_lines_and_nine_in_ten_are_under_35() -> None:
    lengths = dict(functions())
    assert not {name: lines for name, lines in lengths.items() if lines > 60}
    assert sum(lines < 35 for lines in lengths.values()) >= 0.9 * len(lengths)


@pytest.mark.parametrize("path", SOURCES, ids=named)
def test_every_module_opens_with_what_it_is_for(path: Path) -> None:
    assert (ast.get_docstring(ast.parse(path.read_text())) or "").strip(), "no docstring"


@pytest.mark.parametrize("path", SOURCES, ids=named)
def test_only_the_loops_swallow_every_exception(path: Path) -> None:
    handlers = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ExceptHandler)]
    found = [handler.lineno for handler in handlers if _catches_all(handler) and not _raises_again(handler)]
    assert bool(found) is (named(path) in CATCH_ALL), f"lines {found}"


def _catches_all(handler: ast.ExceptHandler) -> bool:
    caught = [] if handler.type is None else [handler.type, *getattr(handler.type, "elts", [])]
    names = {node.id for node in caught if isinstance(node, ast.Name)}
    return handler.type is None or bool(names & {"Exception", "BaseException"})


def _raises_again(handler: ast.ExceptHandler) -> bool:
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


def test_every_check_folder_is_in_the_catalog() -> None:
    assert {check.id for check in CATALOG} == CHECK_FOLDERS
    assert set(IDS) >= CHECK_FOLDERS


def test_every_check_folder_is_in_the_contract_that_keeps_checks_apart() -> None:
    assert set(contract("independence", "checks.")["modules"]) == {f"checks.{name}" for name in CHECK_FOLDERS}


@pytest.mark.parametrize("why", UNSPEAKABLE)
def test_nothing_written_here_names(why: str) -> None:
    pattern = re.compile(UNSPEAKABLE[why])
    found = [named(path) for path in TEXTS if pattern.search(path.read_text(errors="replace"))]
    assert set(found) <= SPEAKS_OF_REGISTRIES
