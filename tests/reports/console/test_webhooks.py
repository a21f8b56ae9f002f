"""Webhooks, Teams and Slack: signed by the standard, sent to public addresses only, tried over days, then given up."""

import base64
import ipaddress
import json
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import trustme
from alerts_parts import DAY, change, channel, practice, rows, setting
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from reports.console.alerts import cards, channel_form, channels, door, leases, probe, sending, webhooks
from reports.console.alerts.channels import Kind
from reports.console.alerts.outside import Outside
from reports.console.alerts.queue import Wanted, put
from reports.console.alerts.senders import NETWORKS, waited
from reports.console.alerts.undelivered import Undelivered
from reports.console.alerts.webhooks import Sealer
from reports.console.store import tables
from reports.web.entered import Entered

OWN = '{"type":"device.noncompliant","timestamp":"2026-11-20T22:01:09Z","data":{"device_id":"7b0b9a52-6c21-4c0e-8a43-2f4d4f4f9a11","failed":["images.lingering"]}}'  # noqa: E501
OWN_ID = "msg_01JD5Q2V6Z8W4N3K7T9R1B5C0D"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
V1 = [
    ("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, '{"test": 2432232314}',
     "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
    (OWN_ID, 1795212069, OWN, "v1,Wh0dAcBdX+x3PTcRheWUsLI74Or240hTbhv7g3WBCdI="),
]  # fmt: skip
PRIVATE = webhooks.PRIVATE + base64.b64encode(bytes(range(32))).decode()


@pytest.mark.parametrize(("message_id", "at", "body", "signature"), V1)
def test_v1_is_what_the_standards_vectors_say(message_id, at, body, signature):
    made = webhooks.headers(Sealer(secrets=[SECRET]), message_id=message_id, at=at, body=body.encode())
    assert (made["webhook-signature"], made["webhook-id"], made["webhook-timestamp"]) == (
        signature,
        message_id,
        str(at),
    )


def test_v1a_is_what_the_vector_says():
    made = webhooks.headers(Sealer(secrets=[], private=PRIVATE), message_id=OWN_ID, at=1795212069, body=OWN.encode())
    wanted = "v1a,ARq8xR8GeCxmM5dSBagtH3Vjn37xR6P35wvM5J895xYktfWAksCSMdO1BqGzn+EzXIQLG9tPN8SjGYTUn62SCg=="
    assert made["webhook-signature"] == wanted
    assert webhooks.public_of(PRIVATE) == "whpk_A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg="


def test_while_a_secret_changes_both_sign():
    made = webhooks.headers(
        Sealer(secrets=[webhooks.new_secret(), SECRET], private=PRIVATE), message_id="m", at=1, body=b""
    )
    assert [one.partition(",")[0] for one in made["webhook-signature"].split()] == ["v1", "v1", "v1a"]


def test_a_new_secret_is_one_that_the_library_takes_and_none_is_like_another():
    assert webhooks.new_secret() != webhooks.new_secret()
    assert len(base64.b64decode(webhooks.new_secret().removeprefix("whsec_"))) == 32


def test_a_body_stays_under_its_limit_and_says_that_it_was_cut():
    items = [{"says": "x" * 400, "at": place} for place in range(100)]
    made = webhooks.body("alerts.changed", at="2026-11-20T22:01:09Z", data={"items": items, "more": False})
    assert len(made) <= webhooks.MOST_BYTES
    assert json.loads(made)["data"]["more"] is True


@pytest.mark.parametrize(
    ("text", "may"),
    [
        ("93.184.216.34", True), ("2606:4700::1111", True), ("10.1.2.3", False), ("192.168.1.1", False),
        ("127.0.0.1", False), ("::1", False), ("169.254.169.254", False), ("100.64.0.1", False), ("0.0.0.0", False),
        ("224.0.0.1", False), ("fe80::1", False), ("fd00::1", False), ("::ffff:10.0.0.1", False),
        ("64:ff9b::a00:1", False), ("2002:a00:1::", False), ("::", False), ("255.255.255.255", False),
    ],
)  # fmt: skip
def test_only_public_addresses_are_reached(text, may):
    assert door.may_reach(ipaddress.ip_address(text)) is may


def test_it_opens_its_own_networks_but_never_the_metadata_address():
    allowed = (ipaddress.ip_network("10.0.0.0/8"), ipaddress.ip_network("169.254.0.0/16"))
    assert door.may_reach(ipaddress.ip_address("::ffff:10.0.0.1"), allowed)
    assert not door.may_reach(ipaddress.ip_address("169.254.169.254"), allowed)


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example/", "https://", "https:///x", "ftp://hooks.example", "https://u:p@hooks.example/", "",
        "https://hooks.example:0/", "https://hooks.example:99999/", "https://[::1", "https://hooks.example/\r\nX: y",
        "https://hooks.example/ x", "https://hooks.example/" + "x" * 1000, "file:///etc/passwd", "https://hööks.example/",
    ],
)  # fmt: skip
def test_other_addresses_are_refused(url):
    with pytest.raises(Undelivered):
        door.checked(url)


