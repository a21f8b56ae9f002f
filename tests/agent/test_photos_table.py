"""The table of pictures: each once with its copies, the oldest first, places as sorts, no path unless asked for."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from photos_parts import NOW_S, found, seen

from agent.commands.photos_table import (
    GROUPS,
    LABELS,
    LOOKS,
    MEDIA,
    MOST_LINES,
    Line,
    counts,
    headline,
    lines,
    looks_like,
    place_name,
    short_age,
    table,
)
from agent.photos.image import Medium
from agent.photos.scan import Found
from checks.clinical_images.fact import Disposition, Folder, Group, Origin
from checks.clinical_images.words import PLACES

LEAST = {"laptop": 0.8}
PHONE = "99999999-2222-4333-8444-555555555555"


def told(*all_: Found, least: dict[str, float] = LEAST) -> list[Line]:
    return lines(all_, least, NOW_S)


def shown(*all_: Found, names: dict[str, str] | None = None, paths: bool = False) -> list[str]:
    return list(table(told(*all_, least={"laptop": 0.8, PHONE: 0.8}), names or {}, paths=paths))


@pytest.mark.parametrize(("score", "listed"), [(0.8, True), (0.7999, False), (1.0, True), (0.0, False)])
def test_only_what_the_practice_counts_as_clinical_is_listed(score: float, listed: bool) -> None:
    assert bool(told(found(1, result=seen(score=score)))) is listed


def test_a_picture_is_listed_once_with_its_copies_whatever_they_score() -> None:
    faint = found(3, result=seen(score=0.3), copies=(7, 5), place=Folder.TRASH)
    (line,) = told(found(7, copies=(3, 5)), faint, found(5, result=seen(score=0.95), copies=(3, 7)))
    assert line.number == 3
    assert line.first.id == 5
    assert [one.id for one in line.members] == [3, 5, 7]


def test_a_copy_that_the_list_does_not_hold_is_left_out() -> None:
    (line,) = told(found(1, copies=(2, 99)), found(2, copies=(1, 99)))
    assert [one.id for one in line.members] == [1, 2]


def test_pictures_of_a_device_that_was_not_asked_for_are_listed_as_copies_only() -> None:
    phone = found(2, device=PHONE, copies=(1,))
    assert told(found(3, device=PHONE)) == []
    (line,) = told(found(1, copies=(2,)), phone)
    assert [one.id for one in line.members] == [1, 2]


@pytest.mark.parametrize("word", Disposition)
def test_what_the_clinician_said_decides_what_is_listed(word: Disposition) -> None:
    excused = {Disposition.NOT_CLINICAL, Disposition.OWN, Disposition.TEACHING}
    assert bool(told(found(1, disposition=word))) is (word not in excused)


def test_the_oldest_comes_first_and_the_undated_before_it() -> None:
    all_ = (found(1, hours=2), found(2, hours=200), found(3, hours=None), found(4, hours=200))
    assert [one.number for one in told(*all_)] == [3, 2, 4, 1]


def test_a_picture_is_as_old_as_its_oldest_copy() -> None:
    (line,) = told(
        found(1, hours=2, copies=(2, 3)), found(2, hours=70, copies=(1, 3)), found(3, hours=None, copies=(1, 2))
    )
    assert (line.age_hours, line.ages) == (70, {1: 2, 2: 70, 3: None})


def test_the_headline_counts_pictures_and_what_is_on_hold() -> None:
    held = found(9, disposition=Disposition.LEGAL_HOLD)
    assert headline(told(found(1))) == "1 picture looks clinical."
    assert headline(told(found(1), found(2))) == "2 pictures look clinical."
    assert headline(told(found(1), found(2), held)) == "3 pictures look clinical: 2 to decide, 1 on hold."


def test_the_table_as_it_is_read() -> None:
    copies = [
        found(1, hours=216, copies=(2, 3), result=seen("skin_condition", 0.99)),
        found(2, hours=216, copies=(1, 3), place=Folder.MESSENGER, origin=Origin.SENT),
        found(3, hours=200, copies=(1, 2), place=Folder.TRASH),
    ]
    hold = found(4, hours=22, result=seen("xray", group=Group.IMAGING), disposition=Disposition.LEGAL_HOLD)
    assert shown(*copies, hold) == [
        "  #  LOOKS LIKE                  AGE      COPIES  WHERE",
        "  1  skin, close up              9 d      3       Camera, Chats (sent), Trash",
        "  4  X-ray                       22 h     1       Camera, on hold",
    ]


def test_the_place_of_the_likeliest_comes_first_and_each_place_once() -> None:
    likely = found(3, copies=(1, 2), result=seen(score=0.99))
    rows = shown(found(1, copies=(2, 3), place=Folder.TRASH), found(2, copies=(1, 3), place=Folder.TRASH), likely)
    assert rows[1].endswith("  Camera, Trash")


def test_places_of_several_devices_are_told_apart() -> None:
    names = {"laptop": "laptop", PHONE: "Pixel 9a"}
    rows = shown(found(1, copies=(2,), place=Folder.DOWNLOADS), found(2, device=PHONE, copies=(1,)), names=names)
    assert " ".join(" ".join(rows).split()).endswith("laptop Downloads, Pixel 9a Camera")


def test_no_path_is_shown_unless_asked_for() -> None:
    one = found(1, path="/home/clin/Ward 7/\x1b[2Jwound\u202e.jpg\udcff")
    assert "Ward" not in "\n".join(shown(one))
    assert shown(one, paths=True)[2] == "     /home/clin/Ward 7/\\x1b[2Jwound\\u202e.jpg\\udcff"


def test_every_copy_has_its_path() -> None:
    rows = shown(found(1, copies=(2,)), found(2, copies=(1,)), paths=True)
    assert rows[2:] == ["     /home/clin/Pictures/IMG_1.jpg", "     /home/clin/Pictures/IMG_2.jpg"]


def test_a_table_that_nobody_would_read_ends() -> None:
    rows = shown(*(found(number) for number in range(1, MOST_LINES + 4)))
    assert len(rows) == MOST_LINES + 2
    assert rows[-1] == "and 3 more. All of them: --json"


def test_files_are_counted_by_place_and_age() -> None:
    hours = (3, 24, 25, 191, 192, 2183, 2184, None)
    many = [found(number, hours=age) for number, age in enumerate(hours, 1)]
    assert list(counts(told(*many, found(20, hours=3, place=Folder.TRASH)), {})) == [
        "  PLACE      ALL    <1 DAY  1-7 DAYS 8-90 DAYS     OLDER   NO DATE",
        "  Camera       8         2         2         2         1         1",
        "  Trash        1         1         -         -         -         -",
    ]


def test_a_long_name_of_a_place_has_a_line_of_its_own() -> None:
    one = found(1, hours=3, place=Folder.MESSENGER, origin=Origin.RECEIVED)
    rows = list(counts(told(one), {"laptop": "An Example of a Phone 7 Pro"}))
    assert rows[1] == "  An Example of a Phone 7 Pro Chats (received)"
    assert rows[2].split() == ["1", "1", "-", "-", "-", "-"]
    assert len(rows[0]) == len(rows[2]) == 80


@pytest.mark.parametrize(
    ("label", "changes", "words"),
    [
        ("xray", {"group": Group.IMAGING}, "X-ray"),
        ("wound", {"medium": Medium.VIDEO}, "video: wound"),
        ("lab_results", {"medium": Medium.PAPER, "group": Group.DOCUMENT}, "PDF: lab results"),
        ("dicom", {"medium": Medium.DICOM, "group": Group.IMAGING}, "medical scanner file"),
        ("\x1b[31mnew", {"group": Group.TRACING}, "tracing or monitor"),
    ],
)
def test_what_it_looks_like_is_said_in_plain_words(label: str, changes: dict[str, object], words: str) -> None:
    assert looks_like(seen(label, **changes)) == words


def test_words_fit_into_their_column_and_exist_for_every_sort() -> None:
    assert set(GROUPS) == set(Group)
    longest = max(map(len, (*LABELS.values(), *GROUPS.values())))
    assert longest + max(map(len, MEDIA.values())) < LOOKS


@pytest.mark.parametrize("folder", Folder)
def test_a_place_is_named_as_in_the_findings(folder: Folder) -> None:
    name = place_name(found(1, place=folder, origin=Origin.SENT), {})
    assert name[0].isupper()
    assert name.lower().removesuffix(" (sent)") in PLACES[folder].lower()
    assert name.endswith(" (sent)") is (folder is Folder.MESSENGER)


@pytest.mark.parametrize(("hours", "age"), [(0, "0 h"), (22, "22 h"), (48, "48 h"), (49, "2 d"), (216, "9 d")])
def test_an_age_in_short(hours: int, age: str) -> None:
    assert short_age(hours) == age


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(1, 30), st.floats(0, 1), st.sets(st.integers(1, 30)).map(tuple)), max_size=12))
def test_no_picture_that_counts_is_lost(rows: list[tuple[int, float, tuple[int, ...]]]) -> None:
    all_ = {number: found(number, result=seen(score=score), copies=copies) for number, score, copies in rows}
    listed = {one.id for line in told(*all_.values()) for one in line.members}
    assert {number for number, one in all_.items() if one.result.score >= 0.8} <= listed <= set(all_)
    assert all(len(row) <= 80 for row in shown(*all_.values()))
