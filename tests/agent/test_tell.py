"""What the clinician reads, held as golden files: `pytest --accept` rewrites them, and the reviewer reads the diff."""

import re
import tomllib
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from fakes import NOON, laptop, rule_for

import agent.demo
from agent.closing import closing
from agent.collect.catalog import PROBES
from agent.collect.host import LocalHost
from agent.collect.recorded import RecordedHost, load
from agent.identity import describe
from agent.runner import Audit, Subject, audit
from agent.tell import Manner, clock, device_line, tell
from checks.attest import Terms
from checks.catalog import CATALOG
from checks.model import Attestation, Level, Overall, Ownership, Status, Waiver, Word
from checks.rollup import rollup
from checks.spec import Saw
from reports.envelope import Proof
from reports.render import plain

ROOT = Path(__file__).parents[1]
PHONES = Path(agent.demo.__file__).parent / "phones"
CASES = {
    "gnome-good": "laptops/gnome-good",
    "gnome-long-delay": "gnome-lock/long-delay",
    "kde-autolock-off": "kde-lock/autolock-off",
    "nextcloud-pictures-inside": "sync-nextcloud/pictures-inside",
    "plain-disk": "encryption/plain-disk",
    "old-ubuntu": "updates/ubuntu2004-ended",
}
MANNER = Manner(contacts=("Practice IT: 02 5550 1234",), notes=("Sent to your practice.",))


class Asking:
    id, version = "example", "practice-7"

    def rule(self, check: Any, ownership: Any) -> Any:
        optional = check.id in {"updates", "shared_use"}
        return rule_for(check.limits(), level=Level.RECOMMENDED if optional else Level.REQUIRED)


def audited(case: str) -> Audit:
    host = load(str(ROOT / "recordings" / "linux" / case), LocalHost())
    subject = Subject(device=laptop(), host=host, door=LocalHost(), checks=CATALOG, probes=PROBES[host.platform])
    return audit(subject, Asking(), clock=host.now)


def told(*audits: Audit, manner: Manner = MANNER) -> str:
    return tell(audits, at=datetime(2026, 11, 21, 7, 12, tzinfo=UTC), took_s=1.4, manner=manner)


def held(name: str, text: str, *, accept: bool) -> None:
    path = ROOT / "golden" / name
    if accept:
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    assert text == path.read_text()


@pytest.mark.parametrize("name", CASES)
def test_answer_reads_as_it_did(name: str, request: pytest.FixtureRequest) -> None:
    held(f"check-{name}.txt", told(audited(CASES[name])), accept=request.config.getoption("--accept"))


def test_plain_form_reads_as_it_did(request: pytest.FixtureRequest) -> None:
    text = plain.render(audited("laptops/gnome-good").report)
    head, _, rest = text.partition("\n")
    assert head == "2026-11-21T12:00:00Z laptop 11111111-2222-4333-8444-555555555555"
    held("check-gnome-good.plain.txt", rest, accept=request.config.getoption("--accept"))


@pytest.mark.parametrize("name", ["good", "bad"])
def test_answer_about_a_phone_reads_as_it_did(name: str, request: pytest.FixtureRequest) -> None:
    done = phone_audited(name)
    manner = replace(MANNER, asks=True, closing=tuple(todo for one in (done,) if (todo := closing(one))))
    text = told(done, manner=manner)
    held(f"check-phone-{name}.txt", text, accept=request.config.getoption("--accept"))
    assert all(len(line) <= 80 for line in text.splitlines() if "scrubin check --saw" not in line)
    assert "laptop" not in text.replace("this laptop", "")


def phone_audited(name: str) -> Audit:
    """A phone of the demo, on the cable."""
    index = tomllib.loads((PHONES / name / "recording.toml").read_text().replace("@recent-patch@", "2026-11-05"))
    index["environment"] = {"ADB_ROUTE": "usb"}
    host = RecordedHost(index, {})
    device = describe(host, device_id=laptop().id, platform=host.platform, ownership=Ownership.PERSONAL)
    subject = Subject(device=device, host=host, door=LocalHost(), checks=CATALOG, probes=PROBES[host.platform])
    return audit(subject, Asking(), clock=host.now)


