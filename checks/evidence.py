"""What was seen, or why nothing was: the only two shapes of evidence. It never leaves the device."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Generic, TypeVar

from checks.model import Status

F = TypeVar("F")


class Why(StrEnum):
    """Why something was not seen."""

    TOOL_MISSING = "tool_missing"
    NOT_PERMITTED = "not_permitted"
    NOT_FOUND = "not_found"
    TIMED_OUT = "timed_out"
    TOO_LARGE = "too_large"
    UNPARSABLE = "unparsable"
    TOOL_FAILED = "tool_failed"
    UNREADABLE = "unreadable"
    NO_SESSION = "no_session"
    UNTRUSTED_CONTEXT = "untrusted_context"
    STOPPED = "stopped"
    NOT_RECORDED = "not_recorded"
    NOT_SAID = "not_said"
    NOT_ASKED = "not_asked"
    NO_PROBE = "no_probe"
    OUT_OF_DATE = "out_of_date"
    CRASHED = "crashed"
    DISCONNECTED = "disconnected"
    NOT_AUTHORISED = "not_authorised"
    OFFLINE = "offline"
    NOT_UNLOCKED_YET = "not_unlocked_yet"
    OTHER_PROFILE = "other_profile"
    NOT_CONSENTED = "not_consented"
    ENCRYPTED = "encrypted"


MEANING: Mapping[Why, tuple[Status, str]] = {
    Why.TOOL_MISSING: (Status.ERROR, "a program that answers this is not installed"),
    Why.NOT_PERMITTED: (Status.ERROR, "access to it was refused"),
    Why.NOT_FOUND: (Status.UNKNOWN, "the place where this is kept does not exist"),
    Why.TIMED_OUT: (Status.ERROR, "no answer came within the time limit"),
    Why.TOO_LARGE: (Status.ERROR, "the answer was larger than the size limit"),
    Why.UNPARSABLE: (Status.UNKNOWN, "the answer was not understood"),
    Why.TOOL_FAILED: (Status.ERROR, "the program that answers this reported a failure"),
    Why.UNREADABLE: (Status.ERROR, "the place where this is kept could not be read"),
    Why.NO_SESSION: (Status.UNKNOWN, "there is no desktop session to ask"),
    Why.UNTRUSTED_CONTEXT: (Status.UNKNOWN, "the settings that can be read from here may not be the ones in use"),
    Why.STOPPED: (Status.ERROR, "the check was stopped before it ended"),
    Why.NOT_RECORDED: (Status.ERROR, "the recording does not hold this answer"),
    Why.NOT_SAID: (Status.UNKNOWN, "the system does not say"),
    Why.NOT_ASKED: (Status.UNKNOWN, "left out of this run"),
    Why.NO_PROBE: (Status.UNKNOWN, "no probe yet for this system"),
    Why.OUT_OF_DATE: (Status.UNKNOWN, "the evidence is older than the policy allows"),
    Why.CRASHED: (Status.ERROR, "the check stopped on a fault of its own"),
    Why.DISCONNECTED: (Status.ERROR, "the phone was unplugged before it answered"),
    Why.NOT_AUTHORISED: (Status.ERROR, "the phone has not allowed this laptop"),
    Why.OFFLINE: (Status.ERROR, "the phone is connected and does not answer"),
    Why.NOT_UNLOCKED_YET: (Status.ERROR, "the phone has not been unlocked since it started"),
    Why.OTHER_PROFILE: (Status.UNKNOWN, "it lies in a profile that only its own user may look into"),
    Why.ENCRYPTED: (Status.UNKNOWN, "it is encrypted, and only its own program can look into it"),
    Why.NOT_CONSENTED: (Status.UNKNOWN, "the person has not agreed to the pictures being looked at"),
}
"""What each reason makes of a finding, and the fixed sentence that travels. Total and never a pass: a test holds it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """One part of a fact that could not be seen."""

    part: str
    """Which part, as the check names it."""
    why: Why
    detail: str = ""
    """May quote the device; shown by `scrubin explain --evidence` only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """What every fact carries besides its own fields."""

    gaps: tuple[Gap, ...] = ()
    """Parts that could not be seen, with the reason of each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed(Generic[F]):
    """Something was seen."""

    fact: F
    source: str
    at: datetime
    """Aware, UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unobserved:
    """Nothing was seen."""

    why: Why
    detail: str
    """May quote the device; stays there."""
    source: str
    at: datetime


Evidence = Observed[F] | Unobserved
