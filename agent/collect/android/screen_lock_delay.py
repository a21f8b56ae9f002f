"""How long a phone stays open when nobody uses it: until the screen goes off, and from there until it locks."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from agent.collect.android.answers import answer
from agent.collect.android.commands import DEVICE_POLICY
from agent.collect.android.settings import NEVER_MS, settings, whole
from agent.collect.host import CollectError, Host
from agent.collect.observe import attempt
from checks.evidence import Why

SCREEN_OFF = "screen_off_timeout"
LOCK_AFTER = "lock_screen_lock_after_timeout"
STAY_ON = "stay_on_while_plugged_in"
LOCK_AFTER_DEFAULT_MS = 5000
"""A constant of the keyguard; seen in the systems of several makers. Of the screen's own time and of staying on, the
first start of a phone writes a value that the maker chose, so that without one nothing is known."""
ADMINS = re.compile(r"\s*Enabled Device Admins \(User ([0-9]{1,10})[,)]")
CAP = re.compile(r"\s*maximumTimeToUnlock=([0-9]{1,19})\s*")
OWNER = "0"
MOST_MS = 2**63 - 1
"""What an admin writes who wants no cap; 0 means the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delay:
    """What the settings say, in milliseconds; NEVER_MS and more is never."""

    screen_off_ms: int
    lock_after_ms: int


def idle_s(host: Host) -> int:
    """Seconds without use until the phone locks; 0 is never. Raises CollectError.

    What the power button does cannot be read, and need not be: the clock of the lock runs on behind a dark screen.
    """
    delay = parse(settings(host, "system"), settings(host, "secure"))
    # Where the cap was not seen the settings count as they are: later than the truth, if anything.
    return exposure_s(delay, attempt([], "cap", lambda: cap_ms(answer(host, DEVICE_POLICY))))


def stays_on(host: Host) -> bool:
    """Whether the screen stays on, and open, while the phone charges. Raises CollectError."""
    value = whole(settings(host, "global"), STAY_ON)
    if value is None:
        raise CollectError(Why.NOT_SAID, f"{STAY_ON} is not there")
    # An admin who caps the time takes this setting's power away.
    return value != 0 and not attempt([], "cap", lambda: cap_ms(answer(host, DEVICE_POLICY)))


def parse(system: Mapping[str, str], secure: Mapping[str, str]) -> Delay:
    """Raises CollectError where a time is not there and no default is sure, or is no time."""
    screen_off = whole(system, SCREEN_OFF)
    if screen_off is None:
        raise CollectError(Why.NOT_SAID, f"{SCREEN_OFF} is not there")
    if screen_off <= 0:
        raise CollectError(Why.UNPARSABLE, f"{SCREEN_OFF} is no time")
    return Delay(screen_off_ms=screen_off, lock_after_ms=_lock_after(secure))


def _lock_after(secure: Mapping[str, str]) -> int:
    value = whole(secure, LOCK_AFTER)
    if value is None:
        if not any(key > LOCK_AFTER for key in secure):  # the list is sorted: it was cut before this key
            raise CollectError(Why.UNPARSABLE, "the list of settings is not whole")
        return LOCK_AFTER_DEFAULT_MS
    if value < 0:
        raise CollectError(Why.UNPARSABLE, f"{LOCK_AFTER} is no time")
    return value


def cap_ms(text: str) -> int:
    """The longest time that the owner's admins allow, from `dumpsys device_policy`; 0 where none sets one."""
    caps: list[int] = []
    inside = False
    for line in text.split("\n")[:-1]:  # of a number that was cut the first digits would be another number
        header = ADMINS.match(line)
        if header is not None:
            inside = header.group(1) == OWNER
        elif inside and (cap := CAP.fullmatch(line)) is not None:
            caps.append(int(cap.group(1)))
    return min((cap for cap in caps if 0 < cap < MOST_MS), default=0)


def exposure_s(delay: Delay, cap: int | None) -> int:
    """Both times together, under the admins' cap in milliseconds; 0 is never. A part of a second counts whole."""
    never = max(delay.screen_off_ms, delay.lock_after_ms) >= NEVER_MS
    total = None if never else delay.screen_off_ms + delay.lock_after_ms
    if cap:
        total = cap if total is None else min(total, cap)
    return 0 if total is None else -(-total // 1000)
