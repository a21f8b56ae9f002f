"""A device that speaks to a console as scrubin's agent does: it makes a key, enrols, and sends real letters."""

import base64
import contextlib
import json
import secrets
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from http_message_signatures import HTTPMessageSigner, HTTPSignatureKeyResolver
from http_message_signatures.algorithms import ED25519
from starlette.applications import Starlette
from starlette.testclient import TestClient

from checks.model import Device, Finding, Kind, Level, Overall, Ownership, Platform, Severity, Status
from reports.console.console import Console
from reports.console.intake.codes import make_code
from reports.console.intake.routes import device_routes
from reports.console.intake.writer import Writer
from reports.deliver.bodies import Seen, folded, unchanged
from reports.envelope import Proof, Report, to_bytes
from reports.signing import CHAIN, COVERED, FIRST_LINK, TAG, Link, content_digest, public_text

JSON = {"content-type": "application/json"}
BASE = "http://127.0.0.1:8443"
CHECKS = ("screen_lock", "encryption", "updates")


@dataclass
class _Outgoing:
    """What the signing library writes its headers to."""

    method: str
    url: str
    headers: dict[str, str]


class _Key(HTTPSignatureKeyResolver):
    def __init__(self, key: Ed25519PrivateKey) -> None:
        self.key = key

    def resolve_private_key(self, key_id: str) -> Ed25519PrivateKey:
        return self.key


def signed(
    key: Ed25519PrivateKey,
    method: str,
    path: str,
    body: bytes | None,
    *,
    key_id: str,
    at: int,
    tag: str = TAG,
    link: Link | None = None,
    base: str = BASE,
    nonce: str = "",
    covered: tuple[str, ...] | None = None,
) -> dict[str, str]:
    """The headers of a signed request."""
    headers = {} if body is None else {**JSON, "content-digest": content_digest(body)}
    if link is not None:
        headers[CHAIN.lower()] = link.header()
    length = 3 if body is None else 4 if link is None else 5
    message = _Outgoing(method=method, url=base + path, headers=headers)
    HTTPMessageSigner(signature_algorithm=ED25519, key_resolver=_Key(key)).sign(
        message,
        key_id=key_id,
        created=datetime.fromtimestamp(at, UTC),
        nonce=nonce or secrets.token_hex(12),
        tag=tag,
        covered_component_ids=covered or COVERED[:length],
        use_existing_digest=body is not None,
    )
    return {name.lower(): value for name, value in message.headers.items()}


def moment(at: int) -> datetime:
    """Aware, UTC."""
    return datetime.fromtimestamp(at, UTC)


def finding(device_id: str, check_id: str, status: str, at: int, **changes: Any) -> Finding:
    """One check's answer."""
    values = {
        "uid": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{device_id}/{check_id}")), "check_id": check_id,
        "title": f"The title of {check_id}", "severity": Severity.HIGH, "level": Level.REQUIRED,
        "device_id": device_id, "profile": "owner", "status": Status(status), "because": f"because of {check_id}",
        "measures": {"reasons": (f"{check_id}_code",), "count": "1-5", "limit_s": 300}, "source": "device",
        "observed_at": moment(at),
    }  # fmt: skip
    return Finding(**{**values, **changes})


WORDS = {"p": "pass", "f": "fail", "u": "unknown", "e": "error", "n": "not_applicable"}


def report(device: Device, statuses: str, at: int, **changes: Any) -> Report:
    """`statuses` has a letter for each of CHECKS: (p)ass, (f)ail, (u)nknown, (e)rror, (n)ot applicable."""
    findings = tuple(finding(device.id, check, WORDS[one], at) for check, one in zip(CHECKS, statuses, strict=False))
    overall = Overall.NOT_COMPLIANT if "f" in statuses else Overall.COMPLIANT
    overall = Overall.CANNOT_TELL if overall is Overall.COMPLIANT and set(statuses) & {"u", "e"} else overall
    values = {
        "id": str(uuid.uuid4()), "agent_version": "0.1.0", "device": device, "overall": overall,
        "policy_id": "practice-default", "policy_version": "3", "proof": Proof(planted=2, found=2),
        "generated_at": moment(at), "findings": findings,
    }  # fmt: skip
    return Report(**{**values, **changes})


