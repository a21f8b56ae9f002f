"""Deletions that were cut short and can't be told yet: which they are, and how the person closes one for good."""

from collections.abc import Sequence
from dataclasses import dataclass

from agent.escape import printable
from agent.page.model import Ask, Endpoint, Reply, see_other
from agent.page.review_frame import NUMBER, Instead, answered, bare, refuse
from agent.page.review_panel import LONGEST_PATH
from agent.photos.consent import given
from agent.photos.index_model import LAPTOP
from agent.photos.ledger_model import Intent
from checks.clinical_images.words import PLACES

ON_LAPTOP = "Its folder or disk is not there now. Connect the disk and open this page again: it looks first."
ON_PHONE = "Its phone did not answer. Plug it in, unlock it and open this page again: it looks first."


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One deletion without an end."""

    number: int
    where: str
    todo: str
    name: str
    """Its path, safe to show."""


def _unclear(ask: Ask) -> Reply:
    left = _left(ask)
    if not left:
        return see_other("/pictures")
    rows = [_row(number, intent) for number, intent in left]
    return ask.page.render("review_unclear.html", ask, rows=rows)


def _left(ask: Ask) -> Sequence[tuple[int, Intent]]:
    """After another try to tell, where the person lets us look at all. Raises LedgerTrouble, IndexTrouble."""
    reviewing = ask.page.reviewing
    reviewing.unsettled()
    if given(ask.page.places.photos):
        reviewing.put_right()
    return reviewing.acts.unsettled()


def _row(number: int, intent: Intent) -> Row:
    place = PLACES[intent.folder]
    laptop = intent.device == LAPTOP
    return Row(
        number=number,
        where=f"{place[0].upper()}{place[1:]}, {'this laptop' if laptop else 'a phone'}",
        todo=ON_LAPTOP if laptop else ON_PHONE,
        name=printable(intent.path, LONGEST_PATH),
    )


def _close(ask: Ask) -> Reply:
    assert ask.form is not None
    number = ask.form.get("number")
    if not isinstance(number, str) or not NUMBER.fullmatch(number):
        raise refuse("A number was expected. Nothing was closed.")
    if ask.form.get("looked") != "yes":
        raise refuse("Tick the line first: look for it yourself. Nothing was closed.")
    if int(number) not in {one for one, _ in _left(ask)}:
        raise Instead(bare(ask, "It has ended", ["How it ended is in your log."], mark="info", links=BACK))
    ask.page.reviewing.acts.close([int(number)])
    ask.page.reviewing.unsettled()
    return see_other("/pictures/unclear")


BACK = (("/pictures/log", "Your log"), ("/pictures", "My pictures"))
ENDPOINTS = (
    Endpoint(method="GET", path="/pictures/unclear", name="pictures_unclear", run=answered(_unclear)),
    Endpoint(method="POST", path="/pictures/unclear", name="pictures_close", run=answered(_close)),
)
