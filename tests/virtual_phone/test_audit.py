"""Phones audited by the command that people type: real adb server, virtual phones, every way in which it goes wrong."""

import json
import logging
import os
import re
import signal
import subprocess
import sys
import threading
import tomllib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from fake_adb import FakeAdbServer, said
from virtual_phone.rig import PlugIn, adb_server, until, virtual_phone

import agent.demo
import reports
from agent.child import call
from agent.cli import main
from agent.collect.adb.usb import MOST_DEVICES
from agent.collect.adb.wire import listening
from agent.collect.android.commands import READINGS
from agent.demo.faults import Faults, Mode
from agent.demo.server import AdbServer
from agent.gather import find_phones

__all__ = ["adb_server", "virtual_phone"]

PHONES = Path(agent.demo.__file__).parent / "phones"
GOOD, BAD = PHONES / "good", PHONES / "bad"
SCHEMA = json.loads((Path(reports.__file__).parent / "schemas" / "check-1.json").read_text())
SERIAL = "R5CT30VIRTUAL"
Check = Callable[..., tuple[int, Any]]


@pytest.fixture
def hints() -> list[str]:
    """What `check` said on standard error, run by run."""
    return []


@pytest.fixture
def check(
    adb_server: AdbServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any, hints: list[str]
) -> Iterator[Check]:
    """`scrubin check ...`: its exit code and what it printed; --json comes as values."""
    monkeypatch.setenv("ANDROID_ADB_SERVER_PORT", str(adb_server.port))
    for name, folder in {"SCRUBIN_STATE": "state", "SCRUBIN_SYSTEM_CONFIG": "etc", "XDG_CONFIG_HOME": "config"}.items():
        monkeypatch.setenv(name, str(tmp_path / folder))
    before = signal.getsignal(signal.SIGINT)

    def run(*words: str) -> tuple[int, Any]:
        code = main(["check", *words])
        said, aside = capsys.readouterr()
        hints.append(aside)
        return code, json.loads(said) if "--json" in words and said else said

    yield run
    signal.signal(signal.SIGINT, before)


def statuses(body: Any) -> dict[str, str]:
    (report,) = body["reports"]
    return {one["check_id"]: one["status"] for one in report["findings"]}


def ids(body: Any) -> set[str]:
    return {report["device"]["id"] for report in body["reports"]}


def test_two_phones_give_two_reports_of_the_schema(check: Check, virtual_phone: PlugIn) -> None:
    virtual_phone(recording=GOOD, serial="GOODSERIAL1")
    virtual_phone(recording=BAD, serial="BADSERIAL01")
    code, body = check("--device", "phones", "--json")
    jsonschema.validate(body, SCHEMA)
    assert code == 1
    assert {one["device"]["kind"] for one in body["reports"]} == {"phone"}
    assert all(one["proof"]["state"] == "proven" for one in body["reports"])


def test_good_phone_breaks_no_rule_and_the_bad_one_does(check: Check, virtual_phone: PlugIn) -> None:
    phone = virtual_phone(recording=GOOD, serial=SERIAL)
    good = statuses(check("--device", "phones", "--json")[1])
    phone.close()
    virtual_phone(recording=BAD, serial=SERIAL + "X")
    bad = statuses(check("--device", "phones", "--json")[1])
    assert "fail" not in good.values()
    assert {good[one] for one in ("screen_lock", "encryption", "updates", "integrity")} == {"pass"}
    assert {bad[one] for one in ("screen_lock", "cloud_backup", "updates")} == {"fail"}


def test_phone_and_laptop_are_told_together(check: Check, virtual_phone: PlugIn) -> None:
    virtual_phone(recording=GOOD, serial=SERIAL)
    _, said = check()
    assert said.index("Pixel") < said.index("This laptop")


def test_nothing_is_changed_and_nothing_stays_on_the_phone(check: Check, virtual_phone: PlugIn) -> None:
    phone = virtual_phone(recording=GOOD, serial=SERIAL)
    check("--device", "phones", "--json")
    assert phone.ledger.refused == []
    assert phone.ledger.files == []
    assert phone.ledger.left_running == 0
    assert phone.ledger.round_trips == 1
    sent = {" ".join(one.command.argv) for one in READINGS}
    asked = {re.sub(r"^dumpsys -t \d+ ", "dumpsys ", line) for line in sent}
    assert {" ".join(one) for one in phone.ledger.asked} <= asked | sent


