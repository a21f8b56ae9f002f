"""Whether a report follows from the one before: a missing, altered or forked one shows, a late one closes its gap."""

import json

from reports.console.intake.arrivals import Arrival
from reports.console.intake.batch import Batch, Row
from reports.console.intake.signatures import link_of
from reports.signing import FIRST_LINK

WHOLE, GAP, BROKEN = "whole", "gap", "broken"


def follow(batch: Batch, device: Row, arrival: Arrival, *, enrolled_at: int) -> None:
    """Note the report's place on its device's row, and what is wrong with it."""
    seq, last = arrival.link.seq, device["seq"]
    first = seq == 1 and arrival.link.previous == FIRST_LINK
    if first and (last == 0 or device["received_at"] <= enrolled_at):
        _becomes(batch, device, WHOLE)
    elif seq == last + 1:
        if last == 0 or arrival.link.previous.hex() != device["link"]:
            _becomes(batch, device, BROKEN)
    elif seq > last:
        _becomes(batch, device, GAP)
    elif first and (device["chain"] != GAP or 1 in _kept(batch, device)):
        # It lost its place, or somebody has taken its part. It goes on from here, and stays marked.
        _becomes(batch, device, BROKEN)
    else:
        _late(batch, device, arrival, enrolled_at)
        return
    device["seq"], device["link"] = seq, arrival.own_link


def _becomes(batch: Batch, device: Row, state: str) -> None:
    """A broken chain is not made whole by what follows, nor a gap by what does not close it."""
    before = device["chain"]
    if before == state or (before == BROKEN and state == GAP):
        return
    device["chain"] = state
    batch.change(device, "chain", before=before, after=state, at=batch.now)
    batch.line(device, f"chain.{state}", f"report {device['seq'] + 1} was expected")


def _late(batch: Batch, device: Row, arrival: Arrival, enrolled_at: int) -> None:
    """It came after its followers: it belongs where nothing is, between what it follows and what follows it."""
    kept = _kept(batch, device)
    seq = arrival.link.seq
    same, before, after = kept.get(seq), kept.get(seq - 1), kept.get(seq + 1)
    forked = same is not None and same["received_at"] > enrolled_at
    misfit = before is not None and before["link"] != arrival.link.previous.hex()
    unfollowed = after is not None and _previous(after) != arrival.own_link
    if device["chain"] == WHOLE or forked or misfit or unfollowed:
        _becomes(batch, device, BROKEN)
    elif device["chain"] == GAP and _is_closed(batch, device, {**kept, seq: {"received_at": batch.now}}):
        _becomes(batch, device, WHOLE)


def _kept(batch: Batch, device: Row) -> dict[int, Row]:
    """The device's reports that are still kept, by their places."""
    return {row["seq"]: row for row in batch.kept_of(device["id"])}


def _is_closed(batch: Batch, device: Row, kept: dict[int, Row]) -> bool:
    """No report is missing, from one that came before the gap was seen up to the newest."""
    first = min(kept)
    before_gap = first == 1 or kept[first]["received_at"] < batch.gap_seen_at(device["id"])
    return before_gap and all(seq in kept for seq in range(first, device["seq"] + 1))


def _previous(row: Row) -> str:
    """What a kept report says that it follows. Hex."""
    return link_of(json.loads(row["proof"])).previous.hex()
