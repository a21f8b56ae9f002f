"""E-mail to the practice: a digest that a person reads, with the report itself attached."""

import re
import smtplib
import ssl
from email.message import EmailMessage
from email.policy import SMTP

from reports.deliver import Letter
from reports.deliver.bodies import Opened, opened
from reports.deliver.digest import subject, text
from reports.deliver.errors import Reason, TransportError
from reports.deliver.submission import Server, conversation, explained, hand_over
from reports.envelope import EnvelopeError

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@([A-Za-z0-9-]{1,63}\.)*[A-Za-z0-9-]{1,63}")


class Mailer:
    """Sends full reports as mail, digest first, report attached."""

    carries_unchanged = False

    def __init__(self, server: Server, *, sender: str, recipients: tuple[str, ...]) -> None:
        """Raises TransportError for an address that is none, no recipient, or a TLS context that proves nothing."""
        if not recipients or not all(ADDRESS.fullmatch(one) for one in (sender, *recipients)):
            raise TransportError(
                permanent=True, reason=Reason.ADDRESS, sentence="The sender's or a recipient's mail address is not one."
            )
        if server.tls.verify_mode is not ssl.CERT_REQUIRED or not server.tls.check_hostname:
            raise TransportError(
                permanent=True,
                reason=Reason.CERTIFICATE,
                sentence="Mail goes only to a server that proves its name.",
            )
        self._server = server
        self._sender = sender
        self._recipients = recipients

    def deliver(self, letter: Letter) -> None:
        """Return once the server has taken the mail for every recipient. Raises TransportError."""
        content = self.compose(letter).as_bytes()
        try:
            with conversation(self._server) as smtp:
                hand_over(smtp, sender=self._sender, recipients=self._recipients, content=content)
        except (smtplib.SMTPException, OSError, UnicodeError) as problem:
            raise explained(problem) from problem

    def compose(self, letter: Letter) -> EmailMessage:
        """The mail: the same bytes at every attempt, so that a second copy is recognised by its Message-ID."""
        content = _content(letter)
        domain = self._sender.partition("@")[2]
        mail = EmailMessage(policy=SMTP)
        mail["From"] = self._sender
        mail["To"] = ", ".join(self._recipients)
        mail["Subject"] = subject(content.report)
        mail["Date"] = letter.created_at
        mail["Message-ID"] = f"<{letter.id}@{domain}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail["List-Id"] = f"<device-compliance.{domain}>"
        mail.set_content(text(content), cte="quoted-printable")
        mail.add_attachment(letter.body, maintype="application", subtype="json", filename=f"{letter.id}.json")
        mail.set_boundary(f"scrubin-{letter.id}")
        return mail


def _content(letter: Letter) -> Opened:
    try:
        if not UUID.fullmatch(letter.id):
            raise EnvelopeError("id: a UUID expected")
        return opened(letter.body)
    except EnvelopeError as problem:
        raise TransportError(
            permanent=True, reason=Reason.UNREADABLE, sentence="What is queued is not a report that can be mailed."
        ) from problem
