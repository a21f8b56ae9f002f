"""One deletion at a time: of all pages and processes of this account, one has the turn."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from agent.atomic import PRIVATE, private_folder
from agent.photos.ledger_store import told
from agent.photos.review.rules import ReviewRefusal, Why

FILE = "review.lock"


@contextlib.contextmanager
def turn(folder: Path) -> Iterator[None]:
    """Raises ReviewRefusal BUSY at once where another has it, LedgerTrouble where the folder can't be written.

    The system takes it back from a process that dies.
    """
    with told():
        private_folder(str(folder))
        handle = os.open(folder / FILE, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, PRIVATE)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ReviewRefusal(Why.BUSY) from None
        yield
    finally:
        os.close(handle)
