"""Scans of real folders with the real finder: hostile files are counted, never met with a crash, a hang or a lie."""

import os
import shutil
import socket
import threading
import zlib
from pathlib import Path

import pytest
from PIL import Image

from agent.photos.engine import Progress
from agent.photos.image import Stage, Unread, Words
from agent.photos.index import Index
from agent.photos.planted import FOLDER
from agent.photos.scan import Scanned, named_places, open_index, pictures, run, scan_folders
from agent.photos.scan import finder as crew_of
from agent.photos.weights import Weights, examiner
from checks.clinical_images.fact import Folder, Group
from tests.agent.photos.scan_parts import place

TRACING = next(FOLDER.glob("*.jpg"))


def scanned(*folders: Path, stop: threading.Event | None = None, tick=lambda _: None) -> Scanned:
    return scan_folders([str(one) for one in folders], weights=Weights.BEST, stop=stop or threading.Event(), tick=tick)


def png_of(width: int, height: int) -> bytes:
    """A header that claims so many pixels, and nothing behind it."""
    body = width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x08\x02\x00\x00\x00"
    chunk = b"IHDR" + body
    return b"\x89PNG\r\n\x1a\n" + (13).to_bytes(4, "big") + chunk + zlib.crc32(chunk).to_bytes(4, "big")


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One clinical picture in the middle of everything that a folder can hold."""
    folder = tmp_path_factory.mktemp("odd")
    shutil.copy(TRACING, folder / "tracing.jpg")
    shutil.copy(TRACING, folder / "wrong-extension.txt")
    shutil.copy(TRACING, os.fsencode(folder) + b"/not-utf-8-\xff\xfe.jpg")
    shutil.copy(TRACING, folder / "two\nlines $(reboot) \u202e.jpg")
    (folder / "empty.jpg").touch()
    (folder / "cut.jpg").write_bytes(TRACING.read_bytes()[:9000])
    (folder / "bomb.png").write_bytes(png_of(60_000, 60_000))
    (folder / "text.txt").write_text("buy milk")
    with (folder / "sparse.jpg").open("wb") as file:
        file.truncate(100 << 30)
    os.mkfifo(folder / "pipe.jpg")
    (folder / "loop").symlink_to(folder)
    (folder / "link.jpg").symlink_to(TRACING)
    with socket.socket(socket.AF_UNIX) as listener:
        here = os.getcwd()
        os.chdir(folder)
        try:
            listener.bind("socket.jpg")
        finally:
            os.chdir(here)
    return folder


@pytest.fixture(scope="module")
def result(odd: Path) -> Scanned:
    return scanned(odd)


def test_everything_is_judged_or_counted_with_its_reason(result: Scanned) -> None:
    assert result.complete
    assert result.proven
    assert len(result.images) == 4
    assert result.unread[Unread.EMPTY] == 1
    assert result.unread[Unread.TOO_MANY_PIXELS] == 1
    assert result.unread[Unread.NOT_A_PICTURE] == 1
    assert sum(result.unread.values()) == 5
    assert all(one.result.group is Group.TRACING for one in result.images)


def test_names_of_any_bytes_come_back_as_they_are(result: Scanned, odd: Path) -> None:
    assert {os.fsencode(one.path) for one in result.images} <= {
        os.fsencode(odd) + b"/" + name for name in os.listdir(os.fsencode(odd))
    }


def test_copies_name_one_another(result: Scanned) -> None:
    ids = {one.id for one in result.images}
    assert all(set(one.copies) == ids - {one.id} for one in result.images)


def test_progress_ends_where_it_said(odd: Path) -> None:
    told: list[Progress] = []
    scanned(odd, tick=told.append)
    assert told[-1].done == told[-1].known == 9


def test_ctrl_c_keeps_what_is_done_and_is_incomplete(tmp_path: Path) -> None:
    for number in range(30):
        Image.effect_noise((300, 200 + number), 50).save(tmp_path / f"{number}.jpg")
    stop = threading.Event()

    def tick(so_far: Progress) -> None:
        if so_far.done == 5:
            stop.set()

    found = scanned(tmp_path, stop=stop, tick=tick)
    assert not found.complete
    assert 5 <= len(found.images) < 30


def test_a_folder_that_is_not_there_is_a_gap(tmp_path: Path) -> None:
    found = scanned(tmp_path / "none")
    assert len(found.gaps) == 1
    assert found.images == ()


def test_pages_are_read_and_a_tracing_is_told_by_its_look(result: Scanned) -> None:
    one = result.images[0]
    assert one.result.stage in (Stage.FULL, Stage.TEXT)
    assert one.result.words in (Words.NOT_ASKED, Words.CLINICAL)


def test_an_index_on_disk_holds_the_pictures_for_the_table(tmp_path: Path) -> None:
    (tmp_path / "pictures").mkdir()
    shutil.copy(TRACING, tmp_path / "pictures" / "a.jpg")
    stop = threading.Event()
    with open_index(tmp_path / "kept") as index, crew_of(Weights.BEST, background=False, stop=stop) as crew:
        done = run(
            index, [place(tmp_path / "pictures")], (), weights=Weights.BEST, crew=crew, stop=stop, tick=lambda _: None
        )
    assert done.complete
    (one,) = pictures(tmp_path / "kept", at_least=0.5)
    assert (Path(one.path).name, one.copies) == ("a.jpg", ())
    with Index.open(tmp_path / "kept", key=bytes(32)) as again:
        assert again.known("laptop", examiner(Weights.BEST)) != {}
        assert set(again.known("laptop", "another").popitem()[1].values()) == {(-1, -1)}


def test_named_folders_are_of_the_sort_of_the_place_they_lie_in_and_hold() -> None:
    known = [place("/h/Downloads", Folder.DOWNLOADS), place("/h/Downloads/Chat", Folder.MESSENGER)]
    told = {one.path: (one.folder, one.named) for one in named_places(["/h/Downloads/a", "/h/Downloads/Chat"], known)}
    assert told == {"/h/Downloads/a": (Folder.DOWNLOADS, True), "/h/Downloads/Chat": (Folder.MESSENGER, True)}
    assert {one.path: one.folder for one in named_places(["/h"], known)} == {
        "/h": Folder.OTHER, "/h/Downloads": Folder.DOWNLOADS, "/h/Downloads/Chat": Folder.MESSENGER
    }  # fmt: skip
