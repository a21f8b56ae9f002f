"""Lets go of what has been kept long enough: bodies of reports after the practice's period, and what has run out."""

from typing import Any

import sqlalchemy as sa

from reports.console import retention_partitions
from reports.console.console import Console
from reports.console.store.tables import (
    alerts,
    attempts,
    links,
    messages,
    practices,
    report_ids,
    reports,
    sessions,
)

DAY = 86400
AT_ONCE = 2000
"""Rows of one transaction: devices that report meanwhile wait for no more than that."""
MOST_TURNS = 5000
REPORT_ID_DAYS = 400
ATTEMPT_DAYS, LINK_DAYS, MESSAGE_DAYS, ALERT_DAYS = 2, 30, 90, 400


def run(console: Console) -> None:
    """The job. Changes of state, findings and the audit log stay. Raises StoreError."""
    with console.store.read() as db:
        kept = db.execute(sa.select(practices.c.id, practices.c.raw_days)).all()
    now = console.now()
    if kept:
        retention_partitions.drop_before(console, now - max(row.raw_days for row in kept) * DAY)
    for row in kept:
        _bodies(console, row.id, now - row.raw_days * DAY)
    for table, old in _runs_out(now):
        _delete(console, table, old)


def _bodies(console: Console, practice_id: str, before: int) -> None:
    _delete(console, reports, sa.and_(reports.c.practice_id == practice_id, reports.c.received_at < before))


def _runs_out(now: int) -> list[tuple[sa.Table, Any]]:
    """What of each table has run out by itself."""

    def ago(days: int) -> int:
        return now - days * DAY

    return [
        (report_ids, report_ids.c.received_at < ago(REPORT_ID_DAYS)),
        (sessions, sessions.c.expires_at < now),
        (attempts, attempts.c.since < ago(ATTEMPT_DAYS)),
        (links, links.c.expires_at < ago(LINK_DAYS)),
        (messages, messages.c.sent_at < ago(MESSAGE_DAYS)),
        (messages, messages.c.given_up_at < ago(MESSAGE_DAYS)),
        (alerts, alerts.c.cleared_at < ago(ALERT_DAYS)),
    ]


def _delete(console: Console, table: sa.Table, old: Any) -> None:
    """In turns, each a transaction."""
    keys = list(table.primary_key.columns)
    some = sa.select(*keys).where(old).limit(AT_ONCE)
    these = sa.tuple_(*keys).in_(some) if len(keys) > 1 else keys[0].in_(some)
    for _ in range(MOST_TURNS):
        with console.store.write() as db:
            gone = db.execute(table.delete().where(these)).rowcount
        if gone < AT_ONCE:
            return
