"""The database: what is written is whole or not at all, and each trouble has its name."""

import sqlite3
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa
from postgres import Server

from reports.console.console import Console
from reports.console.store import tables
from reports.console.store.engine import Store, StoreError, Trouble, insert, parse_url, sqlite_url


def put(db: sa.Connection, name: str) -> None:
    db.execute(tables.jobs.insert().values(name=name, due_at=1))


def names(store: Store) -> list[str]:
    with store.read() as db:
        return list(db.scalars(sa.select(tables.jobs.c.name).order_by(tables.jobs.c.name)))


def test_a_failed_transaction_leaves_nothing(both: Console) -> None:
    def half() -> None:
        with both.store.write() as db:
            put(db, "a")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        half()
    assert names(both.store) == []


def test_integrity_errors_reach_the_caller(both: Console) -> None:
    with both.store.write() as db:
        put(db, "a")
    with pytest.raises(sa.exc.IntegrityError), both.store.write() as db:
        put(db, "a")
    assert names(both.store) == ["a"]


def test_the_same_row_may_be_put_twice_where_that_is_asked(both: Console) -> None:
    for _ in range(2):
        with both.store.write() as db:
            db.execute(insert(both.store, tables.jobs).values(name="a", due_at=1).on_conflict_do_nothing())
    assert names(both.store) == ["a"]


def test_writers_of_one_process_queue(both: Console) -> None:
    def write(number: int) -> None:
        with both.store.write() as db:
            put(db, f"{number:02}")

    threads = [threading.Thread(target=write, args=(number,)) for number in range(20)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert names(both.store) == [f"{number:02}" for number in range(20)]


def test_sqlite_flushes_each_commit(console: Console) -> None:
    with console.store.read() as db:
        assert db.exec_driver_sql("PRAGMA synchronous").scalar() == 2
        assert db.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"


def test_a_file_held_by_another_process_is_busy(console: Console, tmp_path: Path) -> None:
    other = sqlite3.connect(console.data / "console.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    quick = Store(sqlite_url(str(console.data / "console.sqlite")))
    with quick.read() as db:
        db.exec_driver_sql("PRAGMA busy_timeout=10")
    with pytest.raises(StoreError) as met, quick.write() as db:
        put(db, "a")
    other.close()
    quick.close()
    assert met.value.trouble is Trouble.BUSY


def test_a_full_disk_is_said(console: Console) -> None:
    with console.store.read() as db:
        pages = db.exec_driver_sql("PRAGMA page_count").scalar()
        db.exec_driver_sql(f"PRAGMA max_page_count={pages}")
    rows = [{"name": str(n), "due_at": 1, "error": "x" * 200} for n in range(5000)]
    with pytest.raises(StoreError) as met, console.store.write() as db:
        db.execute(tables.jobs.insert(), rows)
    assert met.value.trouble is Trouble.FULL
    assert names(console.store) == []


@pytest.mark.parametrize("content", [b"no database at all, but long enough to be looked at" * 40])
def test_a_damaged_file_is_said(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "console.sqlite").write_bytes(content)
    store = Store(sqlite_url(str(tmp_path / "console.sqlite")))
    with pytest.raises(StoreError) as met, store.read() as db:
        db.execute(sa.text("SELECT 1 FROM sqlite_master"))
    store.close()
    assert met.value.trouble is Trouble.DAMAGED


def test_a_server_that_is_not_there_is_gone(tmp_path: Path) -> None:
    store = Store(parse_url(f"postgresql://nobody@/none?host={tmp_path}"))
    with pytest.raises(StoreError) as met, store.read():
        pass
    store.close()
    assert met.value.trouble is Trouble.GONE


def test_connections_that_a_server_ended_are_replaced(pg_console: Console, postgres: Server) -> None:
    assert names(pg_console.store) == []
    postgres.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname LIKE 'fresh%'")
    assert names(pg_console.store) == []


def test_a_read_only_database_is_said(pg_console: Console) -> None:
    def write() -> None:
        with pg_console.store.write() as db:
            db.execute(sa.text("SET TRANSACTION READ ONLY"))
            put(db, "a")

    with pytest.raises(StoreError) as met:
        write()
    assert met.value.trouble is Trouble.READ_ONLY


@pytest.mark.parametrize("text", ["", "mysql://a/b", "postgres", "http://x/y"])
def test_other_databases_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected a database"):
        parse_url(text)
