"""What the doctor says of adb, its server and the right to open phones."""

import os
from collections.abc import Collection
from pathlib import Path

import pytest
from fake_adb import FakeAdbServer, said

from agent.collect.adb.devices import State
from agent.collect.adb.program import Adb, Source
from agent.commands.doctor_phones import NO_RULE, NO_SEAT, Finding, adb, findings, server, usb
from agent.surroundings import NO_ANSWER
from checks.model import Status

OLD = Adb(path="/home/jane/adb", source=Source.PATH, version=(29, 0, 6))
NEW = Adb(path="/home/jane/adb36", source=Source.BUNDLED, version=(36, 0, 0))
MUTE = Adb(path="/home/jane/adb0", source=Source.PATH, version=None)


@pytest.mark.parametrize(
    ("found", "status", "text"),
    [
        ((), Status.FAIL, "not installed, so phones can't be asked"),
        ((OLD, NEW), Status.PASS, "36.0.0, bundled with adbutils"),
        ((OLD,), Status.PASS, "29.0.6, on PATH; too old for phones over Wi-Fi, good for the cable"),
        ((MUTE,), Status.PASS, "of unknown version, on PATH; too old for phones over Wi-Fi, good for the cable"),
    ],
)
def test_the_program(found: tuple[Adb, ...], status: Status, text: str) -> None:
    row = adb(found)
    assert (row.status, row.text) == (status, text)
    assert "jane" not in repr(row)
    assert bool(row.steps) is (status is Status.FAIL)


FEATURES = "host:host-features"


@pytest.mark.parametrize(
    ("answer", "status", "words"),
    [(said("shell_v2,cmd,sendrecv_v2"), Status.PASS, "runs on port"), (said("shell_v2,cmd"), Status.PASS, "too old"),
     (said(""), Status.PASS, "too old"), (b"HTTP/1.1", Status.FAIL, NO_ANSWER), (b"", Status.FAIL, NO_ANSWER)],
)  # fmt: skip
def test_a_server_that_runs(answer: bytes, status: Status, words: str) -> None:
    with FakeAdbServer({FEATURES: answer}) as running:
        row = server({"ANDROID_ADB_SERVER_PORT": str(running.port)})
    assert row.status is status
    assert words in row.text


def test_a_server_elsewhere() -> None:
    row = server({"ADB_SERVER_SOCKET": "tcp:10.0.0.7:5037"})
    assert row.status is Status.FAIL
    assert "ADB_SERVER_SOCKET" in row.text


def rules(tmp_path: Path, *names: str) -> list[str]:
    folder = tmp_path / "rules.d"
    folder.mkdir()
    for name in names:
        (folder / name).write_text("# a rule\n")
    return [str(tmp_path / "not there"), str(folder)]


REFUSED, READY = {State.NO_PERMISSIONS}, {State.READY}


@pytest.mark.parametrize(
    ("names", "wired", "seated", "status", "steps"),
    [
        (["70-scrubin-phones.rules"], set(), True, Status.PASS, ()),
        (["51-android.rules"], READY, True, Status.PASS, ()),
        (["70-other.rules"], set(), True, Status.NOT_APPLICABLE, NO_RULE),
        ([], READY, True, Status.PASS, ()),
        ([], REFUSED, True, Status.FAIL, NO_RULE),
        ([], REFUSED | READY, True, Status.FAIL, NO_RULE),
        (["51-android.rules"], REFUSED, True, Status.FAIL,
         ("sudo udevadm control --reload, then plug the phone in again",)),
        (["70-scrubin-phones.rules"], REFUSED, False, Status.FAIL, NO_SEAT),
    ],
)  # fmt: skip
def test_the_right_to_open_phones(
    tmp_path: Path, names: list[str], wired: Collection[State], seated: bool, status: Status, steps: tuple[str, ...]
) -> None:
    row = usb(rules(tmp_path, *names), wired, seated=seated)
    assert (row.status, row.steps) == (status, steps)


def test_group_plugdev_is_for_those_without_a_screen_only() -> None:
    assert "plugdev" not in " ".join(NO_RULE)
    assert "plugdev" in " ".join(NO_SEAT)


def test_a_rule_that_was_put_out_of_force_is_none(tmp_path: Path) -> None:
    first, second = tmp_path / "etc", tmp_path / "lib"
    for folder in (first, second):
        folder.mkdir()
    (second / "70-scrubin-phones.rules").write_text("# a rule\n")
    assert usb([str(first), str(second)], set(), seated=True).status is Status.PASS
    os.symlink(os.devnull, first / "70-scrubin-phones.rules")
    assert usb([str(first), str(second)], set(), seated=True).status is Status.NOT_APPLICABLE


def test_a_fault_is_said_once(tmp_path: Path) -> None:
    environ = {"ADB_SERVER_SOCKET": "tcp:10.0.0.7:5037", "PATH": "/usr/bin"}
    rows: list[Finding] = list(findings(environ, home=str(tmp_path), root=False, rule_folders=[str(tmp_path)]))
    assert [one.name for one in rows] == ["adb", "adb server", "usb permission"]
