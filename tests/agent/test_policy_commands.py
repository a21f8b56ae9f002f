"""What `scrubin policy` says."""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jsonschema
import pytest
from policy_example import CHECKS, header, layer

from agent.commands.policy import acknowledge, schema_text, show, validate
from agent.exits import Exit, WrongUse
from agent.policy_acknowledged import acknowledged
from agent.policy_search import Problem, Trouble
from agent.policy_source import PolicyInForce
from checks.model import Ownership
from checks.policy import compose
from checks.policy_file import Fault, Layer
from checks.policy_form import CHECK_IDS, LayerName
from checks.policy_shape import Flaw

NOW = datetime(2026, 11, 21, 7, 12, tzinfo=UTC)
PERSONAL, CAMERA = Ownership.PERSONAL, Ownership.DEDICATED_CAMERA

PRACTICE = """[checks.screen_lock]
max_idle_s = 120
reason = "short wards"
[profiles.personal.checks.screen_lock]
max_idle_s = 60
apps = ["a", "b"]
[contacts.it]
label = "Practice IT"
phone = "02 5550 1234"
[apps]
approved = ["com.example.camera"]
[acknowledgement]
required = true
[schedule]
audit_at = ["07:00", "13:30"]
[profiles.personal]
capture = false
reason = "use the practice's camera"
"""
BASELINE = "[checks.screen_lock]\nlevel = 'required'\nreason = 'R1'\nmax_idle_s = 300\n"


def in_force(*layers: Layer, problems: tuple[Problem, ...] = (), ages=None) -> PolicyInForce:
    layers = layers or (layer(PRACTICE), layer(BASELINE, "baseline", "1"))
    return PolicyInForce(policy=compose(layers, CHECKS), problems=problems, last_good_ages=ages or {})


def text(found: PolicyInForce, why: str | None = None, ownership: Ownership = PERSONAL) -> str:
    return show(found, CHECKS, why=why, ownership=ownership, as_json=False)


def body(found: PolicyInForce, why: str | None = None, ownership: Ownership = PERSONAL):
    return json.loads(show(found, CHECKS, why=why, ownership=ownership, as_json=True))


def test_why_shows_each_value_with_its_layer_place_reason_and_what_it_beat():
    assert text(in_force(), "screen_lock").splitlines() == [
        "screen_lock: Screen locks",
        "  on your own device",
        "  level                required     baseline baseline.toml:7",
        "    because R1",
        "  max_age_days         7            built-in",
        "  attestation_counts   false        built-in",
        "  attestation_days     30           built-in",
        "  max_idle_s           60           practice practice.toml:10",
        "    beats   120, practice practice.toml:7",
        "    beats   300, baseline baseline.toml:9",
        "  most                 5            built-in",
        "  on_resume            true         built-in",
        "  word                 plain        built-in",
        "  apps                 a, b         practice practice.toml:11",
        "  authority            device       built-in",
        "  all_of               mdm          built-in",
    ]


def test_why_goes_by_whose_device_it_is():
    lines = text(in_force(), "screen_lock", CAMERA).splitlines()
    assert lines[1] == "  on a camera-only device"
    assert "  max_idle_s           120          practice practice.toml:7" in lines
    assert "    because short wards" in lines


def test_why_knows_checks_that_are_still_to_come():
    lines = text(in_force(), "users").splitlines()
    assert lines[0] == "users"
    assert lines[2:4] == [
        "  level                required     built-in",
        "    because no policy names this check, so it counts",
    ]


def test_an_unknown_check_is_wrong_use_with_the_one_that_was_meant():
    with pytest.raises(WrongUse, match=r'^unknown check "screen-lock"\. Did you mean "screen_lock"\?$'):
        text(in_force(), "screen-lock")
    with pytest.raises(
        WrongUse, match=r'^unknown check "\\x1b\[2J"\. All checks: screen_lock, cloud_backup, .*users\.$'
    ):
        text(in_force(), "\x1b[2J")


