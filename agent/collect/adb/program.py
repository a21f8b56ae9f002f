"""The adb program: where it is, how old it is, and a server started with it when nobody serves yet.

A server that runs is other people's too: nothing here ends one, or calls `adb` in a way that could replace one.
"""

import contextlib
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from agent.collect.adb.wire import PORT, listening
from agent.collect.host import TOOL_FOLDERS, CollectError
from checks.evidence import Why

START_S = 20.0
AGAIN_S = 0.05
VERSION_S = 5.0
VERSION_BYTES = 4096
VERSION = re.compile(r"^Version ([0-9]{1,4})\.([0-9]{1,4})\.([0-9]{1,4})", re.MULTILINE)
"""Of the platform tools; the line before it has the protocol's, which stands still at 1.0.41."""
WIFI_SINCE = (30, 0, 0)
"""Older servers can neither pair nor speak the encryption of Android 11's wireless debugging."""
KEPT = ("HOME", "ADB_VENDOR_KEYS")
"""What a server needs of the person's environment: where this account's keys are, which phones know already."""
OURS = frozenset({"", "localhost", "127.0.0.1", "::1"})
SOCKET = re.compile(r"tcp:(?:(localhost|127\.0\.0\.1):)?([0-9]{1,5})")


class Source(StrEnum):
    """Where a program was found."""

    PATH = "PATH"
    BUNDLED = "bundled"
    """With the library adbutils."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Adb:
    """An adb program."""

    path: str
    """It may lie below the person's home: never shown."""
    source: Source
    version: tuple[int, int, int] | None
    """Of the platform tools, such as (36, 0, 0). None: it would not say."""

    @property
    def fit_for_wifi(self) -> bool:
        """A server of this program can pair with a phone over Wi-Fi."""
        return self.version is not None and self.version >= WIFI_SINCE


class PortError(ValueError):
    """The environment names an adb server that we don't talk to. The text says why, and what to do."""


def server_port(environ: Mapping[str, str]) -> int:
    """The port of this laptop's adb server, as adb itself finds it. Raises PortError."""
    if environ.get("ADB_SERVER_SOCKET"):
        found = SOCKET.fullmatch(environ["ADB_SERVER_SOCKET"])
        if found is None:
            raise _elsewhere("ADB_SERVER_SOCKET")
        return _port(found.group(2), "ADB_SERVER_SOCKET")
    # The library calls it HOST, the program ADDRESS.
    for name in ("ANDROID_ADB_SERVER_HOST", "ANDROID_ADB_SERVER_ADDRESS"):
        if environ.get(name, "") not in OURS:
            raise _elsewhere(name)
    return _port(environ.get("ANDROID_ADB_SERVER_PORT") or str(PORT), "ANDROID_ADB_SERVER_PORT")


def _elsewhere(name: str) -> PortError:
    return PortError(
        f"{name} leads to an adb server that is not this laptop's own. Phones are read through this laptop only: "
        f"unset {name} and plug the phone in here."
    )


def _port(text: str, name: str) -> int:
    if not re.fullmatch("[0-9]{1,5}", text) or not 1 <= int(text) <= 65535:
        raise PortError(f"{name} holds no port: a number from 1 to 65535 is expected. Unset it, or put it right.")
    return int(text)


def programs(search_path: str, *, limit_s: float = VERSION_S) -> tuple[Adb, ...]:
    """What is there, in this order: the first adb on `search_path`, then the one that comes with adbutils."""
    # An empty or relative folder would let whoever fills the working folder choose what we run.
    folders = [one for one in search_path.split(os.pathsep) if os.path.isabs(one)]
    on_path = shutil.which("adb", path=os.pathsep.join(folders)) if folders else None
    places = ((on_path, Source.PATH), (_bundled(), Source.BUNDLED))
    return tuple(
        Adb(path=path, source=source, version=_version(path, limit_s)) for path, source in places if path is not None
    )


def find_adb(search_path: str) -> Adb:
    """The program to start a server with: the first that can do Wi-Fi, too, else the first. Raises TOOL_MISSING."""
    found = programs(search_path)
    if not found:
        raise CollectError(Why.TOOL_MISSING, "adb")
    return next((one for one in found if one.fit_for_wifi), found[0])


def _bundled() -> str | None:
    """Found without loading the library, which takes longer than all else that we do here."""
    spec = importlib.util.find_spec("adbutils")
    folders = [] if spec is None else list(spec.submodule_search_locations or [])
    paths = (os.path.join(folder, "binaries", "adb") for folder in folders)
    return next((path for path in paths if os.path.isfile(path) and os.access(path, os.X_OK)), None)


def _version(path: str, limit_s: float) -> tuple[int, int, int] | None:
    found = VERSION.search(_said(path, limit_s))
    return None if found is None else (int(found.group(1)), int(found.group(2)), int(found.group(3)))


def _said(path: str, limit_s: float) -> str:
    """What `adb version` prints, which asks no server. "" where it can't be started."""
    try:
        child = subprocess.Popen(
            [path, "version"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            env={"PATH": os.pathsep.join(TOOL_FOLDERS)}, cwd="/", start_new_session=True,
        )  # fmt: skip
    except OSError:
        return ""
    late = threading.Timer(limit_s, _end, (child,))
    with child:
        late.start()
        try:
            return "" if child.stdout is None else child.stdout.read(VERSION_BYTES).decode("utf-8", "replace")
        finally:
            late.cancel()
            _end(child)


def _end(child: subprocess.Popen[bytes]) -> None:
    """Of `adb version` and all that it started."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)


def start_server(port: int, adb: Adb, environ: Mapping[str, str], *, limit_s: float = START_S) -> int | None:
    """See to it that a server listens. The process id of one that was started here, None where one ran already.

    Not `adb start-server`: that one ends a server of another version which somebody else starts at this moment. This
    one gives up where the port is taken. It lives on after us, as the person's own adb would have it.
    Raises TOOL_FAILED, TIMED_OUT.
    """
    if listening(port):
        return None
    kept = {name: environ[name] for name in KEPT if name in environ}
    try:
        child = subprocess.Popen(
            [adb.path, "-P", str(port), "nodaemon", "server"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env={**kept, "PATH": os.pathsep.join(TOOL_FOLDERS)}, cwd="/", start_new_session=True,
        )  # fmt: skip
    except OSError as error:
        raise CollectError(Why.TOOL_FAILED, f"adb could not be started: {error.strerror}") from error
    return _serving(child, port, limit_s)


def _serving(child: subprocess.Popen[bytes], port: int, limit_s: float) -> int | None:
    until_s = time.monotonic() + limit_s
    while time.monotonic() < until_s:
        ended = child.poll() is not None
        if listening(port):
            child.returncode = child.returncode or 0  # else Python would complain that nobody waits for it
            return None if ended else child.pid  # one that ended found the port taken: somebody was faster
        if ended:
            raise CollectError(Why.TOOL_FAILED, "the adb server ended at once")
        time.sleep(AGAIN_S)
    child.kill()  # ours, and it never served anybody
    child.wait()
    raise CollectError(Why.TIMED_OUT, "the adb server did not start")
