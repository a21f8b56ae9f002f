"""Killed at any instruction, ours or SQLite's, the index is whole and has all that was put in."""

import pytest
from index_child import BATCH, POINTS, batch, child
from index_parts import MODEL, in_memory, opened

from agent.photos.index import LAPTOP

folder = pytest.fixture(in_memory)


def noted(place):
    path = place / "noted"
    return [int(line) for line in path.read_text().split()] if path.exists() else []


@pytest.mark.parametrize("way", ["lines", "steps"])
def test_killed_anywhere_the_index_is_whole(folder, way):
    out, err = child("kill", folder, way).communicate(timeout=300)
    assert err == ""
    assert int(out) > POINTS
    for place in sorted(one for one in folder.iterdir() if one.name != "whole"):
        with opened(place / "photos") as index:
            known = index.known(LAPTOP, MODEL)
            check(known, noted(place))
            assert not index.rebuilt, place
            index.put(LAPTOP, batch(9))
            assert len(index.known(LAPTOP, MODEL)["/9"]) == BATCH


def check(known, done):
    """Batches are in or out as one; all that were noted are in, and at most the one in hand besides."""
    whole = {name: len(files) for name, files in known.items() if name != "/"}
    assert set(whole.values()) <= {BATCH}
    there = {int(name[1:]) for name in whole} - {0}
    assert there - {0} in (set(done) - {0}, (set(done) | {len(done)}) - {0})
    assert ("/" in known) is bool(known)
    if there:
        assert known["/"]["changing"] == (max(there), max(there))
