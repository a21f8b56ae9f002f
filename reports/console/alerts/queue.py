"""What is to be told waits here, once for each channel, until it was told or given up."""

import json
import uuid
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from reports.console.console import Console
from reports.console.store.engine import insert
from reports.console.store.tables import channels, messages


class Wanted(StrEnum):
    """Kinds of messages."""

    NOW = "now"
    DIGEST = "digest"
    PROBE = "probe"
    """The daily test of a channel."""
    TEST = "test"
    """Somebody asked for one."""


def put_to_all(
    db: sa.Connection, console: Console, practice_id: str, kind: Wanted, *, once: str, content: dict[str, Any]
) -> None:
    """To each channel of the practice that is enabled. Raises StoreError."""
    c = channels.c
    for channel_id in db.scalars(sa.select(c.id).where(c.practice_id == practice_id, c.enabled)).all():
        put(db, console, practice_id, channel_id, kind, once=once, content=content)


def put(
    db: sa.Connection,
    console: Console,
    practice_id: str,
    channel_id: str,
    kind: Wanted,
    *,
    once: str,
    content: dict[str, Any],
) -> None:
    """The same `once` for the same channel again does nothing. Raises StoreError."""
    values = {
        "id": str(uuid.uuid4()),
        "practice_id": practice_id,
        "channel_id": channel_id,
        "kind": kind,
        "once": f"{channel_id}:{kind}:{once}",
        "content": json.dumps(content),
        "created_at": console.now(),
        "due_at": console.now(),
        "attempts": 0,
        "error": "",
    }
    db.execute(insert(console.store, messages).values(**values).on_conflict_do_nothing(index_elements=["once"]))