class Receiver:
    """A real HTTPS server: keeps what it gets, answers as told."""

    def __init__(self, authority):
        self.got, self.answers = [], [(200, {})]
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.got.append((self.path, dict(self.headers.items()), body))
                status, headers = receiver.answers[0] if len(receiver.answers) == 1 else receiver.answers.pop(0)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", "2")
                self.end_headers()
                self.wfile.write(b"ok")

            def log_message(self, *_):
                pass

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("hooks.example").configure_cert(context)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    @property
    def url(self):
        return f"https://hooks.example:{self._server.server_port}/in?key=s3cret"

    def stop(self):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture
def receiver(authority):
    made = Receiver(authority)
    yield made
    made.stop()


@pytest.fixture
def outside(authority):
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return Outside(tls=lambda: context, resolve=lambda host, port: ("127.0.0.1",), chance=lambda: 0.5)


@pytest.fixture
def here(console, practice_of):
    setting(console, practice_of(console), NETWORKS, ["127.0.0.0/8"])
    leases.take(console, sending.LEASE)
    return practice_of(console)


ITEM = {"kind": "fails", "severity": "high", "name": "SCR-1", "says": "not compliant", "device_id": "d", "since": 1}


def queued(console, practice_id, channel_id, once="1"):
    content = {**probe.content(console, practice(console, practice_id)), "kind": "now", "items": [ITEM]}
    with console.store.write() as db:
        put(db, console, practice_id, channel_id, Wanted.NOW, once=once, content=content)


def message(console):
    return rows(console, tables.messages)[-1]


def the_channel(console):
    return rows(console, tables.channels)[0]


def hook(console, here, receiver, **details):
    made = channel(console, here, Kind.WEBHOOK, url=receiver.url, secret=SECRET, private="", **details)
    queued(console, here, made)
    return made


def test_a_webhook_arrives_signed_under_the_name_it_was_given(console, here, receiver, outside):
    hook(console, here, receiver)
    sending.run(console, outside)
    path, headers, body = receiver.got[0]
    head = {name.lower(): value for name, value in headers.items()}
    again = webhooks.headers(Sealer(secrets=[SECRET]), message_id=head["webhook-id"], at=console.now(), body=body)
    assert (path, head["host"]) == ("/in?key=s3cret", receiver.url.split("/")[2])
    assert (head["webhook-signature"], head["webhook-id"]) == (again["webhook-signature"], f"msg_{message(console).id}")
    assert json.loads(body)["type"] == "alerts.changed"
    assert set(json.loads(body)) == {"type", "timestamp", "data"}
    assert (message(console).sent_at, the_channel(console).last_ok_at) == (console.now(), console.now())


