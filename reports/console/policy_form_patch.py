"""Changes single values of a policy's text and leaves all else, comments included, where it stands."""

import copy
import json
import re
import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from checks.policy_form import Value
from checks.policy_lines import Token, tokens

Path = tuple[str, ...]
"""Tables and a key, from the top of the file."""
BARE = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Patched:
    """The new text."""

    text: str
    rewritten: bool
    """The text was laid out in a way that we can't follow, so all of it was written anew: its comments are gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Statement:
    """A header, or a key with its value."""

    path: Path
    is_header: bool
    first: int
    """Its lines, from 0; the last one included."""
    last: int
    pieces: tuple[Token, ...]


def patched(text: str, changes: Mapping[Path, Value | None]) -> Patched:
    """The text with values set, or taken out where a change is None. The text must be valid TOML.

    What comes out is read again and compared with what was meant: where it differs, the file is written anew.
    """
    meant = _changed(tomllib.loads(text), changes)
    made = text
    for path, value in changes.items():
        made = _with(made, path, value)
    if _same(made, meant):
        return Patched(
            text=_without_bare(made, {path[:-1] for path, value in changes.items() if value is None}), rewritten=False
        )
    return Patched(text=_written(meant), rewritten=True)


def _changed(data: dict[str, Any], changes: Mapping[Path, Value | None]) -> dict[str, Any]:
    made = copy.deepcopy(data)
    for path, value in changes.items():
        table = made
        for name in path[:-1]:
            table = table.setdefault(name, {})
        if value is None:
            table.pop(path[-1], None)
        else:
            table[path[-1]] = list(value) if isinstance(value, tuple) else value
    return _without_empty(made)


def _without_empty(table: dict[str, Any]) -> dict[str, Any]:
    """A table that says nothing is no table: whether its header stays makes no difference."""
    inner = {name: _without_empty(one) if isinstance(one, dict) else one for name, one in table.items()}
    return {name: one for name, one in inner.items() if one != {} or not isinstance(one, dict)}


def _without_bare(text: str, tables: Collection[Path]) -> str:
    """The text without the headers of those tables that now say nothing: some must say something where they stand."""
    lines, data = text.split("\n"), tomllib.loads(text)
    bare = [one for one in _statements(text) if one.is_header and one.path in tables and _at(data, one.path) == {}]
    for one in reversed(bare):
        del lines[one.first : one.last + 1]
    return "\n".join(lines)


def _at(data: Mapping[str, Any], path: Path) -> Any:
    found: Any = data
    for name in path:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def _same(text: str, meant: dict[str, Any]) -> bool:
    try:
        return _without_empty(tomllib.loads(text)) == meant
    except tomllib.TOMLDecodeError:
        return False


def _with(text: str, path: Path, value: Value | None) -> str:
    """One change by lines. May come out wrong for inline tables and the like; `patched` looks."""
    lines = text.split("\n")
    statements = list(_statements(text))
    there = next((one for one in statements if one.path == path and not one.is_header), None)
    if there is not None:
        lines[there.first : there.last + 1] = [] if value is None else _line(lines, there, value)
    elif value is not None:
        _insert(lines, statements, path, value)
    return "\n".join(lines)


def _line(lines: Sequence[str], there: _Statement, value: Value) -> list[str]:
    """The statement with another value; a comment behind it stays where it stood on one line."""
    line = lines[there.first]
    if there.first != there.last:
        return [f"{line[: line.index('=')]}= {value_text(value)}"]
    place, start = 0, None
    for piece in there.pieces:
        place = line.index(piece.text, place)
        if start is not None and start < 0:
            start = place
        place += len(piece.text)
        if piece.text == "=" and start is None:
            start = -1
    assert start is not None
    return [f"{line[:start]}{value_text(value)}{line[place:]}"]


def _insert(lines: list[str], statements: Sequence[_Statement], path: Path, value: Value) -> None:
    """After the last key of its own table; a table that is not there is put at the end."""
    said = f"{key_text(path[-1])} = {value_text(value)}"
    table = path[:-1]
    header = next((one for one in statements if one.is_header and one.path == table), None)
    own = [one for one in statements if not one.is_header and one.path[:-1] == table]
    if own:
        lines.insert(own[-1].last + 1, said)
    elif header is not None:
        lines.insert(header.last + 1, said)
    else:
        while lines and not lines[-1].strip():
            lines.pop()
        lines += ["", f"[{'.'.join(map(key_text, table))}]", said, ""]


def _statements(text: str) -> Iterator[_Statement]:
    table: Path = ()
    for pieces in _grouped(text):
        is_header = pieces[0].kind == "open"
        names = tuple(_names(pieces))
        path = names if is_header else (*table, *names)
        table = path if is_header else table
        last = pieces[-1].line + pieces[-1].text.count("\n")
        yield _Statement(path=path, is_header=is_header, first=pieces[0].line - 1, last=last - 1, pieces=tuple(pieces))


def _grouped(text: str) -> Iterator[list[Token]]:
    """The pieces of each statement."""
    pieces: list[Token] = []
    nested = 0
    for token in tokens(text):
        nested += {"open": 1, "close": -1}.get(token.kind, 0)
        if token.kind != "end":
            pieces.append(token)
        elif pieces and nested <= 0:
            yield pieces
            pieces, nested = [], 0
    if pieces:
        yield pieces


def _names(pieces: Sequence[Token]) -> Iterator[str]:
    """Those of a header, or before the equals sign."""
    for piece in pieces:
        if piece.text == "=":
            return
        if piece.kind in ("word", "text"):
            yield piece.text.strip("\"'")


def _written(data: Mapping[str, Any], table: Path = ()) -> str:
    """All of it anew: values first, then the tables inside."""
    values = [f"{key_text(name)} = {_plain_text(one)}" for name, one in data.items() if not isinstance(one, dict)]
    head = [f"[{'.'.join(map(key_text, table))}]"] if table and values else []
    own = "\n".join([*head, *values])
    inner = [_written(one, (*table, name)) for name, one in data.items() if isinstance(one, dict)]
    whole = "\n\n".join(one.strip("\n") for one in (own, *inner) if one.strip())
    return f"{whole}\n"


def _plain_text(value: Any) -> str:
    return value_text(tuple(value) if isinstance(value, list) else value)


def key_text(name: str) -> str:
    """A name as TOML writes it."""
    return name if BARE.fullmatch(name) else _quoted(name)


def value_text(value: Value) -> str:
    """A value as TOML writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return f"[{', '.join(map(_quoted, value))}]"
    return str(value) if isinstance(value, int) else _quoted(value)


def _quoted(text: str) -> str:
    """JSON's strings are TOML's, but for the one control character that JSON leaves as it is."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
