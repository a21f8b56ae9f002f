"""Waivers: one finding of one device is borne for a while, by somebody who answers for it, and never without an end."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from checks.policy_text import has_hidden
from checks.waivers import LONGEST as LONGEST_WAIVER
from reports.console import acts
from reports.console.console import Console
from reports.console.intake.directive import bump_serial
from reports.console.model import Ask, Person, Refusal, not_found
from reports.console.store import tables

LONGEST_S = int(LONGEST_WAIVER.total_seconds())
LONGEST_OWNER = 120
LONGEST_REASON = 300
ENDING_S = 14 * 86400
"""So long before its end, a waiver is shown as ending soon."""
OPEN = ("fail", "unknown", "error")
"""Statuses of findings that may be waived; the device attaches its waiver to no other."""


class State(StrEnum):
    """Where a waiver stands. Ending soon is in force too."""

    IN_FORCE = "in_force"
    ENDING = "ending"
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Waived:
    """One waiver with the finding that it is about, as the list shows it."""

    id: str
    device_id: str
    uid: str
    check_id: str
    title: str
    """The check's; its id where the finding is no longer there."""
    label: str
    """What IT calls the device's user; may be ""."""
    model: str
    owner: str
    reason: str
    created_at: int
    created_by: str
    until: int
    ended_at: int | None
    ended_by: str | None
    state: State


def give(
    db: sa.Connection,
    console: Console,
    *,
    practice_id: str,
    device_id: str,
    uid: str,
    owner: str,
    reason: str,
    until: int,
    by: str,
    by_kind: str = "person",
) -> str:
    """A new waiver's id. `until` in Unix seconds; `by` as it stands in the audit log. Raises Refusal."""
    now = console.now()
    _fit(owner=owner, reason=reason, until=until, now=now)
    finding = open_finding(db, practice_id=practice_id, device_id=device_id, uid=uid)
    # The serial's row is locked by its change: two that give at once come one after the other.
    bump_serial(db, practice_id)
    if in_force(db, device_id=device_id, uid=uid, now=now):
        raise Refusal(status=409, code="waived", sentence="This finding is waived already. End that waiver first.")
    made = str(uuid.uuid4())
    row = {"id": made, "practice_id": practice_id, "device_id": device_id, "uid": uid, "check_id": finding.check_id}
    words = {"owner": owner.strip(), "reason": reason.strip(), "created_by": by[:120]}
    db.execute(tables.waivers.insert().values(**row, **words, created_at=now, until=until))
    _mark(db, practice_id, device_id, uid, until)
    detail = f"{finding.check_id} of device {device_id}"
    acts.record(
        db,
        at=now,
        practice_id=practice_id,
        actor_kind=by_kind,
        actor=by,
        act="waiver.given",
        target=made,
        detail=detail,
    )
    return made


def end(
    db: sa.Connection, console: Console, *, waiver_id: str, practice_id: str, by: str, by_kind: str = "person"
) -> None:
    """End it now. Raises Refusal."""
    row = tables.waivers.c
    now = console.now()
    bump_serial(db, practice_id)
    mine = (row.id == waiver_id, row.practice_id == practice_id)
    found = db.execute(
        sa.select(row.ended_at, row.until, row.check_id, row.device_id, row.uid).where(*mine)
    ).one_or_none()
    if found is None:
        raise not_found()
    if found.ended_at is not None or found.until <= now:
        raise Refusal(status=409, code="ended", sentence="This waiver has ended already.")
    db.execute(tables.waivers.update().where(*mine).values(ended_at=now, ended_by=by[:120]))
    _mark(db, practice_id, found.device_id, found.uid, None)
    detail = f"{found.check_id} of device {found.device_id}"
    acts.record(
        db, at=now, practice_id=practice_id, actor_kind=by_kind, actor=by, act="waiver.ended", target=waiver_id,
        detail=detail,
    )  # fmt: skip


def open_finding(db: sa.Connection, *, practice_id: str, device_id: str, uid: str) -> Any:
    """The finding's row with its device's, where it is open. Raises Refusal."""
    finding, device = tables.findings.c, tables.devices.c
    query = (
        sa.select(finding.check_id, finding.title, finding.status, finding.because, finding.failed_since)
        .add_columns(device.id.label("device_id"), device.model, device.kind, tables.agents.c.label, device.ended_at)
        .join_from(tables.findings, tables.devices, finding.device_id == device.id)
        .join(tables.agents, tables.agents.c.id == device.agent_id)
        .where(finding.device_id == device_id, finding.uid == uid, finding.practice_id == practice_id)
        .where(device.practice_id == practice_id)
    )
    found = db.execute(query).one_or_none()
    if found is None:
        raise not_found()
    if found.ended_at is not None or found.status not in OPEN:
        sentence = "This finding isn't open any more, so there is nothing to waive."
        raise Refusal(status=409, code="not_open", sentence=sentence)
    return found


