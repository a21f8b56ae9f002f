"""Rosters that tests write, and the moment at which they are read."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from agent.shift.lines import text_of
from agent.shift.roster import Coming, coming

NOW = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)
"""Noon of a Saturday in Sydney."""
SYDNEY = ZoneInfo("Australia/Sydney")
SECRET = "Dr Example, Ward 7B"


def calendar(*events: str, more: str = "") -> bytes:
    """A roster; in each event "|" ends a line."""
    whole = "".join(f"BEGIN:VEVENT\n{one.replace('|', chr(10))}\nEND:VEVENT\n" for one in events)
    return f"BEGIN:VCALENDAR\nVERSION:2.0\n{more}{whole}END:VCALENDAR\n".replace("\n", "\r\n").encode()


def found(data: bytes) -> Coming:
    """What a roster says at NOW in Sydney."""
    return coming(text_of(data), now=NOW, zone=SYDNEY)


def local(data: bytes) -> list[str]:
    """Starts as a clock in Sydney shows them."""
    return [f"{one.astimezone(SYDNEY):%d %H:%M}" for one in found(data).starts]