@dataclass
class Sender:
    """A laptop with its key, and its phones. `client` is a Starlette TestClient or an httpx one."""

    client: Any
    clock: Callable[[], int]
    base: str = BASE
    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    laptop_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    agent_id: str = ""
    chains: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    last_full: dict[str, str] = field(default_factory=dict)

    @property
    def laptop(self) -> Device:
        """As its reports name it."""
        return self.device(self.laptop_id)

    def device(self, device_id: str, platform: Platform = Platform.LINUX) -> Device:
        """A laptop, or a phone of this laptop."""
        phone = platform in (Platform.ANDROID, Platform.IOS)
        return Device(
            id=device_id, kind=Kind.PHONE if phone else Kind.LAPTOP, platform=platform,
            model="Pixel 8" if phone else "ThinkPad X1", os_version="android 16" if phone else "debian 12",
            ownership=Ownership.PERSONAL,
        )  # fmt: skip

    def enrol(self, code: str, /, **changes: Any) -> Any:
        """Ask to be enrolled. `previous`: a key that vouches for the new one."""
        previous = changes.pop("previous", None)
        said = {
            "schema": "scrubin/enrol/1", "code": code, "laptop_id": self.laptop_id,
            "public_key": public_text(self.key.public_key()), "platform": "linux", "model": "ThinkPad X1",
            "os_version": "debian 12", "agent_version": "0.1.0",
        }  # fmt: skip
        body = json.dumps({**said, **changes}).encode()
        headers = signed(
            self.key, "POST", "/v1/enrol", body, key_id=public_text(self.key.public_key()), at=self.clock(),
            tag="scrubin-enrol", base=self.base,
        )  # fmt: skip
        if previous is not None:
            vouched = previous.sign(b"scrubin-previous-1\0" + body)
            headers["scrubin-previous"] = f":{base64.b64encode(vouched).decode()}:"
        answer = self.client.post("/v1/enrol", content=body, headers=headers)
        if answer.status_code == 201:
            self.agent_id = answer.json()["agent_id"]
        return answer

    def place(self, device_id: str, body: bytes) -> Link:
        """The next place in the device's chain, for this body."""
        seq, previous = self.chains.get(device_id, (0, FIRST_LINK))
        link = Link(seq=seq + 1, previous=previous)
        self.chains[device_id] = (link.seq, link.next_link(body))
        return link

    def post(self, path: str, body: bytes, link: Link | None = None, **changes: Any) -> Any:
        """A signed body."""
        headers = self.headers(path, body, link, **changes)
        return self.client.post(path, content=body, headers=headers)

    def headers(self, path: str, body: bytes | None, link: Link | None = None, **changes: Any) -> dict[str, str]:
        """Of a signed request, GET where there is no body."""
        known = {"key_id": self.agent_id, "at": self.clock(), "base": self.base, "link": link}
        method = "GET" if body is None else "POST"
        return signed(changes.pop("key", self.key), method, path, body, **{**known, **changes})

    def full(
        self, statuses: str = "ppf", *, device: Device | None = None, at: int | None = None, **changes: Any
    ) -> bytes:
        """A full report's bytes."""
        device = device or self.laptop
        made = report(device, statuses, self.clock() if at is None else at, **changes)
        self.last_full[device.id] = made.id
        return to_bytes(made)

    def note(self, *, device_id: str = "", since: str = "", at: int | None = None) -> bytes:
        """Word that nothing changed since the last full report."""
        device_id = device_id or self.laptop_id
        return unchanged(
            report_id=str(uuid.uuid4()), device_id=device_id, since=since or self.last_full[device_id],
            generated_at=moment(self.clock() if at is None else at),
        )  # fmt: skip

    def fold(self, body: bytes, history: Iterable[tuple[str, str, int]]) -> bytes:
        """A report behind the statuses (check, letter, time) of those that it stands for."""
        said = json.loads(body)
        device_id = said["device"]["id"]
        seen = [
            Seen(uid=finding(device_id, check, "pass", at).uid, status=Status(WORDS[one]), observed_at=moment(at))
            for check, one, at in history
        ]
        return folded(body, report_id=said["id"], device_id=device_id, history=seen)

    def send(self, body: bytes, **changes: Any) -> Any:
        """A letter, in its place of the chain unless `link` names another."""
        said = json.loads(body)
        device_id = said.get("device_id") or said["device"]["id"]
        link = changes.pop("link", None) or self.place(device_id, body)
        return self.post("/v1/reports", body, link, **changes)

    def report(self, statuses: str = "ppf", **changes: Any) -> Any:
        """Make a full report and send it."""
        return self.send(self.full(statuses, **changes))

    def directive(self, **headers: str) -> Any:
        """What the practice wants."""
        return self.client.get("/v1/directive", headers={**self.headers("/v1/directive", None), **headers})

    def leave(self) -> Any:
        """Say that the laptop leaves."""
        said = {"schema": "scrubin/leave/1", "at": moment(self.clock()).strftime("%Y-%m-%dT%H:%M:%SZ")}
        return self.post("/v1/leave", json.dumps(said).encode())


@contextlib.contextmanager
def at_the_door(console: Console, *, waiting: int = 100) -> Iterator[TestClient]:
    """What devices speak to, by HTTP, with the writer running."""
    with Writer(console, waiting=waiting) as writer:
        app = Starlette(routes=device_routes(console, writer))
        with TestClient(app, base_url=BASE, follow_redirects=False) as client:
            yield client


def rows(console: Console, table: sa.Table, **where: Any) -> list[Any]:
    """What is in a table."""
    with console.store.read() as db:
        found = sa.select(table).filter_by(**where)
        return list(db.execute(found.order_by(*table.primary_key.columns)))


def code_for(console: Console, practice_id: str, **changes: Any) -> str:
    """An enrolment code's text."""
    values = {"uses": 1, "days": 3, "ownership": "personal", "by": "alice@practice.example"}
    with console.store.write() as db:
        return make_code(db, console, practice_id=practice_id, **{**values, **changes})


def enrolled(client: Any, console: Console, practice_id: str, **changes: Any) -> Sender:
    """A laptop that has enrolled."""
    sender = Sender(client=client, clock=console.clock, base=str(client.base_url).rstrip("/"))
    answer = sender.enrol(code_for(console, practice_id, **changes))
    assert answer.status_code == 201, answer.text
    return sender
