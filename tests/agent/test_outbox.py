"""The outbox from outside: what goes in comes out, once each, in order, and late rather than never."""

import json
from datetime import timedelta

import pytest
from outbox_parts import LAPTOP, NOON, PHONE, MemoryTransport, in_memory, name, outbox, parcel, trouble

from agent.outbox_model import OutboxError, Outcome, Trouble
from reports.deliver import Kind
from reports.deliver.errors import Reason

tmp_path = pytest.fixture(in_memory)

AUTH = trouble(Reason.AUTH, permanent=True)
REJECTED = trouble(Reason.REJECTED, permanent=True)
GONE = trouble(Reason.UNREACHABLE)


def later(**time):
    return NOON + timedelta(**time)


def test_what_was_put_in_is_delivered_byte_for_byte(tmp_path):
    box, post = outbox(tmp_path), MemoryTransport()
    assert box.enqueue(parcel(1), now=NOON).outcome is Outcome.QUEUED
    done = box.deliver_due(post, now=NOON)
    assert (done.sent, done.failures, done.next_due) == (1, (), None)
    assert [(one.id, one.kind, one.body) for one in post.letters] == [(name(1), Kind.FULL, parcel(1).body)]


def test_delivered_letters_are_not_sent_again(tmp_path):
    box, post = outbox(tmp_path), MemoryTransport()
    box.enqueue(parcel(1), now=NOON)
    box.deliver_due(post, now=NOON)
    assert box.deliver_due(post, now=later(days=9)).sent == 0
    assert box.pending().waiting == 0
    assert box.pending().last_delivered_at == NOON


@pytest.mark.parametrize("sent_before", [False, True])
def test_same_report_twice_is_one_letter(tmp_path, sent_before):
    box, post = outbox(tmp_path), MemoryTransport()
    box.enqueue(parcel(1), now=NOON)
    if sent_before:
        box.deliver_due(post, now=NOON)
    again = box.enqueue(parcel(1), now=NOON)
    assert (again.outcome, again.folded, again.set_aside) == (Outcome.DUPLICATE, 0, None)
    box.deliver_due(post, now=NOON)
    assert post.ids == [name(1)]


def test_another_report_under_a_known_id_is_refused(tmp_path):
    box = outbox(tmp_path)
    box.enqueue(parcel(1, "pp"), now=NOON)
    with pytest.raises(OutboxError) as refusal:
        box.enqueue(parcel(1, "ff"), now=NOON)
    assert refusal.value.reason is Trouble.CONFLICT
    assert [one.body for one in box.show()] == [parcel(1, "pp").body]


@pytest.mark.parametrize(
    "changes",
    [{"id": "../../etc/passwd"}, {"device_id": ""}, {"body": b"x" * ((256 << 10) + 1)}, {"id": name(1) + "\n"}],
)
def test_unfit_reports_are_refused(tmp_path, changes):
    with pytest.raises(OutboxError) as refusal:
        outbox(tmp_path).enqueue(parcel(1, **changes), now=NOON)
    assert refusal.value.reason is Trouble.UNFIT


def test_report_of_the_greatest_size_is_taken(tmp_path):
    assert outbox(tmp_path).enqueue(parcel(1, body=b"x" * (256 << 10)), now=NOON).outcome is Outcome.QUEUED


def test_each_device_leaves_oldest_first(tmp_path):
    box, post = outbox(tmp_path), MemoryTransport()
    for number, (device, statuses) in enumerate([(PHONE, "p"), (LAPTOP, "f"), (PHONE, "f"), (LAPTOP, "p")]):
        box.enqueue(parcel(number, statuses, device=device), now=NOON)
    box.deliver_due(post, now=NOON)
    assert post.ids == [name(0), name(1), name(2), name(3)]


def test_unchanged_result_travels_as_a_note(tmp_path):
    box, post = outbox(tmp_path), MemoryTransport()
    box.enqueue(parcel(1), now=NOON)
    assert box.enqueue(parcel(2), now=later(hours=1)).outcome is Outcome.UNCHANGED
    box.deliver_due(post, now=later(hours=1))
    assert [one.kind for one in post.letters] == [Kind.FULL, Kind.UNCHANGED]
    assert json.loads(post.letters[1].body) == {
        "schema": "scrubin/unchanged/1", "id": name(2), "device_id": LAPTOP, "since": name(1),
        "generated_at": "2026-11-21T12:02:00Z",
    }  # fmt: skip


