"""Only one agent of an account runs."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from agent.single import LOCK_NAME, AlreadyRunning, SingleError, hold, runs


def test_a_second_holder_is_told_who_holds_it(tmp_path: Path) -> None:
    first = hold(str(tmp_path))
    with pytest.raises(AlreadyRunning, match=rf"process {os.getpid()}"):
        hold(str(tmp_path))
    first.release()


def test_a_released_lock_can_be_taken(tmp_path: Path) -> None:
    hold(str(tmp_path)).release()
    hold(str(tmp_path)).release()


def test_a_killed_holder_leaves_no_lock(tmp_path: Path) -> None:
    code = "import sys, os, signal; from agent.single import hold; hold(sys.argv[1]); os.kill(os.getpid(), 9)"
    assert subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False).returncode == -9
    hold(str(tmp_path)).release()


def test_the_folder_is_made_for_this_account_alone(tmp_path: Path) -> None:
    hold(str(tmp_path / "run" / "scrubin")).release()
    assert stat.S_IMODE((tmp_path / "run" / "scrubin").stat().st_mode) == 0o700


@pytest.mark.parametrize("case", ["link", "pipe", "folder", "file in the way"])
def test_what_is_not_our_lock_is_refused(tmp_path: Path, case: str) -> None:
    (tmp_path / "other").write_text("kept")
    lock = tmp_path / LOCK_NAME
    match case:
        case "link":
            lock.symlink_to(tmp_path / "other")
        case "pipe":
            os.mkfifo(lock)
        case "folder":
            lock.mkdir()
        case _:
            tmp_path = tmp_path / "other"
    with pytest.raises(SingleError):
        hold(str(tmp_path))


def test_a_refused_link_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "other").write_text("kept")
    (tmp_path / LOCK_NAME).symlink_to(tmp_path / "other")
    with pytest.raises(SingleError):
        hold(str(tmp_path))
    assert (tmp_path / "other").read_text() == "kept"


@pytest.mark.parametrize("text", ["", "not a number", "٣", "x" * 10_000])
def test_a_strange_number_in_the_lock_is_not_shown(tmp_path: Path, text: str) -> None:
    first = hold(str(tmp_path))
    (tmp_path / LOCK_NAME).write_text(text)
    with pytest.raises(AlreadyRunning) as caught:
        hold(str(tmp_path))
    assert str(caught.value) == "the agent already runs for this account"
    first.release()


def test_asking_whether_one_runs_makes_nothing_and_takes_no_lock(tmp_path: Path) -> None:
    assert not runs(str(tmp_path / "run"))
    assert not (tmp_path / "run").exists()
    first = hold(str(tmp_path))
    assert runs(str(tmp_path))
    first.release()
    assert not runs(str(tmp_path))


def test_lock_of_a_process_that_is_gone_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / LOCK_NAME).write_text(f"{2**22 + 1}\n")  # beyond the largest process number
    (tmp_path / LOCK_NAME).chmod(0o400)
    assert not runs(str(tmp_path))
