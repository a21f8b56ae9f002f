"""How long the console's pages take with many devices, on SQLite and on PostgreSQL.

Usage: console_pages.py [DEVICES [postgresql://…]]. The database that is named must be empty; SQLite's is made and
thrown away. Beside the wall time, which other programs on the machine lengthen, stands the processor time of ours.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import console_rows
import sqlalchemy as sa
from starlette.datastructures import QueryParams
from table import Row, seconds, show

from reports.console import practices
from reports.console.console import Console
from reports.console.model import Ask, Person, Reply, Role
from reports.console.pages import device, devices, findings, lost, overview
from reports.console.sealed import Seal
from reports.console.store import schema, tables
from reports.console.store.engine import Store, parse_url, sqlite_url

NOW = 1_795_302_000
TARGET_S = 0.2
REPEATS = 7
PAGES: Sequence[tuple[str, Callable[[Ask], Reply], dict[str, str]]] = (
    ("overview", overview.show, {}),
    ("devices, worst first", devices.show, {}),
    ("devices, page 100", devices.show, {"page": "100"}),
    ("devices, longest silent", devices.show, {"sort": "heard"}),
    ("devices, most to fix", devices.show, {"sort": "to_fix"}),
    ("devices, overdue", devices.show, {"verdict": "overdue"}),
    ("devices, a model", devices.show, {"q": "pixel"}),
    ("devices, a person", devices.show, {"q": "Staff 001234"}),
    ("devices, nobody", devices.show, {"q": "nothing such"}),
    ("devices, a check fails", devices.show, {"check": "updates"}),
    ("devices, a platform that none has", devices.show, {"platform": "ios"}),
    ("findings", findings.show, {}),
    ("findings, a check", findings.show, {"check": "updates"}),
    ("findings, an age", findings.show, {"age": "weeks"}),
)


def rows(console: Console, practice_id: str, *, engine: str) -> list[Row]:
    """A row for each page."""
    me = Person(
        id="bench", name="Bench", email="b@x.example", role=Role.ADMINISTRATOR, practice_id=practice_id, csrf=""
    )

    def asked(path: dict[str, str], query: dict[str, str]) -> Ask:
        return Ask(console=console, caller=me, path=path, query=QueryParams(query))

    row = tables.devices.c
    with console.store.read() as db:
        one = str(db.scalar(sa.select(row.id).where(row.practice_id == practice_id, row.ended_at.is_(None)).limit(1)))
    found = [_row(f"{engine}: {name}", lambda run=run, q=q: run(asked({}, q))) for name, run, q in PAGES]  # type: ignore[misc]
    path = {"device_id": one}
    found.append(_row(f"{engine}: one device", lambda: device.show(asked(path, {}))))
    found.append(_row(f"{engine}: lost or stolen", lambda: lost.before(asked(path, {}))))
    return found


def _row(name: str, run: Callable[[], Any]) -> Row:
    walls, cpus = [], []
    run()
    for _ in range(REPEATS):
        began, used = time.perf_counter(), time.process_time()
        run()
        walls.append(time.perf_counter() - began)
        cpus.append(time.process_time() - used)
    taken = statistics.median(walls)
    beside = f"processor {seconds(statistics.median(cpus))}"
    return Row(measure=name, seen=seconds(taken), beside=beside, target="under 200 ms", kept=taken < TARGET_S)


@contextmanager
def filled(url: sa.URL, folder: Path, count: int) -> Iterator[tuple[Console, str]]:
    """A console with so many devices."""
    store = Store(url)
    schema.bring_up_to_date(store)
    console = Console(store=store, seal=Seal(bytes(32)), data=folder, clock=lambda: NOW, name="bench")
    with store.write() as db:
        practice_id = practices.make(db, console, name="Example Practice", timezone="Australia/Melbourne")
    console_rows.fill(console, practice_id, devices=count)
    yield console, practice_id
    store.close()


def main(words: Sequence[str]) -> None:
    """Both engines, where a PostgreSQL is named."""
    count = int(words[0]) if words else 100_000
    with tempfile.TemporaryDirectory() as name:
        urls = {"SQLite": sqlite_url(str(Path(name) / "console.sqlite"))}
        if len(words) > 1:
            urls["PostgreSQL"] = parse_url(words[1])
        found: list[Row] = []
        for engine, url in urls.items():
            with filled(url, Path(name), count) as (console, practice_id):
                found += rows(console, practice_id, engine=engine)
    show(found)


if __name__ == "__main__":
    main(sys.argv[1:])
