"""Tells the service manager how the daemon is (sd_notify): one datagram to the socket that systemd names."""

import logging
import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass

log = logging.getLogger(__name__)

LONGEST_ADDRESS = 107
"""What fits a sockaddr_un beside its closing zero."""
LONGEST_STATUS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Notifier:
    """The way to the service manager; without one every message is dropped."""

    address: str | None = None
    """A path, or "@name" for an abstract socket."""
    ping_every_s: float | None = None
    """How often the watchdog wants to hear from us (half its limit); None when it does not."""

    def ready(self) -> None:
        """Started, or reloaded."""
        self._send("READY=1")

    def reloading(self, monotonic_s: float) -> None:
        """The schedule and the policy are being read again."""
        self._send("RELOADING=1", f"MONOTONIC_USEC={int(monotonic_s * 1_000_000)}")

    def stopping(self) -> None:
        """On the way out."""
        self._send("STOPPING=1")

    def ping(self) -> None:
        """The loop and the worker are alive."""
        self._send("WATCHDOG=1")

    def status(self, text: str) -> None:
        """One line for `systemctl --user status`."""
        self._send("STATUS=" + " ".join(text.split())[:LONGEST_STATUS])

    def _send(self, *lines: str) -> None:
        if self.address is None:
            return
        name = "\0" + self.address[1:] if self.address.startswith("@") else self.address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as door:
                door.setblocking(False)
                door.sendto("\n".join(lines).encode(), name)
        except OSError as error:
            # A manager that went away must not end the audits; it will notice by itself that we are silent.
            log.warning("the service manager could not be told %s (%s)", lines[0].partition("=")[0], error.strerror)


def from_environ(environ: Mapping[str, str], *, pid: int) -> Notifier:
    """Read NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID; what makes no sense is as if it were not set."""
    address = environ.get("NOTIFY_SOCKET", "")
    if not address:
        return Notifier()
    if address[0] not in "/@" or not 2 <= len(os.fsencode(address)) <= LONGEST_ADDRESS or "\0" in address:
        log.warning("NOTIFY_SOCKET names no unix socket; the service manager is not told anything")
        return Notifier()
    return Notifier(address=address, ping_every_s=_ping_every_s(environ, pid))


def _ping_every_s(environ: Mapping[str, str], pid: int) -> float | None:
    limit = environ.get("WATCHDOG_USEC", "")
    meant = environ.get("WATCHDOG_PID", str(pid))
    if not (limit.isascii() and limit.isdigit() and len(limit) <= 18) or int(limit) == 0 or meant != str(pid):
        return None
    return int(limit) / 2_000_000