def test_unsent_notes_become_the_newest(tmp_path):
    box, post = outbox(tmp_path), MemoryTransport()
    for number in (1, 2, 3, 4):
        box.enqueue(parcel(number), now=NOON)
    box.enqueue(parcel(5, device=PHONE), now=NOON)
    box.deliver_due(post, now=NOON)
    assert post.ids == [name(1), name(4), name(5)]


def test_note_keeps_the_place_in_the_back_off(tmp_path):
    box, post = outbox(tmp_path), MemoryTransport()
    box.enqueue(parcel(1), now=NOON)
    box.deliver_due(post, now=NOON)
    box.enqueue(parcel(2), now=NOON)
    post.errors[None] = GONE
    box.deliver_due(post, now=NOON)
    box.enqueue(parcel(3), now=NOON)
    assert box.next_due(NOON) == later(seconds=30)


def test_notes_are_done_with_where_the_transport_has_no_use_for_them(tmp_path):
    box, post = outbox(tmp_path), MemoryTransport(carries_unchanged=False)
    box.enqueue(parcel(1), now=NOON)
    box.deliver_due(post, now=NOON)
    box.enqueue(parcel(2), now=later(hours=1))
    assert box.deliver_due(post, now=later(hours=1)).sent == 0
    assert (post.ids, box.pending().waiting) == ([name(1)], 0)
    assert box.pending().last_delivered_at == NOON


@pytest.mark.parametrize(
    ("changes", "now", "outcome"),
    [
        ({}, later(days=6, hours=23), Outcome.UNCHANGED),
        ({}, later(days=7), Outcome.QUEUED),
        ({}, later(seconds=-1), Outcome.QUEUED),  # the clock went back: no age is proven
        ({"fingerprint": "other"}, later(hours=1), Outcome.QUEUED),
        ({"basis": "practice-default 4 0.1.0"}, later(hours=1), Outcome.QUEUED),
        ({"device_id": PHONE}, later(hours=1), Outcome.QUEUED),
    ],
)
def test_when_a_full_report_goes_again(tmp_path, changes, now, outcome):
    box = outbox(tmp_path)
    box.enqueue(parcel(1), now=NOON)
    assert box.enqueue(parcel(2, **changes), now=now).outcome is outcome


def test_change_back_is_a_change(tmp_path):
    box, post = outbox(tmp_path), MemoryTransport()
    for number, statuses in enumerate(["pp", "fp", "pp"]):
        box.enqueue(parcel(number, statuses), now=NOON)
    box.deliver_due(post, now=NOON)
    assert [one.kind for one in post.letters] == [Kind.FULL] * 3


def test_temporary_errors_back_off_under_a_doubling_ceiling(tmp_path):
    box, post, now = outbox(tmp_path), MemoryTransport(), NOON
    post.errors[None] = GONE
    box.enqueue(parcel(1), now=now)
    waits = []
    for _ in range(9):
        due = box.deliver_due(post, now=now).next_due
        waits.append((due - now).total_seconds())
        now = due
    assert waits == [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]


def test_jitter_is_full(tmp_path):
    box, post = outbox(tmp_path, random=lambda: 0.25), MemoryTransport()
    post.errors[None] = GONE
    box.enqueue(parcel(1), now=NOON)
    assert box.deliver_due(post, now=NOON).next_due == later(seconds=7.5)


def test_jitter_of_nothing_does_not_spin(tmp_path):
    box, post = outbox(tmp_path, random=lambda: 0.0), MemoryTransport()
    post.errors[None] = GONE
    box.enqueue(parcel(1), now=NOON)
    box.deliver_due(post, now=NOON)
    assert post.attempts == [name(1)]


def test_nothing_is_tried_before_it_is_due(tmp_path):
    box, post = outbox(tmp_path), MemoryTransport()
    post.errors[None] = GONE
    box.enqueue(parcel(1), now=NOON)
    box.deliver_due(post, now=NOON)
    box.deliver_due(post, now=later(seconds=29))
    assert len(post.attempts) == 1
    box.deliver_due(post, now=later(seconds=30))
    assert len(post.attempts) == 2


