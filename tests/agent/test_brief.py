"""One line: the judgement of `scrubin check`, or what the last ones left while it counts; never ready on old facts."""

import signal
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fakes import NOON, laptop, phone

from agent import __version__
from agent.brief import Brief, aged, fresh, last
from agent.cli import main
from agent.collect.host import LocalHost
from agent.config import Config
from agent.desk import Desk
from agent.exits import Exit
from agent.places import Places
from agent.policy_source import policy_in_force
from checks.catalog import CATALOG
from checks.evaluate import uid
from checks.model import Attestation, Device, Finding, Kind, Level, Severity, Status, Waiver, Word
from checks.rollup import rollup
from reports.envelope import Proof, Report, to_bytes

GOOD = Path(__file__).parents[1] / "recordings" / "linux" / "laptops" / "gnome-good"
AGREES = (
    'schema = "scrubin/policy/1"\nlayer = "practice"\nid = "example"\nversion = "7"\nname = "Example Practice"\n'
    '[checks.remote_wipe]\naccepted = ["fleet"]\n[checks.clinical_images]\nlevel = "recommended"\n'
)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    state = tmp_path / "state"
    state.mkdir()
    return Desk(
        places=Places(state=state, runtime=tmp_path, config=tmp_path, system_config=tmp_path),
        config=Config(), door=LocalHost(environ={"HOME": "/"}), explicit_policy=False,
        in_force=policy_in_force(CATALOG, folders=(), state_dir=str(state), now=NOON),
    )  # fmt: skip


def finding(check_id: str, device: Device, status: Status = Status.PASS, **changes: object) -> Finding:
    plain = Finding(
        uid=uid(device.id, "owner", check_id), check_id=check_id, title="x", severity=Severity.HIGH,
        level=Level.REQUIRED, device_id=device.id, profile="owner", status=status, because="x",
        measures={"reasons": ()}, source="device", observed_at=NOON,
    )  # fmt: skip
    return replace(plain, **changes)  # type: ignore[arg-type]


def report(desk: Desk, device: Device, *special: Finding, proven: bool = True) -> Report:
    """All is well but what is said."""
    named = {one.check_id: one for one in special}
    asked = [one.id for one in CATALOG if device.platform in one.platforms]
    findings = tuple(named.get(one) or finding(one, device) for one in asked)
    proof = Proof(planted=1, found=1 if proven else 0)
    return Report(
        id="22222222-2222-4222-8222-000000000001", agent_version=__version__, device=device,
        overall=rollup(findings, proven=proven), policy_id=desk.in_force.policy.id,
        policy_version=desk.in_force.policy.version, proof=proof, generated_at=NOON, findings=findings,
    )  # fmt: skip


def kept(desk: Desk, *reports: Report) -> None:
    for one in reports:
        path = desk.places.kept(one.device.id if one.device.kind is Kind.PHONE else None).last_report
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(to_bytes(one))


def said(desk: Desk, **later: float) -> tuple[Exit, str]:
    brief = last(desk, NOON + timedelta(**later))
    return brief.code, brief.line()


PIXEL = phone(model="Pixel 9a")


def test_ready_names_what_was_looked_at(desk: Desk) -> None:
    kept(desk, report(desk, laptop()), report(desk, PIXEL))
    assert said(desk) == (Exit.COMPLIANT, "Ready for your shift (this laptop, Pixel 9a).")
    assert last(desk, NOON + timedelta(hours=3)).age == timedelta(hours=3)


def test_what_is_to_fix_is_counted_over_all_devices(desk: Desk) -> None:
    broken = finding("screen_lock", PIXEL, Status.FAIL)
    kept(desk, report(desk, laptop(), finding("encryption", laptop(), Status.FAIL)), report(desk, PIXEL, broken))
    assert said(desk) == (Exit.NOT_COMPLIANT, "2 things to fix before your shift. See: scrubin page")


def test_without_any_check_nothing_is_known(desk: Desk) -> None:
    line = "Can't tell yet: this laptop has not been checked. See: scrubin page"
    assert said(desk) == (Exit.CANNOT_TELL, line)
    kept(desk, report(desk, PIXEL))
    assert said(desk) == (Exit.CANNOT_TELL, line)


