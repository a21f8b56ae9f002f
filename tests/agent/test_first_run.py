"""`scrubin` by itself: six lines and an offer; consent asked once, in plain words, and not nagged about."""

import argparse
import contextlib
import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from photos_parts import own_places, policy

from agent import desk as desks
from agent.cli import ABOUT, main
from agent.commands.first_run import AGREED, FILE, LATER, NOT_NOW, OFFER, QUIET, run, to_ask
from agent.commands.photos_consent import QUESTION
from agent.exits import Answer, Exit
from agent.photos.consent import TEXT, WORDING, agree, given
from agent.photos.consent import withdraw as take_back

__all__ = ["own_places"]
pytestmark = pytest.mark.usefixtures("own_places")
ROOT = Path(__file__).parents[2]
CODE = "import sys; from agent.cli import main; sys.exit(main())"
CHECKED = Answer(code=Exit.CANNOT_TELL, out="checked\n")


class Person:
    """Reads what is shown and answers in turn; nobody where there are no answers."""

    def __init__(self, *answers: str) -> None:
        self.answers, self.attended, self.shown = list(answers), bool(answers), ""

    def tell(self, words: str) -> None:
        self.shown += words

    def ask(self, question: str) -> str:
        self.shown += question
        return self.answers.pop(0)


def started(person: Person) -> Answer:
    return run(ABOUT, argparse.Namespace(), check=lambda _: CHECKED, console=person)


def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


def photos(tmp_path: Path) -> Path:
    return state(tmp_path) / "photos"


def test_on_a_pipe_it_only_says_what_it_is(tmp_path: Path) -> None:
    answer = started(Person())
    assert (answer.code, answer.out) == (Exit.COMPLIANT, ABOUT)
    assert ABOUT.count("\n") == 6
    assert not state(tmp_path).exists()


def test_who_wants_no_check_now_gets_none(tmp_path: Path) -> None:
    person = Person("n")
    assert started(person).out == LATER
    assert person.shown == ABOUT + OFFER
    assert not state(tmp_path).exists()


@pytest.mark.parametrize(("word", "agreed"), [("yes", True), ("Y", True), ("", False), ("no", False), ("yes?", False)])
def test_the_first_look_at_pictures_is_asked_for_in_plain_words(tmp_path: Path, word: str, agreed: bool) -> None:
    person = Person("", word)
    assert started(person) is CHECKED
    assert person.shown == ABOUT + OFFER + TEXT + QUESTION + (AGREED if agreed else NOT_NOW)
    assert given(photos(tmp_path)) is agreed
    assert "scrubin photos consent --withdraw" in person.shown


def test_not_now_is_not_asked_again_for_thirty_days(tmp_path: Path) -> None:
    started(Person("y", "no"))
    again = Person("y")
    assert started(again) is CHECKED
    assert again.shown == ABOUT + OFFER
    now = desks.now()
    assert not to_ask(photos(tmp_path), state(tmp_path), now + QUIET - timedelta(minutes=1))
    assert to_ask(photos(tmp_path), state(tmp_path), now + QUIET + timedelta(minutes=1))


def test_who_has_agreed_is_not_asked(tmp_path: Path) -> None:
    agree(photos(tmp_path), now=desks.now())
    assert not to_ask(photos(tmp_path), state(tmp_path), desks.now() + timedelta(days=1000))


def test_who_has_taken_it_back_is_never_asked_again(tmp_path: Path) -> None:
    agree(photos(tmp_path), now=desks.now())
    take_back(photos(tmp_path), now=desks.now(), wipe=lambda _: None)
    assert not to_ask(photos(tmp_path), state(tmp_path), desks.now() + timedelta(days=1000))


def test_a_yes_to_a_text_that_said_less_is_asked_anew(tmp_path: Path) -> None:
    agree(photos(tmp_path), now=desks.now())
    kept = photos(tmp_path) / "consent.json"
    kept.write_text(json.dumps({**json.loads(kept.read_text()), "wording": WORDING + 1}))
    assert to_ask(photos(tmp_path), state(tmp_path), desks.now())


