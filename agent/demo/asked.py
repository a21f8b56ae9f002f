"""What the commands of a virtual phone were called with: they tell through a pipe that lies in its system."""

import os
import threading
from collections.abc import Callable

from agent.demo.cuts import PULLED
from agent.demo.ledger import Ledger
from agent.demo.sandbox import ALWAYS_THERE
from agent.demo.script import RECORD_ENDS, WORD_ENDS

CHUNK = 64 << 10


class Asked:
    """The reading end. Safe in any thread."""

    def __init__(self, path: str, ledger: Ledger, pull: Callable[[], None]) -> None:
        """`pull` takes the cable out."""
        # Open for writing, too: then it never ends, and no command waits for a reader.
        self._number = os.open(path, os.O_RDWR | os.O_NONBLOCK)
        self._guard = threading.Lock()
        self._rest = b""
        self._ledger = ledger
        self._pull = pull

    def fileno(self) -> int:
        """For selectors."""
        return self._number

    def read(self) -> None:
        """Put what was told since the last time into the ledger."""
        with self._guard:
            while data := self._chunk():
                self._rest += data
            *told, self._rest = self._rest.split(RECORD_ENDS.encode())
            records = [one.decode("utf-8", "surrogateescape") for one in told]
            for one in records:
                self._note(one)
        if PULLED in records:
            self._pull()

    def _chunk(self) -> bytes:
        try:
            return os.read(self._number, CHUNK)
        except BlockingIOError:
            return b""

    def _note(self, record: str) -> None:
        if record.isdecimal():
            self._ledger.left(int(record) - ALWAYS_THERE)
        elif record != PULLED:
            self._ledger.asked.append(tuple(record.split(WORD_ENDS)))

    def close(self) -> None:
        """No more is read."""
        os.close(self._number)
