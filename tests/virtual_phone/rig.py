"""Virtual phones on a private adb server, for every test that wants to ask one.

`from virtual_phone.rig import adb_server, virtual_phone` brings the fixtures into a test module.
"""

import contextlib
import json
import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
import pytest

from agent.demo.faults import NONE, Faults
from agent.demo.phone import VirtualPhone
from agent.demo.sandbox import SandboxError
from agent.demo.server import AdbServer
from agent.demo.stage import recent

ADB = "/usr/bin/adb"
PATIENCE_S = 30.0
SERIAL = "VIRTUAL0001"


def adb(server: AdbServer, *words: str, said: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Run Debian's adb on the private server; `said` is what it reads."""
    environment = {"HOME": server.home, "PATH": os.defpath}
    command = [ADB, "-P", str(server.port), *words]
    return subprocess.run(command, input=said, capture_output=True, env=environment, timeout=PATIENCE_S, check=False)


@contextlib.contextmanager
def asking(server: AdbServer, phone: VirtualPhone, line: str) -> Iterator[subprocess.Popen[bytes]]:
    """An `adb shell` that goes on by itself, for lines that don't end."""
    command = [ADB, "-P", str(server.port), "-s", phone.address, "shell", line]
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={"HOME": server.home}
    ) as child:
        try:
            yield child
        finally:
            child.kill()


def states(server: AdbServer) -> dict[str, str]:
    """Serial -> state, as the server lists its phones."""
    return dict(line.split("\t", 1) for line in server.ask("host:devices").splitlines())


def until(holds: Callable[[], bool]) -> None:
    """Wait for a condition; an AssertionError when it does not come to hold."""
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline, "it never came to hold"
        time.sleep(0.01)


def living(line: str) -> bool:
    """Whether a process of just these words runs on this machine."""
    return any(one == line for one in _command_lines())


def held(folder: str) -> bool:
    """Whether a process was started with anything in a folder."""
    return any(folder in one for one in _command_lines())


def _command_lines() -> Iterator[str]:
    """Of this machine's processes; one that ended and waits to be reaped has none."""
    return (" ".join(one.info["cmdline"] or ()) for one in psutil.process_iter(["cmdline"]))


def write_recording(folder: Path, answers: Mapping[str, str | Mapping[str, Any]]) -> Path:
    """A recording of a phone: a command's words -> what it prints, or its row's fields."""
    lines = [
        'schema = "scrubin/recording/1"', 'platform = "android"', "captured_at = 2026-11-21T12:00:00Z",
        "complete = true", 'home = "/sdcard"', 'account = "shell"',
    ]  # fmt: skip
    for words, answer in answers.items():
        fields = {"stdout_text": answer} if isinstance(answer, str) else dict(answer)
        # A JSON text is a TOML text, but for characters beyond the first plane, which JSON writes in two halves.
        rows = {"argv": words.split(), **fields}
        lines += ["[[command]]", *(f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in rows.items())]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "recording.toml").write_text("\n".join(lines) + "\n")
    return folder


PlugIn = Callable[..., VirtualPhone]
"""(answers=..., recording=..., storage=..., faults=..., ...) -> a phone, unplugged when the test is over."""


def _connect(server: AdbServer, phone: VirtualPhone) -> None:
    """For a phone that says nothing the server has ten seconds of patience, in which it is listed already."""
    if not phone.faults.offline:
        server.connect(phone.address)
        return
    threading.Thread(target=_connect_in_vain, args=(server, phone.address), daemon=True).start()
    until(lambda: phone.address in states(server))


def _connect_in_vain(server: AdbServer, address: str) -> None:
    with contextlib.suppress(OSError, SandboxError):  # the test may be over, and the server gone
        server.connect(address)


@pytest.fixture(scope="module")
def adb_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AdbServer]:
    """An adb server that no other test module, and no person, uses."""
    with AdbServer(str(tmp_path_factory.mktemp("adb-home"))) as server:
        yield server


@pytest.fixture
def virtual_phone(adb_server: AdbServer, tmp_path: Path) -> Iterator[PlugIn]:
    """Makes phones and connects the server to them."""
    with contextlib.ExitStack() as after:

        def plug_in(
            answers: Mapping[str, str | Mapping[str, Any]] | None = None, *, recording: Path | None = None,
            storage: Path | None = None, faults: Faults = NONE, serial: str = SERIAL, connect: bool = True,
            writable: bool = False,
        ) -> VirtualPhone:  # fmt: skip
            said = recording or write_recording(tmp_path / f"recording-{serial}", answers or {})
            folder = None if storage is None else str(storage)
            phone = after.enter_context(
                VirtualPhone(
                    serial=serial,
                    recording=str(said),
                    storage=folder,
                    faults=faults,
                    replaced=recent(datetime.now(UTC)),
                    writable=writable,
                )
            )
            if connect:
                after.callback(adb, adb_server, "disconnect", phone.address)
                _connect(adb_server, phone)
            return phone

        yield plug_in
