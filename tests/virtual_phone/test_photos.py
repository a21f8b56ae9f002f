"""Pictures of a virtual phone, listed and read through the real adb server."""

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from virtual_phone.rig import PlugIn, states, until

from agent.collect.host import CollectError
from agent.demo.faults import Faults
from agent.demo.phone import VirtualPhone
from agent.demo.server import AdbServer
from agent.photos.image import HEAD_BYTES, Unread
from agent.photos.phone_files import PhonePictures
from agent.photos.place import File, Unlooked
from checks.clinical_images.fact import Folder, Origin
from checks.evidence import Why

OWN = "/storage/emulated/0/"
ANSWERS = {
    "getprop": "[ro.serialno]: [SECRET0001]\n[ro.boottime.init]: [123456]\n[ro.build.version.sdk]: [34]\n",
    "pm list users": "Users:\n\tUserInfo{0:Owner:4c13} running\n",
}
WORK = ANSWERS["pm list users"] + "\tUserInfo{10:Work profile:1030} running\n"
LISTED = {
    "DCIM/Camera/one, two=3.jpg": b"1",
    "DCIM/Camera/film.mp4": b"22",
    "Recordings/note.m4a": b"333",
    "Android/media/com.whatsapp/WhatsApp/Media/WhatsApp Images/Sent/IMG-1.jpg": b"4444",
}
LEFT_OUT = {
    "DCIM/Camera/.trashed-1797000000-two.jpg": b"trash",
    "DCIM/.thumbnails/1000.jpg": b"thumb",
    "Android/.Trash/com.sec.android.gallery3d/abc": b"bin",
    "Pictures/hidden/a b/'q\".jpg": b"hidden",
    "Download/report.PDF": b"%PDF",
    "Android/data/com.example.app/files/scan.jpg": b"app",
    "MIUI/Gallery/cloud/secretAlbum/s.jpg": b"album",
}
PASSED_OVER = {
    "Pictures/hidden/.nomedia": b"",
    "Pictures/hidden/index.json": b"{}",
    "Documents/letter.txt": b"text",
    "Android/data/com.example.app/files/level.dat": b"game",
}
Pictures = Callable[..., PhonePictures]


def lay(folder: Path, files: dict[str, bytes]) -> Path:
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


@pytest.fixture
def storage(tmp_path: Path) -> Path:
    return lay(tmp_path / "sdcard", {**LISTED, **LEFT_OUT, **PASSED_OVER})


@pytest.fixture
def pictures(adb_server: AdbServer) -> Pictures:
    def of(phone: VirtualPhone, *, release: int = 34, patience_s: float = 0.5) -> PhonePictures:
        until(lambda: states(adb_server).get(phone.address) == "device")
        return PhonePictures(adb_server.port, phone.address, release, "id", threading.Event(), patience_s=patience_s)

    return of


def split(found: Iterator[File | Unlooked]) -> tuple[dict[str, File], list[tuple[str, Why, int | None]]]:
    files, gaps = {}, []
    for one in found:
        if isinstance(one, File):
            assert one.path not in files, "a file comes once"
            files[one.path.removeprefix(OWN)] = one
        else:
            gaps.append((one.place.path, Why(one.why), one.count))
    return files, gaps


def test_every_file_that_may_hold_a_picture_is_listed_once(
    virtual_phone: PlugIn, pictures: Pictures, storage: Path
) -> None:
    files, gaps = split(pictures(virtual_phone(ANSWERS, storage=storage)).listing())
    assert set(files) == {*LISTED, *LEFT_OUT}
    assert gaps == []
    assert {name: one.size for name, one in files.items()} == {k: len(v) for k, v in {**LISTED, **LEFT_OUT}.items()}
    assert {name for name, one in files.items() if one.hidden} == {*LEFT_OUT} - {
        "Download/report.PDF", "MIUI/Gallery/cloud/secretAlbum/s.jpg",
    }  # fmt: skip
    sent = files["Android/media/com.whatsapp/WhatsApp/Media/WhatsApp Images/Sent/IMG-1.jpg"].place
    assert (sent.folder, sent.origin) == (Folder.MESSENGER, Origin.SENT)


def test_a_phone_with_nothing_changed_is_done_in_one_listing(
    virtual_phone: PlugIn, pictures: Pictures, storage: Path
) -> None:
    phone = virtual_phone(ANSWERS, storage=storage)
    first, second = (split(pictures(phone).listing())[0] for _ in range(2))
    assert {k: (one.size, one.stamp) for k, one in first.items()} == {k: (o.size, o.stamp) for k, o in second.items()}
    queries = [words[3] for words in phone.ledger.asked if words[:2] == ("content", "query")]
    assert queries[3:] == [f"content://media/external/{one}/media" for one in ("images", "video", "audio")]
    assert phone.ledger.round_trips == 10, "people, three collections and one search, twice"
    assert phone.ledger.refused == []


def test_heads_come_in_order_and_one_connection(virtual_phone: PlugIn, pictures: Pictures, storage: Path) -> None:
    lay(storage, {"DCIM/Camera/large.jpg": bytes(range(256)) * 1024, "DCIM/Camera/z \\ $(x) \xff.jpg": b"odd"})
    (storage / os.fsdecode(b"DCIM/Camera/\xff\xfe.jpg")).write_bytes(b"not UTF-8")
    phone = virtual_phone(ANSWERS, storage=storage)
    phone_pictures = pictures(phone)
    files = list(split(phone_pictures.listing())[0].values())
    before = phone.ledger.round_trips
    heads = list(phone_pictures.heads(files))
    assert [file for file, _ in heads] == files
    for file, head in heads:
        with open(os.fsencode(storage) + b"/" + os.fsencode(file.path.removeprefix(OWN)), "rb") as stream:
            assert head == stream.read(HEAD_BYTES)
    assert phone.ledger.round_trips == before + 1
    assert not any("DCIM" in line for line in phone.ledger.commands), "no name stands in a command"


