"""Whatever stands where a setting should be: a finding with its reason, never a traceback, never a pass."""

import os
import resource
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from fakes import laptop, recorded_host, rule_for

from agent.collect.catalog import PROBES
from agent.collect.host import Command, LocalHost, Output
from agent.runner import Subject, audit
from checks.catalog import CATALOG
from checks.evidence import Why
from checks.model import Finding, Platform, Status

ROOT = Path(__file__).parents[2]
PLACES = {
    ".config/kscreenlockerrc": "screen_lock",
    ".config/Nextcloud/nextcloud.cfg": "cloud_backup",
    ".config/user-dirs.dirs": "cloud_backup",
    ".config/intune/registration.toml": "remote_wipe",
}


class Everything:
    id, version = "example", "practice-1"

    def rule(self, check: Any, ownership: Any) -> Any:
        return rule_for(check.limits())


def findings(host: Any) -> Mapping[str, Finding]:
    door = LocalHost()
    subject = Subject(device=laptop(), host=host, door=door, checks=CATALOG, probes=PROBES[Platform.LINUX])
    report = audit(subject, Everything(), clock=host.now).report
    assert report.proof.proven, "bad input must not blind the proof"
    return {one.check_id: one for one in report.findings}


def enormous(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(1 << 30)


NASTY: Mapping[str, Callable[[Path], None]] = {
    "1 GB": enormous,
    "binary": lambda path: path.write_bytes(bytes(range(256)) * 100),
    "a loop": lambda path: path.symlink_to(path),
    "a link to nowhere readable": lambda path: path.symlink_to("/proc/self/mem"),
    "a pipe": lambda path: os.mkfifo(path),
    "a folder": lambda path: path.mkdir(),
    "a device that never ends": lambda path: path.symlink_to("/dev/zero"),
    "one line of a megabyte": lambda path: path.write_text("=" * (1 << 20)),
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("nasty", NASTY)
def test_file_that_is_no_setting_never_passes(tmp_path: Path, place: str, nasty: str) -> None:
    path = tmp_path / place
    path.parent.mkdir(parents=True)
    NASTY[nasty](path)
    seen = findings(LocalHost(environ={"HOME": str(tmp_path), "XDG_CURRENT_DESKTOP": "KDE"}))
    assert seen[PLACES[place]].status is not Status.PASS
    assert "crashed" not in {code for one in seen.values() for code in one.measures["reasons"]}


def test_file_that_changes_while_it_is_read_is_seen_as_one_or_the_other(tmp_path: Path) -> None:
    path = tmp_path / ".config" / "kscreenlockerrc"
    path.parent.mkdir()
    stop = threading.Event()

    def flip() -> None:
        while not stop.is_set():
            for text in ("[Daemon]\nAutolock=false\n", "[Daemon]\nTimeout=5\n"):
                (tmp_path / "new").write_text(text)
                (tmp_path / "new").replace(path)

    path.write_text("[Daemon]\n")
    racer = threading.Thread(target=flip)
    racer.start()
    try:
        for _ in range(5):
            seen = findings(LocalHost(environ={"HOME": str(tmp_path), "XDG_CURRENT_DESKTOP": "KDE"}))
            assert "crashed" not in seen["screen_lock"].measures["reasons"]
    finally:
        stop.set()
        racer.join()


@pytest.mark.parametrize(
    "answer",
    [
        Why.TIMED_OUT, Why.TOO_LARGE, Why.TOOL_MISSING, Why.NOT_PERMITTED, Why.UNREADABLE, "", "\udcff\x1b[2J",
        Output(exit_code=0, stdout="", stderr="Fehler: keine Verbindung"),
        Output(exit_code=0, stdout="error: cannot open display", stderr=""),
        Output(exit_code=127, stdout="true", stderr=""),
    ],
    ids=repr,
)  # fmt: skip
@pytest.mark.parametrize("desktop", ["GNOME", "X-Cinnamon", "MATE", "XFCE"])
def test_tool_that_answers_badly_never_passes(desktop: str, answer: Any) -> None:
    host = StubbornHost(recorded_host(environ={"XDG_CURRENT_DESKTOP": desktop}), answer)
    for check_id, one in findings(host).items():
        assert one.status is not Status.PASS or check_id in {"cloud_backup", "shared_use"}, one
        assert "crashed" not in one.measures["reasons"]


class StubbornHost:
    """A laptop on which every command answers the same."""

    def __init__(self, behind: Any, answer: Any) -> None:
        self._behind, self._answer = behind, answer

    def __getattr__(self, name: str) -> Any:
        return getattr(self._behind, name)

    def run(self, command: Command) -> Output:
        return recorded_host(commands={command.argv: self._answer}).run(command)


def child(script: str, folder: Path, **limits: int) -> subprocess.CompletedProcess[str]:
    """`scrubin check` in a process with its state in `folder`, and with resource limits."""

    def limit() -> None:
        for name, value in limits.items():
            resource.setrlimit(getattr(resource, name), (value, value))

    environment = {
        **os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1",
        "SCRUBIN_STATE": str(folder), "SCRUBIN_SYSTEM_CONFIG": str(folder / "etc"),
    }  # fmt: skip
    return subprocess.run(
        [sys.executable, "-c", script], env=environment, preexec_fn=limit, capture_output=True, text=True, check=False
    )


CHECK = "import sys; from agent.cli import main; sys.exit(main(['check']))"


def test_full_disk_is_said_and_the_verdict_stands(tmp_path: Path) -> None:
    state, drop = tmp_path / "state", tmp_path / "drop"
    (state / "etc").mkdir(parents=True)
    (state / "etc" / "agent.toml").write_text(f'[deliver]\ntransport = "folder"\nfolder = "{drop}"\n')
    assert child(CHECK, state).returncode in (1, 2)
    full = child(CHECK.replace("import sys;", "import signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"),
                 state, RLIMIT_FSIZE=100)  # fmt: skip
    assert full.returncode in (1, 2), full.stderr
    assert "not queued" in full.stdout
    assert "could not be kept" in full.stdout
    assert "Traceback" not in full.stderr


def test_first_run_on_a_full_disk_could_not_run(tmp_path: Path) -> None:
    script = CHECK.replace("import sys;", "import signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);")
    done = child(script, tmp_path / "state", RLIMIT_FSIZE=0)
    assert done.returncode == 3
    assert done.stderr.startswith("scrubin: this laptop's id can't be kept")


def test_no_file_descriptors_left_is_a_reason_not_a_traceback(tmp_path: Path) -> None:
    done = child(CHECK, tmp_path / "state", RLIMIT_NOFILE=24)
    assert done.returncode in (1, 2, 3)
    assert "Traceback" not in done.stderr
