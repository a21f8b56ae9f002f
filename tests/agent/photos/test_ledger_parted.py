"""What the person set apart stays apart: no word crosses over, until they say that it is the same, or withdraw all."""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from ledger_parts import DAY, NOW, chance, index_in, ledger_in, looking, picture, put_in, said

from agent.photos.image import HEAD_BYTES, Fingerprint
from agent.photos.index import Index
from agent.photos.ledger import Ledger
from agent.photos.ledger_anew import withdraw
from agent.photos.ledger_apply import apply_ledger
from agent.photos.ledger_keys import read_or_make
from agent.photos.ledger_model import LedgerTrouble, Trouble
from agent.photos.ledger_rows import of
from checks.clinical_images.fact import Disposition

IN_RECORD, HOLD, NONE = Disposition.IN_RECORD, Disposition.LEGAL_HOLD, Disposition.NONE
NOT_CLINICAL, TEACHING = Disposition.NOT_CLINICAL, Disposition.TEACHING
A, B, THIRD = (picture(number, look=7) for number in (1, 2, 3))
"""Three files of one look."""
BEFORE = (
    """CREATE TABLE own(one INTEGER PRIMARY KEY CHECK (one = 1), mark BLOB NOT NULL, lines INTEGER NOT NULL,
        link BLOB NOT NULL) STRICT""",
    """CREATE TABLE words(number INTEGER PRIMARY KEY AUTOINCREMENT, content BLOB NOT NULL UNIQUE, digest BLOB,
        size INTEGER NOT NULL, modified_s INTEGER NOT NULL, hashes BLOB, embedding BLOB, disposition TEXT NOT NULL,
        at INTEGER NOT NULL, reference TEXT NOT NULL, source TEXT NOT NULL, sender TEXT, until INTEGER,
        reason TEXT NOT NULL, lifted INTEGER NOT NULL) STRICT""",
    """CREATE TABLE intents(number INTEGER PRIMARY KEY AUTOINCREMENT, id INTEGER NOT NULL, device TEXT NOT NULL,
        path BLOB NOT NULL, size INTEGER NOT NULL, stamp INTEGER NOT NULL, modified_s INTEGER NOT NULL, digest BLOB,
        folder TEXT NOT NULL, origin TEXT NOT NULL, sha256 BLOB NOT NULL, disposition TEXT NOT NULL,
        reference TEXT NOT NULL) STRICT""",
    """CREATE TABLE log(number INTEGER PRIMARY KEY, line BLOB NOT NULL, signature BLOB NOT NULL) STRICT""",
)
"""A ledger as the version wrote it that could set nothing apart."""


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with ledger_in(tmp_path) as found:
        yield found


def apart(folder: Path) -> None:
    """A ledger in which B is another picture than A."""
    with ledger_in(folder) as ledger:
        ledger.say([A, B], said(IN_RECORD))
        assert ledger.set_apart([B], [A], at=NOW)


def changed(folder: Path, statement: str) -> None:
    with contextlib.closing(sqlite3.connect(folder / "ledger.sqlite", isolation_level=None)) as db:
        db.execute(statement)


def applied(folder: Path, ledger: Ledger, *pictures) -> list[Disposition]:
    """What they count as after a scan that found them."""
    with index_in(folder) as index:
        ids = put_in(index, *pictures)
        apply_ledger(index, ledger, NOW)
        rows = index.for_review(ids)
    return [rows[one].disposition for one in ids]


def test_pairs_are_there_when_it_is_opened_again(tmp_path: Path) -> None:
    apart(tmp_path)
    with ledger_in(tmp_path) as ledger:
        assert ledger.parted().others == {A.digest: {B.digest}, B.digest: {A.digest}}
        assert ledger.verify()


