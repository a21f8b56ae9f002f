"""Ways to tell people: what each kind needs, kept sealed, since an address of a chat is a secret like a password."""

import json
import uuid
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from reports.console.console import Console
from reports.console.store.tables import channels


class Kind(StrEnum):
    """What a channel speaks."""

    EMAIL = "email"
    WEBHOOK = "webhook"
    TEAMS = "teams"
    SLACK = "slack"


WORDS = {Kind.EMAIL: "E-mail", Kind.WEBHOOK: "Webhook", Kind.TEAMS: "Microsoft Teams", Kind.SLACK: "Slack"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """One that was read from the table."""

    id: str
    practice_id: str
    kind: Kind
    name: str
    enabled: bool
    details: dict[str, Any]
    """Addresses and secrets, by the kind's own keys; see channel_form.py."""


def seal_name(channel_id: str) -> str:
    """Under which a channel's details are sealed: those of one open as no other's."""
    return f"channel-{channel_id}"


def opened(console: Console, row: Any) -> Channel:
    """Of its row. Raises SealError."""
    details = json.loads(console.seal.open(row.sealed, name=seal_name(row.id)))
    return Channel(
        id=row.id,
        practice_id=row.practice_id,
        kind=Kind(row.kind),
        name=row.name,
        enabled=row.enabled,
        details=details,
    )


def sealed(console: Console, channel_id: str, details: dict[str, Any]) -> bytes:
    """For the table."""
    return console.seal.close(json.dumps(details).encode(), name=seal_name(channel_id))


def make(
    db: sa.Connection, console: Console, *, practice_id: str, kind: Kind, name: str, details: dict[str, Any]
) -> str:
    """A new channel's id. It is enabled."""
    channel_id = str(uuid.uuid4())
    db.execute(
        channels.insert().values(
            id=channel_id,
            practice_id=practice_id,
            kind=kind,
            name=name,
            sealed=sealed(console, channel_id, details),
            enabled=True,
            created_at=console.now(),
            last_error="",
        )
    )
    return channel_id


def find(console: Console, practice_id: str, channel_id: str) -> Any:
    """Its row, or None where this practice has none of that id. Raises StoreError."""
    c = channels.c
    with console.store.read() as db:
        return db.execute(sa.select(channels).where(c.practice_id == practice_id, c.id == channel_id)).first()
