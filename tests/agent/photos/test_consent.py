"""Without a yes that can be read, to the very text of today, no picture is looked at."""

import hashlib
import json
import os
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given as everything
from hypothesis import strategies as st

from agent.photos.consent import FILE, NEVER_SAID, TEXT, WORDING, Consent, agree, consent, given, withdraw

NOW = datetime(2026, 11, 21, 7, 12, 5, tzinfo=UTC)
YES = {"schema": "scrubin/photos-consent/1", "given": True, "at": "2026-11-21T07:12:05Z", "wording": WORDING}
DIGESTS = {1: "a962ae157db73b95", 2: "f87446145684dd9e"}
"""Of each wording."""


def keep(_: Path) -> None:
    """Removes nothing."""


def kept(folder: Path, body: object) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / FILE).write_bytes(body if isinstance(body, bytes) else json.dumps(body).encode())
    return folder


def test_who_never_said_anything_has_not_agreed(tmp_path: Path) -> None:
    assert consent(tmp_path / "none") == NEVER_SAID
    assert not given(tmp_path / "none")


def test_a_yes_is_kept_with_its_moment_for_this_account_only(tmp_path: Path) -> None:
    folder = tmp_path / "state" / "photos"
    said = agree(folder, now=NOW)
    assert consent(folder) == said == Consent(given=True, at=NOW, wording=WORDING)
    assert given(folder)
    assert stat.S_IMODE((folder / FILE).stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_no_stands_before_anything_is_removed(tmp_path: Path) -> None:
    agree(tmp_path, now=NOW)
    seen: list[bool] = []
    withdraw(tmp_path, now=NOW, wipe=lambda folder: seen.append(given(folder)))
    assert seen == [False]
    assert consent(tmp_path) == Consent(given=False, at=NOW, wording=WORDING)


def test_a_no_stands_where_nothing_could_be_removed(tmp_path: Path) -> None:
    def broken(_: Path) -> None:
        raise RuntimeError

    agree(tmp_path, now=NOW)
    with pytest.raises(RuntimeError):
        withdraw(tmp_path, now=NOW, wipe=broken)
    assert not given(tmp_path)


def test_after_a_no_one_may_say_yes_again(tmp_path: Path) -> None:
    withdraw(tmp_path, now=NOW, wipe=keep)
    agree(tmp_path, now=NOW)
    assert given(tmp_path)


def test_the_form_of_today_is_a_yes(tmp_path: Path) -> None:
    assert given(kept(tmp_path, YES))


@pytest.mark.parametrize("wording", [WORDING - 1, WORDING + 1, -1])
def test_a_yes_to_another_text_is_none_to_this(tmp_path: Path, wording: int) -> None:
    said = consent(kept(tmp_path, {**YES, "wording": wording}))
    assert (said.given, said.at, said.wording) == (False, NOW, wording)


DAMAGED = [
    b"", b"{", b"\xff\xfe", b"null", b"[]", b"5", b"true", b'"yes"', b"[" * 4000, json.dumps(YES).encode()[:-2],
    json.dumps(YES).encode() + b" " * 5000, {**YES, "schema": "scrubin/photos-consent/2"}, {**YES, "more": 1},
    {**YES, "given": 1}, {**YES, "given": "true"}, {**YES, "given": None}, {**YES, "wording": True},
    {**YES, "wording": 1.0}, {**YES, "wording": "1"}, {**YES, "at": "today"}, {**YES, "at": 5}, {**YES, "at": None},
    {**YES, "at": "2026-11-21T07:12:05+11:00"}, {key: value for key, value in YES.items() if key != "at"},
]  # fmt: skip


@pytest.mark.parametrize("body", DAMAGED)
def test_what_this_program_did_not_write_is_no_consent(tmp_path: Path, body: object) -> None:
    assert consent(kept(tmp_path, body)) == NEVER_SAID


@everything(st.binary(max_size=200))
def test_no_bytes_are_consent_by_chance(tmp_path_factory: pytest.TempPathFactory, raw: bytes) -> None:
    assert not given(kept(tmp_path_factory.mktemp("any"), raw))


def test_a_pipe_or_a_folder_in_its_place_is_no_consent(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / FILE)
    assert not given(tmp_path)
    (tmp_path / "other" / FILE).mkdir(parents=True)
    assert not given(tmp_path / "other")


def test_a_yes_that_could_not_be_written_is_none(tmp_path: Path) -> None:
    (tmp_path / "photos").write_text("a file where the folder should be")
    with pytest.raises(NotADirectoryError):
        agree(tmp_path / "photos", now=NOW)
    assert not given(tmp_path / "photos")


def test_another_text_needs_another_number() -> None:
    """Whoever agreed did so to these words: change WORDING with them, and put the new digest here."""
    assert hashlib.sha256(TEXT.encode()).hexdigest()[:16] == DIGESTS[WORDING]
    assert all(len(line) <= 80 for line in TEXT.splitlines())
