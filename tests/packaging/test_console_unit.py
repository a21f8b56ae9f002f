"""The console's unit, judged by systemd, and what INSTALL.md says of commands."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from agent import cli_console

FOLDER = Path(__file__).parents[2] / "packaging" / "console"
UNIT = (FOLDER / "scrubin-console.service").read_text()
WORST = 2.5
"""Of systemd's ten for no protection at all; the unit has 1.4 where this was written."""


def analyse(tmp_path: Path, unit: str, *words: str) -> subprocess.CompletedProcess[str]:
    program = shutil.which("true")
    assert program is not None
    path = tmp_path / "scrubin-console.service"
    path.write_text(unit.replace("/usr/bin/scrubin", program))
    return subprocess.run(
        ["systemd-analyze", *words, str(path)],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)},
        timeout=120,
    )


def test_systemd_finds_nothing_wrong(tmp_path: Path) -> None:
    done = analyse(tmp_path, UNIT, "verify")
    assert (done.returncode, done.stderr, done.stdout) == (0, "", "")


def test_a_slip_would_be_found(tmp_path: Path) -> None:
    assert analyse(tmp_path, UNIT.replace("ProtectHome=", "ProtectHomes="), "verify").stderr != ""


def test_the_console_has_little_of_the_machine(tmp_path: Path) -> None:
    done = analyse(tmp_path, UNIT, "security", "--offline=true")
    found = re.search(r"exposure level for .*: ([0-9.]+)", done.stdout)
    assert found is not None, done.stderr
    assert float(found[1]) <= WORST


def test_each_command_of_the_instructions_is_one() -> None:
    text = (FOLDER / "INSTALL.md").read_text() + UNIT
    words = re.findall(r"scrubin console (\w+)", text)
    assert {"serve", "backup", "restore", "practice"} <= set(words) <= set(cli_console.ACTS)
