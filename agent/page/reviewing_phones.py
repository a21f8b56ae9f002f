"""Which phones are plugged in, asked again every few seconds while somebody looks, and forgotten when they go."""

import threading
from collections.abc import Callable, Mapping

from agent.photos.review.phone import AttachedPhone

AGAIN_S = 5.0
"""So old an answer may be before they are asked again."""
WATCH_S = 10.0
Attached = Callable[[], Mapping[str, AttachedPhone]]


class Phones:
    """One page's."""

    def __init__(
        self,
        attached: Attached,
        *,
        clock_s: Callable[[], float],
        stop: threading.Event,
        gone: Callable[[str], None],
        watch_s: float = WATCH_S,
    ) -> None:
        """`attached` looks, and may raise IndexTrouble; `gone` hears of each phone that is no longer there."""
        self._attached, self._clock_s, self._stop, self._gone = attached, clock_s, stop, gone
        self._watch_s = watch_s
        self._here: Mapping[str, AttachedPhone] = {}
        self._at_s: float | None = None
        self._lock = threading.Lock()
        self._watch: threading.Thread | None = None

    def here(self, *, anew: bool = False) -> Mapping[str, AttachedPhone]:
        """Those that answer, by the id that the index knows them by. Raises IndexTrouble."""
        with self._lock:
            now_s = self._clock_s()
            if anew or self._at_s is None or now_s - self._at_s > AGAIN_S:
                before, self._here = self._here, self._attached()
                self._at_s = self._clock_s()
                for one in before.keys() - self._here.keys():
                    self._gone(one)
            return self._here

    def watch(self, needed: Callable[[], bool], look: Callable[[], None]) -> None:
        """Ask again and again while it is needed, so that what was shown of a phone goes when the phone does."""
        with self._lock:
            if self._watch is None or not self._watch.is_alive():
                self._watch = threading.Thread(target=self._watched, args=(needed, look), daemon=True, name="phones")
                self._watch.start()

    def _watched(self, needed: Callable[[], bool], look: Callable[[], None]) -> None:
        while not self._stop.wait(self._watch_s) and needed():
            look()