@pytest.mark.parametrize("name", CASES)
def test_every_line_fits_eighty_columns_and_no_placeholder_is_left(name: str) -> None:
    text = told(audited(CASES[name]), manner=replace(MANNER, everything=True))
    assert all(len(line) <= 80 for line in text.splitlines())
    assert "{" not in text


def changed(done: Audit, **changes: Any) -> Audit:
    return replace(done, report=replace(done.report, **changes))


def test_ready_needs_every_required_check() -> None:
    done = audited("laptops/gnome-good")
    passed = tuple(replace(one, status=Status.PASS) for one in done.report.findings)
    assert told(changed(done, findings=passed, overall=Overall.COMPLIANT)).startswith("Ready for your shift.")


@pytest.mark.parametrize("change", [{"status": Status.NOT_APPLICABLE}, {"level": Level.OFF}])
def test_ready_needs_something_that_passed(change: dict[str, Any]) -> None:
    done = audited("laptops/gnome-good")
    findings = tuple(replace(one, **change) for one in done.report.findings)
    text = told(changed(done, findings=findings, overall=rollup(findings, proven=True)))
    assert text.startswith("Can't tell: none of the checks that your practice requires has passed.")


def test_unproven_answer_is_not_believed() -> None:
    done = audited("laptops/gnome-good")
    passed = tuple(replace(one, status=Status.PASS) for one in done.report.findings)
    text = told(changed(done, findings=passed, proof=Proof(planted=6, found=5)))
    assert text.startswith("Can't tell: this check did not prove itself")
    assert "Only 5 of 6 planted bad settings were found." in text


def test_waived_finding_is_marked_with_its_end_and_does_not_count() -> None:
    done = audited("gnome-lock/long-delay")
    lock = done.report.findings[0]
    waiver = Waiver(uid=lock.uid, who="it", why="new laptop", until=NOON + timedelta(days=13))
    text = told(changed(done, findings=(replace(lock, waiver=waiver), *done.report.findings[1:])))
    assert "  ~ screen lock" in text
    assert "Waived until 4 Dec 2026." in " ".join(text.split())
    assert text.startswith("1 thing to fix")


SAID = Attestation(saw=Word.OFF, at=NOON, until=NOON + timedelta(days=30), counts=True)
TERMS = {"cloud_backup": Terms(saw=Saw(good=Word.OFF, bad=Word.ON), counts=True, days=30)}


def looked_up(said: Attestation, **changes: Any) -> Audit:
    """The laptop whose photo upload could not be seen, and what its person says of it."""
    done = replace(audited("sync-mega/runs"), terms=TERMS)
    findings = tuple(
        replace(one, status=Status.UNKNOWN, attestation=said, **changes) if one.check_id == "cloud_backup"
        else replace(one, status=Status.PASS)
        for one in done.report.findings
    )  # fmt: skip
    return changed(done, findings=findings, overall=rollup(findings, proven=True))


def test_what_was_seen_by_the_person_reads_as_it_did(request: pytest.FixtureRequest) -> None:
    held("check-seen-by-you.txt", told(looked_up(SAID)), accept=request.config.getoption("--accept"))


def test_word_that_counts_is_nothing_to_look_at_and_is_told_as_the_persons_own() -> None:
    text = told(looked_up(SAID))
    assert text.startswith("Ready for your shift.")
    assert "  = photo upload     Seen by you on 21 Nov; counts until 21 Dec 2026.\n" in text
    assert "photo upload" not in text.split(" OK ")[1]


def test_parts_that_read_alike_are_told_once() -> None:
    done = audited("gnome-lock/long-delay")
    (lock,) = (one for one in done.examined if one.finding.check_id == "screen_lock")
    twice = replace(lock, points=lock.points * 2)
    again = replace(done, examined=tuple(twice if one is lock else one for one in done.examined))
    assert told(again) == told(done)


