"""What the practice tells one agent: the policy, its devices' waivers, a draft to try, and how often to report."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from reports.console.console import Console
from reports.console.practices import signing_key
from reports.console.store import tables
from reports.envelope import encode
from reports.signing import DIRECTIVE_DOMAIN, sign_bytes

SCHEMA = "scrubin/directive/1"
DRAFT = "draft"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A directive on its way."""

    body: bytes
    etag: str
    """Without quotes."""
    signature: str
    """Of the body, by the practice's key. Base64."""
    serial: int


def bump_serial(db: sa.Connection, practice_id: str) -> None:
    """Call it in the transaction that changes policy, waivers or drafts: agents take no serial lower than the last."""
    practices = tables.practices
    db.execute(practices.update().where(practices.c.id == practice_id).values(serial=practices.c.serial + 1))


def directive_of(db: sa.Connection, console: Console, agent_id: str) -> bytes:
    """The exact bytes that are signed. The agent must exist."""
    now = console.now()
    row = _practice_of(db, agent_id)
    return encode(
        {
            "schema": SCHEMA,
            "practice_id": row.practice_id,
            "agent_id": agent_id,
            "serial": row.serial,
            "issued_at": _stamp(now),
            "policy": _policy(db, row),
            "waivers": _waivers(db, row.practice_id, agent_id, now),
            "drafts": _drafts(db, row.practice_id),
            "period_hours": row.period_hours if row.group_period_hours is None else row.group_period_hours,
        }
    )


def saying(console: Console, agent_id: str) -> Said:
    """What the agent is told now; notes that it has been told. Raises SealError."""
    agents, practices = tables.agents, tables.practices
    with console.store.read() as db:
        body = directive_of(db, console, agent_id)
        said = json.loads(body)
        row = db.execute(sa.select(practices).where(practices.c.id == said["practice_id"])).one()
        told = db.scalar(sa.select(agents.c.told_serial).where(agents.c.id == agent_id))
    serial = said["serial"]
    if told != serial:
        with console.store.write() as db:
            db.execute(agents.update().where(agents.c.id == agent_id).values(told_serial=serial))
    signature = sign_bytes(signing_key(console, row), DIRECTIVE_DOMAIN, body)
    return Said(body=body, etag=etag_of(said), signature=signature, serial=serial)


def etag_of(said: Mapping[str, Any]) -> str:
    """A digest of what a directive says, whenever it was issued."""
    return hashlib.sha256(encode({key: value for key, value in said.items() if key != "issued_at"})).hexdigest()


def _practice_of(db: sa.Connection, agent_id: str) -> Any:
    practices, groups, agents = tables.practices.c, tables.groups.c, tables.agents.c
    return db.execute(
        sa.select(
            agents.practice_id,
            practices.serial,
            practices.policy_id,
            practices.period_hours,
            groups.period_hours.label("group_period_hours"),
        )
        .join(tables.practices, practices.id == agents.practice_id)
        .outerjoin(tables.groups, groups.id == agents.group_id)
        .where(agents.id == agent_id)
    ).one()


def _policy(db: sa.Connection, row: Any) -> dict[str, str] | None:
    policies = tables.policies.c
    mine = sa.and_(policies.id == row.policy_id, policies.practice_id == row.practice_id)
    found = db.execute(sa.select(policies.number, policies.toml).where(mine)).one_or_none()
    return None if found is None else {"version": str(found.number), "toml": found.toml}


def _waivers(db: sa.Connection, practice_id: str, agent_id: str, now: int) -> list[dict[str, str]]:
    waivers, devices = tables.waivers.c, tables.devices.c
    in_force = sa.and_(
        waivers.practice_id == practice_id,
        devices.agent_id == agent_id,
        waivers.ended_at.is_(None),
        waivers.until > now,
    )
    rows = db.execute(
        sa.select(waivers.uid, waivers.owner, waivers.reason, waivers.until)
        .join(tables.devices, devices.id == waivers.device_id)
        .where(in_force)
        .order_by(waivers.created_at, waivers.id)
    )
    return [{"uid": one.uid, "who": one.owner, "why": one.reason, "until": _stamp(one.until)} for one in rows]


def _drafts(db: sa.Connection, practice_id: str) -> list[dict[str, Any]]:
    policies = tables.policies.c
    mine = sa.and_(policies.practice_id == practice_id, policies.state == DRAFT)
    rows = db.execute(sa.select(policies.id, policies.revision, policies.toml).where(mine).order_by(policies.number))
    return [{"id": one.id, "revision": one.revision, "toml": one.toml} for one in rows]


def _stamp(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
