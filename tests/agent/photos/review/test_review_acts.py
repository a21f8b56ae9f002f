"""From a word to a deletion: each step asks for all that must be so, and whatever changes on the way stops it."""

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from agent.photos.ledger_apply import apply_ledger
from agent.photos.ledger_model import Event, LedgerTrouble, Trouble
from agent.photos.review.model import Removal
from agent.photos.review.pending import Pending
from agent.photos.review.rules import ReviewRefusal, Why
from agent.photos.review.settle import OFF
from agent.photos.review.turn import turn
from checks.clinical_images.fact import Disposition
from tests.agent.photos.ledger_parts import NOW, picture, put_in, said
from tests.agent.photos.review.acts_parts import PHONE, Bench

IN_RECORD, HOLD, NONE = Disposition.IN_RECORD, Disposition.LEGAL_HOLD, Disposition.NONE
OWN, TEACHING = Disposition.OWN, Disposition.TEACHING


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(folder=tmp_path)


def refused(act, *arguments, **named) -> Why:
    with pytest.raises(ReviewRefusal) as caught:
        act(*arguments, **named)
    return caught.value.why


def ready(bench: Bench, ids: list[int], **changes) -> Pending:
    """In the record, and all of them ticked."""
    bench.review.say(ids, said(IN_RECORD, reference="tab 4"))
    return bench.review.prepare(ids, ids, len(ids), **changes)


def test_what_is_said_is_kept_of_every_copy_in_both_places(bench: Bench) -> None:
    ids = bench.group()
    bench.review.say(ids, said(IN_RECORD))
    assert bench.counted(ids) == [IN_RECORD] * 3
    with bench.ledger() as ledger:
        assert {ledger.own(picture(number, look=7)) for number in (1, 2, 3)} == {said(IN_RECORD)}


def test_copies_that_are_in_the_record_are_deleted_on_every_device_and_logged(bench: Bench) -> None:
    ids = bench.group()
    pending = ready(bench, ids)
    assert (pending.not_before, bench.taken()) == (bench.clock.s + 30, 0)
    bench.clock.pass_s(30)
    told = []
    done = bench.review.carry_out(pending.id, lambda id, removed: told.append((id, removed.outcome)))
    assert {one.outcome for one in done.values()} == {Removal.GONE}
    assert told == [(one, Removal.GONE) for one in ids]
    assert (bench.laptop.files, bench.phone.files, bench.counted(ids)) == ({}, {}, [None] * 3)
    with bench.ledger() as ledger:
        lines = ledger.log()
        assert [(one.outcome, one.disposition, one.reference) for one in lines] == [("gone", "in_record", "tab 4")] * 3
        assert [one.device for one in lines] == ["laptop", "laptop", "phone"]
        assert (ledger.open_intents(), ledger.verify()) == ([], True)


def test_what_was_not_ticked_stays(bench: Bench) -> None:
    ids = bench.group()
    bench.review.say(ids, said(IN_RECORD))
    pending = bench.review.prepare(ids, ids[:1], 1, delay_s=0)
    assert list(bench.review.carry_out(pending.id)) == ids[:1]
    assert (bench.laptop.taken, bench.counted(ids)) == (["/home/ann/Pictures/1.jpg"], [None, IN_RECORD, IN_RECORD])


def test_nothing_is_touched_before_the_time_to_undo_is_over(bench: Bench) -> None:
    pending = ready(bench, bench.group())
    bench.clock.pass_s(29)
    assert refused(bench.review.carry_out, pending.id) is Why.TOO_EARLY
    bench.clock.pass_s(1)
    assert len(bench.review.carry_out(pending.id)) == 3


def test_a_wall_clock_that_jumps_ends_no_time_to_undo(bench: Bench) -> None:
    pending = ready(bench, bench.group())
    bench.clock.at += 3600
    assert refused(bench.review.carry_out, pending.id) is Why.TOO_EARLY


def test_one_may_wait_without_end_and_then_go_on_at_once(bench: Bench) -> None:
    pending = ready(bench, bench.group(), delay_s=None)
    bench.clock.pass_s(9999)
    assert refused(bench.review.carry_out, pending.id) is Why.WAITS
    assert bench.review.wait(pending.id, 120).not_before == bench.clock.s + 120
    assert refused(bench.review.carry_out, pending.id) is Why.TOO_EARLY
    bench.review.wait(pending.id, 0)
    assert len(bench.review.carry_out(pending.id)) == 3


