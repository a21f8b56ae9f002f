"""The script that a phone runs, and its answers, byte by byte."""

import re
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.collect.adb.script import DoorError, Frame, Frames, script
from agent.collect.android.commands import APPS, PROPERTIES, READINGS, SUPERUSER_ON_PATH, Reading
from agent.collect.host import Command

MARKER = "@@" + "0123456789abcdef" * 2
READS = {
    "getprop": "",
    "id": "",
    "settings": "list (global|secure|system)",
    "pm": "list (users|packages( -d)? --user 0)",
    "bmgr": "enabled|list transports",
    "dpm": "list-owners",
    "sm": "list-volumes public",
    "dumpsys": "-t [0-9]+ [a-z_]+( (policy|packages|shared-users|com[.a-z]+|--op FINE_LOCATION))?",
    "ls": "(/[a-z/]+/su ?)+",
    "which": "su",
}
"""Program -> all that it may ever be told: none of these words changes anything on any release."""


def frame(number: int, text: str, code: int = 0) -> str:
    return f"{MARKER} B {number}\n{text}\n{MARKER} E {number} {code}\n"


def test_script_is_pure_text_of_the_fixed_list() -> None:
    text = script(READINGS, MARKER)
    assert len(text) < 60_000
    assert text.count("\ntake ") + text.count("\nsift ") == len(READINGS)


def test_every_command_ever_sent_only_reads() -> None:
    for one in READINGS:
        program, *words = one.command.argv
        assert re.fullmatch(READS[program], " ".join(words)), one.command.argv


def test_command_off_the_list_is_never_sent() -> None:
    other = Reading(command=Command(argv=("settings", "put", "global", "adb_enabled", "0")))
    with pytest.raises(DoorError):
        script([other], MARKER)


@pytest.mark.parametrize("marker", ["", "@@", MARKER + "x", MARKER.upper(), "$(reboot)"])
def test_marker_of_another_form_is_refused(marker: str) -> None:
    with pytest.raises(DoorError):
        script(READINGS, marker)


def test_real_shell_frames_every_answer(tmp_path: Path) -> None:
    """mksh is the shell of Android; here it finds no Android command, and says so in each frame."""
    for tool in ("grep", "timeout"):
        (tmp_path / tool).symlink_to("/usr/bin/toybox")
    done = subprocess.run(
        ["/bin/mksh", "-c", script(READINGS, MARKER)], env={"PATH": str(tmp_path)}, capture_output=True, check=True
    )
    frames = Frames(MARKER)
    frames.feed(done.stdout)
    assert frames.finished
    assert set(frames.done) == set(range(len(READINGS)))
    assert {one.exit_code for one in frames.done.values()} <= {127, 1, 0}


def asked_of_a_shell(folder: Path, wanted: Command, programs: dict[str, str]) -> Frame:
    """What comes back for one reading where these programs are the phone's, beside grep and timeout."""
    for tool in ("grep", "timeout"):
        (folder / tool).symlink_to("/usr/bin/toybox")
    for name, text in programs.items():
        (folder / name).unlink(missing_ok=True)
        (folder / name).write_text(f"#!/bin/mksh\n{text}\n")
        (folder / name).chmod(0o755)
    readings = [one for one in READINGS if one.command == wanted]
    done = subprocess.run(
        ["/bin/mksh", "-c", script(readings, MARKER)], env={"PATH": str(folder)}, capture_output=True, check=True
    )
    frames = Frames(MARKER)
    frames.feed(done.stdout)
    return frames.done[0]


def test_sifted_command_keeps_its_own_exit_code(tmp_path: Path) -> None:
    """grep did well with what it got; that the dump was ended in its middle must not be lost with that."""
    killed = asked_of_a_shell(tmp_path, APPS, {"dumpsys": "echo Packages:\necho noise\nkill -9 $$"})
    assert killed.text == b"Packages:"
    assert killed.exit_code > 128


