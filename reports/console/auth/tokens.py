"""Tokens of programs: made with scopes and an end, shown once, revoked."""

import secrets
import uuid
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from reports.console.auth.callers import hashed
from reports.console.console import Console
from reports.console.model import Scope, not_found
from reports.console.store import tables

PREFIX = "scrubin_"
"""So that a token that strays into a text is known for what it is."""
MOST_DAYS = 365


def make(
    db: sa.Connection, console: Console, *, practice_id: str, name: str, scopes: frozenset[Scope], days: int, by: str
) -> tuple[str, str]:
    """A new token's id and its secret, which is kept nowhere. `by`: the person's id."""
    token_id, secret = str(uuid.uuid4()), PREFIX + secrets.token_urlsafe(32)
    db.execute(
        tables.tokens.insert().values(
            id=token_id,
            token_hash=hashed(secret),
            practice_id=practice_id,
            name=name,
            scopes=" ".join(sorted(scopes)),
            created_by=by,
            created_at=console.now(),
            expires_at=console.now() + days * 86400,
        )
    )
    return token_id, secret


def listed(db: sa.Connection, practice_id: str) -> Sequence[Any]:
    """All of a practice, the newest first, with their makers' addresses; no secret is in a row."""
    token, people = tables.tokens.c, tables.people.c
    wanted = (
        sa.select(token.id, token.name, token.scopes, token.created_at, token.expires_at, token.last_used_at)
        .add_columns(token.revoked_at, people.email.label("by"))
        .join_from(tables.tokens, tables.people, people.id == token.created_by, isouter=True)
        .where(token.practice_id == practice_id)
        .order_by(token.created_at.desc(), token.id)
    )
    return db.execute(wanted).all()


def revoke(db: sa.Connection, console: Console, *, practice_id: str, token_id: str) -> str:
    """End one; its name. Raises Refusal."""
    token = tables.tokens.c
    mine = (token.id == token_id, token.practice_id == practice_id, token.revoked_at.is_(None))
    name = db.scalar(sa.select(token.name).where(*mine))
    if name is None:
        raise not_found()
    db.execute(tables.tokens.update().where(*mine).values(revoked_at=console.now()))
    return str(name)
