"""Clock times of a practice: its quiet hours and its day, in its own zone, over daylight saving."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from reports.console.alerts.rules import Rules


def local(at: int, zone: ZoneInfo) -> datetime:
    """A moment as the practice's clocks show it."""
    return datetime.fromtimestamp(at, UTC).astimezone(zone)


def is_quiet(at: int, rules: Rules, zone: ZoneInfo) -> bool:
    """By what the clock on the wall shows, so that a night with a change of time is longer or shorter by an hour."""
    shown = f"{local(at, zone):%H:%M}"
    if rules.quiet_from <= rules.quiet_until:
        return rules.quiet_from <= shown < rules.quiet_until
    return shown >= rules.quiet_from or shown < rules.quiet_until


def day(at: int, zone: ZoneInfo) -> str:
    """The practice's own: `2026-11-21`."""
    return f"{local(at, zone):%Y-%m-%d}"


def day_before(at: int, zone: ZoneInfo) -> str:
    """The practice's own."""
    return f"{local(at, zone) - timedelta(days=1):%Y-%m-%d}"


def has_come(at: int, shown: str, zone: ZoneInfo) -> bool:
    """Whether the wall clock has reached a time of this day, such as 07:15."""
    return f"{local(at, zone):%H:%M}" >= shown
