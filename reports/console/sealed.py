"""Keeps secrets in the database sealed by a key that lies outside it: a copy of the database alone opens nothing."""

import base64
import os
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
NONCE_BYTES = 12


class SealError(Exception):
    """The key is missing, damaged or another one. The text is for the operator."""


class Seal:
    """Seals and opens with one key."""

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise SealError("the console's key is damaged")
        self._cipher = AESGCM(key)

    def close(self, data: bytes, *, name: str) -> bytes:
        """Seal. `name` says what it is: the bytes open under no other name."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, data, name.encode())

    def open(self, sealed: bytes, *, name: str) -> bytes:
        """Open. Raises SealError."""
        try:
            return self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], name.encode())
        except (InvalidTag, ValueError) as error:
            raise SealError("a secret in the database was sealed with another key than the console's") from error


def key_of(path: str) -> bytes:
    """The console's key, made on first use, 0600. Raises SealError."""
    try:
        return _read(path)
    except FileNotFoundError:
        pass
    except OSError as error:
        raise SealError(f"the console's key can't be read: {error.strerror}") from error
    try:
        _make(path)
        return _read(path)
    except OSError as error:
        raise SealError(f"the console's key can't be made: {error.strerror}") from error


def _read(path: str) -> bytes:
    with open(path, "rb") as file:
        if os.fstat(file.fileno()).st_mode & 0o077:
            raise SealError("the console's key can be read by other accounts: chmod 600 console.key, and see who did")
        text = file.read(200)
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except ValueError as error:
        raise SealError("the console's key is damaged: put back console.key from your backup") from error
    if len(key) != KEY_BYTES:
        raise SealError("the console's key is damaged: put back console.key from your backup")
    return key


def _make(path: str) -> None:
    """Two consoles that start at once must end with one key: the first link in place wins."""
    fresh = f"{path}.{secrets.token_hex(4)}"
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(base64.b64encode(secrets.token_bytes(KEY_BYTES)) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(fresh, path)
        except FileExistsError:
            return
    finally:
        os.unlink(fresh)
