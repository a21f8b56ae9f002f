"""A small console for agents under test: real HTTP, real TLS, real signatures; it remembers what it was told."""

import base64
import hashlib
import json
import ssl
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import Any

import trustme
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from http_message_signatures import HTTPMessageVerifier, HTTPSignatureKeyResolver, InvalidSignature, algorithms

from reports.signing import (
    DIRECTIVE_DOMAIN,
    FIRST_LINK,
    SignatureError,
    content_digest,
    pin_of,
    public_text,
    read_public,
    sign_bytes,
    verify_bytes,
)

CODE = "ABCD-EFGH-JKMN"
PRACTICE = {"id": "7a000000-0000-4000-8000-000000000001", "name": "Example Practice"}
CONTACT = {"label": "IT lead", "phone": "02 5550 1234", "email": ""}


@dataclass
class Request:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


Answer = tuple[int, dict[str, str], bytes]


class _AnyKey(HTTPSignatureKeyResolver):
    def __init__(self, public: str) -> None:
        self._key = read_public(public)

    def resolve_public_key(self, key_id: str) -> Any:
        return self._key


@dataclass
class FakeConsole:
    """What a console knows. `meddle` may answer in its place."""

    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    seen: list[Request] = field(default_factory=list)
    reports: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    trials: list[dict[str, Any]] = field(default_factory=list)
    agents: dict[str, str] = field(default_factory=dict)
    """Agent id -> public key."""
    laptops: dict[str, str] = field(default_factory=dict)
    """Laptop id -> agent id."""
    ended: set[str] = field(default_factory=set)
    nonces: set[str] = field(default_factory=set)
    links: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    breaks: list[str] = field(default_factory=list)
    policy: dict[str, str] | None = None
    waivers: list[dict[str, str]] = field(default_factory=list)
    drafts: list[dict[str, Any]] = field(default_factory=list)
    serial: int = 1
    uses: int = 1
    meddle: Callable[[Request], Answer | None] = lambda request: None
    change: Callable[[dict[str, Any]], None] = lambda body: None
    """Changes a directive before it is signed."""
    url: str = ""

    @property
    def public(self) -> str:
        return public_text(self.key.public_key())

    @property
    def code(self) -> str:
        pin = pin_of(self.public)
        return f"{CODE}-{pin[:4]}-{pin[4:]}"

    def answer(self, request: Request) -> Answer:
        self.seen.append(request)
        if (meddled := self.meddle(request)) is not None:
            return meddled
        act = {
            ("GET", "/v1/hello"): self._hello, ("POST", "/v1/enrol/preview"): self._preview,
            ("POST", "/v1/enrol"): self._enrol, ("POST", "/v1/reports"): self._report,
            ("GET", "/v1/directive"): self._directive, ("POST", "/v1/trials"): self._trial,
            ("POST", "/v1/leave"): self._leave,
        }.get((request.method, request.path))  # fmt: skip
        return problem(404, "not_found") if act is None else act(request)

    def _hello(self, request: Request) -> Answer:
        return good(200, {"schema": "scrubin/hello/1", "time": self.now().strftime("%Y-%m-%dT%H:%M:%SZ")})

    def _offer(self) -> dict[str, Any]:
        practice = {**PRACTICE, "contact": CONTACT}
        return {"practice": practice, "ownership": "personal", "group": None, "console_key": self.public}

    def _preview(self, request: Request) -> Answer:
        if json.loads(request.body)["code"] != self.code or self.uses < 1:
            return problem(404, "code")
        return good(200, {"schema": "scrubin/offer/1", **self._offer()})

    def _enrol(self, request: Request) -> Answer:
        body = json.loads(request.body)
        if (wrong := self._unsigned(request, body["public_key"], "scrubin-enrol")) is not None:
            return wrong
        agent_id = self.laptops.get(body["laptop_id"])
        if agent_id is not None and self.agents[agent_id] == body["public_key"] and agent_id not in self.ended:
            return good(201, {"schema": "scrubin/enrolled/1", "agent_id": agent_id, **self._offer()})
        if body["code"] != self.code or self.uses < 1:
            return problem(404, "code")
        ended = agent_id in self.ended
        if agent_id is not None and not ended and not self._proven(request, self.agents[agent_id]):
            return problem(409, "known")
        self.uses -= 1
        agent_id = agent_id or str(uuid.uuid4())
        self.laptops[body["laptop_id"]], self.agents[agent_id] = agent_id, body["public_key"]
        self.ended.discard(agent_id)
        return good(201, {"schema": "scrubin/enrolled/1", "agent_id": agent_id, **self._offer()})

    def _proven(self, request: Request, key: str) -> bool:
        try:
            proof = request.headers.get("scrubin-previous", "").strip(":")
            verify_bytes(read_public(key), b"scrubin-previous-1\0", request.body, proof)
        except SignatureError:
            return False
        return True

    def _report(self, request: Request) -> Answer:
        if (wrong := self._known(request)) is not None:
            return wrong
        body = json.loads(request.body)
        link = dict(part.strip().split("=", 1) for part in request.headers["scrubin-chain"].split(","))
        seq, previous = int(link["seq"]), base64.b64decode(link["prev"].strip(":"))
        device = body.get("device_id") or body["device"]["id"]
        if any(json.loads(raw)["id"] == body["id"] and raw != request.body for _, raw in self.reports):
            return problem(409, "conflict")
        accepted = {"schema": "scrubin/accepted/1", "id": body["id"], "directive": ""}
        if any(raw == request.body for _, raw in self.reports):
            return good(200, accepted)
        last, expected = self.links.get(device, (0, FIRST_LINK))
        if (seq, previous) != (last + 1, expected):
            self.breaks.append(f"{device}: {last} then {seq}")
        digest = hashlib.sha256(request.body).digest()
        self.links[device] = seq, hashlib.sha256(previous + digest).digest()
        self.reports.append((request.headers, request.body))
        return good(202, accepted)

    def _directive(self, request: Request) -> Answer:
        if (wrong := self._known(request)) is not None:
            return wrong
        body = self.directive(self._keyid(request))
        said = {**json.loads(body), "issued_at": ""}
        etag = f'"{hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()}"'
        if request.headers.get("if-none-match") == etag:
            return 304, {"etag": etag}, b""
        signature = sign_bytes(self.key, DIRECTIVE_DOMAIN, body)
        return 200, {"content-type": "application/json", "etag": etag, "scrubin-signature": f":{signature}:"}, body

    def directive(self, agent_id: str) -> bytes:
        body = {
            "schema": "scrubin/directive/1", "practice_id": PRACTICE["id"], "agent_id": agent_id,
            "serial": self.serial, "issued_at": self.now().strftime("%Y-%m-%dT%H:%M:%SZ"), "policy": self.policy,
            "waivers": self.waivers, "drafts": self.drafts, "period_hours": 24,
        }  # fmt: skip
        self.change(body)
        return json.dumps(body).encode()

    def _trial(self, request: Request) -> Answer:
        if (wrong := self._known(request)) is not None:
            return wrong
        self.trials.append(json.loads(request.body))
        return good(202, {"schema": "scrubin/trial-accepted/1"})

    def _leave(self, request: Request) -> Answer:
        if (wrong := self._known(request)) is not None:
            return wrong
        self.ended.add(self._keyid(request))
        return good(200, {"schema": "scrubin/left/1"})

    def _keyid(self, request: Request) -> str:
        return request.headers["signature-input"].split('keyid="')[1].split('"')[0]

    def _known(self, request: Request) -> Answer | None:
        keyid = self._keyid(request)
        if keyid not in self.agents:
            return problem(401, "unknown_key")
        if keyid in self.ended:
            return problem(401, "revoked")
        return self._unsigned(request, self.agents[keyid], "scrubin-device")

    def _unsigned(self, request: Request, public: str, tag: str) -> Answer | None:
        """None for a signature that fits, over all that it must cover, by a clock that is right, and new."""
        if request.body and request.headers.get("content-digest") != content_digest(request.body):
            return problem(401, "signature")
        scheme = self.url.partition(":")[0]
        message = SimpleNamespace(
            method=request.method, url=f"{scheme}://{request.headers['host']}{request.path}", headers=request.headers
        )
        verifier = HTTPMessageVerifier(signature_algorithm=algorithms.ED25519, key_resolver=_AnyKey(public))
        try:
            (found,) = verifier.verify(message, max_age=timedelta(days=36500), expect_tag=tag)
        except InvalidSignature:
            return problem(401, "signature")
        if abs(self.now().timestamp() - int(found.parameters["created"])) > 300:
            return problem(401, "clock", date=format_datetime(self.now(), usegmt=True))
        if found.parameters["nonce"] in self.nonces:
            return problem(401, "replayed")
        self.nonces.add(found.parameters["nonce"])
        wanted = {"@method", "@authority", "@path"} | ({"content-digest"} if request.body else set())
        wanted |= {"scrubin-chain"} if request.path == "/v1/reports" else set()
        covered = {name.strip('"') for name in found.covered_components} - {"@signature-params"}
        return None if covered == wanted else problem(401, "signature")


