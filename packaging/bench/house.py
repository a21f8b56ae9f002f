"""Measures of the code itself: lengths of functions, lines that tests run, recordings of each check."""

import ast
import os
import statistics
import subprocess
import sys
import tempfile
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from table import Row, show

from agent.collect.catalog import PROBES
from checks.catalog import CATALOG

PACKAGES = ("agent", "checks", "reports")


def rows(*, with_coverage: bool = True) -> list[Row]:
    """All of them. Coverage runs every test once."""
    covered = [_coverage()] if with_coverage else []
    return [*_lengths(), *covered, *_recordings()]


def _lengths() -> list[Row]:
    lines = sorted(_function_lengths())
    ninth = statistics.quantiles(lines, n=10)[-1]
    return [
        Row(measure=f"length of {len(lines)} functions, median", seen=f"{statistics.median(lines):g} lines"),
        Row(measure="length of functions, p90", seen=f"{ninth:g} lines", target="under 35", kept=ninth < 35),
        Row(
            measure="length of functions, longest", seen=f"{lines[-1]} lines", target="at most 60", kept=lines[-1] <= 60
        ),
    ]


def _function_lengths() -> Iterator[int]:
    for path in (path for package in PACKAGES for path in Path(package).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef):
                yield (node.end_lineno or node.lineno) - node.lineno + 1


def _coverage() -> Row:
    with tempfile.TemporaryDirectory() as folder:
        environ = {**os.environ, "COVERAGE_FILE": f"{folder}/data"}
        wanted = [f"--cov={package}" for package in PACKAGES]
        tests = [sys.executable, "-m", "pytest", "-q", "-n", "logical", *wanted, "--cov-report="]
        ended = subprocess.run(tests, env=environ, check=False, stdout=subprocess.DEVNULL).returncode
        total = [sys.executable, "-m", "coverage", "report", "--format=total"]
        seen = subprocess.run(total, env=environ, check=True, capture_output=True, text=True).stdout.strip()
    return Row(measure="lines that tests run", seen=f"{seen} %" + ("" if ended == 0 else " (tests are red)"))


def _recordings() -> list[Row]:
    found: Counter[str] = Counter()
    for path in Path("tests/recordings").rglob("expected.toml"):
        found.update(tomllib.loads(path.read_text()).keys())
    probed = {check_id for probes in PROBES.values() for check_id in probes}
    return [
        Row(
            measure=f"recordings of {check.id}",
            seen=str(found[check.id]),
            target="at least 3" if check.id in probed else "none without a probe",
            kept=found[check.id] >= 3 if check.id in probed else found[check.id] == 0,
        )
        for check in CATALOG
    ]


if __name__ == "__main__":
    show(rows(with_coverage="--no-coverage" not in sys.argv))
