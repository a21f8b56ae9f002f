"""Consoles to test with: on SQLite and on a real PostgreSQL, each with two practices that must never meet."""

import shutil
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from consoles import made_console, practice_id
from postgres import Server, server
from starlette.datastructures import FormData, QueryParams
from starlette.testclient import TestClient

from reports.console.console import Console
from reports.console.model import Ask, Person, Role, Token
from reports.console.store import schema
from reports.console.store.engine import Store, sqlite_url


@pytest.fixture(scope="session")
def empty_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file without rows, to be copied: migrating takes longer than most tests."""
    path = tmp_path_factory.mktemp("empty") / "console.sqlite"
    store = Store(sqlite_url(str(path)))
    schema.bring_up_to_date(store)
    store.close()
    return path


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """One server a test process, with a migrated database as template."""
    with server() as running:
        store = Store(running.fresh())
        schema.bring_up_to_date(store)
        store.close()
        running.run("ALTER DATABASE fresh_1 RENAME TO migrated")
        yield running


@pytest.fixture
def console(tmp_path: Path, empty_sqlite: Path) -> Iterator[Console]:
    """On SQLite."""
    data = tmp_path / "console"
    data.mkdir()
    shutil.copy(empty_sqlite, data / "console.sqlite")
    made = made_console(data)
    yield made
    made.store.close()


@pytest.fixture
def pg_console(tmp_path: Path, postgres: Server) -> Iterator[Console]:
    """On PostgreSQL."""
    data = tmp_path / "pg-console"
    data.mkdir()
    store = Store(postgres.fresh("migrated"))
    yield made_console(data, store)
    store.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def both(request: pytest.FixtureRequest) -> Console:
    """On each engine in turn."""
    made: Console = request.getfixturevalue("console" if request.param == "sqlite" else "pg_console")
    return made


@pytest.fixture
def practice_of() -> Callable[..., str]:
    """The id of a console's practice: "Example Practice" unless another is named."""
    return practice_id


@pytest.fixture
def as_role(practice_of: Callable[..., str]) -> Callable[..., Person]:
    """Somebody in a role of a console's practice."""

    def make(console: Console, role: Role = Role.ADMINISTRATOR, practice: str = "Example Practice") -> Person:
        return Person(
            id=str(uuid.uuid4()),
            name="Alice Example",
            email="alice@practice.example",
            role=role,
            practice_id=practice_of(console, practice),
            csrf="csrf-of-the-session",
        )

    return make


@pytest.fixture
def ask() -> Callable[..., Ask]:
    """A request, as a handler gets it."""

    def make(console: Console, caller: Person | Token | None = None, **given: Any) -> Ask:
        form = given.pop("form", None)
        return Ask(
            console=console,
            caller=caller,
            path=given.pop("path", {}),
            query=QueryParams(given.pop("query", {})),
            form=None if form is None else FormData(tuple(form.items()) if isinstance(form, dict) else tuple(form)),
            **given,
        )

    return make


@pytest.fixture
def client() -> Iterator[Callable[[Console], TestClient]]:
    """The whole application of a console, by HTTP."""
    from reports.console.whole import whole

    opened: list[TestClient] = []

    def make(console: Console) -> TestClient:
        running = TestClient(whole(console), base_url="http://127.0.0.1:8443", follow_redirects=False)
        running.__enter__()
        opened.append(running)
        return running

    yield make
    for one in opened:
        one.__exit__(None, None, None)
