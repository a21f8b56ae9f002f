"""A recording of a phone is shown, written where the person agrees, and judged however incomplete it is."""

import argparse
import functools
import threading
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from fakes import NOON
from hypothesis import given, settings
from hypothesis import strategies as st
from phone_recordings import DEMO, judged, recorded, reread, scrubbed
from virtual_phone.rig import adb_server, virtual_phone

from agent.collect.adb.devices import Attached, State
from agent.collect.adb.host import PhoneHost
from agent.collect.android import commands
from agent.collect.host import CollectError, LocalHost, Output
from agent.collect.recorded import INDEX, RecordedHost, load
from agent.commands.record import run
from agent.commands.record_phone import Wish, may_go_on, offered, record, the_one, written
from agent.devices import Seen
from agent.exits import CannotRun, Exit, WrongUse
from agent.gather import Found
from agent.phones import Read, read_all
from checks.evidence import Why
from checks.model import Status

__all__ = ["adb_server", "virtual_phone"]
LONG = "[ro.build.version.sdk]: [34]\r\n[persist.sys.device_name]: [Annas phone]\r\n"
ANSWERS: dict[tuple[str, ...], Output | CollectError] = {
    commands.PROPERTIES.argv: Output(exit_code=0, stdout=LONG, stderr=""),
    commands.SUPERUSER_ON_PATH.argv: Output(exit_code=1, stdout="", stderr=""),
    commands.LOCK.argv: CollectError(Why.DISCONNECTED, "dumpsys"),
}


def host(*, wireless: bool = False) -> PhoneHost:
    return PhoneHost(ANSWERS, at=NOON, wireless=wireless)


@dataclass
class Chair:
    """A console before which somebody sits, or nobody."""

    says: str = ""
    attended: bool = True
    heard: list[str] = field(default_factory=list)

    def tell(self, text: str) -> None:
        self.heard.append(text)

    def ask(self, question: str) -> str:
        self.heard.append(question)
        return self.says


def wish(folder: Path, *, show: bool = False, yes: bool = False, as_json: bool = False) -> Wish:
    return Wish(folder=folder, show=show, yes=yes, as_json=as_json)


def test_every_reading_is_recorded_with_its_answer_or_the_reason() -> None:
    index = tomllib.loads(written(host(wireless=True))[INDEX])
    rows = {tuple(row["argv"]): row for row in index["command"]}
    assert list(rows) == [one.command.argv for one in commands.READINGS]
    assert rows[commands.LOCK.argv]["error"] == "disconnected"
    assert rows[commands.TRUST.argv]["error"] == "not_asked"
    assert rows[commands.SUPERUSER_ON_PATH.argv]["exit_code"] == 1
    assert index["environment"] == {"ADB_ROUTE": "network"}
    assert (index["platform"], index["home"], index["account"]) == ("android", "/sdcard", "shell")
    assert index["complete"] is False


def test_recording_is_written_after_yes_and_reads_as_it_was_shown(tmp_path: Path) -> None:
    chair, folder = Chair(says="Yes"), tmp_path / "r"
    answer = offered(written(host()), wish(folder), chair)
    assert answer.code is Exit.COMPLIANT
    assert "Annas" not in "".join(chair.heard)
    again = load(str(folder), LocalHost())
    assert again.run(commands.PROPERTIES).stdout == reread(written(host())).run(commands.PROPERTIES).stdout
    assert again.run(commands.PROPERTIES).stdout.count("\r\n") == 2
    assert folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("says", ["", "no", "y", "yes please"])
def test_nothing_is_written_without_yes(tmp_path: Path, says: str) -> None:
    answer = offered(written(host()), wish(tmp_path / "r"), Chair(says=says))
    assert answer.code is Exit.COULD_NOT_RUN
    assert list(tmp_path.iterdir()) == []


def test_everything_is_shown_before_the_question() -> None:
    chair = Chair()
    files = written(host())
    offered(files, wish(Path("/nowhere/r")), chair)
    for text in files.values():
        for line in text.replace("\r", "").split("\n"):
            assert line in chair.heard[0]
    assert chair.heard[-1].startswith("Write this down?")


def test_show_prints_all_asks_nothing_and_writes_nothing(tmp_path: Path) -> None:
    chair = Chair(says="yes")
    answer = offered(written(host()), wish(tmp_path / "r", show=True), chair)
    assert "ro.build.version.sdk" in str(answer.out)
    assert chair.heard == []
    assert list(tmp_path.iterdir()) == []


def test_yes_writes_without_a_question_and_json_names_the_files(tmp_path: Path) -> None:
    chair = Chair(attended=False)
    answer = offered(written(host()), wish(tmp_path / "r", yes=True, as_json=True), chair)
    assert f'"{INDEX}"' in str(answer.out)
    assert chair.heard == []
    assert (tmp_path / "r" / INDEX).exists()


