"""People: made, let into practices, and given a one-time link to set how they sign in."""

import secrets
import uuid

import sqlalchemy as sa

from reports.console import acts
from reports.console.auth.callers import hashed
from reports.console.console import Console
from reports.console.model import Role
from reports.console.store import tables

LINK_S = 24 * 3600


def first_administrator(db: sa.Connection, console: Console, *, practice_id: str, email: str, name: str) -> str:
    """Make, or find, a practice's administrator for the operator; the token of a one-time link for them."""
    person_id = person_by_email(db, email) or make_person(db, console, email=email, name=name)
    member = tables.memberships.c
    mine = sa.and_(member.person_id == person_id, member.practice_id == practice_id)
    if db.scalar(sa.select(sa.func.count()).select_from(tables.memberships).where(mine)):
        db.execute(tables.memberships.update().where(mine).values(role=Role.ADMINISTRATOR))
    else:
        add_member(db, person_id=person_id, practice_id=practice_id, role=Role.ADMINISTRATOR)
    told = {"act": "person.link", "target": email.lower(), "detail": "administrator"}
    acts.record_operator(db, at=console.now(), practice_id=practice_id, **told)
    return make_link(db, console, person_id)


def person_by_email(db: sa.Connection, email: str) -> str | None:
    """Their id."""
    found = db.scalar(sa.select(tables.people.c.id).where(tables.people.c.email == email.lower()))
    return None if found is None else str(found)


def make_person(db: sa.Connection, console: Console, *, email: str, name: str) -> str:
    """Somebody who has no way to sign in yet; their id."""
    person_id = str(uuid.uuid4())
    db.execute(tables.people.insert().values(id=person_id, email=email.lower(), name=name, created_at=console.now()))
    return person_id


def add_member(db: sa.Connection, *, person_id: str, practice_id: str, role: Role) -> None:
    """Let somebody into a practice."""
    db.execute(tables.memberships.insert().values(person_id=person_id, practice_id=practice_id, role=role))


def make_link(db: sa.Connection, console: Console, person_id: str) -> str:
    """The token of a one-time link. Links that they had before end."""
    db.execute(tables.links.delete().where(tables.links.c.person_id == person_id, tables.links.c.used_at.is_(None)))
    token = secrets.token_urlsafe(32)
    db.execute(
        tables.links.insert().values(
            token_hash=hashed(token), person_id=person_id, expires_at=console.now() + LINK_S, used_at=None
        )
    )
    return token
