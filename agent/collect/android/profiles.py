"""The users and profiles on a phone, as `pm list users` and `dumpsys user` list them: never their names."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from agent.collect.android.answers import answer
from agent.collect.android.commands import USER_STATES, USERS
from agent.collect.host import CollectError, Host
from checks.evidence import Why

OWNER = 0
ENTRY = re.compile(r"^[ \t]{0,8}UserInfo\{([0-9]{1,6}):", re.MULTILINE)
LISTED = re.compile(r":([0-9a-f]{1,8})\}(?: running)?\Z")
DUMPED = re.compile(r":([0-9a-f]{1,8})\} serialNo=[0-9]{1,10}\b([^\n]*)")
KIND = re.compile(r"^ {1,12}Type: (android\.os\.usertype\.[a-z]{1,20}\.[A-Z_]{1,40})$", re.MULTILINE)
UNREAL = ("<partial>", "<pre-created>")
"""Marks of users who are not there yet; `pm` leaves them out."""
GUEST, MANAGED, FULL, SYSTEM, PROFILE = 0x4, 0x20, 0x400, 0x800, 0x1000
"""Android's flags. FULL, SYSTEM and PROFILE came with Android 10 and 11."""


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """One user or profile."""

    id: int
    flags: int
    kind: str = ""
    """Android's own type of user, such as android.os.usertype.profile.CLONE; "" before Android 11, and in `pm`."""


def listed(host: Host) -> Mapping[int, User]:
    """Id -> user, from `pm list users`. Raises CollectError."""
    return parse_listed(answer(host, USERS))


def dumped(host: Host) -> Mapping[int, User]:
    """Id -> user, from `dumpsys user`. Raises CollectError."""
    return parse_dumped(answer(host, USER_STATES))


def parse_listed(text: str) -> Mapping[int, User]:
    """Raises UNPARSABLE for an entry that does not end as it should: what follows it may be missing."""
    found: dict[int, User] = {}
    for number, entry in _entries(text):
        flags = LISTED.search(entry.rstrip()[-100:])
        if flags is None or number in found:
            raise CollectError(Why.UNPARSABLE, "an entry of the list of users is not whole")
        found[number] = User(id=number, flags=int(flags.group(1), 16))
    return _with_owner(found)


def parse_dumped(text: str) -> Mapping[int, User]:
    """Raises UNPARSABLE likewise."""
    found: dict[int, User] = {}
    for number, entry in _entries(text):
        head = DUMPED.search(entry)
        if head is None or number in found:
            raise CollectError(Why.UNPARSABLE, "an entry of the users' states is not whole")
        if not any(mark in head.group(2) for mark in UNREAL):
            kind = KIND.search(entry, head.end())
            found[number] = User(id=number, flags=int(head.group(1), 16), kind=kind.group(1) if kind else "")
    return _with_owner(found)


def _entries(text: str) -> Iterator[tuple[int, str]]:
    """(id, everything up to the next entry). A name may hold colons and line ends, so lines are no guide."""
    starts = list(ENTRY.finditer(text))
    ends = [*(one.start() for one in starts[1:]), len(text)]
    for start, end in zip(starts, ends, strict=False):
        yield int(start.group(1)), text[start.end() - 1 : end]


def _with_owner(found: Mapping[int, User]) -> Mapping[int, User]:
    if OWNER not in found:
        raise CollectError(Why.UNPARSABLE, "a list of users without the owner")
    return found
