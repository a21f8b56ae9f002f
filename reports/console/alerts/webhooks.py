"""Signs webhooks as Standard Webhooks ask for: v1 by shared secrets, two while they change, and v1a by a key."""

import base64
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from standardwebhooks import Webhook

SECRET, PRIVATE, PUBLIC = "whsec_", "whsk_", "whpk_"
SECRET_BYTES = 32
MOST_BYTES = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealer:
    """What one channel signs with."""

    secrets: Sequence[str]
    """`whsec_` and base64; two while a new one comes into use."""
    private: str = ""
    """`whsk_` and base64 of 32 bytes; "" signs by secrets alone."""


def new_secret() -> str:
    """For HMAC."""
    return SECRET + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def new_private() -> str:
    """For ed25519."""
    return PRIVATE + base64.b64encode(Ed25519PrivateKey.generate().private_bytes_raw()).decode()


def public_of(private: str) -> str:
    """What the receiver checks v1a with."""
    return PUBLIC + base64.b64encode(_key(private).public_key().public_bytes_raw()).decode()


def headers(sealer: Sealer, *, message_id: str, at: int, body: bytes) -> dict[str, str]:
    """Of one attempt: `at` is its time, `message_id` stays the same over all of them."""
    moment = datetime.fromtimestamp(at, UTC)
    signatures = [Webhook(one).sign(message_id, moment, body.decode()) for one in sealer.secrets]
    if sealer.private:
        signed = _key(sealer.private).sign(f"{message_id}.{at}.".encode() + body)
        signatures.append(f"v1a,{base64.b64encode(signed).decode()}")
    return {
        "content-type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(at),
        "webhook-signature": " ".join(signatures),
    }


def body(kind: str, *, at: str, data: dict[str, Any]) -> bytes:
    """`type`, `timestamp` and `data`, in ASCII; the last items go while it is too large."""
    made = _encoded(kind, at, data)
    items = list(data.get("items", ()))
    while len(made) > MOST_BYTES and items:
        items.pop()
        made = _encoded(kind, at, {**data, "items": items, "more": True})
    return made


def _encoded(kind: str, at: str, data: dict[str, Any]) -> bytes:
    return json.dumps({"type": kind, "timestamp": at, "data": data}, separators=(",", ":")).encode()


def _key(private: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(base64.b64decode(private.removeprefix(PRIVATE)))
