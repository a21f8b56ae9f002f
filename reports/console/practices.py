"""Makes practices, each with a key pair of its own that devices come to know it by."""

import uuid
from typing import Any

import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from reports.console.console import Console
from reports.console.store import tables
from reports.signing import public_text

KEY = "practice-signing-key"


def make(db: sa.Connection, console: Console, *, name: str, timezone: str) -> str:
    """A new practice's id."""
    key = Ed25519PrivateKey.generate()
    practice_id = str(uuid.uuid4())
    db.execute(
        tables.practices.insert().values(
            id=practice_id,
            name=name,
            created_at=console.now(),
            timezone=timezone,
            signing_public=public_text(key.public_key()),
            signing_sealed=console.seal.close(key.private_bytes_raw(), name=KEY),
        )
    )
    return practice_id


def signing_key(console: Console, practice: Any) -> Ed25519PrivateKey:
    """The practice's key, of its row. Raises SealError."""
    return Ed25519PrivateKey.from_private_bytes(console.seal.open(practice.signing_sealed, name=KEY))
