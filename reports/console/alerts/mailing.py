"""Messages as mail: composed the same at every attempt, handed to the practice's own server over verified TLS."""

import hashlib
import smtplib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

from reports.console.alerts import oauth
from reports.console.alerts.outside import Outside
from reports.console.alerts.undelivered import Undelivered
from reports.deliver.errors import Reason, TransportError
from reports.deliver.submission import (
    Login,
    Security,
    Server,
    SignIn,
    conversation,
    explained,
    hand_over,
    rehearse,
)

LONGEST_SUBJECT = 180


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """What one mail says."""

    id: str
    at: int
    """When it was queued, so that each attempt bears the same date."""
    subject: str
    text: str
    html: str


def compose(mail: Mail, *, sender: str, recipients: Sequence[str]) -> EmailMessage:
    """Text and HTML. A second copy is known by its Message-ID."""
    domain = sender.partition("@")[2]
    made = EmailMessage(policy=SMTP)
    made["From"] = sender
    made["To"] = ", ".join(recipients)
    made["Subject"] = one_line(mail.subject)
    made["Date"] = datetime.fromtimestamp(mail.at, UTC)
    made["Message-ID"] = f"<{mail.id}@{domain}>"
    made["Auto-Submitted"] = "auto-generated"
    made["List-Id"] = f"<scrubin-alerts.{domain}>"
    made.set_content(mail.text, cte="quoted-printable")
    made.add_alternative(mail.html, subtype="html", cte="quoted-printable")
    made.set_boundary(f"scrubin-{mail.id}")
    return made


def one_line(text: str) -> str:
    """Nothing in a subject can begin another header."""
    return " ".join("".join(mark if mark.isprintable() else " " for mark in text).split())[:LONGEST_SUBJECT]


def send(outside: Outside, details: Mapping[str, Any], mail: Mail, *, now: int) -> None:
    """Return once the server has taken it for every recipient. Raises Undelivered."""
    sender, recipients = details["sender"], details["recipients"]
    content = compose(mail, sender=sender, recipients=recipients).as_bytes()
    _talk(outside, details, now, lambda smtp: hand_over(smtp, sender=sender, recipients=recipients, content=content))


def try_out(outside: Outside, details: Mapping[str, Any], *, now: int) -> None:
    """Sign in and name sender and recipients, without sending anything. Raises Undelivered."""
    sender, recipients = details["sender"], details["recipients"]
    _talk(outside, details, now, lambda smtp: rehearse(smtp, sender=sender, recipients=recipients))


def _talk(outside: Outside, details: Mapping[str, Any], now: int, say: Any) -> None:
    try:
        with conversation(_server(outside, details, now)) as smtp:
            say(smtp)
    except TransportError as error:
        raise Undelivered(error.sentence) from error
    except (smtplib.SMTPException, OSError, UnicodeError) as problem:
        found = explained(problem)
        if found.reason is Reason.AUTH:
            outside.tokens.drop(_token_key(details))
        raise Undelivered(found.sentence) from problem


def _server(outside: Outside, details: Mapping[str, Any], now: int) -> Server:
    return Server(
        host=details["host"],
        port=details["port"],
        security=Security(details["security"]),
        tls=outside.tls(),
        login=_login(outside, details, now),
        timeout_s=20.0,
        deadline_s=90.0,
    )


def _login(outside: Outside, details: Mapping[str, Any], now: int) -> Login | None:
    if details["sign_in"] == "none":
        return None
    if details["sign_in"] == "password":
        return Login(user=details["user"], secret=lambda: str(details["password"]))
    # Fetched before the conversation: a mail server does not wait for another server's answer.
    token = oauth.token(outside, oauth.Grant.of(details), key=_token_key(details), now=now)
    return Login(user=details["user"], secret=lambda: token, kind=SignIn.TOKEN)


def _token_key(details: Mapping[str, Any]) -> str:
    """Another client, secret or server fetches a token of its own."""
    parts = [str(details.get(key, "")) for key in ("token_url", "client_id", "client_secret", "scope")]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
