"""Copies that only look the same and are another picture: set apart by the clinician, and put together again."""

from agent.page.model import Ask, Endpoint, Reply, see_other
from agent.page.review_frame import NUMBER, answered, back_to, refuse, same, view


def _set_apart(ask: Ask) -> Reply:
    seen = view(ask)
    same(seen)
    assert ask.form is not None
    copy = ask.form.get("copy")
    if not isinstance(copy, str) or not NUMBER.fullmatch(copy) or int(copy) not in seen.chosen.ids:
        raise refuse("Say first which copy is another picture. Nothing was kept.")
    stay = ask.page.reviewing.acts.set_apart(seen.chosen.ids, int(copy))
    ask.page.reviewing.unsettled()
    return see_other(f"/pictures/{min(stay)}?kept=apart#panel")


def _join(ask: Ask) -> Reply:
    seen = view(ask)
    same(seen)
    ask.page.reviewing.acts.join(seen.chosen.ids)
    ask.page.reviewing.unsettled()
    return see_other(back_to(seen.chosen, kept="same"))


ENDPOINTS = (
    Endpoint(method="POST", path="/pictures/{number}/apart", name="picture_apart", run=answered(_set_apart)),
    Endpoint(method="POST", path="/pictures/{number}/same", name="picture_same", run=answered(_join)),
)