def test_word_that_does_not_count_leaves_the_question_and_its_steps() -> None:
    text = told(looked_up(replace(SAID, counts=False)))
    assert text.startswith("Can't tell yet: 1 thing to look at.")
    assert "  ? photo upload" in text
    assert "Seen by you on 21 Nov: off; your practice does not count it." in " ".join(text.split())


def test_bad_news_is_told_with_the_steps_even_where_only_recommended() -> None:
    bad = replace(SAID, saw=Word.ON, counts=False)
    text = " ".join(told(looked_up(bad, level=Level.RECOMMENDED)).split())
    assert "Seen by you on 21 Nov: on. Recommended only." in text
    good = " ".join(told(looked_up(replace(SAID, counts=False), level=Level.RECOMMENDED)).split())
    assert "Open MEGA Desktop App" in text
    assert "Open MEGA Desktop App" not in good


def test_day_of_the_look_is_that_of_the_persons_own_clock() -> None:
    at = datetime(2026, 11, 22, 7, 12, tzinfo=timezone(timedelta(hours=13)))
    text = tell([looked_up(SAID)], at=at, took_s=1, manner=MANNER)
    assert "Seen by you on 22 Nov; counts until 22 Dec 2026." in text


def test_finding_both_waived_and_settled_says_both() -> None:
    waiver = Waiver(uid="u", who="it", why="w", until=NOON + timedelta(days=13))
    text = " ".join(told(looked_up(SAID, waiver=waiver)).split())
    assert "= photo upload Seen by you on 21 Nov; counts until 21 Dec 2026. Waived until 4 Dec 2026." in text


def test_plain_form_says_whose_word_it_is_and_when_it_ends() -> None:
    (line,) = (one for one in plain.render(looked_up(SAID).report).splitlines() if " cloud_backup " in one)
    assert line.startswith("laptop cloud_backup unknown ")
    assert line.endswith(" attested=off attested_counts=true attested_until=2026-12-21T12:00:00Z")
    assert "attested" not in plain.render(audited("laptops/gnome-good").report)


def test_steps_for_what_is_only_recommended_and_unseen_wait_for_all() -> None:
    done = audited("encryption/plain-disk")
    assert "cat /etc/os-release" not in " ".join(told(done).split())
    assert "cat /etc/os-release" in " ".join(told(done, manner=replace(MANNER, everything=True)).split())


def test_colour_is_put_on_the_mark_and_never_on_the_sentence() -> None:
    done = audited("gnome-lock/long-delay")
    text = told(done, manner=replace(MANNER, colour=True))
    assert "\x1b[1;31mx\x1b[0m screen lock" in text

    assert re.sub(r"\x1b\[[0-9;]*m", "", text) == told(done)


def test_two_devices_are_one_answer() -> None:
    text = told(audited("gnome-lock/long-delay"), audited("laptops/gnome-good"))
    assert text.startswith("2 things to fix before your shift")
    assert text.count("\nThis laptop, Debian 12, your own\n") == 2


@pytest.mark.parametrize(
    ("hour", "minute", "said"), [(0, 5, "12:05 am"), (7, 12, "7:12 am"), (12, 0, "12:00 pm"), (23, 59, "11:59 pm")]
)
def test_clock_is_the_wall_clock_of_a_clinic(hour: int, minute: int, said: str) -> None:
    assert clock(datetime(2026, 11, 21, hour, minute, tzinfo=UTC)) == said


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({}, "This laptop, Debian 12, your own"),
        ({"os_version": "opensuse-leap 15.6", "ownership": Ownership.PRACTICE_OWNED},
         "This laptop, Opensuse-leap 15.6, the practice's"),
        ({"os_version": "", "ownership": Ownership.DEDICATED_CAMERA}, "This laptop, Linux, the practice's camera"),
        ({"os_version": "arch"}, "This laptop, Arch Linux, your own"),
    ],
)  # fmt: skip
def test_device_is_named_as_people_do(changes: dict[str, Any], line: str) -> None:
    assert device_line(laptop(**changes)) == line
