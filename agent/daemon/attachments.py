"""Which attached phones call for an audit now: each that becomes ready, but no loose cable without end."""

from collections.abc import Iterable

from agent import limits

WITHIN_S = 600.0
MOST = 2
"""A phone starts so many audits in that time: one when it is plugged in, and one when it is plugged in again.

A loose contact, or a phone that hops between USB modes, would else keep the laptop busy for ever. What comes on top is
not dropped, since the audit that ran may have been the one that the cable cut short: it is made when its time comes.
"""


class Attachments:
    """Phones by their adb serials, which stay in memory and are never said. Times are monotonic."""

    def __init__(self, *, most: int = MOST, within_s: float = WITHIN_S) -> None:
        self._most = most
        self._within_s = within_s
        self._ready: frozenset[str] = frozenset()
        self._started_s: dict[str, tuple[float, ...]] = {}
        """Phone -> when it started its last audits."""
        self._waiting: set[str] = set()
        """Phones whose next audit must wait."""

    def known(self, ready: Iterable[str]) -> None:
        """These were there before anybody looked: the audit at the start has them."""
        self._ready = frozenset(ready)

    def listed(self, ready: Iterable[str], now_s: float) -> bool:
        """The phones that are ready now, all of them. Whether one of them calls for an audit."""
        now_ready = frozenset(ready)
        fresh, self._ready = now_ready - self._ready, now_ready
        return self._start(fresh, now_s)

    def due(self, now_s: float) -> bool:
        """Whether the time has come for a phone that had to wait and is still there."""
        return self._start({one for one in self._waiting if self._at(one) <= now_s}, now_s)

    @property
    def next_s(self) -> float | None:
        """When `due` may be asked next; None if nobody waits."""
        return min(map(self._at, self._waiting), default=None)

    def _start(self, phones: Iterable[str], now_s: float) -> bool:
        started = False
        for one in phones:
            self._waiting.discard(one)
            if one not in self._ready:
                continue  # gone meanwhile: it is news when it comes back
            if self._at(one) <= now_s:
                self._started_s[one] = (*self._started_s.get(one, ()), now_s)[-self._most :]
                started = True
            else:
                self._waiting.add(one)
        self._forget(now_s)
        return started

    def _at(self, one: str) -> float:
        """When it may start an audit next."""
        started_s = self._started_s.get(one, ())
        return float("-inf") if len(started_s) < self._most else started_s[0] + self._within_s

    def _forget(self, now_s: float) -> None:
        """Those that have not started one for long, and the oldest of a crowd."""
        old_first = sorted(self._started_s, key=lambda one: self._started_s[one][-1])
        crowd = max(0, len(old_first) - 4 * limits.PHONES)
        for number, one in enumerate(old_first):
            if number < crowd or self._started_s[one][-1] + self._within_s < now_s:
                del self._started_s[one]
                self._waiting.discard(one)
