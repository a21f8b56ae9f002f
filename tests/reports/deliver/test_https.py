"""Reports go to the practice's console over real TLS; whatever stands between says what it is, and nothing is lost."""

import base64
import contextlib
import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fake_console import FakeConsole, certified, good, problem, served

from reports.deliver import Kind, Letter
from reports.deliver.errors import Reason, TransportError
from reports.deliver.https import Console
from reports.deliver.https_door import Door, Limits
from reports.deliver.https_signing import Signer
from reports.signing import FIRST_LINK, Link, public_text

AGENT = "7a000000-0000-4000-8000-00000000000a"
DEVICE = "11111111-2222-4333-8444-555555555555"
QUICK = Limits(connect_s=5, read_s=1, total_s=2)


def letter(number: int = 1, text: str = "") -> Letter:
    name = f"22222222-2222-4222-8222-{number:012d}"
    body = json.dumps({"schema": "scrubin/report/1", "id": name, "device": {"id": DEVICE}, "text": text}).encode()
    return Letter(id=name, device_id=DEVICE, kind=Kind.FULL, body=body, created_at=datetime.now(UTC))


class Places:
    """A chain in memory."""

    def __init__(self) -> None:
        self.links: dict[str, Link] = {}
        self.given_back: list[str] = []

    def place(self, one: Letter) -> Link:
        if one.id not in self.links:
            self.links[one.id] = Link(seq=len(self.links) + 1, previous=FIRST_LINK)
        return self.links[one.id]

    def refused(self, one: Letter) -> None:
        self.given_back.append(one.id)


class Post:
    """A console that is served, and a transport to it."""

    def __init__(self, fake: FakeConsole, tls: ssl.SSLContext) -> None:
        self.fake = fake
        self.tls = tls
        self.key = Ed25519PrivateKey.generate()
        fake.agents[AGENT] = public_text(self.key.public_key())
        self.places = Places()

    def transport(self, *, proxies: dict[str, str] | None = None, limits: Limits | None = None) -> Console:
        signer = Signer(self.key, keyid=AGENT, clock=lambda: datetime.now(UTC), chance=lambda n: bytes(n))
        return Console(
            Door(self.fake.url, tls=self.tls, proxies=proxies or {}, limits=limits), sign=signer.sign,
            places=self.places, clock=lambda: datetime.now(UTC),
        )  # fmt: skip

    def refusal(self, **terms: Any) -> TransportError:
        with pytest.raises(TransportError) as raised:
            self.transport(**terms).deliver(letter())
        return raised.value


def trusting(authority: Any) -> ssl.SSLContext:
    tls = ssl.create_default_context()
    authority.configure_trust(tls)
    return tls


@pytest.fixture
def post() -> Iterator[Post]:
    authority, tls = certified()
    with served(FakeConsole(), tls) as fake:
        yield Post(fake, trusting(authority))


def test_what_goes_on_the_wire_is_the_letter_byte_for_byte(post: Post) -> None:
    post.transport().deliver(letter(text="ä"))
    ((headers, body),) = post.fake.reports
    assert body == letter(text="ä").body
    assert headers["scrubin-chain"] == f"seq=1, prev=:{base64.b64encode(FIRST_LINK).decode()}:"
    assert post.fake.breaks == []


def test_headers_hold_nothing_of_the_person_or_the_machine(post: Post) -> None:
    post.transport().deliver(letter())
    headers = post.fake.reports[0][0]
    assert set(headers) == {
        "host", "user-agent", "accept", "accept-encoding", "content-type", "content-length", "scrubin-chain",
        "content-digest", "signature-input", "signature",
    }  # fmt: skip
    assert headers["user-agent"] == "scrubin"


