"""Devices, findings and channels as rows, for tests that need no report to have come in."""

import json
import uuid
from typing import Any

import sqlalchemy as sa

from reports.console.alerts import channels
from reports.console.alerts.channels import Kind
from reports.console.console import Console
from reports.console.store import tables

DAY = 86400


def put(console: Console, table: sa.Table, **values: Any) -> None:
    with console.store.write() as db:
        db.execute(table.insert().values(**values))


def rows(console: Console, table: sa.Table, *where: Any) -> list[Any]:
    with console.store.read() as db:
        return list(db.execute(sa.select(table).where(*where)).all())


def change(console: Console, table: sa.Table, row_id: str, **values: Any) -> None:
    with console.store.write() as db:
        db.execute(table.update().where(table.c.id == row_id).values(**values))


def agent(console: Console, practice_id: str, **changes: Any) -> str:
    made = str(uuid.uuid4())
    values = {
        "id": made, "practice_id": practice_id, "laptop_id": str(uuid.uuid4()), "public_key": "A" * 44,
        "ownership": "personal", "label": "Reception 2", "enrolled_at": console.now(), "agent_version": "1",
    }  # fmt: skip
    put(console, tables.agents, **{**values, **changes})
    return str({**values, **changes}["id"])


def device(console: Console, practice_id: str, agent_id: str | None = None, **changes: Any) -> str:
    now = console.now()
    values = {
        "id": str(uuid.uuid4()), "practice_id": practice_id, "agent_id": agent_id or agent(console, practice_id),
        "kind": "laptop", "platform": "linux", "model": "ThinkPad", "os_version": "debian 12",
        "ownership": "personal", "first_seen_at": now, "received_at": now, "observed_at": now,
        "report_id": str(uuid.uuid4()), "overall": "compliant", "overall_since": now, "proven": True,
        "policy_name": "scrubin-baseline", "policy_version": "baseline-1", "agent_version": "1",
        "due_at": now + 4 * DAY,
    }  # fmt: skip
    put(console, tables.devices, **{**values, **changes})
    return str({**values, **changes}["id"])


def finding(console: Console, practice_id: str, device_id: str, **changes: Any) -> str:
    now = console.now()
    values = {
        "device_id": device_id, "uid": str(uuid.uuid4()), "practice_id": practice_id, "check_id": "screen_lock",
        "title": "Screen locks", "severity": "high", "level": "required", "status": "fail", "because": "because",
        "measures": "{}", "profile": "owner", "source": "device", "observed_at": now, "since": now, "failed_since": now,
    }  # fmt: skip
    put(console, tables.findings, **{**values, **changes})
    return str({**values, **changes}["uid"])


def failing(console: Console, practice_id: str, severity: str = "high", **changes: Any) -> str:
    made = device(console, practice_id, overall="not_compliant", **changes)
    finding(console, practice_id, made, severity=severity)
    return made


def channel(console: Console, practice_id: str, kind: Kind = Kind.SLACK, **details: Any) -> str:
    given = details or {"url": "https://hooks.example/secret"}
    with console.store.write() as db:
        return channels.make(db, console, practice_id=practice_id, kind=kind, name="IT", details=given)


def told(console: Console, kind: str = "now") -> list[dict[str, Any]]:
    found = rows(console, tables.messages, tables.messages.c.kind == kind)
    return [json.loads(row.content) for row in sorted(found, key=lambda row: row.created_at)]


def practice(console: Console, practice_id: str) -> Any:
    return console.practice(practice_id)


def setting(console: Console, practice_id: str, name: str, value: Any) -> None:
    put(console, tables.settings, practice_id=practice_id, name=name, value=json.dumps(value))
