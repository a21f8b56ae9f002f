"""The time in which a deletion can be undone, the deletion itself once it is over, and what became of each copy."""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from functools import wraps

from agent.page.model import Ask, Endpoint, Reply, see_other
from agent.page.review_frame import Instead, View, answered, page, refuse, stopped, view
from agent.page.review_model import State
from agent.page.review_outcome import OFF, Place, left_line, not_begun, told
from agent.page.reviewing_waiting import Wait
from agent.photos.index_model import LAPTOP, IndexTrouble
from agent.photos.ledger_model import LedgerTrouble
from agent.photos.review.model import Removal, Removed
from agent.photos.review.pending import LONGER_UNDO_S, UNDO_S, Pending
from agent.photos.review.rules import SAYS, ReviewRefusal, Why
from checks.clinical_images.fact import Disposition

KEY = re.compile(r"[0-9a-f]{32}")
CHOICES: Mapping[str, float | None] = {"30": UNDO_S, "120": LONGER_UNDO_S, "none": None}
CHOICE_WORDS = (("30", "30 seconds"), ("120", "2 minutes"), ("none", "no limit: I say when"))
CUT = (
    "{} What was in hand at that moment is found out when this page is opened again; what stands above as still there "
    "was not touched."
)


def begin(seen: View, ticked: Sequence[int], count: int, places: Mapping[int, Place]) -> Reply:
    """Let it wait. Raises ReviewRefusal, LedgerTrouble, IndexTrouble."""
    reviewing, picture = seen.ask.page.reviewing, seen.chosen
    with reviewing.busy.at_work():
        pending = reviewing.acts.prepare(picture.ids, ticked, count, delay_s=reviewing.waiting.choice)
    if not pending.marked:
        done = not_begun(places, pending.left, picture.disposition, seen.ask.at.astimezone())
        reviewing.memory.outcomes.put(pending.id, done)
        _check_again(seen.ask, {places[id].row.device for id, why in pending.left.items() if why in OFF})
        return see_other(f"/pictures/done/{pending.id}#panel")
    reviewing.waiting.add(pending.id, number=picture.number, count=len(pending.marked))
    reviewing.memory.places.put(pending.id, places)
    return see_other(f"/pictures/waiting/{pending.id}#panel")


def _unless_begun(run: Callable[[Ask], Reply]) -> Callable[[Ask], Reply]:
    """Who asks about one that is being carried out, or is over, hears how it ended: not that nothing is deleted."""

    @wraps(run)
    def answer(ask: Ask) -> Reply:
        try:
            return run(ask)
        except ReviewRefusal as error:
            with ask.page.reviewing.deleting:
                if error.why is not Why.GONE or ask.page.reviewing.memory.outcomes.get(_key(ask)) is None:
                    raise
            return see_other(f"/pictures/done/{_key(ask)}#panel")

    return answer


def _key(ask: Ask) -> str:
    key = ask.path.get("key", "")
    if not KEY.fullmatch(key):
        raise ReviewRefusal(Why.GONE)
    return key


def _alive(ask: Ask, *, anew: bool = False) -> tuple[str, Wait, Pending]:
    """The one that the address names, of which this is a sign of life. One whose phone went is undone.

    `anew`: ask the phones at this moment. Raises ReviewRefusal, Instead, IndexTrouble.
    """
    key, reviewing = _key(ask), ask.page.reviewing
    wait = reviewing.waiting.alive(key)
    if wait is None:
        raise ReviewRefusal(Why.GONE)
    pending = reviewing.acts.pending(key)
    here = {LAPTOP, *reviewing.phones.here(anew=anew)}
    if not {one.copy.device for one in pending.marked} <= here:
        reviewing.acts.undo(key)
        reviewing.waiting.end(key)
        raise Instead(page(_about(ask, wait), "delete_unplugged.html", status=409))
    return key, wait, pending


def _waiting(ask: Ask) -> Reply:
    if ask.page.reviewing.memory.outcomes.get(_key(ask)) is not None:
        return see_other(f"/pictures/done/{_key(ask)}#panel")
    key, wait, pending = _alive(ask)
    seen = _about(ask, wait)
    clock_s = ask.page.clock_s()
    choices = {seconds: text for text, seconds in CHOICES.items()}
    return page(
        seen,
        "delete_undo.html",
        key=key,
        count=wait.count,
        left=None if pending.not_before is None else max(0, math.ceil(pending.not_before - clock_s)),
        whole=math.ceil(wait.whole_s or 0),
        ready_in=max(0, math.ceil(wait.ready_s - clock_s)),
        staying=_staying(ask, key, pending),
        choices=CHOICE_WORDS,
        choice=choices[wait.whole_s],
    )


def _about(ask: Ask, wait: Wait) -> View:
    seen = view(ask)
    picture = seen.shelf.holding(wait.number)
    return View(ask=ask, desk=seen.desk, shelf=seen.shelf, picture=picture, unclear=seen.unclear)


def _staying(ask: Ask, key: str, pending: Pending) -> list[object]:
    """Copies that were ticked and can't be deleted as they are."""
    places = ask.page.reviewing.memory.places.get(key) or {}
    return [left_line(places[id], why) for id, why in pending.left.items() if id in places]


