"""From a picture that was found to its copies being gone, as the clinician clicks, and all that stops it on the way."""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from review_parts import (
    BLURRED,
    CLEAR,
    PHONE,
    FakeRoom,
    Scene,
    confirmed,
    ids,
    judged,
    number_of,
    said,
    scene,
    shown,
    waits_at,
)
from visit_parts import Answer, Visit, plain

from agent.photos.image import Medium, Unread
from agent.photos.index import LAPTOP, Index
from agent.photos.ledger_model import Source
from agent.photos.review.model import Removal
from agent.photos.review.turn import turn
from agent.places import places
from agent.stored.model import Answer as FromRecords
from agent.stored.model import Stored
from checks.clinical_images.fact import Disposition


@pytest.fixture
def here(home: Path) -> Scene:
    return scene(home)


@pytest.fixture
def visit(here: Scene) -> Iterator[Visit]:
    with here.visited() as there:
        yield there.open()


def files(here: Scene) -> set[str]:
    """All that is left of the pictures, on both devices."""
    own = {str(one.relative_to(here.home)) for one in here.home.rglob("*") if one.is_file()}
    return own | set(here.phone.files)


def waiting(visit: Visit) -> str:
    """The wound, said to be in the record and confirmed: it waits."""
    number = number_of(visit, "Wound")
    said(visit, number)
    return waits_at(confirmed(visit, number))


def ended(visit: Visit, answer: Answer) -> str:
    """The words of the page on which a deletion ended."""
    assert answer.status == 303, plain(answer.text)
    return plain(visit.get(answer.headers["location"].removesuffix("#panel")).text)


def test_a_picture_in_the_record_is_deleted_with_every_copy(here: Scene, visit: Visit) -> None:
    number = number_of(visit, "Wound")
    assert said(visit, number).headers["location"] == f"/pictures/{number}/delete#panel"
    assert "Delete 3 copies" in plain(visit.get(f"/pictures/{number}/delete").text)
    where = waits_at(confirmed(visit, number))
    assert "Deleting in 30 seconds" in plain(visit.get(where).text)
    here.clock_s += 31
    text = ended(visit, visit.post(f"{where}/delete", count="3"))
    assert "3 copies deleted, and checked" in text
    assert files(here) == {"Pictures/ecg.jpg", "Pictures/box.jpg", "/storage/emulated/0/WhatsApp/Sent/ecg.jpg"}
    assert Disposition.IN_RECORD not in here.dispositions()
    assert set(here.checked) == {PHONE, LAPTOP}


def test_a_copy_that_the_person_unticked_stays_and_is_asked_about_again(here: Scene, visit: Visit) -> None:
    number = number_of(visit, "Wound")
    said(visit, number)
    where = waits_at(confirmed(visit, number, ids(visit, number)[:2]))
    here.clock_s += 31
    assert "2 copies deleted" in ended(visit, visit.post(f"{where}/delete", count="2"))
    assert here.phone.removed == []
    assert "In the record" in plain(visit.get("/pictures").text)


def test_what_was_deleted_stands_in_the_log_without_name_or_path(here: Scene, visit: Visit) -> None:
    where = waiting(visit)
    here.clock_s += 31
    visit.post(f"{where}/delete", count="3")
    page, text = visit.get("/pictures/log"), visit.get("/pictures/log.txt")
    assert plain(page.text).count("Deleted, and looked for again") == 3
    assert "attachment" in text.headers["content-disposition"]
    assert all(word not in page.text + text.text for word in ("a.jpg", "a-small", str(here.home), "Camera/a"))


@pytest.mark.parametrize("seconds", [0, 1, 29.5])
def test_before_its_time_nothing_is_touched(here: Scene, visit: Visit, seconds: float) -> None:
    before, where = files(here), waiting(visit)
    here.clock_s += seconds
    answer = visit.post(f"{where}/delete", count="3")
    assert answer.headers["location"] == f"{where}#panel"
    assert files(here) == before


def test_what_was_undone_never_happens(here: Scene, visit: Visit) -> None:
    before, where = files(here), waiting(visit)
    assert visit.post(f"{where}/undo").status == 303
    here.clock_s += 31
    assert visit.post(f"{where}/delete", count="3").status == 404
    assert files(here) == before


