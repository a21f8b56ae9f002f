"""Mail to a real server over real TLS: accepted by it whole, or not sent, with a reason."""

import base64
import email
import email.policy
import errno
import logging
import socket
import ssl
import threading
from contextlib import contextmanager

import pytest
import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult
from deliver_parts import NOON, REPORT_ID, finding, letter, report

from checks.model import Status
from reports.deliver.email import Mailer
from reports.deliver.errors import Reason, TransportError
from reports.deliver.submission import Login, Security, Server, SignIn

SENDER, PRACTICE, SECOND = "scrubin@practice.example", "it@practice.example", "audit@practice.example"
PASSWORD = "correct horse"


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture(scope="module")
def server_tls(authority):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    return context


@pytest.fixture(scope="module")
def trust(authority):
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


class Post:
    """A practice's mail server: keeps what it takes, answers as told."""

    def __init__(self):
        self.mails, self.commands, self.logins, self.options = [], [], [], []
        self.answers = {}
        """By command: what to say instead."""

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        self.commands.append(f"EHLO {hostname}")
        session.host_name = hostname
        return responses

    async def handle_MAIL(self, server, session, envelope, address, options):
        self.commands.append("MAIL")
        self.options = options
        envelope.mail_from = address
        return self.answers.get("MAIL", "250 OK")

    async def handle_RCPT(self, server, session, envelope, address, options):
        envelope.rcpt_tos.append(address)
        return self.answers.get(address, "250 OK")

    async def handle_DATA(self, server, session, envelope):
        answer = self.answers.get("DATA", "250 taken")
        if answer.startswith("2"):
            self.mails.append((session.ssl is not None, envelope.rcpt_tos, envelope.content))
        return answer

    async def handle_QUIT(self, server, session, envelope):
        self.commands.append("QUIT")
        return self.answers.get("QUIT", "221 bye")

    def authenticate(self, server, session, envelope, mechanism, data):
        self.logins.append((mechanism, data.login, data.password))
        return AuthResult(success=data.password == PASSWORD.encode(), handled=False)


class Dying(SMTP):
    """Hangs up in the middle of DATA."""

    async def smtp_DATA(self, arg):
        await self.push("354 go on")
        await self._reader.readline()
        self.transport.abort()


class Knowing(SMTP):
    """Understands XOAUTH2."""

    async def auth_XOAUTH2(self, _, args):
        self.event_handler.logins.append(base64.b64decode(args[1]))
        return AuthResult(success=True, handled=False)


class Room(Controller):
    """A server of a chosen kind on a free port."""

    def __init__(self, post, kind=SMTP, implicit=None, **options):
        super().__init__(post, hostname="localhost", port=free_port(), ssl_context=implicit)
        self._kind, self._options = kind, options

    def factory(self):
        return self._kind(self.handler, loop=self.loop, **self._options)


def free_port():
    with socket.create_server(("localhost", 0)) as probe:
        return probe.getsockname()[1]


def started(post, **options):
    """Another test may take the free port before we do: then another port."""
    for _ in range(5):
        room = Room(post, **options)
        try:
            room.start()
        except OSError as problem:
            if problem.errno != errno.EADDRINUSE:
                raise
        else:
            return room
    raise OSError("no free port")


@contextmanager
def running(post, **options):
    room = started(post, **options)
    try:
        yield room.port
    finally:
        room.stop()


@pytest.fixture
def post():
    return Post()


@pytest.fixture
def port(post, server_tls):
    with running(post, tls_context=server_tls, require_starttls=True) as port:
        yield port


@pytest.fixture
def guarded(post, server_tls):
    """A server that asks for a login."""
    options = {"tls_context": server_tls, "auth_required": True, "authenticator": post.authenticate}
    with running(post, **options) as port:
        yield port


def mailer(port, trust, *, recipients=(PRACTICE,), **options):
    server = Server(**{"host": "localhost", "port": port, "security": Security.STARTTLS, "tls": trust, **options})
    return Mailer(server, sender=SENDER, recipients=recipients)


def refused(one, content=None):
    with pytest.raises(TransportError) as refusal:
        one.deliver(content or letter())
    assert "example" not in refusal.value.sentence
    assert refusal.value.sentence.endswith(".")
    return refusal.value.reason, refusal.value.permanent


def parsed(content):
    return email.message_from_bytes(content, policy=email.policy.default)


