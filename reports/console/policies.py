"""The life of a policy: a draft is edited and tried, published or discarded, and what was published never changes."""

import uuid
from collections.abc import Sequence
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from checks.policy_file import Layer
from checks.policy_form import LayerName
from reports.console import acts, policies_text
from reports.console.intake.directive import bump_serial
from reports.console.model import Ask, Refusal, not_found
from reports.console.store import tables

LAYER_SETTING = "policy_layer"
"""Of a practice: `hospital` where this console speaks for a hospital whose practices have consoles of their own."""
LONGEST_NOTE = 300
NO_DRAFT = "no_draft"
"""The code of a refusal: what was to be changed is gone."""


class State(StrEnum):
    """Of a version."""

    DRAFT = "draft"
    PUBLISHED = "published"
    DISCARDED = "discarded"


class Stale(Exception):
    """Somebody else saved the draft since it was read."""

    def __init__(self, draft: Any) -> None:
        super().__init__("the draft was changed by somebody else")
        self.draft = draft
        """Its row as it is now."""


def layer_name(ask: Ask) -> LayerName:
    """Whose policy this practice's console publishes."""
    hospital = ask.console.setting(ask.practice_id, LAYER_SETTING) == LayerName.HOSPITAL.value
    return LayerName.HOSPITAL if hospital else LayerName.PRACTICE


def versions(db: sa.Connection, *, practice_id: str, limit: int, offset: int = 0) -> Sequence[Any]:
    """Rows of all versions, newest first, without their texts."""
    row = tables.policies.c
    wanted = [one for one in row if one.name != "toml"]
    query = sa.select(*wanted).where(row.practice_id == practice_id).order_by(row.number.desc())
    return db.execute(query.limit(limit).offset(offset)).all()


def version(db: sa.Connection, *, practice_id: str, number: str) -> Any:
    """One version's row. Raises Refusal."""
    row = tables.policies.c
    if not number.isdecimal() or len(number) > 6:
        raise not_found()
    query = sa.select(tables.policies).where(row.practice_id == practice_id, row.number == int(number))
    found = db.execute(query).one_or_none()
    if found is None:
        raise not_found()
    return found


def draft(db: sa.Connection, practice_id: str) -> Any | None:
    """The draft's row; None where nobody has started one."""
    row = tables.policies.c
    query = sa.select(tables.policies).where(row.practice_id == practice_id, row.state == State.DRAFT.value)
    return db.execute(query).one_or_none()


def the_draft(db: sa.Connection, practice_id: str) -> Any:
    """The draft's row. Raises Refusal."""
    found = draft(db, practice_id)
    if found is None:
        raise Refusal(status=409, code=NO_DRAFT, sentence="There is no draft: it was published or discarded.")
    return found


def in_force(db: sa.Connection, practice_id: str) -> Any | None:
    """The row of the published version that devices go by; None where the baseline alone holds."""
    same = tables.policies.c.id == tables.practices.c.policy_id
    query = sa.select(tables.policies).join(tables.practices, same).where(tables.practices.c.id == practice_id)
    return db.execute(query).one_or_none()


def start(db: sa.Connection, ask: Ask, *, layer: LayerName) -> None:
    """A draft from what is in force. Raises Refusal where there is one already."""
    # Its row is locked by the change of the serial: two that start at once come one after the other.
    bump_serial(db, ask.practice_id)
    if draft(db, ask.practice_id) is not None:
        raise Refusal(status=409, code="draft", sentence="There is a draft already. Go on with that one.")
    number = _next(db, ask.practice_id)
    before = in_force(db, ask.practice_id)
    if before is None:
        practice = db.execute(sa.select(tables.practices).where(tables.practices.c.id == ask.practice_id)).one()
        text = policies_text.starting(practice, number=number, layer=layer)
    else:
        text = policies_text.numbered(before.toml, number, layer=layer)
    _insert(db, ask, number=number, text=text, state=State.DRAFT)
    acts.record_for(db, ask, "policy.draft_started", target=f"version {number}")


def save(db: sa.Connection, ask: Ask, *, text: str, revision: int, layer: LayerName) -> Layer:
    """Keep a text as the draft. Raises PolicyError where devices would refuse it, Stale, and Refusal."""
    bump_serial(db, ask.practice_id)
    found = _current(db, ask, revision)
    tidy = policies_text.tidy(text)
    policies_text.read(tidy, layer=layer)
    numbered = policies_text.numbered(tidy, found.number, layer=layer)
    made = policies_text.read(numbered, layer=layer)
    row = tables.policies.c
    values = {"toml": numbered, "revision": revision + 1, "saved_at": ask.console.now()}
    db.execute(tables.policies.update().where(row.id == found.id).values(**values))
    acts.record_for(db, ask, "policy.draft_saved", target=f"version {found.number}", detail=f"edit {revision + 1}")
    return made


