"""What programs read: devices, findings, waivers, policy, audit log, counts."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import msgspec
import sqlalchemy as sa

from reports.console import fleet, fleet_findings, policies, waiving
from reports.console.api import shapes
from reports.console.model import Ask, Refusal, Reply, not_found
from reports.console.store import tables
from reports.web.bounded import shape_fault
from reports.web.words import iso

PAGE = 50
Q = TypeVar("Q", bound=shapes.Shape)


def answer(body: Any, *, status: int = 200) -> Reply:
    """A struct as JSON."""
    return Reply(status=status, content=msgspec.json.encode(body), kind="application/json")


def query(ask: Ask, shape: type[Q]) -> Q:
    """The query string. Raises Refusal."""
    try:
        return msgspec.convert(dict(ask.query), shape, strict=False)
    except msgspec.ValidationError as error:
        sentence = f"The query does not fit: {shape_fault(error)}."
        raise Refusal(status=422, code="query", sentence=sentence) from error


def counts(ask: Ask) -> Reply:
    """How many devices stand how."""
    with ask.console.store.read() as db:
        found = fleet.counts(db, ask.practice_id, ask.console.now())
    parts = (found.compliant, found.not_compliant, found.cannot_tell, found.overdue, found.total)
    return answer(shapes.Counts(**dict(zip(shapes.Counts.__struct_fields__, parts, strict=True))))


def devices(ask: Ask) -> Reply:
    """One page of devices."""
    wanted = query(ask, shapes.DeviceQuery)
    chosen = fleet.Filter(
        search=wanted.search,
        verdict=wanted.verdict or None,
        group_id=wanted.group,
        kind=wanted.kind,
        platform=wanted.platform,
        ownership=wanted.ownership or "",
        check_id=wanted.failing,
        sort=wanted.sort,
        page=wanted.page,
    )
    with ask.console.store.read() as db:
        rows = fleet.find_devices(db, ask.practice_id, ask.console.now(), chosen)
    given = [_device(one) for one in rows[: fleet.PAGE]]
    return answer(shapes.Devices(page=wanted.page, more=len(rows) > fleet.PAGE, devices=given))


def device(ask: Ask) -> Reply:
    """One device."""
    device_id, row = ask.path["device_id"], tables.findings.c
    with ask.console.store.read() as db:
        found = fleet.rows_of(db, ask.practice_id, ask.console.now(), [device_id])
        mine = sa.select(tables.findings).where(row.device_id == device_id, row.practice_id == ask.practice_id)
        findings = db.execute(mine.order_by(row.check_id, row.uid)).all()
    if not found:
        raise not_found()
    return answer(shapes.WholeDevice(device=_device(found[0]), findings=[_finding(one) for one in findings]))


def findings(ask: Ask) -> Reply:
    """One page of open findings."""
    wanted = query(ask, shapes.FindingQuery)
    chosen = fleet_findings.FindingFilter(
        check_id=wanted.check,
        status=wanted.status or "",
        level="" if wanted.level == "all" else wanted.level,
        severity=wanted.severity,
        age=wanted.age or None,
        borne=wanted.waived or None,
        page=wanted.page,
    )
    with ask.console.store.read() as db:
        rows = fleet_findings.open_findings(db, ask.practice_id, ask.console.now(), chosen)
    more = len(rows) > fleet.PAGE
    return answer(shapes.Findings(page=wanted.page, more=more, findings=[_open(one) for one in rows[: fleet.PAGE]]))


def waivers(ask: Ask) -> Reply:
    """One page of waivers."""
    wanted = query(ask, shapes.WaiverQuery)
    with ask.console.store.read() as db:
        rows = waiving.listed(
            db,
            practice_id=ask.practice_id,
            now=ask.console.now(),
            state=wanted.state or None,
            device_id=wanted.device or None,
            limit=PAGE + 1,
            offset=(wanted.page - 1) * PAGE,
        )
    given = [waiver(one) for one in rows[:PAGE]]
    return answer(shapes.Waivers(page=wanted.page, more=len(rows) > PAGE, waivers=given))


def policy(ask: Ask) -> Reply:
    """What is in force."""
    with ask.console.store.read() as db:
        found = policies.in_force(db, ask.practice_id)
    if found is None:
        return answer(shapes.Policy(version=None, toml=None))
    return answer(shapes.Policy(version=_version(found), toml=found.toml))


def policy_versions(ask: Ask) -> Reply:
    """One page of versions."""
    page = query(ask, shapes.Paged).page
    with ask.console.store.read() as db:
        rows = policies.versions(db, practice_id=ask.practice_id, limit=PAGE + 1, offset=(page - 1) * PAGE)
    versions = [_version(one) for one in rows[:PAGE]]
    return answer(shapes.PolicyVersions(page=page, more=len(rows) > PAGE, versions=versions))


def audit(ask: Ask) -> Reply:
    """One page of the audit log."""
    wanted, row = query(ask, shapes.AuditQuery), tables.audit.c
    lines = sa.select(row.at, row.actor_kind, row.actor, row.act, row.target, row.detail)
    lines = lines.where(row.practice_id == ask.practice_id)
    if wanted.act:
        lines = lines.where(sa.or_(row.act == wanted.act, row.act.startswith(f"{wanted.act}.", autoescape=True)))
    lines = lines.order_by(row.at.desc(), row.id.desc()).limit(PAGE + 1).offset((wanted.page - 1) * PAGE)
    with ask.console.store.read() as db:
        rows = db.execute(lines).all()
    given = [shapes.AuditLine(**{**one._mapping, "at": iso(one.at)}) for one in rows[:PAGE]]
    return answer(shapes.Audit(page=wanted.page, more=len(rows) > PAGE, lines=given))


def waiver(one: waiving.Waived) -> shapes.Waiver:
    """As the API writes it."""
    return shapes.Waiver(
        id=one.id,
        state=one.state,
        device_id=one.device_id,
        uid=one.uid,
        check_id=one.check_id,
        owner=one.owner,
        reason=one.reason,
        created_at=iso(one.created_at),
        created_by=one.created_by,
        until=iso(one.until),
        ended_at=_or_none(one.ended_at),
        ended_by=one.ended_by,
    )


def _or_none(at: int | None) -> str | None:
    return None if at is None else iso(at)


def _times(one: Any, names: Sequence[str]) -> Mapping[str, Any]:
    return {name: _or_none(getattr(one, name)) for name in names}


def _device(one: fleet.DeviceRow) -> shapes.Device:
    times: Mapping[str, Any] = {
        "received_at": iso(one.received_at),
        "due_at": iso(one.due_at),
        "oldest_open_since": _or_none(one.oldest),
    }
    same = {name: getattr(one, name) for name in shapes.Device.__struct_fields__ if name not in times}
    return shapes.Device(**same, **times)


def _finding(one: Any) -> shapes.DeviceFinding:
    names = ("observed_at", "since", "failed_since", "waived_until")
    same = {name: getattr(one, name) for name in shapes.DeviceFinding.__struct_fields__ if name not in names}
    return shapes.DeviceFinding(**same, **_times(one, names))


def _open(one: fleet_findings.FindingRow) -> shapes.OpenFinding:
    names = ("open_since", "observed_at", "waived_until")
    same = {name: getattr(one, name) for name in shapes.OpenFinding.__struct_fields__ if name not in names}
    return shapes.OpenFinding(**same, **_times(one, names))


def _version(one: Any) -> shapes.PolicyVersion:
    return shapes.PolicyVersion(
        number=one.number,
        state=one.state,
        note=one.note,
        created_at=iso(one.created_at),
        created_by=one.created_by,
        published_at=_or_none(one.published_at),
        published_by=one.published_by,
    )


QUERIES: dict[str, type[shapes.Shape]] = {
    "api_devices": shapes.DeviceQuery,
    "api_findings": shapes.FindingQuery,
    "api_waivers": shapes.WaiverQuery,
    "api_policy_versions": shapes.Paged,
    "api_audit": shapes.AuditQuery,
}
"""What may stand behind the question mark, by the endpoint's name."""
