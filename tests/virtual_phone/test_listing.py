"""`scrubin devices` and the doctor's lines on phones, with virtual phones behind a real adb server."""

import argparse
import json
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fakes import phone as device
from virtual_phone.rig import PlugIn, states, until

from agent.cli import main
from agent.commands import devices
from agent.commands.doctor_phones import findings
from agent.demo.faults import Faults, Mode
from agent.demo.server import AdbServer
from agent.exits import Exit
from agent.identity import phone_id
from agent.outbox_model import Queue
from agent.status_file import write_status
from checks.model import Finding, Level, Overall, Severity, Status
from reports.envelope import Proof, Report, to_bytes

PIXEL = {
    "getprop": "[ro.product.manufacturer]: [Google]\n[ro.product.model]: [Pixel 9a]\n[ro.serialno]: [SECRET0001]\n"
}
TWIN = {"getprop": PIXEL["getprop"].replace("SECRET0001", "SECRET0002")}
QUEUE = Queue(
    waiting=0, parked=0, oldest_waiting_at=None, last_delivered_at=None, size_bytes=0, problem=None, sentence="",
    set_aside=(),
)  # fmt: skip
Devices = Callable[..., Any]


@pytest.fixture
def scrubin(adb_server: AdbServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Devices:
    """`scrubin devices` with places of its own and the test's adb server."""
    places = {"SCRUBIN_STATE": tmp_path / "state", "SCRUBIN_SYSTEM_CONFIG": tmp_path / "etc", "HOME": tmp_path}
    for name, value in {**places, "ANDROID_ADB_SERVER_PORT": adb_server.port}.items():
        monkeypatch.setenv(name, str(value))

    def run(*, as_json: bool = False) -> Any:
        answer = devices.run(argparse.Namespace(act=None, json=as_json))
        assert answer.code == Exit.COMPLIANT
        return json.loads(answer.out) if as_json else answer.out

    return run


def finding(**changes: Any) -> Finding:
    values: dict[str, Any] = {
        "uid": "u", "device_id": "d", "profile": "owner", "check_id": "screen_lock", "title": "t",
        "status": Status.FAIL, "because": "b", "severity": Severity.HIGH, "level": Level.REQUIRED,
        "measures": {}, "source": "device", "observed_at": datetime.now(UTC), "waiver": None,
    }  # fmt: skip
    return Finding(**{**values, **changes})


def checked(
    state: Path, name: str, *, ago: timedelta, overall: Overall, model: str = "Galaxy A55", found: int = 1
) -> None:
    """Leave what a check of a phone leaves."""
    findings = (finding(), finding(check_id="updates"), finding(level=Level.RECOMMENDED), finding(status=Status.PASS))
    report = Report(
        id="11111111-2222-4333-8444-555555555555", agent_version="0.1.0", device=device(id=name, model=model),
        overall=overall, policy_id="p", policy_version="1", proof=Proof(planted=1, found=found),
        generated_at=datetime.now(UTC).replace(microsecond=0) - ago, findings=findings,
    )  # fmt: skip
    folder = state / "phones" / name
    folder.mkdir(parents=True)
    (folder / "last-report.json").write_bytes(to_bytes(report))
    write_status(folder / "status.json", folder / "status.sqlite", report, QUEUE)


def row(out: str, name: str) -> str:
    (line,) = [line for line in out.splitlines() if line.strip().startswith(name)]
    return " ".join(line.split())


def test_nothing_there_yet(scrubin: Devices) -> None:
    out = scrubin()
    assert row(out, "This laptop") == "This laptop here never ! not checked own"
    assert "power only" in out


def test_a_phone_that_is_ready_is_called_by_its_model(scrubin: Devices, virtual_phone: PlugIn) -> None:
    virtual_phone(PIXEL)
    out = scrubin()
    assert row(out, "Pixel 9a") == "Pixel 9a over Wi-Fi never ! not checked own"
    assert "scrubin check --device phones" in out
    assert "SECRET" not in out


def test_a_phone_that_waits_is_told_what_to_do(
    scrubin: Devices, adb_server: AdbServer, virtual_phone: PlugIn, tmp_path: Path
) -> None:
    (tmp_path / ".android").mkdir()
    key = Path(adb_server.home, ".android", "adbkey.pub")
    (tmp_path / ".android" / "adbkey.pub").write_bytes(key.read_bytes())
    phone = virtual_phone(faults=Faults(unauthorised=True))
    until(lambda: states(adb_server).get(phone.address) == "unauthorized")
    out = scrubin()
    assert row(out, "(a phone)") == "(a phone) waits for Allow never ! not checked not known"
    assert "Compare the code with this laptop's, which ends in" in " ".join(out.split())
    assert phone.address not in out


@pytest.mark.parametrize(
    ("faults", "words"),
    [(Faults(mode=Mode.RECOVERY), "in recovery"), (Faults(mode=Mode.SIDELOAD), "waits for an update")],
)
def test_states_in_which_no_setting_can_be_seen(
    scrubin: Devices, adb_server: AdbServer, virtual_phone: PlugIn, faults: Faults, words: str
) -> None:
    phone = virtual_phone(faults=faults)
    until(lambda: states(adb_server).get(phone.address) == faults.mode)
    assert words in row(scrubin(), "(a phone)")


def test_a_phone_that_no_longer_answers(scrubin: Devices, adb_server: AdbServer, virtual_phone: PlugIn) -> None:
    phone = virtual_phone(PIXEL)
    until(lambda: states(adb_server).get(phone.address) == "device")
    phone.unplug()
    until(lambda: states(adb_server).get(phone.address) != "device")
    assert "SECRET" not in scrubin()


def test_two_that_look_alike_are_told_apart_by_the_end_of_their_serials(
    scrubin: Devices, virtual_phone: PlugIn
) -> None:
    virtual_phone(PIXEL, serial="V1")
    virtual_phone(TWIN, serial="V2")
    lines = [line.split()[2] for line in scrubin().splitlines() if "Pixel 9a" in line]
    assert sorted(lines) == ["0001", "0002"]


def test_the_same_phone_by_two_ways_is_there_once(scrubin: Devices, virtual_phone: PlugIn) -> None:
    virtual_phone(PIXEL, serial="V1")
    virtual_phone(PIXEL, serial="V2")
    assert sum("Pixel 9a" in line for line in scrubin().splitlines()) == 1


def test_a_phone_that_was_checked_has_its_verdict(scrubin: Devices, virtual_phone: PlugIn, tmp_path: Path) -> None:
    known = phone_id(tmp_path / "state", "SECRET0001")
    checked(tmp_path / "state", known, ago=timedelta(minutes=2), overall=Overall.NOT_COMPLIANT)
    virtual_phone(PIXEL)
    out = scrubin()
    assert row(out, "Pixel 9a") == "Pixel 9a over Wi-Fi 2 min ago x 2 to fix own"
    assert "Galaxy" not in out
    assert "ready to be checked" not in out, "a phone that is well known needs no words"


@pytest.mark.parametrize(
    ("overall", "ago", "words"),
    [
        (Overall.COMPLIANT, timedelta(hours=3), "3 hours ago + ready"),
        (Overall.CANNOT_TELL, timedelta(days=2), "2 days ago ? can't tell"),
        (Overall.COMPLIANT, timedelta(days=5), "5 days ago ? out of date"),
        (Overall.COMPLIANT, timedelta(seconds=5), "just now + ready"),
    ],
)
def test_a_phone_that_is_away(scrubin: Devices, tmp_path: Path, overall: Overall, ago: timedelta, words: str) -> None:
    checked(tmp_path / "state", "99999999-2222-4333-8444-555555555555", ago=ago, overall=overall)
    out = scrubin()
    assert row(out, "Galaxy A55 ") == f"Galaxy A55 not plugged in {words} own"
    assert ("too long to go by" in out) is (ago.days == 5)


def test_status_names_each_device_where_there_are_several(scrubin: Devices, tmp_path: Path, capsys: Any) -> None:
    name = "99999999-2222-4333-8444-555555555555"
    checked(tmp_path / "state", name, ago=timedelta(hours=3), overall=Overall.NOT_COMPLIANT, found=0)
    assert main(["status"]) == Exit.NOT_COMPLIANT
    laptop, phone, proof, *_ = capsys.readouterr().out.splitlines()
    assert laptop == "This laptop: not checked yet. Look now: scrubin check"
    assert phone == "Galaxy A55: not ready: something is to fix, 3 hours ago."
    assert proof == "  ! that check did not prove itself, so it isn't believed"


def test_a_name_in_a_report_is_shown_without_its_commands_to_the_screen(scrubin: Devices, tmp_path: Path) -> None:
    name = "99999999-2222-4333-8444-555555555555"
    checked(tmp_path / "state", name, ago=timedelta(0), overall=Overall.COMPLIANT, model="Evil\x1b[2J\u202e")
    assert "Evil\\x1b[2J\\u202e" in scrubin()


@pytest.mark.parametrize("damage", [b"", b"{", b"\xff" * 100, b"[]"])
def test_damaged_files_of_a_phone_are_no_pass(scrubin: Devices, tmp_path: Path, damage: bytes) -> None:
    name = "99999999-2222-4333-8444-555555555555"
    checked(tmp_path / "state", name, ago=timedelta(0), overall=Overall.COMPLIANT)
    for one in ("last-report.json", "status.json"):
        (tmp_path / "state" / "phones" / name / one).write_bytes(damage)
    assert row(scrubin(), "(a phone)") == "(a phone) not plugged in not readable ! not checked not known"


def test_folders_that_are_no_phones_are_passed_over(scrubin: Devices, tmp_path: Path) -> None:
    (tmp_path / "state" / "phones" / "..bad").mkdir(parents=True)
    os.mkfifo(tmp_path / "state" / "phones" / "pipe")
    assert len(scrubin(as_json=True)["devices"]) == 1


def test_json_holds_ids_and_no_serial(scrubin: Devices, virtual_phone: PlugIn, tmp_path: Path) -> None:
    known = phone_id(tmp_path / "state", "SECRET0001")
    checked(tmp_path / "state", known, ago=timedelta(minutes=2), overall=Overall.COMPLIANT)
    phone = virtual_phone(PIXEL)
    body = scrubin(as_json=True)
    assert body["schema"] == "scrubin/devices/1"
    (laptop, one) = body["devices"]
    assert (laptop["kind"], laptop["last_check_at"]) == ("laptop", None)
    assert (one["id"], one["model"], one["state"], one["overall"]) == (known, "Pixel 9a", "device", "compliant")
    assert phone.address not in json.dumps(body)
    assert "SECRET" not in json.dumps(body)


def test_looking_makes_no_file(scrubin: Devices, virtual_phone: PlugIn, tmp_path: Path) -> None:
    virtual_phone(PIXEL)
    scrubin()
    assert [one.name for one in (tmp_path / "state").glob("*") if "phone" in one.name] == []


def test_a_phone_is_asked_for_its_properties_only(scrubin: Devices, virtual_phone: PlugIn) -> None:
    phone = virtual_phone(PIXEL)
    scrubin()
    assert phone.ledger.round_trips == 1
    assert phone.ledger.refused == []


def test_what_a_phone_says_of_itself_is_shown_without_its_commands_to_the_screen(
    scrubin: Devices, virtual_phone: PlugIn
) -> None:
    virtual_phone({"getprop": "[ro.product.model]: [Evil\x1b[2J\u202e" + "x" * 200 + "]\n[ro.serialno]: [S]\n"})
    out = scrubin()
    assert "\x1b" not in out
    assert "\u202e" not in out
    assert max(map(len, out.splitlines())) <= 80


def test_the_doctor_names_each_phone_and_its_action(
    adb_server: AdbServer, virtual_phone: PlugIn, tmp_path: Path
) -> None:
    phone = virtual_phone(faults=Faults(unauthorised=True))
    until(lambda: states(adb_server).get(phone.address) == "unauthorized")
    environ = {"ANDROID_ADB_SERVER_PORT": str(adb_server.port), "PATH": "/usr/bin"}
    rows = list(findings(environ, home=str(tmp_path), root=True))
    assert [one.name for one in rows] == ["adb", "adb server", "phone"]
    assert rows[1].text.startswith(f"runs on port {adb_server.port}")
    assert "Allow" in rows[2].steps[0]
    assert phone.address not in repr(rows)