def test_nothing_that_names_phone_or_owner_leaves_by_any_way(
    check: Check, virtual_phone: PlugIn, tmp_path: Path, hints: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    drop = tmp_path / "drop"
    drop.mkdir()
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "agent.toml").write_text(f'[deliver]\ntransport = "folder"\nfolder = "{drop}"\n')
    phone = virtual_phone(recording=BAD, serial=SERIAL)
    with caplog.at_level(logging.DEBUG):
        ways = [json.dumps(check("--device", "phones", "--json")[1])]
        ways += [check("--device", "phones", *words)[1] for words in (("--plain",), (), ("--all",))]
    files = [path for folder in (drop, tmp_path / "state") for path in folder.rglob("*") if path.is_file()]
    assert len(list(drop.glob("*.json"))) > 0
    ways += [*hints, caplog.text, *(path.read_bytes().decode("latin-1") for path in files), *map(str, files)]
    for secret in (SERIAL, phone.address, "demo.phone", "example.org", "1e1e1e1e"):
        assert not [text for text in ways if secret in text], secret


def test_phone_keeps_its_id_and_another_has_another(check: Check, virtual_phone: PlugIn) -> None:
    phone = virtual_phone(recording=GOOD, serial=SERIAL)
    first = ids(check("--device", "phones", "--json")[1])
    phone.close()
    virtual_phone(recording=GOOD, serial=SERIAL + "2")
    virtual_phone(recording=GOOD, serial=SERIAL)
    both = ids(check("--device", "phones", "--json")[1])
    assert first < both
    assert len(both) == 2


def test_same_phone_over_two_ways_is_counted_once(check: Check, virtual_phone: PlugIn, adb_server: AdbServer) -> None:
    phone = virtual_phone(recording=GOOD, serial=SERIAL)
    adb_server.connect(phone.address.replace("127.0.0.1", "localhost"))
    assert len(check("--device", "phones", "--json")[1]["reports"]) == 1


def test_one_phone_is_named_by_its_serial(check: Check, virtual_phone: PlugIn) -> None:
    virtual_phone(recording=GOOD, serial="GOODSERIAL1")
    virtual_phone(recording=BAD, serial="BADSERIAL01")
    _, body = check("--device", "BADSERIAL01", "--json")
    assert [one["device"]["os_version"] for one in body["reports"]] == ["android 13"]
    assert check("--device", "NOSUCHPHONE", "--json")[0] == 3


@pytest.mark.parametrize(
    ("faults", "state"),
    [
        (Faults(unauthorised=True), "unauthorized"),
        (Faults(mode=Mode.RECOVERY), "recovery"),
        (Faults(mode=Mode.SIDELOAD), "sideload"),
    ],
    ids=["unauthorised", "recovery", "sideload"],
)
def test_phone_that_cannot_be_looked_at_is_said_and_never_passes(
    check: Check, virtual_phone: PlugIn, faults: Faults, state: str
) -> None:
    virtual_phone(recording=GOOD, serial=SERIAL, faults=faults)
    code, body = check("--device", "phones", "--json")
    jsonschema.validate(body, SCHEMA)
    assert (code, body["not_checked"], body["reports"]) == (2, [state], [])
    assert "Not checked:" in check("--device", "phones")[1]


SAME = {
    "line ends of a terminal": Faults(crlf=True),
    "no shell v2": Faults(no_shell_v2=True),
    "no shell v2 and line ends": Faults(no_shell_v2=True, crlf=True),
    "another language": Faults(foreign=True),
}


@pytest.mark.parametrize("faults", SAME.values(), ids=SAME)
@pytest.mark.parametrize("recording", [GOOD, BAD], ids=["good", "bad"])
def test_ways_of_talking_change_no_verdict(
    check: Check, virtual_phone: PlugIn, faults: Faults, recording: Path
) -> None:
    phone = virtual_phone(recording=recording, serial=SERIAL)
    whole = statuses(check("--device", "phones", "--json")[1])
    phone.close()
    virtual_phone(recording=recording, serial=SERIAL, faults=faults)
    assert statuses(check("--device", "phones", "--json")[1]) == whole


