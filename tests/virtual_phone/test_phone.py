"""A phone in good order, asked with Debian's adb."""

import re
from pathlib import Path

import pytest
from virtual_phone.rig import SERIAL, PlugIn, adb, asking, held, living, states, until

from agent.demo.phone import VirtualPhone
from agent.demo.server import AdbServer

SHELL = "uid=2000(shell) gid=2000(shell)"
BINARY = bytes(range(256)) * 300 + b"\r\n\x00"
ANSWERS = {
    "getprop": "[ro.product.model]: [Pixel 9a]\n[ro.product.name]: [tegu]\n[ro.serialno]: [@serial@]\n",
    "dumpsys -t 10 trust": "Trust manager state:\n",
    "settings list global": "adb_enabled=1\nname=a=b\n",
    "bmgr enabled": {"stdout_text": "on\n", "stderr_text": "hm\n", "exit_code": 3},
}


@pytest.fixture
def storage(tmp_path: Path) -> Path:
    folder = tmp_path / "storage"
    (folder / "DCIM/Camera").mkdir(parents=True)
    (folder / "DCIM/Camera/one, two=3.jpg").write_bytes(BINARY)
    (folder / "outside.jpg").symlink_to("/etc/passwd")
    return folder


def shell(server: AdbServer, phone: VirtualPhone, line: str) -> tuple[int, str, str]:
    done = adb(server, "-s", phone.address, "shell", line)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def test_adb_lists_it_with_its_model(adb_server: AdbServer, virtual_phone: PlugIn) -> None:
    phone = virtual_phone(ANSWERS)
    listed = adb(adb_server, "devices", "-l").stdout.decode()
    assert re.search(rf"{phone.address} +device product:tegu model:Pixel_9a device:virtual", listed)
    assert adb(adb_server, "-s", phone.address, "get-state").stdout == b"device\n"
    assert b"shell_v2" in adb(adb_server, "-s", phone.address, "features").stdout


def test_shell_keeps_streams_and_exit_codes_apart(adb_server: AdbServer, virtual_phone: PlugIn) -> None:
    phone = virtual_phone(ANSWERS)
    assert shell(adb_server, phone, "bmgr enabled") == (3, "on\n", "hm\n")
    assert shell(adb_server, phone, "echo out; echo err >&2; exit 41") == (41, "out\n", "err\n")


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("dumpsys trust", (0, "Trust manager state:\n", "")),
        ("dumpsys -t 3 trust", (0, "Trust manager state:\n", "")),
        ("dumpsys nosuch", (0, "", "Can't find service: nosuch\n")),
        ("dumpsys package com.nosuch", (0, "Unable to find package: com.nosuch\n", "")),
        ("cmd nosuch", (20, "", "cmd: Can't find service: nosuch\n")),
        ("nosuch", (127, "", "/system/bin/sh: nosuch: inaccessible or not found\n")),
        ("settings get global name", (0, "a=b\n", "")),
        ("settings get --user 0 global adb_enabled", (0, "1\n", "")),
        ("settings get secure nosuch", (0, "null\n", "")),
        ("settings put global adb_enabled 0", (1, "", "This virtual phone keeps its settings.\n")),
        ("getprop ro.serialno", (0, f"{SERIAL}\n", "")),
        ("getprop ro.nosuch", (0, "\n", "")),
        ("pm frobnicate", (255, "Unknown command: frobnicate\n", "")),
        ("appops get com.example", (0, "No operations.\n", "")),
        ("which su", (1, "", "")),
    ],
)
def test_commands_answer_as_android_would(
    line: str, answer: tuple[int, str, str], adb_server: AdbServer, virtual_phone: PlugIn
) -> None:
    assert shell(adb_server, virtual_phone(ANSWERS), line) == answer


def test_shell_account_is_androids(adb_server: AdbServer, virtual_phone: PlugIn) -> None:
    _, out, _ = shell(adb_server, virtual_phone(), "id; timeout 9 id")
    assert [line[: len(SHELL)] for line in out.splitlines()] == [SHELL] * 2


def test_a_rooted_phone_answers_as_root_and_still_keeps_everything(
    adb_server: AdbServer, virtual_phone: PlugIn
) -> None:
    phone = virtual_phone({"id": "uid=0(root) gid=0(root)\n"})
    assert shell(adb_server, phone, "id")[1].startswith("uid=0(root)")
    for line in ("echo x >/system/x", "mount -o remount,rw /", "echo x >/sdcard/x", "chmod 777 /android/answer"):
        assert shell(adb_server, phone, line)[0] != 0


