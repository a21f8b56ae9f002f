"""What every part of the console shares: the database, the key, the clock, and how a page is made."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import jinja2
import sqlalchemy as sa

from reports.console.model import Ask, Person, Reply, Role
from reports.console.sealed import Seal
from reports.console.store import tables
from reports.console.store.engine import Store
from reports.web.answers import see_other
from reports.web.pages import environment

__all__ = ["TEMPLATES", "Console", "as_json", "see_other"]
TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True, kw_only=True)
class Console:
    """One console process. Threads share it."""

    store: Store
    seal: Seal
    data: Path
    """Its own folder: the key, and SQLite's file where that is the engine."""
    clock: Callable[[], int]
    """Unix seconds."""
    public_url: str = ""
    """As devices and people reach it, without a slash at the end; "" goes by each request's Host."""
    name: str = ""
    """Of this process, for leases: two consoles never bear the same."""

    def now(self) -> int:
        """Unix seconds."""
        return self.clock()

    @cached_property
    def jinja(self) -> jinja2.Environment:
        """Templates. Whatever is put in is escaped."""
        return environment(TEMPLATES)

    def page(self, template: str, ask: Ask, *, status: int = 200, **values: Any) -> Reply:
        """A page. Templates see `me` (Person or None), `practice` (its row or None), `now`, and `values`."""
        me = ask.caller if isinstance(ask.caller, Person) else None
        practice = None if me is None else self.practice(me.practice_id)
        zone = ZoneInfo(practice.timezone) if practice is not None else ZoneInfo("UTC")
        text = self.jinja.get_template(template).render(
            me=me, practice=practice, now=self.now(), zone=zone, Role=Role, **values
        )
        return Reply(status=status, content=text.encode())

    def practice(self, practice_id: str) -> Any:
        """The practice's row."""
        with self.store.read() as db:
            return db.execute(sa.select(tables.practices).where(tables.practices.c.id == practice_id)).one()

    def setting(self, practice_id: str, name: str) -> Any:
        """A practice's setting, from JSON; None where it was never set."""
        row = tables.settings.c
        with self.store.read() as db:
            found = db.scalar(sa.select(row.value).where(row.practice_id == practice_id, row.name == name))
        return None if found is None else json.loads(found)


def as_json(body: Any, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
    """A JSON answer of plain values."""
    content = json.dumps(body, separators=(",", ":")).encode()
    return Reply(status=status, content=content, kind="application/json", headers=dict(headers or {}))
