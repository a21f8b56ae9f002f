"""The door on this very machine: bounded in time and size whatever stands behind it."""

import os
import threading
import time
from pathlib import Path

import psutil
import pytest

from agent import limits
from agent.collect.host import CollectError, Command, EntryKind, LocalHost, find_tool
from checks.evidence import Why


@pytest.fixture
def host(tmp_path: Path) -> LocalHost:
    return LocalHost(environ={"HOME": str(tmp_path), "SECRET_TOKEN": "x"})


def why(look) -> Why:
    with pytest.raises(CollectError) as caught:
        look()
    return caught.value.why


def shell(script: str, timeout_s: float = 5.0) -> Command:
    return Command(argv=("sh", "-c", script), timeout_s=timeout_s)


def test_command_gives_both_streams_and_its_code(host: LocalHost) -> None:
    seen = host.run(shell("echo out; echo err >&2; exit 3"))
    assert (seen.stdout, seen.stderr, seen.exit_code) == ("out\n", "err\n", 3)


def test_missing_tool_is_named_as_such(host: LocalHost) -> None:
    assert why(lambda: host.run(Command(argv=("no-such-tool",)))) is Why.TOOL_MISSING


def test_a_tool_in_the_persons_own_path_is_not_taken(tmp_path: Path) -> None:
    planted = tmp_path / "planted-tool"
    planted.write_text("#!/bin/sh\necho mine\n")
    planted.chmod(0o755)
    host = LocalHost(environ={"HOME": str(tmp_path), "PATH": str(tmp_path)})
    assert why(lambda: host.run(Command(argv=("planted-tool",)))) is Why.TOOL_MISSING


def test_hanging_command_is_ended_with_its_children(host: LocalHost, tmp_path: Path) -> None:
    note = tmp_path / "child"
    assert why(lambda: host.run(shell(f"sleep 300 & echo $! > {note}; wait", timeout_s=0.5))) is Why.TIMED_OUT
    assert gone(int(note.read_text()))


def gone(pid: int) -> bool:
    """Ended, or waiting for somebody to notice; a killed process may need a moment for it."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.01)
    return False


def test_command_that_leaves_a_child_with_the_pipe_open_is_timed_out(host: LocalHost) -> None:
    assert why(lambda: host.run(shell("sleep 300 & exit 0", timeout_s=0.5))) is Why.TIMED_OUT


@pytest.mark.parametrize("stream", ["", ">&2"])
def test_flood_is_cut_off(host: LocalHost, stream: str) -> None:
    assert why(lambda: host.run(shell(f"cat /dev/zero {stream}", timeout_s=60))) is Why.TOO_LARGE


def test_output_of_exactly_the_limit_is_taken(host: LocalHost) -> None:
    seen = host.run(shell(f"head -c {limits.COMMAND_OUTPUT_BYTES} /dev/zero | tr '\\0' a"))
    assert len(seen.stdout) == limits.COMMAND_OUTPUT_BYTES


def test_stdin_is_closed(host: LocalHost) -> None:
    assert host.run(Command(argv=("cat",))).stdout == ""


def test_locale_is_plain_and_the_environment_is_not_handed_on(host: LocalHost) -> None:
    lines = host.run(Command(argv=("env",))).stdout.splitlines()
    assert {"LANG=C", "LC_ALL=C"} <= set(lines)
    assert not any("SECRET" in line for line in lines)


def test_stop_ends_a_running_command(host: LocalHost, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "STOP_GRACE_S", 0.1)
    stop = threading.Event()
    stopping = LocalHost(stop=stop, environ={"HOME": "/"})
    threading.Timer(0.2, stop.set).start()
    assert why(lambda: stopping.run(shell("sleep 300", timeout_s=200))) is Why.STOPPED
    assert why(lambda: stopping.run(shell("true"))) is Why.STOPPED


def test_undecodable_output_survives(host: LocalHost) -> None:
    assert host.run(shell("printf '\\377x'")).stdout == "\udcffx"


def test_regular_file_is_read(host: LocalHost, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"gr\xc3\xbc\xdfe")
    assert host.read(str(tmp_path / "a")) == "gr\u00fc\udcdfe"


def test_symlink_is_followed(host: LocalHost, tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x")
    (tmp_path / "b").symlink_to("a")
    assert host.read(str(tmp_path / "b")) == "x"
    assert host.resolve(str(tmp_path / "b")) == str(tmp_path / "a")


def test_a_chain_of_links_without_end_is_a_reason_and_no_fault(host: LocalHost, tmp_path: Path) -> None:
    for number in range(1500):
        (tmp_path / f"l{number}").symlink_to(f"l{number + 1}")
    assert why(lambda: host.resolve(str(tmp_path / "l0"))) is Why.UNREADABLE


def test_file_of_a_gigabyte_is_refused_without_reading_it(host: LocalHost, tmp_path: Path) -> None:
    with (tmp_path / "big").open("wb") as file:
        file.truncate(1 << 30)
    assert why(lambda: host.read(str(tmp_path / "big"))) is Why.TOO_LARGE


def test_file_of_exactly_the_limit_is_taken(host: LocalHost, tmp_path: Path) -> None:
    (tmp_path / "full").write_bytes(b"a" * limits.FILE_BYTES)
    (tmp_path / "over").write_bytes(b"a" * (limits.FILE_BYTES + 1))
    assert len(host.read(str(tmp_path / "full"))) == limits.FILE_BYTES
    assert why(lambda: host.read(str(tmp_path / "over"))) is Why.TOO_LARGE


def test_binary_file_is_not_text(host: LocalHost, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"[daemon]\0\1\2")
    assert why(lambda: host.read(str(tmp_path / "a"))) is Why.UNPARSABLE


@pytest.mark.parametrize("make", ["fifo", "folder", "device", "loop"])
def test_what_is_no_file_never_blocks(host: LocalHost, tmp_path: Path, make: str) -> None:
    path = tmp_path / "x"
    match make:
        case "fifo":
            os.mkfifo(path)
        case "folder":
            path.mkdir()
        case "device":
            path = Path("/dev/zero")
        case "loop":
            path.symlink_to(path)
    assert why(lambda: host.read(str(path))) is Why.UNREADABLE


@pytest.mark.parametrize("look", ["read", "names", "stat"])
def test_what_is_not_there_is_not_found(host: LocalHost, tmp_path: Path, look: str) -> None:
    assert why(lambda: getattr(host, look)(str(tmp_path / "none"))) is Why.NOT_FOUND
    (tmp_path / "file").write_text("")
    assert why(lambda: getattr(host, look)(str(tmp_path / "file" / "below"))) is Why.NOT_FOUND


def test_what_is_denied_is_not_permitted(host: LocalHost, tmp_path: Path) -> None:
    (tmp_path / "a").touch(mode=0)
    (tmp_path / "d").mkdir(mode=0)
    assert as_ordinary_account(lambda: why(lambda: host.read(str(tmp_path / "a")))) == Why.NOT_PERMITTED
    assert as_ordinary_account(lambda: why(lambda: host.names(str(tmp_path / "d")))) == Why.NOT_PERMITTED
    assert as_ordinary_account(lambda: why(lambda: host.stat(str(tmp_path / "d" / "x")))) == Why.NOT_PERMITTED


def as_ordinary_account(look) -> str:
    """What a look answers in a child process that gave up root's rights, in place or not at all."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            if os.getuid() == 0:
                os.setresuid(65534, 65534, 65534)
            os.write(writer, str(look()).encode())
        finally:
            os._exit(0)
    os.close(writer)
    os.waitpid(child, 0)
    with os.fdopen(reader) as answer:
        return answer.read()


