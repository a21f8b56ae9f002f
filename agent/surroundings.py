"""Which phones are around, and a way to talk to them: the one place where it is decided to start an adb server."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from agent.collect.adb.devices import State
from agent.collect.adb.program import PortError, find_adb, server_port, start_server
from agent.collect.adb.usb import DEVICES, on_bus
from agent.collect.adb.wire import listening
from agent.collect.host import CollectError
from agent.devices import Seen, joined, look
from checks.evidence import Why

SETTLE_S = 3.0
"""A server that has just started, or a phone just plugged in, needs a moment to say what it is."""
AGAIN_S = 0.2
PASSING = frozenset({State.AUTHORISING, State.CONNECTING, State.OFFLINE})
"""States that a phone goes through by itself within moments."""
NO_ADB = "No adb is installed on this laptop, so phones can't be asked. On Debian and Ubuntu: sudo apt install adb"
NOT_STARTED = "The adb server could not be started, so phones can't be asked. scrubin doctor may say why."
NO_ANSWER = "The adb server on this laptop does not answer as one. Restart the laptop, or see: scrubin doctor"
NO_BUS = "This account may not list what is on the USB ports, so a phone without USB debugging would not be noticed."


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What there is now."""

    port: int | None
    """Of an adb server that answers. None: there is none, so no phone can be asked."""
    seen: tuple[Seen, ...]
    trouble: str = ""
    """Why phones may have been missed, and what to do; "" where all is well."""


def around(
    environ: Mapping[str, str], *, start: bool = False, root: str = DEVICES, stop: threading.Event | None = None
) -> Around:
    """Phones that are here, a moment given to those that just come; `stop` ends the waiting.

    An adb server is started where a phone on the cable offers itself to one, or where `start` asks for it.
    Never raises for what a device, a server or the environment is like.
    """
    try:
        bus, trouble = on_bus(root), ""
    except CollectError:
        bus, trouble = (), NO_BUS
    try:
        port = server_port(environ)
        serves = _serves(port, environ, wanted=start or any(one.debugging for one in bus))
    except PortError as error:
        return Around(port=None, seen=joined((), bus), trouble=str(error))
    except CollectError as error:
        said = NO_ADB if error.why is Why.TOOL_MISSING else NOT_STARTED
        return Around(port=None, seen=joined((), bus), trouble=said)
    if not serves:
        return Around(port=None, seen=joined((), bus), trouble=trouble)
    try:
        wait = (stop or threading.Event()).wait
        return Around(port=port, seen=settled(lambda: look(port, bus), wait=wait), trouble=trouble)
    except CollectError:
        return Around(port=None, seen=joined((), bus), trouble=NO_ANSWER)


def _serves(port: int, environ: Mapping[str, str], *, wanted: bool) -> bool:
    """Whether a server listens. Raises CollectError where one is wanted and can't be had."""
    if listening(port):
        return True
    if not wanted:
        return False
    start_server(port, find_adb(environ.get("PATH", "")), environ)
    return True


def settled(
    ask: Callable[[], tuple[Seen, ...]],
    *,
    wait: Callable[[float], bool],
    clock_s: Callable[[], float] = time.monotonic,
) -> tuple[Seen, ...]:
    """What there is once no phone is in passing any more, or after SETTLE_S. One that went home is not in passing.

    `wait` answers whether the person has had enough.
    """
    until_s = clock_s() + SETTLE_S
    while True:
        seen = ask()
        if clock_s() >= until_s or not any(map(_passes, seen)) or wait(AGAIN_S):
            return seen


def _passes(one: Seen) -> bool:
    return one.state in PASSING and not (one.wireless and one.state is State.OFFLINE)