def test_a_page_that_gives_no_sign_of_life_takes_its_deletion_along(here: Scene, visit: Visit) -> None:
    before, where = files(here), waiting(visit)
    here.clock_s += 61
    assert "no longer waiting" in plain(visit.post(f"{where}/delete", count="3").text)
    assert files(here) == before


def test_a_page_that_stays_open_keeps_it(here: Scene, visit: Visit) -> None:
    where = waiting(visit)
    visit.post(f"{where}/wait", seconds="none")
    for _ in range(20):
        here.clock_s += 50
        assert visit.post(f"{where}/alive").status == 204
    assert "Waiting until you say so" in plain(visit.get(where).text)
    assert "3 copies deleted" in ended(visit, visit.post(f"{where}/delete", count="3"))


def test_to_wait_without_an_end_is_no_way_around_the_time_to_undo(here: Scene, visit: Visit) -> None:
    before, where = files(here), waiting(visit)
    visit.post(f"{where}/wait", seconds="none")
    assert visit.post(f"{where}/delete", count="3").headers["location"] == f"{where}#panel"
    assert files(here) == before


def test_the_time_to_undo_is_remembered_for_the_next(here: Scene, visit: Visit) -> None:
    where = waiting(visit)
    visit.post(f"{where}/wait", seconds="120")
    visit.post(f"{where}/undo")
    assert "Deleting in 120 seconds" in plain(visit.get(waiting(visit)).text)


@pytest.mark.parametrize("after", ["", "/alive", "/delete"])
def test_pulling_the_cable_out_undoes_it_all(here: Scene, visit: Visit, after: str) -> None:
    before, where = files(here), waiting(visit)
    here.phone.here = False
    here.clock_s += 31
    answer = visit.post(where + after, count="3") if after else visit.get(where)
    assert "The phone is not plugged in" in plain(answer.text)
    here.phone.here = True
    assert visit.post(f"{where}/delete", count="3").status == 404
    assert files(here) == before


def test_a_deletion_happens_once(here: Scene, visit: Visit) -> None:
    where = waiting(visit)
    here.clock_s += 31
    first = visit.post(f"{where}/delete", count="3")
    again = visit.post(f"{where}/delete", count="3")  # the script's and the person's own click, at the same moment
    assert (again.status, again.headers["location"]) == (303, first.headers["location"])
    assert visit.get(where).headers["location"] == first.headers["location"]
    assert len(here.phone.removed) == 1


def test_what_could_not_go_is_said_with_the_way_by_hand(here: Scene, visit: Visit) -> None:
    here.phone.refuse = Removal.NOT_PERMITTED
    where = waiting(visit)
    here.clock_s += 31
    text = ended(visit, visit.post(f"{where}/delete", count="3"))
    assert "2 of 3 copies deleted" in text
    assert "does not let this laptop delete there" in text
    assert "open Photos" in text


def test_a_file_that_was_replaced_stays(here: Scene, visit: Visit) -> None:
    where = waiting(visit)
    (here.home / "Pictures/a.jpg").write_bytes(b"my holiday")
    here.clock_s += 31
    assert "2 of 3 copies deleted" in ended(visit, visit.post(f"{where}/delete", count="3"))
    assert (here.home / "Pictures/a.jpg").read_bytes() == b"my holiday"


def test_a_decision_in_another_window_ends_what_waits(here: Scene, visit: Visit) -> None:
    before, where = files(here), waiting(visit)
    said(visit, number_of(visit, "Wound"), "not_clinical")
    here.clock_s += 31
    assert visit.post(f"{where}/alive").status == 404
    assert visit.post(f"{where}/delete", count="3").status == 404
    assert files(here) == before


@pytest.mark.parametrize(
    ("decision", "disposition"), [("own", Disposition.OWN), ("not_clinical", Disposition.NOT_CLINICAL)]
)
def test_what_may_stay_is_asked_about_no_more(
    here: Scene, visit: Visit, decision: str, disposition: Disposition
) -> None:
    number = number_of(visit, "Wound")
    said(visit, number, decision)
    assert disposition in here.dispositions()
    assert "2 pictures to decide" in plain(visit.get("/pictures").text)
    assert "Wound" in plain(visit.get("/pictures?show=decided").text)
    assert confirmed(visit, number).status == 409


