"""Reports wait here until the practice has them: nothing put in is lost, each leaves at least once under its own id.

Letters of one device leave oldest first. An error that trying again may mend is met with back-off; a permanent one
parks the letter until the configuration changes, a new report comes or a day has passed. A letter that is itself at
fault lets later ones pass it, and is parked until the configuration changes or a day has passed.
"""

import hashlib
import sqlite3
from collections.abc import Callable
from datetime import datetime, timedelta

from agent import outbox_queue as queue
from agent.outbox_model import (
    BODY_BYTES,
    UUID,
    Failure,
    OutboxError,
    Outcome,
    Parcel,
    Queue,
    Receipt,
    Round,
    Terms,
    Trouble,
    Waiting,
)
from agent.outbox_room import make_room, pack, size
from agent.outbox_store import Store
from reports.deliver import Kind, Letter, Transport
from reports.deliver.bodies import unchanged, utc_text
from reports.deliver.errors import ABOUT_THE_LETTER, TransportError

KNOWN_IDS = 2000
"""Ids remembered after their letters have gone, so that a late second copy is recognised."""


class Outbox:
    """The queue. Any number of threads and processes may use it at once."""

    def __init__(
        self,
        path: str,
        *,
        random: Callable[[], float],
        terms: Terms | None = None,
        connect: Callable[[str], sqlite3.Connection] | None = None,
    ) -> None:
        """`random` gives 0..1 and spreads retries, so that a practice's laptops do not all come back at once."""
        self._store = Store(path, connect=connect)
        self._random = random
        self._terms = terms or Terms()

    def enqueue(self, parcel: Parcel, *, now: datetime) -> Receipt:
        """Put a report in; on return it is on the disk. The same report again is a duplicate and does nothing.

        Raises OutboxFull or another OutboxError: the report is NOT queued, and the caller keeps it.
        """
        _must_fit(parcel)
        (outcome, count), aside = self._store.change(lambda db: _put(db, parcel, now, self._terms), now=now)
        return Receipt(outcome=outcome, folded=count, set_aside=aside)

    def deliver_due(self, transport: Transport, *, now: datetime, stop: Callable[[], bool] = lambda: False) -> Round:
        """Try what is due, each letter once, oldest first; `stop` is asked between letters. Raises OutboxError."""
        tried: set[str] = set()
        failures: list[Failure] = []
        sent = 0
        while not stop() and (letter := self._claim(now, tried)):
            tried.add(letter.id)
            if letter.kind is Kind.UNCHANGED and not transport.carries_unchanged:
                self._settle(letter, now, carried=False)
            elif failure := self._attempt(transport, letter, now):
                failures.append(failure)
            else:
                sent += 1
        return Round(sent=sent, failures=tuple(failures), next_due=self.next_due(now))

    def reconfigured(self, *, now: datetime) -> None:
        """The way to the practice has changed: parked letters are due at once."""
        self._store.change(lambda db: queue.unpark(db, all_of_them=True), now=now)

    def asked_for(self, *, now: datetime) -> None:
        """A person wants it sent now: what waits for its turn after an error, parked or not, is due at once."""
        self._store.change(lambda db: queue.make_due(db), now=now)

    def begin_anew(self, *, now: datetime) -> None:
        """Somebody else reads from now on, who has no earlier report to compare with: the next ones go in full."""

        def work(db: sqlite3.Connection) -> None:
            queue.forget_basis(db)
            queue.unpark(db, all_of_them=True)

        self._store.change(work, now=now)

    def next_due(self, now: datetime) -> datetime | None:
        """When `deliver_due` next has something to try, never before `now`; None: nothing waits."""
        return self._store.read(lambda db: queue.next_due(db, now))

    def pending(self) -> Queue:
        """How the outbox stands."""
        set_aside = self._store.set_aside()
        return self._store.read(lambda db: queue.summary(db, set_aside))

    def show(self) -> tuple[Waiting, ...]:
        """What would be sent, in order, with the exact bytes."""
        return self._store.read(lambda db: tuple(queue.waiting(row) for row in db.execute(queue.IN_ORDER)))

    def sent(self, last: int) -> tuple[Waiting, ...]:
        """The letters that left last, newest first, with the exact bytes; older ones make room in time."""
        newest = "SELECT * FROM parcels WHERE sent_at IS NOT NULL ORDER BY sent_at DESC, seq DESC LIMIT ?"
        return self._store.read(lambda db: tuple(queue.waiting(row) for row in db.execute(newest, (last,))))

    def _claim(self, now: datetime, tried: set[str]) -> Letter | None:
        return self._store.change(lambda db: queue.claim(db, now, tried, self._terms.lease_s), now=now)[0]

    def _attempt(self, transport: Transport, letter: Letter, now: datetime) -> Failure | None:
        try:
            transport.deliver(letter)
        except TransportError as error:
            return self._postpone(letter, error, now)
        self._settle(letter, now, carried=True)
        return None

    def _postpone(self, letter: Letter, error: TransportError, now: datetime) -> Failure:
        self._store.change(lambda db: queue.mark_failed(db, letter, error, self._terms, self._random), now=now)
        return Failure(
            id=letter.id,
            device_id=letter.device_id,
            reason=error.reason,
            permanent=error.permanent,
            sentence=error.sentence,
        )

    def _settle(self, letter: Letter, now: datetime, *, carried: bool) -> None:
        self._store.change(lambda db: queue.mark_sent(db, letter, now, carried=carried), now=now)


