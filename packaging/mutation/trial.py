"""One mutant tried: a forked child imports the changed module in place of the real one and runs the tests on it."""

import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import CodeType, ModuleType

import pytest
from _pytest.config import default_plugins
from mutants import mutated

TIMEOUT_S = 60
"""A mutant that loops is caught by this; the same tests need about a second on the unchanged code."""
OPTIONS = ("-x", "-q", "--no-header", "--disable-plugin-autoload", "-p", "no:cacheprovider")
"""Up to the first red test, without plugins that tests of decisions do not use: they cost more than the tests."""
WARM = ("hypothesis", "jsonschema", "psutil", *(f"_pytest.{name}" for name in default_plugins))
"""Libraries, never ours: what the parent has imported, no child imports again."""


class _Loader(importlib.machinery.SourceFileLoader):
    """Loads one module from a changed tree; no cache of compiled code is read or written."""

    def __init__(self, name: str, path: str, number: int) -> None:
        super().__init__(name, path)
        self._number = number

    def get_code(self, fullname: str) -> CodeType:
        return compile(mutated(Path(self.path).read_text(), self._number), self.path, "exec")


class _Finder(importlib.abc.MetaPathFinder):
    """Finds one module of ours before anybody else does."""

    def __init__(self, name: str, path: str, number: int) -> None:
        self._name, self._path, self._number = name, path, number

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None) -> object:
        if fullname != self._name:
            return None
        loader = _Loader(self._name, self._path, self._number)
        return importlib.util.spec_from_file_location(fullname, self._path, loader=loader)


def warm_up() -> None:
    """Import what every child would import, and make property tests repeat themselves."""
    for name in WARM:
        importlib.import_module(name)
    settings = importlib.import_module("hypothesis").settings
    settings.register_profile("mutation", derandomize=True, database=None, deadline=None, max_examples=50)
    settings.load_profile("mutation")


def start(path: Path, number: int | None, tests: Sequence[str]) -> int:
    """Fork a child that tries an edit (None: the code as it is). Returns its process id."""
    pid = os.fork()
    if pid:
        return pid
    code = 70
    try:
        code = _child(path, number, tests)
    finally:
        os._exit(code)


def _child(path: Path, number: int | None, tests: Sequence[str]) -> int:
    signal.alarm(TIMEOUT_S)
    if number is not None:
        _silence()
        name = ".".join(path.with_suffix("").parts)
        sys.meta_path.insert(0, _Finder(name, str(path.absolute()), number))
    return int(pytest.main([*OPTIONS, *tests]))


def _silence() -> None:
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)


def survived(status: int) -> bool:
    """Whether the tests of an ended child stayed green. Raises RuntimeError when no test ran: that proves nothing."""
    if os.WIFEXITED(status) and os.WEXITSTATUS(status) in {pytest.ExitCode.NO_TESTS_COLLECTED, 70}:
        raise RuntimeError("the tests of a mutant could not be run")
    return os.WIFEXITED(status) and os.WEXITSTATUS(status) == 0
