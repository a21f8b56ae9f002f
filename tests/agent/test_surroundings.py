"""Which phones are around, and when an adb server is started for them."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from fake_adb import FakeAdbServer, said
from usb_tree import ADB, MTP, plug

from agent.collect.adb.devices import State
from agent.collect.adb.wire import listening
from agent.surroundings import NO_ADB, NO_ANSWER, NO_BUS, NOT_STARTED, Around, around

ROOT = Path(__file__).parents[2]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return found.getsockname()[1]


def look(tmp_path: Path, port: int, *, start: bool = False, **environ: str) -> Around:
    given = {"ANDROID_ADB_SERVER_PORT": str(port), "HOME": str(tmp_path), "PATH": "/usr/bin", **environ}
    return around(given, start=start, root=str(tmp_path / "bus"))


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    """Of no server yet; one that the test starts is ended after it."""
    found = free_port()
    yield found
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if words[1:4] == [b"-P", str(found).encode(), b"nodaemon"]:
            os.kill(int(folder.name), signal.SIGKILL)
            os.waitpid(int(folder.name), 0)


def test_no_phone_starts_no_server(tmp_path: Path, port: int) -> None:
    assert look(tmp_path, port) == Around(port=None, seen=())
    assert not listening(port)


def test_a_phone_without_debugging_starts_no_server(tmp_path: Path, port: int) -> None:
    plug(tmp_path, "3-1", "18d1", MTP, serial="A")
    here = look(tmp_path, port)
    assert [one.state for one in here.seen] == [State.CABLE_ONLY]
    assert not listening(port)


def test_a_phone_that_offers_itself_starts_one(tmp_path: Path, port: int) -> None:
    plug(tmp_path, "3-1", "18d1", MTP, ADB, serial="A")
    here = look(tmp_path, port)
    assert here.port == port
    assert listening(port)
    assert [one.state for one in here.seen] == [State.OFFLINE], "the made-up bus has it, the real server does not"


def test_pairing_starts_one_without_a_phone(tmp_path: Path, port: int) -> None:
    assert look(tmp_path, port, start=True).port == port


def test_a_server_that_runs_is_asked_and_nothing_is_started(tmp_path: Path) -> None:
    plug(tmp_path, "3-1", "18d1", ADB, serial="A")
    with FakeAdbServer({"host:devices": said("A\tdevice\nB\tunauthorized\n")}) as server:
        here = look(tmp_path, server.port, PATH="/nowhere")
        assert [(one.serial, one.state) for one in here.seen] == [("A", State.READY), ("B", State.UNAUTHORISED)]
        assert here.trouble == ""
        assert set(server.requests) == {"host:devices"}


def test_a_phone_in_passing_is_given_a_moment(tmp_path: Path) -> None:
    class Settles(dict[str, bytes]):
        """The phone is offline at first."""

        asked = 0

        def get(self, request: str, default: bytes | None = None) -> bytes | None:  # type: ignore[override]
            self.asked += 1
            return said("A\toffline\n" if self.asked < 3 else "A\tdevice\n")

    with FakeAdbServer(Settles()) as server:
        assert [one.state for one in look(tmp_path, server.port).seen] == [State.READY]


def test_a_server_elsewhere_is_a_sentence_and_the_cable_is_still_seen(tmp_path: Path, port: int) -> None:
    plug(tmp_path, "3-1", "18d1", MTP, serial="A")
    here = look(tmp_path, port, ANDROID_ADB_SERVER_HOST="10.0.0.7")
    assert "ANDROID_ADB_SERVER_HOST" in here.trouble
    assert [one.state for one in here.seen] == [State.CABLE_ONLY]


@pytest.mark.parametrize("answer", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"OKAYzzzz", b"", said("no tab\n")])
def test_whatever_is_no_adb_server_is_a_sentence(tmp_path: Path, answer: bytes) -> None:
    with FakeAdbServer({"host:devices": answer}) as server:
        assert look(tmp_path, server.port) == Around(port=None, seen=(), trouble=NO_ANSWER)


def test_an_adb_that_does_not_start_is_a_sentence(tmp_path: Path, port: int) -> None:
    (tmp_path / "adb").write_text("#!/bin/sh\necho Version 36.0.0\nexit 1\n")
    (tmp_path / "adb").chmod(0o755)
    assert look(tmp_path, port, start=True, PATH=str(tmp_path)).trouble == NOT_STARTED


def test_a_laptop_without_any_adb_is_told_how_to_get_one(tmp_path: Path, port: int) -> None:
    plug(tmp_path, "3-1", "18d1", ADB, serial="A")
    code = (
        "import sys; sys.modules['adbutils'] = None\n"
        "from agent.surroundings import around\n"
        f"here = around({{'ANDROID_ADB_SERVER_PORT': '{port}', 'PATH': '/nowhere'}}, root='{tmp_path}/bus')\n"
        "print(here.trouble, len(here.seen))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout == f"{NO_ADB} 1\n"


def test_a_bus_that_may_not_be_listed_is_said_beside_what_adb_has(tmp_path: Path) -> None:
    (tmp_path / "bus").write_text("")
    with FakeAdbServer({"host:devices": said("A\tdevice\n")}) as server:
        here = look(tmp_path, server.port)
    assert (here.trouble, len(here.seen)) == (NO_BUS, 1)


@pytest.mark.parametrize("sentence", [NO_ADB, NOT_STARTED, NO_ANSWER, NO_BUS])
def test_sentences_are_whole(sentence: str) -> None:
    assert sentence[0].isupper()
    assert "{" not in sentence
