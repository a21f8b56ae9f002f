"""The nouns of the outbox: what is put in, what is waiting, what went wrong."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from reports.deliver import Kind
from reports.deliver.bodies import Seen
from reports.deliver.errors import Reason

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
BODY_BYTES = 256 << 10
"""What the practice's console takes in one report; nothing is queued or folded beyond it."""


class Trouble(StrEnum):
    """Why the outbox could not do what it was asked."""

    FULL = "full"
    """Everything in it is unsent and cannot be packed closer."""
    NO_SPACE = "no_space"
    READ_ONLY = "read_only"
    BUSY = "busy"
    """Another process held it for too long."""
    BROKEN_DISK = "broken_disk"
    DAMAGED = "damaged"
    """Seen while reading; putting in or sending sets the file aside and goes on with a new one."""
    NEWER = "newer"
    """A newer version of the program wrote it."""
    CONFLICT = "conflict"
    """Another report is known under the same id."""
    UNFIT = "unfit"
    """The report is too large, or its id is no UUID."""


class OutboxError(Exception):
    """Nothing was changed: a report being put in is NOT queued, and a report being sent is still queued."""

    def __init__(self, reason: Trouble, sentence: str) -> None:
        super().__init__(sentence)
        self.reason = reason
        self.sentence = sentence
        """For a person."""


class OutboxFull(OutboxError):
    """There is no room left and nothing that may be dropped. Keep the report and put it in again later."""

    def __init__(self) -> None:
        super().__init__(Trouble.FULL, "The outbox is full of reports that were never sent; this one is not queued.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """A report as it is put in."""

    id: str
    """The report's UUID."""
    device_id: str
    """A UUID."""
    fingerprint: str
    """Digest of what the report says, times and id left out: equal means that nothing changed."""
    basis: str
    """Policy and agent version as one text: a change calls for a full report whatever the fingerprint says."""
    body: bytes
    """The report as canonical JSON, UTF-8."""
    seen: tuple[Seen, ...]
    """Status of each finding: what must survive if a newer report has to stand for this one."""
    created_at: datetime
    """Aware, UTC."""


class Outcome(StrEnum):
    """What became of a report that was put in."""

    QUEUED = "queued"
    UNCHANGED = "unchanged"
    """Queued as word that nothing changed since the last full report."""
    DUPLICATE = "duplicate"
    """It had been put in before; nothing was done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The report is on the disk."""

    outcome: Outcome
    folded: int
    """How many older unsent reports now travel as history inside newer ones, to make room."""
    set_aside: str | None
    """Name of the damaged file that was put aside, next to the new one, on this very call; None: all is well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """One letter that is still to be sent."""

    id: str
    device_id: str
    kind: Kind
    body: bytes
    """The exact bytes that would be sent."""
    created_at: datetime
    attempts: int
    reason: Reason | None
    """What the last attempt met; None before the first."""
    parked: bool
    """The last error was permanent: it waits for a change of configuration."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """How the outbox stands."""

    waiting: int
    """Letters not yet sent, the parked ones too."""
    parked: int
    oldest_waiting_at: datetime | None
    last_delivered_at: datetime | None
    size_bytes: int
    problem: Reason | None
    """What the oldest letter that failed met."""
    sentence: str
    """The same for a person; "" without a problem."""
    set_aside: tuple[str, ...]
    """Names of damaged outbox files kept beside this one."""
    tried_at: datetime | None = None
    """When one that still waits was last tried."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One letter that did not arrive this time."""

    id: str
    device_id: str
    reason: Reason
    permanent: bool
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """What one round of sending did."""

    sent: int
    failures: tuple[Failure, ...]
    next_due: datetime | None
    """When to try again; None: nothing waits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How the outbox behaves."""

    limit_bytes: int = 16 << 20
    """Letters and what belongs to them; the file itself may be somewhat larger."""
    full_every: timedelta = timedelta(days=7)
    """After this long a full report goes although nothing changed."""
    retry_base_s: float = 30.0
    retry_cap_s: float = 3600.0
    parked_s: float = 86400.0
    """A parked letter is tried again after this long, in case the fault was the receiver's and has passed."""
    patience_s: float = 6 * 3600.0
    """A receiver that asks for more time than this is asked again after it."""
    chained: bool = False
    """Each report has a place in its device's chain from its first attempt on: what was tried is neither folded nor
    replaced, since whoever reads the chain would miss it."""
    lease_s: float = 300.0
    """A letter in the hands of a process that was killed is tried again after this long."""
