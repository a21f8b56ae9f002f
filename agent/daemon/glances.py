"""A short look at folders that changed while a long audit holds the worker: one at a time, in a thread of its own."""

import logging
import threading
from collections.abc import Callable
from functools import partial

from agent.fault import attempt

log = logging.getLogger(__name__)

MOST = 16
"""Folders in one glance. More at once is no picture that somebody took but a copy of many, which the audit sees."""

Glance = Callable[[tuple[str, ...]], None]
"""Judges what is newest directly in these folders. May raise: the audit that follows looks again."""


class Glances:
    """Remembers which folders changed, until an audit or a glance has them. Paths stay in memory, and are not said."""

    def __init__(self, glance: Glance) -> None:
        self._glance = glance
        self._changed = threading.Condition()
        self._folders: dict[str, None] = {}
        """In the order in which they changed last."""
        self._asked = self._ended = False
        self._thread: threading.Thread | None = None

    def touched(self, folder: str) -> None:
        """Something came into this folder. Any thread, no work done here."""
        with self._changed:
            self._folders.pop(folder, None)
            self._folders[folder] = None
            if len(self._folders) > MOST:
                del self._folders[next(iter(self._folders))]

    def settled(self, *, busy: bool) -> None:
        """It is quiet now. `busy`: the audit that this calls for has to wait, so glance meanwhile."""
        with self._changed:
            if not busy:
                self._folders.clear()  # that audit begins now, and looks at all of them
                self._asked = False
            if not self._folders or self._ended:
                return
            self._asked = True
            self._changed.notify()
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="scrubin-glances", daemon=True)
                self._thread.start()

    def end(self, timeout_s: float) -> None:
        """No more glances; wait a moment for the one that runs."""
        with self._changed:
            self._ended = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join(timeout_s)

    def _run(self) -> None:
        while folders := self._next():
            attempt(partial(self._glance, folders), what="a glance at new pictures", log=log)

    def _next(self) -> tuple[str, ...]:
        """What to glance at, once it is asked for; () at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._ended or (self._asked and self._folders))
            if self._ended:
                return ()
            folders = tuple(self._folders)
            self._folders.clear()
            self._asked = False
            return folders
