"""Where pictures gather on Linux: local names, folders that are switched off, and never the whole home."""

from pathlib import Path

import pytest
from fakes import HOME, recorded_host
from hypothesis import given
from hypothesis import strategies as st

from agent.collect.host import CollectError, LocalHost
from agent.collect.linux.folders import FILE, config_homes, parse, photo_folders, settle, special, within
from checks.cloud_backup.fact import Place
from checks.evidence import Why

RECORDED = Path(__file__).parents[2] / "recordings" / "linux" / "folders" / "user-dirs-de" / "user-dirs.dirs"
DIRS = f"{HOME}/.config/{FILE}"


def paths(host: object, place: Place, extra: tuple[str, ...] = ()) -> list[str]:
    return [one.path for one in photo_folders(host, extra).folders if one.place is place]  # type: ignore[arg-type]


def test_recorded_german_folders_keep_their_names() -> None:
    found = parse(RECORDED.read_text(), HOME)
    assert (found["PICTURES"], found["DESKTOP"]) == (f"{HOME}/Bilder", f"{HOME}/Schreibtisch")


@pytest.mark.parametrize("value", ["$HOME/", "$HOME", HOME, "$HOME/."])
def test_folder_that_is_the_home_is_switched_off(value: str) -> None:
    assert parse(f'XDG_PICTURES_DIR="{value}"\n', HOME) == {}


@pytest.mark.parametrize("target", [HOME, "/home", "/"])
def test_pictures_linked_to_the_home_or_above_are_not_the_whole_home(target: str) -> None:
    host = recorded_host(files={DIRS: 'XDG_PICTURES_DIR="$HOME/P"\n'}, links={f"{HOME}/P": target})
    assert HOME not in paths(host, Place.PICTURES)
    assert target not in paths(host, Place.PICTURES)


def test_without_its_file_the_usual_names_count_and_never_the_home() -> None:
    found = photo_folders(recorded_host())
    assert {one.path for one in found.folders} == {
        f"{HOME}/{name}" for name in ("Pictures", "Downloads", "Desktop", "Documents", "Videos", "DCIM")
    }
    assert found.gaps == ()


def test_existing_folder_under_a_local_name_counts_without_the_file() -> None:
    host = recorded_host(folders={f"{HOME}/Bilder": ["a.jpg"]})
    assert f"{HOME}/Bilder" in paths(host, Place.PICTURES)


def test_a_file_of_that_name_is_no_folder() -> None:
    assert f"{HOME}/Bilder" not in paths(recorded_host(files={f"{HOME}/Bilder": ""}), Place.PICTURES)


def test_old_name_counts_beside_the_configured_one() -> None:
    host = recorded_host(files={DIRS: 'XDG_PICTURES_DIR="$HOME/Bilder"\n'})
    assert paths(host, Place.PICTURES) == [f"{HOME}/Bilder", f"{HOME}/Pictures"]


def test_links_are_followed_one_after_the_other() -> None:
    host = recorded_host(links={f"{HOME}/Pictures": "/data/a", "/data/a": "/data/b"})
    assert paths(host, Place.PICTURES) == ["/data/b"]


def test_links_in_a_circle_are_a_gap() -> None:
    found = photo_folders(recorded_host(links={"/a": "/b", "/b": "/a", f"{HOME}/Pictures": "/a"}))
    assert [(gap.part, gap.why) for gap in found.gaps] == [("photo_folders", Why.NOT_SAID)]


@pytest.mark.parametrize("text", ["garbage", 'XDG_PICTURES_DIR="Pictures"', "XDG_PICTURES_DIR=$HOME/x", 'A_DIR="/x"'])
def test_lines_of_another_shape_are_a_gap_and_the_usual_names_still_count(text: str) -> None:
    found = photo_folders(recorded_host(files={DIRS: text}))
    assert [gap.why for gap in found.gaps] == [Why.UNPARSABLE]
    assert f"{HOME}/Pictures" in {one.path for one in found.folders}


@pytest.mark.parametrize("why", [Why.NOT_PERMITTED, Why.TOO_LARGE, Why.UNREADABLE])
def test_file_that_cannot_be_read_is_a_gap(why: Why) -> None:
    assert [gap.why for gap in photo_folders(recorded_host(files={DIRS: why})).gaps] == [why]


def test_escapes_and_absolute_paths_are_read() -> None:
    assert parse(r'XDG_PICTURES_DIR="/mnt/my \"own\" \$ pictures"', HOME)["PICTURES"] == '/mnt/my "own" $ pictures'


def test_two_slashes_at_the_start_are_one() -> None:
    host = recorded_host(files={DIRS: 'XDG_PICTURES_DIR="//home/clin/P"\n'})
    assert f"{HOME}/P" in paths(host, Place.PICTURES)


def test_home_is_no_prefix_of_a_longer_name() -> None:
    with pytest.raises(CollectError):
        parse('XDG_PICTURES_DIR="$HOMEPAGE/x"', HOME)


def test_named_folders_count_even_where_they_are_the_home() -> None:
    assert paths(recorded_host(), Place.NAMED, ("/srv/camera/", HOME)) == ["/srv/camera", HOME]


def test_a_named_folder_from_nowhere_is_a_gap() -> None:
    assert [gap.why for gap in photo_folders(recorded_host(), ("camera",)).gaps] == [Why.UNPARSABLE]


@pytest.mark.parametrize(
    ("path", "folder", "inside"),
    [
        ("/a/b", "/a", True), ("/a", "/a", True), ("/ab", "/a", False), ("/A/b", "/a", False), ("/x", "/", True),
        ("/a", "/a/b", False),
    ],
)  # fmt: skip
def test_within_goes_by_whole_names_and_by_case(path: str, folder: str, inside: bool) -> None:
    assert within(path, folder) is inside


def test_settings_are_looked_for_in_both_places() -> None:
    assert config_homes(recorded_host(environ={"XDG_CONFIG_HOME": "/etc/me/"})) == ("/etc/me", f"{HOME}/.config")
    assert config_homes(recorded_host(environ={"XDG_CONFIG_HOME": "relative"})) == (f"{HOME}/.config",)
    assert config_homes(recorded_host(environ={"XDG_CONFIG_HOME": f"{HOME}/.config"})) == (f"{HOME}/.config",)


def test_desktops_own_folders_leave_out_what_is_switched_off() -> None:
    host = recorded_host(files={DIRS: 'XDG_PICTURES_DIR="$HOME/"\nXDG_MUSIC_DIR="$HOME/Musik"\n'})
    assert special(host) == {"MUSIC": f"{HOME}/Musik"}


def test_real_link_is_followed_to_its_end(tmp_path: Path) -> None:
    (tmp_path / "cloud" / "p").mkdir(parents=True)
    (tmp_path / "Pictures").symlink_to(tmp_path / "cloud" / "p")
    host = LocalHost(environ={"HOME": str(tmp_path)})
    assert paths(host, Place.PICTURES) == [str((tmp_path / "cloud" / "p").resolve())]


@given(st.text(max_size=300))
def test_any_text_is_folders_or_not_understood(text: str) -> None:
    host = recorded_host(files={DIRS: text})
    found = photo_folders(host)
    assert {gap.why for gap in found.gaps} <= {Why.UNPARSABLE}
    assert all(one.path.startswith("/") and one.path != HOME for one in found.folders)


@given(st.text(st.sampled_from("/.ab"), max_size=12))
def test_a_settled_path_is_plain(path: str) -> None:
    real = settle(recorded_host(), "/" + path)
    assert real.startswith("/")
    assert "//" not in real
    assert ".." not in real.split("/")
