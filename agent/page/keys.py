"""Who may look: the browser in which a link was opened that works once, for as long as its session is used."""

import hashlib
import hmac
import threading
from collections.abc import Callable

LINK_S = 120.0
"""So long an unopened link works."""
SESSION_S = 12 * 3600.0
"""So long a session lasts at most: a shift."""
MOST_LINKS, MOST_SESSIONS = 8, 8
TOKEN_BYTES = 32


class Keys:
    """Links and sessions of one page process. Nothing of them is on a disk, and only digests are in memory."""

    def __init__(self, *, randomness: Callable[[int], bytes], clock_s: Callable[[], float]) -> None:
        """`clock_s` goes on steadily, whatever the wall clock does."""
        self._randomness, self._clock_s = randomness, clock_s
        self._links: dict[bytes, float] = {}
        self._sessions: dict[bytes, float] = {}
        self._lock = threading.Lock()

    def link(self) -> str:
        """A token that opens one session, once, within LINK_S."""
        return self._added(self._links, LINK_S, MOST_LINKS)

    def open(self, token: str) -> str | None:
        """The session that a link's token opens; None for one that was used, is too old, or never was."""
        with self._lock:
            until_s = self._links.pop(_digest(token), None)
        if until_s is None or self._clock_s() > until_s:
            return None
        return self._added(self._sessions, SESSION_S, MOST_SESSIONS)

    def holds(self, session: str) -> bool:
        """Whether this is the token of a session that runs."""
        sought, now_s = _digest(session), self._clock_s()
        with self._lock:
            known = [until_s for kept, until_s in self._sessions.items() if hmac.compare_digest(kept, sought)]
        return any(now_s <= until_s for until_s in known)

    def _added(self, kept: dict[bytes, float], lasts_s: float, most: int) -> str:
        token = self._randomness(TOKEN_BYTES).hex()
        with self._lock:
            while len(kept) >= most:
                del kept[next(iter(kept))]  # the oldest
            kept[_digest(token)] = self._clock_s() + lasts_s
        return token


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