ALL = ("dumpsys", "settings", "pm", "getprop", "bmgr", "dpm", "id", "sm", "ls", "which")
HURT = {
    "denied": Faults(denied=ALL),
    "timed out": Faults(timed_out=ALL),
    "missing": Faults(missing=ALL),
    "garbled": Faults(garbled=ALL),
    "noise on the cable": Faults(flip_every_bytes=31),
}


@pytest.mark.parametrize("faults", HURT.values(), ids=HURT)
def test_phone_that_says_nothing_of_use_passes_nothing(check: Check, virtual_phone: PlugIn, faults: Faults) -> None:
    virtual_phone(recording=GOOD, serial=SERIAL, faults=faults)
    code, body = check("--device", "phones", "--json")
    assert code in (1, 2)
    assert statuses(body).get("screen_lock") in ("unknown", "error")
    assert "pass" not in {status for check_id, status in statuses(body).items() if check_id != "clinical_images"}


def test_before_the_first_unlock_nothing_is_known_of_pictures(check: Check, virtual_phone: PlugIn) -> None:
    virtual_phone(recording=GOOD, serial=SERIAL, faults=Faults(before_first_unlock=True))
    code, body = check("--device", "phones", "--json")
    assert code == 2
    assert statuses(body)["clinical_images"] in ("unknown", "error")


@pytest.mark.parametrize("cut", [0, 1, 60, 400, 1500, 3000, 5000, 8000, 11000, 14000, 17000])
def test_phone_pulled_out_at_any_byte_keeps_what_it_said(check: Check, virtual_phone: PlugIn, cut: int) -> None:
    phone = virtual_phone(recording=BAD, serial=SERIAL)
    whole = statuses(check("--device", "phones", "--json")[1])
    phone.close()
    virtual_phone(recording=BAD, serial=SERIAL, faults=Faults(cut_after_bytes=cut))
    code, body = check("--device", "phones", "--json")
    assert code in (1, 2)
    seen = statuses(body)
    assert all(status != "pass" or whole[check_id] == "pass" for check_id, status in seen.items())
    for one in body["reports"][0]["findings"]:
        assert one["because"]


def test_phone_pulled_out_in_the_middle_by_hand(check: Check, virtual_phone: PlugIn) -> None:
    phone = virtual_phone(recording=GOOD, serial=SERIAL, faults=Faults(latency_s=0.05))

    def pull() -> None:
        until(lambda: len(phone.ledger.asked) > 5)
        phone.unplug()

    hand = threading.Thread(target=pull)
    hand.start()
    code, body = check("--device", "phones", "--json")
    hand.join()
    assert code == 2
    assert "error" in statuses(body).values()


def test_flood_is_cut_off_and_the_rest_is_judged(check: Check, virtual_phone: PlugIn) -> None:
    virtual_phone(recording=GOOD, serial=SERIAL, faults=Faults(flooding=("dumpsys trust",)))
    _, body = check("--device", "phones", "--json")
    assert statuses(body)["screen_lock"] == "error"
    assert statuses(body)["updates"] == "pass"


def test_command_that_hangs_costs_its_own_limit_only(check: Check, virtual_phone: PlugIn) -> None:
    phone = virtual_phone(recording=GOOD, serial=SERIAL, faults=Faults(hanging=("dumpsys trust",)))
    _, body = check("--device", "phones", "--json")
    assert statuses(body)["screen_lock"] == "error"
    assert statuses(body)["updates"] == "pass"
    assert phone.ledger.left_running == 0


def test_phone_is_named_by_its_model_or_by_its_id(check: Check, virtual_phone: PlugIn) -> None:
    virtual_phone(recording=GOOD, serial="GOODSERIAL1")
    virtual_phone(recording=BAD, serial="BADSERIAL01")
    _, body = check("--device", "pixel 9A", "--json")
    (known,) = ids(body)
    assert ids(check("--device", known, "--json")[1]) == {known}
    assert check("--device", "Pixel", "--json")[0] == 3


