"""The shapes that values of a policy may have, and what is wrong with a value that has another."""

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any, assert_never

from checks.policy_text import has_hidden, shown

Keys = tuple[str | int, ...]
"""The way to a value: names of tables, and places in lists (from 0)."""


class Flaw(StrEnum):
    """What can be wrong with a policy file."""

    UNREADABLE = "unreadable"
    TOO_LARGE = "too_large"
    NOT_TEXT = "not_text"
    BEYOND = "beyond"
    """Nested deeper, or words longer, than any policy needs."""
    SYNTAX = "syntax"
    UNKNOWN_KEY = "unknown_key"
    MISSING_KEY = "missing_key"
    WRONG_TYPE = "wrong_type"
    OUT_OF_RANGE = "out_of_range"
    """Too small, too large, too long, too many."""
    NOT_ALLOWED = "not_allowed"
    """The right type, but not one of the values or forms that are accepted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Defect:
    """One thing wrong with a value, before it is known in which line of which file it stands."""

    keys: Keys
    flaw: Flaw
    expected: str
    found: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """True or false."""

    doc: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """A whole number."""

    doc: str
    minimum: int
    maximum: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """One line of text for people, or a word of a fixed form."""

    doc: str
    longest: int
    form: str = "one line of text"
    """The pattern in words."""
    pattern: str = r"\S"
    """Searched in the text; without an own one, any text that is not blank."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One of a closed set of words."""

    doc: str
    options: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Many:
    """A list."""

    doc: str
    item: Text | Choice
    most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table whose keys are known."""

    doc: str
    fields: Mapping[str, "Shape"]
    needed: tuple[str, ...] = ()
    name: str = ""
    """A name under which a schema may refer to it, for tables that stand in several places."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A table whose keys the practice chooses."""

    doc: str
    names: Text
    item: Table
    most: int


Shape = Flag | Whole | Text | Choice | Many | Table | Named


def defects(shape: Shape, value: Any, keys: Keys = ()) -> Iterator[Defect]:
    """Everything that is wrong with a value read from TOML, in the order of the shape."""
    match shape:
        case Flag() | Whole():
            yield from _number_defects(shape, value, keys)
        case Text():
            yield from _text_defects(shape, value, keys)
        case Choice():
            yield from _choice_defects(shape, value, keys)
        case Many():
            yield from _list_defects(shape, value, keys)
        case Table():
            yield from _table_defects(shape, value, keys)
        case Named():
            yield from _named_defects(shape, value, keys)
        case _:
            assert_never(shape)


def _number_defects(shape: Flag | Whole, value: Any, keys: Keys) -> Iterator[Defect]:
    if isinstance(shape, Flag):
        if not isinstance(value, bool):
            yield _defect(keys, Flaw.WRONG_TYPE, "true or false", value)
        return
    expected = f"a whole number from {shape.minimum} to {shape.maximum}"
    # TOML's true is Python's True, which is an int: a policy that says `days = true` means something else.
    if isinstance(value, bool) or not isinstance(value, int):
        yield _defect(keys, Flaw.WRONG_TYPE, expected, value)
    elif not shape.minimum <= value <= shape.maximum:
        yield _defect(keys, Flaw.OUT_OF_RANGE, expected, value)


def _text_defects(shape: Text, value: Any, keys: Keys) -> Iterator[Defect]:
    if not isinstance(value, str):
        yield _defect(keys, Flaw.WRONG_TYPE, f"{shape.form}, in quotes", value)
    elif len(value) > shape.longest:
        expected = f"{shape.form}, of at most {shape.longest} characters"
        yield Defect(keys=keys, flaw=Flaw.OUT_OF_RANGE, expected=expected, found=f"{len(value)} characters")
    elif has_hidden(value):
        expected = f"{shape.form}, without control characters or line breaks"
        yield _defect(keys, Flaw.NOT_ALLOWED, expected, value)
    elif re.search(shape.pattern, value) is None:
        yield _defect(keys, Flaw.NOT_ALLOWED, shape.form, value)


def _choice_defects(shape: Choice, value: Any, keys: Keys) -> Iterator[Defect]:
    if not isinstance(value, str):
        yield _defect(keys, Flaw.WRONG_TYPE, _one_of(shape.options), value)
    elif value not in shape.options:
        near = nearest(value, shape.options) if len(shape.options) > 1 else None
        hint = f' (did you mean "{near}"?)' if near else ""
        yield _defect(keys, Flaw.NOT_ALLOWED, _one_of(shape.options) + hint, value)


def _list_defects(shape: Many, value: Any, keys: Keys) -> Iterator[Defect]:
    if not isinstance(value, list):
        yield _defect(keys, Flaw.WRONG_TYPE, "a list", value)
        return
    if len(value) > shape.most:
        expected = f"a list of at most {shape.most}"
        yield Defect(keys=keys, flaw=Flaw.OUT_OF_RANGE, expected=expected, found=f"{len(value)} items")
        return
    for place, item in enumerate(value):
        yield from defects(shape.item, item, (*keys, place))


def _table_defects(shape: Table, value: Any, keys: Keys) -> Iterator[Defect]:
    if not isinstance(value, dict):
        yield _defect(keys, Flaw.WRONG_TYPE, "a table", value)
        return
    for name in shape.needed:
        if name not in value:
            yield Defect(
                keys=(*keys, name), flaw=Flaw.MISSING_KEY, expected=f'the key "{name}"', found="nothing of that name"
            )
    for name, item in value.items():
        if name in shape.fields:
            yield from defects(shape.fields[name], item, (*keys, name))
        else:
            near = nearest(name, tuple(shape.fields))
            expected = f'a known key (did you mean "{near}"?)' if near else _one_of(tuple(shape.fields))
            yield Defect(keys=(*keys, name), flaw=Flaw.UNKNOWN_KEY, expected=expected, found="an unknown key")


def _named_defects(shape: Named, value: Any, keys: Keys) -> Iterator[Defect]:
    if not isinstance(value, dict):
        yield _defect(keys, Flaw.WRONG_TYPE, "a table", value)
        return
    if len(value) > shape.most:
        expected = f"at most {shape.most} entries"
        yield Defect(keys=keys, flaw=Flaw.OUT_OF_RANGE, expected=expected, found=f"{len(value)} entries")
        return
    for name, item in value.items():
        yield from _text_defects(shape.names, name, (*keys, name))
        yield from defects(shape.item, item, (*keys, name))


def nearest(word: str, known: Sequence[str]) -> str | None:
    """The known word that was probably meant."""
    # difflib's cost grows with the square of the length, and the word may be as long as the file.
    near = difflib.get_close_matches(word, known, n=1) if len(word) <= 60 else []
    return near[0] if near else None


def _one_of(known: Sequence[str]) -> str:
    return f'"{known[0]}"' if len(known) == 1 else "one of " + ", ".join(known)


def _defect(keys: Keys, flaw: Flaw, expected: str, value: Any) -> Defect:
    return Defect(keys=keys, flaw=flaw, expected=expected, found=found_text(value))


def found_text(value: Any) -> str:
    """A value read from TOML in a few words, safe to show."""
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            # Longer numbers are not worth reading, and Python refuses to write those over 4,300 digits.
            return str(value) if abs(value) < 10**12 else "a very large number"
        case str():
            return f'the text "{shown(value, longest=40)}"'
        case float():
            return f"the number {value}"
        case list():
            return "a list"
        case dict():
            return "a table"
        case datetime() | date() | time():
            return "a date or time without quotes"
        case _:
            return "something else"
