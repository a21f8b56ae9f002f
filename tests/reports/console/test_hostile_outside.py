"""Receivers, sign-in servers and mail servers that answer to break the job, and devices that write into messages."""

import json
import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator

import pytest
import trustme
from alerts_parts import channel, device, finding, practice, rows
from consoles import practice_id

from reports.console.alerts import door, evaluate, leases, oauth, senders, sending
from reports.console.alerts.channels import Kind
from reports.console.alerts.outside import Outside
from reports.console.alerts.queue import Wanted, put
from reports.console.alerts.undelivered import Undelivered
from reports.console.console import Console
from reports.console.store import tables
from reports.deliver.errors import TransportError
from reports.deliver.submission import Login, Security, Server, SignIn, conversation, explained


@pytest.mark.parametrize(
    "header", ["Mon, 01 Jan 2020 00:00:00 +9999999999999999999", "Mon, 01 Jan 99999999999 00:00:00", "-1", "9" * 60]
)
def test_no_wait_that_a_receiver_asks_for_breaks_the_job(header: str) -> None:
    assert 0 <= senders.waited(header, now=1_795_302_000) <= senders.MOST_WAIT_S


@pytest.mark.parametrize("seconds", ["1e999", "-1e999", "NaN", '"9"', "null", "[]"])
def test_no_life_of_a_token_breaks_the_job(seconds: str) -> None:
    try:
        made = oauth._read(f'{{"access_token": "x", "expires_in": {seconds}}}'.encode(), 1000)
    except Undelivered:
        return
    assert made.until <= 1000 + oauth.MOST_S


@pytest.mark.parametrize(
    "url", ["https://999.999.999.999/", "https://[v1.a]/", "https://xn--/", "https://xn--a/", "https://1.2.3/"]
)
def test_an_address_that_nobody_can_have_breaks_no_job(url: str) -> None:
    parcel = door.Parcel(url=url, body=b"", headers={})
    with pytest.raises(Undelivered):
        door.post(Outside(resolve=lambda host, port: ("192.0.2.1",)), parcel)


def test_one_practice_s_bad_channel_keeps_no_other_practice_waiting(console: Console) -> None:
    for place, (name, url) in enumerate((("Other Practice", "https://999.1.1.1/"), ("Example Practice", "https://b/"))):
        mine = practice_id(console, name)
        made = channel(console, mine, Kind.SLACK, url=url)
        content = {"kind": "now", "headline": "h", "items": [], "at": 1, "timezone": "UTC"}
        with console.store.write() as db:
            put(db, console, mine, made, Wanted.NOW, once=str(place), content=content)
    assert leases.take(console, sending.LEASE)
    sending.run(console, Outside(resolve=lambda host, port: ("10.0.0.1",)))
    assert [one.attempts for one in rows(console, tables.messages)] == [1, 1]


@pytest.fixture
def mail_server() -> Iterator[Server]:
    """One that answers a sign-in by a challenge that is no base64."""
    authority = trustme.CA()
    theirs, ours = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    authority.issue_cert("localhost").configure_cert(theirs)
    authority.configure_trust(ours)

    def serve(listening: socket.socket) -> None:
        with theirs.wrap_socket(listening.accept()[0], server_side=True) as taken, taken.makefile("rwb") as talk:
            for answer in (b"220 x", b"250-x\r\n250 AUTH XOAUTH2", b"334 x"):
                talk.write(answer + b"\r\n")
                talk.flush()
                talk.readline()

    login = Login(user="u", secret=lambda: "t", kind=SignIn.TOKEN)
    with socket.create_server(("localhost", 0)) as listening:
        thread = threading.Thread(target=serve, args=(listening,))
        thread.start()
        port = listening.getsockname()[1]
        yield Server(host="localhost", port=port, security=Security.TLS, tls=ours, login=login)
        thread.join(60)


def test_a_mail_server_s_challenge_breaks_no_job(mail_server: Server) -> None:
    with pytest.raises(smtplib.SMTPException) as met, conversation(mail_server):
        pass
    assert isinstance(explained(met.value), TransportError)


def test_what_a_device_writes_as_a_title_goes_into_no_message(console: Console) -> None:
    mine = practice_id(console)
    channel(console, mine, Kind.SLACK, url="https://hooks.example/")
    made = device(console, mine, overall="not_compliant")
    finding(console, mine, made, title="CANARY: sign in at https://evil.example")
    finding(console, mine, made, title="CANARY", check_id="canary_check", status="error", since=1)
    evaluate.evaluate(console, practice(console, mine))
    (message,) = rows(console, tables.messages)
    assert "Screen locks with a credential" in message.content
    assert "canary" not in json.dumps(message.content).lower()
