"""The demo's stage: two virtual phones and an adb server of their own, and the settings to look at them with."""

import contextlib
import os
import shlex
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from agent.demo import album, sandbox
from agent.demo.phone import VirtualPhone
from agent.demo.sandbox import SandboxError
from agent.demo.server import AdbServer

PHONES = os.path.join(os.path.dirname(__file__), "phones")
SERIALS: Mapping[str, str] = {"good": "DEMO0GOOD1", "bad": "DEMO0BAD01"}
FORGET = ("ANDROID_SERIAL", "ANDROID_ADB_SERVER_ADDRESS", "ANDROID_ADB_SERVER_HOST", "ADB_SERVER_SOCKET")
"""Variables that would lead elsewhere than to the demo's server."""
RECENT_PATCH = "@recent-patch@"
"""Stands in the recordings for the date of a security patch that is a few weeks old whenever the demo runs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What the person is told, and what a check of the demo's phones runs with."""

    folder: str
    """Gone when the demo ends."""
    port: int
    """Of the adb server."""
    phones: Mapping[str, VirtualPhone]
    """By "good" and "bad"."""
    settings: Mapping[str, str]
    """Environment variables: reports are kept in the folder only, and nothing is sent."""

    @property
    def enter(self) -> str:
        """A file for a POSIX shell to read, after which `scrubin` looks at the demo's phones."""
        return os.path.join(self.folder, "enter")

    def environment(self, given: Mapping[str, str]) -> dict[str, str]:
        """The settings over those of the person, for a program that is started from here."""
        return {**{name: value for name, value in given.items() if name not in FORGET}, **self.settings}


@contextlib.contextmanager
def stage(now: datetime) -> Iterator[Stage]:
    """Set it up; afterwards no process and no file of it is left. Raises SandboxError, RecordingError, OSError."""
    with contextlib.ExitStack() as parts:
        folder = os.path.realpath(parts.enter_context(tempfile.TemporaryDirectory(prefix="scrubin-demo-")))
        phones = {name: parts.enter_context(_phone(name, folder, now)) for name in album.ALBUMS}
        home = os.path.join(folder, "adb")
        os.mkdir(home)
        server = parts.enter_context(AdbServer(home))
        for phone in phones.values():
            said = server.connect(phone.address)
            if not said.startswith("connected to"):
                raise SandboxError(f"the adb server could not reach a virtual phone: {said}")
        set_up = Stage(folder=folder, port=server.port, phones=phones, settings=_settings(folder, server.port))
        _write_enter(set_up)
        yield set_up


def recent(now: datetime) -> dict[str, str]:
    """What a phone says in place of RECENT_PATCH."""
    return {RECENT_PATCH: (now - timedelta(days=20)).strftime("%Y-%m-05")}


def missing_packages() -> tuple[str, ...]:
    """Debian's packages that the person would have to install first."""
    return sandbox.missing_packages()


def _phone(name: str, folder: str, now: datetime) -> VirtualPhone:
    storage = os.path.join(folder, name)
    album.lay(storage, album.ALBUMS[name])
    if name == "bad":
        album.lay_clinical(storage, now)
    recording = os.path.join(PHONES, name)
    return VirtualPhone(serial=SERIALS[name], recording=recording, storage=storage, replaced=recent(now), writable=True)


def _settings(folder: str, port: int) -> dict[str, str]:
    own = {
        name: os.path.join(folder, below)
        for name, below in (
            ("SCRUBIN_STATE", "state"), ("SCRUBIN_SYSTEM_CONFIG", "practice"), ("XDG_CONFIG_HOME", "config"),
            ("XDG_RUNTIME_DIR", "runtime"),
        )
    }  # fmt: skip
    for path in own.values():
        os.mkdir(path, 0o700)
    return {**own, "ANDROID_ADB_SERVER_PORT": str(port)}


def _write_enter(set_up: Stage) -> None:
    lines = [
        f"unset {' '.join(FORGET)}",
        *(f"export {name}={shlex.quote(set_up.settings[name])}" for name in set_up.settings),
    ]
    with open(set_up.enter, "w", encoding="utf-8", errors="surrogateescape") as stream:
        stream.writelines(f"{line}\n" for line in lines)
