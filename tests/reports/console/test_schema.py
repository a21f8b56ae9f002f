"""The schema: made by migrations alone, equal to the tables that the code knows, and never a newer one's."""

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from postgres import Server

from reports.console.console import Console
from reports.console.store import schema
from reports.console.store.engine import Store, StoreError, Trouble, sqlite_url
from reports.console.store.tables import METADATA, people


def test_migrations_end_where_the_tables_are(both: Console) -> None:
    def ours(thing: object, name: str | None, kind: str, reflected: bool, _: object) -> bool:
        return not (kind == "table" and reflected and str(name).startswith("reports_"))  # partitions

    with both.store.read() as db:
        seen = MigrationContext.configure(db, opts={"compare_type": True, "include_object": ours})
        assert compare_metadata(seen, METADATA) == []


def test_bringing_up_to_date_twice_changes_nothing(both: Console) -> None:
    schema.bring_up_to_date(both.store)
    schema.must_be_current(both.store)


def test_a_newer_database_is_refused(both: Console) -> None:
    with both.store.write() as db:
        db.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    for act in (schema.bring_up_to_date, schema.must_be_current):
        with pytest.raises(StoreError) as met:
            act(both.store)
        assert met.value.trouble is Trouble.NEWER


def test_an_older_database_is_not_worked_with(both: Console) -> None:
    with both.store.write() as db:
        db.execute(sa.text("DELETE FROM alembic_version"))
    with pytest.raises(StoreError) as met:
        schema.must_be_current(both.store)
    assert met.value.trouble is Trouble.OLDER


REVISIONS = [one.revision for one in reversed(list(schema.scripts().walk_revisions()))]
FIRST_RELEASED = "0003"
"""Nothing was released before it. From then on a migration adds, so that an older console works on meanwhile."""


@pytest.mark.parametrize("revision", REVISIONS)
@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_each_schema_that_ever_was_is_brought_up_with_its_rows(
    request: pytest.FixtureRequest, tmp_path: Path, engine: str, revision: str
) -> None:
    server = request.getfixturevalue("postgres") if engine == "postgresql" else None
    store = Store(sqlite_url(str(tmp_path / "old.sqlite")) if server is None else server.fresh())
    with store.write() as db:
        schema.upgrade_to(db, revision)
        row = {"id": "1", "email": "alice@practice.example", "name": "Alice", "totp_step": 0, "created_at": 1}
        db.execute(sa.text(f"INSERT INTO people ({', '.join(row)}) VALUES (:{', :'.join(row)})"), row)
    schema.bring_up_to_date(store)
    with store.read() as db:
        assert list(db.scalars(sa.select(people.c.email))) == ["alice@practice.example"]
    store.close()


def test_migrations_after_the_first_release_only_add() -> None:
    for one in schema.scripts().walk_revisions():
        text = Path(one.path).read_text()
        assert one.revision <= FIRST_RELEASED or not re.search(r"op\.(drop_|alter_column|rename)", text), one.path


def test_two_consoles_that_start_at_once_both_find_the_schema(postgres: Server) -> None:
    stores = [Store(url) for url in [postgres.fresh()] for _ in range(2)]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(schema.bring_up_to_date, stores))
    for one in stores:
        schema.must_be_current(one)
        one.close()
