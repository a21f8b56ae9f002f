"""The words that the probes themselves know: whatever else stands in a person's file, no verdict can hang on it."""

import dataclasses
import functools
import importlib
import pkgutil
import re
from collections.abc import Iterable, Iterator, Mapping
from types import CodeType, FunctionType, ModuleType

import agent.collect.linux

WORD = re.compile(r"[^\W_]+")
"""What counts as a word: letters and digits, without the marks that join names."""
ESCAPE = re.compile(r"\\\\|\\[A-Za-z]")
"""In a pattern `\\bExec` is the word Exec."""


@functools.cache
def program_words() -> frozenset[str]:
    """Every word of every text that the probes look for, lower case."""
    package = agent.collect.linux
    names = [one.name for one in pkgutil.iter_modules(package.__path__) if not one.ispkg]
    texts = (text for name in names for text in _of_module(importlib.import_module(f"{package.__name__}.{name}")))
    return frozenset(word.lower() for text in texts for word in WORD.findall(ESCAPE.sub(" ", text)))


def _of_module(module: ModuleType) -> Iterator[str]:
    for name, value in vars(module).items():
        if not name.startswith("__"):
            yield from _of_value(value)


def _of_value(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, re.Pattern):
        yield from _of_value(value.pattern)
    elif isinstance(value, FunctionType):
        yield from _of_code(value.__code__, value.__doc__)
    elif isinstance(value, type):
        yield from (text for one in vars(value).values() if isinstance(one, FunctionType) for text in _of_value(one))
    elif dataclasses.is_dataclass(value):
        yield from (text for one in dataclasses.fields(value) for text in _of_value(getattr(value, one.name)))
    elif isinstance(value, Mapping):
        yield from _of_all((*value.keys(), *value.values()))
    elif isinstance(value, tuple | list | set | frozenset):
        yield from _of_all(value)


def _of_all(values: Iterable[object]) -> Iterator[str]:
    for one in values:
        yield from _of_value(one)


def _of_code(code: CodeType, about: str | None) -> Iterator[str]:
    """Texts in a function; what is said about it is English, which holds people's names."""
    for one in code.co_consts:
        if isinstance(one, CodeType):
            yield from _of_code(one, None)
        elif one != about:
            yield from _of_value(one)
