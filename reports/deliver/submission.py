"""A conversation with a mail server: over verified TLS or not at all, bounded in time, in words of our own.

A failed TLS proof is not permanent: the network of a café answers in the server's place, and at home all is well again.
It is retried with back-off and shown with its reason. Nothing, not even a name, is sent before the proof.
"""

import binascii
import contextlib
import smtplib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from reports.deliver.errors import Reason, TransportError

OURSELVES = "[127.0.0.1]"
"""What we call ourselves: left to itself smtplib would tell the server this machine's name."""
TOO_LARGE = frozenset({523, 552})
SIGN_IN = frozenset({530, 534, 535, 538})


class Security(StrEnum):
    """How the connection is encrypted. There is no plain one."""

    STARTTLS = "starttls"
    """Submission, port 587."""
    TLS = "tls"
    """From the first byte, port 465."""


class SignIn(StrEnum):
    """What the secret is."""

    PASSWORD = "password"  # noqa: S105
    TOKEN = "token"  # noqa: S105
    """An OAuth 2 access token, sent as XOAUTH2."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """How we sign in."""

    user: str
    secret: Callable[[], str]
    """Asked at each attempt and never kept. Raises TransportError if it cannot be had."""
    kind: SignIn = SignIn.PASSWORD


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """The practice's mail server."""

    host: str
    port: int
    security: Security
    tls: ssl.SSLContext
    """Must verify the server and its name."""
    login: Login | None = None
    timeout_s: float = 30.0
    """For each answer."""
    deadline_s: float = 120.0
    """For the whole conversation: a server that dribbles a byte at a time would else hold the worker for days."""


class _Starttls(smtplib.SMTP):
    """Knows the name to verify before it connects; smtplib learns it only in a constructor that connects at once."""

    def __init__(self, server: Server) -> None:
        super().__init__(local_hostname=OURSELVES, timeout=server.timeout_s)
        self._host = server.host


class _Encrypted(smtplib.SMTP_SSL):
    """The same, encrypted from the first byte."""

    def __init__(self, server: Server) -> None:
        super().__init__(local_hostname=OURSELVES, timeout=server.timeout_s, context=server.tls)
        self._host = server.host


@contextlib.contextmanager
def conversation(server: Server) -> Iterator[smtplib.SMTP]:
    """A server that has proved itself and let us in, hung up on at the end or at the deadline."""
    smtp = _Encrypted(server) if server.security is Security.TLS else _Starttls(server)
    late = threading.Event()
    timer = threading.Timer(server.deadline_s, _cut, (smtp, late))
    timer.daemon = True
    timer.start()
    try:
        smtp.connect(server.host, server.port)
        _secure(smtp, server)
        _sign_in(smtp, server.login)
        yield smtp
        with contextlib.suppress(smtplib.SMTPException):  # the mail is theirs already, whatever they say to QUIT
            smtp.quit()
    except binascii.Error as problem:  # smtplib reads a challenge as base64, whatever it is
        raise smtplib.SMTPException("the server's challenge can't be read") from problem
    except (smtplib.SMTPException, OSError) as problem:
        if late.is_set():
            raise TimeoutError from problem
        raise
    finally:
        timer.cancel()
        smtp.close()


def _cut(smtp: smtplib.SMTP, late: threading.Event) -> None:
    """End the conversation from outside. SSLSocket.shutdown would pull the session from under the reading thread."""
    late.set()
    if smtp.sock is not None:
        with contextlib.suppress(OSError):  # it has just ended by itself
            socket.socket.shutdown(smtp.sock, socket.SHUT_RDWR)


def _secure(smtp: smtplib.SMTP, server: Server) -> None:
    smtp.ehlo_or_helo_if_needed()
    if server.security is Security.TLS:
        return
    if not smtp.has_extn("starttls"):
        raise TransportError(
            permanent=False, reason=Reason.NO_TLS, sentence="The mail server offers no encryption; nothing was sent."
        )
    accept(smtp.starttls(context=server.tls), Reason.NO_TLS)
    smtp.ehlo_or_helo_if_needed()


