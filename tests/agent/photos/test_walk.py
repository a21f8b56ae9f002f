"""The walk over real folders: whatever lies in them is listed once, is left aside, or is said to be missing."""

import os
import socket
import tempfile
import threading
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.photos import walk as walk_module
from agent.photos.place import Place, Unlooked
from agent.photos.walk import MOST_DEEP, MOST_GAPS, Folderful, walk
from checks.clinical_images.fact import Folder, Origin
from checks.evidence import Why


def place(path: Path | str, folder: Folder = Folder.PICTURES, **more: bool) -> Place:
    return Place(folder=folder, path=str(path), **more)


def walked(*places: Place, mounted: Iterable[str] = ()) -> list[Folderful | Unlooked]:
    return list(walk(places, stop=threading.Event(), mounted=tuple(mounted)))


def files(found: Iterable[Folderful | Unlooked]) -> dict[str, set[str]]:
    """Folder -> names of the files in it."""
    return {one.path: {name for name, _, _ in one.entries} for one in found if isinstance(one, Folderful)}


def gaps(found: Iterable[Folderful | Unlooked]) -> list[tuple[str, str]]:
    return [(one.path or one.place.path, one.why) for one in found if isinstance(one, Unlooked)]


def make(folder: Path, *names: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).write_bytes(b"")


def test_every_file_comes_with_its_size_and_time(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"12345")
    os.utime(tmp_path / "a.jpg", ns=(1, 1_700_000_000_123_456_789))
    (found,) = walked(place(tmp_path))
    assert isinstance(found, Folderful)
    assert (found.path, found.entries) == (str(tmp_path), [("a.jpg", 5, 1_700_000_000_123_456_789)])


def test_folders_below_come_one_by_one_and_empty_ones_not_at_all(tmp_path: Path) -> None:
    make(tmp_path / "a" / "b", "1.jpg")
    make(tmp_path / "c", "2.jpg", "3.jpg")
    make(tmp_path / "empty")
    assert files(walked(place(tmp_path))) == {f"{tmp_path}/a/b": {"1.jpg"}, f"{tmp_path}/c": {"2.jpg", "3.jpg"}}


def test_links_are_neither_followed_nor_listed(tmp_path: Path) -> None:
    make(tmp_path / "in", "a.jpg")
    make(tmp_path / "out", "b.jpg")
    (tmp_path / "in" / "round").symlink_to(tmp_path / "in")
    (tmp_path / "in" / "broken").symlink_to(tmp_path / "nowhere")
    (tmp_path / "in" / "python").symlink_to("/bin/sh")
    found = walked(place(tmp_path / "in"))
    assert (files(found), gaps(found)) == ({f"{tmp_path}/in": {"a.jpg"}}, [])


@pytest.mark.parametrize("name", ["out", "b.JPG"])
def test_a_link_that_leads_out_of_every_place_is_said(tmp_path: Path, name: str) -> None:
    make(tmp_path / "in", "a.jpg")
    make(tmp_path / "out", "b.JPG")
    target = tmp_path / "out" if name == "out" else tmp_path / "out" / name
    (tmp_path / "in" / name).symlink_to(target)
    assert [why for _, why, *_ in gaps(walked(place(tmp_path / "in")))] == [Why.NOT_ASKED]
    both = walked(place(tmp_path / "in"), place(tmp_path / "out"))
    assert (len(files(both)), gaps(both)) == (2, [])


def test_pipes_sockets_and_devices_are_no_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, "a.jpg")
    os.mkfifo(tmp_path / "pipe.jpg")
    monkeypatch.chdir(tmp_path)  # a socket's whole path may have 107 letters only
    with socket.socket(socket.AF_UNIX) as door:
        door.bind("socket.jpg")
        assert files(walked(place(tmp_path))) == {str(tmp_path): {"a.jpg"}}


def test_the_systems_devices_are_left_aside_and_what_is_mounted_there_is_said() -> None:
    found = list(walk([place("/dev")], stop=threading.Event()))
    assert not {"null", "zero", "random"} & files(found).get("/dev", set())
    assert ("/dev/pts", Why.NOT_ASKED) in gaps(found)


