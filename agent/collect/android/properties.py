"""System properties, as `getprop` lists them: `[key]: [value]`, where a value may span lines."""

import re
from collections.abc import Mapping
from itertools import islice

from agent.collect.android.answers import answer
from agent.collect.android.commands import PROPERTIES
from agent.collect.host import CollectError, Host
from checks.evidence import Why

ENTRY = re.compile(r"^\[([^\]\n]{1,200})\]: \[", re.MULTILINE)

MOST = 20_000
"""A full phone has some 1,500."""


def properties(host: Host) -> Mapping[str, str]:
    """Every property. Raises CollectError."""
    return parse(answer(host, PROPERTIES))


def parse(text: str) -> Mapping[str, str]:
    """Key -> value. Raises UNPARSABLE where no line has the form, or one key has two values: one of them is made up."""
    text = text.replace("\r", "")  # of the line ends of a terminal, with which some old phones answer
    starts = list(islice(ENTRY.finditer(text), MOST + 1))
    if not starts:
        raise CollectError(Why.UNPARSABLE, "getprop listed nothing")
    if len(starts) > MOST:
        raise CollectError(Why.TOO_LARGE, "getprop listed more than any phone has")
    found: dict[str, str] = {}
    for entry, following in zip(starts, [*starts[1:], None], strict=True):
        value = text[entry.end() : following.start() if following else len(text)].rstrip("\n")
        if not value.endswith("]"):
            continue  # cut in the middle: what is not whole is not there
        if found.setdefault(entry.group(1), value[:-1]) != value[:-1]:
            raise CollectError(Why.UNPARSABLE, "a property is told twice")
    if not found:
        raise CollectError(Why.UNPARSABLE, "getprop listed nothing")
    return found


def same_start(one: str, other: str) -> bool:
    """Whether two lists are of one phone between two of its starts: what is read-only there differs in none.

    Among that are the moments at which its services began, so two phones of one model differ, too.
    """
    try:
        first, second = parse(one), parse(other)
    except CollectError:
        return False
    fixed = [key for key in first.keys() & second.keys() if key.startswith("ro.")]
    return bool(fixed) and all(first[key] == second[key] for key in fixed)


def release(host: Host) -> int:
    """The API level, such as 34. Raises CollectError."""
    text = properties(host).get("ro.build.version.sdk", "")
    if not re.fullmatch("[0-9]{1,3}", text):
        raise CollectError(Why.UNPARSABLE, "no API level")
    return int(text)
