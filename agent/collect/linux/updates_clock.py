"""Ages against the device's clock, which may be wrong."""

from datetime import datetime, timedelta

from agent.collect.host import CollectError, Host
from agent.collect.linux.updates_release import dates
from checks.evidence import Why

SKEW = timedelta(days=1)
"""Logs are in local time, which we don't know; a date further ahead than this comes from a wrong clock."""


def clock(host: Host) -> datetime:
    """The host's time. Raises NOT_SAID when it runs behind the day on which our dates were looked up."""
    now = host.now()
    if now.date() < dates().known_at:
        raise CollectError(Why.NOT_SAID, "this device's clock is behind the time")
    return now


def days(now: datetime, then: datetime) -> int:
    """Whole days between the two. Raises NOT_SAID for a date in the future: it may hide any age."""
    if then - now > SKEW:
        raise CollectError(Why.NOT_SAID, "a date in the future")
    return max(0, (now - then).days)
