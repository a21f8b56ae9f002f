"""Automatic sign-in: every manager's files, what overrides what, and files that cannot be read."""

import os
from pathlib import Path

import pytest
from fakes import recorded_host
from hypothesis import given
from hypothesis import strategies as st

from agent.collect.host import CollectError, LocalHost
from agent.collect.layered import PlantedHost
from agent.collect.linux.screen_lock_autologin import auto_login, ini
from checks.evidence import Why

GDM = "/etc/gdm3/daemon.conf"
GDM_ON = "[daemon]\nAutomaticLoginEnable = true\nAutomaticLogin = clin\n"
LIGHTDM = "/etc/lightdm/lightdm.conf"
SDDM = "/etc/sddm.conf"
GREETD = "/etc/greetd/config.toml"
UNITS = "/etc/systemd/system"
SUSE = "/etc/sysconfig/displaymanager"

ON = [
    {GDM: GDM_ON}, {"/etc/gdm3/custom.conf": GDM_ON}, {"/etc/gdm/custom.conf": GDM_ON},
    {GDM: "\ufeff[daemon]\r\nautomaticloginenable=TRUE\r\nAutomaticLogin=clin\r\n"},
    {GDM: "[daemon]\nTimedLoginEnable=1\nTimedLogin=clin\n"},
    {LIGHTDM: "[Seat:*]\nautologin-user=clin\n"}, {LIGHTDM: "[SeatDefaults]\nautologin-user = clin\n"},
    {LIGHTDM: "[Seat:seat0]\nautologin-guest=true\n"},
    {"/etc/lightdm/lightdm.conf.d/9.conf": "[Seat:*]\nautologin-user=a\n"},
    {"/usr/share/lightdm/lightdm.conf.d/1.conf": "[Seat:*]\nautologin-user=a\n"},
    {SDDM: "[Autologin]\nUser=clin\n"},
    {"/etc/sddm.conf.d/kde_settings.conf": "[Autologin]\nUser=clin\nSession=plasma\n"},
    {"/usr/lib/sddm/sddm.conf.d/x": "[Autologin]\nUser=clin\n"},
    {"/etc/plasmalogin.conf.d/a.conf": "[Autologin]\nUser=clin\n"}, {"/etc/lxdm/lxdm.conf": "[base]\nautologin=clin\n"},
    {GREETD: '[initial_session]\ncommand = "sway"\nuser = "clin"\n'},
    {GREETD: '[default_session]\ncommand = "sway"\nuser = "clin"\n'},
    {f"{UNITS}/getty@tty1.service.d/a.conf": "[Service]\nExecStart=\nExecStart=-/sbin/agetty --autologin clin %I\n"},
    {f"{UNITS}/getty@.service.d/a.conf": "[Service]\nExecStart=-/sbin/agetty -a clin - $TERM\n"},
    {f"{UNITS}/serial-getty@ttyS0.service.d/a.conf": "ExecStart = /sbin/agetty --autologin=clin\n"},
    {f"{UNITS}/getty@tty1.service.d/a.conf": "ExecStart=\nExecStart=-/sbin/agetty \\\n  --autologin clin %I\n"},
    {f"{UNITS}/getty@tty1.service.d/a.conf": "ExecStart=-/sbin/agetty --autolog clin %I\n"},
    {f"{UNITS}/autovt@.service": "ExecStart=-/sbin/agetty -a clin %I\n"},
    {"/usr/local/share/lightdm/lightdm.conf.d/1.conf": "[Seat:*]\nautologin-user=a\n"},
    {"/etc/default/nodm": "# nodm\nNODM_ENABLED=true\nNODM_USER=clin\n"},
    {"/etc/slim.conf": "default_user clin\nauto_login          yes\n"},
    {f"{UNITS}/getty@tty2.service": "ExecStart=-/sbin/agetty -n -o '-f clin' tty2\n"},
    {SUSE: 'DISPLAYMANAGER_AUTOLOGIN="clin"\n'}, {SUSE: 'DISPLAYMANAGER_PASSWORD_LESS_LOGIN="yes"\n'},
]  # fmt: skip