@pytest.mark.parametrize(("decision", "asks"), [("in_record", "opened the record"), ("filed", "print in the file")])
def test_each_way_of_filing_asks_its_own_question(visit: Visit, decision: str, asks: str) -> None:
    number = number_of(visit, "Wound")
    assert asks in plain(visit.get(said(visit, number, decision).headers["location"].removesuffix("#panel")).text)


def test_a_hold_shuts_the_door_and_lifting_it_opens_the_question(here: Scene, visit: Visit) -> None:
    number = number_of(visit, "Wound")
    visit.post(f"/pictures/{number}/hold", shown=shown(visit, number), reason="the coroner asked")
    text = plain(visit.get(f"/pictures/{number}").text)
    assert "the coroner asked" in text
    assert "Nothing here can be deleted" in text
    assert confirmed(visit, number).status == 409
    assert said(visit, number).status == 409
    visit.post(f"/pictures/{number}/lift", shown=shown(visit, number), sure="yes")
    assert here.dispositions() == {Disposition.NONE}


@pytest.mark.parametrize(
    ("who", "words"),
    [
        ("colleague", "asks you to see it in the record"),
        ("elsewhere", "asks you to see it in the record"),
        ("patient", "Did you use it for care?"),
        ("mistake", "privacy officer"),
    ],
)
def test_who_sent_it_decides_what_comes_first(visit: Visit, who: str, words: str) -> None:
    number = number_of(visit, "Wound")
    assert said(visit, number, "received").headers["location"] == f"/pictures/{number}/received#panel"
    assert words in plain(visit.post(f"/pictures/{number}/received", shown=shown(visit, number), who=who).text)


def sender_may_file() -> None:
    folder = places().system_config / "policy.d"
    folder.mkdir(parents=True, exist_ok=True)
    head = 'schema = "scrubin/policy/1"\nlayer = "practice"\nid = "example"\nversion = "7"\nname = "Example Practice"\n'
    (folder / "practice.toml").write_text(head + "[review]\nsender_may_file = true\n")


@pytest.mark.parametrize("allowed", [True, False])
def test_the_senders_word_is_enough_where_the_policy_says_so(here: Scene, visit: Visit, allowed: bool) -> None:
    if allowed:
        sender_may_file()
    number = number_of(visit, "Wound")
    said(visit, number, "filed_by_sender", sender="same_practice")
    assert confirmed(visit, number).status == (303 if allowed else 409)


def test_a_copy_for_teaching_is_made_and_the_question_goes_on(here: Scene, visit: Visit) -> None:
    number = number_of(visit, "Wound")
    fields = {"shown": shown(visit, number), "consent": "yes", "nobody": "yes", "reason": "registrars' evening"}
    answer = visit.post(f"/pictures/{number}/teaching", **fields)
    text = ended(visit, answer)
    assert "One copy is kept for teaching" in text
    assert "Time and date" in text
    [copy] = (here.home / "Pictures/Teaching").iterdir()
    assert copy.name == "teaching-2026-11-21-1.jpg"
    assert said(visit, number).status == 303


@pytest.mark.parametrize("left_out", ["consent", "nobody", "reason"])
def test_without_consent_or_reason_no_copy_is_made(here: Scene, visit: Visit, left_out: str) -> None:
    number = number_of(visit, "Wound")
    fields = {"shown": shown(visit, number), "consent": "yes", "nobody": "yes", "reason": "because", left_out: ""}
    assert visit.post(f"/pictures/{number}/teaching", **fields).status == 400
    assert not (here.home / "Pictures/Teaching").exists()


def test_a_picture_of_which_no_clean_copy_can_be_made_is_kept_nowhere(here: Scene, visit: Visit) -> None:
    assert isinstance(here.room, FakeRoom)
    here.room.why = Unread.BROKEN
    number = number_of(visit, "Wound")
    fields = {"shown": shown(visit, number), "consent": "yes", "nobody": "yes", "reason": "because"}
    assert "No copy could be made" in plain(visit.post(f"/pictures/{number}/teaching", **fields).text)
    assert not (here.home / "Pictures/Teaching").exists()


class Records:
    """A record system that says what it was told to say, and remembers what it was asked."""

    name = "Practice PACS"

    def __init__(self, stored: Stored) -> None:
        self.stored, self.asked = stored, []

    def ask(self, data: bytes, **asked: object) -> FromRecords:
        self.asked.append((data, asked))
        return FromRecords(stored=self.stored, sentence="So it says.", source=self.name, at=1, reference="doc 7")


