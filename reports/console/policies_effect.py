"""What a draft would do: devices try it by themselves and answer with a verdict, and here the answers are counted."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from checks.catalog import CATALOG
from reports.console.store import tables

TITLES = {one.id: one.title for one in CATALOG}
COMPLIANT = "compliant"


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """The answers to one revision of a draft, counted in devices."""

    asked: int
    """Devices that have not left."""
    answered: int
    worse: int
    """Compliant now, and not under the draft: not compliant, or no longer to be told."""
    better: int
    same: int
    why: tuple[tuple[str, int], ...]
    """Titles of the checks that those `worse` would fail, most frequent first."""
    several: int
    """Devices among `worse` with more than one reason."""
    touched: Mapping[tuple[str, str], int]
    """Of `worse`: devices by ownership and kind."""
    people: int
    """Of `worse`: laptops whose user is touched, through whichever device."""
    newest_at: int | None
    """When the last answer was given."""

    @property
    def waiting(self) -> int:
        """Devices that have not answered."""
        return self.asked - self.answered


def effect_of(db: sa.Connection, *, practice_id: str, policy_id: str, revision: int) -> Effect:
    """Count the answers to one revision; those to earlier ones were about another text."""
    device = tables.devices.c
    asked = db.scalar(sa.select(sa.func.count()).where(device.practice_id == practice_id, device.ended_at.is_(None)))
    tried = _tried(practice_id, policy_id, revision)
    people = db.scalar(sa.select(sa.func.count(device.agent_id.distinct())).select_from(tried).where(*_turned()))
    return _counted(_alike(db, tried), asked=int(asked or 0), people=int(people or 0))


def _alike(db: sa.Connection, tried: sa.Join) -> Sequence[Any]:
    """Answers that are alike, counted by the database: there are few sorts, however many devices there are."""
    device, trial = tables.devices.c, tables.trials.c
    # Of those that turn: the lists of others are nobody's business here, and would only make more sorts.
    reasons = sa.case((sa.and_(*_turned()), trial.failing), else_="[]").label("reasons")
    sort = (device.overall.label("now"), trial.overall.label("then"), device.ownership, device.kind, reasons)
    totals = (sa.func.count().label("devices"), sa.func.max(trial.tried_at).label("newest_at"))
    return db.execute(sa.select(*sort, *totals).select_from(tried).group_by(*sort)).all()


def _counted(rows: Sequence[Any], *, asked: int, people: int) -> Effect:
    why: Counter[str] = Counter()
    touched: Counter[tuple[str, str]] = Counter()
    answered = better = several = 0
    for row in rows:
        answered += row.devices
        better += row.devices if row.now != COMPLIANT and row.then == COMPLIANT else 0
        if row.now == COMPLIANT and row.then != COMPLIANT:
            titles = _titles(row.reasons)
            several += row.devices if len(titles) > 1 else 0
            why.update(dict.fromkeys(titles, row.devices))
            touched[(row.ownership, row.kind)] += row.devices
    worse = touched.total()
    return Effect(
        asked=asked,
        answered=answered,
        worse=worse,
        better=better,
        same=answered - worse - better,
        why=tuple(sorted(why.items(), key=lambda one: (-one[1], one[0]))),
        several=several,
        touched=dict(sorted(touched.items())),
        people=people,
        newest_at=max((row.newest_at for row in rows), default=None),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Turned:
    """One device that the draft would make not compliant."""

    device_id: str
    label: str
    model: str
    kind: str
    ownership: str
    then: str
    """Its verdict under the draft."""
    failing: tuple[str, ...]
    """Titles."""
    tried_at: int


def turned(
    db: sa.Connection, *, practice_id: str, policy_id: str, revision: int, limit: int, offset: int = 0
) -> Sequence[Turned]:
    """Those devices, by the label of their user."""
    device, trial, agent = tables.devices.c, tables.trials.c, tables.agents.c
    tried = _tried(practice_id, policy_id, revision).join(tables.agents, agent.id == device.agent_id)
    query = (
        sa.select(device.id, agent.label, device.model, device.kind, device.ownership)
        .add_columns(trial.overall, trial.failing, trial.tried_at)
        .select_from(tried)
        .where(*_turned())
        .order_by(agent.label, device.id)
    )
    return [_row(one) for one in db.execute(query.limit(limit).offset(offset))]


def _row(row: Any) -> Turned:
    return Turned(
        device_id=row.id,
        label=row.label,
        model=row.model,
        kind=row.kind,
        ownership=row.ownership,
        then=row.overall,
        failing=_titles(row.failing),
        tried_at=row.tried_at,
    )


def _tried(practice_id: str, policy_id: str, revision: int) -> sa.Join:
    """Devices with their answer."""
    device, trial = tables.devices.c, tables.trials.c
    answers = (
        sa.and_(device.id == trial.device_id, device.practice_id == practice_id, device.ended_at.is_(None)),
        sa.and_(trial.policy_id == policy_id, trial.revision == revision, trial.practice_id == practice_id),
    )
    return sa.join(tables.trials, tables.devices, sa.and_(*answers))


def _turned() -> tuple[sa.ColumnElement[bool], ...]:
    return tables.devices.c.overall == COMPLIANT, tables.trials.c.overall != COMPLIANT


def _titles(failing: str) -> tuple[str, ...]:
    """Intake let through a list of the ids of checks; one that this version does not know has no title."""
    return tuple(TITLES.get(one, str(one)) for one in json.loads(failing))
