"""Notices phones that become ready to be read: follows the adb server's own list, and udev where no server runs."""

import contextlib
import logging
import socket
import threading
from collections.abc import Callable

from agent.collect.adb import smart
from agent.collect.adb.devices import State, parse
from agent.collect.host import CollectError
from agent.daemon.attachments import Attachments
from checks.evidence import Why

log = logging.getLogger(__name__)

SOONEST_S = 0.5
LATEST_S = 60.0
PATIENCE = 10
"""A server is looked for in steps of a tenth of the time since a phone was plugged in, within these two.

The audit that comes with the phone has one within seconds; then this must be there when somebody taps "Allow".
"""
CABLE = "cable"
MOST_PLUGGED = 6
"""Cables are not told apart, and several phones may come at once: more than for one phone, but not without end."""


class Phones:
    """A thread of its own that ends with the daemon. It holds no library, and starts no server."""

    def __init__(self, port: int | None, *, ready: Callable[[], None], monotonic: Callable[[], float]) -> None:
        """`ready` is called, from any thread, when a phone calls for an audit. Without a port only cables count."""
        self._port = port
        self._ready = ready
        self._monotonic = monotonic
        self._guard = threading.Lock()
        self._connection: socket.socket | None = None
        self._stopped = False
        self._following = False
        """A server has told us its list, and will tell what changes."""
        self._plugged = threading.Event()
        self._since_s = monotonic()
        """When a phone was last put on the cable, or a server went away."""
        self._attachments = Attachments()
        self._cables = Attachments(most=MOST_PLUGGED)
        self._first = True
        """Nobody has looked at the list yet."""
        self._thread = threading.Thread(target=self._run, name="scrubin-phones", daemon=True)

    def start(self) -> None:
        """Begin to follow."""
        self._thread.start()

    def stop(self) -> None:
        """End, now."""
        with self._guard:
            self._stopped = True
            if self._connection is not None:
                with contextlib.suppress(OSError):  # the server was faster
                    self._connection.shutdown(socket.SHUT_RDWR)
        self._plugged.set()

    def ended_within(self, timeout_s: float) -> bool:
        """Wait for the thread to end after `stop`."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def plugged(self) -> None:
        """A phone was put on the cable. With a server that we follow, its list will say when it is ready.

        Without one the audit itself starts a server, if the phone lets itself be read at all.
        """
        with self._guard:
            if self._following:
                return
            self._since_s = self._monotonic()
            self._cables.listed((), self._since_s)
            calls = self._cables.listed((CABLE,), self._since_s)
        if calls:
            self._ready()
        self._plugged.set()

    def _run(self) -> None:
        while not self._stopped:
            began_s = self._monotonic()
            if self._follow() and self._monotonic() > began_s + LATEST_S:
                self._since_s = self._monotonic()  # it served for long, so it will be back soon
            self._first = False
            waited_s = self._monotonic() - self._since_s
            self._plugged.wait(min(max(SOONEST_S, waited_s / PATIENCE), LATEST_S))
            self._plugged.clear()
            with self._guard:
                calls = self._cables.due(self._monotonic())
            if calls:
                self._ready()

    def _follow(self) -> bool:
        """Until the server ends, or says what we don't understand. Whether it said anything that we do."""
        heard = False
        if self._port is None:
            return heard
        try:
            with smart.dial(self._port) as connection:
                if not self._hold(connection):
                    return False
                smart.send(connection, "host:track-devices")
                smart.okay(connection)
                while True:
                    self._take(smart.block(connection))
                    heard = self._following = True
                    self._await(connection)
        except CollectError as error:
            if error.why is not Why.TOOL_MISSING:
                log.debug("the adb server's list ended: %s", error.why)
        finally:
            self._hold(None)
        return heard

    def _hold(self, connection: socket.socket | None) -> bool:
        """Let `stop` reach it. False once there is nothing to be followed any more."""
        with self._guard:
            self._connection, self._following = connection, False
            return not self._stopped

    def _take(self, block: str) -> None:
        ready = [one.serial for one in parse(block) if one.state is State.READY]
        if self._first:
            self._attachments.known(ready)
            self._first = False
        elif self._attachments.listed(ready, self._monotonic()):
            log.info("a phone is ready to be read")
            self._ready()

    def _await(self, connection: socket.socket) -> None:
        """Until the server says more; meanwhile a phone's time may come. Raises CollectError once it hung up."""
        while True:
            next_s = self._attachments.next_s
            connection.settimeout(None if next_s is None else max(0.01, next_s - self._monotonic()))
            try:
                connection.recv(1, socket.MSG_PEEK)
            except TimeoutError:
                if self._attachments.due(self._monotonic()):
                    self._ready()
                continue
            except OSError as error:
                raise CollectError(Why.DISCONNECTED, "the connection broke") from error
            connection.settimeout(smart.DIAL_S)  # a block that has begun comes whole
            return
