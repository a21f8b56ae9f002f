"""Which letter is next and when, and what its attempt leaves behind in the outbox's rows."""

import sqlite3
from collections.abc import Callable, Collection, Iterator
from datetime import UTC, datetime

from agent.outbox_model import Queue, Terms, Waiting
from agent.outbox_room import unpack, used
from reports.deliver import Kind, Letter
from reports.deliver.bodies import folded
from reports.deliver.errors import ABOUT_THE_LETTER, Reason, TransportError

IN_ORDER = """SELECT * FROM parcels WHERE sent_at IS NULL ORDER BY seq"""
DOUBLINGS = 12
"""The cap of the back-off is reached long before."""


def heads(db: sqlite3.Connection) -> Iterator[sqlite3.Row]:
    """The letters that may be tried, in order: each device's oldest, and behind letters at fault the next one too.

    Word of no change never leaves before the full report that it points to.
    """
    blocked: set[str] = set()
    for row in db.execute(IN_ORDER):
        if row["device_id"] in blocked or _points_to_unsent(db, row):
            continue
        yield row
        if not _at_fault(row):
            blocked.add(row["device_id"])


def due_at(row: sqlite3.Row, now: datetime) -> datetime:
    """When a letter may be tried. A clock that went back behind the last attempt says nothing: it is due now."""
    if row["tried_at"] is None or row["tried_at"] > now.timestamp():
        return now
    return datetime.fromtimestamp(row["tried_at"] + row["wait_s"], UTC)


def next_due(db: sqlite3.Connection, now: datetime) -> datetime | None:
    """When the next letter may be tried; never in the past. None: nothing waits."""
    return min((max(now, due_at(row, now)) for row in heads(db)), default=None)


def claim(db: sqlite3.Connection, now: datetime, tried: Collection[str], lease_s: float) -> Letter | None:
    """Take the next due letter that is not in `tried`. If its process is killed it comes back after the lease."""
    for row in heads(db):
        if row["id"] not in tried and due_at(row, now) <= now:
            db.execute(
                "UPDATE parcels SET attempts = attempts + 1, tried_at = ?, wait_s = ?, parked = 0 WHERE seq = ?",
                (now.timestamp(), lease_s, row["seq"]),
            )
            return letter(row)
    return None


def mark_sent(db: sqlite3.Connection, sent: Letter, now: datetime, *, carried: bool) -> None:
    """The letter is done. It may be gone already: folded into a newer one while it was on its way."""
    db.execute("UPDATE parcels SET sent_at = ?, parked = 0 WHERE id = ?", (now.timestamp(), sent.id))
    if carried:
        db.execute("UPDATE devices SET delivered_at = ? WHERE device_id = ?", (now.timestamp(), sent.device_id))


def mark_failed(
    db: sqlite3.Connection, tried: Letter, error: TransportError, terms: Terms, random: Callable[[], float]
) -> None:
    """Say when to try again: a day later if parked, else full jitter under a doubling ceiling."""
    row = db.execute("SELECT attempts FROM parcels WHERE id = ?", (tried.id,)).fetchone()
    if row is None:
        return
    if error.reason is Reason.BASELESS and tried.kind is Kind.UNCHANGED:
        # It would say nothing at any later time either: the next report goes in full, and says all that it could.
        db.execute("DELETE FROM parcels WHERE id = ?", (tried.id,))
        forget_basis(db, tried.device_id)
        return
    ceiling = min(terms.retry_cap_s, terms.retry_base_s * 2 ** min(row["attempts"] - 1, DOUBLINGS))
    jittered_s = random() * ceiling
    # Whoever asks for time gets it, and more than the bare time: else all that it sent away would be back at once.
    asked_s = min(error.not_before_s, terms.patience_s)
    wait_s = terms.parked_s if error.permanent else asked_s + jittered_s
    db.execute(
        "UPDATE parcels SET wait_s = ?, reason = ?, parked = ?, sentence = ? WHERE id = ?",
        (wait_s, error.reason, error.permanent, error.sentence, tried.id),
    )


def forget_basis(db: sqlite3.Connection, device_id: str | None = None) -> None:
    """The next report of the device, or of every device, goes in full whatever it says."""
    db.execute("UPDATE devices SET fingerprint = '' WHERE ? IS NULL OR device_id = ?", (device_id, device_id))


def unpark(db: sqlite3.Connection, *, all_of_them: bool) -> None:
    """Let parked letters be tried at once: all, or those only that are not at fault themselves."""
    for row in db.execute("SELECT * FROM parcels WHERE sent_at IS NULL AND parked").fetchall():
        if all_of_them or not _at_fault(row):
            db.execute("UPDATE parcels SET wait_s = 0 WHERE seq = ?", (row["seq"],))


def make_due(db: sqlite3.Connection) -> None:
    """Let all be tried at once that an error put off. One that another process has in hand right now may go twice."""
    db.execute("UPDATE parcels SET wait_s = 0 WHERE sent_at IS NULL AND reason IS NOT NULL")


def letter(row: sqlite3.Row) -> Letter:
    """A row as it leaves."""
    history = unpack(row["history"])
    body = bytes(row["body"])
    if history:
        body = folded(body, report_id=row["id"], device_id=row["device_id"], history=history)
    return Letter(
        id=row["id"],
        device_id=row["device_id"],
        kind=Kind(row["kind"]),
        body=body,
        created_at=datetime.fromisoformat(row["created_at"]),
    )


def waiting(row: sqlite3.Row) -> Waiting:
    """A row as it is shown."""
    content = letter(row)
    return Waiting(
        id=content.id,
        device_id=content.device_id,
        kind=content.kind,
        body=content.body,
        created_at=content.created_at,
        attempts=row["attempts"],
        reason=Reason(row["reason"]) if row["reason"] else None,
        parked=bool(row["parked"]),
    )


def summary(db: sqlite3.Connection, set_aside: tuple[str, ...]) -> Queue:
    """How the outbox stands."""
    count, parked, tried = db.execute(
        "SELECT count(*), total(parked), max(tried_at) FROM parcels WHERE sent_at IS NULL"
    ).fetchone()
    oldest = db.execute(f"{IN_ORDER} LIMIT 1").fetchone()
    troubled = db.execute(
        "SELECT reason, sentence FROM parcels WHERE sent_at IS NULL AND reason IS NOT NULL ORDER BY seq LIMIT 1"
    ).fetchone()
    delivered = db.execute("SELECT max(delivered_at) FROM devices").fetchone()[0]
    return Queue(
        waiting=count,
        parked=int(parked),
        oldest_waiting_at=datetime.fromisoformat(oldest["created_at"]) if oldest else None,
        last_delivered_at=None if delivered is None else datetime.fromtimestamp(delivered, UTC),
        size_bytes=used(db),
        problem=Reason(troubled["reason"]) if troubled else None,
        sentence=troubled["sentence"] if troubled else "",
        set_aside=set_aside,
        tried_at=None if tried is None else datetime.fromtimestamp(tried, UTC),
    )


def _points_to_unsent(db: sqlite3.Connection, row: sqlite3.Row) -> bool:
    if row["since"] is None:
        return False
    found = db.execute("SELECT 1 FROM parcels WHERE id = ? AND sent_at IS NULL", (row["since"],)).fetchone()
    return found is not None


def _at_fault(row: sqlite3.Row) -> bool:
    return bool(row["parked"]) and row["reason"] in ABOUT_THE_LETTER
