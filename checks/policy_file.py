"""The bytes of one policy file -> a layer, or everything that is wrong with the file."""

import hashlib
import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from checks.policy_form import LayerName, Value, policy_form
from checks.policy_lines import excess, lines_by_key
from checks.policy_shape import Defect, Flaw, Keys, defects
from checks.policy_text import key_text, shown
from checks.spec import Check

LARGEST_BYTES = 256 * 1024
"""A policy that sets every value of every profile stays under a tenth of it."""
MOST_FAULTS = 50
"""More are not worth reading at once."""
BODIES = (
    "apps", "acknowledgement", "grace", "schedule", "record_system", "before_shift", "review", "checks", "profiles",
)  # fmt: skip
"""The tables whose values stack, key by key."""

Path = tuple[str, ...]
"""Names of tables and of a key, from the top of the file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One reason why a policy file is refused. All its text is safe to show."""

    flaw: Flaw
    file: str
    """As the reader of the file names it; never a path that says whose account it is."""
    line: int
    """From 1; of the table where the key itself has no line of its own."""
    key: str
    """Such as `checks.screen_lock.level`; "" where it is about the file."""
    expected: str
    found: str

    def __str__(self) -> str:
        key = f"{self.key}: " if self.key else ""
        return f"{self.file}:{self.line}: {key}expected {self.expected}, found {self.found}"


class PolicyError(Exception):
    """A policy file that is refused: a wrong rule is worse than an older one."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = tuple(faults)
        """At least one, in the order of the file; at most MOST_FAULTS."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One value of a layer, with where it stands and why."""

    value: Value
    line: int
    reason: str
    """That of its own table, since a profile's reason is about the profile; "" where none is given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Whom to ask."""

    label: str
    phone: str
    email: str
    url: str
    """Each "" where there is none."""

    def __str__(self) -> str:
        ways = ", ".join(one for one in (self.phone, self.email, self.url) if one)
        return f"{self.label}: {ways}" if ways else self.label


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One policy file, read and found right."""

    name: LayerName
    id: str
    version: str
    title: str
    file: str
    digest: str
    """Of what it says: comments and layout do not change it."""
    settings: Mapping[Path, Setting]
    contacts: Mapping[str, Contact]


def read_layer(raw: bytes, *, file: str, checks: Sequence[Check[Any, Any]]) -> Layer:
    """Read a policy file. Raises PolicyError, and nothing else, whatever the bytes are; `file` names it in faults."""
    label = shown(file)
    text = _text(raw, label)
    data = _parsed(text, label)
    wrong = list(islice(defects(policy_form(checks), data), MOST_FAULTS))
    lines = lines_by_key(text)
    if wrong:
        faults = [_fault(one, label, lines) for one in wrong]
        raise PolicyError(sorted(faults, key=lambda one: (one.line, one.key)))
    return _layer(data, label, lines)


def _text(raw: bytes, file: str) -> str:
    if len(raw) > LARGEST_BYTES:
        raise _file_error(Flaw.TOO_LARGE, file, 1, f"at most {LARGEST_BYTES // 1024} KiB", "more")
    try:
        # Editors on Windows put a byte order mark first; it means nothing here.
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise _file_error(Flaw.NOT_TEXT, file, line, "text in UTF-8", "other bytes") from error


def _parsed(text: str, file: str) -> Mapping[str, Any]:
    beyond = excess(text)
    if beyond is not None:
        line, expected = beyond
        raise _file_error(Flaw.BEYOND, file, line, expected, "more")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        said, line = _position(str(error), text)
        raise _file_error(Flaw.SYNTAX, file, line, "valid TOML", f"the fault: {shown(said)}") from error


def _position(message: str, text: str) -> tuple[str, int]:
    """What Python's reader said, and the line, which it puts into brackets at the end."""
    said, _, place = message.rpartition(" (at ")
    numbers = re.match(r"line (\d+)", place)
    return said, int(numbers[1]) if numbers else text.count("\n") + 1


def _file_error(flaw: Flaw, file: str, line: int, expected: str, found: str) -> PolicyError:
    return PolicyError([Fault(flaw=flaw, file=file, line=line, key="", expected=expected, found=found)])


def _fault(defect: Defect, file: str, lines: Mapping[Keys, int]) -> Fault:
    return Fault(
        flaw=defect.flaw,
        file=file,
        line=_line(defect.keys, lines),
        key=key_text(defect.keys),
        expected=defect.expected,
        found=defect.found,
    )


def _line(keys: Keys, lines: Mapping[Keys, int]) -> int:
    """The line of the nearest thing that has one: the key, or else a table around it, or else the file's first."""
    return next((lines[keys[:n]] for n in range(len(keys), 0, -1) if keys[:n] in lines), 1)


def _layer(data: Mapping[str, Any], file: str, lines: Mapping[Keys, int]) -> Layer:
    bodies = {name: data.get(name, {}) for name in BODIES}
    return Layer(
        name=LayerName(data["layer"]),
        id=data["id"],
        version=data["version"],
        title=data["name"],
        file=file,
        digest=hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest(),
        settings=dict(_settings(bodies, (), lines)),
        contacts={name: _contact(table) for name, table in data.get("contacts", {}).items()},
    )


def _settings(table: Mapping[str, Any], path: Path, lines: Mapping[Keys, int]) -> Iterator[tuple[Path, Setting]]:
    reason = table.get("reason", "")
    for name, value in table.items():
        here = (*path, name)
        if isinstance(value, dict):
            yield from _settings(value, here, lines)
        elif name != "reason":
            flat = tuple(value) if isinstance(value, list) else value
            yield here, Setting(value=flat, line=_line(here, lines), reason=reason)


def _contact(table: Mapping[str, str]) -> Contact:
    return Contact(
        label=table["label"], phone=table.get("phone", ""), email=table.get("email", ""), url=table.get("url", "")
    )
