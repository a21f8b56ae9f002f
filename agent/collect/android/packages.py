"""Which apps are installed for the phone's owner, and which of them are switched off."""

import re
from collections.abc import Iterable

from agent.collect.android.answers import answer, told
from agent.collect.android.commands import DISABLED, PACKAGES
from agent.collect.host import CollectError, Host
from checks.evidence import Why

LINE = re.compile(r"^package:(?:.*=)?([A-Za-z0-9._]{1,255})$")
FEWEST = 5
"""Android itself is dozens of packages; a shorter list was cut, or is none."""
ALWAYS = "android"
"""The system's own package: a list without it is not whole."""


def installed(host: Host) -> frozenset[str]:
    """Apps of the owner, those that are switched off included. Raises CollectError."""
    found = parse(answer(host, PACKAGES))
    if len(found) < FEWEST or ALWAYS not in found:
        raise CollectError(Why.UNPARSABLE, "the list of apps is not whole")
    return found


def enabled(host: Host) -> frozenset[str]:
    """Apps of the owner that can run. Raises CollectError."""
    return installed(host) - parse(told(host, DISABLED))


def parse(text: str) -> frozenset[str]:
    """Package names. Raises UNPARSABLE for a line that is none: what follows it may be missing."""
    return frozenset(_names(line.strip() for line in text.splitlines()))


def _names(lines: Iterable[str]) -> Iterable[str]:
    for line in lines:
        if line == "":
            continue
        found = LINE.match(line)
        if found is None:
            raise CollectError(Why.UNPARSABLE, "a line of the list of apps is no app")
        yield found.group(1)