def test_mail_arrives_over_tls_with_digest_and_report(post, port, trust):
    mailer(port, trust, recipients=(PRACTICE, SECOND)).deliver(letter())
    [(encrypted, recipients, content)] = post.mails
    assert (encrypted, recipients) == (True, [PRACTICE, SECOND])
    mail = parsed(content)
    assert mail["Subject"] == "Device compliance: 1 of 2 checks needs attention (laptop 11111111)"
    assert "Title of screen_lock: fails" in mail.get_body().get_content()
    [attached] = mail.iter_attachments()
    assert (attached.get_content_type(), attached.get_filename()) == ("application/json", f"{REPORT_ID}.json")
    assert attached.get_content() == letter().body


def test_server_is_told_the_size_beforehand(post, port, trust):
    one = mailer(port, trust)
    one.deliver(letter())
    assert post.options == [f"SIZE={len(one.compose(letter()).as_bytes())}"]


def test_nothing_keeps_running_after_a_delivery(port, trust):
    mailer(port, trust).deliver(letter())
    for timer in [one for one in threading.enumerate() if isinstance(one, threading.Timer)]:
        timer.join(30)
        assert not timer.is_alive()


def test_word_of_no_change_is_not_worth_a_mail(trust):
    assert not mailer(1, trust).carries_unchanged


def test_headers_say_that_a_machine_wrote_it(post, port, trust):
    mailer(port, trust).deliver(letter())
    mail = parsed(post.mails[0][2])
    assert {key: mail[key] for key in mail if key not in ("X-Peer", "X-MailFrom", "X-RcptTo")} == {
        "From": SENDER, "To": PRACTICE, "Subject": mail["Subject"], "Date": "Sat, 21 Nov 2026 12:00:00 +0000",
        "Message-ID": f"<{REPORT_ID}@practice.example>", "Auto-Submitted": "auto-generated",
        "List-Id": "<device-compliance.practice.example>", "MIME-Version": "1.0", "Content-Type": mail["Content-Type"],
    }  # fmt: skip
    assert mail["Date"].datetime == NOON


def test_second_attempt_sends_the_same_bytes(post, port, trust):
    for _ in range(2):
        mailer(port, trust).deliver(letter())
    assert post.mails[0] == post.mails[1]


def test_name_of_this_machine_is_not_told(post, port, trust):
    mailer(port, trust).deliver(letter())
    assert post.commands == ["EHLO [127.0.0.1]", "EHLO [127.0.0.1]", "MAIL", "QUIT"]


def test_lines_are_short_ascii_and_dots_survive(post, port, trust):
    odd = finding("screen_lock", Status.FAIL, title=".\u00e9\u4e2d", because=".dot " + "long " * 50)
    mailer(port, trust).deliver(letter(report(odd)))
    content = post.mails[0][2]
    assert content.isascii()
    assert max(len(line) for line in content.split(b"\r\n")) <= 100
    assert ".\u00e9\u4e2d: fails" in parsed(content).get_body().get_content()


def test_tls_from_the_first_byte(post, server_tls, trust):
    with running(post, implicit=server_tls) as port:
        mailer(port, trust, security=Security.TLS).deliver(letter())
    assert len(post.mails) == 1


@pytest.mark.parametrize("security", Security)
def test_unknown_authority_gets_nothing(post, server_tls, security):
    options = {"tls_context": server_tls} if security is Security.STARTTLS else {"implicit": server_tls}
    with running(post, **options) as port:
        one = mailer(port, ssl.create_default_context(), security=security)
        with pytest.raises(TransportError) as refusal:
            one.deliver(letter())
    assert (refusal.value.reason, refusal.value.permanent) == (Reason.CERTIFICATE, False)
    assert "unable to get local issuer certificate" in refusal.value.sentence
    assert (post.mails, "MAIL" in post.commands) == ([], False)


def test_certificate_of_another_name_gets_nothing(post, authority, trust):
    other = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("other.example").configure_cert(other)
    with running(post, tls_context=other) as port, pytest.raises(TransportError) as refusal:
        mailer(port, trust).deliver(letter())
    assert refusal.value.reason is Reason.CERTIFICATE
    assert "ostname mismatch" in refusal.value.sentence
    assert post.mails == []


def test_server_without_encryption_gets_nothing(post, trust):
    with running(post) as port:
        assert refused(mailer(port, trust)) == (Reason.NO_TLS, False)
    assert (post.mails, "MAIL" in post.commands) == ([], False)


