"""Writes the audit log: each act, in the transaction that does it."""

import sqlalchemy as sa

from reports.console.model import Ask, Person, Token
from reports.console.store import tables

OPERATOR = "console command"
"""Somebody at the console's own machine, as the log names them."""
LONGEST = {"actor": 120, "act": 60, "target": 120, "detail": 500}


def record(
    db: sa.Connection,
    *,
    at: int,
    practice_id: str | None,
    actor_kind: str,
    actor: str,
    act: str,
    target: str = "",
    detail: str = "",
) -> None:
    """One line. `act` is a dotted word such as `waiver.given`; `target` an id or a label; no secret, ever."""
    texts = {"actor": actor, "act": act, "target": target, "detail": detail}
    cut = {name: value[: LONGEST[name]] for name, value in texts.items()}
    db.execute(tables.audit.insert().values(at=at, practice_id=practice_id, actor_kind=actor_kind, **cut))


def record_for(db: sa.Connection, ask: Ask, act: str, *, target: str = "", detail: str = "") -> None:
    """One line for what the caller of a request does."""
    caller = ask.caller
    assert caller is not None
    kind = "person" if isinstance(caller, Person) else "token"
    assert isinstance(caller, Person | Token)
    record(
        db,
        at=ask.console.now(),
        practice_id=caller.practice_id,
        actor_kind=kind,
        actor=caller.label,
        act=act,
        target=target,
        detail=detail,
    )


def record_operator(
    db: sa.Connection, *, at: int, practice_id: str, act: str, target: str = "", detail: str = ""
) -> None:
    """One line for what somebody does at the console's own machine."""
    who = {"actor_kind": "operator", "actor": OPERATOR}
    record(db, at=at, practice_id=practice_id, **who, act=act, target=target, detail=detail)