def test_passwords_of_the_persons_netrc_stay_there(post: Post, tmp_path: Path, monkeypatch: Any) -> None:
    (tmp_path / "netrc").write_text("machine localhost login dr password hunter2\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    post.transport().deliver(letter())
    assert "authorization" not in post.fake.reports[0][0]


def test_second_copy_is_delivered_too(post: Post) -> None:
    way = Signer(post.key, keyid=AGENT, clock=lambda: datetime.now(UTC), chance=lambda n: b"two".ljust(n))
    post.transport().deliver(letter())
    door = Door(post.fake.url, tls=post.tls, proxies={})
    Console(door, sign=way.sign, places=post.places, clock=lambda: datetime.now(UTC)).deliver(letter())
    assert len(post.fake.reports) == 1


def answers(status: int, body: bytes = b"", **headers: str) -> Callable[[Any], Any]:
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda request: (status, fields, body)


HTML = {"content_type": "text/html; charset=utf-8"}
JSON = {"content_type": "application/json"}
PROBLEM = {"content_type": "application/problem+json"}
PAGE = b"<html><form>Accept the terms of the Clinic Guest Wi-Fi</form></html>"
MEANS = [
    (answers(302, location="https://portal.example/login"), Reason.PORTAL, False, "points elsewhere"),
    (answers(200, PAGE, **HTML), Reason.PORTAL, False, "A page answers"),
    (answers(401, PAGE, **HTML), Reason.PORTAL, False, "A page answers"),
    (answers(200, b"{}", **JSON), Reason.PORTAL, False, "not your practice"),
    (answers(200, b"[" * 9000, **JSON), Reason.PORTAL, False, "not your practice"),
    (answers(204), Reason.PORTAL, False, "A page answers"),
    (answers(500, PAGE, **HTML), Reason.BUSY, False, "fault of its own (500)"),
    (answers(502, PAGE, **HTML), Reason.BUSY, False, "(502)"),
    (answers(413, PAGE, **HTML), Reason.TOO_LARGE, True, "too large"),
    (lambda request: problem(503, "full", **{"retry-after": "120"}), Reason.BUSY, False, "come back later"),
    (lambda request: problem(429, "too_many"), Reason.BUSY, False, "come back later"),
    (lambda request: problem(401, "revoked"), Reason.REVOKED, True, "ended this enrolment"),
    (lambda request: problem(401, "unknown_key"), Reason.REVOKED, True, "ended this enrolment"),
    (lambda request: problem(401, "signature"), Reason.AUTH, False, "signature"),
    (lambda request: problem(401, "replayed"), Reason.BUSY, False, "copy"),
    (lambda request: problem(403, "wrong_device"), Reason.REJECTED, True, "another laptop"),
    (lambda request: problem(408, "slow"), Reason.TIMEOUT, False, "too slow"),
    (lambda request: problem(409, "conflict"), Reason.CONFLICT, True, "another report"),
    (lambda request: problem(415, "type"), Reason.REJECTED, True, "does not understand"),
    (lambda request: problem(422, "shape"), Reason.REJECTED, True, "does not understand"),
    (lambda request: problem(422, "since_unknown"), Reason.BASELESS, True, "in full"),
    (lambda request: problem(418, "teapot"), Reason.UNREACHABLE, False, "418"),
]


@pytest.mark.parametrize(("meddle", "reason", "permanent", "words"), MEANS)
def test_each_answer_means_one_thing(post: Post, meddle: Any, reason: Reason, permanent: bool, words: str) -> None:
    post.fake.meddle = meddle
    error = post.refusal()
    assert (error.reason, error.permanent) == (reason, permanent)
    assert words in error.sentence
    assert post.fake.reports == []
    about = reason in {Reason.TOO_LARGE, Reason.REJECTED, Reason.CONFLICT, Reason.BASELESS}
    assert post.places.given_back == ([letter().id] if about else [])


def test_yes_to_another_report_is_no_yes(post: Post) -> None:
    post.fake.meddle = lambda request: good(202, {"schema": "scrubin/accepted/1", "id": letter(9).id})
    assert post.refusal().reason is Reason.PORTAL


def test_answer_that_points_elsewhere_is_not_followed(post: Post) -> None:
    post.fake.meddle = answers(307, location=f"{post.fake.url}/v1/elsewhere")
    post.refusal()
    assert [one.path for one in post.fake.seen] == ["/v1/reports"]


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("120", 120), ("999999999999999999999", 7 * 86400), ("-5", 0), ("soon", 0), ("", 0), ("\u0661", 0)],
)
def test_time_that_the_server_asks_for_is_passed_on_in_bounds(post: Post, said: str, seconds: float) -> None:
    post.fake.meddle = answers(503, **({"retry_after": said} if said.isascii() else {}))
    assert post.refusal().not_before_s == seconds


def test_date_to_come_back_at_is_measured_by_the_servers_clock(post: Post) -> None:
    post.fake.meddle = answers(503, date="Sun, 22 Nov 2026 07:00:00 GMT", retry_after="Sun, 22 Nov 2026 07:05:00 GMT")
    assert post.refusal().not_before_s == 300


def test_clock_that_is_off_is_named_with_the_servers_time(post: Post) -> None:
    post.fake.now = lambda: datetime.now(UTC) - timedelta(days=3)
    error = post.refusal()
    assert error.reason is Reason.CLOCK
    assert "4320 minutes ahead of" in error.sentence
    assert f"{post.fake.now():%B %Y}" in error.sentence


def test_huge_answer_is_cut_off(post: Post) -> None:
    post.fake.meddle = answers(200, b"x" * 5_000_000, **JSON)
    error = post.refusal()
    assert error.reason is Reason.PORTAL
    assert "more than 64 kB" in error.sentence


def test_answer_that_says_it_is_packed_is_not_unpacked(post: Post) -> None:
    import gzip

    bomb = gzip.compress(b" " * 50_000_000 + b"{}")
    post.fake.meddle = answers(200, bomb, content_encoding="gzip", **JSON)
    assert post.refusal().reason is Reason.PORTAL


def test_silent_server_is_given_up(post: Post) -> None:
    held = threading.Event()
    post.fake.meddle = lambda request: held.wait(20) and None
    try:
        assert post.refusal(limits=QUICK).reason is Reason.TIMEOUT
    finally:
        held.set()


