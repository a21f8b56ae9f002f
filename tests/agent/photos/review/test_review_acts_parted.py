"""One of a group of copies is another picture: it is decided anew and by itself, and nothing of it goes unsaid."""

from pathlib import Path

import pytest

from agent.photos.ledger_apply import apply_ledger
from agent.photos.review.rules import ReviewRefusal, Why
from checks.clinical_images.fact import Disposition
from tests.agent.photos.ledger_parts import DAY, NOW, picture, said
from tests.agent.photos.review.acts_parts import Bench

IN_RECORD, HOLD, NONE = Disposition.IN_RECORD, Disposition.LEGAL_HOLD, Disposition.NONE
TEACHING = Disposition.TEACHING


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(folder=tmp_path)


def refused(act, *arguments, **named) -> Why:
    with pytest.raises(ReviewRefusal) as caught:
        act(*arguments, **named)
    return caught.value.why


def rescanned(bench: Bench, ids: list[int]) -> list[Disposition | None]:
    """What they count as once the ledger was brought in again."""
    with bench.index() as index, bench.ledger() as ledger:
        apply_ledger(index, ledger, bench.clock.at)
    return bench.counted(ids)


def test_it_is_to_be_decided_anew_and_the_others_count_as_before(bench: Bench) -> None:
    ids = bench.group()
    bench.review.say(ids, said(IN_RECORD))
    assert bench.review.set_apart(ids, ids[2]) == ids[:2]
    assert bench.counted(ids) == rescanned(bench, ids) == [IN_RECORD, IN_RECORD, NONE]


def test_nothing_of_it_is_deleted_before_something_is_said_of_it(bench: Bench) -> None:
    ids = bench.group()
    bench.review.say(ids, said(IN_RECORD))
    bench.review.set_apart(ids, ids[1])
    assert refused(bench.review.prepare, ids, ids, 3) is Why.NOT_SAID
    bench.review.say([ids[0], ids[2]], said(Disposition.FILED))
    assert refused(bench.review.prepare, [ids[1]], [ids[1]], 1) is Why.NOT_SAID
    bench.review.say([ids[1]], said(IN_RECORD))
    pending = bench.review.prepare([ids[1]], [ids[1]], 1, delay_s=0)
    assert list(bench.review.carry_out(pending.id)) == [ids[1]]
    assert bench.counted(ids) == [Disposition.FILED, None, Disposition.FILED]


def test_files_of_the_very_same_contents_move_with_it(bench: Bench) -> None:
    other = {"look": 7, "digest": bytes([9]) * 16}
    ids = bench.scan(picture(1, look=7), picture(2, **other), picture(3, **other), picture(4, look=7))
    bench.review.say(ids, said(IN_RECORD))
    assert bench.review.set_apart(ids, ids[2]) == [ids[0], ids[3]]
    assert bench.counted(ids) == rescanned(bench, ids) == [IN_RECORD, NONE, NONE, IN_RECORD]


@pytest.mark.parametrize("held", [0, 1])
def test_a_hold_on_any_of_them_must_be_lifted_first(bench: Bench, held: int) -> None:
    ids = bench.group()
    bench.review.say([ids[held]], said(HOLD))
    assert refused(bench.review.set_apart, ids, ids[1]) is Why.HELD_TOGETHER
    bench.review.lift_hold(ids)
    bench.review.set_apart(ids, ids[1])


def test_a_hold_that_only_the_index_or_only_a_copy_elsewhere_knows_must_be_lifted_too(bench: Bench) -> None:
    ids = bench.group()
    with bench.index() as index:
        index.dispose(ids[0], HOLD, at=NOW)
    assert refused(bench.review.set_apart, ids, ids[1]) is Why.HELD_TOGETHER
    bench.review.lift_hold(ids)
    with bench.ledger() as ledger:
        ledger.say([picture(50, look=7)], said(HOLD))
    assert refused(bench.review.set_apart, ids, ids[1]) is Why.HELD_TOGETHER


def test_a_hold_said_later_does_not_reach_what_was_set_apart(bench: Bench) -> None:
    ids = bench.group()
    bench.review.set_apart(ids, ids[2])
    bench.review.say(ids[:2], said(HOLD))
    assert rescanned(bench, ids) == [HOLD, HOLD, NONE]
    bench.review.say(ids[2:], said(IN_RECORD))
    pending = bench.review.prepare(ids[2:], ids[2:], 1, delay_s=0)
    bench.review.carry_out(pending.id)
    assert bench.phone.taken == ["/sdcard/DCIM/3.jpg"]


def test_a_deletion_that_waits_for_any_of_them_is_dropped(bench: Bench) -> None:
    ids = bench.group()
    bench.review.say(ids, said(IN_RECORD))
    pending = bench.review.prepare(ids, ids[:1], 1, delay_s=0)
    bench.review.set_apart(ids, ids[2])
    assert refused(bench.review.carry_out, pending.id) is Why.GONE
    assert bench.taken() == 0


def test_a_deletion_that_waits_on_another_page_meets_that_it_is_unsaid(bench: Bench) -> None:
    ids = bench.group()
    bench.review.say(ids, said(IN_RECORD))
    other = bench.page()
    pending = other.prepare(ids, ids, 3, delay_s=0)
    bench.review.set_apart(ids, ids[2])
    assert refused(other.carry_out, pending.id) is Why.CHANGED
    assert bench.taken() == 0


def test_what_holds_the_very_same_or_cannot_be_told_by_its_contents_stays(bench: Bench) -> None:
    same = bench.scan(picture(1, look=7), picture(2, look=7, digest=bytes([1]) * 16))
    assert refused(bench.review.set_apart, same, same[0]) is Why.SAME_CONTENTS
    untold = bench.scan(picture(3, look=8), picture(4, look=0, digest=None))
    for one in untold:
        assert refused(bench.review.set_apart, untold, one) is Why.SAME_CONTENTS


def test_what_is_not_of_the_group_or_no_longer_there_is_refused(bench: Bench) -> None:
    ids = bench.group()
    for group, one in ((ids[:2], ids[2]), (ids, 999), ([998], 998)):
        assert refused(bench.review.set_apart, group, one) is Why.CHANGED
    with bench.ledger() as ledger:
        assert ledger.parted().others == {}


def test_a_copy_that_is_kept_for_teaching_stays_that(bench: Bench) -> None:
    ids = bench.group()
    bench.review.say(ids[2:], said(TEACHING, until=NOW + DAY))
    bench.review.set_apart(ids, ids[2])
    assert rescanned(bench, ids) == [NONE, NONE, TEACHING]


def test_what_is_the_same_after_all_counts_as_what_was_said_of_each(bench: Bench) -> None:
    ids = bench.group()
    bench.review.say(ids, said(IN_RECORD))
    bench.review.set_apart(ids, ids[2])
    bench.review.join(ids[2:])
    assert rescanned(bench, ids) == [IN_RECORD, IN_RECORD, NONE]
    bench.review.say(ids[:2], said(HOLD))
    assert rescanned(bench, ids) == [HOLD, HOLD, HOLD]


def test_a_deletion_that_waits_for_what_is_joined_is_dropped(bench: Bench) -> None:
    ids = bench.group()
    bench.review.set_apart(ids, ids[2])
    bench.review.say(ids[2:], said(IN_RECORD))
    pending = bench.review.prepare(ids[2:], ids[2:], 1, delay_s=0)
    bench.review.join(ids[2:])
    assert refused(bench.review.carry_out, pending.id) is Why.GONE
    assert refused(bench.review.join, [999]) is Why.CHANGED
