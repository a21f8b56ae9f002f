"""A recording answers as the device did, and what it lacks is said."""

import tomllib
from pathlib import Path

import pytest
from fakes import NOON, recorded_host
from hypothesis import given
from hypothesis import strategies as st

from agent.collect.host import CollectError, Command, EntryKind, LocalHost, Output
from agent.collect.layered import MemoHost, PlantedHost
from agent.collect.recorded import RecordedHost, RecordingError, load, validate
from checks.evidence import Why

GOOD = """
schema = "scrubin/recording/1"
platform = "linux"
home = "/home/clin"
account = "clin"
captured_at = 2026-11-21T12:00:00Z
"""


def why(look) -> Why:
    with pytest.raises(CollectError) as caught:
        look()
    return caught.value.why


def written(folder: Path, text: str) -> RecordedHost:
    (folder / "recording.toml").write_text(text)
    return load(str(folder), LocalHost())


def test_what_is_not_recorded_is_never_an_empty_answer(tmp_path: Path) -> None:
    host = written(tmp_path, GOOD)
    for look in (
        lambda: host.run(Command(argv=("passwd", "-S"))), lambda: host.read("/etc/group"), lambda: host.names("/etc"),
        lambda: host.stat("/etc"), lambda: host.processes(frozenset({"x"})),
    ):  # fmt: skip
        assert why(look) is Why.NOT_RECORDED


def test_complete_recording_knows_what_was_not_there() -> None:
    host = recorded_host(files={"/a/b/c": "x"})
    assert why(lambda: host.run(Command(argv=("passwd",)))) is Why.TOOL_MISSING
    assert why(lambda: host.read("/etc/group")) is Why.NOT_FOUND
    assert host.names("/a") == ("b",)
    assert host.stat("/a").kind is EntryKind.FOLDER
    assert host.stat("/a/b/c").kind is EntryKind.FILE
    assert host.processes(frozenset({"x"})) == ()


def test_recorded_failure_is_raised_again() -> None:
    host = recorded_host(
        files={"/a": Why.NOT_PERMITTED}, commands={"x y": Why.TIMED_OUT}, folders={"/d": Why.TOO_LARGE}
    )
    assert why(lambda: host.read("/a")) is Why.NOT_PERMITTED
    assert why(lambda: host.run(Command(argv=("x", "y")))) is Why.TIMED_OUT
    assert why(lambda: host.names("/d")) is Why.TOO_LARGE


def test_command_gives_code_and_both_streams() -> None:
    host = recorded_host(commands={"x": Output(exit_code=2, stdout="o", stderr="e")})
    assert host.run(Command(argv=("x",))) == Output(exit_code=2, stdout="o", stderr="e")


def test_links_resolve_with_what_lies_below() -> None:
    host = recorded_host(links={"/home/clin/Pictures": "/data/pics"})
    assert host.resolve("/home/clin/Pictures/a/b") == "/data/pics/a/b"
    assert host.resolve("/home/clin/Pictures2") == "/home/clin/Pictures2"


