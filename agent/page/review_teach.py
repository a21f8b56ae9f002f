"""One copy for teaching: without time, place and device, with an end, and only with the patient's consent."""

from collections.abc import Mapping
from datetime import timedelta

from agent.page.model import Ask, Endpoint, Reply, see_other
from agent.page.review_frame import View, answered, page, same, stopped, view
from agent.page.review_panel import not_shown
from agent.page.reviewing_files import fullest
from agent.photos.darkroom_model import DarkroomError, Stripped, Trace
from agent.photos.image import Unread
from agent.photos.index_model import Reviewable
from agent.photos.ledger_model import REASON_CHARACTERS, Said
from agent.photos.review.rules import ReviewRefusal, Why
from checks.clinical_images.fact import Disposition
from reports.web.entered import Entered

LASTS = timedelta(days=90)
TRACES: Mapping[Trace, str] = {
    Trace.TIME: "Time and date",
    Trace.PLACE: "Place",
    Trace.DEVICE: "What took it: phone or camera model",
    Trace.SERIAL: "Serial numbers",
    Trace.NAMES: "Names, captions and comments",
    Trace.PREVIEW: "The small preview stored inside",
    Trace.MAKER_NOTES: "The maker's own notes",
    Trace.XMP: "Notes of programs that edited it",
    Trace.SOUND: "The sound",
    Trace.COLOUR_PROFILE: "The colour profile, which may name a device",
    Trace.OTHER: "Other data beside the picture",
}
BOTH = "Tick both lines first. No copy was made."


def _teaching(ask: Ask) -> Reply:
    return _form(view(ask))


def _form(seen: View, *, status: int = 200, faults: Mapping[str, str] | None = None, reason: str = "") -> Reply:
    _may(seen)
    until = int((seen.ask.at + LASTS).timestamp())
    return page(
        seen, "teaching.html", status=status, faults=faults or {}, values={"reason": reason}, until=until
    )  # fmt: skip


def _may(seen: View) -> None:
    """Raises ReviewRefusal."""
    if seen.chosen.disposition is Disposition.LEGAL_HOLD:
        raise ReviewRefusal(Why.ON_HOLD)


def _make(ask: Ask) -> Reply:
    """Make the copy, and remember until when it may stay."""
    seen = view(ask)
    same(seen)
    _may(seen)
    assert ask.form is not None
    entered = Entered(ask.form)
    reason = entered.line("reason", "Why you keep it", longest=REASON_CHARACTERS)
    if not (entered.ticked("consent") and entered.ticked("nobody")):
        entered.wrong("reason", BOTH)
    if entered.faults:
        return _form(seen, status=400, faults=entered.faults, reason=reason)
    with ask.page.reviewing.busy.at_work():
        made = _stripped(seen)
        if isinstance(made, Unread):
            said = f"{not_shown(made).replace('No preview', 'No copy was made')}. Nothing was kept or deleted."
            return stopped(ask, said, status=409, head="No copy could be made")
        _keep(seen, *made, reason)
    ask.page.reviewing.memory.taught.put(seen.chosen.ids, made[1].removed)
    return see_other(f"/pictures/{seen.chosen.number}/kept#panel")


def _stripped(seen: View) -> tuple[Reviewable, Stripped] | Unread:
    """Of the copy with most in it that a copy can be made of."""
    reviewing = seen.ask.page.reviewing
    why: Unread = Unread.VANISHED
    for one in fullest(reviewing.copies(seen.chosen.ids).values(), reviewing.is_here):
        try:
            made = reviewing.strip(one)
        except DarkroomError as error:
            why = error.why
            continue
        if isinstance(made, Stripped):
            return one, made
        why = made
    return why


def _keep(seen: View, original: Reviewable, made: Stripped, reason: str) -> None:
    ask = seen.ask
    said = Said(
        disposition=Disposition.TEACHING,
        at=int(ask.at.timestamp()),
        until=int((ask.at + LASTS).timestamp()),
        reason=reason,
    )
    folder = ask.page.reviewing.tools.pictures(seen.desk)
    ask.page.reviewing.acts.keep_for_teaching(original.id, made.data, made.suffix, said, folder)


def _kept(ask: Ask) -> Reply:
    seen = view(ask)
    removed = ask.page.reviewing.memory.taught.get(seen.chosen.ids)
    if removed is None:
        return see_other(f"/pictures/{seen.chosen.number}#panel")
    until = int((ask.at + LASTS).timestamp())
    return page(seen, "teaching_done.html", removed=[TRACES[one] for one in removed], until=until)


ENDPOINTS = (
    Endpoint(method="GET", path="/pictures/{number}/teaching", name="picture_teaching", run=answered(_teaching)),
    Endpoint(method="POST", path="/pictures/{number}/teaching", name="picture_teach", run=answered(_make)),
    Endpoint(method="GET", path="/pictures/{number}/kept", name="picture_kept", run=answered(_kept)),
)
