"""What `dumpsys trust` tells: whether the phone is locked, and whether something may keep it open without the PIN.

Android calls that trust agents; people know it as Extend Unlock or Smart Lock.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agent.collect.android.settings import whole
from agent.collect.host import CollectError
from checks.evidence import Why

IDENTITY = re.compile(r"(\d{1,10}), flags=(?:0x)?[0-9a-fA-F]{1,16}\)((?: ?\([a-z ]{1,60}\)){0,4}): (.+)")
PAIR = re.compile(r"([A-Za-z]{1,40})=(\w{1,40})")
AGENT = re.compile(r" +bound=")
CURRENT = "(current)"
OWNER = 0
"""Its number alone of all is written in the digits of the person's language."""
IN_USE = {
    "trustManaged": {"1"},
    "managingTrust": {"1"},
    "isActiveUnlockRunning": {"1"},
    "trusted": {"1"},
    "trustState": {"TRUSTED", "TRUSTABLE"},
}
"""Any of these, of the owner or of an agent of theirs."""
IDLE = ({"trustManaged": "0", "trusted": "0"}, {"trustManaged": "0", "trustState": "UNTRUSTED"})
"""What the owner's line says where nothing is in use: up to Android 12, and since."""
BAND = "bluetooth_unlock_status"
"""Xiaomi's own way for a band or watch, which its lock screen asks without any trust agent."""
WATCH = ("active_unlock_on_wake", "active_unlock_on_unlock_intent", "active_unlock_on_biometric_fail")
"""When the lock screen asks a watch to open it (Android 13 and later); the trust dump shows that only while it does."""
AFTER_BOOT = 1
REFUSED = {
    "disabled because the system is in safe mode.": Why.NOT_SAID,
    "disabled because the third-party apps can't run yet.": Why.NOT_UNLOCKED_YET,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """The owner's part of the dump."""

    current: bool
    """The owner is the one before the screen."""
    said: Mapping[str, str]
    """What the owner's own line says."""
    agents: Sequence[Mapping[str, str]]
    """What each agent's line says. Its message, which may name a place, is never read."""


def locked(text: str) -> bool:
    """True where the screen is locked for lack of a credential. An open one proves nothing: raises NOT_SAID."""
    if parse(text).said.get("deviceLocked") != "1":
        raise CollectError(Why.NOT_SAID, "not locked now, which says nothing of a credential")
    return True


def extended(text: str) -> bool:
    """Whether something may open the phone, or keeps it open, without the credential. Raises CollectError."""
    trust = parse(text)
    if not trust.current:
        raise CollectError(Why.UNTRUSTED_CONTEXT, "somebody else is before the screen")
    if any(one.get(key) in words for one in (trust.said, *trust.agents) for key, words in IN_USE.items()):
        return True
    strong = _number(trust.said.get("strongAuthRequired", ""))
    if strong:
        # Until the credential is given no agent may act, and some are not even asked.
        why = Why.NOT_UNLOCKED_YET if strong & AFTER_BOOT else Why.NOT_SAID
        raise CollectError(why, "the phone waits for its credential")
    if not any(idle.items() <= trust.said.items() for idle in IDLE):
        raise CollectError(Why.UNPARSABLE, "the owner's line lacks a part")
    return False


def beside(secure: Mapping[str, str]) -> bool:
    """Whether a setting lets a thing nearby open the phone, whatever trust agents do. Raises CollectError."""
    if whole(secure, BAND) not in (None, 0):
        return True
    if any(whole(secure, one) not in (None, 0) for one in WATCH):
        raise CollectError(Why.NOT_SAID, "the lock screen may ask a watch; whether one is set up is not said")
    return False


def parse(text: str) -> Trust:
    """The one line of user 0 and the agents below it. Raises UNPARSABLE where there is none, or two."""
    lines = text.split("\n")
    for line in lines:
        if line.strip() in REFUSED:
            raise CollectError(REFUSED[line.strip()], line.strip())
    found: list[tuple[int, bool, dict[str, str]]] = []
    ends: list[int] = []
    for number, line in enumerate(lines):
        if not line.lstrip(" ").startswith('User "'):
            continue
        ends.append(number)
        # A name may hold anything, this very form too: what counts is the line's end.
        identity = IDENTITY.fullmatch(line.rpartition('" (id=')[2].rstrip())
        if identity is not None and int(identity.group(1)) == OWNER:
            found.append((number, CURRENT in identity.group(2), dict(PAIR.findall(identity.group(3)))))
    if len(found) != 1:
        raise CollectError(Why.UNPARSABLE, "not one line about the owner")
    start, current, said = found[0]
    end = next((number for number in ends if number > start), len(lines))
    agents = [dict(PAIR.findall(line)) for line in lines[start + 1 : end] if AGENT.match(line)]
    return Trust(current=current, said=said, agents=agents)


def _number(text: str) -> int:
    if not re.fullmatch(r"0x[0-9a-f]{1,8}", text):
        raise CollectError(Why.UNPARSABLE, "not said whether the credential is needed")
    return int(text, 16)