def good(status: int, body: dict[str, Any]) -> Answer:
    return status, {"content-type": "application/json"}, json.dumps(body).encode()


def problem(status: int, code: str, **headers: str) -> Answer:
    body = json.dumps({"code": code, "detail": "A sentence of the console's."}).encode()
    return status, {"content-type": "application/problem+json", **headers}, body


@contextmanager
def served(
    console: FakeConsole, tls: ssl.SSLContext | None = None, *, host: str = "localhost"
) -> Iterator[FakeConsole]:
    """Answer on a free port of this machine until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _do(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            headers = {name.lower(): value for name, value in self.headers.items()}
            request = Request(self.command, self.path, headers, self.rfile.read(length))
            status, fields, body = console.answer(request)
            self.send_response_only(status)
            given = {"date": format_datetime(console.now(), usegmt=True), **fields}
            for name, value in given.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(body)))
            self.send_header("connection", "close")
            self.end_headers()
            self.wfile.write(body)
            self.close_connection = True

        do_GET = do_POST = _do

        def log_message(self, *_: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            """Clients that hang up in the middle are what these tests are about."""

        def finish_request(self, request: Any, client_address: Any) -> None:
            if tls is None:
                super().finish_request(request, client_address)
                return
            with tls.wrap_socket(request, server_side=True) as wrapped:
                super().finish_request(wrapped, client_address)

    server = Server(("127.0.0.1", 0), Handler)
    console.url = f"{'http' if tls is None else 'https'}://{host}:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield console
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def certified(*names: str, authority: trustme.CA | None = None, **terms: Any) -> tuple[trustme.CA, ssl.SSLContext]:
    """An authority, and a server's context with a certificate of it."""
    authority = authority or trustme.CA(organization_name="Example Authority")
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*(names or ("localhost",)), **terms).configure_cert(tls)
    return authority, tls