def test_without_anybody_there_yes_must_be_said_beforehand(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="--yes"):
        may_go_on(wish(tmp_path / "r"), Chair(attended=False))
    with pytest.raises(WrongUse, match="--yes"):
        may_go_on(wish(tmp_path / "r", as_json=True), Chair())
    may_go_on(wish(tmp_path / "r", show=True), Chair(attended=False))
    may_go_on(wish(tmp_path / "r"), Chair())


def test_folder_that_exists_is_told_before_a_phone_is_asked(tmp_path: Path) -> None:
    with pytest.raises(CannotRun, match="exists already"):
        may_go_on(wish(tmp_path, yes=True), Chair())


def read(serial: str) -> Read:
    attached = Attached(serial=serial, state=State.READY)
    return Read(serial=serial, attached=attached, host=host(), trips=1, received_bytes=1)


def test_one_phone_is_needed_and_its_trouble_told() -> None:
    assert the_one(Found(phones=(read("A1"),)), None).serial == "A1"
    with pytest.raises(CannotRun, match="more than one"):
        the_one(Found(phones=(read("A1"), read("B2"))), None)
    with pytest.raises(CannotRun, match="Tap Allow"):
        the_one(Found(unready=(Seen(serial="A1", state=State.UNAUTHORISED),)), None)
    with pytest.raises(CannotRun, match="No phone is plugged in"):
        the_one(Found(), None)
    with pytest.raises(CannotRun, match="of that serial"):
        the_one(Found(), "R58N12ABCDE")


@pytest.mark.parametrize("wanted", ["B2", "192.168.1.5:5555", "samsung sm-a536b"])
def test_of_several_the_one_that_was_named_is_recorded(wanted: str) -> None:
    said = "[ro.product.manufacturer]: [samsung]\n[ro.product.model]: [SM-A536B]\n"
    named = PhoneHost({commands.PROPERTIES.argv: Output(exit_code=0, stdout=said, stderr="")}, at=NOON, wireless=True)
    other = Read(
        serial="B2", attached=Attached(serial="192.168.1.5:5555", state=State.READY), host=named, trips=1,
        received_bytes=1,
    )  # fmt: skip
    assert the_one(Found(phones=(read("A1"), other)), wanted) is other
    with pytest.raises(CannotRun, match="of that serial"):
        the_one(Found(phones=(read("A1"), other)), "C3")


def test_a_folder_is_needed_to_write_and_not_to_show() -> None:
    with pytest.raises(WrongUse, match="name a folder"):
        run(argparse.Namespace(folder=None, show=False, device="phones"))


def test_a_phone_is_recorded_whole_never_for_one_check() -> None:
    with pytest.raises(WrongUse, match="laptop"):
        record(argparse.Namespace(only=["screen_lock"]))


def test_phone_behind_a_real_adb_server_is_recorded_and_judged_as_it_is(adb_server, virtual_phone, tmp_path) -> None:
    phone = virtual_phone(recording=DEMO[0])
    ready = [Attached(serial=phone.address, state=State.READY)]
    (seen,) = read_all(ready, port=adb_server.port, clock=lambda: NOON, stop=threading.Event())
    offered(written(seen.host), wish(tmp_path / "r", yes=True), Chair())
    assert judged(load(str(tmp_path / "r"), LocalHost())) == judged(seen.host)


@functools.cache
def passes(folder: Path) -> frozenset[str]:
    return frozenset(check for check, (status, _) in judged(reread(scrubbed(folder))).items() if status is Status.PASS)


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_incomplete_recording_never_passes_what_the_whole_one_did_not(data: st.DataObject) -> None:
    folder = data.draw(st.sampled_from(DEMO))
    files = dict(scrubbed(folder))
    index = tomllib.loads(files.pop(INDEX))
    for number in sorted(data.draw(st.sets(st.integers(0, len(index["command"]) - 1), max_size=8)), reverse=True):
        del index["command"][number]
    for name in data.draw(st.sets(st.sampled_from(sorted(files)), max_size=4)):
        del files[name]
    for name in data.draw(st.sets(st.sampled_from(sorted(files)))):
        files[name] = files.get(name, "")[: data.draw(st.integers(0, 3000))]
    seen = judged(RecordedHost(index, files))
    assert {check for check, (status, _) in seen.items() if status is Status.PASS} <= passes(folder)


def test_size_of_each_answer_is_written_down_so_that_a_cut_file_shows() -> None:
    files = dict(scrubbed(DEMO[0]))
    rows = [row for row in tomllib.loads(files[INDEX])["command"] if "stdout" in row]
    assert rows
    for row in rows:
        assert row["size_bytes"] == len(files[row["stdout"]].encode())


def test_demo_phones_are_the_good_one_and_the_bad_one() -> None:
    bad, good = DEMO
    assert passes(good) - passes(bad), "else the test above could not fail"
    assert recorded(good).account == "shell"
