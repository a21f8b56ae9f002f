"""Writes the whole console into one file, and puts it back on either engine: rows as JSON lines, with their digests.

The file holds the console's key, and with it every secret: keep it as you would the machine itself.
"""

import base64
import gzip
import hashlib
import io
import json
import os
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import sqlalchemy as sa

from reports.console.console import Console
from reports.console.store import schema
from reports.console.store.engine import Store
from reports.console.store.tables import METADATA

FORMAT = "scrubin/backup/1"
LINE_BYTES = 4 << 20
MANIFEST_BYTES = 1 << 20
BATCH = 500
KEY_BYTES = 200
VERSION_TABLE = "alembic_version"
PARTITIONS = "reports_"
"""PostgreSQL shows them as tables; their rows are those of `reports`."""


class BackupError(Exception):
    """Nothing was written, or nothing was put back. The text is for the operator."""


def write_backup(console: Console, path: Path, *, key: Path) -> dict[str, int]:
    """Rows by table. The file appears whole or not at all, for this account only. Raises BackupError, OSError."""
    schema.must_be_current(console.store)
    counts: dict[str, int] = {}
    handle, fresh = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent or Path())
    try:
        with os.fdopen(handle, "wb") as file:
            with tarfile.open(fileobj=file, mode="w:gz", compresslevel=6) as tar:
                _fill(console, tar, key, counts)
            file.flush()
            os.fsync(file.fileno())
        os.replace(fresh, path)
    except BaseException:
        Path(fresh).unlink(missing_ok=True)
        raise
    return counts


def _fill(console: Console, tar: tarfile.TarFile, key: Path, counts: dict[str, int]) -> None:
    digests: dict[str, str] = {}
    with console.store.read() as db:
        if not console.store.is_sqlite:
            db = db.execution_options(isolation_level="REPEATABLE READ")  # one moment for all tables
        else:
            db.exec_driver_sql("BEGIN")
        for table in METADATA.sorted_tables:
            with tempfile.TemporaryFile() as spool:
                counts[table.name], digests[table.name] = _dump(db, table, spool)
                _add(tar, f"{table.name}.jsonl", spool)
        db.rollback()
    _add(tar, "console.key", io.BytesIO(key.read_bytes()))
    manifest = {
        "format": FORMAT,
        "revision": schema.newest(),
        "made_at": datetime.fromtimestamp(console.now(), UTC).isoformat(),
        "tables": {name: {"rows": counts[name], "sha256": digests[name]} for name in counts},
    }
    _add(tar, "manifest.json", io.BytesIO(json.dumps(manifest, indent=1).encode()))


def _dump(db: sa.Connection, table: sa.Table, spool: IO[bytes]) -> tuple[int, str]:
    digest, count = hashlib.sha256(), 0
    order = [*table.primary_key.columns]
    for row in db.execution_options(yield_per=BATCH).execute(sa.select(table).order_by(*order)).mappings():
        line = json.dumps({name: _plain(value) for name, value in row.items()}, separators=(",", ":")).encode() + b"\n"
        digest.update(line)
        spool.write(line)
        count += 1
    return count, digest.hexdigest()


def _plain(value: Any) -> Any:
    return {"base64": base64.b64encode(value).decode()} if isinstance(value, bytes | memoryview) else value


def _add(tar: tarfile.TarFile, name: str, content: IO[bytes]) -> None:
    info = tarfile.TarInfo(name)
    info.size = content.seek(0, os.SEEK_END)
    info.mode = 0o600
    content.seek(0)
    tar.addfile(info, content)


