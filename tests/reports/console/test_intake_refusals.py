"""Requests that are refused: each for its own reason, with its own code, and without leaving anything behind."""

import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from consoles import practice_id
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sender import BASE, JSON, Sender, at_the_door, code_for, enrolled, rows

from reports.console.console import Console
from reports.console.intake.enrolment import end_agent
from reports.console.intake.signatures import NONCES_EACH, Claim, Message, Nonces, claim_of, verify
from reports.console.model import Refusal
from reports.console.store import tables
from reports.signing import COVERED, FIRST_LINK, TAG, Link, public_text

LINK = Link(seq=1, previous=FIRST_LINK)
REPORTS = "/v1/reports"


@pytest.fixture
def sender(console: Console) -> Iterator[Sender]:
    """A laptop that has enrolled."""
    with at_the_door(console) as client:
        made = enrolled(client, console, practice_id(console))
        console.clock.forward(10)
        yield made


def refused(console: Console, answer, status: int, code: str) -> None:
    """It was, as a problem, and nothing was taken in."""
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"].endswith(".")
    assert rows(console, tables.reports) == rows(console, tables.devices) == []


def test_a_request_without_a_signature(console: Console, sender: Sender) -> None:
    answer = sender.client.post(REPORTS, content=sender.full(), headers=JSON)
    refused(console, answer, 401, "signature")


def test_a_body_that_was_changed_on_the_way(console: Console, sender: Sender) -> None:
    body = sender.full("pfp")
    headers = sender.headers(REPORTS, body, LINK)
    refused(
        console, sender.client.post(REPORTS, content=body.replace(b"fail", b"pass"), headers=headers), 401, "signature"
    )


def test_a_digest_that_was_changed_with_the_body(console: Console, sender: Sender) -> None:
    other = sender.full("ppp")
    headers = sender.headers(REPORTS, sender.full("fff"), LINK)
    headers["content-digest"] = sender.headers(REPORTS, other, LINK)["content-digest"]
    refused(console, sender.client.post(REPORTS, content=other, headers=headers), 401, "signature")


def test_another_key_than_the_one_that_enrolled(console: Console, sender: Sender) -> None:
    refused(console, sender.send(sender.full(), key=Ed25519PrivateKey.generate()), 401, "signature")


def test_a_key_that_nobody_enrolled(console: Console, sender: Sender) -> None:
    refused(console, sender.send(sender.full(), key_id=str(uuid.uuid4())), 401, "unknown_key")


@pytest.mark.parametrize("key_id", ["'; DROP TABLE agents; --", "x" * 100, "<script>"])
def test_a_key_id_that_is_no_id(console: Console, sender: Sender, key_id: str) -> None:
    refused(console, sender.send(sender.full(), key_id=key_id), 401, "unknown_key")


@pytest.mark.parametrize("changes", [{"key_id": "x" * 101}, {"nonce": "n" * 101}])
def test_a_key_id_or_nonce_that_is_too_long(console: Console, sender: Sender, changes: dict) -> None:
    refused(console, sender.send(sender.full(), **changes), 401, "signature")


@pytest.mark.parametrize("left_out", COVERED)
def test_a_signature_that_leaves_something_out(console: Console, sender: Sender, left_out: str) -> None:
    covered = tuple(one for one in COVERED if one != left_out)
    refused(console, sender.send(sender.full(), covered=covered), 401, "signature")


def test_a_signature_of_another_kind_of_request(console: Console, sender: Sender) -> None:
    refused(console, sender.send(sender.full(), tag="scrubin-enrol"), 401, "signature")


def test_a_signature_for_another_console(console: Console, sender: Sender) -> None:
    refused(console, sender.send(sender.full(), base="https://console.example"), 401, "signature")


def test_a_signature_for_another_path(console: Console, sender: Sender) -> None:
    body = sender.full()
    headers = sender.headers("/v1/leave", body, LINK)
    refused(console, sender.client.post(REPORTS, content=body, headers=headers), 401, "signature")


def test_a_place_in_the_chain_that_was_changed(console: Console, sender: Sender) -> None:
    body = sender.full()
    headers = {**sender.headers(REPORTS, body, LINK), "scrubin-chain": Link(seq=2, previous=FIRST_LINK).header()}
    refused(console, sender.client.post(REPORTS, content=body, headers=headers), 401, "signature")


CHAINS = ["", "seq=1", "seq=0, prev=:AAAA:", 'seq="1", prev=:AAAA:', "seq=1, prev=:AAAA:", "seq=1.5, prev=1", "=,="]