def test_what_was_said_of_it_with_the_others_is_unsaid_and_the_others_keep_it(tmp_path: Path) -> None:
    apart(tmp_path)
    with ledger_in(tmp_path) as ledger:
        assert (ledger.said_of(A), ledger.said_of(B)) == (said(IN_RECORD), said(NONE))
        assert applied(tmp_path, ledger, A, B) == [IN_RECORD, NONE]


@pytest.mark.parametrize("word", [IN_RECORD, NOT_CLINICAL, Disposition.OWN, Disposition.FILED])
def test_no_word_crosses_over_whichever_side_it_is_said_on(tmp_path: Path, ledger: Ledger, word: Disposition) -> None:
    for this, that in ((A, B), (B, A)):
        ledger.set_apart([this], [that], at=NOW)
        ledger.say([this], said(word))
        assert ledger.links().of_a_copy(ledger.parted().pictures[that.digest or b""]) is None
        assert applied(tmp_path, ledger, this, that) == [word, NONE]
        ledger.say([this], said(NONE))


def test_a_word_on_one_side_does_not_reach_a_third_that_may_be_either(tmp_path: Path, ledger: Ledger) -> None:
    ledger.say([A], said(IN_RECORD))
    assert applied(tmp_path, ledger, THIRD) == [IN_RECORD]
    Index.wipe(tmp_path)
    ledger.set_apart([B], [A], at=NOW)
    assert applied(tmp_path, ledger, THIRD, picture(9, look=8)) == [NONE, NONE]


def test_no_word_crosses_over_where_a_newer_finder_gives_both_another_look(ledger: Ledger) -> None:
    ledger.set_apart([B], [A], at=NOW)
    ledger.say([picture(1, look=8)], said(IN_RECORD))
    assert ledger.links().of_a_copy(of(picture(2, look=8))) is None
    assert ledger.links().of_a_copy(of(picture(3, look=8))) is not None


def test_words_on_other_pictures_reach_their_copies_as_before(tmp_path: Path, ledger: Ledger) -> None:
    ledger.set_apart([B], [A], at=NOW)
    ledger.say([picture(4, look=8)], said(NOT_CLINICAL))
    assert applied(tmp_path, ledger, picture(5, look=8)) == [NOT_CLINICAL]


def test_a_hold_said_later_stops_at_what_was_set_apart_and_reaches_a_third(ledger: Ledger) -> None:
    ledger.set_apart([B], [A], at=NOW)
    ledger.say([A], said(HOLD))
    assert ledger.held([B]) is None
    assert ledger.held([THIRD]) == ledger.held([A]) == said(HOLD)
    assert ledger.say([B], said(IN_RECORD))


def test_a_hold_that_was_there_first_refuses_it(ledger: Ledger) -> None:
    ledger.say([THIRD], said(HOLD))
    assert not ledger.set_apart([B], [A], at=NOW)
    assert ledger.parted().others == {}
    ledger.lift([A, B, THIRD], at=NOW)
    assert ledger.set_apart([B], [A], at=NOW)


def test_a_hold_stops_only_at_the_very_contents_that_were_looked_at(ledger: Ledger) -> None:
    """The head of a large file does not tell it from another with the same."""
    large = picture(2, look=7, size=HEAD_BYTES + 1)
    ledger.set_apart([large], [A], at=NOW)
    ledger.say([A], said(HOLD))
    mark = large.result.fingerprint
    assert mark is not None
    strange = looking(
        picture(2, look=7, size=HEAD_BYTES + 1, modified_s=NOW),
        Fingerprint(hashes=(*mark.hashes[:-1], mark.hashes[-1] ^ 1), embedding=mark.embedding),
    )
    assert (ledger.held([large]), ledger.held([strange])) == (None, said(HOLD))


def test_what_is_kept_for_teaching_stays_that(ledger: Ledger) -> None:
    ledger.say([B], said(TEACHING, until=NOW + DAY))
    ledger.set_apart([B], [A], at=NOW)
    assert ledger.own(B) == said(TEACHING, until=NOW + DAY)


