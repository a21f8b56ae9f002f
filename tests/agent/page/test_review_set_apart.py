"""Two that look alike and are not the same become two pictures on the page, and one again where that was wrong."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from review_parts import Scene, confirmed, drawn, ids, number_of, said, scene, shown, waits_at
from visit_parts import Answer, Visit, plain

from agent.photos.consent import withdraw as take_back
from agent.photos.ledger_anew import withdraw
from agent.photos.ledger_model import LedgerTrouble
from agent.photos.scan import open_index, pictures
from agent.places import places
from checks.clinical_images.fact import Disposition, Folder

IN_RECORD, NONE = Disposition.IN_RECORD, Disposition.NONE


@pytest.fixture
def here(home: Path) -> Scene:
    return scene(home)


@pytest.fixture
def other(here: Scene) -> int:
    """A file that looks like the wound and holds another: its id."""
    return here.add("Downloads/other.jpg", 1, place=Folder.DOWNLOADS, data=drawn(1, 300), days=7)


@pytest.fixture
def visit(here: Scene, other: int) -> Iterator[Visit]:
    with here.visited() as there:
        yield there.open()


def set_apart(visit: Visit, number: int, copy: int | str, mark: str = "") -> Answer:
    return visit.post(f"/pictures/{number}/apart", shown=mark or shown(visit, number), copy=str(copy))


def joined(visit: Visit, number: int) -> Answer:
    return visit.post(f"/pictures/{number}/same", shown=shown(visit, number))


def counted(*ids: int) -> list[Disposition]:
    with open_index(places().photos) as index:
        rows = index.for_review(ids)
    return [rows[one].disposition for one in ids]


def groups_of(visit: Visit) -> list[list[str]]:
    """The names of the copies of each picture on the shelf."""
    shelf = visit.page.reviewing.shelf(visit.page.open_desk())
    return sorted(sorted(copy.path.rpartition("/")[2] for copy in one.copies) for one in shelf.pictures)


def test_only_what_holds_something_else_has_the_button(visit: Visit, other: int) -> None:
    number = number_of(visit, "Wound")
    html = visit.get(f"/pictures/{number}").text
    assert html.count(f'action="/pictures/{number}/apart"') == 1
    assert f'name="copy" value="{other}"' in html
    assert "/apart" not in visit.get(f"/pictures/{number_of(visit, 'ECG tracing')}").text


def test_it_becomes_a_picture_of_its_own_and_the_page_says_so(visit: Visit, other: int) -> None:
    number = number_of(visit, "Wound")
    answer = set_apart(visit, number, other)
    assert answer.headers["location"] == f"/pictures/{number}?kept=apart#panel"
    html = visit.get(f"/pictures/{number}?kept=apart").text
    assert "that one is another picture" in plain(html)
    assert "4 pictures to decide" in plain(html)
    assert ["other.jpg"] in groups_of(visit)
    assert ["a-small.jpg", "a.jpg", "a.jpg"] in groups_of(visit)


def test_what_was_said_of_all_of_them_stands_for_the_others_alone(visit: Visit, other: int) -> None:
    number = number_of(visit, "Wound")
    said(visit, number)
    assert counted(number, other) == [IN_RECORD, IN_RECORD]
    set_apart(visit, number, other)
    assert counted(number, other) == [IN_RECORD, NONE]
    answer = confirmed(visit, other)
    assert (answer.status, "said yet what this picture is" in plain(answer.text)) == (409, True)
    visit.page.reviewing.unsettled()
    visit.get("/pictures")
    assert counted(number, other) == [IN_RECORD, NONE], "no word crosses when the ledger is brought in again"


def test_each_is_deleted_by_its_own_word_alone(here: Scene, visit: Visit, other: int) -> None:
    number = number_of(visit, "Wound")
    set_apart(visit, number, other)
    said(visit, number)
    where = waits_at(confirmed(visit, number))
    here.clock_s += 31
    assert visit.post(f"{where}/delete", count="3").status == 303
    assert [one.name for one in (here.home / "Downloads").iterdir()] == ["other.jpg"]
    assert counted(other) == [NONE]


def test_setting_apart_drops_what_waits(here: Scene, visit: Visit, other: int) -> None:
    number = number_of(visit, "Wound")
    said(visit, number)
    where = waits_at(confirmed(visit, number, ids(visit, number)[:1]))
    set_apart(visit, number, other)
    here.clock_s += 31
    assert visit.post(f"{where}/delete", count="1").status == 404
    assert (here.home / "Pictures/a.jpg").exists()


def test_a_hold_must_be_lifted_first(visit: Visit, other: int) -> None:
    number = number_of(visit, "Wound")
    visit.post(f"/pictures/{number}/hold", shown=shown(visit, number), reason="a court")
    assert "/apart" not in visit.get(f"/pictures/{number}").text
    answer = set_apart(visit, number, other)
    assert (answer.status, "Lift the hold first" in plain(answer.text)) == (409, True)
    assert ["a-small.jpg", "a.jpg", "a.jpg", "other.jpg"] in groups_of(visit)


def test_a_hold_said_later_stays_with_its_picture(visit: Visit, other: int) -> None:
    number = number_of(visit, "Wound")
    set_apart(visit, number, other)
    visit.post(f"/pictures/{number}/hold", shown=shown(visit, number), reason="a court")
    visit.page.reviewing.unsettled()
    assert "1 on hold" in plain(visit.get("/pictures").text)
    assert counted(number, other) == [Disposition.LEGAL_HOLD, NONE]
    assert said(visit, other).status == 303


def test_both_panels_say_it_and_lead_back(visit: Visit, other: int) -> None:
    number = number_of(visit, "Wound")
    said(visit, number)
    set_apart(visit, number, other)
    for one, another in ((number, other), (other, number)):
        html = visit.get(f"/pictures/{one}").text
        assert "You said that this is not the same as 1 other" in plain(html)
        assert f'href="/pictures/{another}#panel"' in html
    assert joined(visit, other).headers["location"] == f"/pictures/{other}?kept=same#panel"
    assert "the same picture after all" in plain(visit.get(f"/pictures/{other}?kept=same").text)
    assert ["a-small.jpg", "a.jpg", "a.jpg", "other.jpg"] in groups_of(visit)
    assert "not the same as" not in plain(visit.get(f"/pictures/{number}").text)
    assert counted(number, other) == [IN_RECORD, NONE]


def test_a_hold_reaches_what_is_the_same_after_all_at_once(visit: Visit, other: int) -> None:
    number = number_of(visit, "Wound")
    set_apart(visit, number, other)
    visit.post(f"/pictures/{number}/hold", shown=shown(visit, number), reason="a court")
    assert "not the same as 1 other" in plain(visit.get(f"/pictures/{number}").text)
    joined(visit, other)
    visit.get("/pictures")
    assert counted(number, other) == [Disposition.LEGAL_HOLD] * 2


def test_a_copy_found_later_that_is_like_both_is_shown_once_and_asked_about(
    here: Scene, visit: Visit, other: int
) -> None:
    number = number_of(visit, "Wound")
    set_apart(visit, number, other)
    said(visit, number)
    late = here.add("Downloads/late.jpg", 1, place=Folder.DOWNLOADS, data=drawn(1, 200), days=1)
    visit.page.reviewing.unsettled()
    visit.get("/pictures")
    names = [name for one in groups_of(visit) for name in one]
    assert (names.count("late.jpg"), len(names)) == (1, 8)
    assert ["a-small.jpg", "a.jpg", "a.jpg", "late.jpg"] in groups_of(visit), "with the larger"
    assert counted(late) == [NONE]


def test_the_list_in_the_terminal_keeps_them_apart_too(visit: Visit, other: int) -> None:
    number = number_of(visit, "Wound")
    set_apart(visit, number, other)
    found = {one.id: one.copies for one in pictures(places().photos, at_least=0.0)}
    assert found[other] == ()
    assert other not in found[number]


def test_under_a_damaged_ledger_the_list_goes_by_looks_and_the_page_shows_nothing(visit: Visit, other: int) -> None:
    number = number_of(visit, "Wound")
    set_apart(visit, number, other)
    (places().photos / "ledger.key").write_bytes(b"x" * 32)
    assert other in {one.id: one.copies for one in pictures(places().photos, at_least=0.0)}[number]
    with pytest.raises(LedgerTrouble):
        visit.page.reviewing.shelf(visit.page.open_desk())
    assert visit.get("/pictures").status == 503


def test_without_consent_any_more_it_is_forgotten(here: Scene, visit: Visit, other: int) -> None:
    set_apart(visit, number_of(visit, "Wound"), other)
    chance, at = visit.page.reviewing.tools.randomness, int(here.now.timestamp())
    take_back(places().photos, now=here.now, wipe=lambda folder: withdraw(folder, randomness=chance, at=at))
    answer = visit.post(f"/pictures/{other}/apart", shown="1", copy=str(other))
    assert "Your pictures are not looked at" in plain(answer.text)
    with visit.page.reviewing.ledger() as ledger:
        assert ledger.parted().others == {}


@pytest.mark.parametrize("copy", ["", "x", "-1", "999999", "9" * 30, "1,2", "../../1"])
def test_a_form_that_no_page_of_ours_sends_changes_nothing(visit: Visit, other: int, copy: str) -> None:
    number = number_of(visit, "Wound")
    assert set_apart(visit, number, copy).status == 400
    assert ["a-small.jpg", "a.jpg", "a.jpg", "other.jpg"] in groups_of(visit)


def test_a_stale_form_changes_nothing(here: Scene, visit: Visit, other: int) -> None:
    number = number_of(visit, "Wound")
    before = shown(visit, number)
    here.add("Downloads/late.jpg", 1, place=Folder.DOWNLOADS)
    assert set_apart(visit, number, other, before).status == 409
    assert visit.post(f"/pictures/{number}/same", shown=before).status == 409
    assert not [one for one in groups_of(visit) if one == ["other.jpg"]]


def test_the_very_same_contents_are_refused(visit: Visit, other: int) -> None:
    number = number_of(visit, "ECG tracing")
    answer = set_apart(visit, number, number)
    assert (answer.status, "holds the very same" in plain(answer.text)) == (409, True)


@pytest.mark.parametrize("act", ["apart", "same"])
def test_another_site_can_do_neither(visit: Visit, other: int, act: str) -> None:
    number = number_of(visit, "Wound")
    if act == "same":
        set_apart(visit, number, other)
    before, mark = groups_of(visit), shown(visit, number)
    visit.sent = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    assert visit.post(f"/pictures/{number}/{act}", shown=mark, copy=str(other)).status == 403
    assert groups_of(visit) == before
