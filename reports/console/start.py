"""Opens a console: its folder, its key, its database, and on the first start its first practice and administrator."""

import json
import os
import re
import secrets
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import sqlalchemy as sa

from reports.console import acts, practices
from reports.console.auth.accounts import first_administrator
from reports.console.console import Console
from reports.console.sealed import Seal, SealError, key_of
from reports.console.store import schema, tables
from reports.console.store.engine import Store, StoreError, parse_url, sqlite_url

KEY = "console.key"
DATABASE = "console.sqlite"
EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,189}")


class StartError(Exception):
    """The console can't start. The text is for the operator."""


@dataclass(frozen=True, slots=True, kw_only=True)
class First:
    """What a console that has nobody yet is told to begin with."""

    practice: str = "Our practice"
    timezone: str = "Australia/Sydney"
    email: str = "administrator@localhost"


def open_console(data: Path, *, database: str | None, clock: Callable[[], int], public_url: str = "") -> Console:
    """The console of a folder, or of a PostgreSQL database whose key lies in that folder. Raises StartError."""
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        store = Store(parse_url(database) if database else sqlite_url(str(data / DATABASE)))
    except OSError as error:
        raise StartError(f"the console's folder can't be used: {error.strerror}") from error
    except ValueError as error:
        raise StartError(f"--database: {error}") from error
    try:
        return Console(
            store=store,
            seal=Seal(key_of(str(data / KEY))),
            data=data,
            clock=clock,
            public_url=public_url.rstrip("/"),
            name=f"{socket.gethostname()[:20]}-{os.getpid()}-{secrets.token_hex(4)}",
        )
    except SealError as error:
        raise StartError(str(error)) from error


def ready(console: Console) -> None:
    """Bring the database to this version, and see that its secrets open. Raises StartError."""
    try:
        schema.bring_up_to_date(console.store)
        _key_fits(console)
    except StoreError as error:
        raise StartError(error.sentence) from error


def current(console: Console) -> None:
    """For commands beside a running console: they change no schema. Raises StartError."""
    try:
        schema.must_be_current(console.store)
        _key_fits(console)
    except StoreError as error:
        raise StartError(error.sentence) from error


def _key_fits(console: Console) -> None:
    with console.store.read() as db:
        row = db.execute(sa.select(tables.practices).order_by(tables.practices.c.created_at).limit(1)).first()
    if row is None:
        return
    try:
        practices.signing_key(console, row)
    except SealError as error:
        raise StartError(
            "console.key is not the one that this database was made with. Put the right one into the console's "
            "folder: it is in every backup"
        ) from error


def first_link(console: Console, first: First) -> str | None:
    """A one-time link's path for the first administrator, while nobody has ever signed in; None afterwards.

    Raises StartError.
    """
    _valid(first)
    people, practice = tables.people, tables.practices
    with console.store.write() as db:
        known = sa.or_(people.c.password_hash.is_not(None), people.c.oidc_subject.is_not(None))
        if db.scalar(sa.select(sa.func.count()).select_from(people).where(known)):
            return None
        practice_id = db.scalar(sa.select(practice.c.id).order_by(practice.c.created_at).limit(1))
        if practice_id is None:
            practice_id = practices.make(db, console, name=first.practice, timezone=first.timezone)
            _made(console, db, practice_id, first)
        token = first_administrator(db, console, practice_id=practice_id, email=first.email, name="Administrator")
    return f"/first/{token}"


def add_practice(console: Console, first: First) -> tuple[str, str]:
    """One more practice: its id, and the path of its administrator's one-time link. Raises StartError."""
    _valid(first)
    with console.store.write() as db:
        practice_id = practices.make(db, console, name=first.practice, timezone=first.timezone)
        _made(console, db, practice_id, first)
        token = first_administrator(db, console, practice_id=practice_id, email=first.email, name="Administrator")
    return practice_id, f"/first/{token}"


def administrator_link(console: Console, practice_id: str, email: str) -> str:
    """The path of a one-time link for somebody who is an administrator from then on. Raises StartError."""
    _valid(First(email=email))
    with console.store.write() as db:
        token = first_administrator(db, console, practice_id=practice_id, email=email, name="Administrator")
    return f"/first/{token}"


def only_practice(console: Console, wanted: str | None) -> str:
    """The id of the practice that is meant by a name or an id; of the only one without. Raises StartError."""
    with console.store.read() as db:
        rows = db.execute(sa.select(tables.practices.c.id, tables.practices.c.name)).all()
    found = [one.id for one in rows if wanted in (None, one.id, one.name)]
    if len(found) == 1:
        return str(found[0])
    if wanted is None and rows:
        names = json.dumps([one.name for one in rows[:20]], ensure_ascii=False)
        raise StartError(f"this console holds several practices: name one with --practice, of {names}")
    raise StartError("there is no such practice here" if rows else "this console holds no practice yet: start it once")


def _valid(first: First) -> None:
    if not first.practice.strip() or len(first.practice) > 120 or not first.practice.isprintable():
        raise StartError("the practice's name is a line of at most 120 characters")
    if not EMAIL.fullmatch(first.email):
        raise StartError("the administrator's e-mail address was expected, such as it@practice.example")
    try:
        ZoneInfo(first.timezone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise StartError("the time zone was expected as in Australia/Sydney") from error


def _made(console: Console, db: sa.Connection, practice_id: str, first: First) -> None:
    acts.record_operator(db, at=console.now(), practice_id=practice_id, act="practice.made", target=first.practice)
