"""The console's mail to a real server: over verified TLS, by password or token, and no name makes a header."""

import base64
import email
import email.policy
import json
import socket
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pytest
import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult
from alerts_parts import channel, practice, rows, setting
from hypothesis import given
from hypothesis import strategies as st

from reports.console.alerts import leases, mail_words, mailing, probe, sending
from reports.console.alerts.channels import Kind
from reports.console.alerts.mailing import Mail
from reports.console.alerts.outside import Outside, Token
from reports.console.alerts.queue import Wanted, put
from reports.console.alerts.senders import NETWORKS
from reports.console.alerts.undelivered import Undelivered
from reports.console.store import tables

FROM, TO = "scrubin@practice.example", ["it@practice.example", "second@practice.example"]
ITEM = {
    "kind": "fails", "severity": "high", "name": "SCR-1 <b>", "says": "not compliant: Screen locks", "device_id": "d1",
    "since": 1,
}  # fmt: skip


class Post:
    """Keeps what it takes."""

    def __init__(self):
        self.mails, self.tokens, self.passwords = [], [], []
        self.token_good, self.resets = True, 0

    async def handle_DATA(self, server, session, envelope):
        self.mails.append((session.ssl is not None, envelope.mail_from, envelope.rcpt_tos, envelope.content))
        return "250 taken"

    async def handle_RSET(self, server, session, envelope):
        self.resets += 1
        return "250 OK"

    def authenticate(self, server, session, envelope, mechanism, data):
        self.passwords.append((data.login, data.password))
        return AuthResult(success=data.password == b"correct horse", handled=False)


class Knowing(SMTP):
    """Understands XOAUTH2, and answers a bad token by a challenge as the large providers do."""

    async def auth_XOAUTH2(self, _, args):
        self.event_handler.tokens.append(base64.b64decode(args[1]))
        if self.event_handler.token_good:
            return AuthResult(success=True, handled=False)
        reply = await self.challenge_auth(b'{"status":"401"}', encode_to_b64=True)
        self.event_handler.tokens.append(reply)
        return AuthResult(success=False, handled=False)


class Room(Controller):
    """A mail server with STARTTLS on a free port."""

    def __init__(self, post, tls):
        with socket.create_server(("localhost", 0)) as free:
            port = free.getsockname()[1]
        super().__init__(post, hostname="localhost", port=port)
        self._tls = tls

    def factory(self):
        return Knowing(
            self.handler, loop=self.loop, tls_context=self._tls, require_starttls=True, auth_required=True,
            authenticator=self.handler.authenticate,
        )  # fmt: skip


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture(scope="module")
def server_tls(authority):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost", "login.example").configure_cert(context)
    return context


@pytest.fixture
def outside(authority):
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return Outside(tls=lambda: context, resolve=lambda host, port: ("127.0.0.1",), chance=lambda: 0.5)


@pytest.fixture
def post(server_tls):
    made = Post()
    room = Room(made, server_tls)
    room.start()
    made.port = room.port
    yield made
    room.stop()


@pytest.fixture
def tokens(server_tls):
    """A real token endpoint, which counts what it gives."""
    asked, answer = [], {"access_token": "token-1", "expires_in": 3600}

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            asked.append(parse_qs(self.rfile.read(int(self.headers["content-length"])).decode()))
            body = json.dumps(answer).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.socket = server_tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield f"https://login.example:{server.server_port}/token", asked, answer
    server.shutdown()
    thread.join()
    server.server_close()


def details(post, **changes):
    given = {"host": "localhost", "port": post.port, "security": "starttls", "sender": FROM, "recipients": TO}
    return {**given, "sign_in": "password", "user": "it", "password": "correct horse", **changes}


def by_token(post, url, **changes):
    asked = {"sign_in": "oauth", "token_url": url, "client_id": "c", "client_secret": "s3cret", "scope": "smtp"}
    return details(post, **{**asked, **changes})


@pytest.fixture
def here(console, practice_of):
    setting(console, practice_of(console), NETWORKS, ["127.0.0.0/8"])
    leases.take(console, sending.LEASE)
    return practice_of(console)


def queued(console, practice_id, channel_id, kind=Wanted.NOW, **changes):
    about = probe.content(console, practice(console, practice_id))
    content = {**about, "kind": "now", "items": [ITEM], "headline": "Not compliant (Example Practice)", **changes}
    with console.store.write() as db:
        put(db, console, practice_id, channel_id, kind, once="1", content=content)


def message(console):
    return rows(console, tables.messages)[-1]


def read(content):
    return email.message_from_bytes(content, policy=email.policy.default)


def test_a_mail_arrives_encrypted_in_text_and_html(console, here, post, outside):
    queued(console, here, channel(console, here, Kind.EMAIL, **details(post)))
    sending.run(console, outside)
    encrypted, sender, recipients, content = post.mails[0]
    mail = read(content)
    text, html = (part.get_content() for part in mail.iter_parts())
    assert (encrypted, sender, recipients) == (True, FROM, TO)
    assert "- SCR-1 <b>: not compliant: Screen locks" in text
    assert "<strong>SCR-1 &lt;b&gt;</strong>: not compliant: Screen locks" in html
    assert mail["Message-ID"] == f"<{message(console).id}@practice.example>"
    assert (mail["Auto-Submitted"], mail["List-Id"]) == ("auto-generated", "<scrubin-alerts.practice.example>")
    assert message(console).sent_at == console.now()


