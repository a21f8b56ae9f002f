"""What can be wrong with a virtual phone or its cable."""

from dataclasses import dataclass
from enum import StrEnum


class Mode(StrEnum):
    """What a phone says that it runs as."""

    DEVICE = "device"
    RECOVERY = "recovery"
    SIDELOAD = "sideload"


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """All off by default. Commands are named by their first words, such as "dumpsys trust" or "pm"."""

    unauthorised: bool = False
    """The phone waits for a tap on "Allow"."""
    allowed_after_s: float | None = None
    """The tap comes this long after the computer showed its key. None: only when `VirtualPhone.allow` is called."""
    offline: bool = False
    """It takes connections but says nothing, so that adb calls it offline."""
    mode: Mode = Mode.DEVICE
    cut_after_bytes: int | None = None
    """The cable is pulled after so many bytes of answers, in the middle of a message; it stays pulled."""
    cut_before: tuple[str, ...] = ()
    """The cable is pulled when one of these is called, before it has done anything. Programs such as "rm", too."""
    cut_after: tuple[str, ...] = ()
    """The same when it has done its work, and its answer never comes."""
    latency_s: float = 0.0
    """Added before each message from the phone."""
    bandwidth_bytes_s: int = 0
    """0: as fast as it goes."""
    flip_every_bytes: int = 0
    """One bit of every so many bytes of answers is wrong. 0: none."""
    crlf: bool = False
    """Line ends of shell answers are CR LF, as from a terminal."""
    no_shell_v2: bool = False
    """An old phone: no exit codes, both streams in one, short list of features."""
    denied: tuple[str, ...] = ()
    """A SecurityException, with exit status 0."""
    timed_out: tuple[str, ...] = ()
    """Half of the answer, then dumpsys' own notice that time ran out."""
    hanging: tuple[str, ...] = ()
    """No answer, for ever."""
    missing: tuple[str, ...] = ()
    """The service or the program is not there."""
    flooding: tuple[str, ...] = ()
    """An answer without end."""
    garbled: tuple[str, ...] = ()
    """Binary noise in place of the answer."""
    foreign: bool = False
    """User names and dates are in another language."""
    before_first_unlock: bool = False
    """Just restarted: no storage, and the user is RUNNING_LOCKED."""


NONE = Faults()
