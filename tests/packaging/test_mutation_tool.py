"""The tool that breaks decisions: which breaks it knows, and that it tells caught from missed."""

import ast
import importlib.util
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

TOOL = Path(__file__).parents[2] / "packaging" / "mutation"
LIMIT = "def within(seconds):\n    return 0 < seconds <= 5\n"
STRICT = """\
import pytest
from checks.limit import within

@pytest.mark.parametrize(("seconds", "wanted"), [(0, False), (1, True), (5, True), (6, False)])
def test_within(seconds, wanted):
    assert within(seconds) is wanted
"""
LOOSE = "from checks.limit import within\n\ndef test_within():\n    assert within(3) is True\n"


def load() -> Any:
    spec = importlib.util.spec_from_file_location("mutants", TOOL / "mutants.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["mutants"] = module  # dataclasses look their module up by name
    spec.loader.exec_module(module)
    return module


MUTANTS = load()


def breaks(source: str) -> list[str]:
    return [edit.what for edit in MUTANTS.edits(ast.parse(source))]


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("a < b", ["Lt turns LtE: a < b", "Lt turns GtE: a < b"]),
        ("a == b", ["Eq turns NotEq: a == b"]),
        ("a is None", ["Is turns IsNot: a is None"]),
        ("a and b", ["And turns Or: a and b"]),
        ("not a", ["not dropped: not a"]),
        ("a + 1", ["Add turns Sub: a + 1", "1 turns 2: 1"]),
        ("any(a)", ["any turns all: any"]),
        ("Status.UNKNOWN", ["UNKNOWN turns PASS: Status.UNKNOWN"]),
        ("Status.PASS", ["PASS turns FAIL: Status.PASS"]),
        ("True", ["True turns False: True"]),
    ],
)
def test_every_kind_of_decision_is_broken(source: str, wanted: list[str]) -> None:
    assert breaks(f"x = {source}") == wanted


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("if a:\n    b()", ["condition is always True: a", "condition is always False: a", "statement dropped: b()"]),
        ("match a:\n    case 'x':\n        pass", ["case dropped: case 'x':"]),
        ("def f():\n    return a", ["returns None: return a"]),
        ("raise a", ["not raised: raise a"]),
    ],
)
def test_every_branch_is_dropped(source: str, wanted: list[str]) -> None:
    assert set(wanted) <= set(breaks(source))


def test_texts_annotations_and_unreachable_lines_are_left_alone() -> None:
    assert breaks('"""Doc."""\nx: Literal[1] = "text"\nassert_never(x)\n') == []


def test_function_whose_only_yield_is_dropped_still_gives_nothing_in_place_of_an_error() -> None:
    source = "def each():\n    yield 1\n"
    number = breaks(source).index("statement dropped: yield 1")
    names: dict[str, Any] = {}
    exec(compile(MUTANTS.mutated(source, number), "x", "exec"), names)
    assert list(names["each"]()) == []


@pytest.mark.parametrize("number", range(len(breaks(LIMIT))))
def test_every_break_changes_the_code_and_compiles(number: int) -> None:
    tree = MUTANTS.mutated(LIMIT, number)
    compile(tree, "x", "exec")
    assert ast.dump(tree) != ast.dump(ast.parse(LIMIT))


def run(folder: Path, tests: str) -> subprocess.CompletedProcess[str]:
    (folder / "checks").mkdir()
    (folder / "checks" / "__init__.py").touch()
    (folder / "checks" / "limit.py").write_text(LIMIT)
    (folder / "tests").mkdir()
    (folder / "tests" / "test_limit.py").write_text(tests)
    (folder / "pytest.ini").write_text("[pytest]\n")
    command = [sys.executable, str(TOOL / "run.py"), "--tests", "tests"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=300)


def test_strict_tests_catch_every_break(tmp_path: Path) -> None:
    ended = run(tmp_path, STRICT)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "100.0 %" in ended.stdout


def test_loose_tests_miss_the_limits_and_the_run_is_red(tmp_path: Path) -> None:
    ended = run(tmp_path, LOOSE)
    assert ended.returncode == 1, ended.stdout + ended.stderr
    assert "checks/limit.py:2: LtE turns Lt: 0 < seconds <= 5" in ended.stdout


def test_tests_that_are_red_before_anything_is_broken_prove_nothing(tmp_path: Path) -> None:
    ended = run(tmp_path, LOOSE.replace("True", "False"))
    assert ended.returncode == 1
    assert "red before anything is broken" in ended.stderr
