"""Where each key of a TOML text stands, which Python's reader does not say, and whether that reader can bear it."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

DEEPEST = 8
"""Brackets inside brackets, and parts of one dotted key. A policy needs five; Python's reader takes time that grows
with the square of the parts, and stops on brackets that nest too deep."""

LONGEST_WORD = 100
"""Of a bare name or a number; Python refuses to read numbers of over 4,300 digits, without saying where they stand."""

_STEP = {"open": 1, "close": -1}

_TOKEN = re.compile(
    r"""
      (?P<skip> [\ \t]+ | \#[^\n]* )
    | (?P<end> \r?\n )
    | (?P<text>
          \"{3} (?: [^"\\] | \\. | ""?(?!") )* \"{3,5}
        | '{3} (?: [^'] | ''?(?!') )* '{3,5}
        | "(?!"") (?: [^"\\\n] | \\[^\n] )* "
        | '(?!'') [^'\n]* '
      )
    | (?P<open> [\[{] )
    | (?P<close> [\]}] )
    | (?P<mark> [.=,] )
    | (?P<word> [^\s\[\]{}.=,\#"']+ )
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A piece of the text."""

    kind: str
    """end, text, open, close, mark or word."""
    text: str
    line: int
    """From 1."""


def tokens(text: str) -> Iterator[Token]:
    """The pieces of a TOML text, without blanks and comments, up to the first that is none: the reader refuses that."""
    line, place = 1, 0
    while (found := _TOKEN.match(text, place)) is not None:
        kind = str(found.lastgroup)
        if kind != "skip":
            yield Token(kind=kind, text=found.group(), line=line)
        line += found.group().count("\n")
        place = found.end()


def excess(text: str) -> tuple[int, str] | None:
    """Where a text first goes beyond what a policy needs and Python's reader bears: its line, and what is expected."""
    nested, dots = 0, 0
    for token in tokens(text):
        nested += _STEP.get(token.kind, 0)
        if token.text == ".":
            dots += 1
        elif token.kind not in ("word", "text"):
            dots = 0
        if nested > DEEPEST or dots >= DEEPEST:
            return token.line, f"tables, lists and keys at most {DEEPEST} deep"
        if token.kind == "word" and len(token.text) > LONGEST_WORD:
            return token.line, f"names and numbers of at most {LONGEST_WORD} characters"
    return None


def lines_by_key(text: str) -> Mapping[tuple[str | int, ...], int]:
    """The line of each table and key of a valid TOML text; keys inside an inline table stand where it begins."""
    lines: dict[tuple[str | int, ...], int] = {}
    table: tuple[str, ...] = ()
    for statement in _statements(text):
        if statement[0].kind == "open":
            table = path = _names(statement)
        else:
            path = (*table, *_names(statement))
        for length in range(1, len(path) + 1):
            lines.setdefault(path[:length], statement[0].line)
    return lines


def _statements(text: str) -> Iterator[list[Token]]:
    statement: list[Token] = []
    nested = 0
    for token in tokens(text):
        nested += _STEP.get(token.kind, 0)
        if token.kind != "end":
            statement.append(token)
        elif statement and nested == 0:
            yield statement
            statement = []
    if statement:
        yield statement


def _names(statement: list[Token]) -> tuple[str, ...]:
    """The names of a `[header]`, or those before the equals sign."""
    names: list[str] = []
    for token in statement:
        if token.text == "=":
            break
        if token.kind in ("word", "text"):
            names.append(_unquoted(token.text))
    return tuple(names)


def _unquoted(name: str) -> str:
    if name.startswith('"'):
        return str(tomllib.loads(f"name = {name}")["name"])
    return name.strip("'")