def test_what_was_undone_does_not_happen(bench: Bench) -> None:
    pending = ready(bench, bench.group(), delay_s=0)
    assert bench.review.pending(pending.id) == pending
    bench.review.undo(pending.id)
    bench.review.undo(pending.id)
    for act in (bench.review.carry_out, bench.review.pending, lambda id: bench.review.wait(id, 0)):
        assert refused(act, pending.id) is Why.GONE
    assert bench.taken() == 0


def test_a_request_that_comes_twice_deletes_once(bench: Bench) -> None:
    pending = ready(bench, bench.group(), delay_s=0)
    bench.review.carry_out(pending.id)
    assert refused(bench.review.carry_out, pending.id) is Why.GONE
    assert bench.taken() == 3


def test_another_page_knows_nothing_of_it(bench: Bench) -> None:
    pending = ready(bench, bench.group(), delay_s=0)
    assert refused(bench.page().carry_out, pending.id) is Why.GONE


@pytest.mark.parametrize("word", sorted(set(Disposition) - {IN_RECORD, Disposition.FILED}))
def test_nothing_else_that_may_be_said_lets_a_picture_go(bench: Bench, word: Disposition) -> None:
    ids = bench.group()
    bench.review.say(ids, said(word))
    assert isinstance(refused(bench.review.prepare, ids, ids, 3), Why)
    assert bench.laptop.marks == []


def test_what_was_said_of_a_copy_is_not_enough_to_delete_another(bench: Bench) -> None:
    ids = bench.group()
    bench.review.say(ids[:1], said(IN_RECORD))
    with bench.index() as index, bench.ledger() as ledger:
        apply_ledger(index, ledger, NOW)
    assert bench.counted(ids) == [IN_RECORD] * 3
    assert refused(bench.review.prepare, ids, ids, 3) is Why.SAID_OF_COPY
    assert len(ready(bench, ids).marked) == 3


def test_an_index_that_differs_from_the_ledger_is_not_gone_by(bench: Bench) -> None:
    ids = bench.group()
    bench.review.say(ids, said(OWN))
    with bench.index() as index:
        for one in ids:
            index.dispose(one, IN_RECORD, at=NOW)
    assert refused(bench.review.prepare, ids, ids, 3) is Why.CHANGED


def test_the_count_that_was_confirmed_must_be_right(bench: Bench) -> None:
    ids = bench.group()
    bench.review.say(ids, said(IN_RECORD))
    assert refused(bench.review.prepare, ids, ids, 2) is Why.COUNT_DIFFERS
    assert refused(bench.review.prepare, ids, [ids[0], ids[0]], 2) is Why.COUNT_DIFFERS
    assert refused(bench.review.prepare, ids, [], 0) is Why.NOTHING_TICKED


@pytest.mark.parametrize("ticked", [[99], [1, 99], [2]])
def test_only_copies_of_this_picture_can_be_ticked(bench: Bench, ticked: list[int]) -> None:
    bench.scan(picture(1), picture(2))
    bench.review.say([1, 2], said(IN_RECORD))
    assert refused(bench.review.prepare, [1], ticked, len(ticked)) is Why.CHANGED
    assert refused(bench.review.prepare, [98], [98], 1) is Why.CHANGED


def test_the_senders_word_is_enough_only_where_the_policy_says_so_and_still_does(bench: Bench) -> None:
    ids = bench.group()
    bench.review.say(ids, said(Disposition.FILED_BY_SENDER))
    assert refused(bench.review.prepare, ids, ids, 3) is Why.SENDERS_WORD
    bench.senders_word = True
    pending = bench.review.prepare(ids, ids, 3, delay_s=0)
    bench.senders_word = False
    assert refused(bench.review.carry_out, pending.id) is Why.SENDERS_WORD
    assert bench.taken() == 0


def test_a_hold_on_one_copy_keeps_all_and_stands_until_it_is_lifted(bench: Bench) -> None:
    ids = bench.group()
    bench.review.say(ids, said(IN_RECORD))
    bench.review.say(ids[:1], said(HOLD))
    assert refused(bench.review.prepare, ids, ids[1:], 2) is Why.ON_HOLD
    assert refused(bench.review.prepare, ids[1:], ids[1:], 2) is Why.ON_HOLD, "also where the held one is not named"
    assert refused(bench.review.say, ids[1:], said(IN_RECORD)) is Why.ON_HOLD
    bench.review.lift_hold(ids)
    assert bench.counted(ids) == [NONE] * 3
    assert len(ready(bench, ids).marked) == 3


