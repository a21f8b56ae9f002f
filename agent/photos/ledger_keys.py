"""The secret beside the ledger: what signs its log, and by which a new index tells contents apart."""

import contextlib
import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from agent.atomic import private_folder, read_bounded, write_atomic
from agent.photos.ledger_model import LedgerTrouble, Trouble

FILE = "ledger.key"
SEED_BYTES = 32
MARK = b"scrubin mark"
DIGEST = b"scrubin index"


@dataclass(frozen=True, slots=True)
class Secret:
    """32 bytes of chance, of this account alone."""

    seed: bytes

    @property
    def mark(self) -> bytes:
        """What tells this secret from others, and nothing of it. 16 bytes."""
        return hashlib.blake2b(self.seed, digest_size=16, person=MARK).digest()

    @property
    def digest_key(self) -> bytes:
        """For a new index: with it, digests that the ledger keeps still mean something. 32 bytes."""
        return hashlib.blake2b(self.seed, digest_size=32, person=DIGEST).digest()

    def public(self) -> str:
        """By which anybody can check what `sign` signed. Hex, 64 characters."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        return Ed25519PrivateKey.from_private_bytes(self.seed).public_key().public_bytes_raw().hex()

    def sign(self, line: bytes) -> bytes:
        """64 bytes, ed25519."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        return Ed25519PrivateKey.from_private_bytes(self.seed).sign(line)


def is_signed(line: bytes, signature: bytes, public: str) -> bool:
    """Whether the owner of this public key signed this line."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public)).verify(signature, line)
    except (InvalidSignature, ValueError):
        return False
    return True


def read(folder: Path) -> Secret | None:
    """None where there is none yet. Raises LedgerTrouble DAMAGED for one that nobody wrote, OSError."""
    try:
        seed = read_bounded(str(folder / FILE), SEED_BYTES)
    except FileNotFoundError:
        return None
    if len(seed) != SEED_BYTES:
        raise LedgerTrouble(Trouble.DAMAGED)
    return Secret(seed)


def read_or_make(folder: Path, randomness: Callable[[int], bytes]) -> Secret:
    """Made where there is none; two processes that make it at once agree on one. Raises as `read`."""
    known = read(folder)
    if known is not None:
        return known
    private_folder(str(folder))
    fresh = str(folder / f".{FILE}.{randomness(8).hex()}")
    write_atomic(fresh, randomness(SEED_BYTES))
    try:
        # Never over one that is there: with it goes what the digests mean.
        with contextlib.suppress(FileExistsError):
            os.link(fresh, folder / FILE)
    finally:
        os.unlink(fresh)
    made = read(folder)
    if made is None:
        raise LedgerTrouble(Trouble.DAMAGED)
    return made
