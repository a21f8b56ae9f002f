"""One notification on the desktop, through the session bus. Loaded only in the short-lived process that shows it."""

import os
import stat
from collections.abc import Mapping
from enum import StrEnum

from jeepney import DBusAddress, DBusErrorResponse, Message, new_method_call
from jeepney.bus import get_bus
from jeepney.io.blocking import DBusConnection, prep_socket
from jeepney.wrappers import unwrap_msg

from agent.shift.words import Words

NAME = "org.freedesktop.Notifications"
DESKTOP = DBusAddress("/org/freedesktop/Notifications", bus_name=NAME, interface=NAME)
ANSWER_S = 10.0
SHOWN_MS = 60_000
"""Then it goes to where the desktop keeps what was missed."""
NOBODY = frozenset({
    "org.freedesktop.DBus.Error.ServiceUnknown", "org.freedesktop.DBus.Error.NameHasNoOwner",
    "org.freedesktop.DBus.Error.Spawn.ServiceNotFound",
})  # fmt: skip
DESKTOP_ENTRY = "scrubin"
"""Of the file scrubin.desktop: a desktop that can, opens it when the notification is clicked."""


class Rung(StrEnum):
    """How it went."""

    SHOWN = "shown"
    NO_BUS = "no_bus"
    NOBODY_SHOWS = "nobody_shows"
    """The session has no program that shows notifications, or it has not started yet."""
    NO_ANSWER = "no_answer"
    """It may have been shown, or not."""
    REFUSED = "refused"


class Bus(DBusConnection):  # type: ignore[misc]  # the library says nothing of its types
    """A connection that waits for no answer for ever: the library's own does, for the very first one."""

    def __init__(self, address: str, answer_s: float) -> None:
        """Raises OSError, ValueError, RuntimeError, DBusErrorResponse."""
        self._answer_s = answer_s
        door = prep_socket(get_bus(address), timeout=answer_s)
        try:
            super().__init__(door)
        except BaseException:  # whatever it is, the socket is not left open
            door.close()
            raise

    def send_and_get_reply(self, message: Message, *, timeout: float | None = None) -> Message:
        """See DBusConnection."""
        return super().send_and_get_reply(message, timeout=self._answer_s if timeout is None else timeout)


def bus_address(environ: Mapping[str, str]) -> str | None:
    """Where the person's session bus is; None where there is none."""
    named = environ.get("DBUS_SESSION_BUS_ADDRESS", "")
    if named:
        return named
    path = os.path.join(environ.get("XDG_RUNTIME_DIR", ""), "bus")
    try:
        return f"unix:path={path}" if os.path.isabs(path) and stat.S_ISSOCK(os.stat(path).st_mode) else None
    except OSError:
        return None


def ring(words: Words, *, address: str | None, answer_s: float = ANSWER_S) -> Rung:
    """Show it once. Never raises for what the session is like."""
    if address is None:
        return Rung.NO_BUS
    try:
        bus = Bus(address, answer_s)
    except (OSError, ValueError, RuntimeError, KeyError, DBusErrorResponse):
        return Rung.NO_BUS
    with bus:
        return _shown(bus, words)


def _shown(bus: Bus, words: Words) -> Rung:
    hints: dict[str, tuple[str, object]] = {"urgency": ("y", 1), "desktop-entry": ("s", DESKTOP_ENTRY)}
    # No actions: whoever offers one must wait for the click, and nobody is to wait for hours.
    said: tuple[object, ...] = ("scrubin", 0, DESKTOP_ENTRY, words.head, words.body, [], hints, SHOWN_MS)
    call = new_method_call(DESKTOP, "Notify", "susssasa{sv}i", said)
    try:
        unwrap_msg(bus.send_and_get_reply(call))
    except DBusErrorResponse as error:
        return Rung.NOBODY_SHOWS if error.name in NOBODY else Rung.REFUSED
    except (TimeoutError, OSError):
        return Rung.NO_ANSWER
    return Rung.SHOWN
