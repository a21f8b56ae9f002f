"""Devices that were let go, strangers who fill what others need, and a proxy before the door."""

import json
import uuid
from collections.abc import Iterator

import pytest
from consoles import practice_id
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sender import Sender, at_the_door, code_for, enrolled, rows
from starlette.testclient import TestClient

from reports.console import policies
from reports.console.auth.attempts import near
from reports.console.console import Console
from reports.console.intake import signatures
from reports.console.intake.enrolment import end_agent
from reports.console.store import tables


@pytest.fixture
def door(console: Console) -> Iterator[TestClient]:
    with at_the_door(console) as client:
        yield client


def draft(console: Console) -> str:
    """The id of a draft that devices may try."""
    made = str(uuid.uuid4())
    values = {"id": made, "practice_id": practice_id(console), "number": 1, "state": policies.State.DRAFT.value}
    with console.store.write() as db:
        db.execute(tables.policies.insert().values(**values, toml="", created_at=1, created_by="", saved_at=1))
    return made


def trial(sender: Sender, policy_id: str) -> bytes:
    """How the laptop would stand."""
    said = {"schema": "scrubin/trial/1", "draft": policy_id, "revision": 1, "device_id": sender.laptop_id}
    return json.dumps({**said, "overall": "compliant", "failing": [], "tried_at": "2026-11-22T07:00:00Z"}).encode()


def test_who_was_retired_is_told_nothing_more_at_once(console: Console, door: TestClient) -> None:
    sender, policy_id = enrolled(door, console, practice_id(console)), draft(console)
    sender.report("ppp")
    assert sender.directive().status_code == 200
    assert sender.post("/v1/trials", trial(sender, policy_id)).status_code == 202
    with console.store.write() as db:
        about = {"practice_id": practice_id(console), "agent_id": sender.agent_id, "how": "retired"}
        end_agent(db, console, **about, actor_kind="person", actor="alice")
    assert sender.directive().json()["code"] == "revoked"
    assert sender.post("/v1/trials", trial(sender, policy_id)).json()["code"] == "revoked"


def test_a_key_that_another_console_replaced_opens_nothing(console: Console, door: TestClient) -> None:
    sender = enrolled(door, console, practice_id(console))
    assert sender.directive().status_code == 200
    old, sender.key = sender.key, Ed25519PrivateKey.generate()
    with at_the_door(console) as beside:
        sender.client = beside
        assert sender.enrol(code_for(console, practice_id(console)), previous=old).status_code == 201
    sender.client, sender.key = door, old
    assert sender.directive().json()["code"] == "signature"
    assert sender.leave().status_code == 401


def test_strangers_who_enrol_without_end_keep_no_device_from_speaking(console: Console, door: TestClient) -> None:
    sender = enrolled(door, console, practice_id(console))
    most, signatures.NONCES = signatures.NONCES, 3
    try:
        for _ in range(4):
            stranger = Sender(client=door, clock=console.clock)
            stranger.enrol("AAAA-AAAA-AAAA-AAAA-AAAA")
        assert sender.directive().status_code == 200
    finally:
        signatures.NONCES = most


@pytest.mark.parametrize(
    ("peer", "proxied", "is_near"),
    [
        ("127.0.0.1", False, "127.0.0.1"),
        ("127.0.0.1", True, ""),
        ("::1", True, ""),
        ("::ffff:127.0.0.1", True, ""),
        ("::ffff:203.0.113.9", True, "203.0.113.9"),
        ("203.0.113.9", True, "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", True, "2001:db8:1:2::/64"),
        ("fe80::1%eth0", False, "fe80::/64"),
        ("testclient", True, "testclient"),
        ("", False, ""),
    ],
)
def test_whom_a_try_counts_against(peer: str, proxied: bool, is_near: str) -> None:
    assert near(peer, behind_proxy=proxied) == is_near


def test_one_guesser_behind_the_proxy_does_not_shut_enrolment_for_all(console: Console) -> None:
    public = Console(
        store=console.store, seal=console.seal, data=console.data, clock=console.clock, name="console-2",
        public_url="http://127.0.0.1:8443",
    )  # fmt: skip
    with at_the_door(public) as door:
        proxied = TestClient(door.app, base_url=str(door.base_url), client=("127.0.0.1", 4711))
        for _ in range(30):
            said = {"schema": "scrubin/enrol/1", "code": "AAAA-AAAA-AAAA-AAAA-AAAA"}
            assert proxied.post("/v1/enrol/preview", json=said).status_code == 404
        sender = Sender(client=proxied, clock=console.clock)
        assert sender.enrol(code_for(console, practice_id(console))).status_code == 201


def test_a_body_that_does_not_fit_leaves_a_line_for_its_practice(console: Console, door: TestClient) -> None:
    sender = enrolled(door, console, practice_id(console))
    body = json.dumps({"schema": "scrubin/report/1"}).encode()
    assert sender.post("/v1/reports", body, sender.place(sender.laptop_id, body)).status_code == 422
    (line,) = rows(console, tables.audit, act="refused.shape")
    assert (line.practice_id, line.actor) == (practice_id(console), sender.agent_id)
