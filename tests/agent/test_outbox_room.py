"""The outbox is bounded, and no change is the price of it."""

import json
import os

import pytest
from outbox_parts import (
    CLOUD,
    LAPTOP,
    LOCK,
    NOON,
    PHONE,
    MemoryTransport,
    in_memory,
    name,
    outbox,
    parcel,
    told,
    trouble,
)

from agent.outbox_model import OutboxFull, Outcome
from agent.outbox_room import pack
from reports.deliver.bodies import opened, runs
from reports.deliver.errors import Reason
from reports.envelope import EnvelopeError

tmp_path = pytest.fixture(in_memory)

TWO_LETTERS = 3500
"""Room for two letters of a thousand bytes and their statuses, not for three."""


def filled(tmp_path, *statuses, limit=TWO_LETTERS, **changes):
    box = outbox(tmp_path, limit_bytes=limit)
    for number, each in enumerate(statuses):
        box.enqueue(parcel(number, each, pad=1000, **changes), now=NOON)
    return box


def test_sent_letters_make_room_first_oldest_first(tmp_path):
    box, post = filled(tmp_path, "pp", "fp"), MemoryTransport()
    box.deliver_due(post, now=NOON)
    receipt = box.enqueue(parcel(3, "pf", pad=1000), now=NOON)
    assert receipt.folded == 0
    assert [one.id for one in box.sent(9)] == [name(1)]
    assert [one.body for one in box.show()] == [parcel(3, "pf", pad=1000).body]


def test_purged_report_is_still_known(tmp_path):
    box, post = filled(tmp_path, "pp", "fp"), MemoryTransport()
    box.deliver_due(post, now=NOON)
    box.enqueue(parcel(3, "pf", pad=1000), now=NOON)
    assert box.enqueue(parcel(0, "pp", pad=1000), now=NOON).outcome is Outcome.DUPLICATE


def test_oldest_reports_travel_inside_newer_ones(tmp_path):
    box = outbox(tmp_path, limit_bytes=TWO_LETTERS)
    folded = [box.enqueue(parcel(n, each, pad=1000), now=NOON).folded for n, each in enumerate(["pp", "fp", "pf"])]
    assert folded == [0, 0, 1]
    letters = box.show()
    assert [one.id for one in letters] == [name(1), name(2)]
    assert json.loads(letters[0].body) == {
        "schema": "scrubin/folded/1", "id": name(1), "device_id": LAPTOP,
        "history": [
            {"uid": LOCK, "status": "pass", "observed_at": "2026-11-21T12:00:00Z"},
            {"uid": CLOUD, "status": "pass", "observed_at": "2026-11-21T12:00:00Z"},
        ],
        "report": json.loads(parcel(1, "fp", pad=1000).body),
    }  # fmt: skip


def test_folded_report_keeps_its_bytes(tmp_path):
    box = filled(tmp_path, "pp", "fp", "pf")
    assert parcel(1, "fp", pad=1000).body in box.show()[0].body


def test_history_keeps_each_transition_and_its_first_sight(tmp_path):
    box = filled(tmp_path, "pp", "fp", "fe", "pe", "pe", "pu", "fu")
    history = [one for letter in box.show() for one in json.loads(letter.body).get("history", [])]
    assert [(one["status"], one["observed_at"][11:16]) for one in history if one["uid"] == LOCK] == [
        ("pass", "12:00"), ("fail", "12:01"), ("pass", "12:03"),
    ]  # fmt: skip
    assert [one["status"] for one in history if one["uid"] == CLOUD] == ["pass", "error"]


def test_every_status_reaches_the_practice_in_order(tmp_path):
    sequence = ["pp", "fp", "pp", "fe", "ff", "pf", "uf", "pp"]
    box, post = filled(tmp_path, *sequence), MemoryTransport()
    box.deliver_due(post, now=NOON)
    for place, uid in enumerate((LOCK, CLOUD)):
        learned = [status[0] for _, found, status in told(post.letters) if found == uid]
        assert squeezed(learned) == squeezed([one[place] for one in sequence])


def squeezed(statuses):
    return [one for place, one in enumerate(statuses) if place == 0 or statuses[place - 1] != one]


def test_limit_itself_is_within_the_limit(tmp_path):
    size = sum(256 + len(each.body) + len(pack(each.seen)) for each in (parcel(0, "pp", pad=9), parcel(1, "fp", pad=9)))
    box = outbox(tmp_path, limit_bytes=size)
    receipts = [box.enqueue(parcel(n, each, pad=9), now=NOON) for n, each in enumerate(["pp", "fp"])]
    assert [one.folded for one in receipts] == [0, 0]
    assert box.pending().size_bytes == size