@pytest.mark.parametrize("stored", Stored)
def test_the_record_system_fills_in_only_what_it_proved(here: Scene, visit: Visit, stored: Stored) -> None:
    here.records = records = Records(stored)
    (places().system_config / "policy.d").mkdir(parents=True)
    head = 'schema = "scrubin/policy/1"\nlayer = "practice"\nid = "example"\nversion = "7"\nname = "Example Practice"\n'
    terms = '[record_system]\nkind = "dicomweb"\nname = "Practice PACS"\nurl = "https://pacs.example/dicom-web"\n'
    (places().system_config / "policy.d/practice.toml").write_text(head + terms)
    number = number_of(visit, "Wound")
    said(visit, number)
    visit.post(f"/pictures/{number}/stored", shown=shown(visit, number), patient="MRN 77-1234")
    page = visit.get(f"/pictures/{number}/delete").text
    assert "So it says." in page
    assert ('name="seen" value="yes" required checked' in page) is (stored is Stored.STORED)
    assert records.asked[0][0] == (here.home / "Pictures/a.jpg").read_bytes()
    assert "77-1234" not in page
    word = visit.page.reviewing.said([int(one) for one in ids(visit, number)], Disposition.IN_RECORD)
    assert (word.source is Source.RECORD_SYSTEM, word.reference == "doc 7") == ((stored is Stored.STORED,) * 2)
    records.stored = Stored.NOT_FOUND
    visit.post(f"/pictures/{number}/stored", shown=shown(visit, number), patient="MRN 77-1234")
    assert 'name="seen" value="yes" required checked' not in visit.get(f"/pictures/{number}/delete").text
    assert not any(b"77-1234" in one.read_bytes() for one in places().state.rglob("*") if one.is_file())


def test_the_note_says_what_the_file_knows_and_no_more(here: Scene, visit: Visit) -> None:
    page = visit.get(said(visit, number_of(visit, "ECG tracing")).headers["location"].removesuffix("#panel"))
    text = plain(page.text)
    assert "taken by [your name and role] on 12/11/2026 at 14:41 with a personal phone" in text
    assert "Sent in a chat to: [who]" in text
    assert "ecg.jpg" not in page.text


@pytest.mark.parametrize("decided", [False, True])
def test_an_empty_shelf_says_that_the_finder_can_miss_pictures(home: Path, decided: bool) -> None:
    made = scene(home)
    for one in (places().photos).glob("index*"):
        one.unlink()
    if decided:
        made.add("Pictures/cat.jpg", 9, result=judged(9, score=0.2))
    made.checked_at(made.now, status="pass")
    with made.visited() as visit:
        assert "The finder can miss pictures" in plain(visit.open().get("/pictures").text)


def test_a_phone_that_broke_off_in_the_middle_is_asked_again_when_it_is_back(here: Scene, visit: Visit) -> None:
    here.phone.refuse = Removal.UNSURE
    where = waiting(visit)
    here.clock_s += 31
    assert "we can&#39;t tell yet" in ended(visit, visit.post(f"{where}/delete", count="3"))
    assert "how 1 of your deletions ended" in plain(visit.get("/pictures").text)
    here.phone.here, here.phone.refuse = True, None
    here.phone.files.pop("/storage/emulated/0/DCIM/Camera/a.jpg")
    here.clock_s += 6
    assert "of your deletions ended" not in plain(visit.get("/pictures").text)
    assert plain(visit.get("/pictures/log").text).count("Deleted, and looked for again") == 3


def test_while_another_page_deletes_this_one_waits(here: Scene, visit: Visit) -> None:
    before, where = files(here), waiting(visit)
    here.clock_s += 31
    with turn(places().photos):
        answer = visit.post(f"{where}/delete", count="3")
        assert (answer.status, "Another page of yours" in plain(answer.text)) == (409, True)
        assert files(here) == before
    assert visit.post(f"{where}/delete", count="3").status == 303
    assert len(files(here)) == len(before) - 3


def test_a_log_that_somebody_changed_says_so(here: Scene, visit: Visit) -> None:
    where = waiting(visit)
    here.clock_s += 31
    visit.post(f"{where}/delete", count="3")
    [ledger] = places().photos.glob("ledger*.sqlite")
    with contextlib.closing(sqlite3.connect(ledger)) as db, db:
        db.execute("DROP TRIGGER IF EXISTS log_stays")
        db.execute("DELETE FROM log WHERE number = (SELECT max(number) FROM log)")
    assert "Not every line is as it was signed" in plain(visit.get("/pictures/log").text)


