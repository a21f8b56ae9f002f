"""`scrubin photos scan DIR ...`: every readable picture, every other counted, and never more claimed than was done."""

import json
import os
import signal
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from photos_parts import found, own_places, policy, seen, text, typed

from agent.cli import main
from agent.collect.host import CollectError
from agent.commands.photos_scan import INCOMPLETE, STOPPED, UNPROVEN, scan
from agent.exits import Answer, CannotRun, Exit, WrongUse
from agent.photos.crew import CrewError, CrewTrouble
from agent.photos.engine import Progress
from agent.photos.image import Medium, Unread
from agent.photos.index_model import IndexTrouble, Trouble
from agent.photos.place import Place, Unlooked
from agent.photos.scan import Scanned
from agent.photos.weights import Weights
from checks.clinical_images.fact import Folder, Group
from checks.evidence import Why

__all__ = ["own_places"]
pytestmark = pytest.mark.usefixtures("own_places")
SHUT = Unlooked(place=Place(folder=Folder.OTHER, path="/home/clin/shut"), why=Why.NOT_PERMITTED)


class Finder:
    """Finds what it was given, and remembers how it was asked."""

    def __init__(self, *images: Any, fault: Exception | None = None, interrupted: bool = False, **changes: Any) -> None:
        self.fault, self.interrupted = fault, interrupted
        self.asked: list[tuple[Sequence[str], Weights]] = []
        values = {"unread": Counter(), "gaps": (), "model": "example 1", "complete": True, "proven": True}
        self.answer = Scanned(images=images, seconds=1.23456, **{**values, **changes})

    def __call__(
        self, dirs: Sequence[str], *, known: Sequence[Place], weights: Weights, stop: threading.Event,
        tick: Callable[[Progress], None],
    ) -> Scanned:  # fmt: skip
        self.asked.append((dirs, weights))
        self.known = known
        tick(Progress(done=0, known=1))
        if self.interrupted:
            signal.raise_signal(signal.SIGINT)
            assert stop.is_set()
        if self.fault is not None:
            raise self.fault
        return self.answer


def scanned(folder: Path, *argv: str, finder: Finder) -> Answer:
    return scan(typed("scan", str(folder), *argv), finder)


def body(answer: Answer) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(text(answer))
    return told


def test_json_lists_every_readable_picture(tmp_path: Path) -> None:
    taken = {"taken_at": "2026-11-12T14:41:00", "gps": True}
    xray = found(2, result=seen("xray", 0.1234567891, group=Group.IMAGING, header=taken), place=Folder.DOWNLOADS)
    answer = scanned(tmp_path, "--json", finder=Finder(found(1, copies=(7,)), xray))
    told = body(answer)
    assert (answer.code, answer.hints) == (Exit.COMPLIANT, "")
    assert {key: told[key] for key in ("scanned", "unreadable", "seconds", "model")} == {
        "scanned": 2, "unreadable": 0, "seconds": 1.235, "model": "example 1"
    }  # fmt: skip
    assert told["images"] == [
        {
            "id": 1, "path": "/home/clin/Pictures/IMG_1.jpg", "score": 0.9, "class": "wound", "clinical": True,
            "stage": "full", "taken_at": None, "gps": False, "place": "camera", "copies": [7],
        },
        {
            "id": 2, "path": "/home/clin/Pictures/IMG_2.jpg", "score": 0.123457, "class": "xray", "clinical": False,
            "stage": "full", "taken_at": "2026-11-12T14:41:00", "gps": True, "place": "downloads", "copies": [],
        },
    ]  # fmt: skip


def test_what_could_not_be_read_is_counted_by_reason_and_what_is_no_picture_is_not(tmp_path: Path) -> None:
    unread = Counter({Unread.BROKEN: 2, Unread.TOO_LARGE: 1, Unread.NOT_A_PICTURE: 40, Unread.EMPTY: 0})
    finder = Finder(unread=unread)
    told = body(scanned(tmp_path, "--json", finder=finder))
    assert (told["unreadable"], told["reasons"]) == (3, {"broken": 2, "too_large": 1})
    said = text(scanned(tmp_path, finder=finder))
    assert "3 files could not be read: 2 broken, 1 too large." in said


def test_the_score_that_counts_is_the_policys(tmp_path: Path, own_places: Path) -> None:
    finder = Finder(found(1, result=seen(score=0.6)), found(2, result=seen(score=0.599)))
    policy(own_places, '[checks.clinical_images]\nmin_score_percent = 60\nreason = "for the test"\n')
    assert [one["clinical"] for one in body(scanned(tmp_path, "--json", finder=finder))["images"]] == [True, False]


@pytest.mark.parametrize(
    ("clean_only", "argv", "weights"),
    [
        ("false", (), "best"), ("true", (), "clean"), ("true", ("--weights", "best"), "best"),
        ("false", ("--weights", "clean"), "clean"),
    ],
)  # fmt: skip
def test_the_weights_are_those_asked_for_else_the_policys(
    tmp_path: Path, own_places: Path, clean_only: str, argv: tuple[str, ...], weights: str
) -> None:
    policy(own_places, f'[checks.clinical_images]\nclean_weights_only = {clean_only}\nreason = "for the test"\n')
    finder = Finder()
    scanned(tmp_path, *argv, finder=finder)
    assert finder.asked == [((os.path.realpath(tmp_path),), Weights(weights))]