def _undo(ask: Ask) -> Reply:
    """Also for one that is over, or has begun: then it says so."""
    key = _key(ask)
    reviewing = ask.page.reviewing
    wait = reviewing.waiting.alive(key)
    if not reviewing.acts.undo(key) or wait is None:
        raise ReviewRefusal(Why.GONE)
    reviewing.waiting.end(key)
    return see_other(f"/pictures/{wait.number}#panel")


def _wait(ask: Ask) -> Reply:
    key, _, _ = _alive(ask)
    assert ask.form is not None
    wanted = ask.form.get("seconds")
    if not isinstance(wanted, str) or wanted not in CHOICES:
        raise refuse("Choose 30 seconds, 2 minutes or no limit. Nothing was touched.")
    ask.page.reviewing.acts.wait(key, CHOICES[wanted])
    ask.page.reviewing.waiting.put_off(key, CHOICES[wanted])
    return see_other(f"/pictures/waiting/{key}#panel")


def _sign(ask: Ask) -> Reply:
    """The page is still open."""
    _alive(ask)
    return Reply(status=204)


def _carry_out(ask: Ask) -> Reply:
    """Delete, once the time to undo is over. Who asks while that is done, as the script does, hears how it ended."""
    with ask.page.reviewing.deleting:
        if ask.page.reviewing.memory.outcomes.get(_key(ask)) is not None:
            return see_other(f"/pictures/done/{_key(ask)}#panel")
        return _carried_out(ask)


def _carried_out(ask: Ask) -> Reply:
    key, wait, pending = _alive(ask, anew=True)
    reviewing = ask.page.reviewing
    assert ask.form is not None
    if ask.form.get("count") != str(wait.count):
        raise ReviewRefusal(Why.COUNT_DIFFERS)
    clock_s = ask.page.clock_s()
    if clock_s < wait.ready_s or clock_s < (pending.not_before or 0):
        return see_other(f"/pictures/waiting/{key}#panel")
    if pending.not_before is None:
        reviewing.acts.wait(key, 0)
    _deleted(ask, key, pending)
    return see_other(f"/pictures/done/{key}#panel")


def _deleted(ask: Ask, key: str, pending: Pending) -> None:
    """Copy by copy, each noted as soon as its turn is over. Raises ReviewRefusal where nothing was begun."""
    reviewing = ask.page.reviewing
    places = reviewing.memory.places.get(key) or {}
    said = _said(pending)
    outcomes: dict[int, Removed] = {id: Removed(outcome=why) for id, why in pending.left.items()}
    cut = ""
    with reviewing.busy.at_work():
        try:
            outcomes.update(reviewing.acts.carry_out(key, outcomes.__setitem__))
        except (LedgerTrouble, IndexTrouble) as error:
            cut = CUT.format(error.sentence)
        except ReviewRefusal as error:
            if error.why is Why.BUSY:
                raise
            cut = SAYS[error.why]
    reviewing.unsettled()
    reviewing.waiting.end(key)
    reviewing.memory.outcomes.put(key, told(places, outcomes, said, ask.page.now().astimezone(), cut=cut))
    touched = [id for id, one in outcomes.items() if one.outcome in (*OFF, Removal.REPLACED) and id in places]
    _check_again(ask, {places[id].row.device for id in touched})


def _said(pending: Pending) -> Disposition:
    """What the copies that are deleted were said to be."""
    ids = {one.copy.id for one in pending.marked}
    return next(one.disposition for one in pending.group if one.id in ids)


def _check_again(ask: Ask, devices: set[str]) -> None:
    """What the practice is told follows what was deleted. The index calls devices as a check does."""
    for device in sorted(devices):
        ask.page.checking.check(device, after=True)


def _done(ask: Ask) -> Reply:
    done = ask.page.reviewing.memory.outcomes.get(_key(ask))
    if done is None:
        return stopped(ask, "What was deleted is in your log.", status=404, head="That result is no longer kept")
    seen = view(ask)
    open_ones = seen.shelf.under(State.OPEN)
    upcoming = open_ones[0] if open_ones else None
    return page(seen, "delete_done.html", done=done, upcoming=upcoming, left_to_decide=len(open_ones))


def _ended(run: Callable[[Ask], Reply]) -> Callable[[Ask], Reply]:
    return answered(_unless_begun(run))


ENDPOINTS = (
    Endpoint(method="GET", path="/pictures/waiting/{key}", name="pictures_waiting", run=_ended(_waiting)),
    Endpoint(method="POST", path="/pictures/waiting/{key}/undo", name="pictures_undo", run=_ended(_undo)),
    Endpoint(method="POST", path="/pictures/waiting/{key}/wait", name="pictures_wait", run=_ended(_wait)),
    Endpoint(method="POST", path="/pictures/waiting/{key}/alive", name="pictures_alive", run=_ended(_sign)),
    Endpoint(method="POST", path="/pictures/waiting/{key}/delete", name="pictures_carry_out", run=answered(_carry_out)),
    Endpoint(method="GET", path="/pictures/done/{key}", name="pictures_done", run=answered(_done)),
)