def test_plain_server_where_tls_is_meant_gets_nothing(post, trust):
    with running(post) as port:
        reason, permanent = refused(mailer(port, trust, security=Security.TLS, timeout_s=2.0))
    assert (reason in (Reason.NO_TLS, Reason.TIMEOUT), permanent) == (True, False)


@pytest.mark.parametrize(
    ("where", "answer", "expected"),
    [
        ("MAIL", "451 later", (Reason.BUSY, False)), ("MAIL", "550 not you", (Reason.ADDRESS, True)),
        ("MAIL", "552 too much", (Reason.TOO_LARGE, True)), ("MAIL", "530 who are you", (Reason.AUTH, True)),
        (PRACTICE, "450 greylisted", (Reason.BUSY, False)), (PRACTICE, "550 unknown", (Reason.ADDRESS, True)),
        ("DATA", "452 no room", (Reason.BUSY, False)), ("DATA", "554 spam", (Reason.REJECTED, True)),
        ("DATA", "552 too much", (Reason.TOO_LARGE, True)), ("DATA", "421 going down", (Reason.BUSY, False)),
    ],
)  # fmt: skip
def test_answers_are_told_apart(post, port, trust, where, answer, expected):
    post.answers[where] = answer
    assert refused(mailer(port, trust)) == expected
    assert post.mails == []


def test_one_refused_recipient_means_that_none_gets_it(post, port, trust):
    post.answers[SECOND] = "550 unknown"
    assert refused(mailer(port, trust, recipients=(PRACTICE, SECOND))) == (Reason.ADDRESS, True)
    assert post.mails == []


@pytest.mark.parametrize("answer", ["500 what", "421 gone"])
def test_rude_goodbye_does_not_undo_the_delivery(post, port, trust, answer):
    post.answers["QUIT"] = answer
    mailer(port, trust).deliver(letter())
    assert len(post.mails) == 1


def test_server_that_dies_in_the_middle(post, server_tls, trust):
    with running(post, kind=Dying, tls_context=server_tls) as port:
        assert refused(mailer(port, trust)) == (Reason.UNREACHABLE, False)


def test_nobody_listening(trust):
    assert refused(mailer(free_port(), trust)) == (Reason.UNREACHABLE, False)


def test_name_that_resolves_to_nothing(trust):
    assert refused(mailer(25, trust, host="mail.invalid")) == (Reason.UNREACHABLE, False)


