"""Erases what is kept of one person's devices, and signs a proof of it.

Changes of state and verdicts go as well as bodies of reports. The audit log keeps each act, under a pseudonym that
leads to nobody. Backups made before hold all of it until they are deleted, and the proof says so.
"""

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from reports.console import acts
from reports.console.alerts import erased
from reports.console.console import Console
from reports.console.model import not_found
from reports.console.practices import signing_key
from reports.console.store import tables
from reports.signing import SHEET_DOMAIN, sign_bytes
from reports.web.words import iso

SCHEMA = "scrubin/erased/1"
OF_DEVICE = ("findings", "trials", "waivers", "changes", "reports", "report_ids")
OF_AGENT = ("changes", "reports", "away", "codes")
NAMING = frozenset({"id", "device_id", "agent_id", "laptop_id", "target"})
"""Columns that may hold an id of theirs."""
SHORTEST_LABEL = 3
"""A label of one or two letters stands by chance in other lines too; it is left there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Whose rows."""

    practice_id: str
    agent_id: str
    laptop_id: str
    label: str
    device_ids: tuple[str, ...]

    @property
    def ids(self) -> tuple[str, ...]:
        """All that name them."""
        return tuple(dict.fromkeys((self.agent_id, self.laptop_id, *self.device_ids)))


def subject_of(db: sa.Connection, practice_id: str, agent_id: str) -> Subject:
    """Raises Refusal for an agent that this practice does not have."""
    a, d = tables.agents.c, tables.devices.c
    row = db.execute(sa.select(tables.agents).where(a.practice_id == practice_id, a.id == agent_id)).first()
    if row is None:
        raise not_found()
    devices = db.scalars(sa.select(d.id).where(d.practice_id == practice_id, d.agent_id == agent_id).order_by(d.id))
    return Subject(
        practice_id=practice_id,
        agent_id=agent_id,
        laptop_id=row.laptop_id,
        label=row.label,
        device_ids=tuple(devices),
    )


def counted(db: sa.Connection, subject: Subject) -> dict[str, int]:
    """How many rows of each table would go, before anything goes."""
    found = {"devices": len(subject.device_ids), "agents": 1}
    for table, mine in (*_rows(subject), (tables.sheets, tables.sheets.c.device_id.in_(subject.device_ids))):
        count = db.scalar(sa.select(sa.func.count()).select_from(table).where(mine)) or 0
        found[table.name] = found.get(table.name, 0) + int(count)
    return found


def erase(db: sa.Connection, console: Console, *, practice_id: str, agent_id: str, sheets_too: bool, by: str) -> str:
    """The proof's id. All of it happens in the caller's transaction, or nothing. Raises Refusal."""
    subject = subject_of(db, practice_id, agent_id)
    pseudonym = str(uuid.uuid4())
    gone = _delete(db, subject, sheets_too=sheets_too)
    gone["alerts"] = erased.alerts_of(db, practice_id, subject.device_ids)
    gone["messages"] = erased.messages_of(db, practice_id, subject.device_ids)
    renamed = _pseudonymise(db, subject, pseudonym)
    left = remaining(db, subject.ids, spare=() if sheets_too else ("sheets",))
    if left:
        raise RuntimeError(f"an erasure left rows in {', '.join(left)}")
    return _prove(db, console, subject, pseudonym, gone, renamed, sheets_too=sheets_too, by=by)


def _rows(subject: Subject) -> Sequence[tuple[sa.Table, Any]]:
    """Everything that points at the devices or the agent, in an order that leaves nothing pointing nowhere."""
    by_name = tables.METADATA.tables
    devices = [(by_name[name], by_name[name].c.device_id.in_(subject.device_ids)) for name in OF_DEVICE]
    agents = [
        (by_name[name], sa.and_(by_name[name].c.agent_id == subject.agent_id, *_not_counted(by_name[name], subject)))
        for name in OF_AGENT
    ]
    return (*devices, *agents)


def _not_counted(table: sa.Table, subject: Subject) -> Sequence[Any]:
    """Rows that name both a device and the agent count once."""
    if "device_id" not in table.c:
        return ()
    return (sa.or_(table.c.device_id.is_(None), table.c.device_id.not_in(subject.device_ids)),)


