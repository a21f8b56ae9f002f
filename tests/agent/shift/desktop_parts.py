"""A real session bus, and a program on it that shows notifications, hangs or refuses."""

import contextlib
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jeepney import HeaderFields, MessageType, new_error, new_method_return
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import Proxy, open_dbus_connection

CONFIGURATION = """\
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:dir={}</listen><policy context="default">
<allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>
"""


@contextlib.contextmanager
def session_bus(folder: Path) -> Iterator[str]:
    """The address of a bus of the test's own, on which nothing is started by itself."""
    folder.mkdir(exist_ok=True)
    (folder / "bus.conf").write_text(CONFIGURATION.format(folder))
    argv = ["dbus-daemon", f"--config-file={folder / 'bus.conf'}", "--nofork", "--print-address"]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as bus:
        assert bus.stdout is not None
        try:
            yield bus.stdout.readline().strip()
        finally:
            bus.kill()


class NotificationServer:
    """Shows notifications by remembering them."""

    def __init__(self, address: str, *, manner: str = "shows") -> None:
        """`manner`: shows, hangs, refuses."""
        self.shown: list[dict[str, Any]] = []
        self.asked = threading.Event()
        self._manner, self._ended = manner, threading.Event()
        self._bus = open_dbus_connection(address)
        assert Proxy(message_bus, self._bus).RequestName("org.freedesktop.Notifications") == (1,)
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self) -> "NotificationServer":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()
        self._bus.close()

    def _serve(self) -> None:
        while not self._ended.is_set():
            with contextlib.suppress(TimeoutError, ConnectionError):
                self._answer(self._bus.receive(timeout=0.1))

    def _answer(self, message: Any) -> None:
        if message.header.message_type is not MessageType.method_call:
            return
        assert message.header.fields[HeaderFields.member] == "Notify"
        names = ("app", "replaces", "icon", "head", "body", "actions", "hints", "expires_ms")
        self.shown.append(dict(zip(names, message.body, strict=True)))
        self.asked.set()
        if self._manner == "shows":
            self._bus.send(new_method_return(message, "u", (len(self.shown),)))
        elif self._manner == "refuses":
            self._bus.send(new_error(message, "org.example.Error.No"))