def test_what_the_person_does_not_want_to_see_is_not_made(here: Scene, visit: Visit) -> None:
    assert isinstance(here.room, FakeRoom)
    number = number_of(visit, "Wound")
    assert visit.post(f"/pictures/{number}/hide", shown=shown(visit, number)).status == 303
    here.room.asked.clear()
    assert "You asked not to be shown this one" in plain(visit.get(f"/pictures/{number}").text)
    assert visit.get(f"/pictures/{number}/preview?clear=1").headers["content-type"] == "image/svg+xml"
    assert here.room.asked == []


def test_previews_are_for_no_cache_and_gone_when_the_page_ends(here: Scene, visit: Visit) -> None:
    number = number_of(visit, "Wound")
    answer = visit.get(f"/pictures/{number}/preview")
    assert (answer.data, answer.headers["cache-control"]) == (BLURRED, "no-store")
    assert visit.get(f"/pictures/{number}/preview?clear=1").data == CLEAR
    visit.page.reviewing.close()
    assert visit.page.reviewing.previews.bytes == 0


def test_a_picture_of_a_phone_that_is_away_is_told_and_not_shown(here: Scene, visit: Visit) -> None:
    number = here.add("DCIM/Camera/only.jpg", 7, device=PHONE)
    here.phone.here = False
    here.clock_s += 10
    assert "The phone that it lies on is not plugged in" in plain(visit.get(f"/pictures/{number}").text)
    said(visit, number)
    assert "The phone is not plugged in" in plain(visit.get(f"/pictures/{number}/delete").text)


def test_an_old_look_asks_for_another_before_anything_is_deleted(here: Scene, visit: Visit) -> None:
    here.checked_at(here.now.replace(day=19))
    number = number_of(visit, "Wound")
    said(visit, number)
    for address in ("/pictures", f"/pictures/{number}/delete"):
        assert "copies that came since are missing" in plain(visit.get(address).text)


def test_a_new_look_at_the_same_contents_asks_for_nothing_again(here: Scene, visit: Visit) -> None:
    said(visit, number_of(visit, "Wound"), "not_clinical")
    Index.wipe(places().photos)
    here.add("Pictures/a.jpg", 1)
    here.now = here.now.replace(hour=9)
    assert "Nothing to decide" in plain(visit.get("/pictures").text)
    assert here.dispositions() == {Disposition.NOT_CLINICAL}


def test_the_copy_for_teaching_stays_when_the_others_go(here: Scene, visit: Visit) -> None:
    number = number_of(visit, "Medicine and label")
    fields = {"shown": shown(visit, number), "consent": "yes", "nobody": "yes", "reason": "because"}
    visit.post(f"/pictures/{number}/teaching", **fields)
    [kept] = (here.home / "Pictures/Teaching").iterdir()
    here.add(f"Pictures/Teaching/{kept.name}", 3, data=kept.read_bytes(), days=0, result=judged(3))
    here.now = here.now.replace(hour=9)
    visit.get("/pictures")
    said(visit, number)
    page = visit.get(f"/pictures/{number}/delete").text
    assert "Delete 1 copy" in plain(page)
    assert confirmed(visit, number).status == 409  # with that one too
    where = waits_at(confirmed(visit, number, [str(number)]))
    here.clock_s += 31
    assert "1 copy deleted" in ended(visit, visit.post(f"{where}/delete", count="1"))
    assert kept.exists()


def test_a_video_says_that_its_preview_is_a_part(here: Scene, visit: Visit) -> None:
    number = here.add("Pictures/clip.mp4", 8, result=judged(8, medium=Medium.VIDEO, format="mp4"))
    assert "one moment of a video" in plain(visit.get(f"/pictures/{number}").text)


def test_after_a_decision_the_page_says_what_was_kept(visit: Visit) -> None:
    answer = said(visit, number_of(visit, "Wound"), "not_clinical")
    assert "Kept: not clinical" in plain(visit.get(answer.headers["location"].removesuffix("#panel")).text)
    assert "Kept" not in plain(visit.get("/pictures?kept=<b>x").text)
