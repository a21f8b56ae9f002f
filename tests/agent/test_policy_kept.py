"""The last good copy of each policy layer: private, written only when new, and of no use once damaged."""

import errno
import json
import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from policy_example import header
from policy_machine import LATER, NOW, Machine, become_folder, become_pipe, grow, idle_s, layers, troubles

from agent.atomic import read_bounded
from agent.policy_kept import DamagedError, Kept, keep, kept
from agent.policy_search import Trouble
from checks.policy_file import LARGEST_BYTES
from checks.policy_form import LayerName


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path)


def copy_of(machine: Machine) -> Path:
    return machine.state / "policy-practice.json"


def test_the_copy_is_private_and_written_only_when_the_policy_changes(machine):
    machine.write(60)
    machine.read()
    first = copy_of(machine).stat()
    assert first.st_mode & 0o777 == 0o600
    assert machine.state.stat().st_mode & 0o777 == 0o700
    machine.read(LATER)
    assert copy_of(machine).stat().st_ino == first.st_ino
    assert kept(str(machine.state), LayerName.PRACTICE).kept_at == NOW
    machine.write(61)
    machine.read(LATER)
    assert kept(str(machine.state), LayerName.PRACTICE).kept_at == LATER


def test_the_copy_follows_its_file_to_another_place(machine):
    machine.write(60).rename(machine.system / "20.toml")
    machine.read()
    (machine.system / "20.toml").rename(machine.system / "30.toml")
    assert machine.read().problems == ()
    (machine.system / "30.toml").write_text("broken")
    assert idle_s(machine.read()) == 60


def alter(**changes):
    def spoil(path: Path) -> None:
        path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))

    return spoil


SPOILED = [
    lambda path: path.write_bytes(b""),
    lambda path: path.write_bytes(path.read_bytes()[:-20]),
    lambda path: path.write_bytes(b"\x00\xff" * 500),
    lambda path: path.write_bytes(b"[" * 100_000),
    lambda path: path.write_bytes(b"[]"),
    alter(text="loose"),
    alter(text="\ud800"),
    alter(text=5),
    alter(layer="hospital"),
    alter(layer="nobody"),
    alter(kept_at="yesterday"),
    alter(kept_at="0001-01-01T00:00:00+23:59"),
    alter(schema="scrubin/policy-copy/2"),
    alter(sha256="0"),
    become_folder,
    become_pipe,
    grow,
]


@pytest.mark.parametrize("spoil", SPOILED)
def test_a_damaged_copy_is_said_and_the_baseline_holds(machine, spoil):
    path = machine.write(60)
    machine.read()
    spoil(copy_of(machine))
    path.write_text("broken")
    found = machine.read()
    assert (layers(found), troubles(found)) == (["baseline"], ["refused", "copy_damaged"])
    assert found.problems[1].sentence == (
        "The kept copy of the practice's policy is damaged, so it cannot stand in for the file."
    )


def refused_copy(machine: Machine, text: str, source: Path) -> None:
    keep(
        str(machine.state),
        Kept(layer=LayerName.PRACTICE, source=str(source), kept_at=NOW, raw=text.encode()),
    )


@pytest.mark.parametrize("text", ["refused", header("baseline"), header("hospital")])
@pytest.mark.parametrize("name", ["10.toml", "renamed.toml"])
def test_a_copy_that_this_version_would_refuse_is_said_and_the_baseline_holds(machine, text, name):
    path = machine.system / "10.toml"
    path.write_text("broken")
    refused_copy(machine, text, machine.system / name)
    found = machine.read()
    assert (layers(found), troubles(found)) == (["baseline"], ["refused", "copy_damaged"])
    assert found.policy.id == "scrubin-baseline"


def test_a_damaged_copy_is_replaced_once_the_file_is_right(machine):
    machine.write(60)
    machine.read()
    copy_of(machine).write_bytes(b"")
    assert troubles(machine.read()) == ["copy_damaged"]
    assert machine.read().problems == ()


def test_a_damaged_copy_of_a_layer_that_is_gone_is_said_once(machine):
    machine.state.mkdir()
    copy_of(machine).write_bytes(b"")
    assert troubles(machine.read()) == ["copy_damaged"]
    assert machine.read().problems == ()


def test_a_state_folder_that_cannot_be_written_changes_nothing_but_is_said(machine):
    machine.state.write_text("a file where a folder should be")
    machine.write(60)
    found = machine.read()
    assert (idle_s(found), found.problems[-1].trouble) == (60, Trouble.NOT_KEPT)
    assert found.problems[-1].sentence.startswith("The kept copy of the practice's policy could not be brought up to")
    assert str(machine.state) not in found.problems[-1].sentence


def test_a_state_folder_that_takes_no_files_leaves_the_policy_in_force_and_is_said(machine):
    machine.state.symlink_to("/proc/self/fd")
    machine.write(60)
    found = machine.read()
    assert (idle_s(found), troubles(found)) == (60, ["not_kept"])


def test_reading_stops_one_byte_after_the_bound(tmp_path):
    path = tmp_path / "f"
    path.write_bytes(b"x" * 12)
    assert [len(read_bounded(str(path), most)) for most in (10, 11, 12, 13)] == [11, 12, 12, 12]


def test_reading_leaves_no_file_open(machine):
    become_folder(machine.write(60))
    before = os.listdir("/proc/self/fd")
    machine.read()
    assert len(os.listdir("/proc/self/fd")) == len(before)


def test_a_pipe_is_no_file(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="not a regular file"):
        read_bounded(str(tmp_path / "pipe"), 10)
    with pytest.raises(OSError) as caught:  # noqa: PT011 - the number is asserted
        read_bounded(str(tmp_path / "none"), 10)
    assert caught.value.errno == errno.ENOENT


@pytest.mark.parametrize("character", ["x", "\x01", "é", "\U0001f600"])
def test_the_largest_policy_can_be_kept(machine, character):
    text = character * (LARGEST_BYTES // len(character.encode()))
    keep(str(machine.state), Kept(layer=LayerName.PRACTICE, source="s", kept_at=NOW, raw=text.encode()))
    assert kept(str(machine.state), LayerName.PRACTICE).raw == text.encode()


@settings(max_examples=50)
@given(st.binary(max_size=200) | st.text(max_size=50).map(lambda one: json.dumps({"text": one, "layer": one}).encode()))
def test_any_bytes_as_a_copy_are_damaged(raw):
    with tempfile.TemporaryDirectory() as state:
        (Path(state) / "policy-practice.json").write_bytes(raw)
        with pytest.raises(DamagedError):
            kept(state, LayerName.PRACTICE)
