"""A phone that is a program: the real adb server connects to it, and it answers from a recording."""

import contextlib
import os
import shutil
import socket
import tempfile
import threading
from collections.abc import Callable, Mapping
from types import TracebackType

from agent.demo import system
from agent.demo.asked import Asked
from agent.demo.faults import NONE, Faults, Mode
from agent.demo.ledger import Ledger
from agent.demo.services import Services
from agent.demo.session import Session
from agent.demo.wire import Cable

__all__ = ["Faults", "Mode", "VirtualPhone"]

LOOPBACK = "127.0.0.1"
SERIAL = "@serial@"
"""Stands in recordings where a phone says its serial number."""
FEATURES = "shell_v2,cmd,stat_v2,ls_v2"
OLD_FEATURES = "cmd"


class VirtualPhone:
    """There to connect to from its making to `close`, on a port of its own of the loopback interface."""

    def __init__(
        self,
        *,
        serial: str,
        recording: str,
        storage: str | None = None,
        faults: Faults = NONE,
        replaced: Mapping[str, str] | None = None,
        writable: bool = False,
    ) -> None:
        """`recording` and `storage` are folders: its answers, and what lies on /sdcard (None: an empty one).

        `replaced`: texts of the recording which this phone says in another way. `writable`: its shell can delete
        pictures, which are then gone from `storage`, too.
        Raises SandboxError, RecordingError, OSError.
        """
        self.serial = serial
        self.faults = faults
        self.ledger = Ledger()
        self._guard = threading.Lock()
        self._sessions: list[Session] = []
        self._threads: list[threading.Thread] = []
        self._allowed = False
        self._unplugged = False
        self._finished = False
        with contextlib.ExitStack() as undo:
            self.folder = tempfile.mkdtemp(prefix="scrubin-phone-")
            """Everything that it keeps on this machine; gone after `close`."""
            undo.callback(shutil.rmtree, self.folder)
            said = system.Recording(recording, replaced={SERIAL: serial, **(replaced or {})}, faults=faults)
            self._asked, self._services = self._install(said, storage, writable=writable)
            undo.callback(self._asked.close)
            self._banner = _banner(said.properties(), faults)
            self._listener = socket.create_server((LOOPBACK, 0))
            undo.pop_all()
        self._port: int = self._listener.getsockname()[1]
        self._start(self._listen)

    @property
    def address(self) -> str:
        """What `adb connect` is given, and the serial by which adb then knows it."""
        return f"{LOOPBACK}:{self._port}"

    def allow(self) -> None:
        """The person taps "Allow" on the phone; it stays allowed."""
        with self._guard:
            self._allowed = True
            sessions = list(self._sessions)
        for session in sessions:
            session.allow()

    def unplug(self) -> None:
        """Pull the cable, in the middle of whatever goes on. It stays pulled."""
        with self._guard:
            if self._unplugged:
                return
            self._unplugged = True
            sessions = list(self._sessions)
        with contextlib.suppress(OSError):  # nobody listens any more
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes whoever waits for a connection
        self._listener.close()
        for session in sessions:
            session.hang_up()

    def close(self) -> None:
        """Pull the cable and leave no process, thread or file behind."""
        self.unplug()
        with self._guard:
            first, self._finished = not self._finished, True
        if not first:
            return
        for thread in self._threads:
            thread.join()
        self._asked.close()
        shutil.rmtree(self.folder)

    def __enter__(self) -> "VirtualPhone":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _install(self, said: system.Recording, storage: str | None, *, writable: bool) -> tuple[Asked, Services]:
        root, empty = os.path.join(self.folder, "root"), os.path.join(self.folder, "storage")
        os.makedirs(root)
        os.makedirs(empty)
        shown = None if self.faults.before_first_unlock else storage or empty
        system.install(root, said, self.faults, shown)
        asked = Asked(os.path.join(root, "android/asked"), self.ledger, self.unplug)
        return asked, Services(
            root=root, storage=shown, faults=self.faults, ledger=self.ledger, asked=asked, user=said.user(),
            writable=writable,
        )  # fmt: skip

    def _listen(self) -> None:
        with contextlib.suppress(OSError):  # unplugged
            while True:
                connection, _ = self._listener.accept()
                self._start(self._serve, connection)

    def _start(self, call: Callable[..., None], *arguments: socket.socket) -> None:
        thread = threading.Thread(target=call, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            cable = Cable(connection, self.faults, self.ledger)
            session = Session(cable, banner=self._banner, faults=self.faults, find=self._services.find)
            with self._guard:
                if self._unplugged:
                    return
                self._sessions.append(session)
                allowed = self._allowed
            if allowed:
                session.allow()
            session.run()
            with self._guard:
                self._sessions.remove(session)
        if cable.cut:
            self.unplug()


def _banner(properties: Mapping[str, str], faults: Faults) -> str:
    names = ("ro.product.name", "ro.product.model", "ro.product.device")
    features = OLD_FEATURES if faults.no_shell_v2 else FEATURES
    said = "".join(f"{name}={properties.get(name, 'virtual').replace(';', '')};" for name in names)
    return f"{faults.mode}::{said}features={features}"
