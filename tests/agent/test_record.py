"""A recording names nobody, and is judged as the laptop was."""

import tomllib
from pathlib import Path

import pytest
from fakes import NOON, recorded_host
from hypothesis import given
from hypothesis import strategies as st

from agent.collect.host import CollectError, Command, LocalHost, Output
from agent.collect.recorded import load
from agent.collect.recording import RecordingHost
from agent.commands.record import written
from agent.scrub import Scrubber
from checks.evidence import Why

PASSWD = """\
root:x:0:0:root:/root:/bin/sh
anna:x:1000:1000:Anna Lindqvist,,,:/home/anna:/bin/bash
bert:x:1001:1001::/home/bert:/bin/sh
"""


def scrubber() -> Scrubber:
    made = Scrubber(home="/home/anna", account="anna", names=["annas-laptop"], known=["Pictures"])
    made.accounts(PASSWD)
    return made


@pytest.mark.parametrize(
    "text",
    [
        "localPath=/home/anna/Patients Smith/2026", "/home/anna/Wounds/x.jpg",
        "url=https://cloud.lindqvist-clinic.example/dav",
        "anna@lindqvist-clinic.example", "0\\user=anna", "displayname=Dr Lindqvist", '"email": "anna@x.example"',
        "account_hint = \"anna@x.example\"", "mac 3c:22:fb:aa:bb:cc", "id 3f2504e0-4f89-41d3-9a0c-0305e82c3301",
        "host annas-laptop", "address 203.0.113.77 and 2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff",
        '"/media/anna/Holiday Disk"',
        "serial=R58N12ABCDE", "token=ghp_abcdefABCDEF0123456789abcdefABCD", "Name=Bert",
        "hash 9f86d081884c7d659a2feaa0c55ad015",
    ],
)  # fmt: skip
def test_person_is_taken_out(text: str) -> None:
    clean = scrubber().text(text)
    for secret in (
        "anna", "lindqvist", "smith", "wounds", "bert", "3c:22", "3f2504e0", "203.0", "aaaa:bbbb", "holiday", "r58n",
        "ghp_", "9f86d081", "patients", "x.example",
    ):  # fmt: skip
        assert secret not in clean.lower(), clean


@pytest.mark.parametrize(
    "text",
    [
        "org.gnome.desktop.session idle-delay uint32 300", "AutomaticLoginEnable = true", "Timeout=5",
        "XDG_PICTURES_DIR=\"$HOME/Bilder\"",
        "0\\Folders\\1\\paused=false", "36 25 254:0 / / rw - ext4 /dev/mapper/x rw",
        "clin P 2026-11-21 0 99999 7 -1", "user=", "autologin-user=", "ID=debian", "VERSION_ID=\"12\"",
    ],
)  # fmt: skip
def test_settings_stay_as_they_are(text: str) -> None:
    assert Scrubber(home="/home/clin", account="clin").text(text) == text


def test_same_folder_gets_the_same_fake_so_that_inside_stays_inside() -> None:
    one = scrubber()
    root, inside = one.path("/home/anna/Patients"), one.path("/home/anna/Patients/Skin/a")
    assert inside.startswith(root + "/")
    assert one.text("localPath=/home/anna/Patients/") == f"localPath={root}/"
    assert one.path("/home/anna/Pictures") == "/home/clin/Pictures"
    assert one.path("/home/anna") == "/home/clin"
    assert one.path("/home/annabel/x") == "/home/annabel/x"


@given(st.text(max_size=200))
def test_any_text_can_be_scrubbed(text: str) -> None:
    clean = scrubber().text(text)
    assert clean.count("\n") == text.count("\n")
    clean.encode()


def test_recording_answers_as_the_laptop_did(tmp_path: Path) -> None:
    behind = recorded_host(
        files={"/etc/group": "a\nb\x7f\n", "/one": 'say "x"', "/etc/secret": Why.NOT_PERMITTED},
        commands={"passwd -S": Output(exit_code=3, stdout="clin P\nmore\n", stderr="warn")},
        folders={"/etc/d": ["a", "b"]}, links={"/home/clin/Pictures": "/home/clin/Nextcloud"},
        environ={"XDG_CURRENT_DESKTOP": "GNOME", "USER": "clin"}, modified={"/one": NOON},
        processes=[{"name": "rclone", "argv": ["rclone", "mount"], "own": True}],
    )  # fmt: skip
    host = RecordingHost(behind)
    ask(host)
    folder = tmp_path / "r"
    folder.mkdir()
    for name, text in written(host, "linux", known=frozenset({"Pictures", "Nextcloud"})).items():
        (folder / name).write_text(text)
    again = load(str(folder), LocalHost())
    assert ask(again) == ask(behind)
    assert again.environ == {"XDG_CURRENT_DESKTOP": "GNOME"}


def ask(host) -> list[object]:
    answers: list[object] = [
        host.read("/etc/group"), host.read("/one"), host.stat("/one").modified_at, host.names("/etc/d"),
        host.run(Command(argv=("passwd", "-S"))), host.resolve("/home/clin/Pictures/Camera"), host.home, host.account,
        host.processes(frozenset({"rclone"})),
    ]  # fmt: skip
    for look in (lambda: host.read("/etc/secret"), lambda: host.read("/none"), lambda: host.stat("/none")):
        try:
            look()
        except CollectError as error:
            answers.append(error.why)
    return answers


def test_index_is_toml_that_the_docs_describe(tmp_path: Path) -> None:
    host = RecordingHost(recorded_host(files={"/etc/group": "a\nb\n"}))
    host.read("/etc/group")
    files = written(host, "linux")
    index = tomllib.loads(files["recording.toml"])
    assert index["schema"] == "scrubin/recording/1"
    (row,) = index["file"]
    assert files[row["content"]] == "a\nb\n"