@contextmanager
def dribble(greeting):
    """A server that says `greeting` a byte at a time, again and again, or nothing at all, until it is hung up on."""

    def serve():
        peer, _ = listener.accept()
        with peer:
            peer.settimeout(0.05)
            while True:
                try:
                    if greeting:
                        peer.sendall(greeting)
                    if not peer.recv(100):
                        return
                except TimeoutError:
                    continue
                except OSError:
                    return

    with socket.create_server(("localhost", 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1]
        thread.join(30)
        assert not thread.is_alive()


@pytest.mark.parametrize(
    ("greeting", "options"),
    [
        (b"", {"timeout_s": 0.2}),
        (b"2", {"timeout_s": 20.0, "deadline_s": 0.4}),
        (b"220-more\r\n", {"timeout_s": 20.0, "deadline_s": 0.4}),
        (b"", {"timeout_s": 0.2, "security": Security.TLS}),
    ],
)
def test_server_that_never_comes_to_the_point(trust, greeting, options):
    with dribble(greeting) as port:
        assert refused(mailer(port, trust, **options)) == (Reason.TIMEOUT, False)


def test_server_that_talks_nonsense(trust):
    with dribble(b"\xff\x00 nonsense\r\n") as port:
        reason, permanent = refused(mailer(port, trust, timeout_s=1.0, deadline_s=5.0))
    assert (reason, permanent) == (Reason.UNREACHABLE, False)


def test_login_with_the_password(post, guarded, trust):
    mailer(guarded, trust, login=Login(user="scrubin", secret=lambda: PASSWORD)).deliver(letter())
    assert post.logins[0][1:] == (b"scrubin", PASSWORD.encode())
    assert len(post.mails) == 1


@pytest.mark.parametrize("secret", ["wrong", "w\u00f6rd", ""])
def test_wrong_password_waits_for_a_person(post, guarded, trust, secret):
    assert refused(mailer(guarded, trust, login=Login(user="u", secret=lambda: secret))) == (Reason.AUTH, True)
    assert post.mails == []


def test_no_login_where_one_is_asked_for(guarded, trust):
    assert refused(mailer(guarded, trust)) == (Reason.AUTH, True)


def test_login_where_none_is_offered(port, trust):
    assert refused(mailer(port, trust, login=Login(user="u", secret=lambda: "p"))) == (Reason.AUTH, True)


def test_password_that_cannot_be_had_is_its_own_reason(guarded, trust):
    def locked():
        raise TransportError(permanent=False, reason=Reason.AUTH, sentence="The keyring is locked.")

    assert refused(mailer(guarded, trust, login=Login(user="u", secret=locked))) == (Reason.AUTH, False)


def test_password_is_not_asked_for_before_the_server_has_proved_itself(post, server_tls):
    asked = []
    login = Login(user="u", secret=lambda: asked.append(1) or PASSWORD)
    with running(post, tls_context=server_tls) as port:
        refused(mailer(port, ssl.create_default_context(), login=login))
    assert asked == []


def test_access_token(post, server_tls, trust):
    with running(post, kind=Knowing, tls_context=server_tls) as port:
        login = Login(user="box@practice.example", secret=lambda: "t0ken", kind=SignIn.TOKEN)
        mailer(port, trust, login=login).deliver(letter())
    assert post.logins == [b"user=box@practice.example\x01auth=Bearer t0ken\x01\x01"]
    assert len(post.mails) == 1


def test_password_is_nowhere_in_errors_logs_or_output(guarded, trust, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    one = mailer(guarded, trust, login=Login(user="u", secret=lambda: "s3cret"))
    with pytest.raises(TransportError) as refusal:
        one.deliver(letter())
    mine = [record.getMessage() for record in caplog.records if not record.name.startswith(("mail.", "asyncio"))]
    for text in (*mine, repr(refusal.value), refusal.value.sentence, *capfd.readouterr(), repr(one)):
        assert "s3cret" not in text


@pytest.mark.parametrize(
    "address",
    [
        "", "it", "it@", "@practice.example", "it@practice.example\r\nBcc: x@evil.example", "a b@practice.example",
        "it@practice.example, x@evil.example", "It <it@practice.example>", "it@prac\u200btice.example", "it@a..b",
        "it@practice.example\n", "<it@practice.example>", "it@[127.0.0.1]", "\u00ef@practice.example",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused_before_anything_is_sent(trust, address):
    server = Server(host="localhost", port=1, security=Security.STARTTLS, tls=trust)
    for sender, recipients in ((address, (PRACTICE,)), (SENDER, (PRACTICE, address))):
        with pytest.raises(TransportError) as refusal:
            Mailer(server, sender=sender, recipients=recipients)
        assert (refusal.value.reason, refusal.value.permanent) == (Reason.ADDRESS, True)


def test_no_recipient_is_refused(trust):
    with pytest.raises(TransportError):
        mailer(1, trust, recipients=())


def test_tls_that_proves_nothing_is_refused():
    careless = ssl.create_default_context()
    careless.check_hostname = False
    with pytest.raises(TransportError) as refusal:
        mailer(1, careless)
    assert (refusal.value.reason, refusal.value.permanent) == (Reason.CERTIFICATE, True)


@pytest.mark.parametrize(
    "changes", [{"body": b"garbled"}, {"body": b"{}"}, {"id": "x\r\nBcc: y@evil.example"}, {"id": ""}]
)
def test_what_is_no_report_is_not_mailed(trust, changes):
    assert refused(mailer(1, trust), letter(**changes)) == (Reason.UNREADABLE, True)


@pytest.mark.parametrize("text", ["x\r\nBcc: y@evil.example", "x\nX: y", "=?utf-8?q?x?=\r\n y"])
def test_text_of_a_report_makes_no_header(trust, text):
    forged = report(finding("screen_lock", Status.FAIL, title=text, because=text), policy_id=text, agent_version=text)
    plain = mailer(1, trust).compose(letter()).as_bytes().split(b"\r\n\r\n")[0]
    assert (
        mailer(1, trust)
        .compose(letter(forged))
        .as_bytes()
        .split(b"\r\n\r\n")[0]
        .replace(b"1 of 1 check needs", b"1 of 2 checks needs")
        == plain
    )
