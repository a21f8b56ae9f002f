"""The commands as a person types them, on this very machine and on recordings."""

import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import reports
from agent.cli import COMMANDS, main

ROOT = Path(__file__).parents[2]
GNOME = ROOT / "tests" / "recordings" / "linux" / "gnome-lock" / "lock-disabled"
GOOD = ROOT / "tests" / "recordings" / "linux" / "laptops" / "gnome-good"
SCHEMA = json.loads((Path(reports.__file__).parent / "schemas" / "check-1.json").read_text())
IMAGES_OPTIONAL = """\
schema = "scrubin/policy/1"
layer = "practice"
id = "example"
version = "7"
name = "Example Practice"
[contacts.it]
label = "IT"
phone = "02 5550 1234"
[checks.remote_wipe]
accepted = ["fleet"]
[checks.clinical_images]
level = "recommended"
reason = "until the finder is there"
"""

IMAGES = "clinical_images"


@pytest.fixture(autouse=True)
def own_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("SCRUBIN_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("SCRUBIN_SYSTEM_CONFIG", str(tmp_path / "etc"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))
    before = signal.getsignal(signal.SIGINT)
    yield tmp_path
    signal.signal(signal.SIGINT, before)


class Said:
    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@pytest.fixture
def scrubin(capsys: pytest.CaptureFixture[str]):
    def run(*argv: str) -> Said:
        try:
            code = main(argv)
        except SystemExit as end:
            code = int(end.code or 0)
        heard = capsys.readouterr()
        return Said(code, heard.out, heard.err)

    return run


def practice(folder: Path, text: str, name: str = "practice.toml") -> Path:
    path = folder / "etc" / "policy.d" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_check_of_this_laptop_prints_one_json_object_of_the_schema(scrubin) -> None:
    said = scrubin("check", "--json")
    jsonschema.validate(said.json, SCHEMA)
    (report,) = said.json["reports"]
    assert report["proof"]["state"] == "proven"
    assert said.code == {"compliant": 0, "not_compliant": 1, "cannot_tell": 2}[report["overall"]]
    assert {one["check_id"] for one in report["findings"]} >= {"screen_lock", "clinical_images"}


def test_recording_of_a_bad_laptop_is_not_compliant(scrubin) -> None:
    said = scrubin("check", "--from", str(GNOME), "--json")
    jsonschema.validate(said.json, SCHEMA)
    assert said.code == 1
    assert said.json["reports"][0]["device"]["id"] == scrubin("check", "--from", str(GNOME), "--json").json["reports"][
        0]["device"]["id"]  # fmt: skip


def test_recording_of_a_good_laptop_cannot_tell_for_it_holds_no_pictures(scrubin) -> None:
    said = scrubin("check", "--from", str(GOOD))
    assert said.code == 2
    assert said.out.startswith("Can't tell yet: 2 things to look at.")
    assert "clinical images  The recording does not hold this answer." in said.out


def test_good_laptop_is_ready_where_the_practice_does_not_ask_for_images(scrubin, own_places: Path) -> None:
    practice(own_places, IMAGES_OPTIONAL)
    said = scrubin("check", "--from", str(GOOD))
    assert said.code == 0, said.out
    assert said.out.startswith("Ready for your shift.")
    assert "a changed setting can change it" in said.out
    assert "IT" in said.out


def test_plain_form_is_a_line_a_finding(scrubin) -> None:
    said = scrubin("check", "--from", str(GNOME), "--plain")
    assert "laptop screen_lock fail lock_off" in said.out
    assert said.out.endswith("rollup not_compliant\n")


def test_without_photos_the_images_are_unknown_and_nothing_is_kept(scrubin, own_places: Path) -> None:
    said = scrubin("check", "--no-photos", "--json")
    (images,) = [one for one in said.json["reports"][0]["findings"] if one["check_id"] == "clinical_images"]
    assert (images["status"], images["measures"]["reasons"]) == ("unknown", ["not_asked"])
    assert not (own_places / "state" / "status.json").exists()


def test_whole_check_leaves_a_status_that_status_reads(scrubin) -> None:
    first = scrubin("check", "--json")
    said = scrubin("status", "--json")
    assert said.json["last"]["overall"] == first.json["reports"][0]["overall"]
    assert said.code == first.code
    assert scrubin("status").out.count("\n") >= 2


def test_status_before_any_check_cannot_tell(scrubin) -> None:
    assert scrubin("status").code == 2
    assert "scrubin check" in scrubin("status").out


@pytest.mark.parametrize(
    "argv",
    [
        ["chekc"], ["check", "--nope"], ["explain", "no_such_check"], ["explain", "screen_lok"], ["policy"],
        ["explain", "usb_debuging"], ["check", "--photos", "--no-photos"], ["report"], ["record"],
        ["check", "--from", "tests", "--device", "phones"],
        ["policy", "show", "--why", "nope"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_wrong_use_is_64_with_one_line(scrubin, argv: list[str]) -> None:
    said = scrubin(*argv)
    assert said.code == 64
    assert said.err.startswith("scrubin")
    assert said.out == ""


def test_mistyped_command_is_guessed(scrubin) -> None:
    assert 'Did you mean "check"?' in scrubin("chekc").err
    assert 'Did you mean "screen_lock"?' in scrubin("explain", "screen_lok").err


@pytest.mark.parametrize("device", ["phones", "R58N12"])
def test_phones_could_not_run(scrubin, device: str) -> None:
    said = scrubin("check", "--device", device)
    assert (said.code, said.out) == (3, "")


def test_folder_that_is_no_recording_could_not_run(scrubin, tmp_path: Path) -> None:
    said = scrubin("check", "--from", str(tmp_path))
    assert said.code == 3
    assert "no recording" in said.err


def test_wrong_policy_named_by_hand_is_refused_with_file_line_and_key(scrubin, tmp_path: Path) -> None:
    bad = tmp_path / "bad.toml"
    bad.write_text(IMAGES_OPTIONAL.replace('"recommended"', '"maybe"'))
    said = scrubin("check", "--policy", str(bad))
    assert said.code == 3
    assert "checks.clinical_images.level" in said.err
    assert ":12: " in said.err
    assert "required" in said.err


def test_wrong_policy_of_the_practice_leaves_the_last_good_one_in_force(scrubin, own_places: Path) -> None:
    path = practice(own_places, IMAGES_OPTIONAL)
    assert scrubin("check", "--from", str(GOOD)).code == 0
    path.write_text("layer = 7")
    said = scrubin("check", "--from", str(GOOD))
    assert said.code == 0
    assert "refused" in said.out


def test_waiver_of_the_practice_is_a_note_on_the_finding(scrubin, own_places: Path) -> None:
    first = scrubin("check", "--json").json["reports"][0]["findings"]
    bad = next(one for one in first if one["status"] != "pass")
    path = own_places / "etc" / "waivers.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    until = (datetime.now(UTC) + timedelta(days=30)).strftime("%Y-%m-%dT%H:%M:%SZ")
    path.write_text(f'[[waiver]]\nuid = "{bad["uid"]}"\nwho = "IT"\nwhy = "soon"\nuntil = {until}\n')
    said = scrubin("check", "--json").json
    jsonschema.validate(said, SCHEMA)
    (again,) = [one for one in said["reports"][0]["findings"] if one["uid"] == bad["uid"]]
    assert (again["status"], again["waiver"]) == (bad["status"], {"uid": bad["uid"], "until": until})
    path.write_text("[")
    assert "nothing is waived" in scrubin("check").out


def test_own_policy_folder_does_not_count_beside_the_practices(scrubin, own_places: Path) -> None:
    own = own_places / "config" / "scrubin" / "policy.d" / "mine.toml"
    own.parent.mkdir(parents=True)
    own.write_text(IMAGES_OPTIONAL.replace('"practice"', '"hospital"').replace('"7"', '"99"'))
    assert "hospital-99" in scrubin("policy", "show").out
    practice(own_places, IMAGES_OPTIONAL)
    assert "hospital-99" not in scrubin("policy", "show").out


def test_policy_named_by_hand_is_a_trial_and_is_not_kept(scrubin, own_places: Path) -> None:
    trial = own_places / "trial.toml"
    trial.write_text(IMAGES_OPTIONAL)
    assert "practice-7" in scrubin("check", "--policy", str(trial), "--json").out
    assert not (own_places / "state" / "status.json").exists()


def test_last_check_of_long_ago_is_nothing_to_go_by(scrubin, own_places: Path) -> None:
    scrubin("check")
    status = own_places / "state" / "status.json"
    body = json.loads(status.read_text())
    status.write_text(json.dumps({**body, "generated_at": "2020-01-01T00:00:00Z"}))
    rows = {row["name"]: row["status"] for row in scrubin("doctor", "--json").json["rows"]}
    assert rows["last check"] == "unknown"


def test_recording_is_never_taken_for_this_laptop(scrubin) -> None:
    assert "about a recording made at" in scrubin("check", "--from", str(GOOD)).out
    assert "about a recording made at" in scrubin("check", "--from", str(GOOD), "--plain").err
    assert "recording" not in scrubin("check").out


def test_report_show_is_what_is_sent_byte_for_byte(scrubin, own_places: Path) -> None:
    drop = own_places / "drop"
    agent = own_places / "etc" / "agent.toml"
    agent.parent.mkdir(parents=True, exist_ok=True)
    agent.write_text(f'[deliver]\ntransport = "folder"\nfolder = "{drop}"\n')
    said = scrubin("check")
    assert "waits here" in said.out
    shown = scrubin("report", "--show").out
    drop.mkdir()
    os.utime(own_places / "state" / "outbox.sqlite")
    sent = wait_for_delivery(scrubin, drop)
    assert shown in {f"{body}\n" for body in sent}


def test_report_sent_is_what_left_last_byte_for_byte(scrubin, own_places: Path) -> None:
    assert scrubin("report", "--sent").out == ""
    (own_places / "drop").mkdir()
    (own_places / "etc").mkdir(exist_ok=True)
    (own_places / "etc" / "agent.toml").write_text(
        f'[deliver]\ntransport = "folder"\nfolder = "{own_places / "drop"}"\n'
    )
    assert "scrubin report --sent" in scrubin("check").out
    (sent,) = (own_places / "drop").glob("*.json")
    assert scrubin("report", "--sent").out == f"{sent.read_text()}\n"


def wait_for_delivery(scrubin, drop: Path) -> list[str]:
    """Checks until the queue has tried again: after a failure it waits for up to a minute of its own clock."""
    from datetime import timedelta

    from agent import desk as desks
    from agent.keep import outbox
    from agent.send import transport

    desk = desks.open_desk()
    way = transport(desk.config, desk.places)
    assert way is not None
    outbox(desk).deliver_due(way, now=desks.now() + timedelta(hours=2))
    return [path.read_text() for path in drop.glob("*.json")]


def test_report_show_without_a_queue_makes_one_and_queues_nothing(scrubin, own_places: Path) -> None:
    said = scrubin("report", "--show")
    assert json.loads(said.out)["schema"] == "scrubin/report/1"
    assert not (own_places / "state" / "status.json").exists()


def test_explain_shows_evidence_only_on_asking(scrubin) -> None:
    without = scrubin("explain", "screen-lock", "--from", str(GNOME))
    with_it = scrubin("explain", "screen_lock", "--from", str(GNOME), "--evidence")
    assert "locks = False" not in without.out
    assert "locks = False" in with_it.out
    assert "R1" in without.out
    assert scrubin("explain", "screen_lock", "--from", str(GNOME), "--evidence", "--json").json["status"] == "fail"


def test_doctor_tells_what_is_seen_and_what_is_missing(scrubin) -> None:
    said = scrubin("doctor")
    assert said.code in (0, 1, 2)
    assert "planted bad settings" in said.out
    assert {row["status"] for row in scrubin("doctor", "--json").json["rows"]} >= {"pass"}


def test_policy_commands(scrubin, own_places: Path) -> None:
    path = practice(own_places, IMAGES_OPTIONAL)
    assert "practice" in scrubin("policy", "show", "--why", "clinical_images").out
    assert scrubin("policy", "validate", str(path)).code == 0
    assert scrubin("policy", "schema").json["$schema"].startswith("https://json-schema.org")
    assert scrubin("policy", "acknowledge").code == 0


def test_recording_of_this_laptop_is_judged_like_this_laptop(scrubin, own_places: Path) -> None:
    folder = own_places / "recording"
    assert scrubin("record", str(folder)).code == 0
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    live = scrubin("check", "--json").json["reports"][0]["findings"]
    again = scrubin("check", "--from", str(folder), "--json").json["reports"][0]["findings"]
    pictures = [one["measures"]["reasons"] for found in (live, again) for one in found if one["check_id"] == IMAGES]
    assert pictures == [["not_consented"], ["not_recorded"]]
    assert [(one["check_id"], one["status"], one["measures"]) for one in again if one["check_id"] != IMAGES] == [
        (one["check_id"], one["status"], one["measures"]) for one in live if one["check_id"] != IMAGES
    ]
    assert scrubin("record", str(folder)).code == 3


def test_no_arguments_explain_in_six_lines(scrubin) -> None:
    said = scrubin()
    assert (said.code, said.out.count("\n")) == (0, 6)
    assert all(len(line) <= 80 for line in said.out.splitlines())


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_has_help(scrubin, command: str) -> None:
    said = scrubin(command, "--help")
    assert said.code == 0
    assert COMMANDS[command][0] in said.out


def test_text_fits_a_terminal(scrubin) -> None:
    for argv in (["check"], ["check", "--all"], ["doctor"], ["explain", "encryption"], ["status"]):
        assert all(len(line) <= 80 for line in scrubin(*argv).out.splitlines()), argv


def process(*argv: str, **changes: str) -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **changes}
    code = "import sys; from agent.cli import main; sys.exit(main())"
    return subprocess.run([sys.executable, "-c", code, *argv], env=environment, capture_output=True, check=False)


def test_reader_that_goes_away_is_no_error() -> None:
    code = "import sys; from agent.cli import main; sys.exit(main(['policy', 'schema']))"
    line = f'{sys.executable} -c "{code}" | true; exit ${{PIPESTATUS[0]}}'
    done = subprocess.run(
        ["bash", "-c", line], env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")


def test_home_that_is_not_there_gives_findings_not_a_traceback(tmp_path: Path) -> None:
    done = process("check", "--json", HOME=str(tmp_path / "gone"))
    jsonschema.validate(json.loads(done.stdout), SCHEMA)
    assert b"Traceback" not in done.stderr


def test_state_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = process("check", SCRUBIN_STATE=str(tmp_path / "file" / "state"))
    assert done.returncode == 3
    assert b"Traceback" not in done.stderr
    assert done.stderr.startswith(b"scrubin: ")


def test_other_locale_changes_no_verdict() -> None:
    plain = [
        json.loads(process("check", "--json", LANG=one, LC_ALL=one, LANGUAGE="de").stdout)
        for one in ("C", "de_DE.UTF-8")
    ]
    statuses = [[one["status"] for one in each["reports"][0]["findings"]] for each in plain]
    assert statuses[0] == statuses[1]


def test_version_loads_next_to_nothing() -> None:
    code = (
        "import sys; from agent.cli import main\n"
        "try: main(['--version'])\n"
        "finally: print(list(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.startswith("scrubin ")
    for heavy in ("psutil", "sqlite3", "rich", "keyring", "watchdog", "tomllib", "dataclasses", "typing"):
        assert f"'{heavy}'" not in done.stderr