def in_force(db: sa.Connection, *, device_id: str, uid: str, now: int) -> bool:
    """Whether the finding is waived now."""
    row = tables.waivers.c
    running = sa.select(row.id).where(
        row.device_id == device_id, row.uid == uid, row.ended_at.is_(None), row.until > now
    )
    return db.scalar(running.limit(1)) is not None


def listed(
    db: sa.Connection,
    *,
    practice_id: str,
    now: int,
    state: State | None = None,
    device_id: str | None = None,
    limit: int,
    offset: int = 0,
) -> Sequence[Waived]:
    """Waivers, those that end first on top; ended ones the other way round."""
    row = tables.waivers.c
    query = _joined().where(row.practice_id == practice_id, *_in_state(state, now))
    if device_id is not None:
        query = query.where(row.device_id == device_id)
    order = sa.func.coalesce(row.ended_at, row.until)
    # Of no state in particular: what was given last comes first.
    by = {State.ENDED: order.desc(), None: row.created_at.desc()}.get(state, order.asc())
    found = db.execute(query.order_by(by, row.id).limit(limit).offset(offset))
    return [_waived(one, now) for one in found]


def one_of(db: sa.Connection, *, waiver_id: str, practice_id: str, now: int) -> Waived:
    """One waiver. Raises Refusal."""
    row = tables.waivers.c
    found = db.execute(_joined().where(row.id == waiver_id, row.practice_id == practice_id)).one_or_none()
    if found is None:
        raise not_found()
    return _waived(found, now)


def counts(db: sa.Connection, *, practice_id: str, now: int) -> Mapping[State, int]:
    """How many stand how; those ending soon are in force as well."""
    row = tables.waivers.c
    totals = {
        one: db.scalar(
            sa.select(sa.func.count())
            .select_from(tables.waivers)
            .where(row.practice_id == practice_id, *_in_state(one, now))
        )
        for one in State
    }
    return {one: int(total or 0) for one, total in totals.items()}


def signer_of(ask: Ask) -> tuple[str, str]:
    """Who acts, as `by` and `by_kind` want it."""
    assert ask.caller is not None
    return ask.caller.label, "person" if isinstance(ask.caller, Person) else "token"


def _mark(db: sa.Connection, practice_id: str, device_id: str, uid: str, until: int | None) -> None:
    """On the finding itself, where pages and alerts look: at once, and not with the device's next report."""
    row = tables.findings.c
    mine = (row.practice_id == practice_id, row.device_id == device_id, row.uid == uid)
    db.execute(tables.findings.update().where(*mine).values(waived_until=until))


def _fit(*, owner: str, reason: str, until: int, now: int) -> None:
    """Raises Refusal."""
    for name, text, longest in (("owner", owner, LONGEST_OWNER), ("reason", reason, LONGEST_REASON)):
        if not text.strip() or len(text) > longest or has_hidden(text):
            sentence = f"The {name} must be one line of text of at most {longest} characters."
            raise Refusal(status=422, code=name, sentence=sentence)
    if not now < until <= now + LONGEST_S:
        sentence = f"A waiver ends in the future, and at most {LONGEST_WAIVER.days} days from now."
        raise Refusal(status=422, code="until", sentence=sentence)


def _in_state(state: State | None, now: int) -> tuple[sa.ColumnElement[bool], ...]:
    row = tables.waivers.c
    running = (row.ended_at.is_(None), row.until > now)
    if state is State.IN_FORCE:
        return running
    if state is State.ENDING:
        return (*running, row.until <= now + ENDING_S)
    return () if state is None else (sa.or_(row.ended_at.is_not(None), row.until <= now),)


def _joined() -> sa.Select[Any]:
    finding, row = tables.findings, tables.waivers
    same = sa.and_(finding.c.device_id == row.c.device_id, finding.c.uid == row.c.uid)
    return (
        sa.select(row, finding.c.title, tables.agents.c.label, tables.devices.c.model)
        .join_from(row, tables.devices, tables.devices.c.id == row.c.device_id)
        .join(tables.agents, tables.agents.c.id == tables.devices.c.agent_id)
        .outerjoin(finding, same)
    )


def _waived(row: Any, now: int) -> Waived:
    ended = row.ended_at is not None or row.until <= now
    state = State.ENDED if ended else State.ENDING if row.until <= now + ENDING_S else State.IN_FORCE
    return Waived(
        id=row.id,
        device_id=row.device_id,
        uid=row.uid,
        check_id=row.check_id,
        title=row.title or row.check_id,
        label=row.label,
        model=row.model,
        owner=row.owner,
        reason=row.reason,
        created_at=row.created_at,
        created_by=row.created_by,
        until=row.until,
        ended_at=row.ended_at,
        ended_by=row.ended_by,
        state=state,
    )
