"""Ways around the rules that somebody tried: a hold painted over, a word made by a note, a deletion without an end."""

from datetime import UTC
from pathlib import Path

import pytest

from agent.photos.index import digest
from agent.photos.review.model import Removal, Removed
from agent.photos.review.rules import ReviewRefusal, Why
from checks.clinical_images.fact import Disposition
from tests.agent.photos.ledger_parts import DAY, NOW, picture, said
from tests.agent.photos.review.acts_parts import Bench
from tests.agent.photos.review.laptop_removal_parts import Watched, contents, files, marked, put, real_folder
from tests.agent.photos.review.test_review_settle import cut_short, outcomes

folder = pytest.fixture(real_folder)
HOLD, IN_RECORD, TEACHING = Disposition.LEGAL_HOLD, Disposition.IN_RECORD, Disposition.TEACHING
DATA = b"a copy without time, place and device"


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(folder=tmp_path)


def refused(act, *arguments) -> Why:
    with pytest.raises(ReviewRefusal) as stopped:
        act(*arguments)
    return stopped.value.why


def test_an_equal_copy_for_teaching_ends_no_hold(bench: Bench, tmp_path: Path) -> None:
    with bench.index() as index:
        mark = digest(index.key, len(DATA), DATA)
    original, copy = bench.scan(picture(1), picture(2, size=len(DATA), digest=mark))
    bench.review.say([copy], said(HOLD))
    meant = said(TEACHING, until=NOW + 90 * DAY)
    assert refused(bench.review.keep_for_teaching, original, DATA, ".jpg", meant, tmp_path / "Pictures") is Why.ON_HOLD
    assert list((tmp_path / "Pictures" / "Teaching").iterdir()) == []
    with bench.index() as index, bench.ledger() as ledger:
        assert ledger.held(list(index.for_review([copy]).values())) is not None


def test_of_a_picture_that_was_put_on_hold_meanwhile_no_copy_for_teaching_is_made(bench: Bench, tmp_path: Path) -> None:
    ids = bench.group()
    bench.page().say(ids, said(HOLD))
    assert refused(bench.review.keep_for_teaching, ids[0], DATA, ".jpg", said(TEACHING), tmp_path) is Why.ON_HOLD


def test_a_copy_for_teaching_that_a_scan_just_found_stays_that(bench: Bench, tmp_path: Path) -> None:
    [original] = bench.scan(picture(1, look=7))
    with bench.index() as index:
        mark = digest(index.key, len(DATA), DATA)
    meant = said(TEACHING, until=NOW + 90 * DAY)
    bench.review.keep_for_teaching(original, DATA, ".jpg", meant, tmp_path / "Pictures")
    [copy] = bench.scan(picture(2, look=7, size=len(DATA), digest=mark))
    bench.review.say([original, copy], said(IN_RECORD))
    with bench.index() as index, bench.ledger() as ledger:
        assert ledger.own(index.for_review([copy])[copy]) == meant


def test_a_note_says_nothing_of_a_copy_of_which_nothing_was_said(bench: Bench) -> None:
    spoken, other = bench.scan(picture(1, look=7), picture(2, look=7))
    bench.review.say([spoken], said(IN_RECORD))
    bench.review.refer([spoken, other], "DOC 4711")
    with bench.index() as index, bench.ledger() as ledger:
        rows = index.for_review([spoken, other])
        assert ledger.own(rows[other]) is None
        word = ledger.own(rows[spoken])
    assert word is not None
    assert (word.reference, word.disposition) == ("DOC 4711", IN_RECORD)


def test_a_deletion_that_nobody_can_tell_any_more_is_closed_by_the_person_and_logged_as_that(bench: Bench) -> None:
    cut_short(bench)
    bench.laptop.blind = True
    assert bench.page().settle() == 1
    [(number, _)] = bench.page().unsettled()
    bench.page().close([number + 1])
    assert bench.page().settle() == 1, "another was meant"
    bench.page().close([number])
    assert (bench.page().settle(), outcomes(bench)) == (0, ["untold"])
    with bench.ledger() as ledger:
        assert "nobody could tell whether it was deleted" in ledger.log_text(UTC)


def test_what_a_power_cut_left_is_not_blamed_on_the_disk(bench: Bench) -> None:
    cut_short(bench)
    bench.laptop.files["/home/ann/Pictures/1.jpg"] = b"put back by the remover"
    bench.page().settle()
    with bench.ledger() as ledger:
        text = ledger.log_text(UTC)
    assert "not deleted, as it was cut short" in text
    assert "fault" not in text


def test_a_picture_whose_name_is_taken_once_it_is_deleted_is_logged_as_deleted(folder) -> None:
    path = put(folder / "wound.jpg")
    door = Watched(lambda name, count: path.write_bytes(b"a sync program's") if name == "flush" else None)
    assert files(door).remove(marked(path)) == Removed(outcome=Removal.REPLACED, left=1)
    assert list(contents(folder).values()) == [b"a sync program's"]


def test_the_log_says_of_it_that_it_is_deleted_and_the_index_forgets_it(bench: Bench) -> None:
    ids = bench.group()
    bench.laptop.answers["/home/ann/Pictures/1.jpg"] = Removal.REPLACED
    bench.review.say(ids, said(IN_RECORD))
    bench.review.carry_out(bench.review.prepare(ids, ids[:1], 1, delay_s=0).id)
    assert bench.counted(ids) == [None, IN_RECORD, IN_RECORD]
    with bench.ledger() as ledger:
        assert "deleted; another file has taken its name since" in ledger.log_text(UTC)
