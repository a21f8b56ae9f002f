"""Secrets in a file that only this account can read: weaker than a keyring, so only on explicit configuration."""

import contextlib
import fcntl
import json
import os
import stat
from collections.abc import Iterator

from agent.atomic import private_folder, write_atomic
from agent.secrets import Lack, NoStore, Store, StoreError, StoreFault, as_sentence, check_name, check_value

FILE_BYTES = 256 << 10
OTHERS = stat.S_IRWXG | stat.S_IRWXO
OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


def open_file(path: str) -> Store | NoStore:
    """The file's store if the file is safe, or does not exist yet."""
    store = FileStore(path)
    try:
        store.check()
    except StoreError as error:
        return NoStore(lack=Lack.UNSAFE_FILE, reason=as_sentence(error))
    return store


class FileStore:
    """A JSON object of names and secrets, mode 0600. The file is judged anew at each use."""

    kind = "a file that only this account can read"

    def __init__(self, path: str) -> None:
        self._path = os.path.abspath(path)

    def check(self) -> None:
        """Raise StoreError unless the file is safe and understood."""
        self._read()

    def get(self, name: str) -> str | None:
        """A secret; None if it was never kept."""
        check_name(name)
        return self._read().get(name)

    def set(self, name: str, value: str) -> None:
        """Keep a secret; the old file stands until the new one is whole on the disk."""
        check_name(name)
        check_value(value)
        with self._alone():
            self._write({**self._read(), name: value})

    def delete(self, name: str) -> None:
        """Forget a secret."""
        check_name(name)
        with self._alone():
            kept = self._read()
            if kept.pop(name, None) is not None:
                self._write(kept)

    def _read(self) -> dict[str, str]:
        try:
            self._check_folder()
            descriptor = os.open(self._path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise _unsafe(f"cannot be opened ({error.strerror}); a link is never followed") from error
        with os.fdopen(descriptor, "rb") as stream:
            _check_owner(os.fstat(descriptor))
            try:
                data = stream.read(FILE_BYTES + 1)
            except OSError as error:
                raise _unsafe(f"cannot be read ({error.strerror})") from error
        return _parse(data)

    def _check_folder(self) -> None:
        """A folder in which others may write lets them put another file in place of ours."""
        seen = os.stat(os.path.dirname(self._path))
        if seen.st_uid not in (0, os.geteuid()) or (seen.st_mode & OTHERS_WRITE and not seen.st_mode & stat.S_ISVTX):
            raise _unsafe("lies in a folder in which other accounts may write")

    def _write(self, kept: dict[str, str]) -> None:
        data = json.dumps(kept, sort_keys=True).encode()
        if len(data) > FILE_BYTES:
            raise StoreError(StoreFault.TOO_LARGE, f"the file of secrets would pass {FILE_BYTES} bytes")
        try:
            write_atomic(self._path, data)
        except OSError as error:
            raise StoreError(StoreFault.FAILED, f"the file of secrets cannot be written ({error.strerror})") from error

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """No other process changes the file meanwhile: two writers would lose one secret."""
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
        try:
            private_folder(os.path.dirname(self._path))
            descriptor = os.open(f"{self._path}.lock", flags, 0o600)
        except OSError as error:
            raise StoreError(StoreFault.FAILED, f"the file of secrets cannot be written ({error.strerror})") from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


def _check_owner(seen: os.stat_result) -> None:
    if not stat.S_ISREG(seen.st_mode) or seen.st_nlink > 1:
        raise _unsafe("is not a plain file of its own")
    if seen.st_uid != os.geteuid():
        raise _unsafe("belongs to another account")
    if seen.st_mode & OTHERS:
        raise _unsafe("can be read or written by other accounts")


def _parse(data: bytes) -> dict[str, str]:
    if len(data) > FILE_BYTES:
        raise _unsafe(f"is larger than {FILE_BYTES} bytes")
    try:
        kept = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise _unsafe("is not understood") from error
    if not isinstance(kept, dict) or not all(isinstance(value, str) for value in kept.values()):
        raise _unsafe("is not understood")
    return kept


def _unsafe(what: str) -> StoreError:
    return StoreError(StoreFault.UNSAFE_FILE, f"the file of secrets {what}")
