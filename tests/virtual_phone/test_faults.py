"""Each fault of a virtual phone, as Debian's adb shows it."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from virtual_phone.rig import PlugIn, adb, asking, living, states, until

from agent.demo.faults import Faults, Mode
from agent.demo.phone import VirtualPhone
from agent.demo.server import AdbServer

LONG = "".join(f"line {number:06d}\n" for number in range(3000))
ANSWERS = {
    "getprop": "[ro.product.model]: [Example]\n",
    "dumpsys trust": ' User "Owner" (id=0)\n',
    "dumpsys user": "  UserInfo{0:Owner:4c13}\n    State: RUNNING_UNLOCKED\n    seen 2026-03-05 18:30:11\n",
    "dumpsys package": LONG,
}


Shell = Callable[[VirtualPhone, str], tuple[int, str, str]]
DENIED = "java.lang.SecurityException: Shell does not have permission to access user 0"


@pytest.fixture
def shell(adb_server: AdbServer) -> Shell:
    def ask(phone: VirtualPhone, line: str) -> tuple[int, str, str]:
        done = adb(adb_server, "-s", phone.address, "shell", line)
        return done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")

    return ask


def test_unauthorised_until_somebody_taps(adb_server: AdbServer, virtual_phone: PlugIn, shell: Shell) -> None:
    phone = virtual_phone(ANSWERS, faults=Faults(unauthorised=True))
    until(lambda: states(adb_server)[phone.address] == "unauthorized")
    code, _, err = shell(phone, "getprop")
    assert code == 1
    assert "device unauthorized" in err
    phone.allow()
    until(lambda: states(adb_server)[phone.address] == "device")
    assert shell(phone, "getprop")[1] == ANSWERS["getprop"]


def test_tap_comes_by_itself_where_it_is_asked_for(adb_server: AdbServer, virtual_phone: PlugIn) -> None:
    phone = virtual_phone(faults=Faults(unauthorised=True, allowed_after_s=0.2))
    until(lambda: states(adb_server).get(phone.address) == "device")


def test_a_tap_before_the_cable_counts(adb_server: AdbServer, virtual_phone: PlugIn) -> None:
    phone = virtual_phone(faults=Faults(unauthorised=True), connect=False)
    phone.allow()
    assert "connected" in adb_server.connect(phone.address)
    until(lambda: states(adb_server).get(phone.address) == "device")
    adb(adb_server, "disconnect", phone.address)


@pytest.mark.parametrize("mode", [Mode.RECOVERY, Mode.SIDELOAD])
def test_recovery_and_sideload_show(mode: Mode, adb_server: AdbServer, virtual_phone: PlugIn) -> None:
    phone = virtual_phone(faults=Faults(mode=mode))
    assert states(adb_server)[phone.address] == mode


def test_offline(adb_server: AdbServer, virtual_phone: PlugIn, shell: Shell) -> None:
    phone = virtual_phone(ANSWERS, faults=Faults(offline=True))
    assert states(adb_server)[phone.address] == "offline"
    assert shell(phone, "getprop")[0] == 1


def test_unplugged_phone_goes_offline_and_stays_so(adb_server: AdbServer, virtual_phone: PlugIn, shell: Shell) -> None:
    phone = virtual_phone(ANSWERS)
    phone.unplug()
    until(lambda: states(adb_server).get(phone.address) != "device")
    assert "connected to" not in adb_server.connect(phone.address) or states(adb_server)[phone.address] == "offline"
    assert shell(phone, "getprop")[0] == 1


@pytest.mark.parametrize("after", [0, 1, 30, 1000, len(LONG) - 1])
def test_cut_after_some_bytes_ends_the_answer_there(after: int, adb_server: AdbServer, virtual_phone: PlugIn) -> None:
    phone = virtual_phone(ANSWERS, faults=Faults(cut_after_bytes=after))
    done = adb(adb_server, "-s", phone.address, "exec-out", "dumpsys package")
    # A message that was cut never gets through; whole ones before it do.
    assert len(done.stdout) <= after
    assert LONG.encode().startswith(done.stdout)
    until(lambda: states(adb_server).get(phone.address) != "device")


def test_a_cut_ends_what_ran(adb_server: AdbServer, virtual_phone: PlugIn) -> None:
    phone = virtual_phone(faults=Faults(cut_after_bytes=100_000))
    # What fills the cut waits, so that the other can be seen first: on a busy machine it was gone before.
    with asking(adb_server, phone, "sleep 47140 & sleep 5; yes"):
        until(lambda: living("sleep 47140"))
        until(lambda: states(adb_server).get(phone.address) != "device")
        until(lambda: not living("sleep 47140"))


def test_flipped_bits_arrive(adb_server: AdbServer, virtual_phone: PlugIn) -> None:
    phone = virtual_phone(ANSWERS, faults=Faults(flip_every_bytes=10))
    seen = adb(adb_server, "-s", phone.address, "exec-out", "dumpsys package").stdout
    wrong = [place for place, (was, now) in enumerate(zip(LONG.encode(), seen, strict=True)) if was != now]
    assert wrong == list(range(9, len(LONG), 10))


def test_line_ends_of_a_terminal(adb_server: AdbServer, virtual_phone: PlugIn, shell: Shell) -> None:
    phone = virtual_phone(ANSWERS, faults=Faults(crlf=True))
    assert shell(phone, "dumpsys trust")[1] == ' User "Owner" (id=0)\r\n'
    assert adb(adb_server, "-s", phone.address, "exec-out", "printf 'a\\n'").stdout == b"a\n"


def test_old_phones_have_no_exit_codes_and_one_stream(
    adb_server: AdbServer, virtual_phone: PlugIn, shell: Shell
) -> None:
    phone = virtual_phone(ANSWERS, faults=Faults(no_shell_v2=True))
    assert b"shell_v2" not in adb(adb_server, "-s", phone.address, "features").stdout
    assert shell(phone, "dumpsys nosuch; exit 9") == (0, "Can't find service: nosuch\n", "")
    assert phone.ledger.services == ["shell:dumpsys nosuch; exit 9"]


def test_denied_is_an_exception_and_status_0(virtual_phone: PlugIn, shell: Shell) -> None:
    phone = virtual_phone(ANSWERS, faults=Faults(denied=("dumpsys trust", "pm")))
    for line in ("dumpsys -t 10 trust", "pm list users"):
        code, out, err = shell(phone, line)
        assert (code, out, err.splitlines()[0]) == (0, "", DENIED)
    assert shell(phone, "dumpsys user")[2] == ""


def test_time_runs_out_in_the_middle_of_a_dump(virtual_phone: PlugIn, shell: Shell) -> None:
    phone = virtual_phone(ANSWERS, faults=Faults(timed_out=("dumpsys package",)))
    code, out, _ = shell(phone, "dumpsys -t 10 package")
    notice = "\n*** SERVICE 'package' DUMP TIMEOUT (10000ms) EXPIRED ***\n"
    assert code == 0
    assert out == LONG[: len(LONG) // 2] + notice


def test_missing_services_and_programs(virtual_phone: PlugIn, shell: Shell) -> None:
    phone = virtual_phone(ANSWERS, faults=Faults(missing=("dumpsys trust", "dpm")))
    assert shell(phone, "dumpsys -t 10 trust") == (0, "", "Can't find service: trust\n")
    assert shell(phone, "dpm list-owners") == (127, "", "/system/bin/sh: dpm: inaccessible or not found\n")


def test_noise_in_place_of_an_answer(adb_server: AdbServer, virtual_phone: PlugIn) -> None:
    phone = virtual_phone(ANSWERS, faults=Faults(garbled=("dumpsys trust",)))
    noise = adb(adb_server, "-s", phone.address, "exec-out", "dumpsys trust").stdout
    assert len(noise) == 64 << 10
    assert b"\0" in noise


def test_a_hanging_command_says_nothing(adb_server: AdbServer, virtual_phone: PlugIn) -> None:
    phone = virtual_phone(ANSWERS, faults=Faults(hanging=("dumpsys trust",)))
    with asking(adb_server, phone, "getprop; dumpsys -t 10 trust; echo never") as child:
        assert child.stdout is not None
        assert child.stdout.read1() == ANSWERS["getprop"].encode()
        until(lambda: ("dumpsys", "trust") in phone.ledger.asked)
        assert child.poll() is None


def test_an_answer_without_end(adb_server: AdbServer, virtual_phone: PlugIn) -> None:
    phone = virtual_phone(ANSWERS, faults=Faults(flooding=("getprop",)))
    with asking(adb_server, phone, "getprop") as child:
        assert child.stdout is not None
        assert len(child.stdout.read(3 << 20)) == 3 << 20


def test_another_language_has_other_names_and_dates(virtual_phone: PlugIn, shell: Shell) -> None:
    phone = virtual_phone(ANSWERS, faults=Faults(foreign=True))
    assert shell(phone, "dumpsys trust")[1] == ' User "Propriétaire" (id=0)\n'
    out = shell(phone, "dumpsys user")[1]
    assert "UserInfo{0:Propriétaire:4c13}" in out
    assert "seen 5/3/2026, 18:30\u202fp.\u00a0m.\n" in out


def test_before_the_first_unlock_there_is_no_storage(
    adb_server: AdbServer, virtual_phone: PlugIn, shell: Shell, tmp_path: Path
) -> None:
    (tmp_path / "a.jpg").write_bytes(b"x")
    phone = virtual_phone(ANSWERS, storage=tmp_path, faults=Faults(before_first_unlock=True))
    assert "State: RUNNING_LOCKED\n" in shell(phone, "dumpsys user")[1]
    assert "No such file" in shell(phone, "ls /sdcard/")[2]
    assert shell(phone, "content query --uri content://media/external/images/media")[1] == "No result found.\n"
    assert adb(adb_server, "-s", phone.address, "pull", "/sdcard/a.jpg", str(tmp_path / "b")).returncode == 1


def test_latency_is_felt_in_each_message(virtual_phone: PlugIn, shell: Shell) -> None:
    phone = virtual_phone(ANSWERS, faults=Faults(latency_s=0.05))
    began = time.monotonic()
    shell(phone, "getprop")
    assert time.monotonic() - began >= 4 * 0.05  # opened, answer, exit code, closed


def test_bandwidth_is_felt_in_long_answers(adb_server: AdbServer, virtual_phone: PlugIn) -> None:
    phone = virtual_phone(ANSWERS, faults=Faults(bandwidth_bytes_s=100_000))
    began = time.monotonic()
    assert adb(adb_server, "-s", phone.address, "exec-out", "dumpsys package").stdout == LONG.encode()
    assert time.monotonic() - began >= len(LONG) / 100_000


def test_what_a_recording_could_not_see_shows_as_the_fault_that_it_was(virtual_phone: PlugIn, shell: Shell) -> None:
    phone = virtual_phone({"dumpsys trust": {"error": "not_permitted"}, "dumpsys adb": {"error": "tool_missing"}})
    assert shell(phone, "dumpsys trust")[2].startswith(DENIED)
    assert shell(phone, "dumpsys adb")[2] == "Can't find service: adb\n"
