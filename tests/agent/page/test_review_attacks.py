"""Ways around the review that somebody tried: stale windows, pictures that only look the same, deletions cut short."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from review_parts import (
    CLEAR,
    NOW,
    FakePhone,
    FakeRoom,
    Scene,
    confirmed,
    drawn,
    number_of,
    said,
    scene,
    shown,
    waits_at,
)
from visit_parts import Visit, plain

from agent.photos.consent import withdraw
from agent.photos.index import Index
from agent.photos.review.model import Marked, Removal, Removed
from agent.photos.scan import open_index
from agent.places import places
from checks.clinical_images.fact import Disposition, Folder


@pytest.fixture
def here(home: Path) -> Scene:
    return scene(home)


def twin(here: Scene) -> int:
    """A file that looks like the wound and holds something else: an app's smaller copy, or a wrong link."""
    return here.add("Downloads/other.jpg", 1, place=Folder.DOWNLOADS, data=drawn(1, 300), days=7)


def test_a_copy_that_only_looks_the_same_is_not_ticked_beforehand_and_has_a_preview_of_its_own(here: Scene) -> None:
    other = twin(here)
    with here.visited() as visit:
        visit.open()
        number = number_of(visit, "Wound")
        assert f"preview?copy={other}" in visit.get(f"/pictures/{number}").text
        said(visit, number)
        page = visit.get(f"/pictures/{number}/delete").text
        assert "Delete 3 copies" in plain(page)
        assert f'name="copy" value="{other}" data-copy>' in page
        assert f"preview?copy={other}" in page
        assert "look the same to us" in plain(page)


def test_the_preview_of_a_copy_is_of_that_file_and_of_no_other_picture(here: Scene) -> None:
    other = twin(here)
    with here.visited() as visit:
        visit.open()
        number = number_of(visit, "Wound")
        assert visit.get(f"/pictures/{number}/preview?copy={other}&clear=1").data == CLEAR
        assert isinstance(here.room, FakeRoom)
        assert here.room.asked[-1].path.endswith("Downloads/other.jpg")
        foreign = number_of(visit, "ECG tracing")
        for wrong in (str(foreign), "x", "-1", "9" * 30, "1,2"):
            assert visit.get(f"/pictures/{number}/preview?copy={wrong}").status == 404


def test_of_a_picture_that_the_person_will_not_see_no_copy_is_shown_either(here: Scene) -> None:
    other = twin(here)
    with here.visited() as visit:
        visit.open()
        number = number_of(visit, "Wound")
        visit.post(f"/pictures/{number}/hide", shown=shown(visit, number))
        said(visit, number)
        for address in (f"/pictures/{number}", f"/pictures/{number}/delete"):
            assert "preview?copy" not in visit.get(address).text
        assert CLEAR not in visit.get(f"/pictures/{number}/preview?copy={other}&clear=1").data


def test_a_window_from_before_the_index_was_lost_decides_nothing_of_the_picture_with_its_number(here: Scene) -> None:
    with here.visited() as visit:
        visit.open()
        number = number_of(visit, "Medicine and label")
        before = shown(visit, number)
        Index.wipe(places().photos)
        for seed in range(11, 11 + number):
            last = here.add(f"Pictures/{seed}.jpg", seed)
        assert last == number
        assert visit.post(f"/pictures/{number}/decide", shown=before, decision="in_record").status == 409
        assert here.dispositions() == {Disposition.NONE}


def test_a_note_of_where_it_is_found_does_not_stand_for_saying_it_of_this_very_copy(here: Scene) -> None:
    with here.visited() as visit:
        visit.open()
        number = number_of(visit, "Wound")
        said(visit, number)
        late = twin(here)
        visit.page.reviewing.unsettled()
        visit.get("/pictures")
        with open_index(places().photos) as index:
            assert index.for_review([late])[late].disposition is Disposition.IN_RECORD, "by its look"
        number = number_of(visit, "Wound")
        answer = confirmed(visit, number, [str(late)], reference="DOC 4711")
        assert (answer.status, "not of this very one" in plain(answer.text)) == (409, True)


def cut_short(here: Scene, visit: Visit) -> None:
    """The phone goes in the middle."""
    number = number_of(visit, "Wound")
    said(visit, number)
    where = waits_at(confirmed(visit, number))
    here.clock_s += 31
    here.phone.refuse = Removal.UNSURE
    assert visit.post(f"{where}/delete", count="3").status == 303


def test_a_deletion_that_nobody_can_tell_is_told_and_closed_by_the_person(here: Scene) -> None:
    with here.visited() as visit:
        visit.open()
        cut_short(here, visit)
        assert "how 1 of your deletions ended" in plain(visit.get("/pictures").text)
        page = visit.get("/pictures/unclear")
        assert "a phone" in plain(page.text)
        assert visit.post("/pictures/unclear", number="1").status == 400
        assert visit.post("/pictures/unclear", number="x", looked="yes").status == 400
        assert visit.post("/pictures/unclear", number="99", looked="yes").status == 200
        number = page.text.partition('name="number" value="')[2].partition('"')[0]
        assert visit.post("/pictures/unclear", number=number, looked="yes").status == 303
        assert visit.get("/pictures/unclear").status == 303
        assert "how 1 of your deletions" not in plain(visit.get("/pictures").text)
        assert "nobody could tell" in plain(visit.get("/pictures/log").text)


def test_after_consent_is_withdrawn_what_was_cut_short_is_still_ended(here: Scene) -> None:
    with here.visited() as visit:
        visit.open()
        cut_short(here, visit)
        withdraw(places().photos, now=NOW, wipe=lambda folder: Index.wipe(folder))
        here.phone.here = True
        here.phone.files.clear()
        visit.page.reviewing.phones.here(anew=True)
        assert "not looked at" in plain(visit.get("/pictures").text)
        assert visit.page.reviewing.acts.unsettled() == []


def test_where_something_else_was_said_the_page_does_not_claim_that_nothing_was(here: Scene) -> None:
    with here.visited() as visit:
        visit.open()
        number = number_of(visit, "Medicine and label")
        said(visit, number, "own")
        text = plain(visit.get(f"/pictures/{number}/delete").text)
        assert "You said something else of this one" in text


@dataclass
class Slow(FakePhone):
    """A laptop whose disk takes its time."""

    started: threading.Event = field(default_factory=threading.Event)
    go_on: threading.Event = field(default_factory=threading.Event)

    def remove(self, marked: Marked) -> Removed:
        self.started.set()
        assert self.go_on.wait(30)
        return super().remove(marked)


@pytest.mark.parametrize("asks", ["undo", "alive", "wait", ""])
def test_who_asks_while_it_is_deleted_is_not_told_that_nothing_is(here: Scene, asks: str) -> None:
    box = str(here.home / "Pictures/box.jpg")
    here.laptop = slow = Slow(files={box: b"box"})
    with here.visited() as visit, ThreadPoolExecutor(2) as pool:
        visit.open()
        number = number_of(visit, "Medicine and label")
        said(visit, number)
        where = waits_at(confirmed(visit, number))
        here.clock_s += 31
        deleting = pool.submit(visit.post, f"{where}/delete", count="1")
        assert slow.started.wait(30)
        asked = pool.submit(visit.post, f"{where}/{asks}", seconds="120") if asks else pool.submit(visit.get, where)
        slow.go_on.set()
        assert deleting.result(30).headers["location"] == asked.result(30).headers["location"]
        assert slow.removed == [box]