@pytest.mark.parametrize("files", ON, ids=range(len(ON)))
def test_automatic_sign_in_is_seen(files: dict[str, str]) -> None:
    assert auto_login(recorded_host(files=files)) is True


OFF = [
    {}, {GDM: "# said in words\n; and more\n\n[daemon]\n"},
    {GDM: "[daemon]\n#AutomaticLoginEnable = true\n#AutomaticLogin = clin\n; TimedLoginEnable=true\n"},
    {GDM: "[daemon]\nAutomaticLoginEnable=false\nAutomaticLogin=clin\n"},
    {GDM: "[daemon]\nAutomaticLoginEnable=true\n"},
    {GDM: "[daemon]\nAutomaticLoginEnable=true\nAutomaticLogin=\n"}, {GDM: f"[other]\n{GDM_ON[9:]}"},
    {GDM: f"{GDM_ON}AutomaticLoginEnable=false\n"},
    {LIGHTDM: "[Seat:*]\n#autologin-user=clin\nautologin-guest=false\n"}, {LIGHTDM: "[Seat:*]\nautologin-user=\n"},
    {LIGHTDM: "[XDMCPServer]\nautologin-user=clin\n"},
    {"/etc/lightdm/lightdm.conf.d/9.bak": "[Seat:*]\nautologin-user=clin\n"},
    {SDDM: "[Autologin]\nUser=\nRelogin=false\n"}, {SDDM: "[Users]\nUser=clin\n[General]\nUser=clin\n"},
    {GREETD: '[default_session]\ncommand = "agreety"\nuser = "_greetd"\n'}, {GREETD: 'default_session = "odd"\n'},
    {f"{UNITS}/getty@tty1.service.d/a.conf": "[Service]\n#ExecStart=-/sbin/agetty --autologin clin\n"},
    {"/etc/default/nodm": "NODM_ENABLED='false'\nNODM_USER=root\n"},
    {"/etc/slim.conf": "default_user clin\n# auto_login yes\nauto_login no\n\nauto_login"},
    {f"{UNITS}/getty@tty1.service.d/a.conf": "ExecStart=/sbin/agetty %I\n# \\\n--autologin clin\n"},
    {f"{UNITS}/clinic.service": "ExecStart=/bin/x -a b\n"}, {SUSE: 'DISPLAYMANAGER_AUTOLOGIN=""\n'},
    {SUSE: 'DISPLAYMANAGER_PASSWORD_LESS_LOGIN="no"\nDISPLAYMANAGER="gdm"\n'},
]  # fmt: skip


@pytest.mark.parametrize("files", OFF, ids=range(len(OFF)))
def test_what_is_off_or_a_comment_is_no_sign_in(files: dict[str, str]) -> None:
    assert auto_login(recorded_host(files=files)) is False


LATER_WINS = [
    {"/usr/share/lightdm/lightdm.conf.d/1.conf": "[Seat:*]\nautologin-user=a\n",
     LIGHTDM: "[Seat:*]\nautologin-user=\n"},
    {"/etc/lightdm/lightdm.conf.d/1.conf": "[Seat:*]\nautologin-user=a\n",
     "/etc/lightdm/lightdm.conf.d/2.conf": "[Seat:*]\nautologin-user=\n"},
    {"/etc/sddm.conf.d/a.conf": "[Autologin]\nUser=a\n", SDDM: "[Autologin]\nUser=\n"},
    {f"{UNITS}/getty@tty1.service.d/1.conf": "ExecStart=/sbin/agetty --autologin a\n",
     f"{UNITS}/getty@tty1.service.d/2.conf": "ExecStart=\nExecStart=/sbin/agetty tty1\n"},
]  # fmt: skip