def test_a_hold_on_a_copy_whose_device_was_forgotten_keeps_the_others(bench: Bench) -> None:
    ids = bench.group()
    bench.review.say(ids[2:], said(HOLD))
    with bench.index() as index:
        index.forget(PHONE)
    assert refused(bench.review.say, ids[:2], said(IN_RECORD)) is Why.ON_HOLD
    with bench.index() as index:
        for one in ids[:2]:
            index.dispose(one, IN_RECORD, at=NOW)
    assert refused(bench.review.prepare, ids[:2], ids[:2], 2) is Why.ON_HOLD


@pytest.mark.parametrize("word", Disposition)
def test_whatever_is_said_of_a_copy_meanwhile_stops_a_deletion(bench: Bench, word: Disposition) -> None:
    ids = bench.group()
    pending = ready(bench, ids, delay_s=0)
    bench.review.say(ids[2:], said(word))
    assert refused(bench.review.carry_out, pending.id) is Why.GONE
    assert bench.taken() == 0


@pytest.mark.parametrize(("word", "why"), [(HOLD, Why.ON_HOLD), (OWN, Why.CHANGED)])
def test_whatever_another_page_says_meanwhile_stops_a_deletion(bench: Bench, word: Disposition, why: Why) -> None:
    ids = bench.group()
    pending = ready(bench, ids, delay_s=0)
    bench.page().say(ids[:1], said(word))
    assert refused(bench.review.carry_out, pending.id) is why
    assert refused(bench.review.carry_out, pending.id) is Why.GONE
    assert bench.taken() == 0


def test_a_hold_that_another_page_sets_during_a_deletion_keeps_what_is_left(bench: Bench) -> None:
    ids = bench.group()
    pending = ready(bench, ids, delay_s=0)
    other = bench.page()
    done = bench.review.carry_out(pending.id, lambda id, _: other.say(ids[1:], said(HOLD)) if id == ids[0] else None)
    assert [done[one].outcome for one in ids] == [Removal.GONE, Removal.CHANGED, Removal.CHANGED]
    assert bench.taken() == 1


def test_a_hold_on_a_copy_that_was_not_ticked_is_met_in_the_middle_too(bench: Bench) -> None:
    ids = bench.group()
    bench.review.say(ids, said(IN_RECORD))
    pending = bench.review.prepare(ids, ids[:2], 2, delay_s=0)
    other = bench.page()
    done = bench.review.carry_out(pending.id, lambda id, _: other.say(ids[2:], said(HOLD)) if id == ids[0] else None)
    assert [done[one].outcome for one in ids[:2]] == [Removal.GONE, Removal.ON_HOLD]


@pytest.mark.parametrize("change", [{"stamp": 9}, {"size": 9}, {"digest": b"x" * 16}, {"modified_s": 9}])
def test_a_copy_that_a_scan_found_changed_meanwhile_is_not_deleted(bench: Bench, change: dict[str, object]) -> None:
    ids = bench.group()
    pending = ready(bench, ids, delay_s=0)
    with bench.index() as index:
        put_in(index, replace(picture(1, look=7), **change))
    assert refused(bench.review.carry_out, pending.id) is Why.CHANGED
    assert bench.taken() == 0


def test_a_phone_that_is_away_is_told_and_the_rest_goes_on(bench: Bench) -> None:
    ids = bench.group()
    bench.attached = {"laptop"}
    pending = ready(bench, ids, delay_s=0)
    assert pending.left == {ids[2]: Removal.PHONE_GONE}
    assert bench.review.carry_out(pending.id)[ids[2]].outcome is Removal.PHONE_GONE
    assert (bench.taken(), list(bench.phone.files)) == (2, ["/sdcard/DCIM/3.jpg"])


def test_a_phone_that_goes_while_it_waits_is_not_touched(bench: Bench) -> None:
    ids = bench.group()
    pending = ready(bench, ids, delay_s=0)
    bench.attached = {"laptop"}
    assert bench.review.carry_out(pending.id)[ids[2]].outcome is Removal.PHONE_GONE
    with bench.ledger() as ledger:
        assert (len(ledger.log()), ledger.open_intents()) == (2, [])


def test_where_no_copy_can_be_deleted_nothing_waits(bench: Bench) -> None:
    bench.attached = set()
    pending = ready(bench, bench.group(), delay_s=0)
    assert (pending.marked, set(pending.left.values())) == ((), {Removal.PHONE_GONE})
    assert refused(bench.review.carry_out, pending.id) is Why.GONE


