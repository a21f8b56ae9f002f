"""After each scan a picture counts as what was said of it, of its copies, or of it before the index was lost."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from ledger_parts import DAY, NOW, chance, index_in, ledger_in, picture, put_in, said

from agent.collect.host import CollectError
from agent.photos.evidence import trouble
from agent.photos.index import Index
from agent.photos.index_model import Change, Reviewable
from agent.photos.ledger import Ledger
from agent.photos.ledger_apply import apply_kept, apply_ledger
from agent.photos.planted import planted_key
from checks.clinical_images.fact import Disposition
from checks.evidence import Why

IN_RECORD, HOLD, NONE = Disposition.IN_RECORD, Disposition.LEGAL_HOLD, Disposition.NONE
NOT_CLINICAL, TEACHING = Disposition.NOT_CLINICAL, Disposition.TEACHING


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    with index_in(tmp_path) as found:
        yield found


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with ledger_in(tmp_path) as found:
        yield found


def counted(index: Index, ids: list[int]) -> list[Disposition]:
    rows = index.for_review(ids)
    return [rows[one].disposition for one in ids]


def applied(index: Index, ledger: Ledger, *pictures: Reviewable, now: int = NOW) -> list[Disposition]:
    """What pictures count as after a scan that put them in."""
    ids = put_in(index, *pictures)
    apply_ledger(index, ledger, now)
    return counted(index, ids)


@pytest.mark.parametrize("word", sorted(set(Disposition) - {NONE, TEACHING}))
def test_a_new_picture_counts_as_what_was_said_of_it_or_of_a_copy(
    index: Index, ledger: Ledger, word: Disposition
) -> None:
    ledger.say([picture(1, look=7)], said(word))
    same, copy, other = picture(1, look=7), picture(2, look=7, device="a phone"), picture(3)
    assert applied(index, ledger, same, copy, other) == [word, word, NONE]


def test_it_is_done_once(index: Index, ledger: Ledger) -> None:
    ledger.say([picture(1, look=7)], said(NOT_CLINICAL))
    put_in(index, picture(1, look=7), picture(2, look=7))
    assert apply_ledger(index, ledger, NOW) == 2
    assert apply_ledger(index, ledger, NOW) == 0


def test_an_index_that_was_lost_is_told_again(tmp_path: Path, ledger: Ledger) -> None:
    ledger.say([picture(1)], said(NOT_CLINICAL))
    for key in (bytes(32), bytes([9]) * 32):
        Index.wipe(tmp_path)
        with Index.open(tmp_path, key=key) as index:
            strange = picture(1, digest=bytes([99]) * 16)  # under another key every digest is another
            assert applied(index, ledger, strange) == [NOT_CLINICAL]


def test_teaching_ends_and_is_asked_about_again(index: Index, ledger: Ledger) -> None:
    ledger.say([picture(1)], said(TEACHING, until=NOW + DAY))
    assert applied(index, ledger, picture(1), now=NOW + DAY - 1) == [TEACHING]
    assert applied(index, ledger, picture(1), now=NOW + DAY) == [NONE]


def test_teaching_of_which_nobody_knows_the_end_is_asked_about_again(index: Index, ledger: Ledger) -> None:
    [one] = put_in(index, picture(1))
    index.dispose(one, TEACHING, at=NOW)
    apply_ledger(index, ledger, NOW)
    assert counted(index, [one]) == [NONE]


def test_the_original_of_what_is_kept_for_teaching_stays_to_be_decided(index: Index, ledger: Ledger) -> None:
    ledger.say([picture(1, look=7)], said(TEACHING, until=NOW + DAY))
    assert applied(index, ledger, picture(1, look=7), picture(2, look=7)) == [TEACHING, NONE]


def test_a_copy_of_a_held_picture_is_held_whatever_it_counted_as(index: Index, ledger: Ledger) -> None:
    ids = put_in(index, *(picture(number, look=7) for number in range(1, 9)))
    for one, word in zip(ids, Disposition, strict=True):
        index.dispose(one, word, at=NOW)
    ledger.say([picture(9, look=7)], said(HOLD))
    apply_ledger(index, ledger, NOW)
    assert set(counted(index, ids)) == {HOLD}


def test_a_hold_that_was_lifted_where_the_index_was_not_reached_is_lifted(index: Index, ledger: Ledger) -> None:
    ledger.say([picture(1)], said(HOLD))
    assert applied(index, ledger, picture(1)) == [HOLD]
    ledger.lift([picture(1)], at=NOW)
    assert applied(index, ledger, picture(1)) == [NONE]


def test_a_hold_that_only_the_index_knows_stands_whatever_was_said_of_a_copy(index: Index, ledger: Ledger) -> None:
    [one] = put_in(index, picture(1, look=7))
    index.dispose(one, HOLD, at=NOW)
    ledger.say([picture(2, look=7)], said(NOT_CLINICAL))
    apply_ledger(index, ledger, NOW)
    assert counted(index, [one]) == [HOLD]


def test_what_was_said_of_a_picture_itself_comes_before_what_was_said_of_its_copy(index: Index, ledger: Ledger) -> None:
    ledger.say([picture(1, look=7)], said(IN_RECORD))
    ledger.say([picture(2, look=7)], said(NOT_CLINICAL))
    assert applied(index, ledger, *(picture(number, look=7) for number in (1, 2, 3))) == [
        IN_RECORD, NOT_CLINICAL, NOT_CLINICAL,
    ]  # fmt: skip


def test_what_counted_by_a_copy_follows_the_copy(index: Index, ledger: Ledger) -> None:
    ledger.say([picture(1, look=7)], said(NOT_CLINICAL))
    assert applied(index, ledger, picture(2, look=7)) == [NOT_CLINICAL]
    ledger.say([picture(1, look=7)], said(IN_RECORD))
    assert applied(index, ledger, picture(2, look=7)) == [IN_RECORD]


def test_what_is_said_while_a_scan_is_applied_stands(index: Index, ledger: Ledger) -> None:
    [one] = put_in(index, picture(1))
    before = index.judged()
    index.dispose(one, HOLD, at=NOW)
    assert index.change([Change(one, before[0].disposition, NOT_CLINICAL, NOW)]) == 0
    assert counted(index, [one]) == [HOLD]


def test_the_planted_picture_is_no_copy_of_anything(index: Index, ledger: Ledger) -> None:
    ledger.say([picture(1, look=7)], said(NOT_CLINICAL))
    assert applied(index, ledger, replace(picture(2, look=7), device=planted_key("laptop"))) == [NONE]


def test_where_nothing_was_ever_said_no_ledger_is_made(tmp_path: Path, index: Index) -> None:
    assert apply_kept(tmp_path, index, now=NOW) == 0
    assert not (tmp_path / "ledger.sqlite").exists()


def test_a_scan_under_a_damaged_ledger_says_that_it_cannot_tell(tmp_path: Path, index: Index) -> None:
    (tmp_path / "ledger.sqlite").write_bytes(b"")
    with pytest.raises(CollectError) as caught, trouble():
        apply_kept(tmp_path, index, now=NOW)
    assert caught.value.why is Why.UNREADABLE
    assert "begin anew" in str(caught.value)


def test_what_was_said_reaches_the_index_by_the_folder(tmp_path: Path, index: Index) -> None:
    with Ledger.open(tmp_path, randomness=chance()) as ledger:
        ledger.say([picture(1)], said(NOT_CLINICAL))
    ids = put_in(index, picture(1))
    assert apply_kept(tmp_path, index, now=NOW) == 1
    assert counted(index, ids) == [NOT_CLINICAL]
