"""Killed at any instruction, ours or SQLite's, the outbox loses nothing that it promised."""

import json

import pytest
from outbox_child import LIMIT, POINTS, WORK, FileTransport, child
from outbox_parts import CLOUD, LAPTOP, LOCK, NOON, PHONE, in_memory, name, outbox, parcel

from reports.deliver import Kind, Letter

tmp_path = pytest.fixture(in_memory)


def delivered(place):
    path = place / "delivered"
    lines = path.read_text().splitlines() if path.exists() else []
    fields = ("id", "device_id", "kind", "body")
    rows = [dict(zip(fields, json.loads(line), strict=True)) for line in lines]
    return [Letter(**{**row, **typed(row)}) for row in rows]


def typed(row):
    return {"kind": Kind(row["kind"]), "body": row["body"].encode(), "created_at": NOON}


def promised(place):
    path = place / "promised"
    return [int(line) for line in path.read_text().split()] if path.exists() else []


def finish(place):
    """Start again after the kill: put in what the caller never heard to be safe, and send all."""
    box = outbox(place, limit_bytes=LIMIT)
    for number in range(len(promised(place)), len(WORK)):
        statuses, device = WORK[number]
        box.enqueue(parcel(number, statuses, pad=900, device=device or LAPTOP), now=NOON)
    # Two rounds: what the killed process held comes back when its lease ends.
    for _ in range(2):
        box.deliver_due(FileTransport(place), now=box.next_due(NOON) or NOON)
    return box


@pytest.mark.parametrize("way", ["lines", "steps"])
def test_killed_anywhere_nothing_promised_is_lost(tmp_path, way):
    out, err = child("kill", tmp_path, way).communicate(timeout=300)
    assert err == ""
    assert int(out) > POINTS
    for place in sorted(one for one in tmp_path.iterdir() if one.name != "whole"):
        box = finish(place)
        assert box.pending().waiting == 0, place
        assert box.pending().set_aside == (), place
        check(delivered(place))


def check(letters):
    """Every status arrived in order, no id with two bodies, and only the letter in hand at the kill came twice."""
    bodies = {}
    for one in letters:
        assert bodies.setdefault(one.id, one.body) == one.body
    assert len(letters) - len(bodies) <= 1
    for device in (LAPTOP, PHONE):
        for place, uid in enumerate((LOCK, CLOUD)):
            wanted = [statuses[place] for statuses, of in WORK if (of or LAPTOP) == device]
            assert squeezed(history(letters, device, uid)) == squeezed(wanted)


def history(letters, device, uid):
    """What the receiver knows of one finding, sorted by when it was observed, each sight once."""
    sights = set()
    for one in letters:
        if one.device_id == device and one.kind is Kind.FULL:
            body = json.loads(one.body)
            past = [each for each in body.get("history", []) if each["uid"] == uid]
            sights |= {(each["observed_at"], each["status"][0]) for each in past}
            number = next(n for n in range(len(WORK)) if name(n) == one.id)
            at = f"2026-11-21T12:{number:02}:00Z"
            sights |= {(at, status[0]) for found, status in body.get("report", body)["findings"] if found == uid}
    return [status for _, status in sorted(sights)]


def squeezed(statuses):
    return [one for place, one in enumerate(statuses) if place == 0 or statuses[place - 1] != one]
