"""Android's settings tables, as `settings list` prints them: `key=value`, one a line."""

import re
from collections.abc import Mapping
from itertools import islice

from agent.collect.android.answers import answer
from agent.collect.android.commands import SETTINGS
from agent.collect.host import CollectError, Host
from checks.evidence import Why

LINE = re.compile(r"^([A-Za-z0-9_.:/-]{1,200})=(.*)\n", re.MULTILINE)
"""With its line end: of a number that was cut the first digits would be another number."""
NEVER_MS = 2**31 - 1
"""What makers store for "never"."""
MOST = 20_000
"""A full phone has some 700 in a table."""


def settings(host: Host, table: str) -> Mapping[str, str]:
    """Every setting of `global`, `secure` or `system`. Raises CollectError."""
    return parse(answer(host, SETTINGS[table]))


def parse(text: str) -> Mapping[str, str]:
    """Key -> value; `null` counts as absent.

    Raises UNPARSABLE where no line has the form, or one key has two values: some value spans lines and passes for a
    setting. Raises TOO_LARGE.
    """
    found: dict[str, str] = {}
    for line in islice(LINE.finditer(text), MOST + 1):
        if found.setdefault(line.group(1), line.group(2)) != line.group(2):
            raise CollectError(Why.UNPARSABLE, "a setting is told twice")
    if not found:
        raise CollectError(Why.UNPARSABLE, "settings listed nothing")
    if len(found) > MOST:
        raise CollectError(Why.TOO_LARGE, "settings listed more than any phone has")
    return {key: value for key, value in found.items() if value != "null"}


def whole(table: Mapping[str, str], key: str) -> int | None:
    """A setting as a whole number; None where it is absent, that is, at the system's default. Raises UNPARSABLE."""
    text = table.get(key, "")
    if text == "":
        return None
    if not re.fullmatch(r"-?[0-9]{1,12}", text):
        raise CollectError(Why.UNPARSABLE, f"{key} is no number")
    return int(text)
