"""Record systems for tests: a real Orthanc, a small FHIR server, raw sockets that answer anything; and a picture."""

import contextlib
import io
import itertools
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any

from PIL import Image

from agent.stored.model import Answer
from agent.stored.opened import open_door
from agent.stored.system import RecordSystem
from checks.policy_terms import RecordKind, RecordSystemTerms

NOW = 1_795_000_000
DAY = date(2026, 11, 21)
PATIENT = "MRN 1|7"
"""With a blank, and with a sign that means something in a search."""


@cache
def picture(colour: tuple[int, int, int] = (200, 30, 30), *, odd: bool = False) -> bytes:
    """A JPEG of an even or an odd number of bytes: a comment of one byte more or less in it."""
    for comment in (b"a", b"aa"):
        file = io.BytesIO()
        Image.new("RGB", (64, 48), colour).save(file, "JPEG", comment=comment)
        if len(file.getvalue()) % 2 == odd:
            return file.getvalue()
    raise AssertionError("a comment of one more byte makes the file longer by one")


def terms(url: str, kind: RecordKind = RecordKind.DICOMWEB, **more: str) -> RecordSystemTerms:
    return RecordSystemTerms(kind=kind, name="Practice PACS", url=url, **more)


@dataclass
class Watch:
    """A clock that goes on when it is told to."""

    at: float = 0.0

    def __call__(self) -> float:
        return self.at


@dataclass
class Clerk:
    """Asks one record system, as the page would."""

    terms: RecordSystemTerms
    secret: str | Callable[[], str | None] | None = None
    """Or what fetches it."""
    clock: Callable[[], float] = field(default_factory=Watch)
    whole_s: float = 20.0
    opened: list[str] = field(default_factory=list)
    system: RecordSystem = field(init=False)

    def __post_init__(self) -> None:
        numbers = itertools.count()
        self.system = RecordSystem(
            self.terms, secret=self._fetched, open_door=self._door, clock_s=self.clock, whole_s=self.whole_s,
            randomness=lambda size: next(numbers).to_bytes(size, "big"),
        )  # fmt: skip

    def _fetched(self) -> str | None:
        return self.secret() if callable(self.secret) else self.secret

    def _door(self, url: str, limits: Any) -> Any:
        self.opened.append(url)
        return open_door(url, limits)

    def ask(
        self, data: bytes | None = None, *, patient: str = PATIENT, day: date | None = DAY, now: int = NOW
    ) -> Answer:
        return self.system.ask(picture() if data is None else data, patient=patient, taken_day=day, now=now)


@contextlib.contextmanager
def serving(answer: Callable[[socket.socket, bytes], None]) -> Iterator[str]:
    """A server of our own on a raw socket: `answer` gets each connection and what was asked in it; its address."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=_accept, args=(listening, answer), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        listening.shutdown(socket.SHUT_RDWR)
        thread.join(10)


def _accept(listening: socket.socket, answer: Callable[[socket.socket, bytes], None]) -> None:
    while True:
        try:
            peer, _ = listening.accept()
        except OSError:
            return  # the test is over
        with peer, contextlib.suppress(ConnectionError):
            answer(peer, _head(peer))


def _head(peer: socket.socket) -> bytes:
    heard = b""
    while b"\r\n\r\n" not in heard:
        piece = peer.recv(65536)
        if not piece:
            return heard
        heard += piece
    return heard


def reply(body: bytes, kind: str = "application/dicom+json", status: str = "200 OK", more: str = "") -> bytes:
    """A whole answer of HTTP."""
    head = (
        f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n{more}Connection: close\r\n\r\n"
    )
    return head.encode("latin-1") + body


@contextlib.contextmanager
def saying(*answers: bytes) -> Iterator[str]:
    """A server that says these things, one a question, and the last one from then on."""
    left = list(answers)

    def answer(peer: socket.socket, _: bytes) -> None:
        peer.sendall(left.pop(0) if len(left) > 1 else left[0])

    with serving(answer) as url:
        yield url