@pytest.mark.parametrize("outcome", sorted(set(Removal) - OFF - {Removal.UNSURE}))
def test_what_could_not_be_deleted_is_logged_as_such_and_stays_known(bench: Bench, outcome: Removal) -> None:
    ids = bench.group()
    bench.laptop.answers["/home/ann/Pictures/1.jpg"] = outcome
    done = bench.review.carry_out(ready(bench, ids, delay_s=0).id)
    assert done[ids[0]].outcome is outcome
    assert bench.counted(ids) == [IN_RECORD, None, None]
    with bench.ledger() as ledger:
        assert [one.outcome for one in ledger.log()] == [outcome.value, "gone", "gone"]


def test_while_one_page_deletes_another_is_refused_and_can_try_again(bench: Bench) -> None:
    pending = ready(bench, bench.group(), delay_s=0)
    with turn(bench.folder):
        assert refused(bench.review.carry_out, pending.id) is Why.BUSY
        assert refused(bench.review.settle) is Why.BUSY
    assert len(bench.review.carry_out(pending.id)) == 3


def test_of_two_pages_that_delete_the_same_one_does(bench: Bench) -> None:
    ids = bench.group()
    other = bench.page()
    first = ready(bench, ids, delay_s=0)
    second = other.prepare(ids, ids, 3, delay_s=0)
    started, go_on = threading.Event(), threading.Event()

    def hold_on() -> None:
        started.set()
        go_on.wait(30)

    bench.laptop.cut = hold_on
    thread = threading.Thread(target=bench.review.carry_out, args=(first.id,))
    thread.start()
    started.wait(30)
    why = refused(other.carry_out, second.id)
    go_on.set()
    thread.join(30)
    assert why is Why.BUSY
    assert refused(other.carry_out, second.id) is Why.CHANGED
    assert bench.taken() == 3


def test_preparing_again_drops_what_waited(bench: Bench) -> None:
    ids = bench.group()
    first = ready(bench, ids, delay_s=0)
    second = bench.review.prepare(ids[:2], ids[:1], 1, delay_s=0)
    assert refused(bench.review.carry_out, first.id) is Why.GONE
    assert list(bench.review.carry_out(second.id)) == ids[:1]


def test_nothing_is_deleted_under_a_damaged_ledger_until_the_person_begins_anew(bench: Bench) -> None:
    ids = bench.group()
    bench.review.say(ids, said(IN_RECORD))
    held = bench.scan(picture(8))
    bench.review.say(held, said(HOLD))
    pending = bench.review.prepare(ids, ids, 3, delay_s=0)
    (bench.folder / "ledger.sqlite").write_bytes(b"")
    for act in (lambda: bench.review.prepare(ids, ids, 3), lambda: bench.review.carry_out(pending.id)):
        with pytest.raises(LedgerTrouble) as caught:
            act()
        assert caught.value.reason is Trouble.DAMAGED
    assert bench.taken() == 0
    bench.review.begin_anew()
    assert refused(bench.review.say, held, said(OWN)) is Why.ON_HOLD, "the index still knew of it"
    with bench.ledger() as ledger:
        assert [one.event for one in ledger.log()] == [Event.ANEW, Event.HOLD]


def test_an_error_in_the_middle_leaves_the_rest_untouched_and_the_one_in_hand_to_settle(bench: Bench) -> None:
    ids = bench.group()
    pending = ready(bench, ids, delay_s=0)

    def broken() -> None:
        raise RuntimeError

    bench.laptop.cut = broken
    with pytest.raises(RuntimeError):
        bench.review.carry_out(pending.id)
    assert bench.taken() == 1
    with bench.ledger() as ledger:
        assert len(ledger.open_intents()) == 1
    assert bench.review.settle() == 0
    assert bench.counted(ids) == [None, IN_RECORD, IN_RECORD]


def test_copies_for_teaching_keep_their_word_when_something_is_said_of_the_picture(bench: Bench) -> None:
    ids = bench.group()
    bench.review.say(ids[:1], said(TEACHING))
    bench.review.say(ids, said(IN_RECORD))
    assert bench.counted(ids) == [TEACHING, IN_RECORD, IN_RECORD]
    bench.review.say(ids[:1], said(OWN))
    assert bench.counted(ids[:1]) == [OWN]


def test_a_hold_reaches_copies_for_teaching(bench: Bench) -> None:
    ids = bench.group()
    bench.review.say(ids[:1], said(TEACHING))
    bench.review.say(ids, said(HOLD))
    assert bench.counted(ids) == [HOLD] * 3


def test_nothing_can_be_said_of_what_is_no_longer_there(bench: Bench) -> None:
    assert refused(bench.review.say, [5], said(OWN)) is Why.CHANGED
    assert refused(bench.review.lift_hold, [5]) is Why.CHANGED
