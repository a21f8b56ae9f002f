"""Groups of laptops: how long their devices may be silent, and on which days their people work."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from reports.console import acts
from reports.console.console import Console
from reports.console.intake.directive import bump_serial
from reports.console.intake.due import renew_due
from reports.console.model import Ask, Refusal, not_found
from reports.console.store import tables

LONGEST_NAME = 120
MOST_GROUPS = 500
MOST_HOURS = 2160
"""Ninety days of silence are no supervision any more."""
CHUNK = 200
"""Agents whose due times are renewed in one transaction, so that reports are not kept waiting behind thousands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What is set for a group. Hours of None: the practice's own."""

    name: str
    period_hours: int | None
    grace_hours: int | None
    days: str
    """Monday first, 1 where its people work; at least one."""


def listed(db: sa.Connection, practice_id: str) -> Sequence[Any]:
    """Rows of all groups by name, with how many laptops each has."""
    row, agent = tables.groups.c, tables.agents.c
    members = (
        sa.select(sa.func.count()).where(agent.group_id == row.id, agent.ended_at.is_(None)).correlate(tables.groups)
    )
    query = sa.select(tables.groups, members.scalar_subquery().label("members"))
    return db.execute(query.where(row.practice_id == practice_id).order_by(row.name)).all()


def one_of(db: sa.Connection, *, practice_id: str, group_id: str) -> Any:
    """One group's row. Raises Refusal."""
    row = tables.groups.c
    mine = (row.id == group_id, row.practice_id == practice_id)
    found = db.execute(sa.select(tables.groups).where(*mine)).one_or_none()
    if found is None:
        raise not_found()
    return found


def taken(db: sa.Connection, *, practice_id: str, name: str, but: str = "") -> bool:
    """Whether another group than `but` has this name, in whatever case."""
    row = tables.groups.c
    others = sa.select(row.name).where(row.practice_id == practice_id, row.id != but)
    return name.casefold() in {one.casefold() for one in db.scalars(others)}


def make(db: sa.Connection, ask: Ask, terms: Terms) -> str:
    """A new group's id. Raises Refusal."""
    # Its row is locked by the change of the serial: two that make the same name come one after the other.
    bump_serial(db, ask.practice_id)
    _must_be_free(db, ask, terms.name)
    row = tables.groups.c
    count = db.scalar(sa.select(sa.func.count()).where(row.practice_id == ask.practice_id)) or 0
    if count >= MOST_GROUPS:
        raise Refusal(status=409, code="many", sentence=f"A practice has at most {MOST_GROUPS} groups.")
    made = str(uuid.uuid4())
    db.execute(tables.groups.insert().values(id=made, practice_id=ask.practice_id, **_values(terms)))
    acts.record_for(db, ask, "group.made", target=made, detail=_words(terms))
    return made


def change(db: sa.Connection, ask: Ask, group_id: str, terms: Terms) -> Sequence[str]:
    """Set its terms; the ids of its agents, whose due times are to be renewed. Raises Refusal."""
    # Devices are told how often to report, so their directive changes.
    bump_serial(db, ask.practice_id)
    one_of(db, practice_id=ask.practice_id, group_id=group_id)
    _must_be_free(db, ask, terms.name, but=group_id)
    row = tables.groups.c
    mine = (row.id == group_id, row.practice_id == ask.practice_id)
    db.execute(tables.groups.update().where(*mine).values(**_values(terms)))
    acts.record_for(db, ask, "group.changed", target=group_id, detail=_words(terms))
    return agents_of(db, ask.practice_id, group_id)


def delete(db: sa.Connection, ask: Ask, group_id: str) -> None:
    """Only while nothing hangs on it. Raises Refusal."""
    bump_serial(db, ask.practice_id)
    found = one_of(db, practice_id=ask.practice_id, group_id=group_id)
    if agents_of(db, ask.practice_id, group_id):
        sentence = "Laptops are still in this group. Move them to another first."
        raise Refusal(status=409, code="not_empty", sentence=sentence)
    code, agent, row = tables.codes.c, tables.agents.c, tables.groups.c
    now = ask.console.now()
    waiting = (code.group_id == group_id, code.revoked_at.is_(None), code.uses_left > 0, code.expires_at > now)
    if db.scalar(sa.select(code.id).where(*waiting).limit(1)) is not None:
        sentence = "An enrolment code still leads to this group. Take it back first."
        raise Refusal(status=409, code="has_codes", sentence=sentence)
    # Codes that are spent and laptops that left stay on record, without the group.
    db.execute(tables.codes.update().where(code.group_id == group_id).values(group_id=None))
    db.execute(tables.agents.update().where(agent.group_id == group_id).values(group_id=None))
    db.execute(tables.groups.delete().where(row.id == group_id, row.practice_id == ask.practice_id))
    acts.record_for(db, ask, "group.deleted", target=group_id, detail=found.name)


def move(db: sa.Connection, ask: Ask, agent_ids: Sequence[str], to: str | None) -> Sequence[str]:
    """Put laptops into a group, or into none; their ids, whose due times are to be renewed. Raises Refusal."""
    bump_serial(db, ask.practice_id)
    if to is not None:
        one_of(db, practice_id=ask.practice_id, group_id=to)
    agent = tables.agents.c
    wanted = set(agent_ids)
    mine = (agent.practice_id == ask.practice_id, agent.id.in_(wanted), agent.ended_at.is_(None))
    found = set(db.scalars(sa.select(agent.id).where(*mine)))
    if not wanted or found != wanted:
        raise not_found()
    db.execute(tables.agents.update().where(*mine).values(group_id=to))
    for one in sorted(found):
        acts.record_for(db, ask, "group.moved", target=one, detail=to or "no group")
    return sorted(found)


def agents_of(db: sa.Connection, practice_id: str, group_id: str | None = None) -> Sequence[str]:
    """Ids of a group's laptops that have not left; of all of the practice without a group's id."""
    agent = tables.agents.c
    query = sa.select(agent.id).where(agent.practice_id == practice_id, agent.ended_at.is_(None))
    if group_id is not None:
        query = query.where(agent.group_id == group_id)
    return list(db.scalars(query.order_by(agent.id)))


def renew(console: Console, agent_ids: Sequence[str]) -> None:
    """When their devices are due now. Cut short, it does no harm: each report sets its device's time anew."""
    for start in range(0, len(agent_ids), CHUNK):
        with console.store.write() as db:
            for one in agent_ids[start : start + CHUNK]:
                renew_due(db, console, one)


def _must_be_free(db: sa.Connection, ask: Ask, name: str, *, but: str = "") -> None:
    if taken(db, practice_id=ask.practice_id, name=name, but=but):
        raise Refusal(status=409, code="taken", sentence="Another group has this name.")


def _values(terms: Terms) -> dict[str, object]:
    hours = {"period_hours": terms.period_hours, "grace_hours": terms.grace_hours}
    return {"name": terms.name, **hours, "days": terms.days}


def _words(terms: Terms) -> str:
    hours = ", ".join(
        f"{word} {'as the practice' if value is None else f'{value} h'}"
        for word, value in (("period", terms.period_hours), ("grace", terms.grace_hours))
    )
    return f"{terms.name}: {hours}, days {terms.days}"
