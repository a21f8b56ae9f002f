"""What the clinician says of a picture: the form, and what follows from each line of it."""

from collections.abc import Mapping

from agent.page.model import Ask, Endpoint, Reply, see_other
from agent.page.review_choices import SAID_AT_ONCE, SENDERS, THEN_DELETE, Decision, Who, way
from agent.page.review_frame import View, answered, back_to, page, refuse, same, view
from agent.page.review_model import Picture, State
from agent.photos.ledger_model import REASON_CHARACTERS, Said, Sender
from checks.clinical_images.fact import Disposition
from reports.web.entered import Entered

SENDER_DECIDED: Mapping[str, Sender | None] = {"": None, **{one.value: one for one in Sender}}
NEXT_PAGE = {Decision.RECEIVED: "received", Decision.TEACHING: "teaching", Decision.HOLD: "hold"}


def chosen(picture: Picture) -> str:
    """What was said of it last, as the form has it; "" where nothing was: nothing is chosen beforehand."""
    lines = {**SAID_AT_ONCE, **THEN_DELETE}
    return next((line.value for line, said in lines.items() if said is picture.disposition), "")


def _decide(ask: Ask) -> Reply:
    seen = view(ask)
    same(seen)
    decision = _decision(ask)
    if decision in NEXT_PAGE:
        return see_other(f"/pictures/{seen.chosen.number}/{NEXT_PAGE[decision]}#panel")
    if decision in SAID_AT_ONCE:
        upcoming = seen.shelf.around(seen.chosen)[1]
        _say(seen, SAID_AT_ONCE[decision], None)
        return see_other(back_to(upcoming if upcoming and upcoming.state is State.OPEN else None, kept=decision))
    _say(seen, THEN_DELETE[decision], _sender(ask))
    return see_other(f"/pictures/{seen.chosen.number}/delete#panel")


def _decision(ask: Ask) -> Decision:
    assert ask.form is not None
    wanted = ask.form.get("decision")
    if wanted not in set(Decision):
        raise refuse("Choose first what this picture is. Nothing was kept.")
    return Decision(str(wanted))


def _sender(ask: Ask) -> Sender | None:
    assert ask.form is not None
    wanted = ask.form.get("sender", "")
    if not isinstance(wanted, str) or wanted not in SENDER_DECIDED:
        raise refuse("That is no sender. Nothing was kept.")
    return SENDER_DECIDED[wanted]


def _say(seen: View, disposition: Disposition, sender: Sender | None) -> None:
    said = Said(disposition=disposition, at=int(seen.ask.at.timestamp()), sender=sender)
    seen.ask.page.reviewing.acts.say(seen.chosen.ids, said)


def _received(ask: Ask) -> Reply:
    return page(view(ask), "picture_received.html", senders=SENDERS)


def _who(ask: Ask) -> Reply:
    seen = view(ask)
    same(seen)
    assert ask.form is not None
    who = ask.form.get("who")
    if who not in set(Who):
        raise refuse("Choose first who stores it. Nothing was kept.")
    found = way(Who(str(who)), senders_word=seen.desk.in_force.policy.review.sender_may_file)
    if found is None:
        _say(seen, Disposition.IN_RECORD, None)
        return see_other(f"/pictures/{seen.chosen.number}/delete#panel")
    return page(seen, "picture_next.html", way=found)


def _hold(ask: Ask) -> Reply:
    return page(view(ask), "picture_hold.html")


def _held(ask: Ask) -> Reply:
    seen = view(ask)
    same(seen)
    assert ask.form is not None
    entered = Entered(ask.form)
    reason = entered.line("reason", "Why you keep it", longest=REASON_CHARACTERS)
    if entered.faults:
        return page(seen, "picture_hold.html", status=400, faults=entered.faults, values=entered.values)
    said = Said(disposition=Disposition.LEGAL_HOLD, at=int(ask.at.timestamp()), reason=reason)
    ask.page.reviewing.acts.say(seen.chosen.ids, said)
    return see_other(back_to(seen.picture))


def _lift(ask: Ask) -> Reply:
    seen = view(ask)
    same(seen)
    assert ask.form is not None
    if ask.form.get("sure") != "yes":
        raise refuse("Tick the line first. The hold stands.")
    ask.page.reviewing.acts.lift_hold(seen.chosen.ids)
    return see_other(back_to(seen.picture))


ENDPOINTS = (
    Endpoint(method="POST", path="/pictures/{number}/decide", name="picture_decide", run=answered(_decide)),
    Endpoint(method="GET", path="/pictures/{number}/received", name="picture_received", run=answered(_received)),
    Endpoint(method="POST", path="/pictures/{number}/received", name="picture_who", run=answered(_who)),
    Endpoint(method="GET", path="/pictures/{number}/hold", name="picture_hold", run=answered(_hold)),
    Endpoint(method="POST", path="/pictures/{number}/hold", name="picture_held", run=answered(_held)),
    Endpoint(method="POST", path="/pictures/{number}/lift", name="picture_lift", run=answered(_lift)),
)
