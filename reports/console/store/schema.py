"""Brings the database to the schema of this version, and refuses one of a newer version."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from reports.console.store.engine import SENTENCES, Store, StoreError, Trouble, said

MIGRATIONS = Path(__file__).parent / "migrations"
NONE_YET = "There is no console here yet: start it once with scrubin console serve."
LOCK = 7_243_011_905
"""PostgreSQL's advisory lock under which one console migrates while others wait."""


def bring_up_to_date(store: Store) -> None:
    """Run what is missing. All of it happens, or nothing. Raises StoreError."""
    with store.write() as db:
        if not store.is_sqlite:
            db.execute(sa.text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
            db.execute(sa.text("SET LOCAL lock_timeout = '10s'"))
        _not_newer(db)
        upgrade_to(db, "head")


def upgrade_to(db: sa.Connection, revision: str) -> None:
    """Run the migrations up to one. Raises StoreError for one that this version does not know."""
    settings = _settings()
    settings.attributes["connection"] = db
    try:
        command.upgrade(settings, revision)
    except CommandError as error:
        raise StoreError(Trouble.NEWER, SENTENCES[Trouble.NEWER]) from error


def must_be_current(store: Store) -> None:
    """For commands that change no schema. Raises StoreError where it is another version's."""
    with store.read() as db:
        _not_newer(db)
        revision = MigrationContext.configure(db).get_current_revision()
        if revision is None:
            raise StoreError(Trouble.OLDER, NONE_YET)
        if revision != newest():
            raise StoreError(Trouble.OLDER, SENTENCES[Trouble.OLDER])


def newest() -> str:
    """The revision of this version."""
    head = scripts().get_current_head()
    assert head is not None
    return head


def _not_newer(db: sa.Connection) -> None:
    with said():
        revision = MigrationContext.configure(db).get_current_revision()
    if revision is None:
        return
    try:
        scripts().get_revision(revision)
    except CommandError as error:
        raise StoreError(Trouble.NEWER, SENTENCES[Trouble.NEWER]) from error


def scripts() -> ScriptDirectory:
    """All migrations."""
    return ScriptDirectory.from_config(_settings())


def _settings() -> Config:
    settings = Config()
    settings.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return settings
