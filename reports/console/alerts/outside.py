"""The world outside the console as jobs meet it: names, certificates, chance, and tokens that were fetched."""

import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from random import SystemRandom


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """An access token."""

    text: str
    until: int
    """Unix seconds."""


class Tokens:
    """Access tokens while they hold. Threads share it; it is never written down."""

    def __init__(self) -> None:
        self._held: dict[str, Token] = {}
        self._lock = threading.Lock()

    def get(self, key: str, *, now: int) -> Token | None:
        """One that still holds."""
        with self._lock:
            found = self._held.get(key)
        return found if found is not None and found.until > now else None

    def put(self, key: str, token: Token) -> None:
        """Keep it."""
        with self._lock:
            self._held[key] = token

    def drop(self, key: str) -> None:
        """It was not accepted."""
        with self._lock:
            self._held.pop(key, None)


def addresses_of(host: str, port: int) -> tuple[str, ...]:
    """As the system resolves a name. Raises OSError."""
    return tuple(str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """What a test puts another in the place of."""

    tls: Callable[[], ssl.SSLContext] = ssl.create_default_context
    resolve: Callable[[str, int], tuple[str, ...]] = addresses_of
    chance: Callable[[], float] = field(default_factory=lambda: SystemRandom().random)
    """0 to 1."""
    tokens: Tokens = field(default_factory=Tokens)


OUTSIDE = Outside()
