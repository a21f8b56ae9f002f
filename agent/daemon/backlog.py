"""What waits to be done: triggers that settle first, then one queue in which equal wishes become one."""

import threading
from collections.abc import Mapping
from enum import Enum

from agent.daemon.parts import Reason, Scope, Trigger

SETTLE_S: Mapping[Reason, float] = {Reason.FOLDER: 2.0, Reason.PHONE: 1.0, Reason.POLICY: 2.0}
"""A camera roll is copied file by file, and a phone shows up anew for each USB mode: wait until it is quiet.

A picture that comes alone is to be looked at within five seconds, so two have to do for folders. A phone is waited for
briefly, since a person stands there with the cable in hand."""
LONGEST_SETTLE_S = 600.0
"""A folder that never rests is looked at this often."""


class Errand(Enum):
    """Work that is not an audit."""

    DELIVER = "deliver"


Work = Trigger | Errand


def covers(one: Trigger, other: Trigger) -> bool:
    """Whether doing one makes the other needless."""
    if one.scope is not Scope.ALL and one.scope is not other.scope:
        return False
    return not one.checks or (bool(other.checks) and set(other.checks) <= set(one.checks))


class Settling:
    """Triggers that wait for quiet, or for a later try. Used by the loop alone."""

    def __init__(self, settle_s: Mapping[Reason, float] = SETTLE_S) -> None:
        self._settle_s = settle_s
        self._due_s: dict[Trigger, tuple[float, float]] = {}
        """Trigger -> (when it first came, when it is due), both monotonic."""

    def notice(self, trigger: Trigger, now_s: float) -> None:
        """It happened (again): wait until it is quiet, but not for ever."""
        first_s, _ = self._due_s.get(trigger, (now_s, now_s))
        quiet_s = now_s + self._settle_s.get(trigger.reason, 0.0)
        self._due_s[trigger] = (first_s, min(quiet_s, first_s + LONGEST_SETTLE_S))

    def put_off(self, trigger: Trigger, due_s: float) -> None:
        """Try it again later."""
        self._due_s[trigger] = (due_s, due_s)

    def ready(self, now_s: float) -> tuple[Trigger, ...]:
        """Those that are due; they leave."""
        due = tuple(trigger for trigger, (_, due_s) in self._due_s.items() if due_s <= now_s)
        for trigger in due:
            del self._due_s[trigger]
        return due

    @property
    def next_s(self) -> float | None:
        """When the next one is due, monotonic."""
        return min((due_s for _, due_s in self._due_s.values()), default=None)


class Backlog:
    """The queue between the loop and the one worker."""

    def __init__(self) -> None:
        self._ready = threading.Condition()
        self._triggers: list[Trigger] = []
        self._errands: set[Errand] = set()
        self._closed = False

    def put(self, work: Work) -> bool:
        """Add work; False if what waits already covers it."""
        with self._ready:
            if isinstance(work, Errand):
                self._errands.add(work)
            elif any(covers(waiting, work) for waiting in self._triggers):
                return False
            else:
                self._triggers = [*(waiting for waiting in self._triggers if not covers(work, waiting)), work]
            self._ready.notify()
            return True

    def take(self, *, block: bool = True) -> Work | None:
        """The next work, audits first; None when there is none, or no more."""
        with self._ready:
            while block and not self._closed and not self._triggers and not self._errands:
                self._ready.wait()
            if self._closed:
                return None
            if self._triggers:
                self._errands.clear()  # what an audit found is sent right after it, with all else that waits
                return self._triggers.pop(0)
            return self._errands.pop() if self._errands else None

    def close(self) -> None:
        """No more work is handed out."""
        with self._ready:
            self._closed = True
            self._ready.notify_all()
