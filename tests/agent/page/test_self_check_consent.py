"""May scrubin look at your pictures? Asked in the same words as in a terminal, and taken back as easily."""

import contextlib
import html
import sqlite3
from datetime import UTC, datetime

import pytest
from self_check_parts import checked, rested
from visit_parts import Visit, plain

from agent.photos.consent import TEXT, agree, given
from agent.photos.ledger_store import FILE
from agent.places import places
from checks.clinical_images.fact import Disposition
from tests.agent.photos.ledger_parts import ledger_in, picture, said


def words(visit: Visit, address: str) -> str:
    return html.unescape(plain(visit.get(address).text))


def test_all_words_of_the_terminal_are_on_the_page(visit: Visit) -> None:
    page = words(visit, "/consent")
    for paragraph in TEXT.strip().split("\n\n"):
        assert " ".join(paragraph.split()) in page


def test_without_a_yes_the_check_says_so_and_the_page_asks(visit: Visit) -> None:
    checked(visit)
    page = words(visit, "/")
    assert "You haven't agreed to your pictures being looked at." in page
    assert "May scrubin look at your pictures?" in page


def test_a_yes_is_kept_and_pictures_are_looked_at(visit: Visit) -> None:
    assert visit.post("/consent", answer="yes").headers["location"] == "/"
    assert given(places().photos)
    rested(visit)
    page = words(visit, "/")
    assert "You agreed to your pictures being looked at." in page
    assert "May scrubin look at your pictures?" not in page
    assert "You agreed to this on" in words(visit, "/consent")


def test_a_yes_is_taken_back(visit: Visit) -> None:
    visit.post("/consent", answer="yes")
    visit.post("/consent", answer="withdraw")
    assert not given(places().photos)
    rested(visit)
    page = words(visit, "/")
    assert "No picture is looked at any more" in page
    assert "You haven't agreed to your pictures being looked at." in page


def test_with_a_yes_goes_what_was_said_of_pictures(visit: Visit) -> None:
    agree(places().photos, now=datetime.now(UTC))
    one = picture(1)
    with ledger_in(places().photos) as ledger:
        ledger.say([one], said(Disposition.NOT_CLINICAL))
    visit.post("/consent", answer="withdraw")
    with ledger_in(places().photos) as ledger:
        assert ledger.said_of(one) is None
    assert "but for the log of what you deleted" in words(visit, "/")


def test_a_no_that_leaves_something_behind_says_so(visit: Visit) -> None:
    agree(places().photos, now=datetime.now(UTC))
    ledger_in(places().photos).close()
    with contextlib.closing(sqlite3.connect(places().photos / FILE)) as another:
        another.execute("BEGIN EXCLUSIVE")
        assert visit.post("/consent", answer="withdraw").status == 303
    assert not given(places().photos)
    assert "what was kept about them is still here" in words(visit, "/")


@pytest.mark.parametrize("fields", [{}, {"answer": ""}, {"answer": "maybe"}, {"answer": "YES"}])
def test_only_a_plain_yes_is_a_yes(visit: Visit, fields: dict[str, str]) -> None:
    assert visit.post("/consent", **fields).status == 400
    assert not given(places().photos)


@pytest.mark.parametrize(("answer", "words"), [("yes", "so it does not count"), ("withdraw", "nothing has changed")])
def test_an_answer_that_can_not_be_kept_does_not_count(visit: Visit, answer: str, words: str) -> None:
    places().photos.parent.mkdir(parents=True, exist_ok=True)
    places().photos.write_bytes(b"")  # a file where the folder should be
    told = visit.post("/consent", answer=answer)
    assert told.status == 503
    assert words in told.text
    assert not given(places().photos)