def oldest_allowed(desk: Desk) -> int:
    rules = [desk.in_force.policy.rule(one, laptop().ownership) for one in CATALOG]
    return min(one.max_age_days for one in rules)


def test_what_is_older_than_the_policy_allows_is_not_known_any_more(desk: Desk) -> None:
    kept(desk, report(desk, laptop()))
    days = oldest_allowed(desk)
    assert said(desk, days=days)[0] is Exit.COMPLIANT
    assert said(desk, days=days, seconds=1)[0] is Exit.CANNOT_TELL
    assert said(desk, days=400)[0] is Exit.CANNOT_TELL


def test_an_old_failure_is_no_longer_known_either(desk: Desk) -> None:
    kept(desk, report(desk, laptop(), finding("encryption", laptop(), Status.FAIL)))
    assert said(desk, days=400) == (Exit.CANNOT_TELL, "Can't tell yet: 7 things to look at. See: scrubin page")


def test_a_phone_that_was_not_here_for_long_keeps_one_from_being_ready(desk: Desk) -> None:
    old = report(desk, PIXEL)
    old = replace(old, findings=tuple(replace(one, observed_at=NOON - timedelta(days=60)) for one in old.findings))
    kept(desk, report(desk, laptop()), old)
    assert said(desk)[0] is Exit.CANNOT_TELL


def policy_changed(one: Report) -> Report:
    return replace(one, policy_version="another")


def new_check(one: Report) -> Report:
    return replace(one, findings=one.findings[1:])


def unproven(one: Report) -> Report:
    return replace(one, proof=Proof(planted=1, found=0))


def from_the_future(one: Report) -> Report:
    return replace(one, findings=tuple(replace(f, observed_at=NOON + timedelta(days=1)) for f in one.findings))


def nothing_looked_at(one: Report) -> Report:
    return replace(one, findings=tuple(replace(f, status=Status.NOT_APPLICABLE) for f in one.findings))


@pytest.mark.parametrize("change", [policy_changed, new_check, unproven, from_the_future, nothing_looked_at])
def test_it_is_never_ready_on_facts_that_do_not_count(desk: Desk, change: Callable[[Report], Report]) -> None:
    kept(desk, change(report(desk, laptop())))
    code, line = said(desk)
    assert code is Exit.CANNOT_TELL
    assert line.startswith("Can't tell")


@pytest.mark.parametrize("text", [b"", b"{}", b"\xff", b"[" * 10_000])
def test_a_damaged_report_is_none(desk: Desk, text: bytes) -> None:
    kept(desk, report(desk, laptop()), report(desk, PIXEL))
    desk.places.kept(PIXEL.id).last_report.write_bytes(text)
    assert said(desk) == (Exit.CANNOT_TELL, "Can't tell yet: 1 thing to look at. See: scrubin page")
    desk.places.kept().last_report.write_bytes(text)
    assert said(desk)[0] is Exit.CANNOT_TELL


def test_a_waiver_and_ones_own_word_count_until_they_end(desk: Desk) -> None:
    until = NOON + timedelta(hours=5)
    waived = Waiver(uid="x", who="", why="", until=until)
    looked = Attestation(saw=Word.OFF, at=NOON, until=until, counts=True)
    kept(desk, report(
        desk, laptop(), finding("encryption", laptop(), Status.FAIL, waiver=waived),
        finding("cloud_backup", laptop(), Status.UNKNOWN, attestation=looked),
    ))  # fmt: skip
    assert said(desk, hours=4)[0] is Exit.COMPLIANT
    assert said(desk, hours=5) == (
        Exit.NOT_COMPLIANT, "1 thing to fix before your shift, 1 to look at. See: scrubin page"
    )  # fmt: skip


def test_aged_changes_nothing_of_what_is_fresh(desk: Desk) -> None:
    one = report(desk, laptop())
    assert [f.status for f in aged(one, desk.in_force.policy, NOON).findings] == [f.status for f in one.findings]


