"""The pages on which the clinician decides about pictures that were found."""

from textwrap import wrap

from agent.page import (
    review_decide,
    review_delete,
    review_log,
    review_panel,
    review_parted,
    review_teach,
    review_unclear,
)
from agent.page.model import Ask, Endpoint, Reply, not_found, see_other
from agent.page.review_choices import ACTS
from agent.page.review_frame import NUMBER, View, answered, back_to, bare, counts, number_of, page, refuse, same, view
from agent.page.review_model import Picture, State
from agent.page.review_panel import ASKED_NOT_TO, not_shown
from agent.photos.darkroom_model import Preview

MISSES = "The finder can miss pictures: if you know of one, put it in the record, then delete it yourself."
NO_PREVIEW = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 240" width="320" height="240">'
    '<rect width="320" height="240" fill="#e9eeed"/><g font-family="sans-serif" font-size="26" fill="#475654" '
    'text-anchor="middle">{}</g></svg>'
)
"""Only our own fixed words go into it."""
LETTERS, LINES = 20, 5


def _pictures(ask: Ask) -> Reply:
    seen = view(ask)
    if not seen.shelf.pictures:
        return _nothing(seen)
    asked = ask.query.get("show", State.OPEN)
    showing = State(asked) if asked in set(State) else State.OPEN
    row = seen.shelf.under(showing)
    first = View(ask=ask, desk=seen.desk, shelf=seen.shelf, picture=row[0] if row else None, unclear=seen.unclear)
    return _panel(first, on_panel=False, showing=showing)


def _picture(ask: Ask) -> Reply:
    return _panel(view(ask), on_panel=True)


def _panel(seen: View, *, on_panel: bool, showing: State | None = None) -> Reply:
    if seen.picture is None:
        return page(seen, "review.html", on_panel=on_panel, showing=showing)
    return page(
        seen,
        "review.html",
        on_panel=on_panel,
        showing=showing,
        look=review_panel.look(seen),
        clear=seen.ask.query.get("clear") == "1",
        facts=review_panel.facts(seen),
        copies=review_panel.rows(seen),
        others=seen.ask.page.reviewing.others(seen.chosen, seen.shelf),
        word=review_panel.word(seen),
        trashed=review_panel.is_in_trash(seen),
        acts=ACTS,
        chosen=review_decide.chosen(seen.picture),
    )


def _nothing(seen: View) -> Reply:
    """No picture stands out, or nobody looked."""
    looked = [one for one in seen.shelf.looked if one.at is not None]
    links = [("/", "My devices")]
    if not looked:
        said = ["Your devices have not been checked yet."]
        return bare(seen.ask, "Nothing to show yet", said, mark="unknown", links=links)
    doubts = [one for one in looked if one.old or not one.whole]
    said = [f"We looked at {counts(seen.shelf)}, and none stands out.", MISSES]
    if doubts:
        names = " and ".join(one.name for one in doubts)
        said.append(f"The last look at {names} is too old, or did not see everything. Look again.")
    head = "Nothing found, and not everything seen" if doubts else "Nothing to decide"
    return bare(seen.ask, head, said, mark="unknown" if doubts else "pass", links=links)


def _preview(ask: Ask) -> Reply:
    """A JPEG, or a drawing that says why there is none."""
    number, reviewing = number_of(ask), ask.page.reviewing
    desk = ask.page.open_desk()
    picture = reviewing.recent(desk, number)
    if picture is None:
        raise not_found()
    if reviewing.memory.is_hidden(picture):
        return _drawing(ASKED_NOT_TO)
    made = reviewing.preview(_wanted(ask, picture))
    if not isinstance(made, Preview):
        return _drawing(not_shown(made))
    return Reply(content=made.clear if ask.query.get("clear") == "1" else made.blurred, kind="image/jpeg")


def _wanted(ask: Ask, picture: Picture) -> tuple[int, ...]:
    """One of its copies, where the address names it; else any."""
    one = ask.query.get("copy")
    if one is None:
        return picture.ids
    if not NUMBER.fullmatch(one) or int(one) not in picture.ids:
        raise not_found()
    return (int(one),)


def _drawing(words: str) -> Reply:
    lines = [
        f'<text x="160" y="{70 + 36 * place}">{line}</text>' for place, line in enumerate(wrap(words, LETTERS)[:LINES])
    ]
    return Reply(content=NO_PREVIEW.format("".join(lines)).encode(), kind="image/svg+xml")


def _hide(ask: Ask) -> Reply:
    seen = view(ask)
    same(seen)
    ask.page.reviewing.memory.hide(seen.chosen.ids)
    return see_other(back_to(seen.picture))


def _keys(ask: Ask) -> Reply:
    assert ask.form is not None
    wanted, back = ask.form.get("keys"), ask.form.get("back")
    if wanted not in ("on", "off") or not isinstance(back, str) or not back.isascii() or not back.isdecimal():
        raise refuse("Keys are on or off.")
    ask.page.reviewing.memory.keys = wanted == "on"
    return see_other(f"/pictures/{back[:18]}#panel")


ENDPOINTS = (
    Endpoint(method="GET", path="/pictures", name="pictures", run=answered(_pictures)),
    Endpoint(method="POST", path="/pictures/keys", name="picture_keys", run=answered(_keys)),
    *review_log.ENDPOINTS,
    *review_unclear.ENDPOINTS,
    *review_delete.ENDPOINTS,
    Endpoint(method="GET", path="/pictures/{number}", name="picture", run=answered(_picture)),
    Endpoint(method="GET", path="/pictures/{number}/preview", name="picture_preview", run=answered(_preview)),
    Endpoint(method="POST", path="/pictures/{number}/hide", name="picture_hide", run=answered(_hide)),
    *review_decide.ENDPOINTS,
    *review_parted.ENDPOINTS,
    *review_teach.ENDPOINTS,
)