def test_what_was_seen_by_the_person_is_asked_for_kept_and_told(check: Check, virtual_phone: PlugIn) -> None:
    virtual_phone(recording=GOOD, serial="GOODSERIAL1")
    virtual_phone(recording=BAD, serial="BADSERIAL01")
    asked = " ".join(check("--device", "phones")[1].split())
    assert "Tell your practice (with off if it's off): scrubin check --saw remote_wipe=on --device" in asked
    assert '--device "Pixel 9a" ' in asked
    assert check("--device", "phones", "--saw", "remote_wipe=on", "--json")[0] == 64
    code, body = check("--device", "Pixel 9a", "--saw", "remote_wipe=on", "--json")
    (finding,) = [one for one in body["reports"][0]["findings"] if one["check_id"] == "remote_wipe"]
    assert (code, finding["status"]) == (2, "unknown")
    assert (finding["attestation"]["saw"], finding["attestation"]["counts"]) == ("on", False)
    told = " ".join(check("--device", "Pixel 9a")[1].split())
    assert "on; your practice does not count it." in told
    assert "--saw remote_wipe" not in told


def test_usb_ports_that_cannot_be_listed_hide_no_phone_of_a_server(
    check: Check, virtual_phone: PlugIn, tmp_path: Path
) -> None:
    virtual_phone(recording=GOOD, serial=SERIAL)
    for number in range(MOST_DEVICES + 1):
        (tmp_path / "crowd" / f"1-{number}").mkdir(parents=True)
    found = find_phones(str(tmp_path), wanted=None, stop=threading.Event(), root=str(tmp_path / "crowd"))
    assert [one.serial for one in found.phones] == [SERIAL]


def test_no_phone_is_said_with_what_to_try(check: Check, capsys: Any) -> None:
    code, said = check("--device", "phones", "--json")
    assert (code, said) == (3, "")


def test_phone_that_is_silent_on_the_network_is_said_as_such(
    check: Check, virtual_phone: PlugIn, hints: list[str]
) -> None:
    virtual_phone(recording=GOOD, serial=SERIAL, faults=Faults(offline=True))
    assert check("--device", "phones")[0] == 3
    assert "over Wi-Fi and no longer answers" in hints[-1]
    assert "plugged in" not in hints[-1]


def test_of_two_phones_one_must_be_named_to_be_explained(
    virtual_phone: PlugIn, check: Check, capsys: pytest.CaptureFixture[str]
) -> None:
    virtual_phone(recording=GOOD, serial="GOODSERIAL1")
    virtual_phone(recording=BAD, serial="BADSERIAL01")
    assert main(["explain", "users"]) == 64
    assert "by its model: scrubin devices" in capsys.readouterr().err
    assert main(["explain", "users", "--device", "pixel 9a"]) == 0
    assert "Found: OK" in capsys.readouterr().out


def kept_phones(tmp_path: Path) -> list[Path]:
    return list((tmp_path / "state" / "phones").glob("*"))


def test_phone_that_cannot_be_named_is_told_and_never_kept(
    check: Check, virtual_phone: PlugIn, tmp_path: Path, hints: list[str]
) -> None:
    """Under the address that it has today it would be another phone tomorrow, and overdue for ever."""
    virtual_phone(recording=GOOD, serial=SERIAL, faults=Faults(denied=("getprop",)))
    _, body = check("--device", "phones", "--json")
    assert len(body["reports"]) == 1
    assert kept_phones(tmp_path) == []
    assert "did not say which one it is" in hints[-1]


def test_damaged_key_of_phones_leaves_the_laptop_its_audit(check: Check, virtual_phone: PlugIn, tmp_path: Path) -> None:
    virtual_phone(recording=GOOD, serial=SERIAL)
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "phones-key").write_bytes(b"short")
    code, body = check("--json")
    assert code in (1, 2)
    assert [one["device"]["kind"] for one in body["reports"]] == ["laptop"]
    assert body["not_checked"] == ["other"]
    assert check("--device", "phones", "--json")[0] == 3


def test_ctrl_c_while_a_phone_is_read_keeps_nothing(
    check: Check, virtual_phone: PlugIn, tmp_path: Path, hints: list[str]
) -> None:
    phone = virtual_phone(recording=GOOD, serial=SERIAL, faults=Faults(hanging=("getprop",)))

    def press() -> None:
        until(lambda: len(phone.ledger.commands) > 0)
        os.kill(os.getpid(), signal.SIGINT)

    hand = threading.Thread(target=press)
    hand.start()
    code, body = check("--device", "phones", "--json")
    hand.join()
    assert code == 2
    assert set(statuses(body).values()) <= {"error", "unknown", "not_applicable"}
    assert kept_phones(tmp_path) == []
    assert "You stopped this check" in hints[-1]
    until(lambda: phone.ledger.left_running == 0)