def test_name_that_is_not_utf8_comes_back_as_it_was(tmp_path: Path) -> None:
    odd = os.fsencode(tmp_path) + b"/\xff\xfe dir"
    os.mkdir(odd)
    with open(odd + b"/Wunde \xe4.jpg", "wb"):
        pass
    (found,) = walked(place(tmp_path))
    assert isinstance(found, Folderful)
    assert os.path.exists(os.fsencode(f"{found.path}/{found.entries[0][0]}"))


def test_a_place_in_a_place_is_walked_by_itself_alone(tmp_path: Path) -> None:
    make(tmp_path / "Screenshots" / "old", "s.png")
    make(tmp_path, "a.jpg")
    outer, inner = place(tmp_path), place(tmp_path / "Screenshots", Folder.SCREENSHOTS)
    for order in ([outer, inner], [inner, outer]):
        found = [one for one in walked(*order) if isinstance(one, Folderful)]
        assert {one.path: one.place for one in found} == {
            str(tmp_path): outer, f"{tmp_path}/Screenshots/old": inner
        }  # fmt: skip


def test_a_place_inside_the_trash_keeps_its_own_sort(tmp_path: Path) -> None:
    make(tmp_path / "files" / "Nextcloud", "n.jpg")
    make(tmp_path / "files", "t.jpg")
    found = walked(place(tmp_path / "files", Folder.TRASH), place(tmp_path / "files" / "Nextcloud", Folder.CLOUD))
    assert {one.place.folder: one.path for one in found if isinstance(one, Folderful)} == {
        Folder.TRASH: f"{tmp_path}/files", Folder.CLOUD: f"{tmp_path}/files/Nextcloud"
    }  # fmt: skip


def test_what_is_mounted_inside_is_said_and_not_opened(tmp_path: Path) -> None:
    make(tmp_path / "server", "x.jpg")
    make(tmp_path, "a.jpg")
    found = walked(place(tmp_path), mounted=[f"{tmp_path}/server"])
    assert (files(found), gaps(found)) == ({str(tmp_path): {"a.jpg"}}, [(f"{tmp_path}/server", Why.NOT_ASKED)])


def test_what_is_mounted_after_the_start_is_said_too() -> None:
    found = walked(place("/dev"))
    assert ("/dev/pts", Why.NOT_ASKED) in gaps(found)
    assert "/dev/pts" not in files(found)


def test_a_mounted_disk_that_is_a_place_is_walked(tmp_path: Path) -> None:
    make(tmp_path / "disk", "x.jpg")
    found = walked(place(tmp_path), place(tmp_path / "disk"), mounted=[f"{tmp_path}/disk"])
    assert (files(found), gaps(found)) == ({f"{tmp_path}/disk": {"x.jpg"}}, [])


def hidden(found: Iterable[Folderful | Unlooked]) -> dict[str, bool]:
    return {one.path: one.hidden for one in found if isinstance(one, Folderful)}


def test_dot_folders_and_nomedia_hide_all_below_them(tmp_path: Path) -> None:
    make(tmp_path / ".dot" / "x", "1.jpg")
    make(tmp_path / "album", ".nomedia", "2.jpg")
    make(tmp_path / "album" / "below", "3.jpg")
    make(tmp_path / "open", ".4.jpg")
    assert hidden(walked(place(tmp_path))) == {
        f"{tmp_path}/.dot/x": True, f"{tmp_path}/album": True, f"{tmp_path}/album/below": True,
        f"{tmp_path}/open": False,
    }  # fmt: skip


def test_a_place_below_nomedia_is_hidden_too(tmp_path: Path) -> None:
    make(tmp_path / "Media", ".nomedia")
    make(tmp_path / "Media" / "Sent", "1.jpg")
    assert hidden(walked(place(tmp_path / "Media" / "Sent"))) == {f"{tmp_path}/Media/Sent": True}


