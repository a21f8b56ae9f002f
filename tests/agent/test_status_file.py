"""The status file and its twin: verdicts only, whole or not at all, and every bad file has a name."""

import json
import os
import sqlite3
import stat
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from system_calls import handles_left_by

from agent.outbox_model import Queue
from agent.status_file import Problem, StatusFile, StatusProblem, read_status, table_image, write_status
from checks.model import (
    Attestation,
    Device,
    Finding,
    Kind,
    Level,
    Overall,
    Ownership,
    Platform,
    Severity,
    Status,
    Waiver,
    Word,
)
from reports.envelope import Proof, Report

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
DEVICE_ID = "11111111-2222-4333-8444-555555555555"
FLEET = """SELECT 1 FROM check_status WHERE check_id='screen_lock' AND status='pass'
    AND observed_at > (SELECT unix_time - 86400 FROM time)"""


def finding(check_id, status):
    return Finding(
        uid=f"uid-{check_id}", check_id=check_id, title="CANARY title", severity=Severity.HIGH, level=Level.REQUIRED,
        device_id=DEVICE_ID, profile="owner", status=status, because="locks after 600 s; the limit is 300 s",
        measures={"reasons": ("late",), "apps": ("CANARY app",)}, source="device", observed_at=NOON,
        waiver=Waiver(uid="u", who="CANARY person", why="CANARY why", until=NOON),
    )  # fmt: skip


def report(*findings, **changes):
    device = Device(
        id=DEVICE_ID, kind=Kind.LAPTOP, platform=Platform.LINUX, model="CANARY model", os_version="CANARY version",
        ownership=Ownership.PERSONAL,
    )  # fmt: skip
    values = {
        "id": "0b6b2f5e-57a1-4f6c-9f6e-0a1b2c3d4e5f", "agent_version": "0.1.0", "device": device,
        "overall": Overall.NOT_COMPLIANT, "policy_id": "practice-default", "policy_version": "3",
        "proof": Proof(planted=2, found=2), "generated_at": NOON,
        "findings": findings or (finding("screen_lock", Status.PASS), finding("encryption", Status.FAIL)),
    }  # fmt: skip
    return Report(**{**values, **changes})


def queue(**changes):
    values = {
        "waiting": 0, "parked": 0, "oldest_waiting_at": None, "last_delivered_at": None, "size_bytes": 0,
        "problem": None, "sentence": "CANARY sentence", "set_aside": (),
    }  # fmt: skip
    return Queue(**{**values, **changes})


def written(tmp_path, one=None, waiting=None, **options):
    write_status(tmp_path / "status.json", tmp_path / "status.sqlite", one or report(), waiting or queue(), **options)
    return tmp_path / "status.json"


def problem(path, **options):
    found = read_status(path, now=NOON, **options)
    assert isinstance(found, StatusProblem)
    assert found.sentence.endswith(".")
    return found.problem


def test_file_says_this_and_nothing_else(tmp_path):
    path = written(tmp_path, report(finding("screen_lock", Status.PASS)), queue(waiting=2, oldest_waiting_at=NOON))
    assert json.loads(path.read_bytes()) == {
        "schema": "scrubin/status/1", "device_id": DEVICE_ID, "overall": "not_compliant",
        "policy": {"id": "practice-default", "version": "3"}, "generated_at": "2026-11-21T12:00:00Z",
        "proof": "proven",
        "findings": [{
            "check_id": "screen_lock", "status": "pass", "severity": "high", "level": "required",
            "observed_at": "2026-11-21T12:00:00Z", "reasons": ["late"], "attestation": None,
        }],
        "delivery": {"waiting": 2, "oldest_waiting_at": "2026-11-21T12:00:00Z", "last_delivered_at": None},
    }  # fmt: skip


def test_neither_file_holds_anything_else_of_the_report(tmp_path):
    written(tmp_path)
    assert all(b"CANARY" not in one.read_bytes() for one in tmp_path.iterdir())