def _must_fit(parcel: Parcel) -> None:
    if not UUID.fullmatch(parcel.id) or not UUID.fullmatch(parcel.device_id):
        raise OutboxError(Trouble.UNFIT, "A report without a proper id cannot be queued.")
    if len(parcel.body) > BODY_BYTES:
        raise OutboxError(Trouble.UNFIT, f"A report over {BODY_BYTES >> 10} KiB cannot be queued.")


def _put(db: sqlite3.Connection, parcel: Parcel, now: datetime, terms: Terms) -> tuple[Outcome, int]:
    if _is_known(db, parcel):
        return Outcome.DUPLICATE, 0
    queue.unpark(db, all_of_them=False)
    since = _unchanged_since(db, parcel, now, terms.full_every)
    if since:
        _put_note(db, parcel, since, terms.chained)
    else:
        _put_full(db, parcel, now)
    return Outcome.UNCHANGED if since else Outcome.QUEUED, make_room(db, terms.limit_bytes, chained=terms.chained)


def _is_known(db: sqlite3.Connection, parcel: Parcel) -> bool:
    """Whether this very report was put in before; if not, remember it. Raises OutboxError for another under its id."""
    digest = hashlib.sha256(parcel.body).hexdigest()
    row = db.execute("SELECT digest FROM known WHERE id = ?", (parcel.id,)).fetchone()
    if row is None:
        db.execute("INSERT INTO known(id, digest) VALUES (?, ?)", (parcel.id, digest))
        db.execute(
            "DELETE FROM known WHERE seq <= (SELECT max(seq) FROM known) - ? AND id NOT IN (SELECT id FROM parcels)",
            (KNOWN_IDS,),
        )
        return False
    if row["digest"] != digest:
        raise OutboxError(Trouble.CONFLICT, "Another report is already known under this id.")
    return True


def _unchanged_since(db: sqlite3.Connection, parcel: Parcel, now: datetime, full_every: timedelta) -> str | None:
    """Id of the full report that still holds. None: a full report is needed."""
    last = db.execute("SELECT * FROM devices WHERE device_id = ?", (parcel.device_id,)).fetchone()
    if last is None or (last["fingerprint"], last["basis"]) != (parcel.fingerprint, parcel.basis):
        return None
    # A clock that went back behind the last full report proves no age.
    if not 0 <= now.timestamp() - last["full_at"] < full_every.total_seconds():
        return None
    marks = ",".join("?" * len(ABOUT_THE_LETTER))
    refused = db.execute(
        f"SELECT 1 FROM parcels WHERE id = ? AND sent_at IS NULL AND parked AND reason IN ({marks})",  # noqa: S608
        (last["full_id"], *ABOUT_THE_LETTER),
    ).fetchone()
    # Pointing to a report that the practice would not have tells it nothing.
    return None if refused else str(last["full_id"])


def _put_full(db: sqlite3.Connection, parcel: Parcel, now: datetime) -> None:
    _insert(db, parcel, Kind.FULL, parcel.body, seen=pack(parcel.seen), since=None)
    db.execute(
        """INSERT INTO devices(device_id, full_id, fingerprint, basis, full_at) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT(device_id) DO UPDATE SET full_id = excluded.full_id, fingerprint = excluded.fingerprint,
        basis = excluded.basis, full_at = excluded.full_at""",
        (parcel.device_id, parcel.id, parcel.fingerprint, parcel.basis, now.timestamp()),
    )


def _put_note(db: sqlite3.Connection, parcel: Parcel, since: str, chained: bool) -> None:
    """The newest word of no change says all that unsent ones before it did; it keeps their place in the back-off."""
    stays = "AND attempts = 0" if chained else ""
    older = db.execute(
        f"SELECT * FROM parcels WHERE since = ? AND sent_at IS NULL {stays} ORDER BY seq DESC LIMIT 1",  # noqa: S608
        (since,),
    ).fetchone()
    db.execute(f"DELETE FROM parcels WHERE since = ? AND sent_at IS NULL {stays}", (since,))  # noqa: S608
    body = unchanged(report_id=parcel.id, device_id=parcel.device_id, since=since, generated_at=parcel.created_at)
    _insert(db, parcel, Kind.UNCHANGED, body, seen="[]", since=since)
    if older is not None:
        columns = ("attempts", "tried_at", "wait_s", "reason", "parked", "sentence")
        db.execute(
            f"UPDATE parcels SET ({','.join(columns)}) = (?,?,?,?,?,?) WHERE id = ?",  # noqa: S608
            (*(older[name] for name in columns), parcel.id),
        )


def _insert(db: sqlite3.Connection, parcel: Parcel, kind: Kind, body: bytes, *, seen: str, since: str | None) -> None:
    db.execute(
        """INSERT INTO parcels(id, device_id, kind, since, body, seen, size, created_at) VALUES (?,?,?,?,?,?,?,?)""",
        (
            parcel.id,
            parcel.device_id,
            kind,
            since,
            body,
            seen,
            size(body, seen),
            utc_text(parcel.created_at),
        ),
    )
