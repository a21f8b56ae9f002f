"""Secrets in the system's own store, through the keyring library; only backends named here are trusted."""

import logging
import threading
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from agent.secrets import (
    LONGEST_BYTES,
    SERVICE,
    Lack,
    NoStore,
    Store,
    StoreError,
    StoreFault,
    as_sentence,
    check_name,
    check_value,
)

log = logging.getLogger(__name__)
T = TypeVar("T")

WINDOWS = "keyring.backends.Windows.WinVaultKeyring"
ALLOWED = {
    "keyring.backends.SecretService.Keyring": "Secret Service",
    "keyring.backends.libsecret.Keyring": "Secret Service (libsecret)",
    WINDOWS: "Windows Credential Manager",
    "keyring.backends.macOS.Keyring": "macOS Keychain",
}
"""Backends that keep secrets encrypted and for this account. Everything else, known or not, is refused by name."""
CHAINER = "keyring.backends.chainer.ChainerBackend"
ABSENT = "keyring.backends.fail.Keyring"
WINDOWS_BYTES = 2560
"""CRED_MAX_CREDENTIAL_BLOB_SIZE: Windows cuts off nothing, it refuses; the library hands it UTF-16."""
PROBE = "probe"
"""A name under which nothing is kept: asking for it shows whether the store answers."""


class Backend(Protocol):
    """What we use of a keyring backend."""

    def get_password(self, service: str, username: str) -> str | None:
        """The secret, or None."""

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep it."""

    def delete_password(self, service: str, username: str) -> None:
        """Forget it."""


def open_keyring(*, timeout_s: float, find: Callable[[], Any] | None = None) -> Store | NoStore:
    """The system's store if it is one that we trust, and answers. `find` is keyring.get_keyring."""
    caller = Caller(timeout_s=timeout_s)
    try:
        found = caller.call(find or _library)
    except StoreError as error:
        return NoStore(lack=_lack(error), reason=as_sentence(error))
    backend, name = choose(found)
    if backend is None:
        lack = Lack.NONE_RUNS if name == ABSENT else Lack.NOT_TRUSTED
        text = "No keyring runs in this session." if lack is Lack.NONE_RUNS else f"{name} is not a store that we trust."
        return NoStore(lack=lack, reason=text)
    store = KeyringStore(backend, name=name, caller=caller)
    try:
        store.get(PROBE)
    except StoreError as error:
        return NoStore(lack=_lack(error), reason=as_sentence(error))
    return store


def choose(found: Any) -> tuple[Backend | None, str]:
    """The trusted backend among what the library found, and its name; (None, name of what it is) if there is none."""
    name = _name(found)
    if name != CHAINER:
        return (found if name in ALLOWED else None), name
    within = {_name(one): one for one in found.backends}
    trusted = next((one for one in ALLOWED if one in within), None)
    if trusted is None:
        return None, next(iter(within), ABSENT)
    # Never the chain itself: it would hand a secret on to whichever backend takes it.
    return within[trusted], trusted


class KeyringStore:
    """The system's store."""

    def __init__(self, backend: Backend, *, name: str, caller: "Caller") -> None:
        self._backend = backend
        self._caller = caller
        self._windows = name == WINDOWS
        self.kind = ALLOWED[name]

    def get(self, name: str) -> str | None:
        """A secret; None if it was never kept."""
        check_name(name)
        return self._caller.call(lambda: self._backend.get_password(SERVICE, name))

    def set(self, name: str, value: str) -> None:
        """Keep a secret, and make sure that it can be had again: some backends only pretend."""
        check_name(name)
        if self._windows:
            check_value(value, limit_bytes=WINDOWS_BYTES, encoding="utf-16-le")
        else:
            check_value(value, limit_bytes=LONGEST_BYTES)
        self._caller.call(lambda: self._backend.set_password(SERVICE, name, value))
        if self.get(name) != value:
            raise StoreError(StoreFault.FAILED, f"{self.kind} did not keep the secret")

    def delete(self, name: str) -> None:
        """Forget a secret."""
        if self.get(name) is not None:
            self._caller.call(lambda: self._backend.delete_password(SERVICE, name))


class Caller:
    """Calls the library in a thread, for a limited time: behind a locked store it may wait for a person for ever."""

    def __init__(self, *, timeout_s: float) -> None:
        self._timeout_s = timeout_s
        self._hung: threading.Thread | None = None

    def call(self, work: Callable[[], T]) -> T:
        """The answer; StoreError for whatever the library raises, or when it does not come back in time."""
        if self._hung is not None and self._hung.is_alive():
            raise _late()  # one thread may hang, not one for each try
        answers: list[T] = []
        faults: list[Exception] = []

        def run() -> None:
            try:
                answers.append(work())
            except Exception as fault:  # backends raise what their D-Bus and C libraries raise: no list would hold
                faults.append(fault)

        thread = threading.Thread(target=run, name="scrubin-keyring", daemon=True)
        thread.start()
        thread.join(self._timeout_s)
        if faults:
            raise _told(faults[0]) from faults[0]
        if not answers:
            self._hung = thread
            raise _late()
        return answers[0]


def _late() -> StoreError:
    return StoreError(StoreFault.TIMED_OUT, "the keyring does not answer; it may be waiting for its password")


def _told(fault: Exception) -> StoreError:
    # InitError is what a dismissed prompt looks like: "Failed to create the collection: Prompt dismissed.."
    if type(fault).__name__ in {"KeyringLocked", "InitError", "LockedException", "PromptDismissedException"}:
        return StoreError(StoreFault.LOCKED, "the keyring is locked")
    return StoreError(StoreFault.FAILED, f"the keyring failed ({type(fault).__name__})")


def _lack(error: StoreError) -> Lack:
    match error.fault:
        case StoreFault.LOCKED:
            return Lack.LOCKED
        case StoreFault.TIMED_OUT:
            return Lack.TIMED_OUT
        case _:
            return Lack.FAILED


def _name(backend: Any) -> str:
    return f"{type(backend).__module__}.{type(backend).__qualname__}"


def _library() -> Any:
    import keyring

    return keyring.get_keyring()
