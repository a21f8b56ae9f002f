"""Who belongs to a practice, and as what: invited, given another role, let go, reset."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from reports.console.auth import sessions
from reports.console.auth.accounts import add_member, make_link, make_person, person_by_email
from reports.console.console import Console
from reports.console.model import Refusal, Role, not_found
from reports.console.store import tables

OFF = "off:"
"""Stands before the role of a membership that was disabled: in one practice, whatever others think of the person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One person in one practice."""

    id: str
    name: str
    email: str
    role: Role
    ready: bool
    """They have set how they sign in."""
    disabled: bool


def listed(db: sa.Connection, practice_id: str) -> Sequence[Member]:
    """All of a practice, by name."""
    people, member = tables.people.c, tables.memberships.c
    ways = sa.or_(people.password_hash.is_not(None), people.oidc_subject.is_not(None))
    wanted = (
        sa.select(people.id, people.name, people.email, member.role, people.disabled_at, ways.label("ready"))
        .join_from(tables.memberships, tables.people, people.id == member.person_id)
        .where(member.practice_id == practice_id)
        .order_by(sa.func.lower(people.name), people.id)
    )
    return [
        Member(
            id=one.id,
            name=one.name,
            email=one.email,
            role=Role(one.role.removeprefix(OFF)),
            ready=bool(one.ready),
            disabled=one.disabled_at is not None or one.role.startswith(OFF),
        )
        for one in db.execute(wanted)
    ]


def member_of(db: sa.Connection, practice_id: str, person_id: str) -> Any:
    """`email`, `name` and `role`, as it is kept. Holds the practice's people still until the transaction ends.

    Raises Refusal.
    """
    practice, people, member = tables.practices.c, tables.people.c, tables.memberships.c
    db.execute(sa.select(practice.id).where(practice.id == practice_id).with_for_update())
    wanted = (
        sa.select(people.email, people.name, member.role)
        .join_from(tables.memberships, tables.people, people.id == member.person_id)
        .where(member.practice_id == practice_id, member.person_id == person_id)
    )
    found = db.execute(wanted).first()
    if found is None:
        raise not_found()
    return found


def invite(
    db: sa.Connection, console: Console, *, practice_id: str, email: str, name: str, role: Role
) -> tuple[str, str | None]:
    """The person's id, and the token of a link; None for somebody who signs in already. Raises Refusal."""
    person_id = person_by_email(db, email)
    if person_id is not None and practice_id in _practices(db, person_id):
        raise Refusal(status=409, code="known", sentence="Somebody with this e-mail address is here already.")
    alone = person_id is None or not _practices(db, person_id)
    person_id = person_id or make_person(db, console, email=email, name=name)
    add_member(db, person_id=person_id, practice_id=practice_id, role=role)
    if not alone:
        # Their password is not this practice's to replace.
        return person_id, None
    _forget(db, person_id)
    return person_id, make_link(db, console, person_id)


def change_role(db: sa.Connection, *, practice_id: str, person_id: str, role: Role) -> None:
    """Give another role; sessions here end, so that none goes on with what it may no longer do. Raises Refusal."""
    before = member_of(db, practice_id, person_id)
    if before.role.startswith(OFF):
        raise _disabled()
    if before.role == Role.ADMINISTRATOR and role is not Role.ADMINISTRATOR:
        _not_the_last(db, practice_id, person_id)
    _set(db, practice_id, person_id, role)


def let_go(db: sa.Connection, *, practice_id: str, person_id: str) -> None:
    """They can't sign in here from now on; what they may do elsewhere is not ours to end. Raises Refusal."""
    before = member_of(db, practice_id, person_id)
    if before.role == Role.ADMINISTRATOR:
        _not_the_last(db, practice_id, person_id)
    if not before.role.startswith(OFF):
        _set(db, practice_id, person_id, OFF + before.role)


def let_back(db: sa.Connection, *, practice_id: str, person_id: str) -> None:
    """They sign in as before. Raises Refusal."""
    before = member_of(db, practice_id, person_id)
    _set(db, practice_id, person_id, before.role.removeprefix(OFF))


def _set(db: sa.Connection, practice_id: str, person_id: str, role: str) -> None:
    member = tables.memberships.c
    mine = (member.person_id == person_id, member.practice_id == practice_id)
    db.execute(tables.memberships.update().where(*mine).values(role=role))
    sessions.end_all(db, person_id, practice_id=practice_id)


def reset(db: sa.Connection, console: Console, *, practice_id: str, person_id: str) -> str:
    """Their password and second factor end; the token of a link to set new ones. Raises Refusal."""
    if member_of(db, practice_id, person_id).role.startswith(OFF):
        raise _disabled()
    if _practices(db, person_id) != {practice_id}:
        # Whoever holds the link could sign in to the other practices too.
        sentence = "This account is not only this practice's. Ask whoever runs the console for a new link."
        raise Refusal(status=409, code="elsewhere", sentence=sentence)
    _forget(db, person_id)
    sessions.end_all(db, person_id)
    return make_link(db, console, person_id)


def _disabled() -> Refusal:
    return Refusal(status=409, code="disabled", sentence="This person is disabled here. Enable them first.")


def _forget(db: sa.Connection, person_id: str) -> None:
    gone = {"password_hash": None, "totp_sealed": None, "oidc_issuer": None, "oidc_subject": None}
    db.execute(tables.people.update().where(tables.people.c.id == person_id).values(gone))


def _practices(db: sa.Connection, person_id: str) -> set[str]:
    member = tables.memberships.c
    return set(db.scalars(sa.select(member.practice_id).where(member.person_id == person_id)))


def _not_the_last(db: sa.Connection, practice_id: str, person_id: str) -> None:
    """Somebody else must be able to sign in and administer. Raises Refusal."""
    others = [one for one in listed(db, practice_id) if one.id != person_id and one.role is Role.ADMINISTRATOR]
    if not any(one.ready and not one.disabled for one in others):
        sentence = "This is the practice's only administrator who can sign in. Make another one first."
        raise Refusal(status=409, code="last_administrator", sentence=sentence)