def test_what_is_the_same_after_all_is_reached_again(ledger: Ledger) -> None:
    ledger.set_apart([B], [A, THIRD], at=NOW)
    ledger.set_apart([A], [THIRD], at=NOW)
    assert ledger.join([B]) == 2
    assert ledger.parted().others == {A.digest: {THIRD.digest}, THIRD.digest: {A.digest}}
    ledger.say([A], said(HOLD))
    assert ledger.held([B]) == said(HOLD)
    assert ledger.held([THIRD]) is None


def test_where_nothing_was_set_apart_nothing_is_joined(ledger: Ledger) -> None:
    assert (ledger.join([A]), ledger.parted().others) == (0, {})


def test_a_withdrawn_consent_forgets_the_pairs(tmp_path: Path) -> None:
    apart(tmp_path)
    withdraw(tmp_path, randomness=chance(), at=NOW)
    with ledger_in(tmp_path) as ledger:
        assert (ledger.parted().others, ledger.parted().pictures) == ({}, {})
    assert (B.digest or b"") not in b"".join(one.read_bytes() for one in tmp_path.iterdir())


def test_a_ledger_of_the_version_before_is_as_good(tmp_path: Path) -> None:
    mark = read_or_make(tmp_path, chance()).mark
    with contextlib.closing(sqlite3.connect(tmp_path / "ledger.sqlite", isolation_level=None)) as db:
        for statement in (*BEFORE, f"PRAGMA application_id={0x5363724C}", "PRAGMA user_version=1"):
            db.execute(statement)
        db.execute("INSERT INTO own VALUES (1, ?, 0, ?)", (mark, bytes(32)))
    with ledger_in(tmp_path) as ledger:
        assert ledger.say([A, B], said(IN_RECORD))
        assert (ledger.parted().others, ledger.join([A])) == ({}, 0)
        assert ledger.set_apart([B], [A], at=NOW)
    with ledger_in(tmp_path) as ledger:
        assert ledger.said_of(B) == said(NONE)


def test_a_version_before_can_read_it_where_nothing_was_set_apart(tmp_path: Path) -> None:
    """And where something was, it meets two tables more and no other version."""
    ledger_in(tmp_path).close()
    with contextlib.closing(sqlite3.connect(tmp_path / "ledger.sqlite")) as db:
        assert {row[0] for row in db.execute("SELECT sql FROM sqlite_master WHERE name NOT LIKE 'sqlite%'")} == {
            *BEFORE
        }
    apart(tmp_path)
    with contextlib.closing(sqlite3.connect(tmp_path / "ledger.sqlite")) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (1,)


DAMAGED_ROWS = {
    "hashes that nobody wrote": "UPDATE parted_pictures SET hashes = x'00'",
    "a picture that is missing": f"DELETE FROM parted_pictures WHERE content = x'{'01' * 16}'",
    "a picture without a pair": "DELETE FROM parted",
    "another picture": "UPDATE parted_pictures SET digest = zeroblob(16)",
}


@pytest.mark.parametrize("damage", DAMAGED_ROWS)
def test_pairs_that_nobody_wrote_are_damage(tmp_path: Path, damage: str) -> None:
    apart(tmp_path)
    changed(tmp_path, DAMAGED_ROWS[damage])
    with ledger_in(tmp_path) as ledger:
        for ask in (ledger.parted, ledger.links, lambda: ledger.held([A]), lambda: ledger.say([A], said(IN_RECORD))):
            with pytest.raises(LedgerTrouble) as caught:
                ask()
            assert caught.value.reason is Trouble.DAMAGED


@pytest.mark.parametrize("table", ["parted", "parted_pictures"])
def test_one_table_without_the_other_is_damage(tmp_path: Path, table: str) -> None:
    apart(tmp_path)
    changed(tmp_path, f"DROP TABLE {table}")
    with pytest.raises(LedgerTrouble) as caught:
        ledger_in(tmp_path)
    assert caught.value.reason is Trouble.DAMAGED
