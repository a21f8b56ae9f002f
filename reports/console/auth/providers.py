"""Which OpenID provider a practice has, and which of its people the provider vouches for."""

import json
from typing import Any

import sqlalchemy as sa

from reports.console.auth import sessions
from reports.console.auth.callers import ROLES
from reports.console.auth.oidc import Provider, Vouched
from reports.console.auth.signing_in import signed_in
from reports.console.console import Console
from reports.console.model import Refusal
from reports.console.store import tables
from reports.console.store.engine import insert

NAME = "oidc"
STRANGER = (
    "Your organisation's sign-in knows you, but this practice has not invited you under a confirmed e-mail address. "
    "Ask its administrator."
)


def provider_of(console: Console, practice_id: str) -> Provider | None:
    """The practice's own; None where people sign in with passwords alone. Raises SealError."""
    said = console.setting(practice_id, NAME)
    if not said:
        return None
    row = tables.secrets.c
    with console.store.read() as db:
        sealed = db.scalar(sa.select(row.sealed).where(row.practice_id == practice_id, row.name == NAME))
    secret = "" if sealed is None else console.seal.open(sealed, name=_sealed_as(practice_id)).decode()
    return Provider(practice_id=practice_id, issuer=said["issuer"], client_id=said["client_id"], secret=secret)


def only_one(console: Console) -> str | None:
    """The practice whose provider the sign-in page offers. Where several have one, each has an address of its own:

    the page names no practice to strangers.
    """
    row = tables.settings.c
    wanted = sa.select(row.practice_id).where(row.name == NAME, row.value != "null").limit(2)
    with console.store.read() as db:
        found = db.scalars(wanted).all()
    return str(found[0]) if len(found) == 1 else None


def keep(db: sa.Connection, console: Console, provider: Provider, *, secret_too: bool) -> None:
    """Set a practice's provider; its secret stays as it is unless it is given anew."""
    said = json.dumps({"issuer": provider.issuer, "client_id": provider.client_id})
    _set(db, console, provider.practice_id, said)
    if secret_too:
        sealed = console.seal.close(provider.secret.encode(), name=_sealed_as(provider.practice_id))
        new = insert(console.store, tables.secrets).values(practice_id=provider.practice_id, name=NAME, sealed=sealed)
        db.execute(new.on_conflict_do_update(index_elements=["practice_id", "name"], set_={"sealed": sealed}))


def drop(db: sa.Connection, console: Console, practice_id: str) -> None:
    """Back to passwords alone."""
    _set(db, console, practice_id, "null")
    row = tables.secrets.c
    db.execute(tables.secrets.delete().where(row.practice_id == practice_id, row.name == NAME))


def _set(db: sa.Connection, console: Console, practice_id: str, value: str) -> None:
    new = insert(console.store, tables.settings).values(practice_id=practice_id, name=NAME, value=value)
    db.execute(new.on_conflict_do_update(index_elements=["practice_id", "name"], set_={"value": value}))


def _sealed_as(practice_id: str) -> str:
    return f"oidc:{practice_id}"


def let_in(console: Console, practice_id: str, vouched: Vouched) -> str:
    """The session of whom the provider vouched for: somebody that the practice invited. Raises Refusal.

    It stays in this practice: its administrators choose the provider, and that must open no other practice.
    """
    with console.store.write() as db:
        person = _person(db, practice_id, vouched)
        if person is None:
            raise Refusal(status=403, code="stranger", sentence=STRANGER)
        if person.oidc_subject is None:
            linked = {"oidc_issuer": vouched.issuer, "oidc_subject": vouched.subject}
            db.execute(tables.people.update().where(tables.people.c.id == person.id).values(**linked))
        sessions.prune(db, console.now())
        signed_in(db, console, email=person.email, practice_id=practice_id, how="OpenID provider")
        return sessions.begin(db, console, person_id=person.id, practice_id=practice_id, complete=True, bound=True)


def _person(db: sa.Connection, practice_id: str, vouched: Vouched) -> Any:
    """By who they are at the provider; before their first sign-in there by their e-mail address.

    An address that the same provider gave to somebody else since opens nothing.
    """
    people, member = tables.people.c, tables.memberships.c
    mine = (
        sa.select(people.id, people.email, people.oidc_subject)
        .join_from(tables.people, tables.memberships, member.person_id == people.id)
        .where(member.practice_id == practice_id, member.role.in_(ROLES), people.disabled_at.is_(None))
    )
    same = db.execute(mine.where(people.oidc_issuer == vouched.issuer, people.oidc_subject == vouched.subject)).first()
    if same is not None or vouched.email is None:
        return same
    new_there = sa.or_(people.oidc_issuer.is_(None), people.oidc_issuer != vouched.issuer)
    return db.execute(mine.where(people.email == vouched.email, new_there)).first()
