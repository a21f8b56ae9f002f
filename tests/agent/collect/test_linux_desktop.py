"""Which desktop runs, and whose settings are within reach."""

import pytest
from fakes import HOME, recorded_host

from agent.collect.host import CollectError
from agent.collect.linux.desktop import config_folders, config_home, desktop, own_settings, paths, runs
from checks.evidence import Why
from checks.screen_lock.fact import Desktop

PASSWD = "root:x:0:0:root:/root:/bin/bash\nclin:x:1001:1001::{home}:/bin/bash\n"


@pytest.mark.parametrize(
    ("variable", "wanted"),
    [
        ("GNOME", Desktop.GNOME), ("ubuntu:GNOME", Desktop.GNOME), ("pop:GNOME", Desktop.GNOME), ("KDE", Desktop.KDE),
        ("X-Cinnamon", Desktop.CINNAMON), ("MATE", Desktop.MATE), ("XFCE", Desktop.XFCE), ("sway", Desktop.SWAY),
        ("sway:wlroots", Desktop.SWAY), ("Hyprland", Desktop.HYPRLAND), ("", Desktop.NONE), (":", Desktop.NONE),
        ("Budgie:GNOME", Desktop.OTHER), ("Unity:Unity7:ubuntu", Desktop.OTHER),
        ("GNOME-Flashback:GNOME", Desktop.OTHER),
        ("LXQt", Desktop.OTHER), ("COSMIC", Desktop.OTHER), ("KDE:GNOME", Desktop.OTHER),
    ],
)  # fmt: skip
def test_the_session_names_its_desktop(variable: str, wanted: Desktop) -> None:
    assert desktop(recorded_host(environ={"XDG_CURRENT_DESKTOP": variable})) is wanted


@pytest.mark.parametrize(
    ("running", "wanted"),
    [
        (["gnome-shell"], Desktop.GNOME), (["plasmashell"], Desktop.KDE), (["cinnamon-sessio"], Desktop.CINNAMON),
        (["mate-session"], Desktop.MATE), (["xfce4-session"], Desktop.XFCE), (["sway"], Desktop.SWAY),
        (["hyprland"], Desktop.HYPRLAND), ([], Desktop.NONE), (["bash"], Desktop.NONE),
        (["plasmashell", "sway"], Desktop.OTHER), (["cinnamon-session", "cinnamon-sessio"], Desktop.CINNAMON),
    ],
)  # fmt: skip
def test_outside_the_session_the_processes_tell(running: list[str], wanted: Desktop) -> None:
    assert desktop(recorded_host(processes=[{"name": name} for name in running])) is wanted


def test_another_persons_session_is_not_ours() -> None:
    assert desktop(recorded_host(processes=[{"name": "gnome-shell", "own": False}])) is Desktop.NONE


def test_an_environment_that_outlived_its_session_is_not_believed() -> None:
    host = recorded_host(environ={"XDG_CURRENT_DESKTOP": "GNOME"}, processes=[{"name": "sway"}])
    assert desktop(host) is Desktop.OTHER


def test_a_desktop_that_is_only_named_does_not_run() -> None:
    named = recorded_host(environ={"XDG_CURRENT_DESKTOP": "GNOME"}, processes=[{"name": "gnome-shell", "own": False}])
    assert (desktop(named), runs(named, Desktop.GNOME)) == (Desktop.GNOME, False)
    running = recorded_host(processes=[{"name": "gnome-shell"}])
    assert (runs(running, Desktop.GNOME), runs(running, Desktop.KDE)) == (True, False)


def test_home_of_the_account_is_its_own() -> None:
    own_settings(recorded_host(files={"/etc/passwd": PASSWD.format(home=HOME)}))


def test_a_linked_home_is_the_same_home() -> None:
    files = {"/etc/passwd": PASSWD.format(home="/var/home/clin")}
    own_settings(recorded_host(files=files, links={"/home": "/var/home"}))


def test_an_account_of_a_directory_server_is_not_listed() -> None:
    own_settings(recorded_host(files={"/etc/passwd": "root:x:0:0:root:/root:/bin/bash\n"}))


def test_a_foreign_home_is_refused() -> None:
    with pytest.raises(CollectError) as caught:
        own_settings(recorded_host(files={"/etc/passwd": PASSWD.format(home="/home/other")}))
    assert caught.value.why is Why.UNTRUSTED_CONTEXT


def test_an_account_list_that_cannot_be_read_is_a_gap() -> None:
    with pytest.raises(CollectError) as caught:
        own_settings(recorded_host(files={"/etc/passwd": Why.UNREADABLE}))
    assert caught.value.why is Why.UNREADABLE


def test_configuration_folders_follow_the_environment() -> None:
    host = recorded_host(environ={"XDG_CONFIG_HOME": "/x/c/", "XDG_CONFIG_DIRS": "/a:rel::/b/:/a"})
    assert config_home(host) == "/x/c"
    assert config_folders(host) == ("/a", "/b")


def test_relative_configuration_folders_count_as_unset() -> None:
    host = recorded_host(environ={"XDG_CONFIG_HOME": "c", "XDG_CONFIG_DIRS": "rel"})
    assert config_home(host) == f"{HOME}/.config"
    assert config_folders(host) == ("/etc/xdg",)


def test_patterns_name_what_a_folder_holds() -> None:
    host = recorded_host(folders={"/etc/d": ["b.conf", "a.conf", "c.bak"], "/etc/closed": Why.NOT_PERMITTED})
    assert paths(host, "/etc/d/*.conf") == ["/etc/d/a.conf", "/etc/d/b.conf"]
    assert paths(host, "/etc/none/*.conf") == []
    assert paths(host, "/etc/one") == ["/etc/one"]
    with pytest.raises(CollectError):
        paths(host, "/etc/closed/*")
