"""What was said of a picture is remembered of these contents and, as far as it reaches, of their copies."""

import stat
from pathlib import Path

import pytest
from ledger_parts import DAY, NOW, chance, ledger_in, looking, picture, said

from agent.photos.image import EMBEDDING, HEAD_BYTES, Fingerprint
from agent.photos.ledger import Ledger
from agent.photos.ledger_model import Sender, Source
from checks.clinical_images.fact import Disposition

IN_RECORD, HOLD, NONE = Disposition.IN_RECORD, Disposition.LEGAL_HOLD, Disposition.NONE
NOT_CLINICAL = Disposition.NOT_CLINICAL
LARGE = HEAD_BYTES + 1


def test_it_is_for_this_account_only(tmp_path: Path) -> None:
    ledger_in(tmp_path / "photos").close()
    modes = {one.name: stat.S_IMODE(one.stat().st_mode) for one in (tmp_path / "photos").iterdir()}
    assert modes == {"ledger.sqlite": 0o600, "ledger.key": 0o600}
    assert stat.S_IMODE((tmp_path / "photos").stat().st_mode) == 0o700


def test_all_that_was_said_is_there_when_it_is_opened_again(tmp_path: Path) -> None:
    word = said(
        Disposition.FILED_BY_SENDER, reference="tab 4", source=Source.RECORD_SYSTEM, sender=Sender.PATIENT,
        until=NOW + DAY, reason="asked",
    )  # fmt: skip
    with ledger_in(tmp_path) as ledger:
        assert ledger.say([picture(1)], word)
    with ledger_in(tmp_path) as ledger:
        assert ledger.said_of(picture(1)) == ledger.own(picture(1)) == word
        assert ledger.said_of(picture(2)) is None


def test_a_later_word_stands_in_place_of_the_first_even_where_the_clock_went_back(tmp_path: Path) -> None:
    with ledger_in(tmp_path) as ledger:
        ledger.say([picture(1)], said(IN_RECORD))
        ledger.say([picture(1)], said(NOT_CLINICAL, NOW - DAY))
        assert ledger.said_of(picture(1)) == said(NOT_CLINICAL, NOW - DAY)


def test_notes_are_cut_and_never_break_it(tmp_path: Path) -> None:
    with ledger_in(tmp_path) as ledger:
        ledger.say([picture(1)], said(IN_RECORD, reference="x" * 500, reason="\udc80" * 900))
        found = ledger.own(picture(1))
    assert found is not None
    assert (found.reference, found.reason) == ("x" * 200, "?" * 500)


def test_a_word_reaches_copies_and_the_newest_of_two_counts(tmp_path: Path) -> None:
    with ledger_in(tmp_path) as ledger:
        ledger.say([picture(1, look=7)], said(IN_RECORD))
        ledger.say([picture(2, look=7)], said(NOT_CLINICAL))
        assert ledger.said_of(picture(3, look=7)) == said(NOT_CLINICAL)
        assert ledger.said_of(picture(1, look=7)) == said(IN_RECORD), "its own word comes first"
        assert ledger.said_of(picture(3, look=8)) is None
        assert ledger.own(picture(3, look=7)) is None


@pytest.mark.parametrize("word", [Disposition.TEACHING, NONE])
def test_what_is_said_of_one_file_does_not_reach_its_copies(tmp_path: Path, word: Disposition) -> None:
    with ledger_in(tmp_path) as ledger:
        ledger.say([picture(1, look=7)], said(word))
        assert ledger.said_of(picture(2, look=7)) is None


def test_a_picture_whose_head_proves_nothing_is_known_by_its_look(tmp_path: Path) -> None:
    with ledger_in(tmp_path) as ledger:
        ledger.say([picture(1, digest=None)], said(NOT_CLINICAL))
        assert ledger.own(picture(1, digest=None)) == said(NOT_CLINICAL)
        assert ledger.own(picture(2, digest=None)) is None


def test_nothing_is_remembered_of_what_nothing_tells_apart(tmp_path: Path) -> None:
    blank = looking(picture(1, digest=None), Fingerprint(hashes=(), embedding=bytes(EMBEDDING)))
    with ledger_in(tmp_path) as ledger:
        ledger.say([blank, picture(2, look=0, digest=None)], said(NOT_CLINICAL))
        assert (ledger.said_of(blank), ledger.words()) == (None, [])


