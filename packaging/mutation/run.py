"""Break every decision in checks/, one at a time, and count how many of the breaks a test notices.

Deterministic: edits come in the order of the source, a sample is drawn with a fixed seed, hash seed and property tests
are fixed too. Texts are left alone: golden files hold them. Ends with 1 when fewer than 90 % are noticed.
"""

import argparse
import ast
import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from coverage_by_test import Coverage, measure
from mutants import edits
from trial import start, survived, warm_up

FLOOR_PERCENT = 90
SEED = 20
TESTS = ("tests/checks", "tests/test_recordings.py")


@dataclass(frozen=True, slots=True)
class Mutant:
    """An edit of a file, by its number there, and the tests that could notice it."""

    path: Path
    number: int
    line: int
    what: str
    tests: tuple[str, ...]


def main() -> int:
    """Try the mutants that the arguments ask for. Returns the exit code."""
    asked = _arguments()
    paths = sorted(path for top in asked.paths for path in ([top] if top.is_file() else top.rglob("*.py")))
    try:
        coverage = measure(paths, asked.tests)
    except subprocess.CalledProcessError:
        sys.exit("the tests are red before anything is broken")
    every = [one for path in paths for one in _mutants(path, coverage)]
    chosen = every
    if 0 < asked.sample < len(every):
        chosen = random.Random(SEED).sample(every, asked.sample)
    print(f"{len(chosen)} of {len(every)} mutants in {len(paths)} files ...", flush=True)
    _control(asked.tests)
    return _report(chosen, _survivors(chosen, asked.jobs))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Break every decision, one at a time, and see whether a test notices.")
    parser.add_argument("paths", nargs="*", type=Path, default=[Path("checks")], help="files or folders to break")
    parser.add_argument("--tests", nargs="+", default=list(TESTS), help="what must notice")
    parser.add_argument("--sample", type=int, default=0, metavar="N", help="try N of them, always the same; 0 is all")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    return parser.parse_args()


def _mutants(path: Path, coverage: Coverage) -> Iterator[Mutant]:
    for number, edit in enumerate(edits(ast.parse(path.read_text()))):
        tests = coverage.tests(path, edit.first_line, edit.last_line)
        yield Mutant(path, number, edit.first_line, edit.what, tests)


def _control(tests: Sequence[str]) -> None:
    """The way in which mutants are tried must leave unchanged code green, or every mutant would look caught."""
    _, status = os.waitpid(start(Path("checks"), None, tests), 0)
    if not survived(status):
        sys.exit("the tests are red on the unchanged code when a mutant's child runs them")


def _survivors(chosen: Sequence[Mutant], jobs: int) -> list[Mutant]:
    """Those that no test noticed, in the order of `chosen`."""
    alive = {one for one in chosen if not one.tests}
    waiting = [one for one in reversed(chosen) if one.tests]
    running: dict[int, Mutant] = {}
    while waiting or running:
        while waiting and len(running) < jobs:
            one = waiting.pop()
            running[start(one.path, one.number, one.tests)] = one
        pid, status = os.wait()
        ended = running.pop(pid)
        if survived(status):
            alive.add(ended)
    return [one for one in chosen if one in alive]


def _report(chosen: Sequence[Mutant], alive: Sequence[Mutant]) -> int:
    for one in sorted(alive, key=lambda one: (one.path, one.line, one.number)):
        print(f"{one.path}:{one.line}: {one.what}{'' if one.tests else '  (no test runs this line)'}")
    tried, missed = (Counter(one.path for one in group) for group in (chosen, alive))
    print(f"\n{'file':<48} {'mutants':>8} {'caught':>8} {'score':>8}")
    for path in sorted(tried):
        print(_row(str(path), tried[path], tried[path] - missed[path]))
    print(_row("total", len(chosen), len(chosen) - len(alive)))
    if not chosen or 100 * (len(chosen) - len(alive)) < FLOOR_PERCENT * len(chosen):
        print(f"fewer than {FLOOR_PERCENT} % were caught")
        return 1
    return 0


def _row(name: str, tried: int, caught: int) -> str:
    return f"{name:<48} {tried:>8} {caught:>8} {100 * caught / max(tried, 1):>6.1f} %"


if __name__ == "__main__":
    if os.environ.get("PYTHONHASHSEED") != "0":
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, "PYTHONHASHSEED": "0"})
    sys.path.insert(0, os.getcwd())  # as `python -m pytest` has it: tests/checks must not stand in for checks
    warm_up()
    sys.exit(main())