@pytest.mark.parametrize("chain", CHAINS)
def test_a_place_in_the_chain_that_is_none(console: Console, sender: Sender, chain: str) -> None:
    class Odd:
        def header(self) -> str:
            return chain

    refused(console, sender.send(sender.full(), link=Odd()), 401, "signature")


def test_a_first_header_with_a_fresh_time_does_not_renew_an_old_signature(console: Console, sender: Sender) -> None:
    """Were the claim read from one header and the signature checked from another, any capture could be replayed."""
    body = sender.full()
    old = sender.headers(REPORTS, body, LINK)
    console.clock.forward(1000)
    fresh = sender.headers(REPORTS, body, LINK, tag="other")
    pairs = [*JSON.items(), ("content-digest", old["content-digest"]), ("scrubin-chain", old["scrubin-chain"])]
    for name in ("signature-input", "signature"):
        pairs += [(name, fresh[name]), (name, old[name].replace("pyhms", "second"))]
    refused(console, sender.client.post(REPORTS, content=body, headers=pairs), 401, "signature")
    joined = {
        **old,
        **{name: f"{fresh[name]}, {old[name].replace('pyhms', 'b')}" for name in ("signature-input", "signature")},
    }
    refused(console, sender.client.post(REPORTS, content=body, headers=joined), 401, "signature")


def test_a_claim_that_is_not_the_signatures_own(console: Console) -> None:
    sender = Sender(client=None, clock=console.clock, agent_id="agent")
    body = sender.full()
    message = Message(method="POST", url=BASE + REPORTS, headers=sender.headers(REPORTS, body, LINK))
    claim, key = claim_of(message.headers), public_text(sender.key.public_key())
    verify(message, body, claim, public_key=key, tag=TAG, covered=COVERED)
    for other in ({"nonce": "other"}, {"created": claim.created + 1}, {"key_id": "another"}):
        with pytest.raises(Refusal):
            verify(message, body, replace(claim, **other), public_key=key, tag=TAG, covered=COVERED)


@pytest.mark.parametrize("name", ["signature-input", "signature"])
@pytest.mark.parametrize(
    "text", ["", "x", "a=1", "a=()", "a=(" * 500, "a=:====:", "a" * 3000, "\xff", 'a=("@method");keyid=1']
)
def test_headers_that_cannot_be_read(console: Console, sender: Sender, name: str, text: str) -> None:
    body = sender.full()
    headers = {**sender.headers(REPORTS, body, LINK), name: text.encode("latin-1")}
    refused(console, sender.client.post(REPORTS, content=body, headers=headers), 401, "signature")


@pytest.mark.parametrize("off", [-301, 301, 10 * 86400, -10 * 86400])
def test_a_clock_that_is_off_is_told_the_time(console: Console, sender: Sender, off: int) -> None:
    answer = sender.send(sender.full(), at=console.now() + off)
    refused(console, answer, 401, "clock")
    assert answer.json()["time"] == "2026-11-21T23:00:10Z"


@pytest.mark.parametrize("off", [-300, 300])
def test_a_clock_that_is_off_by_five_minutes_will_do(console: Console, sender: Sender, off: int) -> None:
    assert sender.send(sender.full(), at=console.now() + off).status_code == 202


def test_a_request_that_was_here_before(console: Console, sender: Sender) -> None:
    body = sender.full()
    headers = sender.headers(REPORTS, body, LINK)
    assert sender.client.post(REPORTS, content=body, headers=headers).status_code == 202
    again = sender.client.post(REPORTS, content=body, headers=headers)
    assert (again.status_code, again.json()["code"]) == (401, "replayed")
    console.clock.forward(299)
    assert sender.client.post(REPORTS, content=body, headers=headers).json()["code"] == "replayed"


def test_a_laptop_that_is_another_one(console: Console, sender: Sender) -> None:
    refused(console, sender.report(device=sender.device(str(uuid.uuid4()))), 403, "wrong_device")


def test_a_device_of_another_agent_also_of_another_practice(console: Console, sender: Sender) -> None:
    sender.report("fff")
    for name in ("Example Practice", "Other Practice"):
        other = enrolled(sender.client, console, practice_id(console, name))
        other.last_full = dict(sender.last_full)
        for body in (other.full("ppp", device=sender.laptop), other.note(device_id=sender.laptop_id)):
            answer = other.send(body)
            assert (answer.status_code, answer.json()["code"]) == (403, "wrong_device")
    assert {row.status for row in rows(console, tables.findings)} == {"fail"}


