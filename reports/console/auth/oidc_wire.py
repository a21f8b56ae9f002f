"""Asks an OpenID provider: whatever it answers is bounded in size and time, and it sends us nowhere else."""

import contextlib
import io
import ssl
import threading
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import requests
import truststore
from authlib.integrations.requests_client import OAuth2Session
from requests.adapters import HTTPAdapter

ANSWER_BYTES = 256 << 10
SILENCE_S = 5.0
"""Between two pieces of an answer."""
WHOLE_S = 10.0
PIECE = 16 << 10
AT_ONCE_EACH, AT_ONCE = 4, 16
"""Requests under way, to one host and to all."""
_ASKING: Counter[str] = Counter()
_LOCK = threading.Lock()
LOOPBACK = ("localhost", "127.0.0.1", "::1")


class TooMuch(requests.RequestException):
    """The answer is too large, or takes too long."""


@contextlib.contextmanager
def place(host: str) -> Iterator[None]:
    """One of few at a host: whoever drips an answer byte by byte holds no more threads than these. Raises TooMuch."""
    with _LOCK:
        if _ASKING[host] >= AT_ONCE_EACH or _ASKING.total() >= AT_ONCE:
            raise TooMuch("too many wait for an answer")
        _ASKING[host] += 1
    try:
        yield
    finally:
        with _LOCK:
            _ASKING[host] -= 1
            if not _ASKING[host]:
                del _ASKING[host]


def fits(address: object) -> bool:
    """Whether it is an address that a provider may have: HTTPS, or a program on this very machine."""
    if not isinstance(address, str) or len(address) > 1000 or not address.isascii() or not address.isprintable():
        return False
    try:
        parts = urlsplit(address)
        named = bool(parts.hostname) and parts.username is None and (parts.port is None or parts.port > 0)
    except ValueError:
        return False
    plain = parts.scheme == "http" and parts.hostname in LOOPBACK
    return named and (parts.scheme == "https" or plain) and " " not in address


class _Bounded(HTTPAdapter):
    """Reads the answer to its end within the bounds, before anybody looks at it."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> Any:
        """Certificates are judged as the system judges them."""
        return super().init_poolmanager(*args, **kwargs, ssl_context=truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT))

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """Raises RequestException."""
        with place(str(urlsplit(request.url or "").hostname)):
            return self._sent(request, *args, **kwargs)

    def _sent(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        end = time.monotonic() + WHOLE_S
        made = super().send(request, *args, **{**kwargs, "stream": True, "timeout": SILENCE_S})
        pieces: list[bytes] = []
        size = 0
        try:
            while piece := made.raw.read1(PIECE):
                size += len(piece)
                if size > ANSWER_BYTES or time.monotonic() > end:
                    raise TooMuch("the answer is too large or too slow")
                pieces.append(piece)
        finally:
            made.raw.close()
        made.raw = io.BytesIO(b"".join(pieces))
        return made


def session(client_id: str, secret: str, *, method: str, redirect_uri: str) -> Any:
    """Authlib's client, which speaks through the bounds. `method`: how it proves who it is."""
    made = OAuth2Session(
        client_id,
        secret or None,
        token_endpoint_auth_method=method,
        redirect_uri=redirect_uri,
        scope="openid email",
        code_challenge_method="S256",
    )
    _bound(made)
    return made


def fetch(address: str) -> Any:
    """A document of JSON. Raises RequestException, ValueError."""
    with requests.Session() as asking:
        _bound(asking)
        made = asking.get(address, headers={"accept": "application/json"}, allow_redirects=False)
        if made.status_code != 200:
            raise TooMuch("no document there")
        return made.json()


def _bound(asking: requests.Session) -> None:
    asking.headers["accept-encoding"] = "identity"
    asking.max_redirects = 0
    for scheme in ("https://", "http://"):
        asking.mount(scheme, _Bounded())
