"""Words and numbers as pages show them: times in the practice's own zone, ages, states."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

MINUTE, HOUR, DAY = 60, 3600, 86400

OVERALL = {
    "compliant": "Compliant",
    "not_compliant": "Not compliant",
    "cannot_tell": "Cannot tell",
    "overdue": "Overdue",
    "ended": "Left",
}
STATUS = {
    "pass": "Pass",
    "fail": "Fail",
    "unknown": "Unknown",
    "error": "Error",
    "not_applicable": "Not applicable",
}
OWNERSHIP = {"personal": "own", "practice_owned": "practice's", "dedicated_camera": "camera only"}


def moment(at: int, zone: ZoneInfo) -> str:
    """`21 November 2026, 7:19 am`."""
    local = datetime.fromtimestamp(at, UTC).astimezone(zone)
    hour = local.hour % 12 or 12
    return f"{local.day} {local:%B %Y}, {hour}:{local:%M} {'am' if local.hour < 12 else 'pm'}"


def date(at: int, zone: ZoneInfo) -> str:
    """`21 Nov 2026`."""
    local = datetime.fromtimestamp(at, UTC).astimezone(zone)
    return f"{local.day} {local:%b %Y}"


def iso(at: int) -> str:
    """For `<time datetime>` and programs."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def ago(at: int, now: int) -> str:
    """`5 minutes ago`; `in 3 days` for what is to come."""
    gap = now - at
    return f"{span(gap)} ago" if gap >= 0 else f"in {span(-gap)}"


def span(seconds: int) -> str:
    """`9 days`, `1 hour`, `under a minute`: the largest unit that fits, rounded down."""
    for size, word in ((DAY, "day"), (HOUR, "hour"), (MINUTE, "minute")):
        if seconds >= size:
            count = seconds // size
            return f"{count} {word}{'' if count == 1 else 's'}"
    return "under a minute"


FILTERS: Mapping[str, Callable[..., Any]] = {
    "moment": moment,
    "date": date,
    "iso": iso,
    "ago": ago,
    "span": span,
    "overall": lambda value: OVERALL.get(value, value),
    "status": lambda value: STATUS.get(value, value),
    "ownership": lambda value: OWNERSHIP.get(value, value),
}
