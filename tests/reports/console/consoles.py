"""Makes consoles to test with."""

from pathlib import Path

import sqlalchemy as sa
from clock import Clock

from reports.console import practices
from reports.console.console import Console
from reports.console.sealed import Seal
from reports.console.store import tables
from reports.console.store.engine import Store, sqlite_url

ZONE = "Australia/Melbourne"


def made_console(data: Path, store: Store | None = None) -> Console:
    """A console of a migrated database: of the file in its folder, unless another is given."""
    store = store or Store(sqlite_url(str(data / "console.sqlite")))
    made = Console(store=store, seal=Seal(bytes(range(32))), data=data, clock=Clock(), name="console-1")
    with store.write() as db:
        practices.make(db, made, name="Example Practice", timezone=ZONE)
        practices.make(db, made, name="Other Practice", timezone=ZONE)
    return made


def practice_id(console: Console, name: str = "Example Practice") -> str:
    """Its id."""
    with console.store.read() as db:
        found = db.scalar(sa.select(tables.practices.c.id).where(tables.practices.c.name == name))
    assert found is not None
    return str(found)
