"""One transaction's worth of reports: what is known is read at once, and written back at once."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from reports.console.intake.arrivals import Arrival
from reports.console.intake.due import Terms, away_of, terms_of, terms_query
from reports.console.intake.shapes import UnchangedShape, device_of
from reports.console.store import tables
from reports.console.store.engine import Store, insert

Row = dict[str, Any]
"""A row by column."""
MOST_KEPT = 2000
"""Reports of one device that are looked through for one that came late. Honest ones have fewer; without a bound, one
device that sent hundreds of thousands could keep the writer from all others."""
SEEN_S = 60
"""An agent's last contact is not written more often."""


@dataclass(slots=True, kw_only=True)
class Batch:
    """What is known, and what will be written. Rows are changed in place and their keys noted."""

    now: int
    agents: dict[str, Any]
    """Locked, so that nobody ends an enrolment meanwhile and two consoles take one device's reports in turn."""
    terms: dict[str, Terms]
    devices: dict[str, Row]
    findings: dict[str, dict[str, Row]]
    """By device and uid; only of devices of which a full report came."""
    ids: dict[str, Row]
    """Reports that are known: `digest` and `device_id`."""
    db: sa.Connection
    """For the rare report that does not follow from its device's last."""
    allowed: Callable[[str, str], bool]
    """Whether another audit line of this kind may be written about this device."""
    waivers: dict[tuple[str, str, str], int]
    """By device, uid and check: until when the practice bears it. What a device says of waivers is not its word."""
    ends: dict[str, list[int]]
    """By device: when its waivers ended."""
    held: dict[str, int] | None = None
    """How many devices each agent had; None until somebody asks."""
    new_devices: dict[str, Row] = field(default_factory=dict)
    touched: set[str] = field(default_factory=set)
    versions: dict[str, str] = field(default_factory=dict)
    new_findings: dict[tuple[str, str], Row] = field(default_factory=dict)
    gone_findings: set[tuple[str, str]] = field(default_factory=set)
    seen_findings: dict[tuple[str, str], int] = field(default_factory=dict)
    new_ids: list[Row] = field(default_factory=list)
    bodies: list[Row] = field(default_factory=list)
    changes: list[Row] = field(default_factory=list)
    lines: list[Row] = field(default_factory=list)

    def change(
        self, device: Row, what: str, *, before: str | None, after: str | None, at: int, check: str | None = None
    ) -> None:
        """A change of state, for ever."""
        self.changes.append(
            {
                "practice_id": device["practice_id"],
                "device_id": device["id"],
                "agent_id": device["agent_id"],
                "what": what,
                "check_id": check,
                "before": None if before is None else before[:40],
                "after": None if after is None else after[:40],
                "at": at,
                "received_at": self.now,
            }
        )

    def line(self, device: Row, act: str, detail: str) -> None:
        """A line of the audit log."""
        self.lines.append(
            {
                "practice_id": device["practice_id"],
                "at": self.now,
                "actor_kind": "device",
                "actor": device["agent_id"],
                "act": act,
                "target": device["id"],
                "detail": detail,
            }
        )

    def waived_until(self, device_id: str, uid: str, check: str) -> int | None:
        """Until when the practice bears a finding; None where it does not."""
        return self.waivers.get((device_id, uid, check))

    def waiver_ended(self, device_id: str, *, since: int, until: int) -> bool:
        """Whether a waiver of the device came to its end between two moments."""
        return any(since <= at <= until for at in self.ends.get(device_id, ()))

    def devices_of(self, agent_id: str) -> int:
        """How many devices an agent speaks for."""
        if self.held is None:  # asked for once, and for all: a morning on which everybody enrols asks it of each
            devices = tables.devices.c
            query = sa.select(devices.agent_id, sa.func.count()).where(devices.agent_id.in_(sorted(self.agents)))
            self.held = {str(row[0]): int(row[1]) for row in self.db.execute(query.group_by(devices.agent_id))}
        new: int = sum(one["agent_id"] == agent_id for one in self.new_devices.values())
        known: int = self.held.get(agent_id, 0)
        return known + new

    def kept_of(self, device_id: str) -> list[Row]:
        """A device's reports that are still kept, oldest first; of very many, the newest."""
        reports = tables.reports.c
        columns = (reports.seq, reports.link, reports.proof, reports.received_at)
        newest = (reports.received_at.desc(), reports.seq.desc())
        query = sa.select(*columns).where(reports.device_id == device_id).order_by(*newest).limit(MOST_KEPT)
        rows = [dict(row) for row in self.db.execute(query).mappings()][::-1]
        return rows + [one for one in self.bodies if one["device_id"] == device_id]

    def gap_seen_at(self, device_id: str) -> int:
        """When a report of the device was last found missing."""
        changes = tables.changes.c
        found = sa.and_(changes.device_id == device_id, changes.what == "chain", changes.after == "gap")
        at: int | None = self.db.scalar(sa.select(sa.func.max(changes.received_at)).where(found))
        return self.now if at is None else at


