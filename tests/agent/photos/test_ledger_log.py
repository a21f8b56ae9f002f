"""The log says what became of pictures and not which they were, and shows where anybody laid a hand on it."""

import json
import sqlite3
from datetime import timedelta, timezone
from pathlib import Path

import pytest
from ledger_parts import NOW, ledger_in, picture, said

from agent.photos.ledger import Ledger
from agent.photos.ledger_keys import Secret, is_signed
from agent.photos.ledger_model import Entry, Event, Intent
from agent.photos.ledger_rows import of
from checks.clinical_images.fact import Disposition, Folder, Origin

SYDNEY = timezone(timedelta(hours=11))
IN_RECORD, HOLD = Disposition.IN_RECORD, Disposition.LEGAL_HOLD
SHA = bytes(range(32))
PATH = "/home/ann/Pictures/Mrs Example \udc80\n.jpg"


def intent(**changes) -> Intent:
    values = {
        "id": 1, "device": "laptop", "path": PATH, "size": 5, "stamp": 6, "modified_s": 7, "digest": b"d" * 16,
        "folder": Folder.PHONE_BACKUP, "origin": Origin.SENT, "sha256": SHA, "disposition": IN_RECORD,
        "reference": "tab 4",
    }  # fmt: skip
    return Intent(**{**values, **changes})


def begun(ledger: Ledger, one: Intent) -> int:
    number = ledger.intend(one, [])
    assert number is not None
    return number


def filled(folder: Path) -> Ledger:
    """Three lines."""
    ledger = ledger_in(folder)
    for outcome in ("gone", "changed", "already_gone"):
        ledger.done(begun(ledger, intent()), outcome, at=NOW)
    return ledger


def test_a_deletion_is_known_until_it_has_ended_and_is_then_a_line(tmp_path: Path) -> None:
    with ledger_in(tmp_path) as ledger:
        number = begun(ledger, intent())
    with ledger_in(tmp_path) as ledger:
        assert ledger.open_intents() == [(number, intent())]
        ledger.done(number, "gone", at=NOW)
        assert (ledger.open_intents(), ledger.verify()) == ([], True)
        assert ledger.log() == [
            Entry(
                event=Event.DELETION, at=NOW, sha256=SHA.hex(), device="laptop", place="phone_backup",
                disposition="in_record", outcome="gone", reference="tab 4",
            )
        ]  # fmt: skip


def test_one_that_has_ended_does_not_end_twice(tmp_path: Path) -> None:
    with filled(tmp_path) as ledger:
        ledger.done(1, "failed", at=NOW)
        assert len(ledger.log()) == 3


def test_no_deletion_is_begun_under_a_hold_on_one_of_its_copies(tmp_path: Path) -> None:
    with ledger_in(tmp_path) as ledger:
        ledger.say([picture(1, look=7)], said(HOLD))
        assert ledger.intend(intent(), [picture(9), picture(2, look=7)]) is None
        assert ledger.open_intents() == []
        assert ledger.intend(intent(), [picture(9)]) is not None


def test_no_path_no_name_and_no_phone_is_in_the_file_once_it_is_over(tmp_path: Path) -> None:
    with ledger_in(tmp_path) as ledger:
        number = begun(ledger, intent(device="e1fd1c0c-0000-4000-8000-000000000001"))
        assert b"Mrs Example" in b"".join(one.read_bytes() for one in tmp_path.iterdir())
        ledger.done(number, "gone", at=NOW)
        assert ledger.log()[0].device == "phone"
    kept = b"".join(one.read_bytes() for one in tmp_path.iterdir())
    assert b"Mrs Example" not in kept
    assert b"e1fd1c0c" not in kept


def test_holds_their_ends_and_copies_for_teaching_are_logged(tmp_path: Path) -> None:
    with ledger_in(tmp_path) as ledger:
        ledger.say([picture(1), picture(2)], said(HOLD))
        ledger.lift([picture(1)], at=NOW + 1)
        ledger.keep_for_teaching([picture(3)], of(picture(3)), said(Disposition.TEACHING, NOW + 2), SHA)
        ledger.say([picture(4)], said(IN_RECORD))
        told = [(one.event, one.at, one.pictures, one.sha256) for one in ledger.log()]
    assert told == [
        (Event.HOLD, NOW, 2, ""), (Event.LIFTED, NOW + 1, 1, ""), (Event.TEACHING, NOW + 2, 1, SHA.hex()),
    ]  # fmt: skip


