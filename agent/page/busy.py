"""Whether something runs that must not be cut off when nobody looks at the page."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Busy:
    """What must not be cut off by the end of an idle page."""

    def __init__(self) -> None:
        self._count = 0
        self._lock = threading.Lock()

    def __bool__(self) -> bool:
        return self._count > 0

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """While something runs that nobody asks about."""
        with self._lock:
            self._count += 1
        try:
            yield
        finally:
            with self._lock:
                self._count -= 1
