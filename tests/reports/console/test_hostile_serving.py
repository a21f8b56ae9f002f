"""Connections that hold on to a server, errors that quote, and backups that were tampered with."""

import contextlib
import hashlib
import io
import json
import socket
import tarfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from consoles import practice_id
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from reports.console import serve
from reports.console.backup import BackupError, restore_backup, write_backup
from reports.console.console import Console
from reports.console.sealed import key_of
from reports.console.serve import Listening
from reports.console.store import tables
from reports.console.store.engine import Store, sqlite_url

Rows = list[dict[str, Any]]


@pytest.fixture
def port() -> Iterator[int]:
    """Of a small server."""
    app = Starlette(routes=[Route("/", lambda _: PlainTextResponse("here"))])
    ready = threading.Event()
    with serve.bound(Listening(host="127.0.0.1", port=0)) as sock:
        number = int(sock.getsockname()[1])
        server = serve.Server(serve.configured(app, Listening(host="127.0.0.1", port=number)), ready.set)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [sock]})
        thread.start()
        assert ready.wait(60)
        yield number
        server.should_exit = True
        thread.join(60)


@pytest.mark.parametrize("more", [b"G", b"\r\n", b"GET / HTTP/1.1\r\nHost: x\r\n"])
def test_a_second_request_that_never_comes_whole_is_ended(port: int, more: bytes) -> None:
    with socket.create_connection(("127.0.0.1", port)) as slow:
        slow.settimeout(60)
        slow.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b"here" in slow.recv(4000)
        slow.sendall(more)
        with contextlib.suppress(ConnectionResetError):
            assert slow.recv(100) == b""


def test_what_was_to_be_written_stands_in_no_error(both: Console) -> None:
    row = {"practice_id": practice_id(both), "name": "oidc", "value": "CANARY"}
    with pytest.raises(sa.exc.IntegrityError) as met, both.store.write() as db:
        db.execute(tables.settings.insert(), [row, row])
    assert "CANARY" not in str(met.value)


def tampered(path: Path, table: str, change: Callable[[Rows], Rows]) -> None:
    """Rows changed, and the manifest made to fit."""
    with tarfile.open(path) as tar:
        parts = {one.name: tar.extractfile(one).read() for one in tar.getmembers()}  # type: ignore[union-attr]
    rows = change([json.loads(line) for line in parts[f"{table}.jsonl"].splitlines()])
    content = b"".join(json.dumps(one).encode() + b"\n" for one in rows)
    manifest = json.loads(parts["manifest.json"])
    manifest["tables"][table] = {"rows": len(rows), "sha256": hashlib.sha256(content).hexdigest()}
    parts |= {f"{table}.jsonl": content, "manifest.json": json.dumps(manifest).encode()}
    with tarfile.open(path, "w:gz") as tar:
        for name, text in parts.items():
            info = tarfile.TarInfo(name)
            info.size = len(text)
            tar.addfile(info, io.BytesIO(text))


@pytest.mark.parametrize(
    "change",
    [
        lambda rows: [*rows, rows[0]],
        lambda rows: [{**rows[0], "serial": 1 << 80}],
        lambda rows: [{**rows[0], "name": None}],
        lambda rows: [{**rows[0], "signing_sealed": 5.5}, {**rows[1], "id": rows[0]["id"]}],
    ],
)
def test_rows_that_do_not_fit_are_a_damaged_backup(
    console: Console, tmp_path: Path, change: Callable[[Rows], Rows]
) -> None:
    key = console.data / "console.key"
    key_of(str(key))
    write_backup(console, tmp_path / "backup", key=key)
    tampered(tmp_path / "backup", "practices", change)
    refused(tmp_path)


def test_a_backup_with_a_bad_sector_is_refused_or_whole(console: Console, tmp_path: Path) -> None:
    key = console.data / "console.key"
    key_of(str(key))
    write_backup(console, tmp_path / "backup", key=key)
    packed = (tmp_path / "backup").read_bytes()
    for at in range(20, len(packed), 60):
        hurt = bytearray(packed)
        hurt[at : at + 8] = bytes(one ^ 0xFF for one in hurt[at : at + 8])
        (tmp_path / "backup").write_bytes(hurt)
        store = Store(sqlite_url(str(tmp_path / f"{at}.sqlite")))
        with contextlib.suppress(BackupError):
            restore_backup(tmp_path / "backup", store, key=tmp_path / f"{at}.key")
        store.close()


def refused(folder: Path) -> None:
    """Nothing came back, and it was said."""
    path = folder / "restored.sqlite"
    store = Store(sqlite_url(str(path)))
    with pytest.raises(BackupError):
        restore_backup(folder / "backup", store, key=folder / "new.key")
    store.close()
    assert not (folder / "new.key").exists()
    path.unlink(missing_ok=True)