def test_a_private_receiver_is_refused_unless_its_network_is_open(console, practice_of, receiver, outside):
    leases.take(console, sending.LEASE)
    hook(console, practice_of(console), receiver)
    sending.run(console, outside)
    assert receiver.got == []
    assert "private network" in message(console).error


def test_a_name_that_leads_to_a_public_and_a_private_address_is_refused(console, here, receiver, outside):
    hook(console, here, receiver)
    two_faced = Outside(tls=outside.tls, resolve=lambda host, port: ("127.0.0.1", "10.0.0.1"), chance=lambda: 0.5)
    sending.run(console, two_faced)
    assert receiver.got == []


def test_the_name_is_asked_once_and_its_answer_used(console, here, receiver, outside):
    """A second answer would be another address: the rebinding that this is about."""
    answers = iter([("127.0.0.1",)])
    once = Outside(tls=outside.tls, resolve=lambda host, port: next(answers), chance=lambda: 0.5)
    hook(console, here, receiver)
    sending.run(console, once)
    assert len(receiver.got) == 1


def test_a_receiver_that_cannot_prove_its_name_gets_nothing(console, here, receiver):
    hook(console, here, receiver)
    sending.run(console, Outside(resolve=lambda host, port: ("127.0.0.1",), chance=lambda: 0.5))
    assert receiver.got == []
    assert "could not prove who it is" in message(console).error


def test_a_redirect_is_not_followed(console, here, receiver, outside):
    receiver.answers = [(302, {"location": receiver.url})]
    hook(console, here, receiver)
    sending.run(console, outside)
    assert len(receiver.got) == 1
    assert message(console).sent_at is None


def test_a_receiver_that_fails_is_tried_again_later_under_the_same_id(console, here, receiver, outside):
    receiver.answers = [(500, {}), (200, {})]
    hook(console, here, receiver)
    sending.run(console, outside)
    assert (message(console).attempts, message(console).due_at) == (1, console.now() + 16)
    assert the_channel(console).failing_since == console.now()
    console.clock.forward(16)
    sending.run(console, outside)
    ids = [{name.lower(): value for name, value in headers.items()}["webhook-id"] for _, headers, _ in receiver.got]
    assert len(ids) == 2
    assert len(set(ids)) == 1
    assert the_channel(console).failing_since is None


def test_after_a_failure_the_rest_of_the_channel_waits_too(console, here, receiver, outside):
    receiver.answers = [(503, {"retry-after": "120"})]
    made = hook(console, here, receiver)
    queued(console, here, made, once="2")
    sending.run(console, outside)
    sending.run(console, outside)
    assert len(receiver.got) == 1
    assert {row.due_at for row in rows(console, tables.messages)} == {console.now() + 120}


def test_after_days_it_is_given_up_and_shown(console, here, receiver, outside):
    receiver.answers = [(500, {})]
    hook(console, here, receiver)
    start = console.now()
    while message(console).given_up_at is None:
        console.clock.at = message(console).due_at
        sending.run(console, outside)
    assert 3 * DAY <= message(console).given_up_at - start < 3 * DAY + 6 * 3600
    assert the_channel(console).failing_since == start
    assert the_channel(console).enabled


def test_gone_switches_the_channel_off_and_says_so_in_the_audit_log(console, here, receiver, outside):
    receiver.answers = [(410, {})]
    made = hook(console, here, receiver)
    sending.run(console, outside)
    assert (the_channel(console).enabled, message(console).given_up_at) == (False, console.now())
    assert [(row.act, row.target) for row in rows(console, tables.audit)] == [("channel.disabled", made)]


