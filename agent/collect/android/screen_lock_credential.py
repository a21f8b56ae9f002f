"""Whether a phone opens with a PIN, a password or a pattern: what the lock says of itself, else what gives it away."""

import re
from collections.abc import Iterator

from agent.collect.android.answers import answer, first_of
from agent.collect.android.commands import KEYGUARD, LOCK, TRUST
from agent.collect.android.screen_lock_trust import locked
from agent.collect.host import CollectError, Host
from checks.evidence import Why

USER = re.compile(r"\s*User ([0-9]{1,10})\s*")
STORAGE = "Storage:"
"""Below it the users stand once more, with their files."""
TYPE = re.compile(r"\s*CredentialType: ([A-Za-z_]{1,40})\s*")
SID = re.compile(r"\s*SID = ([0-9a-f]{1,16})\s*")
"""Up to Android 10. Later ones write `SID: ` and name the type as well, which then is what counts."""
TYPES = {"none": False, "pin": True, "password": True, "pattern": True, "passwordorpin": True, "password_or_pin": True}
OWNER = "0"
KEYGUARD_LINE = re.compile(r"^[ \t]*(secure|mSimSecure|mCurrentUserId)=(\w+)[ \t]*$", re.MULTILINE)


def credential(host: Host) -> bool:
    """Ask the three that know, the surest first. Raises the first one's CollectError where none says.

    A screen that is locked now proves a credential; the keyguard only remembers what it was last told.
    """
    return first_of(
        (
            lambda: parse_lock_settings(answer(host, LOCK)),
            lambda: locked(answer(host, TRUST)),
            lambda: parse_keyguard(answer(host, KEYGUARD)),
        )
    )


def parse_lock_settings(text: str) -> bool:
    """The owner's part of `dumpsys lock_settings`. Raises UNPARSABLE where it says nothing, or two things."""
    lines = list(_owner(text))
    named = {found.group(1).lower() for line in lines if (found := TYPE.fullmatch(line)) is not None}
    if named:
        if len(named) > 1 or not named <= set(TYPES):
            raise CollectError(Why.UNPARSABLE, "a type of credential that we do not know")
        return TYPES[named.pop()]
    numbers = {int(found.group(1), 16) for line in lines if (found := SID.fullmatch(line)) is not None}
    if len(numbers) != 1:
        raise CollectError(Why.UNPARSABLE, "no credential is named, and none is said to be lacking")
    return numbers.pop() != 0


def _owner(text: str) -> Iterator[str]:
    """Lines of user 0. How far they are indented differs by version and by who copied them."""
    inside = False
    for line in text.split("\n"):
        if line.strip() == STORAGE:
            return
        user = USER.fullmatch(line)
        if user is not None:
            inside = user.group(1) == OWNER
        elif inside:
            yield line


def parse_keyguard(text: str) -> bool:
    """`dumpsys window policy`. Raises UNPARSABLE where it does not say, or may mean the SIM card or another user."""
    told: dict[str, set[str]] = {}
    for key, value in KEYGUARD_LINE.findall(text):
        told.setdefault(key, set()).add(value)
    # A SIM card that waits for its PIN makes the keyguard secure as well, and is none.
    if told.get("mSimSecure") != {"false"} or told.get("mCurrentUserId") != {OWNER}:
        raise CollectError(Why.UNPARSABLE, "the keyguard does not say for whom")
    secure = told.get("secure")
    if secure not in ({"true"}, {"false"}):
        raise CollectError(Why.UNPARSABLE, "the keyguard does not say")
    return secure == {"true"}
