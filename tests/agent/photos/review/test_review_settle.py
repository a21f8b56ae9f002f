"""A deletion that was cut short comes to its end later: gone and logged, or still there and logged as that."""

from pathlib import Path

import pytest

from agent.photos.index import Index
from agent.photos.review.model import Removal
from checks.clinical_images.fact import Disposition
from tests.agent.photos.ledger_parts import picture, said
from tests.agent.photos.review.acts_parts import PHONE, Bench

IN_RECORD = Disposition.IN_RECORD


class PowerCut(BaseException):
    """Nothing in the program may catch it."""


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(folder=tmp_path)


def outcomes(bench: Bench) -> list[str]:
    with bench.ledger() as ledger:
        assert ledger.verify()
        return [one.outcome for one in ledger.log()]


def cut_short(bench: Bench) -> list[int]:
    """The laptop's two copies are to be deleted; the first is, and then the power goes."""

    def cut() -> None:
        raise PowerCut

    ids = bench.group()
    bench.review.say(ids, said(IN_RECORD))
    pending = bench.review.prepare(ids, ids[:2], 2, delay_s=0)
    bench.laptop.cut = cut
    with pytest.raises(PowerCut):
        bench.review.carry_out(pending.id)
    return ids


def test_what_was_gone_is_logged_as_deleted_and_leaves_the_index(bench: Bench) -> None:
    ids = cut_short(bench)
    assert (outcomes(bench), bench.counted(ids)) == ([], [IN_RECORD] * 3)
    assert bench.page().settle() == 0
    assert (outcomes(bench), bench.counted(ids)) == (["gone"], [None, IN_RECORD, IN_RECORD])


def test_what_was_still_there_is_logged_as_not_deleted_and_stays(bench: Bench) -> None:
    ids = cut_short(bench)
    bench.laptop.files["/home/ann/Pictures/1.jpg"] = b"put back by the remover"
    assert bench.page().settle() == 0
    assert (outcomes(bench), bench.counted(ids)) == (["kept"], [IN_RECORD] * 3)


def test_it_is_settled_once(bench: Bench) -> None:
    cut_short(bench)
    for _ in range(3):
        assert bench.page().settle() == 0
    assert outcomes(bench) == ["gone"]


def test_what_cannot_be_told_now_is_asked_again(bench: Bench) -> None:
    cut_short(bench)
    bench.laptop.blind = True
    assert bench.page().settle() == 1
    bench.attached = {PHONE}
    assert bench.page().settle() == 1
    assert outcomes(bench) == []
    bench.laptop.blind, bench.attached = False, {"laptop"}
    assert bench.page().settle() == 0
    assert outcomes(bench) == ["gone"]


def test_a_connection_that_broke_in_the_middle_is_no_end(bench: Bench) -> None:
    ids = bench.group()
    bench.phone.answers["/sdcard/DCIM/3.jpg"] = Removal.UNSURE
    bench.review.say(ids, said(IN_RECORD))
    done = bench.review.carry_out(bench.review.prepare(ids, ids, 3, delay_s=0).id)
    assert done[ids[2]].outcome is Removal.UNSURE
    assert (outcomes(bench), bench.counted(ids)) == (["gone", "gone"], [None, None, IN_RECORD])
    del bench.phone.files["/sdcard/DCIM/3.jpg"]
    assert bench.review.settle() == 0
    assert (outcomes(bench), bench.counted(ids)) == (["gone"] * 3, [None] * 3)


def test_nothing_is_deleted_by_settling(bench: Bench) -> None:
    cut_short(bench)
    before = bench.taken()
    bench.page().settle()
    assert bench.taken() == before


def test_another_picture_that_got_the_number_in_a_new_index_stays_in_it(bench: Bench) -> None:
    cut_short(bench)
    Index.wipe(bench.folder)
    [other] = bench.scan(picture(5))
    assert other == 1, "the number of the copy that was deleted"
    bench.page().settle()
    assert (outcomes(bench), bench.counted([other])) == (["gone"], [Disposition.NONE])
