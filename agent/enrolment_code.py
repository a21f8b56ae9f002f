"""What the person types to enrol: the console's address and the practice's code, or both in one from a QR picture."""

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from reports.signing import ALPHABET, PIN_CHARACTERS

RANDOM_CHARACTERS = 12
WHOLE = RANDOM_CHARACTERS + PIN_CHARACTERS
SCHEME = "scrubin-enrol:"
HOST = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")
PORTS = {"https": 443, "http": 80}
DASHES = re.compile(r"[\s\u2010-\u2015-]")
"""Blanks, and all that looks like a hyphen: codes are copied out of mails and off screens."""


class CodeError(Exception):
    """It is no address, or no code; the text says what was expected, for a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """An enrolment code as the practice made it."""

    text: str
    """`XXXX-XXXX-XXXX-PPPP-PPPP`."""
    pin: str
    """Its end: the practice's key must fit."""


def read_code(given: str) -> Code:
    """As typed, in any case, with or without hyphens. Raises CodeError."""
    bare = DASHES.sub("", given[:200]).upper()
    if len(bare) != WHOLE or set(bare) - set(ALPHABET):
        raise CodeError(
            f"that is no enrolment code. One has {WHOLE} letters and digits in groups of four; "
            "0, 1, I, L, O and U are not among them"
        )
    groups = [bare[at : at + 4] for at in range(0, WHOLE, 4)]
    return Code(text="-".join(groups), pin=bare[RANDOM_CHARACTERS:])


def split_qr(given: str) -> tuple[str, str] | None:
    """Address and code from the text of a QR picture; None for any other text."""
    if not given.lower().startswith(SCHEME):
        return None
    url, _, code = given[len(SCHEME) :].partition("#")
    return url, code


def read_address(given: str) -> str:
    """Scheme, host and port, in the one form that is signed: lower case, without the usual port. Raises CodeError."""
    try:
        parts = urlsplit(given.strip())
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError as error:
        raise CodeError("that is no address of a console, such as https://console.example") from error
    extras = (parts.username, parts.password, parts.query, parts.fragment, parts.path.strip("/"))
    if parts.scheme not in PORTS or any(extras) or not _is_host(host) or not given.isprintable():
        raise CodeError("that is no address of a console, such as https://console.example")
    if parts.scheme == "http" and not _is_loopback(host):
        raise CodeError("a console is reached by https://; http:// is for one on this very laptop")
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}" if port in (None, PORTS[parts.scheme]) else f"{parts.scheme}://{shown}:{port}"


def _is_host(host: str) -> bool:
    return bool(HOST.fullmatch(host)) or _address(host) is not None


def _is_loopback(host: str) -> bool:
    number = _address(host)
    return host == "localhost" or (number is not None and number.is_loopback)


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