def test_the_old_secret_signs_for_a_week_after_a_new_one_was_made(console, here, receiver, outside):
    old = {"url": receiver.url, "secret": SECRET, "private": ""}
    fresh = channel_form.renewed(Kind.WEBHOOK, old, Entered({}), now=console.now())
    made = channel(console, here, Kind.WEBHOOK, **fresh)
    for once, later in (("1", 0), ("2", 7 * DAY)):
        console.clock.forward(later)
        leases.take(console, sending.LEASE)
        leases.hold(console, sending.LEASE)
        queued(console, here, made, once)
        sending.run(console, outside)
    signatures = [{k.lower(): v for k, v in headers.items()}["webhook-signature"] for _, headers, _ in receiver.got]
    assert [len(one.split()) for one in signatures] == [2, 1]


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("", 0), ("120", 120), ("99999999999", 86400), ("-5", 0), ("soon", 0), ("٣", 0), ("1e9", 0),
     ("Sun, 22 Nov 2026 00:00:00 GMT", 3600), ("Sun, 22 Nov 2020 00:00:00 GMT", 0)],
)  # fmt: skip
def test_retry_after_is_read_by_number_and_date_and_bounded(header, seconds):
    assert waited(header, now=1_795_302_000) == seconds


def test_waits_double_up_to_a_ceiling_and_are_spread():
    assert [sending.backoff_s(count, 1.0) for count in (0, 1, 2, 30)] == [31, 61, 121, 6 * 3600 + 1]
    assert sending.backoff_s(30, 0.0) == 1


@pytest.mark.parametrize(("shape", "kind"), [("workflow", "message"), ("card", "AdaptiveCard")])
def test_teams_gets_the_shape_that_its_flow_takes(console, here, receiver, outside, shape, kind):
    made = channel(console, here, Kind.TEAMS, url=receiver.url, shape=shape)
    queued(console, here, made)
    receiver.answers = [(202, {})]
    sending.run(console, outside)
    body = json.loads(receiver.got[0][2])
    found = body if shape == "card" else body["attachments"][0]["content"]
    assert body["type"] == kind
    assert found["type"] == "AdaptiveCard"
    assert {"type": "FactSet", "facts": [{"title": "SCR-1", "value": "not compliant"}]} in found["body"]


HOSTILE = "<!channel> <https://evil.example|click> *bold* & [x](https://evil.example)\nnew"


def test_a_hostile_label_is_plain_text_in_slack_and_teams():
    content = {"headline": HOSTILE, "items": [{**ITEM, "name": HOSTILE}]}
    slack = cards.slack(content, "")
    read_as_markup = [slack["text"], *(one["text"]["text"] for one in slack["blocks"] if one["type"] == "section")]
    assert not any("<" in text or "*bold*" in text for text in read_as_markup)
    assert slack["blocks"][0]["text"]["type"] == "plain_text"
    assert "[x](" not in json.dumps(cards.card(content, ""))
    assert "\\n" not in json.dumps(cards.card(content, ""))


def test_the_details_of_one_channel_open_as_no_others(console, here):
    first, second = channel(console, here), channel(console, here)
    sealed = {row.id: row.sealed for row in rows(console, tables.channels)}
    assert b"hooks.example" not in sealed[first]
    change(console, tables.channels, second, sealed=sealed[first])
    sending.try_now(
        console, Outside(), channels.find(console, here, second), probe.content(console, practice(console, here))
    )
    assert "another key" in message(console).error


def test_the_daily_test_goes_to_each_channel_once_a_day_from_six(console, here):
    channel(console, here)
    console.clock.at = 1_795_309_200 - 6 * 3600 - 60
    counts = []
    for later in (0, 60, 3600, DAY):
        console.clock.forward(later)
        probe.run(console)
        counts.append(len(rows(console, tables.messages)))
    assert counts == [0, 1, 1, 2]


def test_a_private_key_of_a_webhook_is_one_that_can_be_checked():
    made = webhooks.new_private()
    key = Ed25519PrivateKey.from_private_bytes(base64.b64decode(made.removeprefix("whsk_"))).public_key()
    assert webhooks.public_of(made) == "whpk_" + base64.b64encode(key.public_bytes_raw()).decode()