def test_failing_letter_holds_back_its_own_device_only(tmp_path):
    box, post = outbox(tmp_path), MemoryTransport()
    post.errors[name(1)] = GONE
    box.enqueue(parcel(1), now=NOON)
    box.enqueue(parcel(2, "ff"), now=NOON)
    box.enqueue(parcel(3, device=PHONE), now=NOON)
    box.deliver_due(post, now=NOON)
    assert (post.attempts, post.ids) == ([name(1), name(3)], [name(3)])


def test_clock_that_goes_back_does_not_stall(tmp_path):
    box, post = outbox(tmp_path), MemoryTransport()
    post.errors[None] = GONE
    box.enqueue(parcel(1), now=later(days=3650))
    box.deliver_due(post, now=later(days=3650))
    assert box.next_due(NOON) == NOON
    post.errors.clear()
    assert box.deliver_due(post, now=NOON).sent == 1


def test_permanent_error_parks_shows_and_keeps(tmp_path):
    box, post = outbox(tmp_path), MemoryTransport()
    post.errors[None] = AUTH
    box.enqueue(parcel(1), now=NOON)
    failure = box.deliver_due(post, now=NOON).failures[0]
    assert (failure.reason, failure.permanent, failure.sentence) == (Reason.AUTH, True, "It failed: auth.")
    queue = box.pending()
    assert (queue.waiting, queue.parked, queue.problem, queue.sentence) == (1, 1, Reason.AUTH, "It failed: auth.")
    shown = box.show()[0]
    assert (shown.body, shown.parked, shown.reason, shown.attempts) == (parcel(1).body, True, Reason.AUTH, 1)


@pytest.mark.parametrize(
    ("error", "wake"),
    [
        (AUTH, lambda box: box.reconfigured(now=NOON)),
        (REJECTED, lambda box: box.reconfigured(now=NOON)),
        (AUTH, lambda box: box.enqueue(parcel(9, "ff"), now=NOON)),
    ],
    ids=["sign-in, new configuration", "refused, new configuration", "sign-in, new report"],
)
def test_what_wakes_a_parked_letter(tmp_path, error, wake):
    box, post = outbox(tmp_path), MemoryTransport()
    post.errors[None] = error
    box.enqueue(parcel(1), now=NOON)
    assert box.deliver_due(post, now=NOON).next_due == later(days=1)
    wake(box)
    post.errors.clear()
    box.deliver_due(post, now=NOON)
    assert post.ids[0] == name(1)
    assert box.pending().parked == 0


def test_new_report_does_not_wake_a_letter_that_is_at_fault(tmp_path):
    box, post = outbox(tmp_path), MemoryTransport()
    post.errors[None] = REJECTED
    box.enqueue(parcel(1), now=NOON)
    box.deliver_due(post, now=NOON)
    box.enqueue(parcel(2, "ff"), now=NOON)
    box.deliver_due(post, now=NOON)
    assert post.attempts == [name(1), name(2)]


@pytest.mark.parametrize("error", [GONE, AUTH, REJECTED])
def test_who_asks_for_it_by_hand_does_not_wait_for_the_back_off(tmp_path, error):
    box, post = outbox(tmp_path), MemoryTransport()
    box.enqueue(parcel(1), now=NOON)
    post.errors[None] = error
    assert box.deliver_due(post, now=NOON).sent == 0
    post.errors.clear()
    assert box.deliver_due(post, now=NOON).sent == 0
    box.asked_for(now=NOON)
    assert box.deliver_due(post, now=NOON).sent == 1


def test_parked_letter_is_tried_again_after_a_day(tmp_path):
    box, post = outbox(tmp_path), MemoryTransport()
    post.errors[None] = AUTH
    box.enqueue(parcel(1), now=NOON)
    box.deliver_due(post, now=NOON)
    post.errors.clear()
    assert box.deliver_due(post, now=later(hours=23)).sent == 0
    assert box.deliver_due(post, now=later(days=1)).sent == 1


def test_fault_of_the_way_keeps_the_order(tmp_path):
    box, post = outbox(tmp_path), MemoryTransport()
    post.errors[None] = AUTH
    for number, statuses in enumerate(["pp", "fp", "pp"]):
        box.enqueue(parcel(number, statuses), now=NOON)
        box.deliver_due(post, now=NOON)
    assert post.attempts == [name(0)] * 3