def test_a_place_in_a_dot_folder_is_hidden(tmp_path: Path) -> None:
    make(tmp_path / ".cache" / "large", "1.png")
    assert hidden(walked(place(tmp_path / ".cache" / "large"))) == {f"{tmp_path}/.cache/large": True}


def test_a_missing_place_is_a_gap_only_where_it_was_named(tmp_path: Path) -> None:
    assert walked(place(tmp_path / "none")) == []
    assert gaps(walked(place(tmp_path / "none", named=True))) == [(f"{tmp_path}/none", Why.NOT_FOUND)]


@pytest.mark.parametrize("kind", ["file", "link", "zero"])
def test_a_place_that_is_no_folder_is_a_gap(tmp_path: Path, kind: str) -> None:
    make(tmp_path, "file")
    (tmp_path / "link").symlink_to(tmp_path)
    path = f"{tmp_path}/{kind}" if kind != "zero" else f"{tmp_path}/\0"
    assert gaps(walked(place(path))) == [(path, Why.UNREADABLE)]


def test_a_folder_nobody_may_list_is_a_gap_and_the_others_count(tmp_path: Path, unprivileged: None) -> None:
    make(tmp_path / "open", "a.jpg")
    make(tmp_path / "shut", "b.jpg")
    (tmp_path / "shut").chmod(0)
    found = walked(place(tmp_path))
    (tmp_path / "shut").chmod(0o700)
    assert (files(found), gaps(found)) == ({f"{tmp_path}/open": {"a.jpg"}}, [(f"{tmp_path}/shut", Why.NOT_PERMITTED)])


def test_files_of_which_nothing_can_be_learned_are_counted(tmp_path: Path, unprivileged: None) -> None:
    make(tmp_path / "listed", "a.jpg", "b.jpg")
    (tmp_path / "listed").chmod(0o400)  # names may be read, and nothing else
    found = walked(place(tmp_path))
    (tmp_path / "listed").chmod(0o700)
    assert [(one.why, one.count) for one in found if isinstance(one, Unlooked)] == [(Why.UNREADABLE, 2)]


@pytest.fixture
def unprivileged(tmp_path: Path) -> Iterator[None]:
    """For the test's length an ordinary account: nothing is denied to root."""
    nobody = 65534
    if os.geteuid() != 0:
        yield
        return
    for one in (tmp_path, *tmp_path.parents):  # pytest's own folders are closed to others
        if one.stat().st_mode & 0o777 == 0o700:
            one.chmod(0o711)
    os.chown(tmp_path, nobody, nobody)
    os.seteuid(nobody)
    yield
    os.seteuid(0)


def test_a_folder_that_went_meanwhile_is_no_gap(tmp_path: Path) -> None:
    make(tmp_path, "a.jpg")
    make(tmp_path / "b", "b.jpg")
    steps = walk([place(tmp_path)], stop=threading.Event(), mounted=())
    next(steps)
    (tmp_path / "b" / "b.jpg").unlink()
    (tmp_path / "b").rmdir()
    assert list(steps) == []


def test_a_folder_that_became_a_link_is_not_followed(tmp_path: Path) -> None:
    make(tmp_path / "in", "a.jpg")
    make(tmp_path / "in" / "b")
    make(tmp_path / "out", "secret.jpg")
    steps = walk([place(tmp_path / "in")], stop=threading.Event(), mounted=())
    next(steps)
    (tmp_path / "in" / "b").rmdir()
    (tmp_path / "in" / "b").symlink_to(tmp_path / "out")
    assert list(steps) == []


def test_a_card_pulled_out_meanwhile_is_a_gap(tmp_path: Path) -> None:
    make(tmp_path / "card", "a.jpg")
    make(tmp_path / "card" / "b", "b.jpg")
    steps = walk([place(tmp_path / "card")], stop=threading.Event(), mounted=())
    next(steps)
    (tmp_path / "card").rename(tmp_path / "gone")
    assert gaps(steps) == [(f"{tmp_path}/card", Why.UNREADABLE)]


