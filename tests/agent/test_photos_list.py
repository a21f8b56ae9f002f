"""`scrubin photos` on a laptop and its phones: only with consent, never a path unasked, the code of the last check."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fakes import NOON, laptop, phone
from photos_parts import found, own_places, policy, seen, text, typed

from agent import desk as desks
from agent.cli import main
from agent.commands.photos_list import NONE_SEEN, NOT_AGREED, NOT_KNOWN, listed
from agent.exits import Answer, CannotRun, Exit, WrongUse
from agent.outbox_model import Queue
from agent.photos.consent import agree
from agent.photos.index_model import IndexTrouble, Row, Trouble
from agent.photos.scan import Found
from agent.status_file import write_status
from checks.clinical_images.fact import Disposition, Folder, Group, Origin
from checks.model import Device, Finding, Level, Overall, Severity, Status
from reports.envelope import Proof, Report, to_bytes

__all__ = ["own_places"]
pytestmark = pytest.mark.usefixtures("own_places")
PHONE = phone().id


class Index:
    """Holds these pictures, and remembers what it was asked for."""

    def __init__(
        self, *held: Found, trouble: Trouble | None = None, recordings: dict[str, list[Row]] | None = None
    ) -> None:
        self.held, self.trouble, self.recordings = list(held), trouble, recordings or {}
        self.asked: list[tuple[Path, str | None, float]] = []

    def __call__(self, folder: Path, device: str | None, *, at_least: float) -> list[Found]:
        self.asked.append((folder, device, at_least))
        if self.trouble is not None:
            raise IndexTrouble(self.trouble)
        return self.held


@pytest.fixture
def agreed(own_places: Path) -> Path:
    agree(own_places / "state" / "photos", now=NOON)
    return own_places


def sound(folder: Folder = Folder.MESSENGER, *, days: int = 1) -> Row:
    when_s = int(desks.now().timestamp()) - days * 86400 + 60
    return Row(folder, Origin.RECEIVED, Group.RECORDING, 0, False, Disposition.NONE, when_s, when_s)


def photos(*argv: str, index: Index) -> Answer:
    return listed(typed(*argv), index, lambda _: index.recordings)


def test_without_consent_nothing_is_read_and_nothing_is_claimed() -> None:
    index = Index(found(1))
    answer = photos(index=index)
    assert " ".join(text(answer).split()) == NOT_AGREED
    assert answer.code is Exit.CANNOT_TELL
    body = json.loads(text(photos("--json", index=index)))
    assert body == {"schema": "scrubin/photos/1", "consent": False, "pictures": []}
    assert index.asked == []


@pytest.mark.usefixtures("agreed")
def test_pictures_are_told_by_place_and_age_without_a_path(own_places: Path) -> None:
    index = Index(found(1, copies=(2,)), found(2, copies=(1,), place=Folder.TRASH), found(3, result=seen(score=0.5)))
    said = text(photos(index=index))
    assert said.startswith("1 picture looks clinical.\n\n  PLACE ")
    assert "wound" in said
    assert "Camera, Trash" in said
    assert "/home" not in said
    assert "IMG" not in said
    assert all(len(line) <= 80 for line in said.splitlines())
    assert [(folder, device) for folder, device, _ in index.asked] == [(own_places / "state" / "photos", None)]
    assert 0 < index.asked[0][2] < 0.5, "copies may score less"


@pytest.mark.usefixtures("agreed")
def test_paths_are_shown_to_whoever_asks_for_them() -> None:
    said = text(photos("--show-paths", index=Index(found(1))))
    assert "/home/clin/Pictures/IMG_1.jpg" in said
    assert "--show-paths" not in said


@pytest.mark.usefixtures("agreed")
@pytest.mark.parametrize("argv", [(), ("--json",)])
def test_no_picture_is_no_proof_that_there_is_none(argv: tuple[str, ...]) -> None:
    answer = photos(*argv, index=Index())
    assert answer.code is Exit.CANNOT_TELL
    if not argv:
        assert "This laptop: No audit has been made yet" in text(answer)
        assert "scrubin check" in text(answer)


@pytest.mark.usefixtures("agreed")
def test_json_has_the_copies_and_a_path_only_on_asking() -> None:
    index = Index(found(1, copies=(2,)), found(2, copies=(1,), place=Folder.TRASH))
    (one,) = json.loads(text(photos("--json", index=index)))["pictures"]
    assert (one["id"], one["looks_like"], one["group"], one["on_hold"], one["gps"]) == (
        1,
        "wound",
        "body",
        False,
        False,
    )
    assert [(copy["id"], copy["device"], copy["place"]) for copy in one["copies"]] == [
        (1, "laptop", "camera"), (2, "laptop", "trash")
    ]  # fmt: skip
    assert "path" not in one["copies"][0]
    (one,) = json.loads(text(photos("--json", "--show-paths", index=index)))["pictures"]
    assert one["copies"][1]["path"] == "/home/clin/Pictures/IMG_2.jpg"


@pytest.mark.usefixtures("agreed")
def test_the_score_that_counts_is_the_policys(own_places: Path) -> None:
    index = Index(found(1, result=seen(score=0.6)))
    assert "looks clinical" not in text(photos(index=index))
    policy(own_places, '[checks.clinical_images]\nmin_score_percent = 60\nreason = "for the test"\n')
    assert "1 picture looks clinical." in text(photos(index=index))


@pytest.mark.usefixtures("agreed")
def test_an_index_that_cannot_be_read_is_said() -> None:
    with pytest.raises(CannotRun, match="held by another process"):
        photos(index=Index(trouble=Trouble.BUSY))


def checked(folder: Path, device: Device, verdict: Status, *, days_ago: int = 0, proven: bool = True) -> None:
    """Leave in this folder what an audit leaves, with this verdict on pictures."""
    at = desks.now() - timedelta(days=days_ago)
    finding = Finding(
        uid=PHONE, check_id="clinical_images", title="", severity=Severity.HIGH, level=Level.REQUIRED,
        device_id=device.id, profile="owner", status=verdict, because="", measures={"reasons": ()}, source="device",
        observed_at=at,
    )  # fmt: skip
    report = Report(
        id=PHONE, agent_version="1", device=device, overall=Overall.CANNOT_TELL, policy_id="p", policy_version="1",
        proof=Proof(planted=1, found=int(proven)), generated_at=at, findings=(finding,),
    )  # fmt: skip
    queue = Queue(
        waiting=0, parked=0, oldest_waiting_at=None, last_delivered_at=None, size_bytes=0, problem=None, sentence="",
        set_aside=(),
    )  # fmt: skip
    write_status(folder / "status.json", folder / "status.sqlite", report, queue)
    (folder / "last-report.json").write_bytes(to_bytes(report))


@pytest.mark.parametrize(
    ("verdict", "left", "code"),
    [
        (Status.PASS, {}, Exit.COMPLIANT), (Status.FAIL, {}, Exit.NOT_COMPLIANT),
        (Status.UNKNOWN, {}, Exit.CANNOT_TELL),
        (Status.ERROR, {}, Exit.CANNOT_TELL), (Status.NOT_APPLICABLE, {}, Exit.CANNOT_TELL),
        (Status.PASS, {"days_ago": 4}, Exit.CANNOT_TELL), (Status.PASS, {"proven": False}, Exit.CANNOT_TELL),
    ],
)  # fmt: skip
def test_the_code_is_that_of_the_last_check(agreed: Path, verdict: Status, left: dict[str, Any], code: Exit) -> None:
    checked(agreed / "state", laptop(), verdict, **left)
    answer = photos(index=Index())
    assert answer.code is code
    judged = verdict in (Status.PASS, Status.FAIL) and not left
    assert text(answer).startswith(NONE_SEEN if judged else NOT_KNOWN)
    incomplete = "not every picture could be looked at" in " ".join(text(answer).split())
    settled = verdict in (Status.PASS, Status.FAIL) and left.get("proven") is not False
    assert incomplete is (not settled and not left.get("days_ago"))


@pytest.mark.parametrize(
    ("own", "phones", "code"),
    [
        (Status.PASS, Status.PASS, Exit.COMPLIANT), (Status.PASS, Status.FAIL, Exit.NOT_COMPLIANT),
        (Status.FAIL, Status.UNKNOWN, Exit.NOT_COMPLIANT), (Status.PASS, Status.UNKNOWN, Exit.CANNOT_TELL),
    ],
)  # fmt: skip
def test_of_several_devices_the_worst_counts(agreed: Path, own: Status, phones: Status, code: Exit) -> None:
    checked(agreed / "state", laptop(), own)
    checked(agreed / "state" / "phones" / PHONE, phone(), phones)
    assert photos(index=Index()).code is code
    assert photos("--device", "laptop", index=Index()).code is photos_code(own)
    assert photos("--device", "phones", index=Index()).code is photos_code(phones)


def photos_code(verdict: Status) -> Exit:
    return {Status.PASS: Exit.COMPLIANT, Status.FAIL: Exit.NOT_COMPLIANT}.get(verdict, Exit.CANNOT_TELL)


@pytest.mark.parametrize(("wanted", "numbers"), [
    ("all", [1, 2]), ("laptop", [1]), ("phones", [2]), ("example 7", [2]), ("EXAMPLE 7", [2]), (PHONE, [2]),
    ("this laptop", [1]),
])  # fmt: skip
def test_pictures_of_the_device_that_was_asked_for_are_listed(agreed: Path, wanted: str, numbers: list[int]) -> None:
    checked(agreed / "state" / "phones" / PHONE, phone(), Status.FAIL)
    index = Index(found(1), found(2, device=PHONE))
    body = json.loads(text(photos("--device", wanted, "--json", index=index)))
    assert sorted(one["id"] for one in body["pictures"]) == numbers


@pytest.mark.parametrize("wanted", ["Galaxy A55", "", "../..", "\x1b[2J"])
def test_a_device_that_was_never_checked_is_said_not_shown_as_empty(agreed: Path, wanted: str) -> None:
    with pytest.raises(WrongUse, match="scrubin devices") as caught:
        photos("--device", wanted, index=Index(found(1)))
    assert "\x1b" not in str(caught.value)


def test_places_on_several_devices_are_named_after_them(agreed: Path) -> None:
    checked(agreed / "state" / "phones" / PHONE, phone(), Status.FAIL)
    copies = (found(1, copies=(2,)), found(2, device=PHONE, copies=(1,)))
    said = " ".join(text(photos("--device", "laptop", index=Index(*copies))).split())
    assert "laptop Camera, Example 7 Camera" in said
    assert "Example 7: last checked" not in said
    assert "Example 7: last checked" in text(photos(index=Index(*copies)))


def test_a_phone_that_is_forgotten_keeps_its_pictures_in_the_copies_without_a_name(agreed: Path) -> None:
    said = text(photos(index=Index(found(1, copies=(2,)), found(2, device=PHONE, copies=(1,)))))
    assert "laptop Camera, a phone Camera" in said
    assert PHONE not in said


def test_the_phones_own_limit_counts_for_its_pictures(agreed: Path) -> None:
    checked(agreed / "state" / "phones" / PHONE, phone(), Status.FAIL)
    policy(agreed, '[profiles.practice_owned.checks.clinical_images]\nmin_score_percent = 60\nreason = "x"\n')
    config = agreed / "config" / "scrubin" / "agent.toml"
    config.parent.mkdir(parents=True)
    config.write_text('phone_ownership = "practice_owned"\n')
    half = seen(score=0.6)
    body = json.loads(text(photos("--json", index=Index(found(1, result=half), found(2, device=PHONE, result=half)))))
    assert [one["id"] for one in body["pictures"]] == [2]


def test_the_program_itself_lists_what_its_index_holds(agreed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["photos"]) == Exit.CANNOT_TELL
    assert capsys.readouterr().out.startswith(NOT_KNOWN)


@pytest.mark.usefixtures("agreed")
def test_recordings_are_said_not_to_be_listened_to() -> None:
    index = Index(
        recordings={
            "laptop": [sound(), sound(days=9), sound(Folder.OTHER)],
            "planted:laptop": [sound()],
            "a phone that was forgotten": [sound()] * 5,
        }
    )
    said = " ".join(text(photos(index=index)).split())
    assert "3 sound recordings not listened to (2 in chats, 1 in other folders; oldest: 9 d): a dictation" in said
    assert "Listen alone." in said
    assert json.loads(text(photos("--json", index=index)))["not_listened_to"] == 3
    assert "listened" not in text(photos(index=Index()))
