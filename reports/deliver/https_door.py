"""One exchange with the practice's server: through the system's proxy, to a server that proves its name, in bounds."""

import contextlib
import email.utils
import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

import requests
import urllib3.exceptions
from requests.adapters import HTTPAdapter

from reports.deliver.errors import Reason, TransportError
from reports.deliver.https_faults import explained

T = TypeVar("T")
AGENT = "scrubin"
"""All that a request says of the program: versions travel inside reports."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What an exchange may take."""

    connect_s: float = 15.0
    read_s: float = 30.0
    """Between two pieces of an answer."""
    total_s: float = 90.0
    """For all of it: a server that drips one byte at a time stays within the limit of each."""
    answer_bytes: int = 64 << 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back."""

    status: int
    kind: str
    """The media type in lower case, without its parameters; "" where none is given."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Names in lower case."""
    body: bytes = b""

    @property
    def at(self) -> datetime | None:
        """The server's own time (aware, UTC), to the second; None where it does not say."""
        try:
            return email.utils.parsedate_to_datetime(self.headers.get("date", "")).astimezone(UTC)
        except (ValueError, TypeError, OverflowError):
            return None


FAULTS = (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError)
"""Of an exchange. A body that is read as it comes raises what the library below says of it."""
Sign = Callable[[requests.PreparedRequest], None]
"""Puts a signature on a request that is ready to go."""


class Door:
    """The way to one server. Thread-safe; keeps no connection open."""

    def __init__(
        self, url: str, *, tls: ssl.SSLContext, proxies: Mapping[str, str], limits: Limits | None = None
    ) -> None:
        """`url`: scheme, host and port, no slash at its end. `proxies`: by scheme, as the system has them."""
        self.url = url
        self.proxies = dict(proxies)
        self._tls = tls
        self._limits = limits or Limits()

    def ask(
        self,
        method: str,
        path: str,
        *,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        sign: Sign | None = None,
        most_bytes: int | None = None,
    ) -> Answer:
        """Try once. Whatever a server answers is an answer, redirects too. Raises TransportError, and nothing else.

        `most_bytes` of an answer that may be larger than most.
        """
        bound = most_bytes or self._limits.answer_bytes
        said = {"User-Agent": AGENT, "Accept": "application/json", "Accept-Encoding": "identity", **(headers or {})}
        if body is not None:
            said["Content-Type"] = "application/json"
        # Prepared without a session, which would add names and passwords that it finds in the person's .netrc.
        request = requests.Request(method, f"{self.url}{path}", data=body, headers=said).prepare()
        if sign is not None:
            sign(request)
        try:
            return self._within(lambda live: self._exchange(live, request, bound))
        except FAULTS as problem:
            raise explained(problem, self.url, self.proxies) from problem

    def _exchange(self, live: list[requests.Response], request: requests.PreparedRequest, bound: int) -> Answer:
        limits = self._limits
        with _session(self._tls) as session:
            answer = session.send(
                request, stream=True, timeout=(limits.connect_s, limits.read_s), allow_redirects=False,
                proxies=self.proxies,
            )  # fmt: skip
            live.append(answer)
            with answer:
                # Asked for as it is: a body that were unpacked on the way could grow beyond all limits.
                body = answer.raw.read(bound + 1, decode_content=False)
        if len(body) > bound:
            sentence = f"What answered sent more than {bound >> 10} kB, which your practice never does."
            raise TransportError(permanent=False, reason=Reason.PORTAL, sentence=sentence)
        heard = {name.lower(): value for name, value in answer.headers.items()}
        kind = heard.get("content-type", "").partition(";")[0].strip().lower()
        return Answer(status=answer.status_code, kind=kind, headers=heard, body=body)

    def _within(self, work: Callable[[list[requests.Response]], T]) -> T:
        """Do it in a thread, for a limited time: the library's own limits are for each read, not for them all."""
        live: list[requests.Response] = []
        answers: list[T] = []
        faults: list[Exception] = []

        def run() -> None:
            try:
                answers.append(work(live))
            except (*FAULTS, TransportError) as fault:
                faults.append(fault)

        thread = threading.Thread(target=run, name="scrubin-exchange", daemon=True)
        thread.start()
        thread.join(self._limits.total_s)
        if faults:
            raise faults[0]
        if not answers:
            for one in live:
                with contextlib.suppress(OSError):
                    one.close()
            sentence = "Your practice's server did not answer in time."
            raise TransportError(permanent=False, reason=Reason.TIMEOUT, sentence=sentence)
        return answers[0]


class _Adapter(HTTPAdapter):
    """Requests, with our one TLS context in place of the list of authorities that it brings along."""

    def __init__(self, tls: ssl.SSLContext) -> None:
        self._tls = tls
        super().__init__(max_retries=0)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **pool: Any) -> None:
        """See HTTPAdapter."""
        super().init_poolmanager(connections, maxsize, block, ssl_context=self._tls, **pool)

    def proxy_manager_for(self, proxy: str, **pool: Any) -> Any:
        """See HTTPAdapter."""
        return super().proxy_manager_for(proxy, ssl_context=self._tls, **pool)

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """See HTTPAdapter. The context demands a certificate already, and knows whom the system trusts."""
        conn.cert_reqs = "CERT_REQUIRED"
        conn.ca_certs = conn.ca_cert_dir = None


def _session(tls: ssl.SSLContext) -> requests.Session:
    session = requests.Session()
    session.trust_env = False  # proxies and authorities are those that were handed in
    session.headers.clear()
    session.mount("https://", _Adapter(tls))
    session.mount("http://", HTTPAdapter(max_retries=0))
    return session
