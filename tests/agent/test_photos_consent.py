"""Asking for consent: in plain words, only where somebody can answer, and a no removes what was kept."""

import json
from pathlib import Path

import pytest
from photos_parts import own_places, text, typed

from agent.cli import main
from agent.commands.photos_consent import ASKS, QUESTION
from agent.commands.photos_consent import consent as command
from agent.exits import Answer, CannotRun, Exit
from agent.photos.consent import TEXT, WORDING, given

__all__ = ["own_places"]
pytestmark = pytest.mark.usefixtures("own_places")


class Person:
    """Reads what is shown, and answers once."""

    def __init__(self, answer: str | None) -> None:
        self.answer, self.shown = answer, ""

    @property
    def attended(self) -> bool:
        return self.answer is not None

    def tell(self, text: str) -> None:
        self.shown += text

    def ask(self, question: str) -> str:
        self.shown += question
        return self.answer or ""


NOBODY = Person(None)


def consent(*argv: str, person: Person = NOBODY) -> Answer:
    return command(typed("consent", *argv), person)


def folder(tmp_path: Path) -> Path:
    return tmp_path / "state" / "photos"


def test_where_nobody_can_answer_it_says_how_it_stands_and_changes_nothing(tmp_path: Path) -> None:
    answer = consent()
    assert text(answer) == f"{TEXT}\n{ASKS}"
    assert not folder(tmp_path).exists()


@pytest.mark.parametrize(
    ("word", "agreed"), [("yes", True), ("YES", True), ("y", True), ("", False), ("no", False), ("yes?", False)]
)
def test_the_person_reads_it_all_and_only_a_yes_is_one(tmp_path: Path, word: str, agreed: bool) -> None:
    person = Person(word)
    answer = consent(person=person)
    assert person.shown == f"{TEXT}{QUESTION}"
    assert given(folder(tmp_path)) is agreed
    assert ("You have agreed" in text(answer)) is agreed
    assert (text(answer) == ASKS) is not agreed


def test_who_has_agreed_is_told_since_when_and_how_to_stop_and_is_not_asked_again(tmp_path: Path) -> None:
    consent("--yes")
    person = Person("no")
    said = text(consent(person=person))
    assert person.shown == ""
    assert said.startswith(TEXT)
    assert "You agreed to this on " in said
    assert said.endswith("To stop: scrubin photos consent --withdraw\n")
    assert given(folder(tmp_path))


def test_json_never_asks(tmp_path: Path) -> None:
    person = Person("yes")
    first = json.loads(text(consent("--json", person=person)))
    assert first == {"schema": "scrubin/photos-consent/1", "given": False, "at": None, "wording": 0}
    assert (person.shown, given(folder(tmp_path))) == ("", False)
    agreed = json.loads(text(consent("--yes", "--json")))
    assert (agreed["given"], agreed["wording"]) == (True, WORDING)
    assert json.loads(text(consent("--json"))) == agreed
    assert json.loads(text(consent("--withdraw", "--json")))["given"] is False


def test_a_no_removes_what_was_kept_of_pictures(tmp_path: Path) -> None:
    consent("--yes")
    names = ("index.sqlite", "index.sqlite-wal", "index.sqlite-shm")
    for name in names:
        (folder(tmp_path) / name).write_bytes(b"/home/clin/Pictures/patient.jpg")
    answer = consent("--withdraw")
    assert answer.code is Exit.COMPLIANT
    assert text(answer).startswith("Withdrawn. No picture is looked at any more")
    assert not given(folder(tmp_path))
    assert sorted(one.name for one in folder(tmp_path).iterdir()) == ["consent.json"]


def test_a_no_without_a_yes_is_one(tmp_path: Path) -> None:
    assert consent("--withdraw").code is Exit.COMPLIANT
    assert not given(folder(tmp_path))


@pytest.mark.parametrize("flag", ["--yes", "--withdraw"])
def test_what_could_not_be_kept_is_said_without_a_path(tmp_path: Path, flag: str) -> None:
    folder(tmp_path).parent.mkdir()
    folder(tmp_path).write_text("a file where the folder should be")
    with pytest.raises(CannotRun, match="could not be kept") as caught:
        consent(flag)
    assert str(tmp_path) not in str(caught.value)


def test_what_could_not_be_removed_is_said_and_the_no_stands(tmp_path: Path) -> None:
    consent("--yes")
    (folder(tmp_path) / "index.sqlite").mkdir()
    with pytest.raises(CannotRun, match="still here") as caught:
        consent("--withdraw")
    assert "scrubin photos consent --withdraw" in str(caught.value)
    assert str(tmp_path) not in str(caught.value)
    assert not given(folder(tmp_path))


def test_one_cannot_say_both(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["photos", "consent", "--yes", "--withdraw"])
    assert ended.value.code == Exit.WRONG_USE
    assert "not allowed with" in capsys.readouterr().err


def test_the_program_itself_says_how_it_stands(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["photos", "consent", "--json"]) == Exit.COMPLIANT
    assert json.loads(capsys.readouterr().out)["given"] is False
