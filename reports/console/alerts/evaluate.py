"""Compares what is amiss with what was amiss, so that people are told of changes and not of states."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from checks.model import Severity
from reports.console.alerts import telling
from reports.console.alerts.rules import rules_of
from reports.console.alerts.troubles import INTAKE, RANK, Kind, Look, Trouble, troubles_of
from reports.console.console import Console
from reports.console.store.tables import alerts, changes, practices


@dataclass(frozen=True, slots=True, kw_only=True)
class Amiss:
    """A trouble with what is kept of it."""

    trouble: Trouble
    raised_at: int
    told_at: int | None
    """When it was told as it stands now; None where it is to be told."""
    before: int | None = None
    """When it was last told in any form."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What is amiss, worst first, and the statements that make the kept alerts say so."""

    amiss: tuple[Amiss, ...]
    statements: tuple[Any, ...]


def run(console: Console) -> None:
    """The job: each practice in a transaction of its own. Raises StoreError."""
    with console.store.read() as db:
        rows = db.execute(sa.select(practices)).all()
    for practice in rows:
        evaluate(console, practice)


def evaluate(console: Console, practice: Any) -> None:
    """Raise, escalate and clear a practice's alerts, and queue what is to be told now. Raises StoreError.

    All looking is done before the transaction: in a large practice it takes longer than devices should wait.
    """
    found = compare(console, practice)
    told = telling.plan(console, practice, found.amiss)
    if not found.statements and not told:
        return
    with console.store.write() as db:
        for statement in found.statements:
            db.execute(statement)
        telling.tell(db, console, practice, told)


def current(console: Console, practice: Any) -> tuple[Amiss, ...]:
    """For pages and the digest: what is amiss, and worth telling. Raises StoreError."""
    return tuple(one for one in compare(console, practice).amiss if one.trouble.step > 0)


def compare(console: Console, practice: Any) -> Comparison:
    """Raises StoreError."""
    now = console.now()
    rules = rules_of(console, practice.id)
    with console.store.read() as db:
        known = {row.key: row for row in db.execute(sa.select(alerts).where(alerts.c.practice_id == practice.id))}
        troubles = troubles_of(Look(db=db, practice=practice, rules=rules, now=now))
    found = [_seen_again(one, known.get(one.key)) for one in troubles]
    pairs = [_one(_Keeper(practice_id=practice.id, now=now), one, known.get(one.key)) for one in found]
    amiss = (*_intake(known), *(one for one, _ in pairs))
    statements = [statement for _, made in pairs for statement in made]
    return Comparison(amiss=amiss, statements=(*statements, *_cleared(practice.id, now, known, found)))


def _cleared(practice_id: str, now: int, known: Mapping[str, Any], found: list[Trouble]) -> list[Any]:
    """The watch over intake raises and clears its own alert."""
    still = {INTAKE, *(one.key for one in found)}
    gone = [key for key, row in known.items() if row.cleared_at is None and key not in still]
    mine = alerts.update().where(alerts.c.practice_id == practice_id)
    return [mine.where(alerts.c.key == key).values(cleared_at=now) for key in gone]


def _intake(known: Mapping[str, Any]) -> list[Amiss]:
    row = known.get(INTAKE)
    if row is None or row.cleared_at is not None:
        return []
    trouble = intake_trouble(row.raised_at)
    return [Amiss(trouble=trouble, raised_at=row.raised_at, told_at=row.told_at, before=row.told_at)]


def intake_trouble(since: int) -> Trouble:
    """No report has come for long from anybody: the fault is here and not with the devices."""
    return Trouble(kind=Kind.INTAKE, key=INTAKE, severity=Severity.HIGH, name="", title="", since=since)


def _seen_again(trouble: Trouble, row: Any) -> Trouble:
    """A run without proof counts from the second one on: the first may have been cut short."""
    if trouble.kind is not Kind.UNPROVEN or row is None or row.cleared_at is not None:
        return trouble
    return replace(trouble, step=1 if row.step or trouble.received_at > row.raised_at else 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Keeper:
    practice_id: str
    now: int

    def added(self, trouble: Trouble) -> Any:
        values = {"severity": trouble.severity, "raised_at": self.now, "step": trouble.step}
        return alerts.insert().values(practice_id=self.practice_id, key=trouble.key, **values)

    def changed(self, trouble: Trouble, **more: Any) -> Any:
        mine = alerts.update().where(alerts.c.practice_id == self.practice_id, alerts.c.key == trouble.key)
        return mine.values(severity=trouble.severity, step=trouble.step, **more)

    def noted(self, trouble: Trouble) -> list[Any]:
        """Falling silent is a change of the device like any other; nobody else writes it, since no report comes."""
        if trouble.kind is not Kind.OVERDUE:
            return []
        about = {"practice_id": self.practice_id, "device_id": trouble.device_id, "what": "overdue"}
        return [changes.insert().values(**about, after="overdue", at=trouble.since, received_at=self.now)]


def _one(keeper: _Keeper, trouble: Trouble, row: Any) -> tuple[Amiss, list[Any]]:
    if row is None:
        fresh = Amiss(trouble=trouble, raised_at=keeper.now, told_at=None)
        return fresh, [keeper.added(trouble), *keeper.noted(trouble)]
    worse = trouble.step > row.step or RANK[trouble.severity] > RANK[Severity(row.severity)]
    told_at = None if worse else row.told_at
    if row.cleared_at is not None:
        # `told_at` stays unless it is worse than before: what comes and goes is not told each time that it comes.
        again = keeper.changed(trouble, told_at=told_at, raised_at=keeper.now, cleared_at=None)
        back = Amiss(trouble=trouble, raised_at=keeper.now, told_at=told_at, before=row.told_at)
        return back, [again, *keeper.noted(trouble)]
    same = trouble.step == row.step and trouble.severity == row.severity
    kept = Amiss(trouble=trouble, raised_at=row.raised_at, told_at=told_at, before=row.told_at)
    return kept, [] if same else [keeper.changed(trouble, told_at=told_at)]
