"""Which phones the adb server knows, and in what state each is."""

from dataclasses import dataclass
from enum import StrEnum

from agent import limits
from agent.collect.adb.wire import SERIAL, ask
from agent.collect.host import CollectError
from checks.evidence import Why


class State(StrEnum):
    """What stands between us and a phone."""

    READY = "device"
    UNAUTHORISED = "unauthorized"
    AUTHORISING = "authorizing"
    CONNECTING = "connecting"
    OFFLINE = "offline"
    NO_PERMISSIONS = "no permissions"
    RECOVERY = "recovery"
    RESCUE = "rescue"
    SIDELOAD = "sideload"
    BOOTLOADER = "bootloader"
    CABLE_ONLY = "cable only"
    """It is on the cable and gives itself to no adb: debugging is off, or the cable only charges."""
    OTHER = "other"
    """A word that we don't know."""


WHY = {
    State.UNAUTHORISED: Why.NOT_AUTHORISED,
    State.AUTHORISING: Why.NOT_AUTHORISED,
    State.NO_PERMISSIONS: Why.NOT_PERMITTED,
}
"""Why a phone in such a state was not looked at; any other state is OFFLINE."""
NO_SERIAL = "(no serial number)"
"""As adb itself calls a phone that has none, or that it may not ask."""
KNOWN = {state.value: state for state in State if state not in (State.CABLE_ONLY, State.OTHER)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Attached:
    """A phone as the adb server lists it. The serial names its owner's phone: it stays on this laptop."""

    serial: str
    """Over Wi-Fi an address, or a name that holds the serial."""
    state: State

    @property
    def wireless(self) -> bool:
        """It is reached over a network."""
        return ":" in self.serial or self.serial.endswith("._tcp") or "._adb-tls-connect" in self.serial


def attached(port: int) -> tuple[Attached, ...]:
    """Phones that the server knows, emulators and doubles included. Raises CollectError."""
    return parse(ask(port, "host:devices"))


def parse(text: str) -> tuple[Attached, ...]:
    """`serial TAB state`, one a line; a state may hold blanks and an explanation. Raises UNPARSABLE, TOO_LARGE."""
    lines = [line for line in text.split("\n") if line.strip()]
    if len(lines) > limits.PHONES:
        raise CollectError(Why.TOO_LARGE, "more phones than anybody audits at once")
    return tuple(_attached(line) for line in lines)


def _attached(line: str) -> Attached:
    """A phone whose serial can't be told to the server is listed, and hides no other."""
    serial, tab, word = line.partition("\t")
    if not tab:
        raise CollectError(Why.UNPARSABLE, "the adb server's list is not of the form that we know")
    state = _state(word.strip())
    if SERIAL.fullmatch(serial):
        return Attached(serial=serial, state=state)
    return Attached(serial=NO_SERIAL, state=State.OTHER if state is State.READY else state)


def _state(word: str) -> State:
    if word.startswith(("no permissions", "insufficient permissions")):
        return State.NO_PERMISSIONS
    return KNOWN.get(word, State.OTHER)