def test_each_attempt_is_the_same_mail_to_the_byte(console, here, post, outside):
    queued(console, here, channel(console, here, Kind.EMAIL, **details(post)))
    for _ in range(2):
        sending.attempt(console, outside, message(console))
        console.clock.forward(86400)
    assert post.mails[0][3] == post.mails[1][3]


def test_links_lead_behind_the_sign_in(console, here):
    console.__dict__["public_url"] = "https://console.example"
    content = {**probe.content(console, practice(console, here)), "items": [ITEM]}
    made = mail_words.mail_of(console, content, message_id="m", at=1)
    assert 'href="https://console.example/devices/d1"' in made.html
    assert "Open the console: https://console.example/" in made.text


@given(st.text(max_size=300))
def test_no_name_makes_a_header(name):
    mail = Mail(id="m", at=1, subject=f"scrubin: {name}", text=name, html=name)
    try:
        content = mailing.compose(mail, sender=FROM, recipients=TO).as_bytes()
    except UnicodeEncodeError:  # a lone surrogate, which no database hands out
        return
    assert sorted({head.lower() for head in read(content).keys()}) == sorted(  # noqa: SIM118
        ["from", "to", "subject", "date", "message-id", "auto-submitted", "list-id", "mime-version", "content-type"]
    )


def test_a_subject_with_a_line_break_stays_one_header():
    mail = Mail(id="m", at=1, subject="hello\r\nBcc: thief@evil.example", text="", html="")
    made = read(mailing.compose(mail, sender=FROM, recipients=TO).as_bytes())
    assert made["Bcc"] is None
    assert made["Subject"] == "hello Bcc: thief@evil.example"


def test_a_wrong_password_is_said_and_nothing_is_sent(console, here, post, outside):
    queued(console, here, channel(console, here, Kind.EMAIL, **details(post, password="wrong")))
    sending.run(console, outside)
    assert post.mails == []
    assert "does not accept the user name and password" in message(console).error
    assert "wrong" not in message(console).error


def test_a_server_that_is_not_who_it_says_hears_nothing(console, here, post):
    queued(console, here, channel(console, here, Kind.EMAIL, **details(post)))
    sending.run(console, Outside(chance=lambda: 0.5))
    assert post.passwords == []
    assert "could not prove who it is" in message(console).error


def test_the_daily_test_stops_before_the_mail_itself(console, here, post, outside):
    queued(console, here, channel(console, here, Kind.EMAIL, **details(post)), kind=Wanted.PROBE)
    sending.run(console, outside)
    assert (post.mails, post.resets, len(post.passwords)) == ([], 1, 1)
    assert message(console).sent_at == console.now()


def test_a_token_is_fetched_by_client_credentials_and_used_as_xoauth2(console, here, post, tokens, outside):
    url, asked, _ = tokens
    queued(console, here, channel(console, here, Kind.EMAIL, **by_token(post, url)))
    sending.run(console, outside)
    wanted = {"grant_type": "client_credentials", "client_id": "c", "client_secret": "s3cret", "scope": "smtp"}
    assert asked == [{key: [value] for key, value in wanted.items()}]
    assert post.tokens == [b"user=it\x01auth=Bearer token-1\x01\x01"]
    assert len(post.mails) == 1


def test_a_token_is_kept_until_its_last_minute(post, tokens, outside):
    url, asked, _ = tokens
    given = by_token(post, url, networks=["127.0.0.0/8"])
    for now in (0, 3539, 3540):
        mailing.try_out(outside, given, now=now)
    assert len(asked) == 2


def test_a_token_that_is_refused_is_fetched_anew_next_time(post, tokens, outside):
    url, asked, _ = tokens
    given = by_token(post, url, networks=["127.0.0.0/8"])
    post.token_good = False
    with pytest.raises(Undelivered, match="does not accept"):
        mailing.try_out(outside, given, now=0)
    post.token_good = True
    mailing.try_out(outside, given, now=1)
    assert len(asked) == 2
    assert post.tokens[1] == b""


@pytest.mark.parametrize(
    "answer",
    [
        {}, {"access_token": ""}, {"access_token": "a\r\nRCPT TO:<x>"}, {"access_token": 5}, {"access_token": "a b"},
        {"access_token": "a" * 9000}, {"access_token": "a", "expires_in": "soon"}, [],
        {"access_token": "a", "expires_in": None},
    ],
)  # fmt: skip
def test_a_hostile_token_is_refused(post, server_tls, tokens, outside, answer):
    url, _, kept = tokens
    given = by_token(post, url, networks=["127.0.0.0/8"])
    if isinstance(answer, dict):
        kept.clear()
        kept.update(answer)
    else:
        kept["access_token"] = answer
    with pytest.raises(Undelivered, match="holds no token"):
        mailing.try_out(outside, given, now=0)
    assert post.tokens == []


def test_another_secret_never_uses_the_token_of_the_first(post, tokens, outside):
    url, asked, _ = tokens
    for secret in ("one", "two"):
        mailing.try_out(outside, by_token(post, url, networks=["127.0.0.0/8"], client_secret=secret), now=0)
    assert len(asked) == 2


def test_a_token_that_ran_out_is_not_given():
    made = Outside()
    made.tokens.put("k", Token(text="t", until=10))
    assert (made.tokens.get("k", now=9).text, made.tokens.get("k", now=10)) == ("t", None)
