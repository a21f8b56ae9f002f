"""From "it is in the record" to the second confirmation: two ticks, every copy with a tick of its own, and a count."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from agent.page import review_panel, review_undo
from agent.page.model import Ask, Endpoint, Reply, see_other
from agent.page.note import Told, note
from agent.page.review_frame import NUMBER, View, answered, page, refuse, same, view
from agent.page.review_outcome import Place
from agent.page.review_panel import Row, said_of
from agent.page.review_words import copies, taken_at
from agent.page.reviewing_files import fullest
from agent.photos.image import Unread
from agent.photos.ledger_model import REFERENCE_CHARACTERS, Said, Source
from agent.photos.review.rules import ReviewRefusal, Why
from agent.stored.model import Answer, Stored
from checks.clinical_images.fact import Disposition, Origin
from reports.web.entered import Entered

BOTH = "Tick both lines first: once deleted it can't come back. Nothing was deleted."
RECOUNTED = (
    "Nothing was deleted: the button said {said}, and you ticked {ticked}. It now says the number that you ticked. "
    "Look at the list once more."
)
NO_BYTES = "The picture could not be read, so nobody was asked. Look at it on its device."


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked before the copies go."""

    head: str
    seen: str
    says: str


SAYS = "The record says who took it, when, how, and who it was shared with"
ASKED: Mapping[Disposition, Asked] = {
    Disposition.IN_RECORD: Asked(
        head="Is it in the patient's record?",
        seen="I have opened the record and seen this picture there",
        says=SAYS,
    ),
    Disposition.FILED: Asked(
        head="Is the print in the patient's file?",
        seen="I have seen the print in the file, and it shows what matters",
        says="The file says who took it, when, how, and who it was shared with",
    ),
    Disposition.FILED_BY_SENDER: Asked(
        head="Has its sender stored it?",
        seen="The sender told me that this very picture is in the patient's record",
        says="If I gave care on it, the record says so, and who sent it to me",
    ),
}

NOT_ASKED: Mapping[Disposition, Why] = {Disposition.LEGAL_HOLD: Why.ON_HOLD, Disposition.NONE: Why.NOT_SAID}
"""Else it was said to be something that stays."""


def _confirm(ask: Ask) -> Reply:
    return _asked(view(ask))


def _asked(seen: View, *, ticked: Sequence[int] | None = None, fault: str = "", reference: str = "") -> Reply:
    """The page of the second confirmation."""
    picture = seen.chosen
    asked = ASKED.get(picture.disposition)
    if asked is None:
        raise ReviewRefusal(NOT_ASKED.get(picture.disposition, Why.NOT_STORED))
    rows = [replace(one, here=one.here and not one.stays) for one in review_panel.rows(seen)]
    may_go = [one.id for one in rows if one.here]
    if not may_go:
        return page(seen, "delete_unplugged.html")
    answer = seen.ask.page.reviewing.memory.answers.get(picture.ids)
    said = said_of(seen)
    return page(
        seen,
        "delete_confirm.html",
        status=400 if fault else 200,
        asked=asked,
        copies=rows,
        ticked=_first_ticked(rows) if ticked is None else [one for one in may_go if one in ticked],
        hidden_here=seen.ask.page.reviewing.memory.is_hidden(picture),
        clear=seen.ask.query.get("clear") == "1",
        fault=fault,
        record=_record_name(seen),
        answer=answer,
        proven=_proven(said, answer),
        note=note(_told(seen)),
        sent=any(one.origin is Origin.SENT for one in picture.copies),
        reference=reference or (said.reference if said else ""),
    )


def _first_ticked(rows: Sequence[Row]) -> list[int]:
    """Copies of the very contents that were shown. What only looks the same is ticked by the person, who looks at it:
    two pages of one form, or two pictures in a row, are easily taken for one.
    """
    return [one.id for one in rows if one.here and not one.alike]


def _proven(said: Said | None, answer: Answer | None) -> bool:
    """The record system has it: so says its answer, and the person let it stand."""
    return (
        answer is not None
        and answer.stored is Stored.STORED
        and said is not None
        and said.source is Source.RECORD_SYSTEM
    )


def _record_name(seen: View) -> str:
    records = seen.ask.page.reviewing.records(seen.desk)
    return "" if records is None else records.name


