"""What programs do: make enrolment codes, give and end waivers."""

from reports.console import waiving
from reports.console.api import shapes
from reports.console.api.reading import answer, waiver
from reports.console.intake import codes
from reports.console.model import Ask, Reply


def give_waiver(ask: Ask) -> Reply:
    """Give one."""
    wanted: shapes.NewWaiver = ask.body
    by, kind = waiving.signer_of(ask)
    with ask.console.store.write() as db:
        made = waiving.give(
            db,
            ask.console,
            practice_id=ask.practice_id,
            device_id=wanted.device_id,
            uid=wanted.uid,
            owner=wanted.owner,
            reason=wanted.reason,
            until=int(wanted.until.timestamp()),
            by=by,
            by_kind=kind,
        )
    return _one(ask, made, status=201)


def end_waiver(ask: Ask) -> Reply:
    """End one before its time."""
    by, kind = waiving.signer_of(ask)
    waiver_id = ask.path["waiver_id"]
    with ask.console.store.write() as db:
        waiving.end(db, ask.console, waiver_id=waiver_id, practice_id=ask.practice_id, by=by, by_kind=kind)
    return _one(ask, waiver_id, status=200)


def _one(ask: Ask, waiver_id: str, *, status: int) -> Reply:
    now = ask.console.now()
    with ask.console.store.read() as db:
        found = waiving.one_of(db, waiver_id=waiver_id, practice_id=ask.practice_id, now=now)
    return answer(waiver(found), status=status)


def make_code(ask: Ask) -> Reply:
    """Make one; it is shown this one time."""
    wanted: shapes.NewCode = ask.body
    by, kind = waiving.signer_of(ask)
    with ask.console.store.write() as db:
        text = codes.make_code(
            db,
            ask.console,
            practice_id=ask.practice_id,
            uses=wanted.uses,
            days=wanted.days,
            ownership=wanted.ownership,
            group_id=wanted.group_id,
            label=wanted.label,
            by=by,
            actor_kind=kind,
        )
    return answer(shapes.Code(code=text), status=201)