@pytest.mark.parametrize(("moment", "found"), [(None, 1), (NOON - timedelta(days=3), 2)])
def test_what_was_written_is_read_back(tmp_path, moment, found):
    waiting = queue(waiting=7, oldest_waiting_at=moment, last_delivered_at=moment)
    status = read_status(written(tmp_path, report(proof=Proof(planted=2, found=found)), waiting), now=NOON)
    assert isinstance(status, StatusFile)
    assert (status.device_id, status.overall, status.proven) == (DEVICE_ID, Overall.NOT_COMPLIANT, found == 2)
    assert [(one.check_id, one.status) for one in status.findings] == [
        ("screen_lock", Status.PASS), ("encryption", Status.FAIL),
    ]  # fmt: skip
    assert (status.delivery.waiting, status.delivery.oldest_waiting_at) == (7, moment)


SAID = Attestation(saw=Word.OFF, at=NOON, until=NOON + timedelta(days=30), counts=True)


def test_persons_own_word_is_in_the_file_as_such(tmp_path):
    path = written(tmp_path, report(replace(finding("cloud_backup", Status.UNKNOWN), attestation=SAID)))
    assert json.loads(path.read_bytes())["findings"][0]["attestation"] == {
        "saw": "off", "at": "2026-11-21T12:00:00Z", "until": "2026-12-21T12:00:00Z", "counts": True,
    }  # fmt: skip
    (one,) = read_status(path, now=NOON).findings
    assert (one.status, one.attestation) == (Status.UNKNOWN, SAID)


def test_file_of_the_version_before_has_no_word_and_is_read(tmp_path):
    path = written(tmp_path)
    body = json.loads(path.read_bytes())
    for one in body["findings"]:
        del one["attestation"]
    path.write_text(json.dumps(body))
    assert [one.attestation for one in read_status(path, now=NOON).findings] == [None, None]


@pytest.mark.parametrize(
    "word", [7, "off", [], {}, {"saw": "off"}, {"saw": "x", "at": "", "until": "", "counts": True}]
)
def test_garbled_word_is_a_garbled_file(tmp_path, word):
    path = written(tmp_path)
    body = json.loads(path.read_bytes())
    body["findings"][0]["attestation"] = word
    path.write_text(json.dumps(body))
    assert problem(path) is Problem.GARBLED


@pytest.mark.parametrize(("options", "mode"), [({}, 0o600), ({"mode": 0o644}, 0o644)])
def test_mode_is_as_asked_and_missing_folders_are_private(tmp_path, options, mode):
    written(tmp_path / "state", **options)
    assert {stat.S_IMODE(one.stat().st_mode) for one in (tmp_path / "state").iterdir()} == {mode}
    assert stat.S_IMODE((tmp_path / "state").stat().st_mode) == 0o700


def test_table_is_what_osquery_expects(tmp_path):
    written(tmp_path)
    with closing(sqlite3.connect(tmp_path / "status.sqlite")) as db:
        assert db.execute("PRAGMA journal_mode").fetchone() == ("delete",)
        rows = db.execute("SELECT check_id, status, severity, observed_at, policy, detail FROM check_status").fetchall()
    because = "locks after 600 s; the limit is 300 s"
    assert rows == [
        ("screen_lock", "pass", "high", 1795262400, "practice-default 3", because),
        ("encryption", "fail", "high", 1795262400, "practice-default 3", because),
    ]


@pytest.mark.parametrize(
    ("status", "later", "passes"),
    [(Status.PASS, 0, True), (Status.PASS, 86399, True), (Status.PASS, 86400, False), (Status.UNKNOWN, 0, False)],
)
def test_fleet_policy_passes_on_fresh_passes_only(tmp_path, status, later, passes):
    written(tmp_path, report(finding("screen_lock", status)))
    with closing(sqlite3.connect(tmp_path / "status.sqlite")) as db:
        db.execute("CREATE TEMP TABLE time(unix_time)")
        db.execute("INSERT INTO time VALUES (?)", (int(NOON.timestamp()) + later,))
        assert bool(db.execute(FLEET).fetchall()) is passes


def test_table_is_swapped_under_its_readers(tmp_path):
    written(tmp_path)
    with closing(sqlite3.connect(tmp_path / "status.sqlite")) as db:
        rows = db.execute("SELECT check_id FROM check_status")
        first = next(rows)
        written(tmp_path, report(finding("updates", Status.ERROR)))
        assert [first, *rows] == [("screen_lock",), ("encryption",)]
    assert table_image(report()) != (tmp_path / "status.sqlite").read_bytes()


def test_missing_file_is_no_audit_yet(tmp_path):
    assert problem(tmp_path / "status.json") is Problem.MISSING
    assert problem(tmp_path / "nowhere" / "status.json") is Problem.MISSING


