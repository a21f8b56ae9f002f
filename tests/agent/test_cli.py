"""The command line where the world is hostile: full disks, closed streams, old terminals, impatient people."""

import contextlib
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CODE = "import sys; from agent.cli import main; sys.exit(main())"
INTERRUPTED = (
    "import agent.commands.status as one, agent.cli, sys\n"
    "def run(_): raise KeyboardInterrupt\n"
    "one.run = run\n"
    "sys.exit(agent.cli.main(['status']))"
)
STOPPED = (
    "import agent.commands.check as one, agent.cli, sys, threading\n"
    "stopped = threading.Event()\n"
    "stopped.set()\n"
    "one.stop_on_interrupt = lambda: stopped\n"
    "sys.exit(agent.cli.main(['check']))"
)
BROKEN_INSTALL = "import sys; sys.modules['agent.desk'] = None; from agent.cli import main; sys.exit(main(['status']))"
UMLAUTS = """\
schema = "scrubin/policy/1"
layer = "practice"
id = "example"
version = "7"
name = "Praxis M\u00fcller"
"""


def started(code: str, *argv: str, folder: Path, **more: object) -> subprocess.CompletedProcess[bytes]:
    places = {"SCRUBIN_STATE": folder / "state", "SCRUBIN_SYSTEM_CONFIG": folder / "etc", "XDG_CONFIG_HOME": folder}
    environment = {**os.environ, **{name: str(path) for name, path in places.items()}, "PYTHONPATH": str(ROOT)}
    environment.update(more.pop("changes", {}))  # type: ignore[call-overload]
    command = [sys.executable, "-c", code, *argv]
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **more}
    return subprocess.run(command, env=environment, check=False, **streams)  # type: ignore[call-overload,no-any-return]


@pytest.mark.parametrize("argv", [("status",), ("policy", "schema"), ("report", "--show"), ("--help",), ("--version",)])
def test_answer_that_could_not_be_written_is_no_verdict(argv: tuple[str, ...], tmp_path: Path) -> None:
    with open("/dev/full", "wb") as full:
        done = started(CODE, *argv, folder=tmp_path, stdout=full)
    assert done.returncode == 3
    assert b"could not be written: No space left on device" in done.stderr
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize(("closed", "argv", "code"), [(1, "status", 2), (2, "chekc", 64), (2, "deliver", 3)])
def test_closed_stream_changes_no_exit_code(closed: int, argv: str, code: int, tmp_path: Path) -> None:
    done = started(CODE, argv, folder=tmp_path, preexec_fn=lambda: os.close(closed))
    assert (done.returncode, b"Traceback" in done.stderr) == (code, False)


def test_reader_of_help_that_goes_away_is_no_error(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with open(writing, "wb") as gone:
        done = started(CODE, "--help", folder=tmp_path, stdout=gone)
    assert (done.returncode, done.stderr) == (0, b"")


def test_screen_without_umlauts_shows_their_codes(tmp_path: Path) -> None:
    (tmp_path / "etc" / "policy.d").mkdir(parents=True)
    (tmp_path / "etc" / "policy.d" / "one.toml").write_text(UMLAUTS, "utf-8")
    done = started(CODE, "policy", "show", folder=tmp_path, changes={"PYTHONIOENCODING": "ascii"})
    assert (done.returncode, b"Praxis M\\xfcller" in done.stdout) == (0, True)


def test_interruption_is_said_in_words(tmp_path: Path) -> None:
    done = started(INTERRUPTED, folder=tmp_path)
    assert (done.returncode, done.stderr) == (3, b"scrubin: stopped before it ended.\n")


def test_broken_installation_is_no_verdict(tmp_path: Path) -> None:
    done = started(BROKEN_INSTALL, folder=tmp_path)
    assert done.returncode == 3
    assert done.stderr.startswith(b"scrubin: a fault of its own, ModuleNotFoundError")


def test_wrong_words_cannot_command_the_terminal(tmp_path: Path) -> None:
    done = started(CODE, "check", "\x1b[31mred", folder=tmp_path)
    assert (done.returncode, b"\x1b" in done.stderr) == (64, False)


def test_help_is_understood_as_a_word(tmp_path: Path) -> None:
    done = started(CODE, "help", "check", folder=tmp_path)
    assert (done.returncode, done.stdout.startswith(b"usage: scrubin check")) == (0, True)


def test_stopped_check_says_that_it_was_and_is_not_kept(tmp_path: Path) -> None:
    done = started(STOPPED, folder=tmp_path)
    assert done.returncode in (1, 2)
    assert b"You stopped this check before it ended" in done.stdout
    assert not (tmp_path / "state" / "status.json").exists()


def test_terminal_that_knows_no_colour_gets_none(tmp_path: Path) -> None:
    assert b"\x1b[1m" in in_terminal(tmp_path, "xterm")
    assert b"\x1b[1m" not in in_terminal(tmp_path, "dumb")


def in_terminal(folder: Path, term: str) -> bytes:
    """All that the terminal of a `scrubin check` was sent."""
    ours, theirs = pty.openpty()
    environment = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    environment |= {
        "SCRUBIN_STATE": str(folder / "s"),
        "SCRUBIN_SYSTEM_CONFIG": str(folder),
        "XDG_CONFIG_HOME": str(folder),
    }
    environment |= {"PYTHONPATH": str(ROOT), "TERM": term}
    with subprocess.Popen(
        [sys.executable, "-c", CODE, "check"], env=environment, stdout=theirs, stderr=subprocess.DEVNULL
    ):
        os.close(theirs)
        heard = b""
        with contextlib.suppress(OSError):  # a terminal's way to say that nobody is left at the other end
            while chunk := os.read(ours, 1 << 16):
                heard += chunk
    os.close(ours)
    return heard
