"""The frame of every page of the review: the heading, what to know first, the grid, and a panel for one picture."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any

from agent.commands.photos_table import not_listened, places_of
from agent.desk import Desk
from agent.page import review_words
from agent.page.model import Ask, Refusal, Reply, not_found
from agent.page.review_model import Looked, Picture, Shelf, State
from agent.photos.consent import given
from agent.photos.index_model import LAPTOP, IndexTrouble
from agent.photos.ledger_model import LedgerTrouble, Trouble
from agent.photos.review.rules import ReviewRefusal, Why
from agent.photos.scan import recordings
from reports.web.words import moment

MOST_SHOWN = 60
"""Pictures in one grid: more previews than this help nobody."""
PILLS = ((State.OPEN, "To decide"), (State.HOLD, "On hold"), (State.DECIDED, "Decided"))
NUMBER = re.compile(r"[0-9]{1,18}", re.ASCII)
NOT_AGREED = (
    "You haven't agreed to your pictures being looked at, so there is nothing to show. "
    "What it would mean, and how to agree, is on the page My devices."
)
KEPT = {
    "own": "Kept: not a picture of ours. It stays where it is, and no longer counts.",
    "not_clinical": "Kept: not clinical. It stays where it is, and neither it nor a copy of it is asked about again.",
    "apart": "Kept: that one is another picture. It stands by itself now, and is to be decided by itself.",
    "same": "Kept: they are the same picture after all. What you say of one counts for all of them again.",
}
"""What is said on the page after an act that needs no more."""
THIS_LAPTOP = {LAPTOP: "this laptop"}


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What one page of the review is about."""

    ask: Ask
    desk: Desk
    shelf: Shelf
    picture: Picture | None = None
    unclear: int = 0
    """Deletions that were cut short and can't be told yet."""

    @property
    def chosen(self) -> Picture:
        """The picture. Only for pages that are about one."""
        assert self.picture is not None
        return self.picture


class Instead(Exception):
    """There is another page to show first."""

    def __init__(self, reply: Reply) -> None:
        super().__init__()
        self.reply = reply


def answered(run: Callable[[Ask], Reply]) -> Callable[[Ask], Reply]:
    """What may go wrong with ledger, index and rules becomes a page that says so."""

    @wraps(run)
    def answer(ask: Ask) -> Reply:
        try:
            return run(ask)
        except Instead as other:
            return other.reply
        except ReviewRefusal as error:
            return stopped(ask, error.sentence, status=404 if error.why is Why.GONE else 409)
        except LedgerTrouble as error:
            return stopped(ask, error.sentence, status=503, anew=error.reason is Trouble.DAMAGED)
        except IndexTrouble as error:
            return stopped(ask, error.sentence, status=503)

    return answer


def stopped(ask: Ask, *sentences: str, status: int, head: str = "Not done", anew: bool = False) -> Reply:
    """A page of its own, which leads back."""
    return bare(ask, head, sentences, mark="unknown", status=status, anew=anew)


def bare(
    ask: Ask, head: str, sentences: Sequence[str], *, mark: str, status: int = 200, anew: bool = False,
    links: Sequence[tuple[str, str]] = (("/pictures", "My pictures"), ("/", "My devices")),
) -> Reply:  # fmt: skip
    """A page without a grid."""
    return ask.page.render(
        "review_empty.html", ask, status=status, head=head, sentences=sentences, mark=mark, anew=anew, links=links
    )


def number_of(ask: Ask) -> int:
    """From the address. Raises Refusal."""
    text = ask.path.get("number", "")
    if not NUMBER.fullmatch(text):
        raise not_found()
    return int(text)


def view(ask: Ask) -> View:
    """The shelf, and the picture that the address names. Raises Instead, Refusal, IndexTrouble, LedgerTrouble."""
    desk = ask.page.open_desk()
    if not given(desk.places.photos):
        ask.page.reviewing.previews.forget()
        ask.page.reviewing.end_cut_off()
        raise Instead(
            bare(ask, "Your pictures are not looked at", [NOT_AGREED], mark="image", links=[("/", "My devices")])
        )
    unclear = ask.page.reviewing.put_right()
    shelf = ask.page.reviewing.shelf(desk)
    if "number" not in ask.path:
        return View(ask=ask, desk=desk, shelf=shelf, unclear=unclear)
    picture = shelf.holding(number_of(ask))
    if picture is None:
        gone = "It was deleted or moved, or the last look did not find it any more. Nothing was deleted by this page."
        raise Instead(stopped(ask, gone, status=404, head="That picture is no longer there"))
    return View(ask=ask, desk=desk, shelf=shelf, picture=picture, unclear=unclear)


