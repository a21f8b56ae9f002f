"""Refused requests leave a line in the audit log, but a flood of them must not fill the disk."""

import logging
import threading
from collections.abc import Callable

from reports.console import acts
from reports.console.console import Console
from reports.console.store.engine import StoreError

LOG = logging.getLogger(__name__)
WINDOW_S = 600
EACH = 1
"""Lines a window about one device and one kind of refusal."""
ALTOGETHER = 200
"""Lines a window, about anybody."""


class Allowance:
    """Counts lines in windows of ten minutes. Threads share it."""

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._since = 0
        self._counts: dict[tuple[str, str], int] = {}

    def allowed(self, who: str, what: str) -> bool:
        """Whether another line may be written."""
        with self._lock:
            now = self._clock()
            if not 0 <= now - self._since < WINDOW_S:
                self._since, self._counts = now, {}
            if len(self._counts) >= ALTOGETHER and (who, what) not in self._counts:
                return False
            self._counts[who, what] = self._counts.get((who, what), 0) + 1
            return self._counts[who, what] <= EACH


class Watch:
    """Notes refusals of devices."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._allowance = Allowance(console.clock)

    def note(self, code: str, *, practice_id: str | None, who: str) -> None:
        """`who` is an agent's id, or "" for somebody unknown. A database in trouble must not hide the refusal."""
        if not self._allowance.allowed(who or practice_id or "", code):
            return
        try:
            with self._console.store.write() as db:
                acts.record(
                    db,
                    at=self._console.now(),
                    practice_id=practice_id,
                    actor_kind="device",
                    actor=who or "unknown",
                    act=f"refused.{code}",
                )
        except StoreError as error:
            LOG.error("a refusal could not be noted: %s", error.trouble)
