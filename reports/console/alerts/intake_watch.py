"""Notices that no report comes from anybody, which is a fault of the console or its network and not of the devices."""

from typing import Any

import sqlalchemy as sa

from checks.model import Severity
from reports.console.alerts.troubles import INTAKE
from reports.console.console import Console
from reports.console.store.engine import insert
from reports.console.store.tables import alerts, devices, practices

FEWEST = 3
"""Devices of which a silence says something: one or two may both be away."""
FORGOTTEN_S = 30 * 86400
"""A device that was due so long ago says nothing of today."""


def run(console: Console) -> None:
    """The job. Raises StoreError."""
    with console.store.read() as db:
        rows = db.execute(sa.select(practices)).all()
        deaf = {practice.id: is_deaf(db, practice, console.now()) for practice in rows}
    for practice_id, broken in deaf.items():
        _keep(console, practice_id, broken=broken)


def is_deaf(db: sa.Connection, practice: Any, now: int) -> bool:
    """Not one device was heard within its period, though none of them is overdue by much. Raises StoreError.

    Grace is left out: a broken intake should not take days to be noticed.
    """
    c = devices.c
    expected = c.due_at - practice.grace_hours * 3600
    late = sa.func.coalesce(sa.func.sum(sa.case((expected < now, 1), else_=0)), 0)
    asked = sa.select(sa.func.count(), late).where(c.practice_id == practice.id, c.ended_at.is_(None))
    total, silent = db.execute(asked.where(c.due_at > now - FORGOTTEN_S)).one()
    return bool(total >= FEWEST and silent == total)


def _keep(console: Console, practice_id: str, *, broken: bool) -> None:
    mine = (alerts.c.practice_id == practice_id, alerts.c.key == INTAKE)
    now = console.now()
    with console.store.read() as db:
        row = db.execute(sa.select(alerts).where(*mine)).first()
    standing = row is not None and row.cleared_at is None
    if standing == broken:
        return
    with console.store.write() as db:
        if not broken:
            db.execute(alerts.update().where(*mine).values(cleared_at=now))
            return
        fresh = {"severity": Severity.HIGH, "raised_at": now, "told_at": None, "step": 1, "cleared_at": None}
        made = insert(console.store, alerts).values(practice_id=practice_id, key=INTAKE, **fresh)
        db.execute(made.on_conflict_do_update(index_elements=["practice_id", "key"], set_=fresh))
