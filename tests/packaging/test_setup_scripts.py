"""The scripts behind make: what they install, what they say when they may not, and what their exit codes mean."""

import os
import subprocess
from pathlib import Path

import pytest

SETUP = Path(__file__).parents[2] / "packaging" / "setup"
LIST = SETUP / "debian-packages.txt"
ROWS = [line.split(maxsplit=2) for line in LIST.read_text().splitlines() if not line.startswith("#")]
TOOLS = ("bash", "dirname", "env", "cat")
"""Real programs that the scripts and the fakes below need; nothing else of this machine is in their PATH."""


class FakeMachine:
    """A Debian machine of a few small programs that write down what they were asked."""

    def __init__(self, folder: Path, *, installed: tuple[str, ...] = (), uid: int = 0) -> None:
        self.bin = folder / "bin"
        self.bin.mkdir()
        self.log = folder / "log"
        self.log.touch()
        for tool in TOOLS:
            (self.bin / tool).symlink_to(
                next(Path(at) / tool for at in ("/usr/bin", "/bin") if (Path(at) / tool).exists())
            )
        names = " ".join(installed) or "none"
        self.program("dpkg-query", f'for one in {names}; do [ "$4" = "$one" ] && echo -n installed; done; true')
        self.program("id", f"echo {uid}")
        self.program("apt-get", f'echo "apt-get $*" >>{self.log}')

    def program(self, name: str, body: str) -> None:
        (self.bin / name).write_text(f"#!/usr/bin/env bash\n{body}\n")
        (self.bin / name).chmod(0o755)

    def run(self, script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(SETUP / script), *arguments], env={"PATH": str(self.bin)}, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip

    def asked(self) -> str:
        return self.log.read_text()


def of(group: str) -> tuple[str, ...]:
    return tuple(row[1] for row in ROWS if row[0] == group)


def test_list_has_a_known_group_and_a_reason_for_every_package() -> None:
    assert all(len(row) == 3 and row[0] in {"check", "test", "bench"} for row in ROWS)
    assert len({row[1] for row in ROWS}) == len(ROWS)


def test_nothing_is_installed_where_nothing_is_missing(tmp_path: Path) -> None:
    machine = FakeMachine(tmp_path, installed=of("test"))
    assert machine.run("debian-packages.sh", "test").returncode == 0
    assert machine.asked() == ""


def test_root_gets_only_what_is_missing(tmp_path: Path) -> None:
    machine = FakeMachine(tmp_path, installed=of("test")[1:])
    assert machine.run("debian-packages.sh", "test").returncode == 0
    updated, installed = machine.asked().splitlines()
    assert updated.endswith("update")
    assert installed.endswith(f"install --yes --no-install-recommends {of('test')[0]}")


def test_ordinary_account_without_sudo_is_told_what_to_ask_for(tmp_path: Path) -> None:
    machine = FakeMachine(tmp_path, uid=1000)
    ended = machine.run("debian-packages.sh", "bench")
    assert ended.returncode == 3
    assert "apt-get install --no-install-recommends lynis" in ended.stderr
    assert machine.asked() == ""


def test_ordinary_account_uses_sudo_and_never_waits_for_a_password_without_a_terminal(tmp_path: Path) -> None:
    machine = FakeMachine(tmp_path, uid=1000)
    machine.program("sudo", f'echo "sudo $1" >>{machine.log}; shift; "$@"')
    assert machine.run("debian-packages.sh", "bench").returncode == 0
    assert machine.asked().startswith("sudo -n\napt-get")


def test_failed_installation_is_said_and_fails(tmp_path: Path) -> None:
    machine = FakeMachine(tmp_path)
    machine.program("apt-get", "exit 100")
    ended = machine.run("debian-packages.sh", "bench")
    assert ended.returncode == 3
    assert "Could not install" in ended.stderr


def test_system_without_dpkg_is_told_where_the_list_is(tmp_path: Path) -> None:
    machine = FakeMachine(tmp_path)
    (machine.bin / "dpkg-query").unlink()
    ended = machine.run("debian-packages.sh", "test")
    assert ended.returncode == 3
    assert "debian-packages.txt" in ended.stderr


@pytest.mark.parametrize(
    ("verdict", "ends", "said"),
    [
        (0, 0, "compliant"),
        (1, 0, "not compliant"),
        (2, 0, "cannot tell"),
        (3, 3, "could not run"),
        (64, 64, "could not run"),
    ],
)
def test_verdict_is_no_error_of_make_but_a_failed_audit_is(tmp_path: Path, verdict: int, ends: int, said: str) -> None:
    machine = FakeMachine(tmp_path)
    machine.program("scrubin", f'[ "$1" = doctor ] || exit {verdict}')
    ended = machine.run("first-audit.sh", str(machine.bin / "scrubin"))
    assert ended.returncode == ends
    assert said in ended.stdout + ended.stderr


def test_doctor_that_could_not_run_is_an_error_too(tmp_path: Path) -> None:
    machine = FakeMachine(tmp_path)
    machine.program("scrubin", '[ "$1" = check ] || exit 3')
    assert machine.run("first-audit.sh", str(machine.bin / "scrubin")).returncode == 3


@pytest.mark.parametrize(
    ("body", "said"),
    [("exit 1", "3.11 or newer"), ('[ "$2" = "import ensurepip, venv" ] && exit 1; exit 0', "ensurepip")],
)
def test_python_that_cannot_serve_is_named_with_a_way_out(tmp_path: Path, body: str, said: str) -> None:
    machine = FakeMachine(tmp_path, installed=of("check"))
    machine.program("python3", body)
    ended = machine.run("venv.sh", str(tmp_path / "venv"), "pins.txt")
    assert ended.returncode == 3
    assert said in ended.stderr


@pytest.mark.parametrize("script", sorted(path.name for path in SETUP.glob("*.sh")))
def test_every_script_may_be_executed_and_stops_on_unset_names(script: str) -> None:
    assert os.access(SETUP / script, os.X_OK)
    assert "set -euo pipefail" in (SETUP / script).read_text().replace("set -uo pipefail", "set -euo pipefail")
