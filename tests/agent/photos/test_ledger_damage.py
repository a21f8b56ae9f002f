"""A damaged ledger is never taken for an empty one: nobody goes on until the person begins another."""

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from ledger_parts import DAY, NOW, chance, index_in, ledger_in, picture, said

from agent.photos.ledger_anew import begin_anew, withdraw
from agent.photos.ledger_model import Event, LedgerTrouble, Trouble
from agent.photos.scan import open_index
from checks.clinical_images.fact import Disposition
from tests.agent.photos.test_ledger_log import begun, intent

IN_RECORD, HOLD, OWN = Disposition.IN_RECORD, Disposition.LEGAL_HOLD, Disposition.OWN
FILE, KEY = "ledger.sqlite", "ledger.key"


def filled(folder: Path) -> None:
    with ledger_in(folder) as ledger:
        ledger.say([picture(1)], said(HOLD, reason="the court asked"))
        ledger.say([picture(2)], said(OWN))
        ledger.done(begun(ledger, intent()), "gone", at=NOW)
        begun(ledger, intent(id=2))


def changed(statement: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        with sqlite3.connect(folder / FILE) as db:
            db.execute(statement)
        db.close()

    return change


def overwritten(folder: Path) -> None:
    """A page in the middle."""
    with (folder / FILE).open("r+b") as file:
        file.seek(2 * 4096)
        file.write(b"\xff" * 4096)


def a_folder(folder: Path) -> None:
    (folder / FILE).unlink()
    (folder / FILE).mkdir()


def a_link(folder: Path) -> None:
    (folder / FILE).rename(folder / "elsewhere")
    (folder / FILE).symlink_to(folder / "elsewhere")


DAMAGE: dict[str, Callable[[Path], object]] = {
    "emptied": lambda folder: (folder / FILE).write_bytes(b""),
    "foreign": lambda folder: (folder / FILE).write_bytes(b"no database at all" * 900),
    "cut": lambda folder: os.truncate(folder / FILE, 3 * 4096),
    "overwritten": overwritten,
    "another program's": changed("PRAGMA application_id=5"),
    "another version": changed("PRAGMA user_version=99"),
    "without a table": changed("DROP TABLE log"),
    "without its own row": changed("DELETE FROM own"),
    "of another key": lambda folder: (folder / KEY).write_bytes(bytes(32)),
    "without its key": lambda folder: (folder / KEY).unlink(),
    "with a cut key": lambda folder: (folder / KEY).write_bytes(b"short"),
    "a folder": a_folder,
    "a link": a_link,
}
READABLE = {"another program's", "another version", "of another key", "without its key", "with a cut key", "a link"}


@pytest.mark.parametrize("damage", DAMAGE)
def test_damage_is_told_each_time_until_the_person_begins_anew(tmp_path: Path, damage: str) -> None:
    filled(tmp_path)
    DAMAGE[damage](tmp_path)
    for _ in range(2):
        with pytest.raises(LedgerTrouble) as caught:
            ledger_in(tmp_path)
        assert caught.value.reason is Trouble.DAMAGED
        assert "scrubin page" in caught.value.sentence
    begin_anew(tmp_path, randomness=chance(), at=NOW + 1)
    with ledger_in(tmp_path) as ledger:
        assert ledger.log()[-1].event is Event.ANEW
        assert ledger.verify()
        assert ledger.say([picture(3)], said(OWN))
    assert [one.name for one in tmp_path.glob("ledger-damaged-*.sqlite")]


@pytest.mark.parametrize("damage", sorted(READABLE))
def test_holds_open_deletions_and_the_log_are_carried_over_and_excuses_are_not(tmp_path: Path, damage: str) -> None:
    filled(tmp_path)
    DAMAGE[damage](tmp_path)
    begin_anew(tmp_path, randomness=chance(), at=NOW + 1)
    with ledger_in(tmp_path) as ledger:
        assert ledger.held([picture(1)]) == said(HOLD, reason="the court asked")
        assert ledger.own(picture(2)) is None
        assert [one for _, one in ledger.open_intents()] == [intent(id=2)]
        assert [one.event for one in ledger.log()] == [Event.HOLD, Event.DELETION, Event.ANEW]
        assert ledger.verify()


def test_a_row_that_nobody_wrote_is_damage(tmp_path: Path) -> None:
    filled(tmp_path)
    changed("UPDATE words SET disposition = 'bored'")(tmp_path)
    with ledger_in(tmp_path) as ledger, pytest.raises(LedgerTrouble) as caught:
        ledger.said_of(picture(2))
    assert caught.value.reason is Trouble.DAMAGED


def test_lines_behind_a_broken_one_are_not_carried_over(tmp_path: Path) -> None:
    filled(tmp_path)
    changed("UPDATE log SET signature = zeroblob(64) WHERE number = 2")(tmp_path)
    changed("PRAGMA user_version=99")(tmp_path)
    begin_anew(tmp_path, randomness=chance(), at=NOW + 1)
    with ledger_in(tmp_path) as ledger:
        assert [one.event for one in ledger.log()] == [Event.HOLD, Event.ANEW]
        assert ledger.verify()


def test_a_sound_ledger_is_not_left_behind(tmp_path: Path) -> None:
    filled(tmp_path)
    begin_anew(tmp_path, randomness=chance(), at=NOW + 1)
    with ledger_in(tmp_path) as ledger:
        assert ledger.own(picture(2)) == said(OWN)
    assert not list(tmp_path.glob("ledger-damaged-*"))


def test_a_fault_of_the_system_is_no_damage_and_begins_nothing(tmp_path: Path) -> None:
    filled(tmp_path)
    before = (tmp_path / FILE).read_bytes()
    (tmp_path / KEY).rename(tmp_path / "seed")
    (tmp_path / KEY).mkdir()
    with pytest.raises(LedgerTrouble) as caught:
        begin_anew(tmp_path, randomness=chance(), at=NOW + 1)
    assert caught.value.reason is not Trouble.DAMAGED
    assert (tmp_path / FILE).read_bytes() == before


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "photos").write_text("a file where the folder should be")
    with pytest.raises(LedgerTrouble) as caught:
        ledger_in(tmp_path / "photos")
    assert caught.value.reason is Trouble.READ_ONLY


