"""The machine's clock, and a sleep that any thread or signal can end."""

import contextlib
import select
import socket
import time
from datetime import UTC, datetime


class SystemClock:
    """The real clock. `wake` writes a byte that `wait` selects on, which a signal handler may do and a lock may not."""

    def __init__(self) -> None:
        self._waiting, self._waking = socket.socketpair()
        self._waiting.setblocking(False)
        self._waking.setblocking(False)

    @property
    def wake_descriptor(self) -> int:
        """A byte written here ends a `wait`."""
        return self._waking.fileno()

    def now(self) -> datetime:
        """The wall clock, aware, UTC."""
        return datetime.fromtimestamp(time.time(), UTC)

    def monotonic(self) -> float:
        """Seconds that only grow."""
        return time.monotonic()

    def wait(self, timeout_s: float) -> None:
        """Sleep until woken, or the time is over."""
        ready, _, _ = select.select([self._waiting], [], [], max(0.0, timeout_s))
        if ready:
            with contextlib.suppress(BlockingIOError):
                self._waiting.recv(4096)

    def wake(self) -> None:
        """End a `wait`. A full pipe already holds a reason to wake."""
        with contextlib.suppress(BlockingIOError):
            self._waking.send(b"\0")
