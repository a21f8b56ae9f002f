"""Makes room in the outbox without losing a change: sent letters go first, then reports travel inside newer ones."""

import json
import sqlite3
from collections.abc import Iterable
from datetime import datetime

from agent.outbox_model import BODY_BYTES, OutboxFull
from checks.model import Status
from reports.deliver.bodies import Seen, folded, runs, utc_text

ROW_BYTES = 256
"""What a letter takes besides its texts."""


def make_room(db: sqlite3.Connection, limit_bytes: int, *, chained: bool = False) -> int:
    """Bring the letters under the limit and say how many were folded. Raises OutboxFull.

    `chained`: letters that were tried stay as they are.
    """
    if used(db) > limit_bytes:
        _purge_sent(db, limit_bytes)
    if used(db) > limit_bytes:
        _drop_overtaken(db, chained)
    count = 0
    while used(db) > limit_bytes:
        if not _fold_oldest(db, chained):
            raise OutboxFull
        count += 1
    return count


def used(db: sqlite3.Connection) -> int:
    """Bytes of all letters, sent ones too."""
    return int(db.execute("SELECT coalesce(sum(size), 0) FROM parcels").fetchone()[0])


def size(body: bytes, *texts: str) -> int:
    """What a letter counts for."""
    return ROW_BYTES + len(body) + sum(len(text) for text in texts)


def pack(seen: Iterable[Seen]) -> str:
    """Statuses as they are stored."""
    return json.dumps([[one.uid, one.status, utc_text(one.observed_at)] for one in seen], separators=(",", ":"))


def unpack(text: str) -> tuple[Seen, ...]:
    """The reverse of `pack`. Raises ValueError for what `pack` never wrote."""
    try:
        return tuple(
            Seen(uid=uid, status=Status(status), observed_at=datetime.fromisoformat(at))
            for uid, status, at in json.loads(text)
        )
    except TypeError as error:
        raise ValueError("no statuses") from error


def _purge_sent(db: sqlite3.Connection, limit_bytes: int) -> None:
    """Oldest first, as many as it takes."""
    excess = used(db) - limit_bytes
    for seq, count in db.execute("SELECT seq, size FROM parcels WHERE sent_at IS NOT NULL ORDER BY seq").fetchall():
        if excess <= 0:
            return
        db.execute("DELETE FROM parcels WHERE seq=?", (seq,))
        excess -= count


def _drop_overtaken(db: sqlite3.Connection, chained: bool) -> None:
    """Word of no change goes where a newer full report of the device waits too: the device is heard from either way."""
    db.execute(
        """DELETE FROM parcels WHERE kind='unchanged' AND sent_at IS NULL AND NOT (? AND attempts) AND EXISTS (
            SELECT 1 FROM parcels newer WHERE newer.device_id = parcels.device_id AND newer.seq > parcels.seq
            AND newer.kind = 'full' AND newer.sent_at IS NULL)""",
        (chained,),
    )


def _fold_oldest(db: sqlite3.Connection, chained: bool) -> bool:
    """Fold the oldest unsent report that can be into the next one of its device; False: none can.

    Notes that point to the older one have gone already: the newer one has overtaken them.
    The newer one must never have been tried: it may have arrived, and one id must not stand for two bodies.
    """
    pairs = db.execute(
        """SELECT old.seq, new.seq FROM parcels old JOIN parcels new ON new.seq = (
            SELECT min(seq) FROM parcels WHERE device_id = old.device_id AND seq > old.seq
            AND kind = 'full' AND sent_at IS NULL)
        WHERE old.kind = 'full' AND old.sent_at IS NULL AND NOT (? AND old.attempts) AND new.attempts = 0
        ORDER BY old.seq""",
        (chained,),
    )
    return any(_fold(db, old, new) for old, new in pairs.fetchall())


def _fold(db: sqlite3.Connection, old_seq: int, new_seq: int) -> bool:
    """Keep every status of the older report in the newer one's history. False: it saves nothing, or is too much."""
    old, new = (db.execute("SELECT * FROM parcels WHERE seq=?", (seq,)).fetchone() for seq in (old_seq, new_seq))
    history = runs((*unpack(old["history"]), *unpack(old["seen"]), *unpack(new["history"])))
    body = folded(new["body"], report_id=new["id"], device_id=new["device_id"], history=history)
    counts = size(new["body"], new["seen"], pack(history))
    if len(body) > BODY_BYTES or counts >= old["size"] + new["size"]:
        return False
    db.execute("UPDATE parcels SET history=?, size=? WHERE seq=?", (pack(history), counts, new["seq"]))
    db.execute("DELETE FROM parcels WHERE seq=?", (old["seq"],))
    return True