def test_folders_are_followed_to_where_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    monkeypatch.chdir(tmp_path)
    finder = Finder()
    scan(typed("scan", "link", "real"), finder)
    real = os.path.realpath(tmp_path / "real")
    assert finder.asked[0][0] == (real,), "a folder that is named twice is looked through once"


@pytest.mark.parametrize("name", ["none", "file", "no\x1b[2Jne"])
def test_a_folder_that_is_not_there_is_said_and_nothing_is_looked_at(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("")
    finder = Finder()
    with pytest.raises(WrongUse, match="there is no folder") as caught:
        scan(typed("scan", str(tmp_path), str(tmp_path / name)), finder)
    assert "\x1b" not in str(caught.value)
    assert finder.asked == []


@pytest.mark.parametrize("argv", [(), ("--json",)])
def test_an_interruption_keeps_what_was_done_and_says_that_it_is_incomplete(
    tmp_path: Path, argv: tuple[str, ...]
) -> None:
    answer = scanned(tmp_path, *argv, finder=Finder(found(1), complete=False, interrupted=True))
    assert answer.code is Exit.CANNOT_TELL
    assert answer.hints == f"{STOPPED}\n"
    if argv:
        assert (body(answer)["complete"], body(answer)["scanned"]) == (False, 1)
    else:
        assert text(answer).startswith("1 picture looks clinical.")


@pytest.mark.parametrize(
    ("changes", "hint", "code"),
    [
        ({"complete": False}, INCOMPLETE, Exit.CANNOT_TELL),
        ({"proven": False}, UNPROVEN, Exit.CANNOT_TELL),
        ({"gaps": (SHUT, SHUT)}, "2 places could not be looked into: access to it was refused.", Exit.CANNOT_TELL),
    ],
)
def test_what_was_not_looked_at_is_said(tmp_path: Path, changes: dict[str, Any], hint: str, code: Exit) -> None:
    answer = scanned(tmp_path, "--json", finder=Finder(**changes))
    assert (answer.hints, answer.code) == (f"{hint}\n", code)
    told = body(answer)
    assert (told["complete"], told["proven"], told["not_looked_into"]) == (
        changes.get("complete", True), changes.get("proven", True), len(changes.get("gaps", ()))
    )  # fmt: skip


def test_no_path_is_printed_unless_asked_for(tmp_path: Path) -> None:
    finder = Finder(found(1), gaps=(SHUT,))
    answer = scanned(tmp_path, finder=finder)
    assert "/" not in text(answer) + answer.hints
    assert "/home/clin/Pictures/IMG_1.jpg" in text(scanned(tmp_path, "--show-paths", finder=finder))


def test_a_name_that_is_not_utf_8_survives_json(tmp_path: Path) -> None:
    path = os.fsdecode(b"/home/clin/M\xfcller.jpg")
    answer = scanned(tmp_path, "--json", finder=Finder(found(1, path=path)))
    assert text(answer).isascii()
    assert os.fsencode(body(answer)["images"][0]["path"]) == b"/home/clin/M\xfcller.jpg"


def test_nothing_found_is_said_with_how_much_was_looked_at(tmp_path: Path) -> None:
    said = text(scanned(tmp_path, finder=Finder(found(1, result=seen(score=0.1)))))
    assert said == "0 pictures look clinical. 1 picture looked at in 1 s.\n"


@pytest.mark.parametrize("why", CrewTrouble)
def test_a_finder_that_does_not_start_is_said_in_words(tmp_path: Path, why: CrewTrouble) -> None:
    with pytest.raises(CannotRun) as caught:
        scanned(tmp_path, finder=Finder(fault=CrewError(why)))
    said = str(caught.value)
    assert said.endswith(".")
    assert said[0].islower(), "it follows the name of the program"
    assert "_" not in said


def test_a_finder_that_ends_because_of_an_interruption_is_no_fault(tmp_path: Path) -> None:
    with pytest.raises(CannotRun, match="stopped before any picture"):
        scanned(tmp_path, finder=Finder(fault=CrewError(CrewTrouble.DYING), interrupted=True))


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (CollectError(Why.TOOL_MISSING, "secret"), "not installed. Install scrubin with its picture finder"),
        (CollectError(Why.UNREADABLE, "secret"), "the pictures can't be looked at"),
        (IndexTrouble(Trouble.NO_SPACE), "the disk is full"),
    ],
)
def test_whatever_stands_in_the_way_is_said_without_details(tmp_path: Path, fault: Exception, words: str) -> None:
    with pytest.raises(CannotRun, match=words) as caught:
        scanned(tmp_path, finder=Finder(fault=fault))
    assert "secret" not in str(caught.value)


def test_it_needs_no_consent_and_leaves_nothing_behind(tmp_path: Path, own_places: Path) -> None:
    (tmp_path / "pictures").mkdir()
    scanned(tmp_path / "pictures", finder=Finder(found(1)))
    assert not (own_places / "state" / "photos").exists()


@pytest.mark.parametrize("argv", [["scan"], ["scan", "x", "--weights", "other"]])
def test_wrong_use_is_said(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["photos", *argv])
    assert ended.value.code == Exit.WRONG_USE
    assert "scrubin photos scan" in capsys.readouterr().err


def test_recordings_are_no_pictures_and_said_not_to_be_listened_to(tmp_path: Path) -> None:
    sound = found(2, result=seen("audio", 0.0, medium=Medium.AUDIO, group=Group.ORDINARY))
    said = text(scanned(tmp_path, finder=Finder(found(1), sound)))
    assert "1 picture looked at" in said
    assert "1 sound recording not listened to" in said
