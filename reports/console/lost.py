"""The lost-device sheet: what was last known of a device, dated, signed with the practice's key, and no conclusion."""

import hashlib
import json
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from reports.console import acts, practices
from reports.console.console import Console
from reports.console.fleet import code_of, verdict_of
from reports.console.fleet_device import NOT_YET, Seen, changes_of, day_states, device_of, findings_of, kept_of
from reports.console.lost_gaps import gaps_of
from reports.console.model import not_found
from reports.console.store import tables
from reports.signing import SHEET_DOMAIN, SignatureError, read_public, sign_bytes, verify_bytes
from reports.web.words import iso

SCHEMA = "scrubin/lost/1"
DAY = 86400
DAYS = 90
"""Of history."""
ASSESSMENT = timedelta(days=30)
MOST_CHANGES = 200
CHECKS = ("screen_lock", "encryption", "remote_wipe", "cloud_backup", "clinical_images", "updates")
"""What matters of a device in strange hands, in this order."""
KIND = "lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """What people say of the loss; as they said it, unchecked."""

    aware_on: date | None = None
    """When the practice became aware; None for today."""
    last_in_hand: str = ""
    told_by: str = ""


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A sheet that was given out: its exact text is what was signed."""

    id: str
    body: str
    signature: str
    public_key: str

    @cached_property
    def facts(self) -> dict[str, Any]:
        """What it says."""
        facts: dict[str, Any] = json.loads(self.body)
        return facts

    @property
    def fingerprint(self) -> str:
        """Of its text, in groups of four to be read out."""
        digest = hashlib.sha256(self.body.encode()).hexdigest()[:32]
        return " ".join(digest[at : at + 4] for at in range(0, len(digest), 4))

    def saved(self) -> bytes:
        """As a file that can be checked anywhere."""
        parts = {"schema": "scrubin/signed-sheet/1", "body": self.body, "signature": self.signature}
        return json.dumps({**parts, "public_key": self.public_key}, indent=1).encode() + b"\n"


def verify_sheet(saved: bytes, public_key: str) -> dict[str, Any]:
    """What a saved sheet says, if the practice with this key signed it. Raises SignatureError."""
    try:
        parts = json.loads(saved)
        body, signature = parts["body"], parts["signature"]
        verify_bytes(read_public(public_key), SHEET_DOMAIN, body.encode(), signature)
        facts = json.loads(body)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise SignatureError("this is no signed sheet") from error
    if not isinstance(facts, dict):
        raise SignatureError("this is no signed sheet")
    return facts


def make_sheet(
    db: sa.Connection,
    console: Console,
    *,
    practice_id: str,
    device_id: str,
    by: str,
    by_kind: str = "person",
    loss: Loss | None = None,
) -> str:
    """A new sheet's id: what is known now, signed and kept. Raises Refusal."""
    made = str(uuid.uuid4())
    facts = evidence(db, console, practice_id=practice_id, device_id=device_id, by=by, loss=loss, sheet_id=made)
    body = json.dumps(facts, sort_keys=True, separators=(",", ":"))
    practice = _practice(db, practice_id)
    signature = sign_bytes(practices.signing_key(console, practice), SHEET_DOMAIN, body.encode())
    about = {"id": made, "practice_id": practice_id, "device_id": device_id, "kind": KIND}
    kept = {"made_at": console.now(), "made_by": by[:120], "body": body, "signature": signature}
    db.execute(tables.sheets.insert().values(**about, **kept))
    acts.record(
        db, at=console.now(), practice_id=practice_id, actor_kind=by_kind, actor=by, act="sheet.made", target=made,
        detail=f"lost device {device_id}",
    )  # fmt: skip
    return made


def _practice(db: sa.Connection, practice_id: str) -> Any:
    return db.execute(sa.select(tables.practices).where(tables.practices.c.id == practice_id)).one()


def sheet_of(db: sa.Connection, practice_id: str, sheet_id: str) -> Sheet:
    """Raises Refusal where the practice has no such sheet."""
    row = tables.sheets.c
    query = sa.select(row.body, row.signature, tables.practices.c.signing_public).where(
        row.id == sheet_id, row.practice_id == practice_id, row.kind == KIND, tables.practices.c.id == row.practice_id
    )
    found = db.execute(query).one_or_none()
    if found is None:
        raise not_found()
    return Sheet(id=sheet_id, body=found.body, signature=found.signature, public_key=found.signing_public)


def sheets_of(db: sa.Connection, practice_id: str, device_id: str) -> Sequence[Any]:
    """Those of one device, the newest first."""
    row = tables.sheets.c
    mine = (row.practice_id == practice_id, row.device_id == device_id, row.kind == KIND)
    return db.execute(sa.select(row.id, row.made_at).where(*mine).order_by(row.made_at.desc()).limit(20)).all()