def test_why_as_json_says_the_same():
    said = body(in_force(), "screen_lock")
    assert (said["schema"], said["check_id"], said["ownership"]) == ("scrubin/policy-why/1", "screen_lock", "personal")
    idle = next(one for one in said["values"] if one["key"] == "max_idle_s")
    assert idle == {
        "key": "max_idle_s",
        "value": 60,
        "layer": "practice",
        "file": "practice.toml",
        "line": 10,
        "reason": "",
        "beaten": [
            {"value": 120, "layer": "practice", "file": "practice.toml", "line": 7, "reason": "short wards"},
            {"value": 300, "layer": "baseline", "file": "baseline.toml", "line": 9, "reason": "R1"},
        ],
    }
    assert next(one["value"] for one in said["values"] if one["key"] == "apps") == ["a", "b"]


def test_show_gives_the_whole_policy_on_a_page():
    lines = text(in_force()).splitlines()
    assert lines[:4] == [
        "Example Practice, over Shipped, for your own device",
        "  version practice-7+baseline-1",
        "",
        "  screen_lock      required     baseline",
    ]
    assert [line.split()[0] for line in lines[3:16]] == list(CHECK_IDS)
    assert lines[16:] == [
        "",
        "  no clinical pictures may be taken on your own device",
        "    because use the practice's camera",
        "  audited at 07:00 and 13:30",
        "  a check may stay without an answer for 7 days",
        "  approved apps: com.example.camera",
        "  acknowledgement: asked for",
        "  Practice IT: 02 5550 1234",
        "",
        "Why a value is what it is: scrubin policy show --why screen_lock",
    ]
    assert max(map(len, lines)) <= 80


def test_show_of_a_camera_and_of_settings_left_out():
    found = in_force(layer("[schedule]\naudit_at = []\n[apps]\napproved = []\n"))
    assert text(found, ownership=CAMERA).splitlines()[17:22] == [
        "  pictures may stay 24 hours",
        "  audited at no fixed time",
        "  a check may stay without an answer for 7 days",
        "  approved apps: none",
        "  acknowledgement: not asked for",
    ]
    assert "pictures" not in text(found)


def test_no_capture_without_a_reason_is_said_without_one():
    said = text(in_force(layer("[profiles.personal]\ncapture = false\n")))
    assert "  no clinical pictures may be taken on your own device\n  audited at" in said


PROBLEM = Problem(trouble=Trouble.REFUSED, sentence="10.toml was refused.", faults=())


def test_problems_and_old_copies_are_shown_first():
    found = in_force(problems=(PROBLEM,), ages={LayerName.PRACTICE: timedelta(days=18, hours=5)})
    assert text(found).splitlines()[2:4] == [
        "  ! the practice's policy is the last good copy, 18 days old",
        "  ! 10.toml was refused.",
    ]
    said = body(found)
    assert said["problems"] == [{"trouble": "refused", "sentence": "10.toml was refused."}]
    assert said["last_good_age_days"] == {"practice": 18}


def test_show_as_json_says_the_same():
    said = body(in_force())
    levels = said.pop("levels")
    assert said == {
        "schema": "scrubin/policy-show/1",
        "id": "the-practice+the-baseline",
        "version": "practice-7+baseline-1",
        "ownership": "personal",
        "layers": [
            {"layer": "practice", "id": "the-practice", "version": "7", "name": "Example Practice"},
            {"layer": "baseline", "id": "the-baseline", "version": "1", "name": "Shipped"},
        ],
        "capture_allowed": False,
        "allow_hours": None,
        "grace_days": 7,
        "audit_at": ["07:00", "13:30"],
        "approved_apps": ["com.example.camera"],
        "acknowledgement_required": True,
        "record_system": None,
        "before_shift": None,
        "sender_may_file": False,
        "contacts": {"it": "Practice IT: 02 5550 1234"},
        "problems": [],
        "last_good_age_days": {},
    }
    assert levels == dict.fromkeys(CHECK_IDS, "required")


OWN_PAGE = """[record_system]
kind = "dicomweb"
name = "Practice PACS"
url = "https://pacs.example/dicom-web"
[before_shift]
times = ["07:00", "15:00"]
[review]
sender_may_file = true
"""


def test_show_says_what_is_set_for_the_clinicians_own_page():
    lines = text(in_force(layer(OWN_PAGE))).splitlines()
    place = lines.index("  told 30 minutes before a shift, and at 07:00 and 15:00")
    assert lines[place + 1 : place + 4] == [
        "  whether a picture is stored is asked of Practice PACS",
        "    dicomweb at https://pacs.example/dicom-web",
        "  filed by whoever sent it is enough to delete a picture",
    ]