def test_files_that_are_no_longer_as_listed_say_so(virtual_phone: PlugIn, pictures: Pictures, storage: Path) -> None:
    phone = virtual_phone(ANSWERS, storage=storage)
    found = pictures(phone)
    files = split(found.listing())[0]
    camera = storage / "DCIM/Camera"
    (camera / "film.mp4").unlink()
    (camera / "one, two=3.jpg").write_bytes(bytes(100_000))
    (storage / "Recordings/note.m4a").unlink()
    (storage / "Recordings/note.m4a").symlink_to("other")
    seen = {file.path.removeprefix(OWN): (file.size, head) for file, head in found.heads(files.values())}
    assert seen["DCIM/Camera/film.mp4"] == (2, Unread.VANISHED)
    assert seen["Recordings/note.m4a"] == (3, Unread.NOT_A_FILE)
    assert seen["DCIM/Camera/one, two=3.jpg"] == (100_000, bytes(HEAD_BYTES))
    assert found.whole(files["DCIM/Camera/one, two=3.jpg"], most=1 << 20) is Unread.CHANGED
    assert found.whole(files["DCIM/Camera/film.mp4"], most=1 << 20) is Unread.VANISHED


def test_a_whole_file_is_read_into_memory(virtual_phone: PlugIn, pictures: Pictures, storage: Path) -> None:
    data = os.urandom(700_000)
    lay(storage, {"DCIM/Camera/large.jpg": data})
    found = pictures(virtual_phone(ANSWERS, storage=storage))
    file = split(found.listing())[0]["DCIM/Camera/large.jpg"]
    assert found.whole(file, most=700_000) == data
    assert found.whole(file, most=699_999) is Unread.TOO_LARGE


def test_folders_that_refuse_are_said_to_be_missing(virtual_phone: PlugIn, pictures: Pictures, storage: Path) -> None:
    closed = storage / "Android/data/com.example.app"
    closed.chmod(0)
    (storage / "DCIM/Camera/film.mp4").chmod(0)
    found = pictures(virtual_phone(ANSWERS, storage=storage))
    files, gaps = split(found.listing())
    closed.chmod(0o700)
    assert gaps == [(OWN.rstrip("/"), Why.UNREADABLE, None)]
    assert dict(found.heads([files["DCIM/Camera/film.mp4"]])).popitem()[1] is Unread.DENIED


def test_a_card_is_searched_too(virtual_phone: PlugIn, pictures: Pictures, storage: Path) -> None:
    phone = virtual_phone(ANSWERS, storage=storage)
    lay(Path(phone.folder, "root/storage/0F1B-1234"), {"DCIM/.thumbnails/9.jpg": b"9", "DCIM/100CANON/.nomedia": b""})
    lay(Path(phone.folder, "root/storage/0F1B-1234"), {"DCIM/100CANON/IMG_1.JPG": b"1"})
    files, gaps = split(pictures(phone).listing())
    card = {name: one.place.folder for name, one in files.items() if name.startswith("/storage/0F1B-1234")}
    assert card == {
        "/storage/0F1B-1234/DCIM/.thumbnails/9.jpg": Folder.THUMBNAILS,
        "/storage/0F1B-1234/DCIM/100CANON/IMG_1.JPG": Folder.CAMERA,
    }
    assert gaps == []


def test_names_with_line_ends_and_unfinished_files_are_counted(
    virtual_phone: PlugIn, pictures: Pictures, storage: Path
) -> None:
    lay(storage, {"DCIM/.odd\nname.jpg": b"1", "DCIM/.pending-1-a.jpg": b"2", "a\nb/.nomedia": b"", "a\nb/c.jpg": b"3"})
    files, gaps = split(pictures(virtual_phone(ANSWERS, storage=storage)).listing())
    assert set(files) == {*LISTED, *LEFT_OUT}
    assert gaps == [(OWN.rstrip("/"), Why.NOT_ASKED, 1), (OWN.rstrip("/"), Why.UNREADABLE, 2)]


@pytest.mark.parametrize(
    ("faults", "why"),
    [
        (Faults(denied=("content query",)), Why.TOOL_FAILED),
        (Faults(missing=("content",)), Why.TOOL_FAILED),
        (Faults(garbled=("content",)), Why.UNPARSABLE),
        (Faults(flooding=("content",)), Why.UNPARSABLE),
    ],
)
def test_a_media_store_that_refuses_is_no_empty_phone(
    virtual_phone: PlugIn, pictures: Pictures, storage: Path, faults: Faults, why: Why
) -> None:
    files, gaps = split(pictures(virtual_phone(ANSWERS, storage=storage, faults=faults)).listing())
    assert set(files) == set(LEFT_OUT), "what the search finds is good all the same"
    assert {one for _, one, _ in gaps} <= {why, Why.TOO_LARGE}
    assert gaps


def test_other_profiles_are_said_to_be_not_inspected(virtual_phone: PlugIn, pictures: Pictures, storage: Path) -> None:
    phone = virtual_phone({**ANSWERS, "pm list users": WORK}, storage=storage)
    assert split(pictures(phone).listing())[1] == [("/storage/emulated/10", Why.OTHER_PROFILE, None)]


def test_before_the_first_unlock_there_is_no_answer(virtual_phone: PlugIn, pictures: Pictures) -> None:
    phone = virtual_phone(ANSWERS, faults=Faults(before_first_unlock=True))
    with pytest.raises(CollectError) as refused:
        list(pictures(phone).listing())
    assert refused.value.why is Why.NOT_UNLOCKED_YET
