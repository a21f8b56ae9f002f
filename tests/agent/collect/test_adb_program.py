"""The adb program: found in order, its version read, a server started without ever ending one."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from fake_adb import FakeAdbServer

from agent.collect.adb import program
from agent.collect.adb.program import Adb, PortError, Source, find_adb, programs, server_port, start_server
from agent.collect.adb.wire import ask, listening
from agent.collect.host import CollectError
from checks.evidence import Why

ROOT = Path(__file__).parents[3]
DEBIAN = "/usr/bin/adb"
NEW = Adb(path="/x/adb", source=Source.PATH, version=(36, 0, 0))


def script(folder: Path, text: str) -> str:
    path = folder / "adb"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(folder)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return found.getsockname()[1]


def test_adb_on_the_path_comes_first_then_the_bundled_one(tmp_path: Path) -> None:
    folder = script(tmp_path, 'echo "Android Debug Bridge version 1.0.41"; echo "Version 34.0.5-10900879"')
    first, second = programs(f"{folder}:/usr/bin")
    assert (first.source, first.path, first.version) == (Source.PATH, f"{folder}/adb", (34, 0, 5))
    assert second.source is Source.BUNDLED
    assert second.fit_for_wifi


def test_debians_adb_says_its_version() -> None:
    assert programs(os.path.dirname(DEBIAN))[0].version is not None


@pytest.mark.parametrize("path", ["", ".", "bin:.:", "relative/bin"])
def test_a_folder_that_depends_on_where_we_stand_is_not_searched(
    tmp_path: Path, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    script(tmp_path, "echo Version 99.0.0")
    monkeypatch.chdir(tmp_path)
    assert [one.source for one in programs(path)] == [Source.BUNDLED]


@pytest.mark.parametrize(
    ("text", "version"),
    [("echo Version 29.0.6-debian", (29, 0, 6)), ("echo nothing", None), ("exit 1", None),
     ("yes Version", None), ("echo Version 36.0", None), ("echo Version 123456.0.0", None)],
)  # fmt: skip
def test_what_an_adb_says_of_itself(tmp_path: Path, text: str, version: tuple[int, int, int] | None) -> None:
    assert programs(script(tmp_path, text))[0].version == version


def test_a_program_that_cannot_run_has_no_version(tmp_path: Path) -> None:
    (tmp_path / "adb").write_bytes(b"\x7fELF nonsense")
    (tmp_path / "adb").chmod(0o755)
    assert programs(str(tmp_path))[0].version is None


def test_a_program_that_hangs_is_ended(tmp_path: Path) -> None:
    assert programs(script(tmp_path, "sleep 1000; echo Version 36.0.0"), limit_s=0.2)[0].version is None


@pytest.mark.parametrize(("says", "source"), [("29.0.6-debian", Source.BUNDLED), ("30.0.0", Source.PATH)])
def test_a_server_is_started_with_the_first_program_that_can_do_wifi(tmp_path: Path, says: str, source: Source) -> None:
    assert find_adb(script(tmp_path, f"echo Version {says}")).source is source


def test_finding_the_bundled_adb_loads_no_library() -> None:
    code = "import sys; from agent.collect.adb import program; program.programs(''); print('adbutils' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize(
    ("environ", "port"),
    [({}, 5037), ({"ANDROID_ADB_SERVER_PORT": ""}, 5037), ({"ANDROID_ADB_SERVER_PORT": "1"}, 1),
     ({"ANDROID_ADB_SERVER_PORT": "65535"}, 65535), ({"ANDROID_ADB_SERVER_HOST": "localhost"}, 5037),
     ({"ANDROID_ADB_SERVER_ADDRESS": "127.0.0.1", "ANDROID_ADB_SERVER_PORT": "6000"}, 6000),
     ({"ADB_SERVER_SOCKET": "tcp:5038"}, 5038), ({"ADB_SERVER_SOCKET": "tcp:localhost:5039"}, 5039),
     ({"ADB_SERVER_SOCKET": "tcp:5038", "ANDROID_ADB_SERVER_PORT": "6000"}, 5038)],
)  # fmt: skip
def test_port_of_this_laptops_server(environ: dict[str, str], port: int) -> None:
    assert server_port(environ) == port


@pytest.mark.parametrize(
    "environ",
    [{"ANDROID_ADB_SERVER_PORT": text} for text in ("0", "65536", "-1", "x", "1e3", "99999999", "٣", "5037 ", "5 0")]
    + [{"ANDROID_ADB_SERVER_HOST": "10.0.0.7"}, {"ANDROID_ADB_SERVER_ADDRESS": "build.example"}]
    + [{"ADB_SERVER_SOCKET": one} for one in ("tcp:10.0.0.7:5037", "localfilesystem:/x", "tcp:0", "tcp:99999")],
)  # fmt: skip
def test_server_elsewhere_is_refused_by_the_name_of_its_variable(environ: dict[str, str]) -> None:
    (name,) = environ
    with pytest.raises(PortError, match=name) as refused:
        server_port(environ)
    assert environ[name] not in ("10.0.0.7", "build.example") or environ[name] not in str(refused.value)


@pytest.fixture
def started(tmp_path: Path) -> Iterator[list[int]]:
    pids: list[int] = []
    yield pids
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


@pytest.mark.parametrize("which", ["debian", "bundled"])
def test_server_is_started_outlives_the_starter_and_is_found_again(
    tmp_path: Path, which: str, started: list[int]
) -> None:
    adb = programs("/usr/bin")[0 if which == "debian" else 1]
    port = free_port()
    pid = start_server(port, adb, {"HOME": str(tmp_path), "ADB_SERVER_SOCKET": "tcp:10.0.0.7:1", "SECRET": "x"})
    assert pid is not None
    started.append(pid)
    assert ask(port, "host:version") == "0029"
    assert os.getsid(pid) == pid, "it has a session of its own, so that Ctrl-C does not reach it"
    assert b"SECRET" not in Path(f"/proc/{pid}/environ").read_bytes()
    assert os.readlink(f"/proc/{pid}/cwd") == "/"
    assert start_server(port, adb, {}) is None


def test_whoever_listens_already_is_left_alone(tmp_path: Path) -> None:
    with FakeAdbServer({}) as other:
        assert start_server(other.port, NEW, {}) is None
        assert other.requests == [], "not even asked for its version, after which adb itself would end it"


def test_a_server_that_came_first_serves(tmp_path: Path) -> None:
    """Two start at one time: ours finds the port taken and gives up."""
    late = subprocess.Popen(["/bin/false"])
    late.wait()
    with FakeAdbServer({}) as other:
        assert program._serving(late, other.port, 20.0) is None
        assert other.requests == []


def test_adb_gives_up_where_the_port_is_taken(tmp_path: Path) -> None:
    with FakeAdbServer({}) as other:
        done = subprocess.run([DEBIAN, "-P", str(other.port), "nodaemon", "server"], env={"HOME": str(tmp_path)},
                              capture_output=True, check=False, timeout=60)  # fmt: skip
        assert done.returncode != 0
        assert listening(other.port)
        assert [one for one in other.requests if "kill" in one] == []


def test_an_adb_that_ends_at_once_is_a_clear_error(tmp_path: Path) -> None:
    adb = Adb(path=f"{script(tmp_path, 'exit 1')}/adb", source=Source.PATH, version=None)
    with pytest.raises(CollectError) as error:
        start_server(free_port(), adb, {})
    assert error.value.why is Why.TOOL_FAILED


def test_an_adb_that_never_serves_is_given_up_and_ended(tmp_path: Path) -> None:
    folder = script(tmp_path, f"echo $$ > {tmp_path}/pid; exec sleep 1000")
    with pytest.raises(CollectError) as error:
        start_server(free_port(), Adb(path=f"{folder}/adb", source=Source.PATH, version=None), {}, limit_s=1.0)
    assert error.value.why is Why.TIMED_OUT
    assert not Path(f"/proc/{(tmp_path / 'pid').read_text().strip()}").exists()


def test_a_program_that_is_gone_is_a_clear_error() -> None:
    with pytest.raises(CollectError) as error:
        start_server(free_port(), NEW, {})
    assert error.value.why is Why.TOOL_FAILED


def test_no_part_of_the_program_ends_a_server_or_lets_adb_do_so() -> None:
    """The demo ends its own server; nobody else's is ever asked to end, and `adb start-server` may replace one."""
    ends = re.compile(r'"(?:kill-server|start-server|reconnect|tcpip)"|host:(?:kill|reconnect)')
    files = [one for one in (ROOT / "agent").rglob("*.py") if "demo" not in one.parts]
    assert [str(one) for one in files if ends.search(one.read_text())] == []
