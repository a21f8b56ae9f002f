"""A virtual phone that lets its pictures be deleted: its storage and its media store change, and nothing else."""

from pathlib import Path

import pytest
from virtual_phone.rig import PlugIn, adb, states, until

from agent.demo.faults import Faults
from agent.demo.phone import VirtualPhone
from agent.demo.server import AdbServer

OWN = "/storage/emulated/0"
SCAN = f"content call --uri content://media --method scan_file --arg {OWN}/DCIM"
FILES = "content://media/external/file"
FIRST = 1000000001


@pytest.fixture
def storage(tmp_path: Path) -> Path:
    folder = tmp_path / "storage"
    (folder / "DCIM").mkdir(parents=True)
    for name in ("a.jpg", "b.jpg", "it's.jpg"):
        (folder / "DCIM" / name).write_bytes(name.encode())
    return folder


def shell(server: AdbServer, phone: VirtualPhone, line: str) -> str:
    done = adb(server, "-s", phone.address, "shell", line)
    return (done.stdout + done.stderr).decode()


def ids(server: AdbServer, phone: VirtualPhone) -> list[int]:
    rows = shell(server, phone, "content query --uri content://media/external/images/media --projection _id:_data")
    return [int(line.split("_id=")[1].split(",")[0]) for line in rows.splitlines() if "_id=" in line]


def test_only_its_storage_can_be_written(adb_server: AdbServer, virtual_phone: PlugIn, storage: Path) -> None:
    phone = virtual_phone(storage=storage, writable=True)
    for line in ("echo x >/system/x", "touch /data/local/tmp/x", "rm /system/bin/ls", "echo x >/android/index"):
        assert "Read-only file system" in shell(adb_server, phone, line)
    assert shell(adb_server, phone, "rm /sdcard/DCIM/a.jpg") == ""
    assert sorted(one.name for one in (storage / "DCIM").iterdir()) == ["b.jpg", "it's.jpg"]


def test_a_row_stays_until_the_media_store_looks_again(
    adb_server: AdbServer, virtual_phone: PlugIn, storage: Path
) -> None:
    phone = virtual_phone(storage=storage, writable=True)
    shell(adb_server, phone, f"rm /sdcard/DCIM/a.jpg; {SCAN}/b.jpg")
    assert ids(adb_server, phone) == [FIRST, FIRST + 1, FIRST + 2], "one is not gone, of the other it has not heard"
    shell(adb_server, phone, f"{SCAN}/a.jpg")
    assert ids(adb_server, phone) == [FIRST + 1, FIRST + 2], "the others keep their ids"
    shell(adb_server, phone, "rm /sdcard/DCIM/b.jpg")
    broadcast = "am broadcast -a android.intent.action.MEDIA_SCANNER_SCAN_FILE -d"
    assert "completed" in shell(adb_server, phone, f"{broadcast} file://{OWN}/DCIM/c.jpg")
    assert ids(adb_server, phone) == [FIRST + 1, FIRST + 2]
    shell(adb_server, phone, f"{broadcast} file://{OWN}/DCIM/b.jpg")
    assert ids(adb_server, phone) == [FIRST + 2]


def test_deleting_a_row_deletes_its_file_unless_that_is_forbidden(
    adb_server: AdbServer, virtual_phone: PlugIn, storage: Path
) -> None:
    phone = virtual_phone(storage=storage, writable=True)
    shell(adb_server, phone, f"content delete --uri '{FILES}/{FIRST}?deletedata=false'")
    shell(adb_server, phone, f"content delete --uri {FILES}/{FIRST + 1}")
    assert sorted(one.name for one in (storage / "DCIM").iterdir()) == ["a.jpg", "it's.jpg"]
    assert ids(adb_server, phone) == [FIRST + 2]


def test_a_file_is_found_by_its_path_and_by_its_id(adb_server: AdbServer, virtual_phone: PlugIn, storage: Path) -> None:
    phone = virtual_phone(storage=storage)
    query = f"content query --projection _id:_data --uri {FILES}"
    row = f"Row: 0 _id={FIRST + 2}, _data={OWN}/DCIM/it's.jpg\n"
    assert shell(adb_server, phone, f"{query} --where \"_data='{OWN}/DCIM/it''s.jpg'\"") == row
    assert shell(adb_server, phone, f"{query}/{FIRST + 2}") == row
    for line in (f"{query} --where \"_data='{OWN}/DCIM/c.jpg'\"", f"{query}/5", f"{query}/{FIRST + 9}"):
        assert shell(adb_server, phone, line) == "No result found.\n"


def test_a_phone_that_keeps_everything_keeps_its_rows(
    adb_server: AdbServer, virtual_phone: PlugIn, storage: Path
) -> None:
    phone = virtual_phone(storage=storage)
    said = shell(adb_server, phone, f"content delete --uri {FILES}/{FIRST}")
    assert "Read-only file system" in said
    assert len(ids(adb_server, phone)) == len(list((storage / "DCIM").iterdir())) == 3


@pytest.mark.parametrize(("when", "stays"), [("cut_before", True), ("cut_after", False)])
def test_the_cable_comes_out_when_a_program_is_called(
    when: str, stays: bool, adb_server: AdbServer, virtual_phone: PlugIn, storage: Path
) -> None:
    faults = Faults(**{when: ("rm -f",)})
    phone = virtual_phone(storage=storage, writable=True, faults=faults)
    assert shell(adb_server, phone, "rm /sdcard/DCIM/b.jpg; echo on") == "on\n", "other words are other calls"
    assert "on" not in shell(adb_server, phone, "rm -f /sdcard/DCIM/a.jpg; echo on")
    until(lambda: states(adb_server).get(phone.address) != "device")
    assert (storage / "DCIM/a.jpg").exists() is stays


def test_a_fault_of_odd_words_is_refused(virtual_phone: PlugIn) -> None:
    with pytest.raises(ValueError, match="small letters"):
        virtual_phone(faults=Faults(cut_before=('rm"; x',)), connect=False)
