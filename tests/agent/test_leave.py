"""`scrubin leave`: a last look on a dated sheet, the practice told, then nothing of the enrolment stays."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from enrolled import Laptop, Person, a_console, asked, enrolled_laptop, own_interrupt, placed
from fake_console import FakeConsole, problem
from fakes import NOON, laptop

from checks.model import Device, Finding, Kind, Level, Overall, Severity, Status
from reports.envelope import Proof, Report
from reports.render.leaving import Part, Sheet, mapping, page, text

fake = pytest.fixture(a_console)
mine = pytest.fixture(enrolled_laptop)


def remains(mine: Laptop) -> set[str]:
    names = {"enrolment.json", "directive.json", "enrolment-begun.json"}
    return {one for one in names if (mine.state / one).exists()} | set(mine.keys)


def test_leaving_looks_once_more_delivers_tells_and_forgets(mine: Laptop, fake: FakeConsole) -> None:
    said = mine.scrubin("leave", "--yes", "--json")
    assert (said.code, said.json["left"]) == (0, True), said.err
    assert len(fake.reports) == 1
    assert [one.path for one in fake.seen][-1] == "/v1/leave"
    assert fake.ended
    assert remains(mine) == set()
    assert mine.scrubin("leave", "--yes").code == 3
    assert mine.scrubin("status", "--json").json["enrolment"] is None


def test_laptop_that_comes_back_goes_on_counting_its_reports(mine: Laptop, fake: FakeConsole) -> None:
    mine.audited()
    assert mine.scrubin("leave", "--yes").code == 0
    fake.uses = 1
    assert mine.enrol(fake).code == 0
    mine.audited()
    assert len(fake.agents) == 1
    assert (fake.breaks, [seq for seq, _ in fake.links.values()]) == ([], [3])


def test_sheet_is_dated_and_says_what_was_not_seen(mine: Laptop) -> None:
    sheet = mine.folder / "sheet.txt"
    assert mine.scrubin("leave", "--yes", "--sheet", str(sheet)).code == 0
    said = sheet.read_text()
    assert "Leaving Example Practice" in said
    assert f"{datetime.now(UTC).astimezone():%B %Y}" in said
    assert "could not be seen" in said, "nobody agreed to pictures being looked at"
    assert "Not seen: " in said
    assert "All reports were delivered. Your practice knows that you have left." in " ".join(said.split())


def test_sheet_as_a_page_loads_nothing(mine: Laptop) -> None:
    sheet = mine.folder / "sheet.html"
    assert mine.scrubin("leave", "--yes", "--sheet", str(sheet)).code == 0
    said = sheet.read_text()
    assert said.startswith("<!doctype html>")
    assert "default-src 'none'" in said
    assert not any(word in said for word in ("<script", "src=", "href="))


def test_file_that_exists_is_not_written_over(mine: Laptop, fake: FakeConsole) -> None:
    sheet = mine.folder / "sheet.txt"
    sheet.write_text("mine")
    assert mine.scrubin("leave", "--yes", "--sheet", str(sheet)).code == 64
    assert (sheet.read_text(), fake.ended) == ("mine", set())


def test_offline_the_key_stays_until_the_practice_is_told(mine: Laptop, fake: FakeConsole) -> None:
    before = remains(mine)
    fake.meddle = lambda request: problem(503, "full")
    said = mine.scrubin("leave", "--yes")
    assert (said.code, "You have not left yet" in said.out) == (2, True)
    assert remains(mine) >= before
    fake.meddle = lambda request: None
    assert mine.scrubin("leave", "--yes").code == 0
    assert remains(mine) == set()


def test_offline_by_choice_says_that_it_must_be_retired(mine: Laptop, fake: FakeConsole) -> None:
    count = len(fake.seen)
    said = mine.scrubin("leave", "--yes", "--offline")
    assert said.code == 0
    assert "Your IT lead has to retire this laptop" in " ".join(said.out.split())
    assert "Not delivered: 1 report." in said.out
    assert len(fake.seen) == count
    assert remains(mine) == set()


def test_practice_that_ended_it_first_leaves_nothing_here_either(mine: Laptop, fake: FakeConsole) -> None:
    fake.ended.add(mine.enrolment["agent_id"])
    said = mine.scrubin("leave", "--yes", "--json")
    assert (said.code, "had ended this enrolment" in said.json["sheet"]["left"]) == (0, True)
    assert remains(mine) == set()


def test_answer_that_was_lost_does_not_keep_anybody(mine: Laptop, fake: FakeConsole) -> None:
    def lose(request: Any) -> Any:
        if request.path != "/v1/leave":
            return None
        fake.meddle = lambda request: None
        fake.answer(request)
        return problem(503, "database")

    fake.meddle = lose
    assert mine.scrubin("leave", "--yes").code == 2
    assert mine.scrubin("leave", "--yes").code == 0
    assert remains(mine) == set()


def test_person_who_stays_is_left_alone(mine: Laptop, fake: FakeConsole) -> None:
    count = len(fake.seen)
    person = Person("")
    code, out = asked("leave", person)
    assert (code, "still enrolled" in out) == (2, True)
    assert "Example Practice" in person.read
    assert len(fake.seen) == count


def test_nobody_at_a_terminal_is_refused(mine: Laptop) -> None:
    assert mine.scrubin("leave").code == 64
    assert "device-key" in mine.keys


def test_key_that_an_interrupted_leave_left_behind_goes_at_the_next(mine: Laptop) -> None:
    (mine.state / "enrolment.json").unlink()
    assert mine.scrubin("leave", "--yes").code == 0
    assert mine.keys == {}


def test_policy_of_the_practice_ends_with_the_enrolment(mine: Laptop, fake: FakeConsole) -> None:
    toml = 'schema = "scrubin/policy/1"\nlayer = "practice"\nid = "example"\nversion = "7"\nname = "Example"\n'
    fake.policy, fake.serial = {"version": "7", "toml": toml}, 2
    mine.scrubin("report", "send")
    assert "practice-7" in mine.scrubin("policy", "show", "--json").json["version"]
    mine.scrubin("leave", "--yes")
    assert "practice-7" not in mine.scrubin("policy", "show", "--json").json["version"]


IMAGES = Finding(
    uid="11111111-1111-5111-8111-111111111111", check_id="clinical_images", title="No clinical image stays",
    severity=Severity.HIGH, level=Level.REQUIRED, device_id=laptop().id, profile="owner", status=Status.PASS,
    because="none", measures={"images": "0", "oldest": "none", "unread": "0", "recordings": "0"}, source="device",
    observed_at=NOON,
)  # fmt: skip


def sheet(images: Finding | None, device: Device | None = None, *, proven: bool = True) -> Sheet:
    report = Report(
        id="22222222-2222-4222-8222-222222222222", agent_version="0.1.0", device=device or laptop(),
        overall=Overall.COMPLIANT, policy_id="x", policy_version="1", proof=Proof(planted=1, found=int(proven)),
        generated_at=NOON, findings=() if images is None else (images,),
    )  # fmt: skip
    return Sheet(practice="P", at=NOON, agent_version="0.1.0", parts=(Part(report=report, images=images),))


def measured(status: Status, **measures: str) -> Finding:
    return replace(IMAGES, status=status, measures={**IMAGES.measures, **measures}, because="not all was seen")


SAYS = [
    (IMAGES, "none found."),
    (measured(Status.FAIL, images="6-20", oldest="8-90_days"), "6 to 20, the oldest from 8 to 90 days ago."),
    (measured(Status.FAIL, images="over_20", oldest="not_seen"), "more than 20."),
    (measured(Status.UNKNOWN), "none found where we could look, and not all could be looked at."),
    (measured(Status.UNKNOWN, images="not_seen"), "could not be seen."),
    (measured(Status.PASS, unread="1-5"), "1 to 5 pictures could not be looked into."),
    (measured(Status.PASS, recordings="6-20"), "6 to 20 sound recordings"),
    (None, "could not be seen."),
]


@pytest.mark.parametrize(("images", "words"), SAYS)
def test_pictures_are_told_in_bands_and_never_as_none_where_not_all_was_seen(images: Any, words: str) -> None:
    assert words in " ".join(text(sheet(images)).split())
    assert words in page(sheet(images))


def test_phone_is_named_by_its_model_and_hostile_models_stay_text() -> None:
    device = replace(laptop(), kind=Kind.PHONE, model="<script>alert(1)</script>")
    assert "<script" not in page(sheet(IMAGES, device))
    assert mapping(sheet(IMAGES, device))["devices"][0]["model"] == device.model  # type: ignore[index]
    assert json.dumps(mapping(sheet(IMAGES, device)))


def test_look_that_proved_nothing_says_so() -> None:
    assert "it proves nothing" in text(sheet(IMAGES, proven=False))


def test_who_is_not_enrolled_is_told_so_also_without_a_keyring(tmp_path: Path, monkeypatch: Any, capsys: Any) -> None:
    with own_interrupt():
        one = placed(tmp_path, monkeypatch, capsys)
        for path in tmp_path.rglob("agent.toml"):
            path.unlink()  # which named the file that stands in for a keyring
        said = one.scrubin("leave", "--yes")
    assert (said.code, "is not enrolled" in said.err) == (3, True)
