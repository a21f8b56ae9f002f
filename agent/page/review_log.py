"""The clinician's own log: what became of pictures, in words, and as text to keep."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agent.page.model import Ask, Endpoint, Reply, see_other
from agent.page.review_frame import answered, refuse
from agent.photos.ledger_log import KEPT_REASON, OUTCOMES, REASONS, SAYS
from agent.photos.ledger_model import Entry, Event

MOST_ROWS = 200
SAID = {
    "in_record": "in the record", "filed": "printed and filed", "filed_by_sender": "its sender stored it",
    "own": "not ours", "teaching": "teaching", "not_clinical": "not clinical", "legal_hold": "legal hold",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the log, in words."""

    at: int
    what: str
    where: str
    said: str
    reference: str
    sha256: str


def _log(ask: Ask) -> Reply:
    with ask.page.reviewing.ledger() as ledger:
        entries, whole = ledger.log(), ledger.verify()
    newest = list(_rows(entries[: -MOST_ROWS - 1 : -1]))
    return ask.page.render("review_log.html", ask, rows=newest, whole=whole, more=len(entries) > len(newest))


def _rows(entries: Sequence[Entry]) -> Iterator[Row]:
    for one in entries:
        where = f"{one.device}, {one.place.replace('_', ' ')}" if one.place else one.device
        yield Row(
            at=one.at, what=_what(one), where=where, said=SAID.get(one.disposition, ""), reference=one.reference,
            sha256=one.sha256,
        )  # fmt: skip


def _what(one: Entry) -> str:
    text = SAYS.get(one.event, "")
    if one.event is Event.DELETION:
        text = OUTCOMES.get(one.outcome) or f"not deleted, as {REASONS.get(one.outcome, KEPT_REASON)}"
    files = f" ({one.pictures} files)" if one.pictures != 1 else ""
    return f"{text[:1].upper()}{text[1:]}{files}"


def _text(ask: Ask) -> Reply:
    zone = ask.at.astimezone().tzinfo
    assert zone is not None
    with ask.page.reviewing.ledger() as ledger:
        text = ledger.log_text(zone)
    kept = {"content-disposition": 'attachment; filename="scrubin-log.txt"'}
    return Reply(content=text.encode("utf-8", "replace"), kind="text/plain; charset=utf-8", headers=kept)


def _anew(ask: Ask) -> Reply:
    assert ask.form is not None
    if ask.form.get("sure") != "yes":
        raise refuse("Tick the line first. Nothing was changed.")
    ask.page.reviewing.acts.begin_anew()
    return see_other("/pictures")


ENDPOINTS = (
    Endpoint(method="GET", path="/pictures/log", name="pictures_log", run=answered(_log)),
    Endpoint(method="GET", path="/pictures/log.txt", name="pictures_log_text", run=answered(_text)),
    Endpoint(method="POST", path="/pictures/anew", name="pictures_anew", run=answered(_anew)),
)
