"""When the last audit began, kept over power cuts."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from daemon_fakes import SPRING

from agent.daemon import last_audit


def test_it_comes_back_as_it_was(tmp_path: Path) -> None:
    last_audit.write(str(tmp_path / "state"), SPRING)
    assert last_audit.read(str(tmp_path / "state"), now=SPRING) == SPRING


def test_none_was_kept(tmp_path: Path) -> None:
    assert last_audit.read(str(tmp_path / "nowhere"), now=SPRING) is None


@pytest.mark.parametrize(
    "text",
    [b"", b"\xff", b"2026-11-21", b"2026-11-21T01:00:00", b"9999-12-31T23:59:59+00:00", b"0001-01-01T00:00:00+00:00",
     b"2026-11-21T01:00:00+00:00" + b" " * 1000 + b"x" * 1000, b"not a date"],
)  # fmt: skip
def test_a_damaged_one_counts_as_none(tmp_path: Path, text: bytes) -> None:
    (tmp_path / last_audit.NAME).write_bytes(text)
    kept = last_audit.read(str(tmp_path), now=SPRING)
    assert kept is None or kept == datetime(2026, 11, 21, 1, tzinfo=UTC)


def test_one_in_the_future_counts_as_none(tmp_path: Path) -> None:
    last_audit.write(str(tmp_path), SPRING + timedelta(days=1))
    assert last_audit.read(str(tmp_path), now=SPRING) is None


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    last_audit.write(str(tmp_path / "other"), SPRING)
    (tmp_path / last_audit.NAME).symlink_to(tmp_path / "other" / last_audit.NAME)
    assert last_audit.read(str(tmp_path), now=SPRING) is None