@pytest.mark.parametrize("place", ["/proc/self/mem", "/dev/zero"])
def test_endless_or_unreadable_file_is_a_problem(place):
    assert problem(place) in (Problem.UNREADABLE, Problem.GARBLED)


def test_name_through_a_file_is_unreadable(tmp_path):
    (tmp_path / "file").touch()
    assert problem(tmp_path / "file" / "status.json") is Problem.UNREADABLE


def test_link_loop_is_unreadable(tmp_path):
    (tmp_path / "status.json").symlink_to(tmp_path / "status.json")
    assert problem(tmp_path / "status.json") is Problem.UNREADABLE


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
def test_pipe_or_folder_in_the_place_is_garbled_without_waiting(tmp_path, make):
    make(tmp_path / "status.json")
    assert problem(tmp_path / "status.json") is Problem.GARBLED


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"7",
        b"\xff\xfe",
        b"{}",
        b"[" * 100_000,
        b'{"schema": "scrubin/status/1"}',
        b" " * 300_000,
    ],
)
def test_what_is_no_status_is_garbled(tmp_path, text):
    (tmp_path / "status.json").write_bytes(text)
    assert problem(tmp_path / "status.json") is Problem.GARBLED


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("overall",), "fine"), (("proof",), True), (("proof",), []), (("generated_at",), 7), (("device_id",), "a\nb"),
        (("generated_at",), "2026-11-21 12:00"), (("policy",), None), (("policy", "id"), "x" * 201),
        (("findings",), {"a": 1}), (("findings",), [7]), (("findings",), [{}] * 1001),
        (("findings", 0, "status"), "PASS"),
        (("findings", 0, "reasons"), "late"), (("findings", 0, "reasons"), [7]), (("delivery", "waiting"), -1),
        (("delivery", "waiting"), True), (("delivery",), []), (("delivery", "last_delivered_at"), 0),
    ],
)  # fmt: skip
def test_wrong_value_anywhere_is_garbled(tmp_path, place, value):
    path = written(tmp_path)
    body = json.loads(path.read_bytes())
    inner = body
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    path.write_text(json.dumps(body))
    assert problem(path) is Problem.GARBLED


def test_file_of_the_greatest_size_is_read_and_no_more(tmp_path):
    path = written(tmp_path)
    path.write_bytes(path.read_bytes().ljust(256 << 10))
    assert isinstance(read_status(path, now=NOON), StatusFile)
    path.write_bytes(path.read_bytes() + b" ")
    assert problem(path) is Problem.GARBLED


def test_no_handle_is_left_open(tmp_path):
    path = written(tmp_path)
    assert handles_left_by(lambda: read_status(path, now=NOON)) == 0
    assert handles_left_by(lambda: read_status(tmp_path, now=NOON)) == 0


def test_other_version_is_said(tmp_path):
    path = written(tmp_path)
    path.write_bytes(path.read_bytes().replace(b"status/1", b"status/2"))
    assert problem(path) is Problem.OTHER_SCHEMA


@pytest.mark.parametrize(
    ("age", "found"),
    [
        (timedelta(days=1), None), (timedelta(days=1, seconds=1), Problem.OLD), (timedelta(minutes=-5), None),
        (timedelta(minutes=-5, seconds=-1), Problem.FROM_THE_FUTURE),
    ],
)  # fmt: skip
def test_age_is_judged_where_asked(tmp_path, age, found):
    path = written(tmp_path, replace(report(), generated_at=NOON - age))
    status = read_status(path, now=NOON, max_age=timedelta(days=1))
    assert (status.problem if isinstance(status, StatusProblem) else None) is found


def test_without_a_limit_any_age_is_read(tmp_path):
    path = written(tmp_path, replace(report(), generated_at=NOON - timedelta(days=4000)))
    assert isinstance(read_status(path, now=NOON), StatusFile)


@given(data=st.binary(max_size=400), at=st.integers(0, 400))
def test_any_bytes_are_a_status_or_a_problem(tmp_path_factory, data, at):
    path = written(tmp_path_factory.mktemp("status"))
    whole = path.read_bytes()
    path.write_bytes(whole[:at] + data + whole[at + len(data) :])
    assert isinstance(read_status(path, now=NOON), StatusFile | StatusProblem)