def test_an_agent_that_left_or_was_ended(console: Console, sender: Sender) -> None:
    with console.store.write() as db:
        end_agent(
            db, console, practice_id=practice_id(console), agent_id=sender.agent_id, how="revoked",
            actor_kind="person", actor="alice@practice.example",
        )  # fmt: skip
    refused(console, sender.report(), 401, "revoked")
    assert sender.directive().json()["code"] == sender.leave().json()["code"] == "revoked"


def test_an_agent_that_is_ended_while_its_key_is_remembered(console: Console, sender: Sender) -> None:
    sender.report()
    with console.store.write() as db:
        db.execute(tables.agents.update().values(ended_at=console.now(), ended_how="retired"))
    assert sender.report().json()["code"] == "revoked"
    assert len(rows(console, tables.reports)) == 1


def test_more_devices_than_one_laptop_can_have(console: Console, sender: Sender) -> None:
    template = sender.report() and rows(console, tables.devices)[0]._asdict()
    with console.store.write() as db:
        db.execute(tables.devices.insert(), [{**template, "id": str(uuid.uuid4())} for _ in range(99)])
    answer = sender.report(device=sender.device(str(uuid.uuid4()), "android"))
    assert (answer.status_code, answer.json()["code"]) == (403, "wrong_device")


@pytest.mark.parametrize("kind", ["text/plain", "", "application/x-www-form-urlencoded", "application/jsonp"])
def test_a_body_of_another_type(console: Console, sender: Sender, kind: str) -> None:
    body = sender.full()
    headers = {**sender.headers(REPORTS, body, LINK), "content-type": kind}
    refused(console, sender.client.post(REPORTS, content=body, headers=headers), 415, "type")


def test_a_compressed_body_is_not_opened(console: Console, sender: Sender) -> None:
    headers = {**sender.headers(REPORTS, b"{}", LINK), "content-encoding": "gzip"}
    refused(console, sender.client.post(REPORTS, content=b"{}", headers=headers), 415, "encoding")


def test_a_body_that_is_too_large(console: Console, sender: Sender) -> None:
    refused(console, sender.post(REPORTS, b" " * ((256 << 10) + 1), LINK), 413, "too_large")


def test_too_many_requests_of_one_agent(console: Console) -> None:
    nonces = Nonces(console.clock)
    for number in range(NONCES_EACH):
        nonces.use(Claim(key_id="a", created=0, nonce=str(number)))
    with pytest.raises(Refusal) as met:
        nonces.use(Claim(key_id="a", created=0, nonce="one more"))
    assert (met.value.status, met.value.headers["retry-after"]) == (429, "60")
    nonces.use(Claim(key_id="b", created=0, nonce="0"))
    console.clock.forward(1000)
    nonces.use(Claim(key_id="a", created=0, nonce="later"))


def test_refusals_that_matter_leave_one_line_however_often_they_come(console: Console, sender: Sender) -> None:
    sender.report()
    for _ in range(20):
        sender.send(sender.full(), key=Ed25519PrivateKey.generate())
        sender.send(sender.full(), key_id=str(uuid.uuid4()))
    lines = [
        (row.act, row.practice_id, row.actor) for row in rows(console, tables.audit) if row.act.startswith("refused")
    ]
    assert sorted(lines) == [
        ("refused.signature", practice_id(console), sender.agent_id),
        ("refused.unknown_key", None, "unknown"),
    ]


def test_what_was_sent_is_never_quoted_back(console: Console, sender: Sender) -> None:
    said = json.loads(sender.full())
    secret = "Wollongong"
    for key in ("schema", "overall", "generated_at", "id", secret):
        body = json.dumps({**said, key: secret}).encode()
        answer = sender.post(REPORTS, body, LINK)
        refused(console, answer, 422, "shape")
        assert secret not in answer.text


def test_behind_a_proxy_the_public_address_is_the_one_that_was_signed(console: Console) -> None:
    behind = replace(console, public_url="https://console.example")
    with at_the_door(behind) as client:
        sender = Sender(client=client, clock=console.clock, base="https://console.example")
        assert sender.enrol(code_for(behind, practice_id(behind))).status_code == 201
        assert sender.report().status_code == 202
        sender.base = BASE
        assert sender.report().json()["code"] == "signature"


def test_a_console_tells_who_it_is_and_the_time(console: Console, sender: Sender) -> None:
    assert sender.client.get("/v1/hello").json() == {"schema": "scrubin/hello/1", "time": "2026-11-21T23:00:10Z"}


def test_the_whole_application_takes_reports(console: Console, client: Callable[[Console], Any]) -> None:
    made = enrolled(client(console), console, practice_id(console))
    assert made.report().status_code == 202
    missing = made.client.get("/v1/nothing")
    assert (missing.status_code, missing.json()["code"]) == (404, "not_found")
