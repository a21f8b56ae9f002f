"""The one worker: takes work from the backlog, one at a time, and says how each audit went."""

import gc
import logging
import threading
from collections import deque
from dataclasses import dataclass
from datetime import datetime

from agent.daemon import last_audit
from agent.daemon.backlog import Backlog, Errand, Work
from agent.daemon.parts import Parts, Trigger
from agent.fault import attempt

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Audited:
    """An audit ended."""

    trigger: Trigger
    began_at: datetime
    succeeded: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """A delivery ended; when the next is due, or None."""

    next_at: datetime | None
    succeeded: bool
    news: bool = False
    """It brought another policy."""


Outcome = Audited | Delivered


class Worker:
    """Runs in its own thread; the loop reads `outcomes` and nothing else of it."""

    def __init__(self, parts: Parts, backlog: Backlog) -> None:
        self._parts = parts
        self._backlog = backlog
        self.outcomes: deque[Outcome] = deque()
        self.busy = False
        """It has work in hand: what is asked for now has to wait."""
        self._thread = threading.Thread(target=self._run, name="scrubin-worker", daemon=True)

    def start(self) -> None:
        """Begin to take work."""
        self._thread.start()

    def ended_within(self, timeout_s: float) -> bool:
        """Wait for the running work to end after the backlog was closed."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    @property
    def alive(self) -> bool:
        """The thread runs."""
        return self._thread.is_alive()

    def _run(self) -> None:
        while (work := self._backlog.take()) is not None:
            self.do(work)

    def do(self, work: Work) -> None:
        """Do one piece of work and note its outcome. A report is sent right after the audit that made it."""
        self._parts.progress.mark()
        self.busy = True
        try:
            if not isinstance(work, Errand):
                self._audit(work)
                self._parts.clock.wake()
            if not self._parts.stop.is_set():
                self._deliver()
        finally:
            # Errors of an audit hold each other in rings, which Python would let pile up to megabytes for hours.
            gc.collect()
            self.busy = False
            self._parts.progress.rest()
            self._parts.clock.wake()

    def _audit(self, trigger: Trigger) -> None:
        began_at, began_s = self._parts.clock.now(), self._parts.clock.monotonic()
        log.info("audit: %s", trigger.reason)
        succeeded, _ = attempt(lambda: self._parts.audit(trigger), what="an audit", log=log)
        took_s = self._parts.clock.monotonic() - began_s
        # An audit that the end of the daemon cut short is made again at the next start.
        if succeeded and trigger.full and not self._parts.stop.is_set():
            self._keep(began_at)
        log.debug("audit ended after %.1f s", took_s)
        self.outcomes.append(Audited(trigger=trigger, began_at=began_at, succeeded=succeeded))

    def _keep(self, began_at: datetime) -> None:
        try:
            last_audit.write(self._parts.state_dir, began_at)
        except OSError as error:
            log.warning("when the audit began could not be kept (%s)", error.strerror)

    def _deliver(self) -> None:
        self._parts.progress.mark()
        succeeded, next_at = attempt(self._parts.deliver, what="a delivery", log=log)
        self.outcomes.append(Delivered(next_at=next_at, succeeded=succeeded, news=self._parts.news()))