def test_the_head_of_a_large_file_does_not_excuse_another_with_the_same(tmp_path: Path) -> None:
    one = picture(1, size=LARGE)
    with ledger_in(tmp_path) as ledger:
        ledger.say([one], said(NOT_CLINICAL))
        other = picture(1, size=LARGE, modified_s=NOW, look=9)
        assert ledger.said_of(other) is None
        assert ledger.said_of(picture(1, size=LARGE, modified_s=NOW)) == said(NOT_CLINICAL), "moved"
        assert ledger.said_of(picture(1, size=LARGE, look=9)) == said(NOT_CLINICAL), "read anew"


def test_the_head_of_a_large_file_is_enough_to_hold_another(tmp_path: Path) -> None:
    with ledger_in(tmp_path) as ledger:
        ledger.say([picture(1, size=LARGE)], said(HOLD))
        assert ledger.held([picture(1, size=LARGE, modified_s=NOW, look=9)]) == said(HOLD)


def test_a_hold_reaches_every_copy_whatever_was_said_of_it(tmp_path: Path) -> None:
    with ledger_in(tmp_path) as ledger:
        ledger.say([picture(1, look=7)], said(IN_RECORD))
        ledger.say([picture(2, look=7)], said(HOLD, reason="the court asked"))
        for number in (1, 2, 3):
            found = ledger.said_of(picture(number, look=7))
            assert found == ledger.held([picture(9), picture(number, look=7)]) == said(HOLD, reason="the court asked")
        assert ledger.held([picture(9)]) is None


@pytest.mark.parametrize("number", [1, 2])
def test_a_hold_is_weakened_by_no_other_word(tmp_path: Path, number: int) -> None:
    with ledger_in(tmp_path) as ledger:
        ledger.say([picture(1, look=7)], said(HOLD))
        assert not ledger.say([picture(9), picture(number, look=7)], said(NOT_CLINICAL))
        assert ledger.own(picture(9)) is None, "all or nothing"
        assert ledger.said_of(picture(number, look=7)) == said(HOLD)
        assert ledger.say([picture(number, look=7)], said(HOLD, NOW + 1))


def test_a_lifted_hold_is_gone_for_these_contents_though_a_copy_that_is_away_was_held(tmp_path: Path) -> None:
    here, away, later = (picture(number, look=7) for number in (1, 2, 3))
    with ledger_in(tmp_path) as ledger:
        ledger.say([here, away], said(HOLD))
        ledger.lift([here], at=NOW + 1)
        assert ledger.held([here]) is None
        assert ledger.say([here], said(IN_RECORD))
        assert ledger.held([here]) is None, "also once something else was said"
        assert ledger.held([later]) == ledger.held([away]) == said(HOLD)


def test_a_new_hold_reaches_what_was_lifted_before(tmp_path: Path) -> None:
    with ledger_in(tmp_path) as ledger:
        ledger.say([picture(1, look=7)], said(HOLD))
        ledger.lift([picture(1, look=7)], at=NOW)
        ledger.say([picture(2, look=7)], said(HOLD, NOW - DAY))
        assert ledger.held([picture(1, look=7)]) == said(HOLD, NOW - DAY)


def test_where_there_are_too_many_words_no_hold_is_left_out(tmp_path: Path) -> None:
    with ledger_in(tmp_path) as ledger:
        ledger.say([picture(1)], said(HOLD))
        ledger.say([picture(2), picture(3)], said(IN_RECORD))
        assert {one.said.disposition for one in ledger.words()} == {HOLD, IN_RECORD}
        assert len(ledger.words(most=1)) == 2


def test_two_that_begin_it_at_once_share_one(tmp_path: Path) -> None:
    other = chance()
    other(1)
    with ledger_in(tmp_path) as one, Ledger.open(tmp_path, randomness=other) as two:
        one.say([picture(1)], said(IN_RECORD))
        assert two.own(picture(1)) == said(IN_RECORD)
        assert one.say([picture(2)], said(HOLD))
        assert two.held([picture(2)]) is not None
