"""The log of the ledger: lines that are signed, each with the link of the one before it.

What it proves: the lines are those that this account wrote, in this order, and none between the first and the last was
changed, put in or taken out since. What it does not prove: that whoever holds this account, and with it the key, did
not write the whole log anew; nor that the clock was right. A line says that a deletion was asked for by the person and
how it ended; it can't say what the picture showed.
"""

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import datetime, tzinfo
from typing import Any

from agent.escape import printable
from agent.photos.ledger_keys import Secret, is_signed
from agent.photos.ledger_model import REFERENCE_CHARACTERS, Entry, Event
from agent.photos.ledger_rows import cut

SCHEMA = "scrubin/photos-log/1"
FIRST_LINK = bytes(32)
KEYS = frozenset(one.name for one in fields(Entry))
FRAME = frozenset({"schema", "number", "before", "key"})
SAYS: dict[Event, str] = {
    Event.HOLD: "put on legal hold",
    Event.LIFTED: "legal hold lifted",
    Event.TEACHING: "a copy without time, place and device kept for teaching",
    Event.ANEW: "the ledger was damaged, and another was begun",
    Event.FORGOTTEN: "consent withdrawn: all but this log and the holds removed",
}
KEPT, UNTOLD = "kept", "untold"
"""How a deletion ended that was cut short and not told by a Removal."""
OUTCOMES = {
    "gone": "deleted, and looked for again",
    "already_gone": "was no longer there",
    "replaced": "deleted; another file has taken its name since",
    UNTOLD: "begun, and nobody could tell whether it was deleted: you looked yourself and closed it",
}
"""What else a deletion can come to leaves the file where it is."""
REASONS = {
    "changed": "its contents had changed",
    "linked": "it has a second name, or is a link",
    "on_hold": "it was on legal hold",
    "not_permitted": "it may not be deleted by this account",
    "read_only": "it lies on a read-only disk",
    "phone_gone": "the phone was away",
    "failed": "the disk or the phone reported a fault",
    KEPT: "it was cut short, and a file of its name was there when we looked again",
}
KEPT_REASON = "it was still there when we looked again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A line with what was signed of it."""

    number: int
    line: bytes
    signature: bytes


def write(db: sqlite3.Connection, secret: Secret, entry: Entry) -> None:
    """Put one line behind the last."""
    own = db.execute("SELECT lines, link FROM own").fetchone()
    number = own["lines"] + 1
    line = _line(entry, number=number, before=own["link"].hex(), key=secret.public())
    db.execute("INSERT INTO log VALUES (?, ?, ?)", (number, line, secret.sign(line)))
    db.execute("UPDATE own SET lines = ?, link = ?", (number, link(line)))


def lines(db: sqlite3.Connection) -> Iterator[Signed]:
    """From the first on."""
    for row in db.execute("SELECT number, line, signature FROM log ORDER BY number"):
        yield Signed(number=row["number"], line=row["line"], signature=row["signature"])


def entry(line: bytes) -> Entry:
    """Raises ValueError for what was never written there."""
    body = _body(line)
    return Entry(**{**{name: body[name] for name in KEYS}, "event": Event(body["event"])})


def link(line: bytes) -> bytes:
    """By which the next line names this one, 32 bytes."""
    return hashlib.sha256(line).digest()


def sound(log: Iterable[Signed]) -> Iterator[Signed]:
    """The lines up to the first that is not what was signed, or does not follow the one before it."""
    before = FIRST_LINK
    for place, one in enumerate(log, 1):
        try:
            body = _body(one.line)
        except ValueError:
            return
        follows = (body["number"], body["before"], one.number) == (place, before.hex(), place)
        if not follows or not is_signed(one.line, one.signature, body["key"]):
            return
        before = link(one.line)
        yield one


def is_whole(db: sqlite3.Connection) -> bool:
    """Every line is what was signed, and none is missing, at the end neither."""
    own = db.execute("SELECT lines, link FROM own").fetchone()
    there = list(lines(db))
    last = there[-1].line if there else None
    ends: bool = own["link"] == (FIRST_LINK if last is None else link(last))
    return ends and len(there) == own["lines"] == sum(1 for _ in sound(there))


def text(log: Iterable[Signed], *, whole: bool, zone: tzinfo) -> str:
    """For the clinician, to keep or to hand on. No path, no name of a file, no picture."""
    there = list(log)
    keys = dict.fromkeys(_body(one.line)["key"] for one in sound(there))
    said = "Every line is as it was signed." if whole else "NOT every line is as it was signed: do not rely on it."
    head = ["What became of pictures on this laptop and its phones, as scrubin logged it.", said]
    signed = [f"Signed with ed25519 by the key {key}" for key in keys]
    return "\n".join([*head, *signed, "", *(_told(one, zone) for one in there)]) + "\n"


def _told(one: Signed, zone: tzinfo) -> str:
    try:
        found = entry(one.line)
        at = datetime.fromtimestamp(found.at, zone)
    except (ValueError, OverflowError, OSError):  # no line of ours, or a moment that no calendar has
        return f"{one.number}. this line can't be read"
    parts = [f"{one.number}. {at:%Y-%m-%d %H:%M:%S %z}", _what(found)]
    if found.pictures != 1:
        parts.append(f"{found.pictures} files")
    if found.place:
        parts.append(f"on the {found.device} in {found.place.replace('_', ' ')}")
    if found.disposition:
        parts.append(f"said: {found.disposition.replace('_', ' ')}")
    if found.reference:
        parts.append(f"note: {printable(' '.join(found.reference.split()), 4 * REFERENCE_CHARACTERS)}")
    if found.sha256:
        parts.append(f"SHA-256 {found.sha256}")
    return "; ".join(parts)


def _what(found: Entry) -> str:
    if found.event is not Event.DELETION:
        return SAYS[found.event]
    return OUTCOMES.get(found.outcome) or f"not deleted, as {REASONS.get(found.outcome, KEPT_REASON)}"


def _line(found: Entry, *, number: int, before: str, key: str) -> bytes:
    body: dict[str, Any] = {name: getattr(found, name) for name in sorted(KEYS)}
    body["reference"] = cut(found.reference, REFERENCE_CHARACTERS)
    frame = {"schema": SCHEMA, "number": number, "before": before, "key": key}
    return json.dumps({**frame, **body}, ensure_ascii=True, separators=(",", ":")).encode()


def _body(line: bytes) -> dict[str, Any]:
    """Raises ValueError for what was never written there."""
    body = json.loads(line)
    if not isinstance(body, dict) or body.keys() != KEYS | FRAME or body["schema"] != SCHEMA:
        raise ValueError("no line of the log")
    if any(type(body[one]) is not (int if one in ("number", "at", "pictures") else str) for one in body):
        raise ValueError("no line of the log")
    return body