def evidence(
    db: sa.Connection,
    console: Console,
    *,
    practice_id: str,
    device_id: str,
    by: str,
    loss: Loss | None = None,
    sheet_id: str = "",
) -> dict[str, Any]:
    """The facts, as JSON values; nothing is kept yet. Raises Refusal where the practice has no such device."""
    now, practice = console.now(), _practice(db, practice_id)
    zone, told = ZoneInfo(practice.timezone), loss or Loss()
    device = device_of(db, practice_id, device_id)
    findings = [one for check in CHECKS for one in findings_of(db, device.id, now) if one.check_id == check]
    missing = [check for check in CHECKS if all(one.check_id != check for one in findings)]
    today = datetime.fromtimestamp(now, UTC).astimezone(zone).date()
    aware_on = told.aware_on or today
    return {
        "schema": SCHEMA,
        "case": f"L-{today.year}-{(sheet_id or device.id)[:6].upper()}",
        "made_at": iso(now),
        "made_by": by,
        "timezone": practice.timezone,
        "practice": {
            "id": practice.id,
            "name": practice.name,
            "contact": {
                "label": practice.contact_label,
                "phone": practice.contact_phone,
                "email": practice.contact_email,
            },
        },
        "device": _device(device),
        "identifiers": {"collected": False},
        "loss": {"aware_on": aware_on.isoformat(), "last_in_hand": told.last_in_hand, "told_by": told.told_by},
        "thirty_days_on": (aware_on + ASSESSMENT).isoformat(),
        "last_report": _last_report(device, now),
        "state": [_state(one) for one in findings],
        "gaps": gaps_of(device, findings, missing, now=now, zone=zone),
        "history": _history(db, device, practice, now, zone),
        "reports": _reports(db, device.id),
    }


def _device(device: Any) -> dict[str, Any]:
    return {
        "id": device.id,
        "code": code_of(device.id),
        "label": device.agent_label,
        "group": device.group_name or "",
        "kind": device.kind,
        "platform": device.platform,
        "model": device.model,
        "os_version": device.os_version,
        "ownership": device.ownership,
        "agent_version": device.agent_version,
        "first_seen_at": iso(device.first_seen_at),
    }


def _last_report(device: Any, now: int) -> dict[str, Any]:
    return {
        "id": device.report_id,
        "observed_at": iso(device.observed_at),
        "received_at": iso(device.received_at),
        "said": device.overall,
        "now": str(verdict_of(device.overall, due_at=device.due_at, ended_at=device.ended_at, now=now)),
        "due_at": iso(device.due_at),
        "proven": device.proven,
        "chain": device.chain,
        "policy": f"{device.policy_name} {device.policy_version}".strip(),
    }


def _state(one: Seen) -> dict[str, Any]:
    word = None if one.word is None else {"saw": one.word.saw, "at": one.word.at, "until": one.word.until}
    return {
        "check": one.check_id,
        "called": one.check,
        "profile": one.profile,
        "status": one.status,
        "because": one.because,
        "measures": one.measures,
        "seen_at": iso(one.observed_at),
        "since": iso(one.since),
        "waived_until": None if one.waived_until is None else iso(one.waived_until),
        "own_look": word,
    }


def _history(db: sa.Connection, device: Any, practice: Any, now: int, zone: ZoneInfo) -> dict[str, Any]:
    days = day_states(db, device, raw_days=practice.raw_days, now=now, zone=zone, days=DAYS)
    numbers = Counter(state for _, state in days if state != NOT_YET)
    changes = changes_of(db, device.id, since=now - DAYS * DAY, most=MOST_CHANGES)
    return {
        "days": DAYS,
        "counts": dict(sorted(numbers.items())),
        "silent_days": [day.isoformat() for day, state in days if state == "silent"],
        "changes": [_change(one) for one in changes],
    }


def _change(one: Any) -> Mapping[str, Any]:
    parts = {"what": one.what, "check": one.check_id, "before": one.before, "after": one.after}
    return {**parts, "at": iso(one.at), "received_at": iso(one.received_at)}


def _reports(db: sa.Connection, device_id: str) -> dict[str, Any]:
    kept, row = kept_of(db, device_id), tables.reports.c
    ends = sa.select(row.id).where(row.device_id == device_id).limit(1)
    first = db.scalar(ends.order_by(row.received_at, row.seq))
    last = db.scalar(ends.order_by(row.received_at.desc(), row.seq.desc()))
    return {"kept": kept.number, "first": first, "last": last}