def test_folder_names_are_sorted_and_bounded(host: LocalHost, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in "cab":
        (tmp_path / name).touch()
    assert host.names(str(tmp_path)) == ("a", "b", "c")
    monkeypatch.setattr(limits, "FOLDER_ENTRIES", 2)
    assert why(lambda: host.names(str(tmp_path))) is Why.TOO_LARGE


def test_stat_tells_file_folder_and_other(host: LocalHost, tmp_path: Path) -> None:
    (tmp_path / "a").write_text("abc")
    assert host.stat(str(tmp_path / "a")).kind is EntryKind.FILE
    assert host.stat(str(tmp_path / "a")).size_bytes == 3
    assert host.stat(str(tmp_path)).kind is EntryKind.FOLDER
    assert host.stat("/dev/null").kind is EntryKind.OTHER


def test_path_with_a_nul_is_an_answer_not_a_crash(host: LocalHost) -> None:
    assert why(lambda: host.stat("a\0b")) is Why.UNREADABLE
    assert why(lambda: host.read("a\0b")) is Why.UNREADABLE
    assert why(lambda: host.names("a\0b")) is Why.UNREADABLE


def test_impossible_date_is_not_understood(host: LocalHost, tmp_path: Path) -> None:
    path = tmp_path / "old"
    path.touch()
    os.utime(path, (1 << 40, 1 << 40))
    if path.stat().st_mtime < 1 << 39:
        os.utime(path, (0, 0))  # a file system that cannot hold such a date has none to misread
        assert host.stat(str(path)).modified_at.year == 1970
    else:
        assert why(lambda: host.stat(str(path))) is Why.UNPARSABLE


def test_own_process_is_seen_with_its_arguments(host: LocalHost) -> None:
    import subprocess

    child = subprocess.Popen([find_tool("sleep"), "300"])
    try:
        found = [one for one in host.processes(frozenset({"sleep"})) if one.argv[1:] == ("300",)]
        assert found
        assert found[0].own
        assert host.processes(frozenset({"no-such-program"})) == ()
    finally:
        child.kill()
        child.wait()


def test_only_named_variables_are_seen(host: LocalHost) -> None:
    assert "SECRET_TOKEN" not in host.environ
    assert host.environ["HOME"] == host.home


def test_home_comes_from_the_account_when_it_is_unset() -> None:
    assert LocalHost(environ={}).home == psutil.Process().environ().get("HOME", LocalHost(environ={}).home)
    assert LocalHost(environ={}).account
