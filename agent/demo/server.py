"""An adb server of our own, for virtual phones only: the person's server and real phones are never touched."""

import contextlib
import socket
import time
from types import TracebackType

from agent.collect.adb import smart
from agent.collect.host import CollectError
from agent.demo import sandbox
from agent.demo.sandbox import SandboxError

LOOPBACK = "127.0.0.1"
STARTS_WITHIN_S = 20.0
ENDS_WITHIN_S = 5.0
ANSWERS_WITHIN_S = 30.0
LOOK_AGAIN_S = 0.02
PORTS_TRIED = 5
"""Somebody else may take a free port between our finding it and the server's opening it."""


class AdbServer:
    """Runs from its making to `close`. Keys lie in `home`, a folder of the caller."""

    def __init__(self, home: str) -> None:
        """Raises SandboxError."""
        self.home = home
        for _ in range(PORTS_TRIED):
            self.port = _free_port()
            self._child = sandbox.adb_server(self.port, home)
            if self._answers():
                return
            sandbox.end(self._child)
        raise SandboxError("the adb server did not start")

    def ask(self, service: str) -> str:
        """The answer to a service that begins with "host". Raises SandboxError where there is none."""
        try:
            with smart.dial(self.port, timeout_s=ANSWERS_WITHIN_S) as connection:
                smart.send(connection, service)
                smart.okay(connection)
                return smart.block(connection)
        except CollectError as error:
            raise SandboxError(f"the adb server refused: {error.detail}") from error

    def connect(self, address: str) -> str:
        """Let it connect to a phone; what it says of that, since it calls failures an answer, too."""
        return self.ask(f"host:connect:{address}")

    def close(self) -> None:
        """End it, and wait until it has ended."""
        with contextlib.suppress(SandboxError):  # what does not end by itself is ended
            self.ask("host:kill")
        sandbox.end(self._child, patience_s=ENDS_WITHIN_S)

    def __enter__(self) -> "AdbServer":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _answers(self) -> bool:
        """Wait until it does. False once it has ended, or takes too long."""
        deadline = time.monotonic() + STARTS_WITHIN_S
        while time.monotonic() < deadline and self._child.poll() is None:
            try:
                self.ask("host:version")
            except SandboxError:
                time.sleep(LOOK_AGAIN_S)
            else:
                return self._child.poll() is None
        return False


def _free_port() -> int:
    with socket.create_server((LOOPBACK, 0)) as found:
        port: int = found.getsockname()[1]
    return port