def test_sifted_command_of_which_no_line_is_kept_did_well(tmp_path: Path) -> None:
    assert asked_of_a_shell(tmp_path, APPS, {"dumpsys": "echo noise"}) == Frame(text=b"", exit_code=0)


def test_sifted_command_without_grep_is_no_answer(tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        asked_of_a_shell(tmp_path, APPS, {"dumpsys": "echo Packages:", "grep": "exit 2"})


def test_exit_code_that_timeout_loses_is_asked_for_again(tmp_path: Path) -> None:
    """The `timeout` of some releases says 127 for a command that ends at once."""
    programs = {"timeout": 'shift\n"$@"\nexit 127', "which": "echo /system/xbin/su"}
    assert asked_of_a_shell(tmp_path, SUPERUSER_ON_PATH, programs) == Frame(text=b"/system/xbin/su\n", exit_code=0)


def test_program_that_is_missing_is_still_said_to_be(tmp_path: Path) -> None:
    assert asked_of_a_shell(tmp_path, PROPERTIES, {}).exit_code == 127


@given(st.binary(max_size=300).filter(lambda text: not text.endswith(b"\r")), st.integers(1, 40))
def test_answer_comes_out_as_it_went_in_however_it_is_cut(text: bytes, step: int) -> None:
    stream = b"noise\n" + frame(0, "a").encode() + f"{MARKER} B 1\n".encode() + text + f"\n{MARKER} E 1 7\n".encode()
    stream += f"{MARKER} Z\n".encode()
    frames = Frames(MARKER)
    for start in range(0, len(stream), step):
        frames.feed(stream[start : start + step])
    assert frames.done[1].text == text
    assert frames.done[1].exit_code == 7
    assert frames.finished


@given(st.binary(max_size=400))
def test_any_bytes_are_survived(noise: bytes) -> None:
    frames = Frames(MARKER)
    frames.feed(noise.replace(b"#", MARKER.encode()))
    assert not frames.finished or b"#" in noise or MARKER.encode() in noise


def test_stream_cut_in_an_answer_names_it() -> None:
    frames = Frames(MARKER)
    frames.feed((frame(0, "whole") + f"{MARKER} B 1\nhalf").encode())
    assert frames.done[0].text == b"whole"
    assert frames.current == 1


def test_lost_end_never_gives_one_answer_the_text_of_the_next() -> None:
    hurt = frame(0, "first").replace(f"{MARKER} E 0 0", "???") + frame(1, "second")
    frames = Frames(MARKER)
    frames.feed(hurt.encode())
    assert 0 not in frames.done
    assert frames.done[1].text == b"second"


def test_swapped_numbers_are_no_answer() -> None:
    frames = Frames(MARKER)
    frames.feed(f"{MARKER} B 0\ntext\n{MARKER} E 1 0\n".encode())
    assert frames.done == {}


def test_line_ends_of_an_old_terminal_are_taken_off_the_frame() -> None:
    frames = Frames(MARKER)
    frames.feed(frame(0, "a\nb").replace("\n", "\r\n").encode())
    assert frames.done[0].text == b"a\r\nb"


def test_mark_that_is_hurt_in_the_middle_takes_the_answer_with_it() -> None:
    """What stands before it is gone, so what stands after it is no whole answer."""
    frames = Frames(MARKER)
    frames.feed(f"{MARKER} B 0\nfirst half\n{MARKER} ? 0\nsecond half\n{MARKER} E 0 0\n".encode())
    assert frames.done == {}


def test_mark_without_an_end_is_looked_at_once() -> None:
    """A phone that sends one and then bytes for ever must not have each of them looked at anew."""
    frames = Frames(MARKER)
    frames.feed(f"{MARKER} B 0\n{MARKER}".encode() + b"x" * 100)
    frames.feed(f"\n{MARKER} E 0 0\n{frame(1, 'next')}".encode())
    assert set(frames.done) == {1}
    assert frames._seek <= len(frames._buffer)