def test_a_gap_within_a_place_keeps_the_place(tmp_path: Path) -> None:
    make(tmp_path / "server")
    (found,) = walked(place(tmp_path), mounted=[f"{tmp_path}/server"])
    assert found == Unlooked(place=place(tmp_path), path=f"{tmp_path}/server", why=Why.NOT_ASKED)


def test_told_to_stop_it_says_what_it_left(tmp_path: Path) -> None:
    make(tmp_path / "a", "a.jpg")
    make(tmp_path / "b", "b.jpg")
    stop = threading.Event()
    steps = walk([place(tmp_path / "a"), place(tmp_path / "b")], stop=stop, mounted=())
    next(steps)
    stop.set()
    assert gaps(steps) == [(f"{tmp_path}/b", Why.STOPPED)]


def test_a_folder_of_a_hundred_thousand_files_is_one_batch() -> None:
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:  # in memory: on a disk making them takes long
        top = os.open(folder, os.O_RDONLY)
        for number in range(100_000):
            os.mknod(str(number), dir_fd=top)
        os.close(top)
        (found,) = walked(place(folder))
    assert isinstance(found, Folderful)
    assert len(found.entries) == 100_000


def limited(name: str, value: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walk_module, name, value)


def test_a_folder_beyond_every_measure_is_cut_and_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    limited("MOST_ENTRIES", 5, monkeypatch)
    make(tmp_path, *map(str, range(9)))
    found = walked(place(tmp_path))
    assert ([len(names) for names in files(found).values()], gaps(found)) == ([5], [(str(tmp_path), Why.TOO_LARGE)])


@pytest.mark.parametrize("name", ["MOST_FOLDERS", "MOST_FILES"])
def test_a_place_beyond_every_measure_is_left_and_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    limited(name, 3, monkeypatch)
    for number in range(9):
        make(tmp_path / str(number), "a.jpg")
    found = walked(place(tmp_path))
    assert len(files(found)) <= 5
    assert gaps(found) == [(str(tmp_path), Why.TOO_LARGE)]


def test_folders_without_an_end_are_left_and_said(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*["d"] * (MOST_DEEP + 5))
    make(deep, "a.jpg")
    found = walked(place(tmp_path))
    assert (files(found), gaps(found)) == ({}, [(str(tmp_path.joinpath(*["d"] * MOST_DEEP)), Why.TOO_LARGE)])


def test_a_flood_of_gaps_is_one(tmp_path: Path) -> None:
    mounted = [tmp_path / f"m{number}" for number in range(MOST_GAPS + 20)]
    for one in mounted:
        make(one)
    make(tmp_path / "z", "last.jpg")
    found = walked(place(tmp_path), mounted=map(str, mounted))
    assert len(gaps(found)) == MOST_GAPS + 1
    assert (str(tmp_path), Why.NOT_ASKED) in gaps(found)
    assert files(found) == {f"{tmp_path}/z": {"last.jpg"}}


NAMES = st.text(alphabet=st.characters(exclude_characters="/\0", codec="utf-8"), min_size=1, max_size=20).filter(
    lambda name: name not in {".", ".."} and not name.endswith((".ab", ".plist"))
)
PATHS = st.lists(st.lists(NAMES, min_size=1, max_size=4), max_size=12)


@settings(max_examples=40, deadline=None)
@given(paths=PATHS)
def test_any_tree_is_listed_as_it_is(tmp_path_factory: pytest.TempPathFactory, paths: Sequence[Sequence[str]]) -> None:
    root = tmp_path_factory.mktemp("tree")
    for parts in paths:
        target = root.joinpath(*parts)
        if not target.exists() and all(not up.is_file() for up in target.parents):
            make(target.parent, target.name)
    expected = {folder: set(names) for folder, _, names in os.walk(root) if names}
    assert files(walked(place(root))) == expected


def test_what_came_from_where_is_kept(tmp_path: Path) -> None:
    make(tmp_path, "a.jpg")
    sent = Place(folder=Folder.MESSENGER, path=str(tmp_path), origin=Origin.SENT)
    (found,) = walked(sent)
    assert found.place is sent