def test_exec_out_and_pull_carry_every_byte(adb_server: AdbServer, virtual_phone: PlugIn, storage: Path) -> None:
    phone = virtual_phone(storage=storage)
    seen = adb(adb_server, "-s", phone.address, "exec-out", "cat '/sdcard/DCIM/Camera/one, two=3.jpg'")
    assert seen.stdout == BINARY
    target = storage.parent / "pulled"
    adb(adb_server, "-s", phone.address, "pull", "/storage/emulated/0/DCIM/Camera/one, two=3.jpg", str(target))
    assert target.read_bytes() == BINARY


def test_input_reaches_the_shell(adb_server: AdbServer, virtual_phone: PlugIn) -> None:
    phone = virtual_phone()
    done = adb(adb_server, "-s", phone.address, "shell", "wc -c; exit 5", said=BINARY * 20)
    assert (done.returncode, int(done.stdout)) == (5, len(BINARY) * 20)


def test_a_megabyte_comes_whole(adb_server: AdbServer, virtual_phone: PlugIn) -> None:
    phone = virtual_phone({"dumpsys jobscheduler": "0123456789abcde\n" * 65536})
    assert shell(adb_server, phone, "dumpsys jobscheduler")[1] == "0123456789abcde\n" * 65536


def test_list_shows_names_sizes_and_no_way_out(
    adb_server: AdbServer, virtual_phone: PlugIn, storage: Path, tmp_path: Path
) -> None:
    phone = virtual_phone(storage=storage)
    listed = adb(adb_server, "-s", phone.address, "ls", "/sdcard/DCIM/Camera").stdout.decode()
    assert re.search(rf"{len(BINARY):08x} \w+ one, two=3.jpg\n", listed)
    for path in ("/sdcard/outside.jpg", "/sdcard/../../../etc/passwd", "/etc/passwd"):
        assert adb(adb_server, "-s", phone.address, "pull", path, str(tmp_path / "got")).returncode == 1
    assert not (tmp_path / "got").exists()


def test_shell_sees_nothing_of_this_machine(adb_server: AdbServer, virtual_phone: PlugIn, storage: Path) -> None:
    phone = virtual_phone(storage=storage)
    _, out, err = shell(adb_server, phone, "ls /home /root /usr /tmp /var; cat /etc/shadow")
    assert out == ""
    assert err.count("No such file") == 6
    assert len(shell(adb_server, phone, "cat /sdcard/outside.jpg")[1].splitlines()) == 2  # the phone's own two accounts
    assert shell(adb_server, phone, "ls /")[1].split() == [
        "android", "data", "dev", "etc", "lib", "lib64", "proc", "sdcard", "storage", "system"
    ]  # fmt: skip
    assert "eth" not in shell(adb_server, phone, "cat /proc/net/dev")[1]


def test_nothing_can_be_written(adb_server: AdbServer, virtual_phone: PlugIn, storage: Path) -> None:
    phone = virtual_phone(storage=storage)
    before = sorted(storage.rglob("*"))
    for line in ("echo x >/sdcard/new", "rm /sdcard/DCIM/Camera/*", "touch /data/local/tmp/x", "mkdir /x"):
        code, _, err = shell(adb_server, phone, line)
        assert code != 0
        assert "Read-only file system" in err
    assert sorted(storage.rglob("*")) == before


@pytest.mark.parametrize("words", [("root",), ("remount",), ("reboot",), ("tcpip", "5555"), ("unroot",), ("shell",)])
def test_attempts_to_change_it_are_refused_and_counted(
    words: tuple[str, ...], adb_server: AdbServer, virtual_phone: PlugIn
) -> None:
    phone = virtual_phone()
    adb(adb_server, "-s", phone.address, *words)
    assert len(phone.ledger.refused) == 1
    assert phone.ledger.commands == []


def test_pushing_a_file_is_refused_and_counted(adb_server: AdbServer, virtual_phone: PlugIn, storage: Path) -> None:
    phone = virtual_phone(storage=storage)
    done = adb(adb_server, "-s", phone.address, "push", __file__, "/sdcard/new.py")
    assert done.returncode == 1
    assert b"read-only" in done.stdout
    assert phone.ledger.refused[0].startswith("sync:SEND /sdcard/new.py")
    assert not (storage / "new.py").exists()