def test_fault_of_the_letter_lets_others_pass(tmp_path):
    box, post = outbox(tmp_path), MemoryTransport()
    post.errors[name(0)] = REJECTED
    for number, statuses in enumerate(["pp", "fp", "pp"]):
        box.enqueue(parcel(number, statuses), now=NOON)
    box.deliver_due(post, now=NOON)
    assert post.ids == [name(1), name(2)]
    assert [one.id for one in box.show()] == [name(0)]


def test_note_never_passes_the_report_that_it_points_to(tmp_path):
    box, post = outbox(tmp_path), MemoryTransport()
    box.enqueue(parcel(1), now=NOON)
    box.enqueue(parcel(2), now=NOON)
    post.errors[name(1)] = REJECTED
    box.deliver_due(post, now=NOON)
    assert post.attempts == [name(1)]


def test_refused_report_is_followed_by_a_full_one(tmp_path):
    box, post = outbox(tmp_path), MemoryTransport()
    box.enqueue(parcel(1), now=NOON)
    post.errors[name(1)] = REJECTED
    box.deliver_due(post, now=NOON)
    assert box.enqueue(parcel(2), now=NOON).outcome is Outcome.QUEUED
    box.deliver_due(post, now=NOON)
    assert post.ids == [name(2)]


def test_stop_is_heeded_between_letters(tmp_path):
    box, post = outbox(tmp_path), MemoryTransport()
    for number, statuses in enumerate(["pp", "fp", "pp"]):
        box.enqueue(parcel(number, statuses), now=NOON)
    box.deliver_due(post, now=NOON, stop=lambda: len(post.ids) == 2)
    assert (len(post.ids), box.pending().waiting) == (2, 1)


def test_letter_in_another_process_hands_is_left_alone_until_the_lease_ends(tmp_path):
    box, post, second = outbox(tmp_path), MemoryTransport(), MemoryTransport()
    box.enqueue(parcel(1), now=NOON)
    post.during = lambda _: outbox(tmp_path).deliver_due(second, now=later(seconds=299))
    post.errors[None] = GONE
    box.deliver_due(post, now=NOON)
    assert second.attempts == []


def test_note_put_in_while_its_elder_is_on_the_way_survives(tmp_path):
    box, post = outbox(tmp_path), MemoryTransport()
    box.enqueue(parcel(1), now=NOON)
    box.deliver_due(post, now=NOON)
    box.enqueue(parcel(2), now=NOON)
    post.during = lambda letter: box.enqueue(parcel(3), now=NOON) if letter.id == name(2) else None
    box.deliver_due(post, now=NOON)
    assert [one.id for one in box.show()] == [name(3)]


def test_bug_in_a_transport_loses_nothing(tmp_path):
    box, post = outbox(tmp_path), MemoryTransport()
    post.during = lambda _: 1 / 0
    box.enqueue(parcel(1), now=NOON)
    with pytest.raises(ZeroDivisionError):
        box.deliver_due(post, now=NOON)
    post.during = lambda _: None
    assert box.deliver_due(post, now=later(minutes=5)).sent == 1


def test_show_is_what_is_sent(tmp_path):
    box, post = outbox(tmp_path), MemoryTransport()
    for number, statuses in enumerate(["pp", "fp", "fp", "pp"]):
        box.enqueue(parcel(number, statuses), now=NOON)
    shown = [(one.id, one.body) for one in box.show()]
    box.deliver_due(post, now=NOON)
    assert shown == [(one.id, one.body) for one in post.letters]
    assert [one.body for one in box.sent(2)] == [one.body for one in reversed(post.letters[-2:])]


def test_empty_outbox_is_read_without_making_a_file(tmp_path):
    box = outbox(tmp_path)
    assert box.show() == ()
    assert box.next_due(NOON) is None
    assert box.pending().oldest_waiting_at is None
    assert list(tmp_path.iterdir()) == []


def test_pending_says_how_long_the_oldest_waits(tmp_path):
    box = outbox(tmp_path)
    box.enqueue(parcel(5, "pp"), now=NOON)
    box.enqueue(parcel(2, "ff"), now=NOON)
    queue = box.pending()
    assert (queue.waiting, queue.oldest_waiting_at, queue.problem) == (2, later(minutes=5), None)