def test_a_no_removes_all_but_the_log_and_the_holds(tmp_path: Path) -> None:
    with ledger_in(tmp_path) as ledger:
        ledger.say([picture(1, look=7)], said(HOLD, reason="the court asked"))
        ledger.say([picture(2)], said(IN_RECORD, reference="tab 4"))
        ledger.done(begun(ledger, intent()), "gone", at=NOW)
    (tmp_path / "ledger-damaged-1.sqlite").write_bytes(b"fingerprints")
    index_in(tmp_path).close()
    withdraw(tmp_path, randomness=chance(), at=NOW + DAY)
    assert sorted(one.name for one in tmp_path.iterdir()) == [KEY, FILE]
    with ledger_in(tmp_path) as ledger:
        assert ledger.own(picture(2)) is None
        [word] = ledger.words()
        assert (word.picture.fingerprint, word.said) == (None, said(HOLD))
        assert ledger.held([picture(1)]) == said(HOLD), "the same file is on hold still"
        assert [one.event for one in ledger.log()] == [Event.HOLD, Event.DELETION, Event.FORGOTTEN]
        assert ledger.verify()


def test_a_hold_on_what_only_its_look_tells_outlives_a_no_too(tmp_path: Path) -> None:
    with ledger_in(tmp_path) as ledger:
        ledger.say([picture(1, digest=None)], said(HOLD))
        ledger.forget(at=NOW)
        assert ledger.held([picture(1, digest=None)]) == said(HOLD)


def test_what_was_forgotten_is_not_left_in_the_file(tmp_path: Path) -> None:
    with ledger_in(tmp_path) as ledger:
        ledger.say([picture(2)], said(OWN, reason="my own knee, no patient"))
        ledger.forget(at=NOW)
        assert b"own knee" not in b"".join(one.read_bytes() for one in tmp_path.iterdir())


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_no_is_possible_whatever_the_ledger_is_like(tmp_path: Path, damage: str) -> None:
    filled(tmp_path)
    DAMAGE[damage](tmp_path)
    withdraw(tmp_path, randomness=chance(), at=NOW)
    with ledger_in(tmp_path) as ledger:
        assert ledger.own(picture(2)) is None


def test_where_nothing_was_ever_said_a_no_makes_nothing(tmp_path: Path) -> None:
    withdraw(tmp_path / "photos", randomness=chance(), at=NOW)
    assert not (tmp_path / "photos").exists()


def test_the_key_gives_a_new_index_digests_that_mean_the_same_as_before(tmp_path: Path) -> None:
    with open_index(tmp_path) as index:
        key = index.key
    (tmp_path / "index.sqlite").unlink()
    with open_index(tmp_path) as index:
        assert index.key == key
    ledger_in(tmp_path).close()
    (tmp_path / KEY).write_bytes(b"short")
    (tmp_path / "index.sqlite").unlink()
    with open_index(tmp_path) as index:
        assert index.key != key
