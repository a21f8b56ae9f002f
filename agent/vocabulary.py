"""The words that the probes themselves know: whatever else stands in a person's file, no verdict can hang on it."""

import dataclasses
import functools
import importlib
import pkgutil
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from types import CodeType, FunctionType, ModuleType

import agent.collect.android
import agent.collect.linux

WORD = re.compile(r"[^\W_]+")
"""What counts as a word: letters and digits, without the marks that join names."""
ESCAPE = re.compile(r"\\\\|\\[A-Za-z]")
"""In a pattern `\\bExec` is the word Exec."""
NAME = re.compile(r"[A-Za-z_]\w*(?:\.\w+)+", re.ASCII)
"""Names with dots, as apps, permissions and properties have them."""
KEY = re.compile(r"[a-z]+(?:[_.][a-z]+)+")
ADDRESS = re.compile(r"[\w.+-]*@[\w.-]+", re.ASCII)
NUMBERED = re.compile(r"^[0-9]+$|[0-9].*[0-9].*[0-9].*[0-9]")
"""Ids that our own texts made up, and numbers."""
PART = re.compile(r"[A-Z]?[a-z]{2,}|[A-Z]{3,}", re.ASCII)
"""A part of mFirstCount or first_count."""


@functools.cache
def program_words() -> frozenset[str]:
    """Every word of every text that the probes look for, lower case."""
    texts = _of_package(agent.collect.linux)
    return frozenset(word.lower() for text in texts for word in WORD.findall(ESCAPE.sub(" ", text)))


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneWords:
    """What may stay in the recording of a phone."""

    words: frozenset[str]
    """Lower case, each with a letter."""
    names: frozenset[str]
    """Names with dots: apps that the probes know, permissions, properties."""
    keys: frozenset[str]
    """Settings that the probes ask for."""
    parts: frozenset[str]
    """Parts of words, lower case: such a part of a key stays."""


@functools.cache
def phone_words() -> PhoneWords:
    """Words that the probes for phones look for, and those of our own texts that have the form of Android's."""
    sought = [ESCAPE.sub(" ", text.replace("\\.", ".")) for text in _of_package(agent.collect.android, sentences=False)]
    texts = [ADDRESS.sub(" ", text) for text in (*sought, *_own_texts())]
    words = {word.lower() for text in texts for word in WORD.findall(text) if not NUMBERED.search(word)}
    shipped = tomllib.loads(resources.files("agent").joinpath("scrub_words.toml").read_text("utf-8"))["parts"].split()
    parts = {part.lower() for text in texts for part in PART.findall(text)}
    names = {name for text in texts for name in NAME.findall(text)}
    keys = frozenset(text for text in sought if KEY.fullmatch(text))
    return PhoneWords(words=frozenset(words), names=frozenset(names), keys=keys, parts=frozenset(parts | {*shipped}))


def _own_texts() -> Iterator[str]:
    """What the canaries plant and what the phones of the demo answer."""
    package = resources.files("agent")
    yield from _files(package.joinpath("collect", "android", "canary"))
    for folder in package.joinpath("demo", "phones").iterdir():
        rows = tomllib.loads(folder.joinpath("recording.toml").read_text("utf-8"))["command"]
        yield from (row[key] for row in rows for key in ("stdout_text", "stderr_text") if key in row)


def _files(folder: Traversable) -> Iterator[str]:
    for one in folder.iterdir():
        if one.is_dir():
            yield from _files(one)
        else:
            yield one.read_text("utf-8")


def _of_package(package: ModuleType, *, sentences: bool = True) -> Iterator[str]:
    """`sentences`: also texts with blanks in functions, which are mostly said to people."""
    for one in pkgutil.iter_modules(package.__path__):
        if not one.ispkg:
            yield from _of_module(importlib.import_module(f"{package.__name__}.{one.name}"), sentences=sentences)


def _of_module(module: ModuleType, *, sentences: bool) -> Iterator[str]:
    for name, value in vars(module).items():
        if not name.startswith("__"):
            spoken = not sentences and isinstance(value, FunctionType | type)
            yield from (text for text in _of_value(value) if not (spoken and " " in text))


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
