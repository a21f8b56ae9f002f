"""A backup holds every row, comes back whole on either engine, and a damaged one puts back nothing."""

import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from postgres import Server

from reports.console.backup import BackupError, restore_backup, write_backup
from reports.console.console import Console
from reports.console.sealed import key_of
from reports.console.store.engine import Store, StoreError, sqlite_url
from reports.console.store.tables import METADATA, audit, reports

Rows = dict[str, list[tuple[object, ...]]]


def rows_of(store: Store) -> Rows:
    with store.read() as db:
        return {
            one.name: [tuple(row) for row in db.execute(sa.select(one).order_by(*one.primary_key.columns))]
            for one in METADATA.sorted_tables
        }


def fill(console: Console, practice_id: str) -> None:
    with console.store.write() as db:
        for number in range(1200):
            db.execute(audit.insert().values(
                practice_id=practice_id, at=number, actor_kind="person", actor="Zoë", act="x", target="😀", detail="\n"
            ))  # fmt: skip
        db.execute(reports.insert().values(
            received_at=5, id="r", practice_id=practice_id, agent_id="a", device_id="d", seq=1, link="", body=b"\0\xff",
            proof="{}",
        ))  # fmt: skip


@pytest.fixture
def full(both: Console, practice_of: Callable[..., str]) -> Console:
    fill(both, practice_of(both))
    key_of(str(both.data / "console.key"))
    return both


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "sqlite":
        return Store(sqlite_url(str(tmp_path / "restored.sqlite")))
    server: Server = request.getfixturevalue("postgres")
    return Store(server.fresh())


def test_every_row_comes_back_on_either_engine(full: Console, empty: Store, tmp_path: Path) -> None:
    key = full.data / "console.key"
    written = write_backup(full, tmp_path / "backup", key=key)
    put_back = restore_backup(tmp_path / "backup", empty, key=tmp_path / "new" / "console.key")
    assert put_back == written
    assert rows_of(empty) == rows_of(full.store)
    assert (tmp_path / "new" / "console.key").read_bytes() == key.read_bytes()
    with empty.write() as db:  # numbering goes on after the rows that came with their numbers
        db.execute(audit.insert().values(at=1, actor_kind="person", actor="a", act="b"))
        assert db.scalar(sa.select(sa.func.max(audit.c.id))) == 1201
    empty.close()


def test_a_backup_is_for_this_account_only(full: Console, tmp_path: Path) -> None:
    write_backup(full, tmp_path / "backup", key=full.data / "console.key")
    assert (tmp_path / "backup").stat().st_mode & 0o777 == 0o600
    assert sorted(one.name for one in tmp_path.glob(".backup*")) == []


def changed(path: Path, name: str, change: Callable[[bytes], bytes | None]) -> None:
    with tarfile.open(path) as tar:
        members = {one.name: tar.extractfile(one).read() for one in tar.getmembers()}  # type: ignore[union-attr]
    with tarfile.open(path, "w:gz") as tar:
        for key, content in members.items():
            fresh = change(content) if key == name else content
            if fresh is not None:
                info = tarfile.TarInfo(key)
                info.size = len(fresh)
                tar.addfile(info, io.BytesIO(fresh))


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("audit.jsonl", lambda c: c.replace(b'"at":7,', b'"at":8,')),
        ("audit.jsonl", lambda c: c[: len(c) // 2]),
        ("audit.jsonl", lambda c: b"[1]\n" + c),
        ("audit.jsonl", lambda c: c.replace(b'"actor"', b'"unknown"', 1)),
        ("audit.jsonl", lambda c: None),
        ("manifest.json", lambda c: None),
        ("manifest.json", lambda c: b"{}"),
        ("manifest.json", lambda c: b"[" * 100_000),
        ("manifest.json", lambda c: c.replace(b"backup/1", b"backup/9")),
        ("manifest.json", lambda c: c.replace(b'"audit"', b'"unknown"')),
        ("console.key", lambda c: None),
    ],
)
def test_a_damaged_backup_puts_back_nothing(
    full: Console, tmp_path: Path, name: str, change: Callable[[bytes], bytes | None]
) -> None:
    write_backup(full, tmp_path / "backup", key=full.data / "console.key")
    changed(tmp_path / "backup", name, change)
    store = Store(sqlite_url(str(tmp_path / "restored.sqlite")))
    with pytest.raises(BackupError):
        restore_backup(tmp_path / "backup", store, key=tmp_path / "new" / "console.key")
    with store.read() as db:
        tables = [one for one in sa.inspect(db).get_table_names() if one != "alembic_version"]
        assert all(db.scalar(sa.select(sa.func.count()).select_from(sa.table(one))) == 0 for one in tables)
    store.close()
    assert not (tmp_path / "new" / "console.key").exists()


@pytest.mark.parametrize("content", [b"", b"no archive", b"\x1f\x8b\x08\x00garbage"])
def test_what_is_no_backup_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "backup").write_bytes(content)
    store = Store(sqlite_url(str(tmp_path / "restored.sqlite")))
    with pytest.raises(BackupError):
        restore_backup(tmp_path / "backup", store, key=tmp_path / "console.key")
    store.close()


def test_nothing_is_put_over_a_console(full: Console, tmp_path: Path) -> None:
    write_backup(full, tmp_path / "backup", key=full.data / "console.key")
    before = rows_of(full.store)
    with pytest.raises(BackupError, match="not empty"):
        restore_backup(tmp_path / "backup", full.store, key=tmp_path / "new.key")
    with pytest.raises(BackupError, match="already"):
        restore_backup(tmp_path / "backup", full.store, key=full.data / "console.key")
    assert rows_of(full.store) == before


def test_a_backup_of_a_newer_version_is_refused(full: Console, tmp_path: Path) -> None:
    write_backup(full, tmp_path / "backup", key=full.data / "console.key")
    changed(tmp_path / "backup", "manifest.json", lambda c: json.dumps({**json.loads(c), "revision": "9999"}).encode())
    store = Store(sqlite_url(str(tmp_path / "restored.sqlite")))
    with pytest.raises(StoreError, match="newer"):
        restore_backup(tmp_path / "backup", store, key=tmp_path / "new.key")
    store.close()


def test_a_disk_that_fills_leaves_the_old_backup(full: Console, tmp_path: Path) -> None:
    path = tmp_path / "backup"
    path.write_bytes(b"the old one")
    with pytest.raises(OSError, match="No such file"):
        write_backup(full, path, key=tmp_path / "none" / "console.key")
    assert path.read_bytes() == b"the old one"
    assert [one.name for one in tmp_path.iterdir() if one.name.startswith(".")] == []