@pytest.fixture
def dripping() -> Iterator[str]:
    """A server that sends one byte of its headers at a time: each read of it is in time."""
    listening = socket.create_server(("127.0.0.1", 0))
    ended = threading.Event()

    def drip() -> None:
        peer, _ = listening.accept()
        with peer:
            peer.recv(65536)
            while not ended.wait(0.2):
                peer.send(b"H")

    thread = threading.Thread(target=drip, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    ended.set()
    thread.join(5)
    listening.close()


def test_server_that_drips_is_given_up_as_a_whole(dripping: str) -> None:
    door = Door(dripping, tls=ssl.create_default_context(), proxies={}, limits=QUICK)
    with pytest.raises(TransportError, match="in time") as raised:
        door.ask("GET", "/v1/hello")
    assert raised.value.reason is Reason.TIMEOUT


def test_nobody_listening_is_unreachable(post: Post) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    post.fake.url = f"https://localhost:{port}"
    assert post.refusal().reason is Reason.UNREACHABLE


def test_name_that_nobody_knows_says_offline(post: Post) -> None:
    post.fake.url = "https://console.invalid"
    error = post.refusal()
    assert error.reason is Reason.UNREACHABLE
    assert "offline" in error.sentence


def test_plain_server_where_tls_is_expected_gets_nothing() -> None:
    with served(FakeConsole()) as fake:
        fake.url = fake.url.replace("http:", "https:")
        other = Post(fake, ssl.create_default_context())
        assert other.refusal().reason is Reason.NO_TLS
        assert fake.seen == []


def test_certificate_of_an_unknown_authority_is_named() -> None:
    _, tls = certified()
    with served(FakeConsole(), tls) as fake:
        error = Post(fake, ssl.create_default_context()).refusal()
        assert error.reason is Reason.CERTIFICATE
        assert 'issued by "Example Authority", which this laptop does not trust' in error.sentence
        assert "sign-in page" in error.sentence
        assert fake.seen == []


def test_certificate_that_has_ended_says_when() -> None:
    authority, tls = certified(not_after=datetime(2026, 3, 1, tzinfo=UTC), not_before=datetime(2026, 1, 1, tzinfo=UTC))
    with served(FakeConsole(), tls) as fake:
        error = Post(fake, trusting(authority)).refusal()
        assert "ended on 1 March 2026" in error.sentence


def test_certificate_for_another_name_says_for_which() -> None:
    authority, tls = certified("other.example", common_name="other.example")
    with served(FakeConsole(), tls) as fake:
        error = Post(fake, trusting(authority)).refusal()
        assert 'for "other.example"' in error.sentence
        assert "not for localhost" in error.sentence


def test_hostile_name_in_a_certificate_is_made_safe() -> None:
    _, tls = certified("other.example", common_name='\x1b[2Jx"\u202eevil' + "y" * 40)
    with served(FakeConsole(), tls) as fake:
        sentence = Post(fake, ssl.create_default_context()).refusal().sentence
        assert sentence.isprintable()
        assert "\u202e" not in sentence


class Proxy:
    """A real proxy that knows CONNECT and nothing else."""

    def __init__(self, *, lets_through: bool = True) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._lets_through = lets_through
        self.asked: list[bytes] = []
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._served: list[threading.Thread] = []
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listening.getsockname()[1]}"

    def close(self) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._thread.join(10)
        self._listening.close()
        for one in self._served:
            one.join(10)

    def _run(self) -> None:
        while True:
            try:
                peer, _ = self._listening.accept()
            except OSError:
                return
            self._served.append(threading.Thread(target=self._serve, args=(peer,), daemon=True))
            self._served[-1].start()

    def _serve(self, peer: socket.socket) -> None:
        with peer:
            head = b""
            while b"\r\n\r\n" not in head:
                head += peer.recv(4096)
            self.asked.append(head)
            if not self._lets_through:
                peer.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n")
                return
            host, _, port = head.split()[1].decode().rpartition(":")
            with socket.create_connection((host, int(port))) as there:
                peer.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
                back = threading.Thread(target=_carry, args=(there, peer), daemon=True)
                back.start()
                _carry(peer, there)
                back.join(10)


def _carry(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)


@pytest.fixture(params=[True, False], ids=["open", "shut"])
def proxy(request: Any) -> Iterator[Proxy]:
    one = Proxy(lets_through=request.param)
    yield one
    one.close()


def test_proxy_sees_where_to_and_nothing_more(post: Post, proxy: Proxy) -> None:
    if not proxy._lets_through:
        assert post.refusal(proxies={"https": proxy.url}).reason is Reason.PROXY
        return
    post.transport(proxies={"https": proxy.url}).deliver(letter())
    assert len(post.fake.reports) == 1
    assert proxy.asked[0].startswith(b"CONNECT localhost:")
    assert DEVICE.encode() not in b"".join(proxy.asked)


def test_certificate_behind_a_proxy_is_named_too() -> None:
    _, tls = certified()
    one = Proxy()
    with served(FakeConsole(), tls) as fake:
        error = Post(fake, ssl.create_default_context()).refusal(proxies={"https": one.url})
    one.close()
    assert "Example Authority" in error.sentence
