"""Names a certificate that was not accepted: whose it is, who issued it, what is wrong with it."""

import http.client
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.x509.oid import NameOID

SECONDS = 10.0
LONGEST = 60
NAMES = (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME)
"""Of a certificate's names: those of servers and companies, never an e-mail address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a server shows for itself, escaped."""

    subject: str
    issuer: str
    begins: datetime
    ends: datetime
    """Both aware, UTC."""


def presented(host: str, port: int, *, proxy: str | None = None) -> Shown | None:
    """The certificate that a server shows, whoever it is; None where it cannot be had. Nothing is sent to it."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    tls.check_hostname, tls.verify_mode = False, ssl.CERT_NONE
    way = urlsplit(proxy) if proxy else None
    try:
        if way is None or not way.hostname:
            connection = http.client.HTTPSConnection(host, port, timeout=SECONDS, context=tls)
        else:
            connection = http.client.HTTPSConnection(way.hostname, way.port, timeout=SECONDS, context=tls)
            connection.set_tunnel(host, port)
        try:
            connection.connect()
            raw = connection.sock.getpeercert(binary_form=True)
        finally:
            connection.close()
        return None if raw is None else read(raw)
    except (OSError, http.client.HTTPException, ValueError):
        return None


def read(raw: bytes) -> Shown:
    """From DER. Raises ValueError."""
    certificate = x509.load_der_x509_certificate(raw)
    return Shown(
        subject=_name(certificate.subject),
        issuer=_name(certificate.issuer),
        begins=certificate.not_valid_before_utc,
        ends=certificate.not_valid_after_utc,
    )


def what_is_wrong(code: int, host: str, shown: Shown | None) -> str:
    """A sentence. `code` is OpenSSL's number of what is wrong."""
    if shown is None:
        return "The server could not prove that it is your practice's."
    match code:
        case 10:  # it has expired
            return f"The certificate of {host}, issued by {shown.issuer}, ended on {_day(shown.ends)}."
        case 9:  # it is not valid yet
            return f"The certificate of {host}, issued by {shown.issuer}, begins on {_day(shown.begins)} only."
        case 62 | 64:  # another host's, or another address's
            return f"The certificate is for {shown.subject}, issued by {shown.issuer}, and not for {host}."
        case 18:  # signed by itself
            return f"The certificate was issued by {shown.issuer} to itself, and this laptop does not trust it."
        case _:
            return f"The certificate of {host} was issued by {shown.issuer}, which this laptop does not trust."


def _name(name: x509.Name) -> str:
    """In quotes, made safe to show."""
    for kind in NAMES:
        for one in name.get_attributes_for_oid(kind):
            text = one.value if isinstance(one.value, str) else ""
            if text.strip():
                return f'"{_safe(text)}"'
    return "somebody without a name"


def _safe(text: str) -> str:
    """Plain characters only: a certificate may come from anybody, and this goes to screens and logs."""
    cut = text[:LONGEST]
    return "".join(char if char.isprintable() and char != '"' else "?" for char in cut) + ("..." if text != cut else "")


def _day(moment: datetime) -> str:
    moment = moment.astimezone(UTC)
    return f"{moment.day} {moment:%B %Y}"
