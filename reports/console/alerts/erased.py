"""Takes a person's devices out of what was raised and what is or was to be told."""

import json
from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from reports.console.store.tables import alerts, messages

LISTS = ("items", "fresh", "fixed")


def alerts_of(db: sa.Connection, practice_id: str, device_ids: Collection[str]) -> int:
    """How many went. Their keys hold the device's id."""
    gone = 0
    for device_id in device_ids:
        mine = (alerts.c.practice_id == practice_id, alerts.c.key.contains(device_id, autoescape=True))
        gone += db.execute(alerts.delete().where(*mine)).rowcount
    return gone


def messages_of(db: sa.Connection, practice_id: str, device_ids: Collection[str]) -> int:
    """How many were touched: a line goes, the rest of a message stays to be told, an empty one goes whole."""
    touched = 0
    for device_id in device_ids:
        mine = (messages.c.practice_id == practice_id, messages.c.content.contains(device_id, autoescape=True))
        for row in db.execute(sa.select(messages.c.id, messages.c.content).where(*mine)).all():
            _without(db, row, device_id)
            touched += 1
    return touched


def _without(db: sa.Connection, row: Any, device_id: str) -> None:
    content = json.loads(row.content)
    for name in LISTS:
        if name in content:
            content[name] = [one for one in content[name] if one["device_id"] != device_id]
    this = messages.c.id == row.id
    if any(content.get(name) for name in LISTS):
        db.execute(messages.update().where(this).values(content=json.dumps(content)))
    else:
        db.execute(messages.delete().where(this))