def test_a_crowd_of_phones_stays_one_line_and_their_names_are_safe_to_show(desk: Desk) -> None:
    phones = [phone(model=f"Evil\x1b[31m\n{number}" if number == 1 else "Phone") for number in range(1, 9)]
    brief = fresh([report(desk, one) for one in (*phones, laptop())], unready=0, code=Exit.COMPLIANT)
    assert brief.devices[0] == "this laptop"
    assert brief.devices[-1] == "and 5 more"
    assert "\n" not in brief.line()
    assert "\x1b" not in brief.line()


def test_a_phone_that_was_not_ready_is_one_thing_to_look_at(desk: Desk) -> None:
    brief = fresh([report(desk, laptop())], unready=1, code=Exit.CANNOT_TELL)
    assert brief.line() == "Can't tell yet: 1 thing to look at. See: scrubin page"


def test_the_age_stands_in_the_line() -> None:
    ready = Brief(code=Exit.COMPLIANT, answer="Ready for your shift.", devices=("this laptop",))
    assert ready.line("checked 3 hours ago") == "Ready for your shift (this laptop), checked 3 hours ago."


class Said:
    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err


@pytest.fixture
def scrubin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Callable[..., Said]]:
    for name, folder in (
        ("SCRUBIN_STATE", "state"), ("SCRUBIN_SYSTEM_CONFIG", "etc"), ("XDG_CONFIG_HOME", "config"),
        ("XDG_RUNTIME_DIR", "run"),
    ):  # fmt: skip
        monkeypatch.setenv(name, str(tmp_path / folder))
    before = signal.getsignal(signal.SIGINT)

    def run(*argv: str) -> Said:
        code = main(argv)
        heard = capsys.readouterr()
        return Said(code, heard.out, heard.err)

    yield run
    signal.signal(signal.SIGINT, before)


def one_line(said: Said) -> str:
    assert said.out.count("\n") == 1
    assert said.err == ""
    return said.out


def test_brief_says_in_one_line_what_check_says_and_is_kept_alike(scrubin: Callable[..., Said], tmp_path: Path) -> None:
    told = scrubin("check", "--device", "laptop")
    brief = scrubin("check", "--device", "laptop", "--brief")
    assert brief.code == told.code
    assert one_line(brief).startswith(told.out.splitlines()[0].split(".")[0])
    assert (tmp_path / "state" / "last-report.json").exists()
    again = scrubin("check", "--brief", "--last")
    assert again.code == told.code
    assert one_line(again).replace(", checked less than a minute ago", "") == brief.out


def test_a_good_laptop_is_ready_in_one_line(scrubin: Callable[..., Said], tmp_path: Path) -> None:
    (tmp_path / "etc" / "policy.d").mkdir(parents=True)
    (tmp_path / "etc" / "policy.d" / "practice.toml").write_text(AGREES)
    brief = scrubin("check", "--from", str(GOOD), "--brief")
    assert (brief.code, one_line(brief)) == (0, "Ready for your shift (this laptop).\n")


def test_what_could_not_run_is_said_beside_and_nothing_else(scrubin: Callable[..., Said], tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "agent.toml").write_text("[")
    for argv in (("check", "--brief"), ("check", "--brief", "--last")):
        told = scrubin(*argv)
        assert (told.code, told.out) == (3, "")
        assert "the configuration is wrong" in told.err


@pytest.mark.parametrize(
    "argv",
    [("--brief", "--json"), ("--brief", "--plain"), ("--brief", "--all"), ("--last",),
     ("--brief", "--last", "--device", "laptop"), ("--brief", "--last", "--saw", "cloud_backup=off"),
     ("--brief", "--last", "--no-photos"), ("--brief", "--last", "--from", "x"),
     ("--brief", "--last", "--policy", "x"), ("--brief", "--last", "--photo-folder", "x")],
)  # fmt: skip
def test_wishes_that_exclude_each_other_are_refused(scrubin: Callable[..., Said], argv: Sequence[str]) -> None:
    assert scrubin("check", *argv).code == Exit.WRONG_USE


def test_a_look_at_nothing_now_is_from_now(desk: Desk) -> None:
    kept(desk, report(desk, laptop()))
    assert last(desk, datetime(2026, 11, 21, 12, 0, 30, tzinfo=UTC)).age == timedelta(seconds=30)