def test_ledger_tells_what_was_asked_and_what_it_took(adb_server: AdbServer, virtual_phone: PlugIn) -> None:
    phone = virtual_phone(ANSWERS)
    shell(adb_server, phone, "dumpsys -t 10 trust; getprop ro.serialno; 'bmgr' \"a b\"; cat /nosuch")
    adb(adb_server, "-s", phone.address, "ls", "/sdcard/")
    ledger = phone.ledger
    assert ledger.asked == [("dumpsys", "trust"), ("getprop", "ro.serialno"), ("bmgr", "a b")]
    assert len(ledger.commands) == 1
    assert ledger.services[1] == "sync:"
    assert ledger.round_trips == 2
    assert ledger.sent_bytes > len(SERIAL)
    assert ledger.received_bytes > len(ledger.commands[0])


def test_a_process_that_a_line_leaves_behind_is_counted_and_ended(adb_server: AdbServer, virtual_phone: PlugIn) -> None:
    phone = virtual_phone()
    shell(adb_server, phone, "sleep 47110 >/dev/null 2>&1 & echo $!")
    shell(adb_server, phone, "echo one | cat | wc -l")
    assert phone.ledger.left_running == 1
    until(lambda: not living("sleep 47110"))


def test_recorded_text_is_never_run(adb_server: AdbServer, virtual_phone: PlugIn) -> None:
    hostile = "$(echo run >&2)`echo run`'; echo run; \"\\n%s\n[a]: [$(echo run)]\n"
    phone = virtual_phone({"getprop": hostile, "dumpsys $(echo) *": "never\n", "settings list secure": "a=$(echo)\n"})
    assert shell(adb_server, phone, "getprop") == (0, hostile, "")
    assert shell(adb_server, phone, "getprop a") == (0, "$(echo run)\n", "")
    assert shell(adb_server, phone, "settings get secure a") == (0, "$(echo)\n", "")
    assert shell(adb_server, phone, "dumpsys '$(echo)' '*'") == (0, "never\n", "")


def test_content_query_lists_the_pictures(adb_server: AdbServer, virtual_phone: PlugIn, storage: Path) -> None:
    (storage / "Pictures/hidden").mkdir(parents=True)
    (storage / "Pictures/hidden/.nomedia").touch()
    (storage / "Pictures/hidden/h.jpg").touch()
    (storage / "Pictures/z.png").write_bytes(b"12345")
    phone = virtual_phone(storage=storage)
    query = "content query --uri content://media/external/images/media --projection _id:_size:relative_path:_data"
    rows = shell(adb_server, phone, query)[1].splitlines()
    folder = "/storage/emulated/0"
    assert len(rows) == 2
    assert rows[0] == (
        f"Row: 0 _id=1000000001, _size={len(BINARY)}, relative_path=DCIM/Camera/, "
        f"_data={folder}/DCIM/Camera/one, two=3.jpg"
    )
    later = shell(adb_server, phone, f"{query} --where '_id>1000000001'")[1]
    assert later == f"Row: 0 _id=1000000002, _size=5, relative_path=Pictures/, _data={folder}/Pictures/z.png\n"
    assert shell(adb_server, phone, f"{query} --where '_id>1000000002'")[1] == "No result found.\n"
    assert "Invalid column nosuch" in shell(adb_server, phone, f"{query}:nosuch")[2]


def test_two_phones_answer_side_by_side(adb_server: AdbServer, virtual_phone: PlugIn) -> None:
    phones = [virtual_phone(ANSWERS, serial=f"VIRTUAL{number}") for number in range(2)]
    for number, phone in enumerate(phones):
        assert shell(adb_server, phone, "getprop ro.serialno")[1] == f"VIRTUAL{number}\n"


def test_a_closed_phone_leaves_no_process_and_no_file(adb_server: AdbServer, virtual_phone: PlugIn) -> None:
    phone = virtual_phone()
    with asking(adb_server, phone, "sleep 47120"):
        until(lambda: living("sleep 47120"))
        phone.close()
        until(lambda: not living("sleep 47120") and not held(phone.folder))
    assert not Path(phone.folder).exists()
    until(lambda: states(adb_server).get(phone.address) != "device")


def test_a_command_ends_when_the_computer_hangs_up(adb_server: AdbServer, virtual_phone: PlugIn) -> None:
    phone = virtual_phone()
    with asking(adb_server, phone, "sleep 47130") as child:
        until(lambda: living("sleep 47130"))
        child.kill()
        until(lambda: not living("sleep 47130"))
    assert shell(adb_server, phone, "echo still here")[1] == "still here\n"
