"""Laptops, devices and findings to have pages about, put straight into the database."""

import json
import uuid
from typing import Any

import sqlalchemy as sa

from reports.console.console import Console
from reports.console.store import tables


def agent(console: Console, practice_id: str, **given: Any) -> str:
    """An enrolled laptop's id."""
    made = str(uuid.uuid4())
    values = {"id": made, "practice_id": practice_id, "laptop_id": str(uuid.uuid4()), "public_key": "k" * 44}
    usual = {"ownership": "personal", "label": "Registrar 4", "enrolled_at": console.now(), "group_id": None}
    put(console, tables.agents, {**values, **usual, **given})
    return made


def device(console: Console, practice_id: str, agent_id: str, **given: Any) -> str:
    """A device's id; compliant, and heard of just now."""
    made, now = str(uuid.uuid4()), console.now()
    what = {"kind": "phone", "platform": "android", "model": "Pixel 9", "os_version": "16", "ownership": "personal"}
    when = {"first_seen_at": now, "received_at": now, "observed_at": now, "overall_since": now, "due_at": now + 86400}
    said = {"report_id": str(uuid.uuid4()), "overall": "compliant", "proven": True, "policy_name": "p"}
    versions = {"policy_version": "1", "agent_version": "0.9"}
    values = {"id": made, "practice_id": practice_id, "agent_id": agent_id, **what, **when, **said, **versions}
    put(console, tables.devices, {**values, **given})
    return made


def finding(console: Console, practice_id: str, device_id: str, **given: Any) -> str:
    """A finding's uid; open."""
    made, now = str(uuid.uuid4()), console.now()
    what = {"check_id": "screen_lock", "title": "The screen locks by itself", "severity": "high", "level": "required"}
    said = {"status": "fail", "because": "locks too late", "measures": "{}", "profile": "personal", "source": "probe"}
    when = {"observed_at": now, "since": now, "failed_since": now}
    put(
        console,
        tables.findings,
        {"device_id": device_id, "uid": made, "practice_id": practice_id, **what, **said, **when, **given},
    )
    return made


def trial(console: Console, practice_id: str, device_id: str, policy: Any, **given: Any) -> None:
    """A device's answer to a draft's row."""
    failing = json.dumps(given.pop("failing", []))
    values = {"policy_id": policy.id, "revision": policy.revision, "device_id": device_id, "practice_id": practice_id}
    put(
        console,
        tables.trials,
        {**values, "overall": "not_compliant", "failing": failing, "tried_at": console.now(), **given},
    )


def put(console: Console, table: sa.Table, values: dict[str, Any]) -> None:
    """One row."""
    with console.store.write() as db:
        db.execute(table.insert().values(**values))


def acts_of(console: Console, practice_id: str) -> list[str]:
    """What the audit log says was done, oldest first."""
    row = tables.audit.c
    with console.store.read() as db:
        return list(db.scalars(sa.select(row.act).where(row.practice_id == practice_id).order_by(row.id)))


def serial_of(console: Console, practice_id: str) -> int:
    """How often what devices are told has changed."""
    with console.store.read() as db:
        return int(db.scalar(sa.select(tables.practices.c.serial).where(tables.practices.c.id == practice_id)) or 0)


def count(console: Console, table: sa.Table) -> int:
    """Rows of a table."""
    with console.store.read() as db:
        return int(db.scalar(sa.select(sa.func.count()).select_from(table)) or 0)
