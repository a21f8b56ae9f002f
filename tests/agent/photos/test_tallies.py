"""Tallies hold counts and nothing personal, and an incomplete look never reads as a whole one."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from agent.photos.engine import Outcome
from agent.photos.image import Unread
from agent.photos.index_model import Counts, Row
from agent.photos.place import Place, Unlooked
from agent.photos.tallies import age_hours, fact, known_hours, tallies
from agent.photos.weights import Weights
from checks.clinical_images.fact import Disposition, Folder, Group, Origin
from checks.evidence import Why

NOW_S = 1_795_000_000
NOW = datetime.fromtimestamp(NOW_S, UTC)
HOUR = 3600
CAMERA = Place(folder=Folder.CAMERA, path="/home/ann/DCIM")
TRASH = Place(folder=Folder.TRASH, path="/home/ann/.local/share/Trash/files")


def row(**changes) -> Row:
    values = {
        "folder": Folder.CAMERA, "origin": Origin.TAKEN, "group": Group.BODY, "score_percent": 91, "gps": False,
        "disposition": Disposition.NONE, "modified_s": NOW_S - 30 * HOUR, "first_seen": NOW_S,
    }  # fmt: skip
    return Row(**{**values, **changes})


def counts(*rows: Row, unread: dict | None = None, pages: int = 0, stale: int = 0) -> Counts:
    return Counts(
        rows=rows, below=0, unread=unread or {}, unread_documents={Folder.CAMERA: pages} if pages else {}, stale=stale
    )


def seen(found: Counts, outcome: Outcome, weights: Weights = Weights.BEST):
    return fact(found, outcome, (CAMERA, TRASH), model="finder 1", weights=weights, now=NOW)


@pytest.mark.parametrize(
    ("modified_s", "first_seen", "hours"),
    [
        (NOW_S - 30 * HOUR, NOW_S, 30),
        (NOW_S - 30 * HOUR - 1, NOW_S, 31),
        (NOW_S - 30 * HOUR, NOW_S - 50 * HOUR, 50),
        (NOW_S, NOW_S, 0),
        (NOW_S + 300, NOW_S, 0),
        (NOW_S + 301, NOW_S, None),
        (0, NOW_S - 50 * HOUR, None),
        (-5, NOW_S, None),
        (315_532_800, NOW_S, -(-(NOW_S - 315_532_800) // HOUR)),
        (315_532_799, NOW_S, None),
    ],
)
def test_age_is_the_longer_of_what_the_file_says_and_what_was_seen(modified_s, first_seen, hours) -> None:
    assert age_hours(modified_s, first_seen, NOW_S) == hours


@pytest.mark.parametrize(
    ("modified_s", "first_seen", "hours"),
    [(0, NOW_S - 30 * HOUR, 30), (NOW_S + 301, NOW_S - 30 * HOUR - 1, 31), (0, NOW_S + 9, 0), (NOW_S, 5, 0)],
)
def test_without_a_date_it_is_as_old_as_it_has_been_seen_here(modified_s, first_seen, hours) -> None:
    assert known_hours(modified_s, first_seen, NOW_S) == hours
    [made] = tallies([row(modified_s=modified_s, first_seen=first_seen)], NOW_S)
    assert made.known_hours == hours


def test_recordings_are_a_group_of_their_own_without_a_score() -> None:
    sound = row(group=Group.RECORDING, score_percent=0, folder=Folder.MESSENGER)
    told = seen(replace(counts(row()), recordings=(sound, sound)), Outcome(complete=True))
    assert {(one.group, one.count, one.score_percent) for one in told.tallies} == {
        (Group.BODY, 1, 91), (Group.RECORDING, 2, 0)
    }  # fmt: skip
    assert told.not_scanned == 0


def test_like_pictures_are_counted_together_and_others_apart() -> None:
    made = tallies([row(), row(), row(gps=True), row(group=Group.IMAGING), row(score_percent=92)], NOW_S)
    assert sorted(one.count for one in made) == [1, 1, 1, 2]
    assert sum(one.count for one in made) == 5


def test_a_picture_without_a_date_is_not_counted_with_one_of_this_hour() -> None:
    made = tallies([row(modified_s=NOW_S), row(modified_s=0)], NOW_S)
    assert [one.age_hours for one in made] == [0, None]


def test_order_does_not_tell_which_picture_came_first() -> None:
    rows = [row(score_percent=score) for score in (5, 99, 40)]
    assert tallies(rows, NOW_S) == tallies(reversed(rows), NOW_S)


def test_a_whole_look_names_its_places_and_counts_what_it_could_not_read() -> None:
    unread = {(Folder.CAMERA, Unread.BROKEN): 2, (Folder.TRASH, Unread.NOT_A_PICTURE): 7}
    told = seen(counts(row(), unread=unread, pages=3), Outcome(complete=True))
    assert told.looked_at == (Folder.CAMERA, Folder.TRASH)
    assert (told.not_scanned, told.unread_documents, told.gaps) == (2, 3, ())


def test_a_place_with_a_gap_is_not_looked_at() -> None:
    outcome = Outcome(complete=True, gaps=[Unlooked(place=TRASH, why=Why.NOT_PERMITTED)])
    told = seen(counts(), outcome)
    assert told.looked_at == (Folder.CAMERA,)
    assert [(one.part, one.why) for one in told.gaps] == [("folders", Why.NOT_PERMITTED)]


def test_a_look_that_was_cut_short_looked_at_nothing() -> None:
    told = seen(counts(row()), Outcome(complete=False, why=Why.STOPPED))
    assert (told.looked_at, told.not_scanned) == ((), None)
    assert [one.why for one in told.gaps] == [Why.STOPPED]
    assert len(told.tallies) == 1


def test_rows_of_another_finder_leave_the_count_open() -> None:
    assert seen(counts(stale=1), Outcome(complete=True)).not_scanned is None


@pytest.mark.parametrize(("weights", "clean"), [(Weights.BEST, False), (Weights.CLEAN, True)])
def test_the_judge_is_told_which_weights_looked(weights: Weights, clean: bool) -> None:
    assert seen(counts(), Outcome(complete=True), weights).clean_weights is clean


def test_nothing_of_a_path_is_in_the_fact() -> None:
    outcome = Outcome(complete=True, gaps=[Unlooked(place=TRASH, why=Why.NOT_PERMITTED, path="/home/ann/secret")])
    assert "home" not in repr(seen(counts(row()), outcome))
