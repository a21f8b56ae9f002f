"""The tables. Times are Unix seconds, ids are UUIDs as text; every row but a person's belongs to one practice.

A person's own row holds a name and how they sign in, and memberships say where. No table has a place for a file name,
a path, a picture or an account of a device: intake refuses what does not fit a shape that has none either.
"""

from reports.console.store.catalogue import METADATA
from reports.console.store.tables_acts import (
    alerts,
    audit,
    channels,
    day_counts,
    jobs,
    messages,
    policies,
    secrets,
    settings,
    sheets,
    trials,
    waivers,
)
from reports.console.store.tables_devices import agents, away, changes, devices, findings, report_ids, reports
from reports.console.store.tables_people import (
    attempts,
    codes,
    groups,
    links,
    memberships,
    people,
    practices,
    sessions,
    tokens,
)

__all__ = [
    "METADATA",
    "agents",
    "alerts",
    "attempts",
    "audit",
    "away",
    "changes",
    "channels",
    "codes",
    "day_counts",
    "devices",
    "findings",
    "groups",
    "jobs",
    "links",
    "memberships",
    "messages",
    "people",
    "policies",
    "practices",
    "report_ids",
    "reports",
    "secrets",
    "sessions",
    "settings",
    "sheets",
    "tokens",
    "trials",
    "waivers",
]