def test_show_as_json_says_what_is_set_for_the_clinicians_own_page():
    said = body(in_force(layer(OWN_PAGE)))
    assert said["record_system"] == {
        "kind": "dicomweb",
        "name": "Practice PACS",
        "url": "https://pacs.example/dicom-web",
        "token_url": "",
        "client_id": "",
    }
    assert said["before_shift"] == {"times": ["07:00", "15:00"], "minutes_before": 30}
    assert said["sender_may_file"] is True


def written(folder: Path, name: str, content: str) -> str:
    (folder / name).write_text(content)
    return str(folder / name)


def test_a_right_file_is_valid(tmp_path):
    file = written(tmp_path, "p.toml", header())
    assert validate([file], CHECKS, as_json=False) == (
        Exit.COMPLIANT,
        f"+ {file}: Example Practice, the practice's policy, version 7",
    )


def test_every_fault_of_a_wrong_file_has_a_line(tmp_path):
    good, bad = (
        written(tmp_path, "g.toml", header()),
        written(tmp_path, "b.toml", header() + "x = 1\n[grace]\ndays = -1"),
    )
    code, said = validate([good, bad], CHECKS, as_json=False)
    assert code is Exit.NOT_COMPLIANT
    assert [line.split(" expected")[0] for line in said.splitlines()[1:]] == [
        f"x {bad}:6: x:",
        f"x {bad}:8: grace.days:",
    ]


def test_a_file_that_cannot_be_read_is_told_apart_from_a_wrong_one(tmp_path):
    bad, pipe = written(tmp_path, "b.toml", ""), str(tmp_path / "pipe")
    os.mkfifo(pipe)
    for file, words in ((str(tmp_path / "none"), "no such file or directory"), (pipe, "not a regular file")):
        code, said = validate([bad, file], CHECKS, as_json=False)
        assert code is Exit.COULD_NOT_RUN
        assert said.splitlines()[-1] == f"x {file}:1: expected a file that can be read, found {words}"


def test_validate_as_json_says_the_same(tmp_path):
    good, bad = written(tmp_path, "g.toml", header()), written(tmp_path, "b.toml", header() + "[grace]\ndays = 91")
    code, said = validate([good, bad], CHECKS, as_json=True)
    fault = Fault(
        flaw=Flaw.OUT_OF_RANGE,
        file=bad,
        line=7,
        key="grace.days",
        expected="a whole number from 0 to 90",
        found="91",
    )
    names = ("flaw", "file", "line", "key", "expected", "found")
    assert code is Exit.NOT_COMPLIANT
    assert json.loads(said) == {
        "schema": "scrubin/policy-validate/1",
        "files": [
            {"file": good, "valid": True, "layer": "practice", "id": "the-practice", "version": "7"},
            {"file": bad, "valid": False, "faults": [{name: getattr(fault, name) for name in names}]},
        ],
    }


def test_the_schema_can_be_given_to_an_editor():
    schema = json.loads(schema_text(CHECKS))
    jsonschema.Draft202012Validator.check_schema(schema)
    assert "screen_lock" in schema["properties"]["checks"]["properties"]


def test_acknowledging_is_remembered_and_said(tmp_path):
    policy = in_force().policy
    assert acknowledge(str(tmp_path), policy, NOW, as_json=False) == (
        "Noted on 2026-11-21 07:12 UTC: you know the policy of Example Practice, over Shipped.\n"
        "Version practice-7+baseline-1."
    )
    assert acknowledged(str(tmp_path), policy) == NOW
    assert json.loads(acknowledge(str(tmp_path), policy, NOW, as_json=True)) == {
        "schema": "scrubin/policy-acknowledge/1",
        "id": "the-practice+the-baseline",
        "version": "practice-7+baseline-1",
        "acknowledged_at": "2026-11-21T07:12:00+00:00",
    }


def test_hostile_text_is_never_shown_as_it_is(tmp_path):
    file = written(tmp_path, "\x1b[2J.toml", header() + '"\\u001b[2J" = "\\u202e"\n')
    for as_json in (False, True):
        assert "\x1b" not in validate([file], CHECKS, as_json=as_json)[1]
    assert "\\x1b[2J.toml" in validate([file], CHECKS, as_json=False)[1]
