"""The configuration language of Hyprland's programs, as far as hypridle and hyprlock use it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from agent.collect.host import CollectError, Host
from checks.evidence import Why

MOST_FILES = 16
LONGEST_VALUE = 4096
MOST_VARIABLES = 256


@dataclass(slots=True, kw_only=True)
class Block:
    """A category such as `listener { ... }`; the name "" for what stands outside."""

    name: str
    values: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class _Reading:
    """What is carried from line to line and from file to file."""

    host: Host
    blocks: list[Block]
    variables: dict[str, str] = field(default_factory=dict)
    files: int = 0


def blocks(host: Host, path: str) -> tuple[Block, ...]:
    """The blocks of a file and of those that it sources, in order. Raises CollectError."""
    reading = _Reading(host=host, blocks=[Block(name="")])
    _file(reading, path)
    return tuple(reading.blocks)


def _file(reading: _Reading, path: str) -> None:
    reading.files += 1
    if reading.files > MOST_FILES:
        raise CollectError(Why.UNPARSABLE, "too many files source one another")
    outside = current = reading.blocks[0]
    for line in _lines(reading.host.read(path)):
        if line.endswith("{"):
            if current is not outside:
                raise CollectError(Why.UNPARSABLE, f"{path}: a block within a block")
            current = Block(name=line[:-1].strip())
            reading.blocks.append(current)
        elif line == "}":
            current = outside
        else:
            _assign(reading, current, line, path)


def _lines(text: str) -> Iterator[str]:
    """Lines without comments; `##` is one real sign."""
    for line in text.splitlines():
        if re.match(r"\s*#\s*hyprlang\s+if\b", line):
            raise CollectError(Why.NOT_SAID, "a conditional part")
        bare = re.split(r"(?<!#)#(?!#)", line, maxsplit=1)[0].replace("##", "#").strip()
        if bare:
            yield bare


def _assign(reading: _Reading, block: Block, line: str, path: str) -> None:
    key, sign, value = (part.strip() for part in line.partition("="))
    if not sign:
        raise CollectError(Why.UNPARSABLE, f"{path}: {line[:80]}")
    value = _filled(reading, value)
    if key == "source":
        _file(reading, _sourced(reading.host, value, path))
    elif key.startswith("$"):
        reading.variables[key] = value
        if len(reading.variables) > MOST_VARIABLES:
            raise CollectError(Why.UNPARSABLE, f"{path}: too many variables")
    elif block.name == "" and ":" in key:
        name, _, inner = key.partition(":")
        reading.blocks.append(Block(name=name, values={inner: value}))
    else:
        block.values[key] = value


def _filled(reading: _Reading, value: str) -> str:
    for name in sorted(reading.variables, key=len, reverse=True):
        value = value.replace(name, reading.variables[name])
        if len(value) > LONGEST_VALUE:
            raise CollectError(Why.UNPARSABLE, "a value grows without end")
    return value


def _sourced(host: Host, value: str, path: str) -> str:
    if set(value) & set("*?["):
        raise CollectError(Why.NOT_SAID, "sources files by a pattern")
    if value.startswith("~/"):
        return f"{host.home}{value[1:]}"
    return value if value.startswith("/") else f"{path.rsplit('/', 1)[0]}/{value}"