def test_devices_are_not_folded_into_each_other(tmp_path):
    box = outbox(tmp_path, limit_bytes=TWO_LETTERS)
    box.enqueue(parcel(1, "pp", pad=1000), now=NOON)
    box.enqueue(parcel(2, "fp", pad=1000, device=PHONE), now=NOON)
    with pytest.raises(OutboxFull):
        box.enqueue(parcel(3, "fp", pad=1000, device=LAPTOP[:-1] + "6"), now=NOON)
    assert [one.id for one in box.show()] == [name(1), name(2)]


def test_full_outbox_takes_nothing_and_drops_nothing(tmp_path):
    box = filled(tmp_path, "pp", limit=1500)
    before = box.show()
    for _ in range(2):
        with pytest.raises(OutboxFull) as refusal:
            box.enqueue(parcel(1, "fp", pad=1400), now=NOON)
    assert "not queued" in refusal.value.sentence
    assert box.show() == before


def test_refused_report_can_be_put_in_again_when_there_is_room(tmp_path):
    box, post = filled(tmp_path, "pp", limit=1500), MemoryTransport()
    late = parcel(1, "fp", pad=900)
    with pytest.raises(OutboxFull):
        outbox(tmp_path, limit_bytes=800).enqueue(late, now=NOON)
    box.deliver_due(post, now=NOON)
    assert box.enqueue(late, now=NOON).outcome is Outcome.QUEUED


def test_nothing_is_folded_into_a_letter_that_may_have_arrived(tmp_path):
    box, post = filled(tmp_path, "pp", "fp"), MemoryTransport()
    post.errors = {name(0): trouble(Reason.REJECTED, permanent=True), name(1): trouble(Reason.UNREACHABLE)}
    box.deliver_due(post, now=NOON)
    box.enqueue(parcel(2, "pf", pad=1000), now=NOON)
    bodies = {one.id: one.body for one in box.show()}
    assert name(1) not in bodies or bodies[name(1)] == parcel(1, "fp", pad=1000).body
    assert b'"history"' in bodies[name(2)]


def test_letter_folded_while_on_its_way_is_done_with(tmp_path):
    box, post = filled(tmp_path, "pp", "fp"), MemoryTransport()
    post.during = lambda one: box.enqueue(parcel(2, "pf", pad=1000), now=NOON) if one.id == name(0) else None
    box.deliver_due(post, now=NOON)
    assert post.ids == [name(0), name(1), name(2)]
    assert b'"history"' in post.letters[1].body
    assert box.pending().waiting == 0


def test_notes_behind_which_a_full_report_waits_make_room(tmp_path):
    box, post = filled(tmp_path, "pp"), MemoryTransport()
    box.deliver_due(post, now=NOON)
    box.enqueue(parcel(1, "pp"), now=NOON)
    box.enqueue(parcel(2, "fp", pad=1500), now=NOON)
    box.enqueue(parcel(3, "pf", pad=1000), now=NOON)
    assert [one.id for one in box.show()] == [name(2), name(3)]


def test_folding_never_makes_a_letter_that_the_console_would_refuse(tmp_path):
    box = outbox(tmp_path, limit_bytes=600_000)
    for number, each in enumerate(["pp", "fp"]):
        box.enqueue(parcel(number, each, pad=262_000), now=NOON)
    with pytest.raises(OutboxFull):
        box.enqueue(parcel(2, "pf", pad=262_000), now=NOON)
    assert all(len(one.body) <= 256 << 10 for one in box.show())


def test_file_stays_near_the_limit_through_a_year_without_a_network(tmp_path):
    limit = 64 << 10
    box = outbox(tmp_path, limit_bytes=limit)
    for number in range(365):
        box.enqueue(parcel(number, "pf" if number % 90 < 45 else "fp", pad=3000 + number % 7), now=NOON)
    assert box.pending().size_bytes <= limit
    assert os.path.getsize(tmp_path / "outbox.sqlite") <= 2 * limit + (192 << 10)


def test_runs_keep_only_what_changed():
    seen = [one for number, each in enumerate(["p", "p", "f", "f", "p"]) for one in parcel(number, each).seen]
    assert [one.observed_at.minute for one in runs(seen)] == [0, 2, 4]


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b"\xff", b'{"schema":"scrubin/folded/1"}', b'{"schema":"scrubin/folded/1","history":7}']
)
def test_garbled_letters_cannot_be_opened(body):
    with pytest.raises(EnvelopeError):
        opened(body)