def _delete(db: sa.Connection, subject: Subject, *, sheets_too: bool) -> dict[str, int]:
    gone: dict[str, int] = {}
    todo = list(_rows(subject))
    if sheets_too:
        todo.append((tables.sheets, tables.sheets.c.device_id.in_(subject.device_ids)))
    todo.append((tables.devices, tables.devices.c.agent_id == subject.agent_id))
    todo.append((tables.agents, tables.agents.c.id == subject.agent_id))
    for table, mine in todo:
        same_practice = table.c.practice_id == subject.practice_id
        gone[table.name] = gone.get(table.name, 0) + db.execute(table.delete().where(mine, same_practice)).rowcount
    if subject.label:
        codes = tables.codes
        mine = sa.and_(codes.c.practice_id == subject.practice_id, codes.c.label == subject.label)
        db.execute(codes.update().where(mine).values(label=""))
    return gone


def _pseudonymise(db: sa.Connection, subject: Subject, pseudonym: str) -> int:
    """Lines of the audit log that name them, by id or by label; what was done stays."""
    c = tables.audit.c
    names = [*subject.ids, *([subject.label] if len(subject.label) >= SHORTEST_LABEL else [])]
    changed = 0
    for name in names:
        about = sa.or_(c.target.contains(name, autoescape=True), c.detail.contains(name, autoescape=True))
        put = {
            "target": sa.func.replace(c.target, name, pseudonym),
            "detail": sa.func.replace(c.detail, name, pseudonym),
        }
        cut = {key: sa.func.substr(value, 1, acts.LONGEST[key]) for key, value in put.items()}
        mine = tables.audit.update().where(c.practice_id == subject.practice_id, about)
        changed += db.execute(mine.values(**cut)).rowcount
        # A device acts under its id. A label that is somebody's address must not hide what they did.
        theirs = (c.practice_id == subject.practice_id, c.actor_kind == "device", c.actor == name)
        by_them = tables.audit.update().where(*theirs)
        changed += db.execute(by_them.values(actor=pseudonym)).rowcount
    return changed


def remaining(db: sa.Connection, ids: Sequence[str], *, spare: Sequence[str] = ()) -> dict[str, int]:
    """Rows that still name one of the ids in a column that holds ids, by table."""
    found: dict[str, int] = {}
    for table in tables.METADATA.sorted_tables:
        columns = [one for one in table.columns if one.name in NAMING and isinstance(one.type, sa.String)]
        if not columns or table.name in spare:
            continue
        named = sa.or_(*(one.in_(ids) for one in columns))
        count = int(db.scalar(sa.select(sa.func.count()).select_from(table).where(named)) or 0)
        if count:
            found[table.name] = count
    return found


def _prove(
    db: sa.Connection,
    console: Console,
    subject: Subject,
    pseudonym: str,
    gone: Mapping[str, int],
    renamed: int,
    *,
    sheets_too: bool,
    by: str,
) -> str:
    now, sheet_id = console.now(), str(uuid.uuid4())
    practice = db.execute(sa.select(tables.practices).where(tables.practices.c.id == subject.practice_id)).one()
    body = json.dumps(
        {
            "schema": SCHEMA,
            "id": sheet_id,
            "practice": {"id": practice.id, "name": practice.name, "key": practice.signing_public},
            "pseudonym": pseudonym,
            "erased_at": iso(now),
            "erased_by": by,
            "rows": {name: count for name, count in sorted(gone.items()) if count},
            "audit_lines_pseudonymised": renamed,
            "evidence_sheets_erased": sheets_too,
            "not_erased": "Backups made before this moment, which hold the rows until they are deleted.",
        },
        sort_keys=True,
        separators=(",", ":"),
    )
    signature = sign_bytes(signing_key(console, practice), SHEET_DOMAIN, body.encode())
    values = {"kind": "erased", "made_at": now, "made_by": by[:120], "body": body, "signature": signature}
    db.execute(tables.sheets.insert().values(id=sheet_id, practice_id=practice.id, device_id=pseudonym, **values))
    acts.record(
        db, at=now, practice_id=practice.id, actor_kind="person", actor=by, act="person.erased", target=pseudonym
    )
    return sheet_id
