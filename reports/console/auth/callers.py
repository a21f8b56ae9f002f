"""Who is behind a request: a session's person, or the program that holds a token."""

import hashlib
import secrets

import sqlalchemy as sa

from reports.console.console import Console
from reports.console.model import Person, Role, Scope, Token
from reports.console.store import tables

SESSION_COOKIE = "scrubin"
SECURE_COOKIE = "__Host-scrubin"
"""Over HTTPS: browsers take a cookie of this name from no other host and over no plain connection."""
IDLE_S = 30 * 60
LONGEST_NEXT = 300
TOUCH_S = 60
"""How often, at most, a session's or token's last use is written down."""
ROLES = tuple(Role)
"""Of memberships that count. One that was disabled holds another word: members.OFF before its role."""
LONGEST = 200
"""Of what a browser or program presents: longer texts are none of ours."""


def cookie_name(*, secure: bool) -> str:
    """Of the session's cookie."""
    return SECURE_COOKIE if secure else SESSION_COOKIE


def hashed(secret: str) -> str:
    """As sessions, links and tokens are kept: who copies the database can't use them."""
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()


def same(one: str, other: str) -> bool:
    """Compare secrets without telling by the time it takes where they part."""
    return secrets.compare_digest(one.encode(), other.encode("utf-8", "surrogatepass"))


def person_of(console: Console, session_token: str) -> Person | None:
    """Whose session it is, if it is complete, not idle for long, and they still have access."""
    if not 0 < len(session_token) <= LONGEST:
        return None
    session, people, member = tables.sessions.c, tables.people.c, tables.memberships.c
    now = console.now()
    both = sa.and_(member.person_id == session.person_id, member.practice_id == session.practice_id)
    wanted = (
        sa.select(people.id, people.name, people.email, member.role, member.practice_id, session.csrf, session.seen_at)
        .join_from(tables.sessions, tables.people, people.id == session.person_id)
        .join(tables.memberships, both)
        .where(session.token_hash == hashed(session_token), session.complete.is_(True), people.disabled_at.is_(None))
        .where(member.role.in_(ROLES), session.expires_at > now, session.seen_at > now - IDLE_S)
    )
    with console.store.read() as db:
        row = db.execute(wanted).first()
    if row is None:
        return None
    if row.seen_at + TOUCH_S <= now:
        _touch(console, tables.sessions, session.token_hash == hashed(session_token), seen_at=now)
    return Person(
        id=row.id, name=row.name, email=row.email, role=Role(row.role), practice_id=row.practice_id, csrf=row.csrf
    )


def token_of(console: Console, secret: str) -> Token | None:
    """The token with this secret, while it is neither revoked nor past its end."""
    if not 0 < len(secret) <= LONGEST:
        return None
    token, now = tables.tokens.c, console.now()
    wanted = sa.select(tables.tokens).where(token.token_hash == hashed(secret), token.revoked_at.is_(None))
    with console.store.read() as db:
        row = db.execute(wanted.where(token.expires_at > now)).first()
    if row is None:
        return None
    if (row.last_used_at or 0) + TOUCH_S <= now:
        _touch(console, tables.tokens, token.id == row.id, last_used_at=now)
    scopes = frozenset(Scope(word) for word in row.scopes.split())
    return Token(id=row.id, name=row.name, scopes=scopes, practice_id=row.practice_id)


def _touch(console: Console, table: sa.Table, which: sa.ColumnElement[bool], **values: int) -> None:
    with console.store.write() as db:
        db.execute(table.update().where(which).values(**values))


def own_path(text: str) -> str:
    """Where to go on, if it is one of our own pages; the overview otherwise."""
    ours = text.startswith("/") and not text.startswith(("//", "/\\")) and len(text) <= LONGEST_NEXT
    return text if ours and text.isascii() and text.isprintable() and "\\" not in text else "/"