def test_agent_and_person_may_look_at_one_phone_at_once(check: Check, virtual_phone: PlugIn, tmp_path: Path) -> None:
    virtual_phone(recording=BAD, serial=SERIAL)
    stop = threading.Event()
    with ThreadPoolExecutor(2) as pool:
        words = ("check", "--device", "phones", "--json")
        bodies = [json.loads(one) for one in pool.map(lambda _: call(words, stop=stop, timeout_s=60), range(2))]
    assert ids(bodies[0]) == ids(bodies[1])
    assert statuses(bodies[0]) == statuses(bodies[1])
    (folder,) = kept_phones(tmp_path)
    assert {one.name for one in folder.iterdir()} >= {"status.json", "last-report.json"}


@pytest.mark.parametrize(
    "answer", [b"", b"HTTP/1.1 400 Bad Request", b"OKAY0fff", b"OKAY-001", said("\x1b[2J"), said("x\tdevice\n" * 17)]
)
def test_server_that_is_none_hides_no_phone_behind_a_pass(
    check: Check, monkeypatch: pytest.MonkeyPatch, answer: bytes
) -> None:
    with FakeAdbServer({"host:devices": answer}) as server:
        monkeypatch.setenv("ANDROID_ADB_SERVER_PORT", str(server.port))
        assert check("--device", "phones", "--json")[0] == 3
        code, body = check("--json", "--no-photos")
        assert code in (1, 2)
        assert body["not_checked"] == ["other"]
        assert "\x1b" not in check("--no-photos")[1]
        assert set(server.requests) <= {"host:devices"}


def test_server_is_asked_only_for_what_reads(check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    with FakeAdbServer({"host:devices": said("R5CT1\tdevice\nR5CT2\toffline\nX:kill\tdevice\n")}) as server:
        monkeypatch.setenv("ANDROID_ADB_SERVER_PORT", str(server.port))
        _, body = check("--device", "phones", "--json")
    assert set(body["not_checked"]) == {"offline", "other"}
    assert set(server.requests) <= {"host:devices", "host-serial:R5CT1:features", "host:transport:R5CT1"}


def test_without_a_phone_no_server_is_started(check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    with FakeAdbServer({}) as gone:
        pass
    monkeypatch.setenv("ANDROID_ADB_SERVER_PORT", str(gone.port))
    _, body = check("--json", "--no-photos")
    assert (len(body["reports"]), body["not_checked"]) == (1, [])
    assert not listening(gone.port)


LAPTOP = """
import sys
from agent.cli import main
main(["check", "--device", "laptop", "--json", "--no-photos"])
print([one for one in sys.modules if one.startswith(("adbutils", "requests", "PIL", "agent.collect.adb",
                                                     "agent.phones", "agent.gather", "agent.collect.android"))],
      file=sys.stderr)
"""


def test_look_at_the_laptop_alone_loads_nothing_of_phones(check: Check, tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-P", "-c", LAPTOP], capture_output=True, text=True, check=False)
    loaded = done.stderr.splitlines()[-1]
    assert "adbutils" not in loaded
    assert "agent.collect.adb" not in loaded
    assert "agent.phones" not in loaded


def test_names_that_would_move_a_terminal_are_never_shown(
    check: Check, virtual_phone: PlugIn, hints: list[str]
) -> None:
    rows = tomllib.loads((GOOD / "recording.toml").read_text())["command"]
    answers = {" ".join(row["argv"]): row["stdout_text"] for row in rows if "stdout_text" in row}
    evil = "\x1b[2J\u202eevil\x07"
    lines = (line for line in answers["getprop"].splitlines() if "manufacturer" not in line and "release]" not in line)
    answers["getprop"] = "\n".join(
        (*lines, f"[ro.product.manufacturer]: [{evil}]", f"[ro.build.version.release]: [{evil}]")
    ).replace("Pixel", evil)
    virtual_phone(answers, serial=SERIAL)
    shown = [check("--device", "phones", *words)[1] for words in ((), ("--all",), ("--plain",))]
    shown += [json.dumps(check("--device", "phones", "--json")[1], ensure_ascii=False), *hints]
    assert any("evil" in one for one in shown)
    assert not re.search("[\x1b\x07\u202e]", "".join(shown))
