"""What can be seen of whether a system was tampered with."""

from dataclasses import dataclass
from enum import StrEnum

from checks.evidence import Fact


class Boot(StrEnum):
    """How the system that runs was checked when the device started."""

    VERIFIED = "verified"
    """By its maker's key, on a device that takes no other system."""
    OTHER_KEY = "other_key"
    """By somebody else's key, on a device that takes no third one."""
    UNLOCKED = "unlocked"
    """Not at all: the device takes any system."""
    FAILED = "failed"
    """It was checked, and is not what was signed."""
    CONTRADICTED = "contradicted"
    """What the device says of this does not fit together, as when somebody made some of it up."""


class History(StrEnum):
    """What the device remembers of systems that ran on it."""

    CLEAN = "clean"
    ALTERED = "altered"
    """A system that is not its maker's has run on it, now or earlier."""
    NOT_KEPT = "not_kept"
    """Devices of this maker keep no such record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Integrity(Fact):
    """In every field None means that the system would not say; False of a trace, that none of those known is there."""

    virtual: bool | None
    """It is software that imitates a device. Part "device"."""
    boot: Boot | None
    """Part "boot"."""
    root_program: bool | None
    """A program is there that gives full access to whoever starts it. Part "root_program"."""
    root_app: bool | None
    """An app is there that hands out full access. Part "root_app"."""
    root_rights: bool | None
    """Whoever is connected has full access already. Part "root_rights"."""
    test_build: bool | None
    """The system was built for developers, who get full access. Part "test_build"."""
    history: History | None
    """Part "history"."""
    unlocking: bool | None
    """The device's settings allow that it is made to take any system. Part "unlocking"."""