def test_payload_that_is_missing_is_a_gap(tmp_path: Path) -> None:
    host = written(tmp_path, GOOD + '[[file]]\npath = "/a"\ncontent = "gone.txt"\n')
    assert why(lambda: host.read("/a")) is Why.NOT_RECORDED


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "a/../../b"])
def test_payload_outside_the_recording_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(RecordingError, match="outside"):
        written(tmp_path, GOOD + f'[[file]]\npath = "/a"\ncontent = "{name}"\n')


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "schema"),
        ("[", "not TOML"),
        ("a = " + "1" * 5000, "not TOML"),
        ("a = " + "[" * 100_000, "nested too deeply"),
        (GOOD.replace("2026-11-21T12:00:00Z", "0001-01-01T00:00:00+14:00"), "captured_at"),
        (GOOD + '[[file]]\npath = "/a"\nmodified_at = 9999-12-31T23:00:00-14:00', "file 1: modified_at"),
        (GOOD.replace("recording/1", "recording/9"), "schema"),
        (GOOD.replace('"linux"', '"amiga"'), "platform"),
        (GOOD.replace('"linux"', "1"), "platform"),
        (GOOD.replace("00Z", "00"), "captured_at"),
        (GOOD + "command = 1", "command"),
        (GOOD + "environment = 1", "environment"),
        (GOOD + "[[command]]\nx = 1", "command 1: argv is missing"),
        (GOOD + "[[command]]\nargv = [1]", "command 1: argv holds something"),
        (GOOD + '[[file]]\npath = "/a"\nerror = "tired"', "file 1: error"),
        (GOOD + '[[file]]\npath = "/a"\nmodified_at = 2026-01-01T00:00:00', "file 1: modified_at"),
        (GOOD + '[[file]]\npath = "/a"\nevil = 1', "file 1: evil is unknown"),
        (GOOD + '[[link]]\npath = "/a"', "link 1: target"),
    ],
)
def test_wrong_recording_is_refused_with_the_place(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(RecordingError, match=said):
        written(tmp_path, text)


def test_folder_without_a_recording_is_said(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="not_found"):
        load(str(tmp_path), LocalHost())


@given(st.text(max_size=300))
def test_any_text_is_a_recording_or_an_error(text: str) -> None:
    try:
        index = tomllib.loads(GOOD + text)
    except tomllib.TOMLDecodeError:
        return
    try:
        validate(index)
    except RecordingError:
        return
    RecordedHost(index, {}).processes(frozenset({"x"})) if "process" in index else None


class Counting:
    """A host that counts how often it is asked."""

    home, account, environ = "/home/clin", "clin", {}

    def __init__(self) -> None:
        self.asked = 0

    def read(self, path: str) -> str:
        self.asked += 1
        if path == "/none":
            raise CollectError(Why.NOT_FOUND, path)
        return "x"


def test_memo_asks_once_also_for_what_failed() -> None:
    behind = Counting()
    host = MemoHost(behind)
    assert [host.read("/a"), host.read("/a")] == ["x", "x"]
    assert why(lambda: host.read("/none")) is Why.NOT_FOUND
    assert why(lambda: host.read("/none")) is Why.NOT_FOUND
    assert behind.asked == 2


def test_planted_file_stands_before_the_real_one(tmp_path: Path) -> None:
    (tmp_path / "bad").write_text("bad in @HOME@")
    behind = recorded_host(files={"/etc/x": "good", "/etc/y": "good"}, links={"/etc/x": "/else"})
    host = PlantedHost(behind, {"/etc/x": str(tmp_path / "bad"), "/new/z": str(tmp_path / "bad")}, source=LocalHost())
    assert (host.read("/etc/x"), host.read("/etc/y")) == ("bad in /home/clin", "good")
    assert (host.names("/etc"), host.names("/new"), host.names("/")) == (("x", "y"), ("z",), ("etc", "new"))
    assert (host.stat("/etc/x").kind, host.stat("/new").kind) == (EntryKind.FILE, EntryKind.FOLDER)
    assert (host.resolve("/etc/x"), why(lambda: host.stat("/old"))) == ("/etc/x", Why.NOT_FOUND)
    assert why(lambda: host.names("/old")) is Why.NOT_FOUND


@pytest.mark.parametrize(("size", "read"), [(5, True), (4, False), (6, False), (0, False)])
def test_answer_of_another_size_than_was_written_down_was_cut(size: int, read: bool) -> None:
    index = {
        "platform": "android", "home": "/sdcard", "account": "shell", "captured_at": NOON,
        "command": [{"argv": ["id"], "stdout": "001.txt", "size_bytes": size}],
    }  # fmt: skip
    host = RecordedHost(index, {"001.txt": "grün"})
    if read:
        assert host.run(Command(argv=("id",))).stdout == "grün"
    else:
        with pytest.raises(CollectError) as cut:
            host.run(Command(argv=("id",)))
        assert cut.value.why is Why.UNPARSABLE
