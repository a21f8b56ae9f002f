"""Secrets in the database open with the console's key, under their own name, and in no other way."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from reports.console.sealed import Seal, SealError, key_of


def test_what_was_sealed_opens_under_its_name_only() -> None:
    seal = Seal(bytes(32))
    sealed = seal.close(b"a secret", name="mail")
    assert b"a secret" not in sealed
    assert seal.open(sealed, name="mail") == b"a secret"
    with pytest.raises(SealError):
        seal.open(sealed, name="webhook")


@pytest.mark.parametrize("damage", [lambda s: s[:-1], lambda s: s[:5], lambda s: b"", lambda s: s[:-1] + b"x"])
def test_damaged_secrets_do_not_open(damage: object) -> None:
    seal = Seal(bytes(32))
    with pytest.raises(SealError):
        seal.open(damage(seal.close(b"a secret", name="mail")), name="mail")  # type: ignore[operator]


def test_another_key_opens_nothing() -> None:
    sealed = Seal(bytes(32)).close(b"a secret", name="mail")
    with pytest.raises(SealError):
        Seal(bytes(31) + b"\1").open(sealed, name="mail")


def test_the_key_is_made_once_and_for_this_account_only(tmp_path: Path) -> None:
    path = tmp_path / "console.key"
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: key_of(str(path)), range(8)))
    assert len(keys) == 1
    assert path.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in tmp_path.iterdir()] == ["console.key"]


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "console.key"
    key_of(str(path))
    os.chmod(path, 0o644)
    with pytest.raises(SealError, match="other accounts"):
        key_of(str(path))


@pytest.mark.parametrize("content", [b"", b"not base64!", b"AAAA\n", b"\xff" * 300])
def test_a_damaged_key_is_said(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "console.key"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(SealError, match="damaged"):
        key_of(str(path))