@pytest.mark.parametrize("files", LATER_WINS, ids=range(len(LATER_WINS)))
def test_a_later_file_switches_an_earlier_one_off_and_not_the_reverse(files: dict[str, str]) -> None:
    assert auto_login(recorded_host(files=files)) is False
    swapped = dict(zip(files, reversed(files.values()), strict=True))
    assert auto_login(recorded_host(files=swapped)) is True


@pytest.mark.parametrize(
    "path", [GDM, LIGHTDM, SDDM, GREETD, SUSE, "/etc/lxdm/lxdm.conf", f"{UNITS}/getty@tty1.service"]
)
@pytest.mark.parametrize("why", [Why.NOT_PERMITTED, Why.UNREADABLE, Why.TOO_LARGE, Why.UNPARSABLE])
def test_a_file_that_cannot_be_read_is_not_an_answer(path: str, why: Why) -> None:
    with pytest.raises(CollectError) as caught:
        auto_login(recorded_host(files={path: why}))
    assert caught.value.why is why


@pytest.mark.parametrize("folder", ["/etc/lightdm/lightdm.conf.d", "/etc/sddm.conf.d", UNITS])
def test_a_folder_that_cannot_be_read_is_not_an_empty_one(folder: str) -> None:
    with pytest.raises(CollectError):
        auto_login(recorded_host(folders={folder: Why.NOT_PERMITTED}))


@pytest.mark.parametrize("unreadable", [GDM, LIGHTDM, SUSE])
def test_one_file_that_cannot_be_read_does_not_hide_another_that_asks(unreadable: str) -> None:
    assert auto_login(recorded_host(files={unreadable: Why.NOT_PERMITTED, SDDM: "[Autologin]\nUser=clin\n"})) is True


@pytest.mark.parametrize(
    "files",
    [
        {GDM: "words\n"}, {LIGHTDM: "[Seat:*\n"}, {GREETD: "= ="}, {GREETD: "a=" + "[" * 100_000},
        {GREETD: "a=" + "1" * 5000},
    ],
    ids=["gdm", "lightdm", "toml", "deep", "long"],
)  # fmt: skip
def test_garbled_files_are_not_understood(files: dict[str, str]) -> None:
    with pytest.raises(CollectError) as caught:
        auto_login(recorded_host(files=files))
    assert caught.value.why is Why.UNPARSABLE


def planted(path: Path) -> PlantedHost:
    """A host whose GDM file is a real file of this machine."""
    return PlantedHost(recorded_host(), {GDM: str(path)}, source=LocalHost())


def test_a_linked_file_counts(tmp_path: Path) -> None:
    (tmp_path / "real").write_text(GDM_ON)
    (tmp_path / "link").symlink_to("real")
    assert auto_login(planted(tmp_path / "link")) is True


def test_links_in_a_circle_and_things_that_are_no_files_are_gaps(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    for name in ("loop", "folder", "pipe"):
        with pytest.raises(CollectError) as caught:
            auto_login(planted(tmp_path / name))
        assert caught.value.why is Why.UNREADABLE


@given(st.text())
def test_any_text_is_sections_or_an_error(text: str) -> None:
    try:
        why = None if "" in ini([text]) else "no section"
    except CollectError as error:
        why = error.why
    assert why in {None, Why.UNPARSABLE}


@given(st.text(), st.sampled_from([GDM, LIGHTDM, SDDM, GREETD, SUSE, f"{UNITS}/getty@tty1.service"]))
def test_any_file_is_an_answer_or_an_error(text: str, path: str) -> None:
    try:
        answer: object = auto_login(recorded_host(files={path: text}))
    except CollectError as error:
        answer = error.why
    assert answer in {True, False, Why.UNPARSABLE}


def test_an_endless_line_takes_no_endless_time() -> None:
    blanks = " " * 1_000_000
    unit = f"{UNITS}/getty@tty1.service"
    assert (
        auto_login(recorded_host(files={unit: f"{blanks}\n" + "\n" * 100_000, SDDM: f"a{blanks}={blanks}b\n"})) is False
    )
