"""`scrubin secret`: what is handed in is kept whole, and never shown."""

import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from agent.secrets import NoStore, open_store

ROOT = Path(__file__).parents[2]
CODE = "import sys; from agent.cli import main; sys.exit(main())"
PEM = "-----BEGIN PRIVATE KEY-----\nMIG2\nAgEA\n-----END PRIVATE KEY-----\n"


def begun(folder: Path, *argv: str, **more: Any) -> subprocess.Popen[bytes]:
    (folder / "scrubin").mkdir(exist_ok=True)
    (folder / "scrubin" / "agent.toml").write_text('secrets = "file"\n')
    places = {"SCRUBIN_STATE": folder / "state", "SCRUBIN_SYSTEM_CONFIG": folder / "etc", "XDG_CONFIG_HOME": folder}
    environment = {**os.environ, **{name: str(path) for name, path in places.items()}, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", CODE, "secret", *argv]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more)


def started(folder: Path, *argv: str, handed_in: bytes = b"") -> tuple[int, bytes]:
    """Its exit code, and all that it said."""
    with begun(folder, *argv, stdin=subprocess.PIPE) as process:
        out, hints = process.communicate(handed_in, timeout=60)
    return process.returncode, out + hints


def kept(folder: Path, name: str) -> str | None:
    store = open_store(in_file=str(folder / "state" / "secrets.json"))
    assert not isinstance(store, NoStore)
    return store.get(name)


@pytest.mark.parametrize(
    ("name", "handed_in", "value"),
    [
        ("mail-password", "pass word\nand more\n", "pass word"),
        ("record-system", "robin:pass word\n", "robin:pass word"),
        ("record-system", PEM, PEM.rstrip("\n")),
    ],
)
def test_what_is_handed_in_is_kept_and_forgotten_again(name: str, handed_in: str, value: str, tmp_path: Path) -> None:
    code, said = started(tmp_path, "set", name, handed_in=handed_in.encode())
    assert (code, kept(tmp_path, name)) == (0, value)
    assert value.encode() not in said
    assert started(tmp_path, "forget", name)[0] == 0
    assert kept(tmp_path, name) is None


@pytest.mark.parametrize("handed_in", [b"", b"x" * 30_000])
def test_nothing_and_too_much_are_refused(handed_in: bytes, tmp_path: Path) -> None:
    code, said = started(tmp_path, "set", "record-system", handed_in=handed_in)
    assert (code, kept(tmp_path, "record-system")) == (3, None)
    assert b"Traceback" not in said


def test_a_key_that_is_typed_in_would_be_cut_so_its_file_is_asked_for(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    with begun(tmp_path, "set", "record-system", stdin=theirs, start_new_session=True) as process:
        assert process.stderr is not None
        prompt = iter(lambda: process.stderr.read(1), b":")
        assert all(prompt), "it ended without asking"  # what is typed before it asks is thrown away
        os.write(ours, PEM.encode())
        said = process.stderr.read()
    os.close(theirs)
    os.close(ours)
    assert (process.returncode, b"key.pem" in said) == (3, True)
    assert kept(tmp_path, "record-system") is None


def test_other_names_are_not_known(tmp_path: Path) -> None:
    assert started(tmp_path, "set", "device-key", handed_in=b"x")[0] == 64
