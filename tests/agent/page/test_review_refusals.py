"""Forms that no page of ours sends, and states in which nothing may happen: a clear page, and nothing is deleted."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from review_parts import Scene, agreed, confirmed, ids, number_of, said, scene, shown, waits_at
from visit_parts import Answer, Visit, plain

from agent.photos.consent import FILE as CONSENT
from agent.photos.image import Unread
from agent.photos.index import Index
from agent.places import places
from checks.clinical_images.fact import Disposition

Try = Callable[[Visit, int], Answer]


@pytest.fixture
def here(home: Path) -> Scene:
    return scene(home)


@pytest.fixture
def visit(here: Scene) -> Iterator[Visit]:
    with here.visited() as there:
        yield there.open()


def everything(here: Scene) -> dict[str, bytes]:
    own = {str(one): one.read_bytes() for one in here.home.rglob("*") if one.is_file()}
    return {**own, **here.phone.files}


def held(visit: Visit, number: int, reason: str) -> Answer:
    return visit.post(f"/pictures/{number}/hold", shown=shown(visit, number), reason=reason)


NO_PICTURE = "999999"
ODD_FORMS: dict[str, tuple[int, Try]] = {
    "a number that no picture has": (404, lambda v, n: v.get(f"/pictures/{NO_PICTURE}")),
    "a number longer than any": (404, lambda v, n: v.get(f"/pictures/{'9' * 5000}")),
    "no number": (404, lambda v, n: v.get("/pictures/..%2f..%2fetc")),
    "a preview of what is no picture": (404, lambda v, n: v.get(f"/pictures/{NO_PICTURE}/preview")),
    "nothing decided": (400, lambda v, n: v.post(f"/pictures/{n}/decide", shown=shown(v, n))),
    "an unknown decision": (400, lambda v, n: said(v, n, "burn_it")),
    "a decision of the index's own": (400, lambda v, n: said(v, n, "legal_hold")),
    "an unknown sender": (400, lambda v, n: said(v, n, "in_record", sender="my_uncle")),
    "other copies than were shown": (409, lambda v, n: v.post(f"/pictures/{n}/decide", shown="1", decision="own")),
    "no copies shown": (409, lambda v, n: v.post(f"/pictures/{n}/decide", decision="own")),
    "nobody who stores it": (400, lambda v, n: v.post(f"/pictures/{n}/received", shown=shown(v, n))),
    "a hold without a reason": (400, lambda v, n: held(v, n, " ")),
    "a hold with a novel": (400, lambda v, n: held(v, n, "x" * 501)),
    "a hold with hidden letters": (400, lambda v, n: held(v, n, "a\u202eb")),
    "a hold lifted without a tick": (400, lambda v, n: v.post(f"/pictures/{n}/lift", shown=shown(v, n))),
    "hiding what was not shown": (409, lambda v, n: v.post(f"/pictures/{n}/hide", shown="7")),
    "no record system to ask": (400, lambda v, n: v.post(f"/pictures/{n}/stored", shown=shown(v, n), patient="1")),
    "keys neither on nor off": (400, lambda v, n: v.post("/pictures/keys", keys="maybe", back="1")),
    "keys that lead elsewhere": (400, lambda v, n: v.post("/pictures/keys", keys="on", back="//evil.example")),
    "beginning anew without a tick": (400, lambda v, n: v.post("/pictures/anew")),
    "a deletion before anything was said": (409, lambda v, n: confirmed(v, n)),
    "a deletion that never waited": (404, lambda v, n: v.post(f"/pictures/waiting/{'0' * 32}/delete", count="3")),
    "a deletion under no name": (404, lambda v, n: v.get("/pictures/waiting/xyz")),
    "a result that is not known": (404, lambda v, n: v.get(f"/pictures/done/{'0' * 32}")),
}  # fmt: skip


@pytest.mark.parametrize("name", ODD_FORMS)
def test_an_odd_form_changes_nothing(here: Scene, visit: Visit, name: str) -> None:
    number, before = number_of(visit, "Wound"), everything(here)
    status, attempt = ODD_FORMS[name]
    answer = attempt(visit, number)
    assert answer.status == status, plain(answer.text)
    assert everything(here) == before
    assert here.dispositions() == {Disposition.NONE}


ODD_CONFIRMATIONS: dict[str, tuple[int, Callable[[Visit, int], dict[str, str | list[str]]]]] = {
    "without the first tick": (400, lambda v, n: {"seen": ""}),
    "without the second tick": (400, lambda v, n: {"says": "no"}),
    "one too many counted": (400, lambda v, n: {"count": "4"}),
    "one too few counted": (400, lambda v, n: {"count": "2"}),
    "no count": (400, lambda v, n: {"count": ""}),
    "a count that is none": (400, lambda v, n: {"count": "three"}),
    "a count in other digits": (400, lambda v, n: {"count": "\u0663"}),
    "no copy": (409, lambda v, n: {"copy": [], "count": "0"}),
    "a copy of another picture": (409, lambda v, n: {"copy": [*ids(v, n)[:2], ids(v, number_of(v, "ECG tracing"))[0]]}),
    "one copy counted thrice": (400, lambda v, n: {"copy": [ids(v, n)[0]] * 3}),
    "a copy that is no number": (400, lambda v, n: {"copy": ["x"]}),
    "copies from before": (409, lambda v, n: {"shown": "1,2"}),
    "a note too long": (400, lambda v, n: {"reference": "x" * 201}),
}


@pytest.mark.parametrize("name", ODD_CONFIRMATIONS)
def test_an_odd_confirmation_lets_nothing_wait(here: Scene, visit: Visit, name: str) -> None:
    number, before = number_of(visit, "Wound"), everything(here)
    said(visit, number)
    status, change = ODD_CONFIRMATIONS[name]
    answer = confirmed(visit, number, **change(visit, number))
    assert answer.status == status, plain(answer.text)
    assert "location" not in answer.headers
    assert everything(here) == before


@pytest.mark.parametrize("count", ["", "2", "4", "three"])
def test_the_last_click_must_say_the_number_too(here: Scene, visit: Visit, count: str) -> None:
    number, before = number_of(visit, "Wound"), everything(here)
    said(visit, number)
    where = waits_at(confirmed(visit, number))
    here.clock_s += 31
    assert visit.post(f"{where}/delete", count=count).status == 409
    assert everything(here) == before


def test_a_count_that_no_longer_fits_comes_back_with_the_ticks_as_they_were(visit: Visit) -> None:
    number = number_of(visit, "Wound")
    said(visit, number)
    answer = confirmed(visit, number, ids(visit, number)[:2], count="3")
    assert "Delete 2 copies" in plain(answer.text)
    assert "the button said 3 copies, and you ticked 2 copies" in plain(answer.text)


def test_a_form_sent_twice_waits_once(here: Scene, visit: Visit) -> None:
    number = number_of(visit, "Wound")
    said(visit, number)
    first, second = waits_at(confirmed(visit, number)), waits_at(confirmed(visit, number))
    assert visit.post(f"{first}/alive").status == 404
    assert visit.post(f"{second}/alive").status == 204


def test_a_new_copy_asks_the_person_to_look_once_more(here: Scene, visit: Visit) -> None:
    number = number_of(visit, "Wound")
    said(visit, number)
    before = shown(visit, number)
    here.add("Pictures/again.jpg", 1)
    assert confirmed(visit, number, shown=before).status == 409


def test_a_picture_that_vanished_has_a_page_that_says_so(here: Scene, visit: Visit) -> None:
    number = number_of(visit, "Medicine and label")
    (here.home / "Pictures/box.jpg").unlink()
    assert isinstance(visit.page.reviewing.tools.darkroom, type(here.room))
    here.room.why = Unread.VANISHED
    text = plain(visit.get(f"/pictures/{number}").text)
    assert "No preview: the file is no longer there" in text
    said(visit, number)
    answer = confirmed(visit, number)
    assert "It was gone already" in plain(visit.get(answer.headers["location"].removesuffix("#panel")).text)


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>.jpg", "a\nb.jpg", "$(reboot).jpg", "..jpg", "\u202egpj.exe"]
)
def test_a_hostile_name_is_shown_as_letters_only(here: Scene, visit: Visit, name: str) -> None:
    number = here.add(f"Pictures/{name}", 8)
    page = visit.get(f"/pictures/{number}").text
    assert "<script>alert" not in page
    assert "\u202e" not in page
    said(visit, number)
    where = waits_at(confirmed(visit, number))
    here.clock_s += 31
    visit.post(f"{where}/delete", count="1")
    assert not (here.home / "Pictures" / name).exists()
    assert (here.home / "Pictures/a.jpg").exists()


def test_without_consent_nothing_is_shown(here: Scene, visit: Visit) -> None:
    (places().photos / CONSENT).unlink()
    for address in ("/pictures", "/pictures/1", "/pictures/1/delete"):
        assert "to your pictures being looked at, so there is nothing to show" in plain(visit.get(address).text)
    agreed()
    assert "3 pictures to decide" in plain(visit.get("/pictures").text)


def test_a_damaged_ledger_stops_every_deletion_until_the_person_begins_anew(here: Scene, visit: Visit) -> None:
    number, before = number_of(visit, "Wound"), everything(here)
    said(visit, number)
    form = {"shown": shown(visit, number), "copy": ids(visit, number), "count": "3", "seen": "yes", "says": "yes"}
    where = waits_at(confirmed(visit, number))
    here.clock_s += 31
    (places().photos / "ledger.key").write_bytes(b"x" * 32)
    for answer in (visit.post(f"{where}/delete", count="3"), visit.post(f"/pictures/{number}/delete", **form)):
        assert answer.status in (303, 503)
    assert everything(here) == before
    assert "Begin anew" in plain(visit.get("/pictures").text)
    assert visit.post("/pictures/anew", sure="yes").status == 303
    assert "3 pictures to decide" in plain(visit.get("/pictures").text)


def test_an_index_that_was_lost_takes_what_waits_along(here: Scene, visit: Visit) -> None:
    number, before = number_of(visit, "Wound"), everything(here)
    said(visit, number)
    where = waits_at(confirmed(visit, number))
    here.clock_s += 31
    Index.wipe(places().photos)
    answer = visit.post(f"{where}/delete", count="3")
    assert "Nothing was deleted" in plain(visit.get(answer.headers["location"].removesuffix("#panel")).text)
    assert everything(here) == before


def test_what_cannot_be_an_index_is_said(here: Scene, visit: Visit) -> None:
    Index.wipe(places().photos)
    for one in places().photos.glob("index.sqlite*"):
        one.unlink()
    (places().photos / "index.sqlite").mkdir()
    answer = visit.get("/pictures")
    assert answer.status == 503
    assert "index of pictures" in plain(answer.text)
