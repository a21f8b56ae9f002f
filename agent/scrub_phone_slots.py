"""Where in a phone's answers stand words that a person chose, and how the answers are laid out."""

import re
from collections.abc import Iterator
from enum import StrEnum

from agent.collect.android.answers import REFUSED
from agent.collect.android.updates import PATCH


class Part(StrEnum):
    """How a piece of a line is treated."""

    TEXT = "text"
    """Words that we know stay."""
    PERSONAL = "personal"
    """None stays."""
    SETTING = "setting"
    """The key of a setting."""
    PROPERTY = "property"
    """The key of a property."""
    AS_IT_IS = "as_it_is"


class Layout(StrEnum):
    """The form of a whole answer."""

    PROPERTIES = "properties"
    """`[key]: [value]`"""
    SETTINGS = "settings"
    """`key=value`"""
    DUMP = "dump"


Piece = tuple[Part, str]
PLAIN = re.compile(r"\s*(?:null|true|false|none|\"\"|-?[0-9]{1,5}|-?[0-9]{1,3}\.[0-9]|2147483647|)\s*", re.IGNORECASE)
"""Values that say nothing of anybody."""
PROPERTY = re.compile(r"\[([^\]]{1,200})\]: \[(.*)\](\s*)")
OPENED = re.compile(r"\[([^\]]{1,200})\]: \[(.*)")
"""A property whose value goes on in the next line."""
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
SETTING = re.compile(r"([A-Za-z0-9_.:/-]{1,200})=(.*)", re.DOTALL)
HINTS = re.compile(
    r"UserInfo|User \"|Account |name|label|message|title|ssid|destination|organi[sz]ation|info|QAAA", re.I
)
"""What a line must hold to be looked at for slots: it spares most lines the slower search."""
LONGEST_LINE = 4096
"""A longer one is not searched for slots, which would take it long, but is one as a whole."""
KEYED = (
    r"(?:display|device|host|owner|user|network|profile)?_?name|label|fsLabel|nickname|message|title|ssid|"
    r"\w{0,30}organi[sz]ation\w{0,30}|\w{0,30}(?:support_?message|owner_?info|lock_?screen_?info)"
)
SLOTS = tuple(
    re.compile(slot, re.IGNORECASE if "KEY" in slot else 0)
    for slot in (
        r"UserInfo\{[0-9]{1,6}:(.*):[0-9a-f]{1,8}\}",
        r"UserInfo\{[0-9]{1,6}:(.*)",
        r"^\s*User \"(.*)\" \(id=",
        r"^\s*User \"(.*)",
        r"Account \{name=(.*), type=",
        r"^Account (.*) u[0-9]{1,9} \S{1,200}\s*$",
        r"^\s*destination: (.*)",
        rf"(?#KEY)(?<![A-Za-z0-9_])(?:{KEYED})(?:=|: )(.*)",
        r"[A-Za-z0-9+/=]{100,}(.*)",
    )
)
"""Each finds in a line what somebody may have typed: its first group. The first that matches a line counts."""


def refused(line: str) -> bool:
    """Whether Android refuses here."""
    return any(pattern.search(line[:LONGEST_LINE]) is not None for pattern, _ in REFUSED)


def pieces(line: str, layout: Layout, known: frozenset[str]) -> Iterator[Piece]:
    """A line taken apart. `known`: settings and properties whose values decide something."""
    if layout is Layout.PROPERTIES:
        yield from _property(line, known)
    elif layout is Layout.SETTINGS:
        yield from _setting(line, known)
    else:
        yield from _dumped(line)


def _property(line: str, known: frozenset[str]) -> Iterator[Piece]:
    found = PROPERTY.fullmatch(line)
    opened = OPENED.match(line) if found is None else None
    if found is not None:
        key, value, end = found.groups()
        yield Part.AS_IT_IS, "["
        yield Part.PROPERTY, key
        yield Part.AS_IT_IS, "]: ["
        yield (Part.AS_IT_IS if key == PATCH and DATE.fullmatch(value) else _value(key, value, known)), value
        yield Part.AS_IT_IS, f"]{end}"
    elif opened is not None:
        yield Part.AS_IT_IS, "["
        yield Part.PROPERTY, opened[1]
        yield Part.AS_IT_IS, "]: ["
        yield Part.PERSONAL, opened[2]
    else:
        yield (Part.TEXT if refused(line) else Part.PERSONAL), line


def _setting(line: str, known: frozenset[str]) -> Iterator[Piece]:
    """A line of another form is the rest of a value."""
    found = SETTING.match(line)
    if found is None:
        yield (Part.TEXT if refused(line) else Part.PERSONAL), line
        return
    key, value = found.groups()
    if key in known:
        yield Part.TEXT, line
        return
    yield Part.SETTING, key
    yield Part.AS_IT_IS, "="
    yield _value(key, value, known), value


def _value(key: str, value: str, known: frozenset[str]) -> Part:
    return Part.TEXT if key in known or PLAIN.fullmatch(value) else Part.PERSONAL


def _dumped(line: str) -> Iterator[Piece]:
    hint = HINTS.search(line) is not None
    if hint and len(line) > LONGEST_LINE:
        yield Part.PERSONAL, line
        return
    slot = _slot(line) if hint else None
    if slot is None or refused(line):
        yield Part.TEXT, line
        return
    start, end = slot
    yield Part.TEXT, line[:start]
    yield Part.PERSONAL, line[start:end]
    yield Part.TEXT, line[end:]


def _slot(line: str) -> tuple[int, int] | None:
    for pattern in SLOTS:
        found = pattern.search(line)
        if found is not None:
            return None if PLAIN.fullmatch(found[1]) else found.span(1)
    return None