def _sign_in(smtp: smtplib.SMTP, login: Login | None) -> None:
    if login is None:
        return
    secret = login.secret()
    if login.kind is SignIn.PASSWORD:
        smtp.login(login.user, secret)
    else:
        _with_token(smtp, login.user, secret)


def _with_token(smtp: smtplib.SMTP, user: str, token: str) -> None:
    """XOAUTH2. A refused token is answered by a challenge, which wants an empty line before it says no for good."""

    def answer(challenge: bytes | None = None) -> str:
        return f"user={user}\x01auth=Bearer {token}\x01\x01" if challenge is None else ""

    smtp.auth("XOAUTH2", answer)


def hand_over(smtp: smtplib.SMTP, *, sender: str, recipients: Sequence[str], content: bytes) -> None:
    """All or nothing: a refused recipient ends it before the others have got the mail. Raises TransportError."""
    size = [f"SIZE={len(content)}"] if smtp.has_extn("size") else []
    _address(smtp, sender, recipients, size)
    accept(smtp.data(content), Reason.REJECTED)


def rehearse(smtp: smtplib.SMTP, *, sender: str, recipients: Sequence[str]) -> None:
    """All of it up to the mail itself, which is not sent. Raises TransportError."""
    _address(smtp, sender, recipients, [])
    accept(smtp.rset(), Reason.REJECTED)


def _address(smtp: smtplib.SMTP, sender: str, recipients: Sequence[str], options: list[str]) -> None:
    accept(smtp.mail(sender, options), Reason.ADDRESS)
    for one in recipients:
        accept(smtp.rcpt(one), Reason.ADDRESS)


def accept(reply: tuple[int, bytes], reason: Reason) -> None:
    """Pass on a good answer. Raises TransportError for any other, by its number: the server's words are not ours."""
    code = reply[0]
    if not 200 <= code < 400:
        raise _refused(code, reason)


def _refused(code: int, reason: Reason) -> TransportError:
    if code in SIGN_IN:
        reason = Reason.AUTH
    elif code in TOO_LARGE:
        reason = Reason.TOO_LARGE
    if not 500 <= code < 600:
        return TransportError(
            permanent=False, reason=Reason.BUSY, sentence=f"The mail server asks to come back later (SMTP {code})."
        )
    what = {
        Reason.AUTH: "does not accept the user name and password",
        Reason.TOO_LARGE: "finds the mail too large",
        Reason.ADDRESS: "does not accept the sender's or a recipient's address",
        Reason.NO_TLS: "refuses to encrypt",
    }.get(reason, "refuses the mail")
    return TransportError(
        permanent=reason is not Reason.NO_TLS, reason=reason, sentence=f"The mail server {what} (SMTP {code})."
    )


def explained(problem: Exception) -> TransportError:
    """What a failed conversation means."""
    if isinstance(problem, UnicodeError | smtplib.SMTPNotSupportedError):
        sentence = (
            "The mail server offers no sign-in that we can use, or the password has letters that it cannot carry."
        )
        return TransportError(permanent=True, reason=Reason.AUTH, sentence=sentence)
    if isinstance(problem, smtplib.SMTPAuthenticationError):
        return _refused(problem.smtp_code, Reason.AUTH)
    if isinstance(problem, smtplib.SMTPDataError):
        return _refused(problem.smtp_code, Reason.REJECTED)
    if isinstance(problem, ssl.SSLCertVerificationError):
        sentence = f"The mail server could not prove who it is ({problem.verify_message}); nothing was sent."
        return TransportError(permanent=False, reason=Reason.CERTIFICATE, sentence=sentence)
    if isinstance(problem, ssl.SSLError):
        sentence = "No encrypted connection with the mail server came about; nothing was sent."
        return TransportError(permanent=False, reason=Reason.NO_TLS, sentence=sentence)
    if isinstance(problem, TimeoutError) or isinstance(problem.__context__, TimeoutError):
        return TransportError(
            permanent=False, reason=Reason.TIMEOUT, sentence="The mail server did not answer in time."
        )
    # A refusal before we have said anything (SMTPConnectError) is about where the laptop is now, so it may pass too.
    sentence = "The mail server cannot be reached, or the connection broke."
    return TransportError(permanent=False, reason=Reason.UNREACHABLE, sentence=sentence)