def load(db: sa.Connection, arrivals: Sequence[Arrival], *, now: int, allowed: Callable[[str, str], bool]) -> Batch:
    """What is known of everything that these reports touch. Locks their agents, in one order everywhere."""
    agents = _agents(db, sorted({one.agent_id for one in arrivals}))
    away = away_of(db, list(agents))
    device_ids = {device_of(one.letter) for one in arrivals}
    full = {device_of(one.letter) for one in arrivals if not isinstance(one.letter, UnchangedShape)}
    waivers = _waivers(db, device_ids)
    report_ids = {one.letter.id for one in arrivals}
    report_ids |= {one.letter.since for one in arrivals if isinstance(one.letter, UnchangedShape)}
    return Batch(
        now=now,
        agents=agents,
        terms={key: terms_of(row, away.get(key, ())) for key, row in agents.items()},
        devices={row["id"]: row for row in _rows(db, tables.devices, tables.devices.c.id, device_ids)},
        findings=_findings(db, full),
        ids={row["id"]: row for row in _rows(db, tables.report_ids, tables.report_ids.c.id, report_ids)},
        db=db,
        allowed=allowed,
        waivers={(one.device_id, one.uid, one.check_id): one.ends_at for one in waivers if one.ends_at > now},
        ends=_by_device(one for one in waivers if one.ends_at <= now),
    )


def _waivers(db: sa.Connection, device_ids: set[str]) -> Sequence[Any]:
    row = tables.waivers.c
    ends_at = sa.func.coalesce(row.ended_at, row.until).label("ends_at")
    query = sa.select(row.device_id, row.uid, row.check_id, ends_at).where(row.device_id.in_(sorted(device_ids)))
    return db.execute(query).all()


def _by_device(ended: Iterable[Any]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for one in ended:
        found.setdefault(one.device_id, []).append(one.ends_at)
    return found


def _agents(db: sa.Connection, ids: Sequence[str]) -> dict[str, Any]:
    agents, practices = tables.agents.c, tables.practices.c
    query = (
        terms_query()
        .add_columns(
            agents.practice_id,
            agents.laptop_id,
            agents.public_key,
            agents.ended_at,
            agents.enrolled_at,
            agents.last_seen_at,
            agents.agent_version,
            practices.serial,
        )
        .where(agents.id.in_(ids))
        .order_by(agents.id)
        .with_for_update(of=tables.agents, key_share=True)
    )
    return {row.id: row for row in db.execute(query)}


def _rows(db: sa.Connection, table: sa.Table, column: sa.Column[Any], ids: set[str]) -> list[Row]:
    if not ids:
        return []
    return [dict(row) for row in db.execute(sa.select(table).where(column.in_(sorted(ids)))).mappings()]


def _findings(db: sa.Connection, device_ids: set[str]) -> dict[str, dict[str, Row]]:
    found: dict[str, dict[str, Row]] = {one: {} for one in device_ids}
    for row in _rows(db, tables.findings, tables.findings.c.device_id, device_ids):
        found[row["device_id"]][row["uid"]] = row
    return found


def flush(db: sa.Connection, store: Store, batch: Batch) -> None:
    """Write everything, in few statements."""
    _insert(db, tables.devices, list(batch.new_devices.values()))
    _insert(db, tables.report_ids, batch.new_ids)
    _insert(db, tables.reports, batch.bodies)
    _insert(db, tables.changes, batch.changes)
    _insert(db, tables.audit, batch.lines)
    _flush_devices(db, batch)
    _flush_findings(db, store, batch)
    _flush_agents(db, batch)


def _insert(db: sa.Connection, table: sa.Table, rows: list[Row]) -> None:
    if rows:
        db.execute(table.insert(), rows)


def _flush_devices(db: sa.Connection, batch: Batch) -> None:
    table = tables.devices
    rows = [batch.devices[one] for one in sorted(batch.touched) if one not in batch.new_devices]
    if rows:
        _update(db, table, ("id",), [one.name for one in table.c if one.name != "id"], rows)


def _update(db: sa.Connection, table: sa.Table, keys: Sequence[str], columns: Sequence[str], rows: list[Row]) -> None:
    where = sa.and_(*(table.c[key] == sa.bindparam(f"_{key}") for key in keys))
    query = table.update().where(where).values({name: sa.bindparam(name) for name in columns})
    wanted = [{**{name: row[name] for name in columns}, **{f"_{key}": row[key] for key in keys}} for row in rows]
    db.execute(query, wanted)


def _flush_findings(db: sa.Connection, store: Store, batch: Batch) -> None:
    table = tables.findings
    keys = ("device_id", "uid")
    if batch.gone_findings:
        where = sa.and_(table.c.device_id == sa.bindparam("_device_id"), table.c.uid == sa.bindparam("_uid"))
        gone = [{"_device_id": device, "_uid": uid} for device, uid in sorted(batch.gone_findings)]
        db.execute(table.delete().where(where), gone)
    if batch.new_findings:
        query = insert(store, table)
        said = {one.name: query.excluded[one.name] for one in table.c if one.name not in keys}
        db.execute(query.on_conflict_do_update(index_elements=list(keys), set_=said), list(batch.new_findings.values()))
    if batch.seen_findings:
        rows = [
            {"device_id": device, "uid": uid, "observed_at": at} for (device, uid), at in batch.seen_findings.items()
        ]
        _update(db, table, keys, ("observed_at",), rows)


def _flush_agents(db: sa.Connection, batch: Batch) -> None:
    """When each was last heard, and which version it runs."""
    rows = []
    for agent_id in sorted({one["agent_id"] for one in batch.bodies}):
        row = batch.agents[agent_id]
        version = batch.versions.get(agent_id, row.agent_version)
        if version != row.agent_version or (row.last_seen_at or 0) < batch.now - SEEN_S:
            rows.append({"id": agent_id, "last_seen_at": batch.now, "agent_version": version})
    if rows:
        _update(db, tables.agents, ("id",), ("last_seen_at", "agent_version"), rows)