def test_the_text_says_what_happened_in_words(tmp_path: Path) -> None:
    with filled(tmp_path) as ledger:
        ledger.say([picture(1), picture(2)], said(HOLD))
        told = ledger.log_text(SYDNEY).splitlines()
    assert told[1] == "Every line is as it was signed."
    assert told[2].startswith("Signed with ed25519 by the key ")
    assert told[4:] == [
        "1. 2026-11-18 22:06:40 +1100; deleted, and looked for again; on the laptop in phone backup; said: in record; "
        f"note: tab 4; SHA-256 {SHA.hex()}",
        "2. 2026-11-18 22:06:40 +1100; not deleted, as its contents had changed; on the laptop in phone backup; "
        f"said: in record; note: tab 4; SHA-256 {SHA.hex()}",
        "3. 2026-11-18 22:06:40 +1100; was no longer there; on the laptop in phone backup; said: in record; "
        f"note: tab 4; SHA-256 {SHA.hex()}",
        "4. 2026-11-18 22:06:40 +1100; put on legal hold; 2 files",
    ]


TAMPERING = [
    "DELETE FROM log WHERE number = 1",
    "DELETE FROM log WHERE number = 2",
    "DELETE FROM log WHERE number = 3",
    "DELETE FROM log",
    "DELETE FROM log WHERE number = 3; UPDATE own SET lines = 2",
    "UPDATE log SET number = 9 WHERE number = 3",
    "UPDATE log SET line = (SELECT line FROM log WHERE number = 1) WHERE number = 2",
    "UPDATE log SET line = CAST(replace(line, 'gone', 'moved') AS BLOB) WHERE number = 3",
    "UPDATE log SET line = CAST(replace(line, '\"at\":1', '\"at\":2') AS BLOB) WHERE number = 1",
    "UPDATE log SET signature = zeroblob(64) WHERE number = 3",
    "UPDATE log SET line = CAST('[]' AS BLOB) WHERE number = 1",
    "UPDATE log SET line = zeroblob(9) WHERE number = 1",
    "INSERT INTO log SELECT 4, line, signature FROM log WHERE number = 3; UPDATE own SET lines = 4",
    "UPDATE own SET lines = 4",
]


@pytest.mark.parametrize("change", TAMPERING)
def test_a_log_that_was_touched_is_not_whole(tmp_path: Path, change: str) -> None:
    with filled(tmp_path) as ledger:
        assert ledger.verify()
    with sqlite3.connect(tmp_path / "ledger.sqlite") as db:
        db.executescript(change)
    db.close()
    with ledger_in(tmp_path) as ledger:
        assert not ledger.verify()


def test_a_log_that_was_touched_says_so_in_its_text(tmp_path: Path) -> None:
    filled(tmp_path).close()
    with sqlite3.connect(tmp_path / "ledger.sqlite") as db:
        db.execute("DELETE FROM log WHERE number = 1")
    db.close()
    with ledger_in(tmp_path) as ledger:
        assert "NOT every line is as it was signed: do not rely on it." in ledger.log_text(SYDNEY)


def test_a_line_that_cannot_be_read_is_told_and_hides_no_other(tmp_path: Path) -> None:
    filled(tmp_path).close()
    with sqlite3.connect(tmp_path / "ledger.sqlite") as db:
        db.execute("UPDATE log SET line = zeroblob(9) WHERE number = 2")
    db.close()
    with ledger_in(tmp_path) as ledger:
        told = ledger.log_text(SYDNEY).splitlines()[-3:]
    assert [one[:4] for one in told] == ["1. 2", "2. t", "3. 2"]
    assert told[1] == "2. this line can't be read"


def test_a_line_says_what_any_ed25519_program_can_check(tmp_path: Path) -> None:
    filled(tmp_path).close()
    with sqlite3.connect(tmp_path / "ledger.sqlite") as db:
        [(line, signature)] = db.execute("SELECT line, signature FROM log WHERE number = 2").fetchall()
    db.close()
    body = json.loads(line)
    seed = (tmp_path / "ledger.key").read_bytes()
    assert body["key"] == Secret(seed).public()
    assert is_signed(line, signature, body["key"])
    assert not is_signed(line + b" ", signature, body["key"])
    assert not is_signed(line, signature, "ff")


def test_a_note_of_many_lines_makes_no_line_of_its_own(tmp_path: Path) -> None:
    with ledger_in(tmp_path) as ledger:
        ledger.done(begun(ledger, intent(reference="tab 4\n2. forged\u2028li\u202ene\x1b[2J")), "gone", at=NOW)
        text = ledger.log_text(SYDNEY)
    assert len(text.splitlines()) == 5
    assert "note: tab 4 2. forged li\\u202ene" in text
