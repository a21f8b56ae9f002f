"""Signatures between devices and their practice's console: what is covered, and how the chain of reports is linked.

A device signs each request by RFC 9421 (HTTP message signatures, ed25519), so that the body stays the exact bytes that
`scrubin report --show` prints. The console signs what it tells devices with the practice's own key.
"""

import base64
import hashlib
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

TAG = "scrubin-device"
"""The `tag` parameter of every device's signature."""
COVERED = ("@method", "@authority", "@path", "content-digest", "scrubin-chain")
"""What a report's signature covers. Requests without a body leave out `content-digest`, and only reports have a
`scrubin-chain`."""
CHAIN = "Scrubin-Chain"
"""`seq=5, prev=:base64:`, a dictionary of structured fields (RFC 8941)."""
DIRECTIVE_DOMAIN = b"scrubin-directive-1\0"
SHEET_DOMAIN = b"scrubin-sheet-1\0"
FIRST_LINK = bytes(32)
"""`prev` of a device's first report."""
PIN_CHARACTERS = 8
"""Characters of an enrolment code that name the practice's key."""
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Of codes: no letter or digit that is taken for another, and no vowels but A and E to spell with."""


class SignatureError(Exception):
    """What was signed is not what is here, or another key signed it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A report's place in its device's chain."""

    seq: int
    """From 1."""
    previous: bytes
    """The link of the report before, 32 bytes."""

    def next_link(self, body: bytes) -> bytes:
        """This report's own link, 32 bytes: of the one before and of its body."""
        return hashlib.sha256(self.previous + hashlib.sha256(body).digest()).digest()

    def header(self) -> str:
        """As it travels."""
        return f"seq={self.seq}, prev=:{base64.b64encode(self.previous).decode()}:"


def content_digest(body: bytes) -> str:
    """RFC 9530."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"


def public_text(key: Ed25519PublicKey) -> str:
    """32 bytes as base64, 44 characters."""
    return base64.b64encode(key.public_bytes_raw()).decode()


def read_public(text: str) -> Ed25519PublicKey:
    """Raises SignatureError."""
    try:
        return Ed25519PublicKey.from_public_bytes(base64.b64decode(text, validate=True))
    except ValueError as error:
        raise SignatureError("not a public key") from error


def private_text(key: Ed25519PrivateKey) -> str:
    """32 bytes as base64: small enough for every keyring."""
    return base64.b64encode(key.private_bytes_raw()).decode()


def read_private(text: str) -> Ed25519PrivateKey:
    """Raises SignatureError."""
    try:
        return Ed25519PrivateKey.from_private_bytes(base64.b64decode(text, validate=True))
    except ValueError as error:
        raise SignatureError("not a private key") from error


def pin_of(public: str) -> str:
    """The end of an enrolment code: 8 characters (39 bits) that name the practice's key, given as base64."""
    number = int.from_bytes(hashlib.sha256(b"scrubin-pin-1\0" + public.encode()).digest())
    letters = []
    for _ in range(PIN_CHARACTERS):
        number, place = divmod(number, len(ALPHABET))
        letters.append(ALPHABET[place])
    return "".join(letters)


def sign_bytes(key: Ed25519PrivateKey, domain: bytes, body: bytes) -> str:
    """A signature over bytes, in base64. `domain` keeps one kind of paper from being taken for another."""
    return base64.b64encode(key.sign(domain + body)).decode()


def verify_bytes(key: Ed25519PublicKey, domain: bytes, body: bytes, signature: str) -> None:
    """Raises SignatureError."""
    try:
        key.verify(base64.b64decode(signature, validate=True), domain + body)
    except (InvalidSignature, ValueError) as error:
        raise SignatureError("the signature does not fit") from error