def same(view: View) -> None:
    """The form was made for the copies that there are now. Raises ReviewRefusal."""
    form = view.ask.form
    if form is None or form.get("shown") != view.chosen.shown:
        raise ReviewRefusal(Why.CHANGED)


def page(view: View, template: str, *, status: int = 200, showing: State | None = None, **values: Any) -> Reply:
    """A page in the frame."""
    ask, shelf, picture = view.ask, view.shelf, view.picture
    showing = showing or (picture.state if picture else State.OPEN)
    row = shelf.under(showing)
    reviewing = ask.page.reviewing
    frame = {
        "headline": headline(shelf),
        "subline": subline(view),
        "warnings": list(_warnings(view)),
        "unclear": view.unclear,
        "sounds": _sounds(view),
        "kept": KEPT.get(ask.query.get("kept", ""), ""),
        "pills": [(state.value, word, len(shelf.under(state))) for state, word in PILLS],
        "showing": showing.value,
        "pictures": row[:MOST_SHOWN],
        "more": max(0, len(row) - MOST_SHOWN),
        "hidden": {one.number for one in row if reviewing.memory.is_hidden(one)},
        "picture": picture,
        "on_panel": True,
        "keys": reviewing.memory.keys,
        "words": review_words,
        "before": shelf.around(picture)[0] if picture else None,
        "after": shelf.around(picture)[1] if picture else None,
        "faults": {},
        "values": {},
    }
    return ask.page.render(template, ask, status=status, **{**frame, **values})


def headline(shelf: Shelf) -> str:
    """5 pictures to decide, 1 on hold"""
    to_decide, held = len(shelf.under(State.OPEN)), len(shelf.under(State.HOLD))
    first = f"{review_words.pictures(to_decide)} to decide" if to_decide else "Nothing to decide"
    return f"{first}, {held} on hold" if held else first


def subline(view: View) -> str:
    """12 copies on Pixel 9a and this laptop, looked at 21 November 2026, 7:12 am; 12,480 pictures, all readable"""
    lingering = [copy for one in view.shelf.pictures if one.state is not State.DECIDED for copy in one.copies]
    keys = dict.fromkeys(copy.device for copy in lingering)
    names = {**view.ask.page.reviewing.names(view.desk), **THIS_LAPTOP}
    parts = []
    if lingering:
        where = review_words.listing([names.get(one, "a phone") for one in keys])
        parts.append(f"{review_words.copies(len(lingering))} on {where}")
    looks = [one.at for one in view.shelf.looked if one.at is not None]
    if looks:
        parts.append(f"looked {moment(min(looks), _zone(view))}")
    parts.append(counts(view.shelf))
    return " \N{MIDDLE DOT} ".join(parts)


def counts(shelf: Shelf) -> str:
    """12,480 pictures, 3 could not be read"""
    looked, unread = sum(one.pictures for one in shelf.looked), sum(one.unread for one in shelf.looked)
    seen = f"{looked:,} picture{'' if looked == 1 else 's'}"
    return f"{seen}, {unread:,} could not be read" if unread else f"{seen}, all readable"


def _warnings(view: View) -> Iterator[str]:
    holding = {copy.device for one in view.shelf.pictures for copy in one.copies} | {LAPTOP}
    known = [one for one in view.shelf.looked if one.key in holding]
    never = [one for one in known if one.at is None]
    if never:
        yield f"Not checked yet: {_names(never)}. There may be more."
    old = [one for one in known if one.at is not None and one.old]
    if old:
        oldest = moment(min(one.at or 0 for one in old), _zone(view))
        yield (
            f"What you see of {_names(old)} is from {oldest}: copies that came since are missing. Look again before "
            "you delete."
        )
    partly = [one for one in known if one.at is not None and not one.old and not one.whole]
    if partly:
        unread = sum(one.unread for one in partly)
        said = f": {unread:,} could not be read" if unread else ""
        yield f"Not every picture of {_names(partly)} could be looked at{said}. There may be more."


def _names(looked: Sequence[Looked]) -> str:
    return review_words.listing([one.name for one in looked])


def _sounds(view: View) -> str:
    rows = [row for some in recordings(view.desk.places.photos).values() for row in some]
    return not_listened(len(rows), places_of(rows, int(view.ask.at.timestamp()))) if rows else ""


def _zone(view: View) -> Any:
    return view.ask.at.astimezone().tzinfo


def back_to(picture: Picture | None, *, kept: str = "") -> str:
    """Its address. `kept`: what was just said of another, a key of KEPT."""
    told = f"?kept={kept}" if kept else ""
    return f"/pictures/{picture.number}{told}#panel" if picture else f"/pictures{told}"


def refuse(sentence: str) -> Refusal:
    """For what no page of ours sends."""
    return Refusal(status=400, code="form", sentence=sentence)
