"""The two forms that travel beside a plain report: "unchanged since", and a report with the history it stands for."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from checks.model import Status
from reports.envelope import EnvelopeError, Report, encode, from_bytes

UNCHANGED_SCHEMA = "scrubin/unchanged/1"
FOLDED_SCHEMA = "scrubin/folded/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A finding had this status at this time. No free text, so that any number of them can be kept and sent."""

    uid: str
    status: Status
    observed_at: datetime
    """Aware, UTC; whole seconds travel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A full letter, read back."""

    report: Report
    history: tuple[Seen, ...]
    """Statuses of the unsent reports that this one stands for, oldest first."""


def unchanged(*, report_id: str, device_id: str, since: str, generated_at: datetime) -> bytes:
    """Word that a device is as it was in the full report whose id is `since`."""
    return encode(
        {
            "schema": UNCHANGED_SCHEMA,
            "id": report_id,
            "device_id": device_id,
            "since": since,
            "generated_at": utc_text(generated_at),
        }
    )


def folded(report: bytes, *, report_id: str, device_id: str, history: Iterable[Seen]) -> bytes:
    """A report, byte for byte, behind the statuses of the unsent reports that it stands for, oldest first."""
    seen = [{"uid": one.uid, "status": one.status, "observed_at": utc_text(one.observed_at)} for one in history]
    head = encode({"history": seen, "id": report_id, "device_id": device_id})
    # Spliced in, not parsed and written again: what the report's bytes prove stays proven. Keys stay in order.
    return head[:-1] + b',"report":' + report + b',"schema":"' + FOLDED_SCHEMA.encode() + b'"}'


def opened(body: bytes) -> Opened:
    """Read a report back, plain or folded. Raises EnvelopeError."""
    try:
        outer = json.loads(body)
        if not isinstance(outer, dict) or outer.get("schema") != FOLDED_SCHEMA:
            return Opened(report=from_bytes(body), history=())
        history = tuple(_seen(one["uid"], one["status"], one["observed_at"]) for one in outer["history"])
        return Opened(report=from_bytes(encode(outer["report"])), history=history)
    except EnvelopeError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise EnvelopeError("not a report, plain or folded") from error


def runs(seen: Iterable[Seen]) -> tuple[Seen, ...]:
    """Drop what only repeats the finding's last status: each transition stays, with the time it was first seen."""
    last: dict[str, Status] = {}
    kept = []
    for one in seen:
        if last.get(one.uid) is not one.status:
            kept.append(one)
        last[one.uid] = one.status
    return tuple(kept)


def utc_text(moment: datetime) -> str:
    """RFC 3339 in UTC, whole seconds: the form of every time that travels."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _seen(uid: str, status: str, observed_at: str) -> Seen:
    return Seen(uid=uid, status=Status(status), observed_at=datetime.fromisoformat(observed_at).astimezone(UTC))