def _told(seen: View) -> Told:
    picture = seen.chosen
    return Told(
        first=picture.first,
        copies=picture.copies,
        phones=seen.desk.config.phone_ownership,
        disposition=picture.disposition,
        now=seen.ask.at.astimezone(),
    )


def _stored(ask: Ask) -> Reply:
    """Ask the record system. What was typed is used for this one question."""
    seen = view(ask)
    same(seen)
    assert ask.form is not None
    reviewing = ask.page.reviewing
    records = reviewing.records(seen.desk)
    if records is None:
        raise refuse("Your practice's policy names no record system that could be asked.")
    data = _bytes(seen)
    if isinstance(data, Unread):
        return _asked(seen, fault=NO_BYTES)
    when = taken_at(seen.chosen.first.result)
    with reviewing.busy.at_work():
        answer = records.ask(
            data,
            patient=Entered(ask.form).raw("patient")[:100],
            taken_day=when.date() if when else None,
            now=int(ask.at.timestamp()),
        )
    reviewing.memory.answers.put(seen.chosen.ids, answer)
    if answer.stored is Stored.STORED:
        _say_stored(seen, answer)
    return see_other(f"/pictures/{seen.chosen.number}/delete#panel")


def _bytes(seen: View) -> bytes | Unread:
    reviewing = seen.ask.page.reviewing
    known = reviewing.copies(seen.chosen.ids)
    best = next(iter(fullest(known.values(), reviewing.is_here)), None)
    return Unread.VANISHED if best is None else reviewing.data(best)


def _say_stored(seen: View, answer: Answer) -> None:
    said = Said(
        disposition=Disposition.IN_RECORD,
        at=int(seen.ask.at.timestamp()),
        source=Source.RECORD_SYSTEM,
        reference=answer.reference,
    )
    seen.ask.page.reviewing.acts.say(seen.chosen.ids, said)


def _delete(ask: Ask) -> Reply:
    """Prove that the ticked copies may go. Nothing is touched yet: the time to undo begins."""
    seen = view(ask)
    same(seen)
    assert ask.form is not None
    entered = Entered(ask.form)
    ticked, count = _ticked(entered), _number(entered.raw("count"))
    reference = entered.line("reference", "Where to find it", longest=REFERENCE_CHARACTERS, needed=False)
    if entered.faults:
        return _asked(seen, ticked=ticked, fault=" ".join(entered.faults.values()))
    if not (entered.ticked("seen") and entered.ticked("says")):
        return _asked(seen, ticked=ticked, fault=BOTH, reference=reference)
    if ticked and count != len(ticked):
        fault = RECOUNTED.format(said=copies(count), ticked=copies(len(ticked)))
        return _asked(seen, ticked=ticked, fault=fault, reference=reference)
    if reference:  # before the log needs it
        seen.ask.page.reviewing.acts.refer(ticked, reference)
    return review_undo.begin(seen, ticked, count, _places(seen, ticked))


def _ticked(entered: Entered) -> list[int]:
    """Each once; that they are copies of this picture is asked where it counts. Raises Refusal."""
    return list(dict.fromkeys(_number(one) for one in entered.several("copy")))


def _number(text: str) -> int:
    if not NUMBER.fullmatch(text):
        raise refuse("A number was expected. Nothing was deleted.")
    return int(text)


def _places(seen: View, ticked: Sequence[int]) -> Mapping[int, Place]:
    """What the result page says of each copy, taken down while they are all there."""
    reviewing = seen.ask.page.reviewing
    known = reviewing.copies(ticked)
    rows: list[Row] = review_panel.rows(seen)
    return {
        one.id: Place(
            row=known[one.id], where=f"{one.where}, {one.device}", maker=reviewing.maker(known[one.id].device)
        )
        for one in rows
        if one.id in known
    }


ENDPOINTS = (
    *review_undo.ENDPOINTS,
    Endpoint(method="GET", path="/pictures/{number}/delete", name="picture_confirm", run=answered(_confirm)),
    Endpoint(method="POST", path="/pictures/{number}/delete", name="picture_delete", run=answered(_delete)),
    Endpoint(method="POST", path="/pictures/{number}/stored", name="picture_stored", run=answered(_stored)),
)
