"""Enrolment by code: a laptop becomes an agent of the practice, comes back with another key, and leaves."""

import base64
import contextlib
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from cryptography.exceptions import InvalidSignature

from reports.console import acts
from reports.console.console import Console
from reports.console.intake import codes, guessing
from reports.console.intake.keys import Agent
from reports.console.intake.sentences import refusal
from reports.console.intake.shapes import EnrolShape
from reports.console.intake.watch import Watch
from reports.console.model import Refusal, not_found
from reports.console.store import tables
from reports.signing import SignatureError, pin_of, read_public

PREVIOUS_DOMAIN = b"scrubin-previous-1\0"
"""Before the body, under the signature of the old key."""
NOTED = frozenset({"code", "known", "too_many"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """An enrolment whose own signature was found good."""

    shape: EnrolShape
    body: bytes
    previous: str
    """The header by which the laptop's old key vouches for the new one; "" without."""
    peer: str
    """Its address, for limits; it is not kept."""


def preview(console: Console, text: str, peer: str, watch: Watch) -> dict[str, Any]:
    """Whom a code is from; nothing is used up. Raises Refusal."""
    with _counted(console, peer, watch) as about, console.store.read() as db:
        guessing.must_be_allowed(db, peer=peer, now=console.now())
        code = _code(db, text)
        about.practice_id = None if code is None else code.practice_id
        if code is None or not _is_valid(code, console.now()):
            raise refusal("code")
        return {"schema": "scrubin/offer/1", **_offer(db, code)}


def enrol(console: Console, request: Request, watch: Watch) -> dict[str, Any]:
    """The laptop is an agent on return. Said twice with one key, it is done once. Raises Refusal."""
    with _counted(console, request.peer, watch) as about, _once(), console.store.write() as db:
        guessing.must_be_allowed(db, peer=request.peer, now=console.now())
        code = _code(db, request.shape.code, lock=True)
        about.practice_id = None if code is None else code.practice_id
        if code is None:
            raise refusal("code")
        agent_id = _enrolled(db, console, request, code)
        return {"schema": "scrubin/enrolled/1", "agent_id": agent_id, **_offer(db, code)}


def end_agent(
    db: sa.Connection, console: Console, *, practice_id: str, agent_id: str, how: str, actor_kind: str, actor: str
) -> None:
    """`how`: left, retired or revoked. Its key opens nothing any more, its devices are no longer waited for.

    With its line in the audit log. Raises Refusal where the practice has no such agent, or it ended before.
    """
    agents, devices = tables.agents, tables.devices
    now = console.now()
    mine = sa.and_(agents.c.id == agent_id, agents.c.practice_id == practice_id, agents.c.ended_at.is_(None))
    if not db.execute(agents.update().where(mine).values(ended_at=now, ended_how=how)).rowcount:
        raise not_found()
    still = sa.and_(devices.c.agent_id == agent_id, devices.c.ended_at.is_(None))
    db.execute(devices.update().where(still).values(ended_at=now))
    _change(db, practice_id=practice_id, agent_id=agent_id, what="ended", before=None, after=how, at=now)
    acts.record(
        db, at=now, practice_id=practice_id, actor_kind=actor_kind, actor=actor, act=f"agent.{how}", target=agent_id
    )


def leave(console: Console, agent: Agent) -> None:
    """The laptop's own word that it goes. Raises Refusal."""
    how = {"how": "left", "actor_kind": "device", "actor": agent.id}
    with console.store.write() as db:
        end_agent(db, console, practice_id=agent.practice_id, agent_id=agent.id, **how)


@dataclass(slots=True)
class _About:
    practice_id: str | None = None
    """Whose code it was, as soon as that is known."""


@contextlib.contextmanager
def _counted(console: Console, peer: str, watch: Watch) -> Iterator[_About]:
    """Counts and notes what was refused, in a transaction of its own: the one that refused it is undone."""
    about = _About()
    try:
        yield about
    except Refusal as error:
        if error.code in NOTED:
            watch.note(error.code, practice_id=about.practice_id, who="")
        if error.code == "code":
            with console.store.write() as db:
                guessing.count(db, console.store, peer=peer, now=console.now())
        raise


@contextlib.contextmanager
def _once() -> Iterator[None]:
    """Two that enrol one laptop at the same moment: the database lets one of them."""
    try:
        yield
    except sa.exc.IntegrityError as error:
        raise refusal("known") from error


def _code(db: sa.Connection, text: str, *, lock: bool = False) -> Any:
    """The row of a code and its practice, whether or not it is still valid; None for no code of ours."""
    parts = codes.parts_of(text)
    if parts is None:
        return None
    table, practices, groups = tables.codes, tables.practices.c, tables.groups.c
    query = (
        sa.select(
            table,
            practices.name,
            practices.signing_public,
            practices.contact_label,
            practices.contact_phone,
            practices.contact_email,
            groups.name.label("group_name"),
        )
        .join(tables.practices, practices.id == table.c.practice_id)
        .outerjoin(tables.groups, groups.id == table.c.group_id)
        .where(table.c.code_hash == codes.digest_of(parts[0]))
    )
    row = db.execute(query.with_for_update(of=table) if lock else query).one_or_none()
    return row if row is not None and pin_of(row.signing_public) == parts[1] else None


def _is_valid(code: Any, now: int) -> bool:
    return code.uses_left > 0 and code.revoked_at is None and code.expires_at > now


def _offer(db: sa.Connection, code: Any) -> dict[str, Any]:
    """What the person is shown before they agree."""
    contact = {"label": code.contact_label, "phone": code.contact_phone, "email": code.contact_email}
    return {
        "practice": {"id": code.practice_id, "name": code.name, "contact": contact},
        "ownership": code.ownership,
        "group": code.group_name or "",
        "console_key": code.signing_public,
    }


def _enrolled(db: sa.Connection, console: Console, request: Request, code: Any) -> str:
    """The agent's id. Raises Refusal."""
    agents = tables.agents
    mine = agents.c.laptop_id == request.shape.laptop_id
    agent = db.execute(sa.select(agents).where(mine).with_for_update()).one_or_none()
    if agent is not None and _is_said_again(agent, request, code):
        return str(agent.id)
    if not _is_valid(code, console.now()):
        raise refusal("code")
    how = "new" if agent is None else _how_anew(agent, request, code)
    if agent is None and code.agent_id is not None:
        raise refusal("code")
    _use_up(db, code)
    agent_id = _new_agent(db, console, request, code) if agent is None else _renewed(db, console, request, code, agent)
    now = console.now()
    acts.record(
        db,
        at=now,
        practice_id=code.practice_id,
        actor_kind="device",
        actor=agent_id,
        act="agent.enrolled" if agent is None else "agent.enrolled_anew",
        target=agent_id,
        detail=f"code {code.hint}, {code.ownership}, {how}",
    )
    _change(db, practice_id=code.practice_id, agent_id=agent_id, what="enrolled", before=None, after=how, at=now)
    return agent_id


def _is_said_again(agent: Any, request: Request, code: Any) -> bool:
    """The answer to this very enrolment got lost: the key is the agent's already, and the code is of its practice."""
    same = agent.public_key == request.shape.public_key and agent.practice_id == code.practice_id
    return same and agent.ended_at is None and code.revoked_at is None


def _how_anew(agent: Any, request: Request, code: Any) -> str:
    """Why a known laptop may have another key. Raises Refusal."""
    if agent.practice_id != code.practice_id:
        raise refusal("known")
    if code.agent_id is not None and code.agent_id != agent.id:
        raise refusal("code")
    if code.agent_id == agent.id:
        return "code made for it"
    if agent.ended_at is not None:
        return "it had ended"
    if _vouches(agent.public_key, request):
        return "its old key"
    raise refusal("known")


def _vouches(public_key: str, request: Request) -> bool:
    text = request.previous.strip()
    if len(text) > 100 or not (text.startswith(":") and text.endswith(":")):
        return False
    try:
        signature = base64.b64decode(text[1:-1], validate=True)
        read_public(public_key).verify(signature, PREVIOUS_DOMAIN + request.body)
    except (InvalidSignature, SignatureError, ValueError):
        return False
    return True


def _use_up(db: sa.Connection, code: Any) -> None:
    """One use. Raises Refusal where another console was quicker."""
    table = tables.codes
    left = sa.and_(table.c.id == code.id, table.c.uses_left > 0)
    if not db.execute(table.update().where(left).values(uses_left=table.c.uses_left - 1)).rowcount:
        raise refusal("code")


def _new_agent(db: sa.Connection, console: Console, request: Request, code: Any) -> str:
    agent_id = str(uuid.uuid4())
    values = {
        "id": agent_id,
        "practice_id": code.practice_id,
        "group_id": code.group_id,
        "laptop_id": request.shape.laptop_id,
        "public_key": request.shape.public_key,
        "ownership": code.ownership,
        "label": code.label,
        "enrolled_at": console.now(),
        "agent_version": request.shape.agent_version,
        "last_seen_at": console.now(),
    }
    db.execute(tables.agents.insert().values(values))
    return agent_id


def _renewed(db: sa.Connection, console: Console, request: Request, code: Any, agent: Any) -> str:
    """The same agent, with its label and history and a new key."""
    values = {
        "public_key": request.shape.public_key,
        "ownership": code.ownership,
        "group_id": code.group_id or agent.group_id,
        "label": agent.label or code.label,
        "enrolled_at": console.now(),
        "agent_version": request.shape.agent_version,
        "last_seen_at": console.now(),
        "ended_at": None,
        "ended_how": None,
    }
    db.execute(tables.agents.update().where(tables.agents.c.id == agent.id).values(values))
    return str(agent.id)


def _change(
    db: sa.Connection, *, practice_id: str, agent_id: str, what: str, before: str | None, after: str | None, at: int
) -> None:
    values = {"practice_id": practice_id, "agent_id": agent_id, "what": what, "before": before, "after": after}
    db.execute(tables.changes.insert().values(**values, at=at, received_at=at))