def discard(db: sa.Connection, ask: Ask, *, revision: int) -> None:
    """Put the draft aside; its text stays among the versions. Raises Stale and Refusal."""
    bump_serial(db, ask.practice_id)
    found = _current(db, ask, revision)
    row = tables.policies.c
    db.execute(tables.policies.update().where(row.id == found.id).values(state=State.DISCARDED.value))
    acts.record_for(db, ask, "policy.draft_discarded", target=f"version {found.number}")


def publish(db: sa.Connection, ask: Ask, *, revision: int, note: str, layer: LayerName) -> int:
    """Put the draft in force; its number. Raises PolicyError, Stale and Refusal."""
    bump_serial(db, ask.practice_id)
    found = _current(db, ask, revision)
    newest = _next(db, ask.practice_id) - 1
    # A roll-back may have taken a higher number meanwhile; numbers rise with what is in force.
    number = int(found.number if found.number == newest else newest + 1)
    text = policies_text.numbered(found.toml, number, layer=layer)
    policies_text.read(text, layer=layer)
    row, now = tables.policies.c, ask.console.now()
    values = {"state": State.PUBLISHED.value, "number": number, "toml": text, "note": note, "published_at": now}
    db.execute(tables.policies.update().where(row.id == found.id).values(**values, published_by=_by(ask)))
    _put_in_force(db, ask, found.id, number)
    acts.record_for(db, ask, "policy.published", target=f"version {number}", detail=note)
    return number


def roll_back(db: sa.Connection, ask: Ask, *, number: str, seen: str, note: str, layer: LayerName) -> int:
    """Put an older text in force again, as a new version; its number.

    `seen` is the id of the version that was in force when this was decided. Raises PolicyError and Refusal.
    """
    bump_serial(db, ask.practice_id)
    older = version(db, practice_id=ask.practice_id, number=number)
    before = in_force(db, ask.practice_id)
    if older.state != State.PUBLISHED.value or before is None or before.id == older.id:
        sentence = "Only a version that was in force before can be put in force again."
        raise Refusal(status=409, code="not_older", sentence=sentence)
    if before.id != seen:
        sentence = "Another version was put in force meanwhile. Look again before you decide."
        raise Refusal(status=409, code="changed", sentence=sentence)
    fresh = _next(db, ask.practice_id)
    text = policies_text.numbered(older.toml, fresh, layer=layer)
    policies_text.read(text, layer=layer)
    made = _insert(db, ask, number=fresh, text=text, state=State.PUBLISHED, note=note)
    _put_in_force(db, ask, made, fresh)
    acts.record_for(db, ask, "policy.rolled_back", target=f"version {fresh}", detail=f"to the text of version {number}")
    return fresh


def _current(db: sa.Connection, ask: Ask, revision: int) -> Any:
    """The draft's row, where it is still as it was read."""
    found = the_draft(db, ask.practice_id)
    if found.revision != revision:
        raise Stale(found)
    return found


def _next(db: sa.Connection, practice_id: str) -> int:
    row = tables.policies.c
    return int(db.scalar(sa.select(sa.func.max(row.number)).where(row.practice_id == practice_id)) or 0) + 1


def _insert(db: sa.Connection, ask: Ask, *, number: int, text: str, state: State, note: str = "") -> str:
    now, made = ask.console.now(), str(uuid.uuid4())
    published = {"published_at": now, "published_by": _by(ask)} if state is State.PUBLISHED else {}
    values = {"id": made, "practice_id": ask.practice_id, "number": number, "state": state.value, "toml": text}
    when = {"created_at": now, "created_by": _by(ask), "saved_at": now}
    db.execute(tables.policies.insert().values(**values, **when, **published, note=note))
    return made


def _put_in_force(db: sa.Connection, ask: Ask, policy_id: str, number: int) -> None:
    """In the history of changes as well, which outlives reports."""
    before = in_force(db, ask.practice_id)
    mine = tables.practices.c.id == ask.practice_id
    db.execute(tables.practices.update().where(mine).values(policy_id=policy_id))
    now = ask.console.now()
    words = {"before": "baseline" if before is None else str(before.number), "after": str(number)}
    db.execute(
        tables.changes.insert().values(practice_id=ask.practice_id, what="policy", at=now, received_at=now, **words)
    )


def _by(ask: Ask) -> str:
    assert ask.caller is not None
    return ask.caller.label[:120]