def restore_backup(path: Path, store: Store, *, key: Path) -> dict[str, int]:
    """Put a backup into an empty database, and its key beside it. Raises BackupError, OSError, StoreError.

    All rows of all tables come back, or none. A backup of an older version is brought up to this one.
    """
    if key.exists():
        raise BackupError(
            f"there is a {key.name} already: restore into a new folder, then put it in the old one's place"
        )
    try:
        with tarfile.open(path, mode="r:gz") as tar:
            members = {one.name: one for one in tar.getmembers() if one.isfile()}
            manifest = _manifest(tar, members)
            _write_key(key, _content(tar, members, "console.key", limit=KEY_BYTES).read())
            try:
                return _put_back(tar, members, manifest, store)
            except BaseException:
                key.unlink()  # a key without its rows would be in the way of the next try
                raise
    except (tarfile.TarError, gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise BackupError("the file is no backup of a console, or it is cut off") from error
    except (sa.exc.StatementError, OverflowError) as error:
        raise BackupError("the backup is damaged: its rows do not fit together") from error


def _manifest(tar: tarfile.TarFile, members: dict[str, tarfile.TarInfo]) -> dict[str, Any]:
    try:
        found = json.loads(_content(tar, members, "manifest.json", limit=MANIFEST_BYTES).read())
        tables = {str(name): (int(one["rows"]), str(one["sha256"])) for name, one in found["tables"].items()}
        if found["format"] != FORMAT:
            raise BackupError("the backup is of a form that this version does not know")
        return {"revision": str(found["revision"]), "tables": tables}
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise BackupError("the backup's manifest can't be read") from error


def _content(tar: tarfile.TarFile, members: dict[str, tarfile.TarInfo], name: str, *, limit: int) -> IO[bytes]:
    if name not in members or members[name].size > limit:
        raise BackupError(f"the backup lacks {name}, or it is too large")
    found = tar.extractfile(members[name])
    assert found is not None  # it is a file
    return found


def _put_back(
    tar: tarfile.TarFile, members: dict[str, tarfile.TarInfo], manifest: dict[str, Any], store: Store
) -> dict[str, int]:
    counts: dict[str, int] = {}
    with store.write() as db:
        if sa.inspect(db).get_table_names():
            raise BackupError("the database is not empty: restore into a new one")
        schema.upgrade_to(db, manifest["revision"])
        known = sa.MetaData()
        known.reflect(db)
        of_ours = {name for name in known.tables if name != VERSION_TABLE and not name.startswith(PARTITIONS)}
        if set(manifest["tables"]) != of_ours:
            raise BackupError("the backup does not hold the tables of its version")
        for table in known.sorted_tables:
            if table.name in manifest["tables"]:
                counts[table.name] = _load(db, table, tar, members, manifest["tables"][table.name])
        _numbers_go_on(db, store, known)
        schema.upgrade_to(db, "head")
    return counts


def _load(
    db: sa.Connection,
    table: sa.Table,
    tar: tarfile.TarFile,
    members: dict[str, tarfile.TarInfo],
    told: tuple[int, str],
) -> int:
    file = _content(tar, members, f"{table.name}.jsonl", limit=1 << 50)
    digest, count = hashlib.sha256(), 0
    batch: list[dict[str, Any]] = []
    for line in _lines(file):
        digest.update(line)
        batch.append(_row(line, table))
        count += 1
        if len(batch) == BATCH:
            db.execute(table.insert(), batch)
            batch = []
    if batch:
        db.execute(table.insert(), batch)
    if (count, digest.hexdigest()) != told:
        raise BackupError(f"the backup is damaged: {table.name} is not as it was written")
    return count


def _lines(file: IO[bytes]) -> Iterator[bytes]:
    while line := file.readline(LINE_BYTES + 1):
        if len(line) > LINE_BYTES:
            raise BackupError("the backup is damaged: a line is too long")
        yield line


def _row(line: bytes, table: sa.Table) -> dict[str, Any]:
    try:
        row = json.loads(line)
        if set(row) != set(table.columns.keys()):
            raise BackupError(f"the backup is damaged: {table.name} has other columns")
        return {name: base64.b64decode(one["base64"]) if isinstance(one, dict) else one for name, one in row.items()}
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise BackupError(f"the backup is damaged: a row of {table.name} can't be read") from error


def _numbers_go_on(db: sa.Connection, store: Store, known: sa.MetaData) -> None:
    """PostgreSQL's counters do not notice rows that bring their numbers along."""
    if store.is_sqlite:
        return
    for table in known.sorted_tables:
        for column in table.primary_key.columns:
            if isinstance(column.type, sa.BigInteger) and column.server_default is not None:
                most = sa.select(sa.func.coalesce(sa.func.max(column), 0) + 1).scalar_subquery()
                db.execute(
                    sa.select(sa.func.setval(sa.func.pg_get_serial_sequence(table.name, column.name), most, False))
                )


def _write_key(key: Path, secret: bytes) -> None:
    key.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(key, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(secret)
        file.flush()
        os.fsync(file.fileno())
