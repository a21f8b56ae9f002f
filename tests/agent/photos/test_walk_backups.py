"""Back-ups of phones that the walk meets: read where they lie open, said where they do not."""

import plistlib
import sqlite3
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.photos.backup_marks import Readable, is_android_backup, is_backup, readable
from agent.photos.place import Place, Unlooked
from agent.photos.walk import Folderful, walk
from checks.clinical_images.fact import Folder
from checks.evidence import Why

PHONE = "00008030-000000000000002E"


def iphone(folder: Path, *, encrypted: object) -> Path:
    """A back-up as iTunes and idevicebackup2 leave it."""
    (folder / "3a").mkdir(parents=True)
    (folder / "3a" / "3a9f").write_bytes(b"\xff\xd8\xff")
    manifest = {"IsEncrypted": encrypted, "Version": "10.0", "Lockdown": {"DeviceName": "x"}}
    (folder / "Manifest.plist").write_bytes(plistlib.dumps(manifest, fmt=plistlib.FMT_BINARY))
    (folder / "Info.plist").write_bytes(plistlib.dumps({"Product Type": "iPhone15,2"}))
    with sqlite3.connect(folder / "Manifest.db") as database:
        database.execute("create table Files (fileID text)")
    database.close()
    return folder


def walked(path: Path) -> list[Folderful | Unlooked]:
    return list(walk([Place(folder=Folder.DOWNLOADS, path=str(path))], stop=threading.Event(), mounted=()))


def places(path: Path) -> dict[str, Folder]:
    return {one.path: one.place.folder for one in walked(path) if isinstance(one, Folderful)}


def gaps(path: Path) -> list[tuple[str, Folder, str]]:
    return [
        (one.path or one.place.path, one.place.folder, one.why) for one in walked(path) if isinstance(one, Unlooked)
    ]


def test_an_open_backup_is_walked_as_one(tmp_path: Path) -> None:
    found = iphone(tmp_path / PHONE, encrypted=False)
    (tmp_path / "a.jpg").write_bytes(b"")
    assert places(tmp_path) == {
        str(tmp_path): Folder.DOWNLOADS, str(found): Folder.PHONE_BACKUP, f"{found}/3a": Folder.PHONE_BACKUP
    }  # fmt: skip
    assert gaps(tmp_path) == []


def test_an_encrypted_backup_is_said_and_left(tmp_path: Path) -> None:
    found = iphone(tmp_path / PHONE, encrypted=True)
    assert (places(tmp_path), gaps(tmp_path)) == ({}, [(str(found), Folder.PHONE_BACKUP, Why.ENCRYPTED)])


@pytest.mark.parametrize("said", ["yes", 1, "", [], {}])
def test_a_manifest_that_does_not_say_is_walked_and_is_a_gap(tmp_path: Path, said: object) -> None:
    found = iphone(tmp_path / PHONE, encrypted=said)
    assert places(tmp_path)[f"{found}/3a"] is Folder.PHONE_BACKUP
    assert gaps(tmp_path) == [(str(found), Folder.PHONE_BACKUP, Why.ENCRYPTED)]


@pytest.mark.parametrize(
    "manifest", [b"", b"bplist00", b"<plist>", b"<!DOCTYPE x [<!ENTITY a 'b'>]><plist/>", b"\0" * 64]
)
def test_a_garbled_manifest_is_never_called_open(tmp_path: Path, manifest: bytes) -> None:
    (tmp_path / "Manifest.plist").write_bytes(manifest)
    assert readable(str(tmp_path)) is Readable.PARTLY


@given(manifest=st.binary(max_size=400) | st.binary(max_size=200).map(lambda tail: b"bplist00" + tail))
def test_no_bytes_of_a_manifest_make_it_fail(tmp_path_factory: pytest.TempPathFactory, manifest: bytes) -> None:
    folder = tmp_path_factory.mktemp("b")
    (folder / "Manifest.plist").write_bytes(manifest)
    assert readable(str(folder)) in Readable


@given(at=st.integers(0, 200), value=st.integers(0, 255))
def test_no_changed_byte_makes_an_encrypted_backup_fail(
    tmp_path_factory: pytest.TempPathFactory, at: int, value: int
) -> None:
    folder = tmp_path_factory.mktemp("b")
    data = bytearray(plistlib.dumps({"IsEncrypted": True, "BackupKeyBag": b"x" * 90}, fmt=plistlib.FMT_BINARY))
    data[at % len(data)] = value
    (folder / "Manifest.plist").write_bytes(bytes(data))
    assert readable(str(folder)) in Readable


def test_an_endless_manifest_and_one_that_is_a_link_or_a_pipe_say_nothing(tmp_path: Path) -> None:
    manifest = tmp_path / "Manifest.plist"
    with manifest.open("wb") as sparse:
        sparse.truncate(100 << 30)
    assert readable(str(tmp_path)) is Readable.PARTLY
    manifest.unlink()
    manifest.symlink_to("/dev/zero")
    assert readable(str(tmp_path)) is Readable.PARTLY


def test_one_file_of_that_name_makes_no_backup() -> None:
    assert not is_backup({"Manifest.plist", "a.jpg"})
    assert not is_backup({"Manifest.db", "Info.plist"})
    assert is_backup({"Manifest.plist", "Manifest.mbdb"})


def test_an_android_backup_is_said_and_other_files_of_that_ending_are_not(tmp_path: Path) -> None:
    (tmp_path / "phone.ab").write_bytes(b"ANDROID BACKUP\n5\n1\nAES-256\n")
    (tmp_path / "other.ab").write_bytes(b"something else")
    assert gaps(tmp_path) == [(f"{tmp_path}/phone.ab", Folder.PHONE_BACKUP, Why.ENCRYPTED)]
    assert places(tmp_path) == {str(tmp_path): Folder.DOWNLOADS}


def test_an_android_backup_that_cannot_be_opened_counts_as_one(tmp_path: Path) -> None:
    (tmp_path / "link.ab").symlink_to(tmp_path / "x")
    assert is_android_backup(f"{tmp_path}/link.ab")
    assert not is_android_backup(f"{tmp_path}/gone.ab")


def test_samsungs_folder_is_walked_and_is_a_gap(tmp_path: Path) -> None:
    backup = tmp_path / "Samsung" / "SmartSwitch"
    (backup / "PHOTO").mkdir(parents=True)
    (backup / "PHOTO" / "1.jpg").write_bytes(b"")
    assert places(tmp_path) == {f"{backup}/PHOTO": Folder.PHONE_BACKUP}
    assert gaps(tmp_path) == [(str(backup), Folder.PHONE_BACKUP, Why.ENCRYPTED)]
