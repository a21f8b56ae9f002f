"""Reports and a transport for outbox tests."""

import hashlib
import json
import os
import tempfile
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from agent.outbox import Outbox
from agent.outbox_model import Parcel, Terms
from checks.model import Status
from reports.deliver import Kind, Letter
from reports.deliver.bodies import Seen
from reports.deliver.errors import Reason, TransportError

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
LAPTOP = "11111111-2222-4333-8444-555555555555"
PHONE = "99999999-2222-4333-8444-555555555555"
LOCK = "lock-uid"
CLOUD = "cloud-uid"


def folder_in_memory() -> tempfile.TemporaryDirectory:
    """A folder that flushes at once where the system has one, else a plain one: these tests commit thousandfold."""
    memory = "/dev/shm"
    return tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None, prefix="scrubin-test-")


def in_memory() -> Iterator[Path]:
    """The same as a fixture."""
    with folder_in_memory() as name:
        yield Path(name)


def name(number: int) -> str:
    """The id of report `number`."""
    return str(uuid.UUID(int=number, version=4))


def parcel(number: int, statuses: str = "pf", *, device: str = LAPTOP, pad: int = 0, **changes) -> Parcel:
    """Report `number`. `statuses` has a letter for each finding: (p)ass, (f)ail, (u)nknown, (e)rror."""
    at = NOON + timedelta(minutes=number)
    word = {one.value[0]: one for one in Status}
    uids = (LOCK, CLOUD, *(f"uid-{extra}" for extra in range(2, len(statuses))))
    seen = tuple(Seen(uid=uid, status=word[one], observed_at=at) for uid, one in zip(uids, statuses, strict=False))
    body = {"id": name(number), "findings": [[one.uid, one.status] for one in seen], "pad": "x" * pad}
    values = {
        "id": name(number), "device_id": device, "fingerprint": hashlib.sha256(statuses.encode()).hexdigest(),
        "basis": "practice-default 3 0.1.0", "body": json.dumps(body).encode(), "seen": seen, "created_at": at,
    }  # fmt: skip
    return Parcel(**{**values, **changes})


def outbox(folder, *, random=lambda: 1.0, connect=None, **terms) -> Outbox:
    return Outbox(str(folder / "outbox.sqlite"), random=random, terms=Terms(**terms), connect=connect)


def trouble(reason: Reason, *, permanent: bool = False) -> TransportError:
    return TransportError(permanent=permanent, reason=reason, sentence=f"It failed: {reason}.")


class MemoryTransport:
    """Remembers what it was given, and fails as told."""

    def __init__(self, *, carries_unchanged: bool = True) -> None:
        self.carries_unchanged = carries_unchanged
        self.letters: list[Letter] = []
        self.attempts: list[str] = []
        self.errors: dict[str | None, TransportError] = {}
        """By letter id; None: for every letter."""
        self.during = lambda letter: None

    def deliver(self, letter: Letter) -> None:
        self.attempts.append(letter.id)
        self.during(letter)
        if error := self.errors.get(letter.id) or self.errors.get(None):
            raise error
        self.letters.append(letter)

    @property
    def ids(self) -> list[str]:
        return [letter.id for letter in self.letters]


def told(letters) -> list[tuple[str, str, str]]:
    """Every (device, uid, status) that a receiver learns from full letters, in order, histories opened."""
    found = []
    for letter in letters:
        if letter.kind is Kind.FULL:
            body = json.loads(letter.body)
            found += [(letter.device_id, one["uid"], one["status"]) for one in body.get("history", [])]
            found += [(letter.device_id, *one) for one in body.get("report", body)["findings"]]
    return found
