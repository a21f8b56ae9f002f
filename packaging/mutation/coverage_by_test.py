"""Which test runs which line, so that a mutant is tried only by tests that could notice it."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from coverage import CoverageData


@dataclass(frozen=True, slots=True)
class Coverage:
    """Tests by line, for each file."""

    lines: Mapping[Path, Mapping[int, frozenset[str]]]

    def tests(self, path: Path, first_line: int, last_line: int) -> tuple[str, ...]:
        """Who could notice a change of these lines, likeliest first.

        Lines that run while modules are imported or tests collected belong to no test: there it is whoever uses the
        module, and where nobody else does, any test.
        """
        by_line = self.lines.get(path, {})
        found = frozenset[str]().union(*(by_line.get(line, frozenset()) for line in range(first_line, last_line + 1)))
        if "" in found:
            users = frozenset[str]().union(*by_line.values()) - {""}
            found |= users or frozenset[str]().union(*(one for each in self.lines.values() for one in each.values()))
        near = {path.stem, path.parent.name}
        return tuple(
            sorted(found - {""}, key=lambda test: (not any(word in test.split("::")[0] for word in near), test))
        )


def _near(test: str, path: Path) -> bool:
    """Whether the file of a test is named after the module or its folder."""
    file = test.partition("::")[0]
    return path.stem in file or path.parent.name in Path(file).name


def measure(paths: Sequence[Path], tests: Sequence[str]) -> Coverage:
    """Run the tests once, green. Raises CalledProcessError when they are not."""
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "data")
        _run(paths, tests, {**os.environ, "COVERAGE_FILE": file})
        data = CoverageData(file)
        data.read()
        return Coverage({path: _by_line(data, path) for path in paths})


def _run(paths: Sequence[Path], tests: Sequence[str], environ: Mapping[str, str]) -> None:
    tops = sorted({path.parts[0] for path in paths})
    wanted = [f"--cov={top}" for top in tops]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--no-header"]
    subprocess.run([*command, *wanted, "--cov-context=test", "--cov-report=", *tests], env=environ, check=True)


def _by_line(data: CoverageData, path: Path) -> dict[int, frozenset[str]]:
    contexts = data.contexts_by_lineno(str(path.absolute()))
    return {line: frozenset(one.rpartition("|")[0] for one in names) for line, names in contexts.items()}