def test_where_the_practice_asks_for_no_pictures_nobody_is_asked(tmp_path: Path) -> None:
    policy(tmp_path, '[checks.clinical_images]\nlevel = "off"\nreason = "none are taken"\n')
    person = Person("y")
    assert started(person) is CHECKED
    assert person.shown == ABOUT + OFFER


@pytest.mark.parametrize(
    "kept",
    ["", "[]", '{"schema": "other"}', '{"schema": "scrubin/first-run/1"}',
     '{"schema": "scrubin/first-run/1", "not_now_at": "2026-11-21T00:00:00"}',
     '{"schema": "scrubin/first-run/1", "not_now_at": "9999-01-01T00:00:00+00:00"}'],
)  # fmt: skip
def test_a_damaged_memory_is_none(tmp_path: Path, kept: str) -> None:
    state(tmp_path).mkdir()
    (state(tmp_path) / FILE).write_text(kept)
    assert to_ask(photos(tmp_path), state(tmp_path), desks.now())


def test_what_cannot_be_kept_is_said_without_a_path_and_the_check_goes_on(tmp_path: Path) -> None:
    state(tmp_path).write_text("a file where the folder should be")
    for word, said in (("yes", "does not count"), ("no", "you may be asked again")):
        person = Person("y", word)
        assert started(person) is CHECKED
        assert said in person.shown
        assert str(tmp_path) not in person.shown


def test_the_program_itself_says_what_it_is_and_ends_well(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == Exit.COMPLIANT
    assert capsys.readouterr().out == ABOUT


def typed(folder: Path, *keys: bytes) -> tuple[int, str]:
    """What a terminal shows where a person starts `scrubin`, and types this at each question; its exit code."""
    ours, theirs = pty.openpty()
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "HOME": str(folder / "home"), "TERM": "dumb"}
    waiting, shown = list(keys), b""
    with subprocess.Popen([sys.executable, "-c", CODE], env=environ, stdin=theirs, stdout=theirs, stderr=theirs) as it:
        os.close(theirs)
        with contextlib.suppress(OSError):  # a terminal's way to say that nobody is left at the other end
            while chunk := os.read(ours, 1 << 16):
                shown += chunk
                if waiting and shown.endswith((b"[Y/n] ", b"leave it: ")):
                    os.write(ours, waiting.pop(0))
    os.close(ours)
    return it.returncode, shown.decode().replace("\r\n", "\n")


@pytest.fixture
def drop(tmp_path: Path) -> Callable[[], dict[str, object]]:
    """Where the practice reads; what the last report there says of clinical images."""
    folder = tmp_path / "drop"
    for one in (folder, tmp_path / "etc", tmp_path / "home" / "Pictures"):
        one.mkdir(parents=True, exist_ok=True)
    (tmp_path / "etc" / "agent.toml").write_text(f'[deliver]\ntransport = "folder"\nfolder = "{folder}"\n')

    def images() -> dict[str, object]:
        (letter,) = folder.glob("*.json")
        findings = json.loads(letter.read_bytes())["findings"]
        return next(one for one in findings if one["check_id"] == "clinical_images")

    return images


def test_on_a_terminal_a_new_user_is_led_to_the_answer_and_the_practice_sees_only_that_there_is_no_yes(
    tmp_path: Path, drop: Callable[[], dict[str, object]]
) -> None:
    code, shown = typed(tmp_path, b"\n", b"\n")
    assert code in (1, 2)
    assert shown.startswith(ABOUT)
    assert "You haven't agreed to your pictures being looked at." in shown
    images = drop()
    assert images["status"] == "unknown"
    assert images["measures"] == {"reasons": ["not_consented"]}
    assert not photos(tmp_path).exists()


def test_a_yes_counts_at_once(tmp_path: Path, drop: Callable[[], dict[str, object]]) -> None:
    _, shown = typed(tmp_path, b"y\n", b"yes\n")
    assert "To stop at any time" in shown
    assert given(photos(tmp_path))
    assert "not_consented" not in json.dumps(drop())
