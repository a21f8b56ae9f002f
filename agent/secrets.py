"""Keeps passwords and keys in the system's own store, or, when asked for by name, in a file of this account alone."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

SERVICE = "scrubin"
NAME = re.compile(r"[a-z][a-z0-9-]{0,63}")
LONGEST_BYTES = 16 << 10
"""UTF-8 bytes of one secret; a key or a token is far smaller."""
TIMEOUT_S = 20.0
"""How long the system's store may take: behind a locked one a person may be reading a prompt, or nobody is."""


class StoreFault(StrEnum):
    """What went wrong with a store."""

    BAD_NAME = "bad_name"
    BAD_VALUE = "bad_value"
    TOO_LARGE = "too_large"
    TIMED_OUT = "timed_out"
    LOCKED = "locked"
    FAILED = "failed"
    UNSAFE_FILE = "unsafe_file"


class StoreError(Exception):
    """A secret could not be kept or fetched. The text is for a person and holds no secret."""

    def __init__(self, fault: StoreFault, text: str) -> None:
        super().__init__(text)
        self.fault = fault


class Store(Protocol):
    """Where secrets lie. Each method raises StoreError, and nothing else, when it cannot do it."""

    @property
    def kind(self) -> str:
        """What it is, in words, for `scrubin doctor`."""

    def get(self, name: str) -> str | None:
        """A secret; None if it was never kept."""

    def set(self, name: str, value: str) -> None:
        """Keep a secret in place of an older one."""

    def delete(self, name: str) -> None:
        """Forget a secret; one that is not there is forgotten already."""


class Lack(StrEnum):
    """Why there is no store."""

    NONE_RUNS = "none_runs"
    NOT_TRUSTED = "not_trusted"
    LOCKED = "locked"
    TIMED_OUT = "timed_out"
    FAILED = "failed"
    UNSAFE_FILE = "unsafe_file"


MEND: Mapping[Lack, str] = {
    Lack.NONE_RUNS: 'Sign in to a desktop with a keyring (GNOME Keyring, or KWallet with its Secret Service on), '
    'or set secrets = "file" in agent.toml.',
    Lack.NOT_TRUSTED: 'Remove PYTHON_KEYRING_BACKEND and keyringrc.cfg, or set secrets = "file" in agent.toml.',
    Lack.LOCKED: "Unlock your keyring, then try again.",
    Lack.TIMED_OUT: "Answer the prompt of your keyring, then try again.",
    Lack.FAILED: 'Restart your keyring or sign in again, or set secrets = "file" in agent.toml.',
    Lack.UNSAFE_FILE: "Delete the file and enter the secret again; only your account may be able to read it.",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class NoStore:
    """There is nowhere to keep a secret."""

    lack: Lack
    reason: str
    """A sentence for a person."""

    @property
    def how_to_mend(self) -> str:
        """What the person can do about it."""
        return MEND[self.lack]


def open_store(*, in_file: str | None, timeout_s: float = TIMEOUT_S) -> Store | NoStore:
    """The store to use. `in_file` is the path of the file when agent.toml asks for one, None for the system's store.

    There is no silent way from the one to the other.
    """
    if in_file is not None:
        from agent.secrets_file import open_file

        return open_file(in_file)
    from agent.secrets_keyring import open_keyring  # the library is slow to load and few commands need it

    return open_keyring(timeout_s=timeout_s)


def as_sentence(error: StoreError) -> str:
    """The error's text, to stand alone."""
    text = str(error)
    return f"{text[:1].upper()}{text[1:]}."


def check_name(name: str) -> None:
    """Raise StoreError unless it is a name that every store takes."""
    if not NAME.fullmatch(name):
        raise StoreError(StoreFault.BAD_NAME, "a secret's name has lower-case letters, digits and hyphens only")


def check_value(value: str, *, limit_bytes: int = LONGEST_BYTES, encoding: str = "utf-8") -> None:
    """Raise StoreError unless it is a secret that the store takes whole."""
    if not value or "\0" in value:
        raise StoreError(StoreFault.BAD_VALUE, "a secret is neither empty nor holds a zero byte")
    try:
        size_bytes = len(value.encode(encoding))
    except UnicodeEncodeError as error:
        raise StoreError(StoreFault.BAD_VALUE, "a secret is text") from error
    if size_bytes > limit_bytes:
        raise StoreError(StoreFault.TOO_LARGE, f"the secret takes {size_bytes} bytes; this store takes {limit_bytes}")
