"""The service unit, the autostart entry and the udev rules, judged by systemd's own tools where they can."""

import configparser
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from agent.collect.adb.usb_kinds import PHONE_INTERFACES, PHONE_VENDORS

LINUX = Path(__file__).parents[2] / "packaging" / "linux"
UNIT = (LINUX / "scrubin.service").read_text()
RULES = (LINUX / "70-scrubin-phones.rules").read_text()
TAKES_SETUID = (
    "NoNewPrivileges", "SystemCallFilter", "SystemCallArchitectures", "SystemCallLog", "RestrictAddressFamilies",
    "RestrictNamespaces", "RestrictRealtime", "RestrictSUIDSGID", "LockPersonality", "MemoryDenyWriteExecute",
)  # fmt: skip
"""Directives that a user's unit gets only together with NoNewPrivileges; systemd.exec(5) lists them."""


def analyse(tmp_path: Path, unit: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Run systemd-analyze on a copy of the unit whose program exists."""
    program = shutil.which("true")
    assert program is not None
    path = tmp_path / "scrubin.service"
    path.write_text(unit.replace("/usr/bin/scrubin", program))
    environ = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path)}
    return subprocess.run(
        ["systemd-analyze", *words, str(path)], capture_output=True, text=True, check=False, env=environ, timeout=120
    )


def test_systemd_finds_nothing_wrong_with_the_unit(tmp_path: Path) -> None:
    done = analyse(tmp_path, UNIT, "--user", "verify")
    assert (done.returncode, done.stderr, done.stdout) == (0, "", "")


@pytest.mark.parametrize(
    ("right", "wrong"), [("Type=notify", "Type=notfy"), ("WatchdogSec", "WatchdogSecs"), ("10min", "10mim")]
)
def test_a_slip_in_the_unit_would_be_found(tmp_path: Path, right: str, wrong: str) -> None:
    assert right in UNIT
    assert analyse(tmp_path, UNIT.replace(right, wrong), "--user", "verify").stderr != ""


def test_systemd_sees_no_new_privileges_left_alone(tmp_path: Path) -> None:
    done = analyse(tmp_path, UNIT, "security", "--offline=true")
    assert done.returncode == 0, done.stderr
    assert re.search(r"✗ NoNewPrivileges=", done.stdout)


def test_without_new_privileges_passwd_would_answer_wrongly() -> None:
    """Why the unit has no sandbox: the answer changes, and the exit code does not."""
    ordinary = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if os.geteuid() == 0 else []
    right, wrong = (
        subprocess.run([*ordinary, *prefix, "passwd", "-S"], capture_output=True, text=True, check=False, timeout=60)
        for prefix in ((), ("setpriv", "--no-new-privs"))
    )
    assert (right.returncode, wrong.returncode) == (0, 0)
    assert right.stdout != wrong.stdout


@pytest.mark.parametrize("directive", TAKES_SETUID)
def test_nothing_in_the_unit_takes_the_setuid_bit(directive: str) -> None:
    assert not re.search(rf"^{directive}=", UNIT, re.MULTILINE)


def unit_values() -> dict[str, str]:
    parser = configparser.ConfigParser(interpolation=None, strict=True)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(UNIT)
    return dict(parser["Service"]) | dict(parser["Install"])


@pytest.mark.parametrize(
    ("key", "value"),
    [("Type", "notify"), ("ExecStart", "/usr/bin/scrubin agent"), ("ExecReload", "/bin/kill -HUP $MAINPID"),
     ("LimitCORE", "0"), ("UMask", "0077"), ("Restart", "on-failure"),
     ("RestartPreventExitStatus", "3 64"), ("WantedBy", "graphical-session.target")],
)  # fmt: skip
def test_what_the_daemon_relies_on_is_in_the_unit(key: str, value: str) -> None:
    assert unit_values()[key] == value


def test_the_watchdog_gives_a_silent_audit_more_time_than_the_loop_sleeps() -> None:
    assert unit_values()["WatchdogSec"] == "10min"


def test_nothing_needs_a_namespace() -> None:
    """In a user namespace the owner of a policy file would read as nobody."""
    assert not re.search(r"^(Private|Protect|ReadOnly|ReadWrite|Inaccessible|Bind|Temporary)\w*=", UNIT, re.MULTILINE)


def test_the_autostart_entry_starts_the_unit() -> None:
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(LINUX / "scrubin-agent.desktop")
    assert parser["Desktop Entry"]["Exec"] == "systemctl --user start scrubin.service"


def test_the_rules_know_the_makers_that_the_agent_knows() -> None:
    assert set(re.findall(r'ATTR\{idVendor\}=="([0-9a-f]{4})"', RULES)) == set(PHONE_VENDORS)
    assert set(re.findall(r'"\*:([0-9a-f]{6}):\*"', RULES)) == PHONE_INTERFACES


def test_the_rules_give_access_to_the_person_at_the_screen_only() -> None:
    assert not re.search(r"MODE|GROUP|OWNER|RUN|PROGRAM|IMPORT|SYMLINK", RULES)
    assert set(re.findall(r'TAG\+="(\w+)"', RULES)) == {"uaccess"}


def test_every_line_of_the_rules_is_well_formed() -> None:
    term = r'[A-Z]+(\{\w+\})?(==|!=|\+=|=)"[^"]*"'
    lines = [line for line in RULES.splitlines() if line and not line.startswith("#")]
    assert [line for line in lines if not re.fullmatch(rf"{term}(, {term})*", line)] == []
    assert re.findall(r'LABEL="(\w+)"', RULES) == list(set(re.findall(r'GOTO="(\w+)"', RULES)))


def test_the_rules_come_after_the_interfaces_are_known_and_before_the_tag_is_used() -> None:
    [name] = [path.name for path in LINUX.glob("*.rules")]
    assert "50-udev-default.rules" < name < "73-seat-late.rules"


def test_the_notes_name_every_file() -> None:
    notes = (LINUX / "INSTALL.md").read_text()
    assert [path.name for path in LINUX.iterdir() if path.name != "INSTALL.md" and f"`{path.name}`" not in notes] == []
