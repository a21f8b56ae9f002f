"""Pages of waivers: what is in force, what ends soon, what has ended; give one, look at one, end one."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from reports.console import waiving
from reports.console.console import see_other
from reports.console.csv_out import csv_reply
from reports.console.model import Access, Ask, Endpoint, Refusal, Reply, Role
from reports.console.store import tables
from reports.console.waiving import State, Waived
from reports.web.entered import PAGE, Entered, end_of, page_number
from reports.web.words import iso

ROWS_MOST = 100_000
"""Of the file."""
HEADER = (
    "waiver", "state", "device", "label", "model", "check", "title", "owner", "reason", "given_at", "given_by", "until",
    "ended_at", "ended_by",
)  # fmt: skip


def show(ask: Ask) -> Reply:
    """The list, by state."""
    now, state, page = ask.console.now(), _state(ask), page_number(ask.query)
    with ask.console.store.read() as db:
        rows = waiving.listed(
            db, practice_id=ask.practice_id, now=now, state=state, limit=PAGE + 1, offset=(page - 1) * PAGE
        )
        counts = waiving.counts(db, practice_id=ask.practice_id, now=now)
    values: dict[str, Any] = {
        "rows": rows[:PAGE],
        "more": len(rows) > PAGE,
        "number": page,
        "state": state,
        "counts": counts,
    }
    return ask.console.page("waivers.html", ask, State=State, **values)


def table(ask: Ask) -> Reply:
    """The same as a file."""
    with ask.console.store.read() as db:
        rows = waiving.listed(
            db, practice_id=ask.practice_id, now=ask.console.now(), state=_state(ask), limit=ROWS_MOST
        )
    return csv_reply("waivers", HEADER, _cells(rows))


def _state(ask: Ask) -> State | None:
    """In force, unless another is asked for; None for all of them, as a file of the whole."""
    text = ask.query.get("state", State.IN_FORCE)
    if text == "all":
        return None
    return State(text) if text in tuple(State) else State.IN_FORCE


def _cells(rows: Sequence[Waived]) -> Iterator[tuple[object, ...]]:
    for row in rows:
        about = (row.id, row.state, row.device_id, row.label, row.model, row.check_id, row.title, row.owner, row.reason)
        ended = ("", "") if row.ended_at is None else (iso(row.ended_at), row.ended_by or "")
        yield (*about, iso(row.created_at), row.created_by, iso(row.until), *ended)


def one(ask: Ask) -> Reply:
    """One waiver with what was done to it."""
    with ask.console.store.read() as db:
        found = waiving.one_of(db, waiver_id=ask.path["waiver_id"], practice_id=ask.practice_id, now=ask.console.now())
        line = tables.audit.c
        trail = db.execute(
            sa.select(line.at, line.actor, line.act)
            .where(line.practice_id == ask.practice_id, line.target == found.id, line.at >= found.created_at)
            .order_by(line.id)
            .limit(PAGE)
        ).all()
    return ask.console.page("waivers_one.html", ask, waiver=found, trail=trail)


def begin(ask: Ask) -> Reply:
    """The form for one finding; without one, the way to it."""
    if not ask.query.get("device") and not ask.query.get("uid"):
        return ask.console.page("waivers_new.html", ask, finding=None, faults={})
    return _form(ask, Entered(ask.query), status=200)


def give(ask: Ask) -> Reply:
    """Take the form."""
    assert ask.form is not None
    entered = Entered(ask.form)
    until = _until(ask, entered)
    owner = entered.line("owner", "Who answers for it", longest=waiving.LONGEST_OWNER)
    reason = entered.line("reason", "Reason", longest=waiving.LONGEST_REASON)
    if entered.faults:
        return _form(ask, entered, status=422)
    by, kind = waiving.signer_of(ask)
    with ask.console.store.write() as db:
        made = waiving.give(
            db,
            ask.console,
            practice_id=ask.practice_id,
            device_id=entered.raw("device"),
            uid=entered.raw("uid"),
            owner=owner,
            reason=reason,
            until=until,
            by=by,
            by_kind=kind,
        )
    return see_other(f"/waivers/{made}")


def finish(ask: Ask) -> Reply:
    """End one before its time."""
    by, kind = waiving.signer_of(ask)
    waiver_id = ask.path["waiver_id"]
    with ask.console.store.write() as db:
        waiving.end(db, ask.console, waiver_id=waiver_id, practice_id=ask.practice_id, by=by, by_kind=kind)
    return see_other(f"/waivers/{waiver_id}")


def _until(ask: Ask, entered: Entered) -> int:
    """The end of the day that was chosen, by the practice's own clock."""
    day = entered.day("until", "Last day")
    if day is None:
        return 0
    until, now = end_of(day, _zone(ask)), ask.console.now()
    if not now < until <= now + waiving.LONGEST_S:
        last = _last_day(ask)
        entered.wrong("until", f"Last day: today or later, and at the latest {last}, which is 90 days at most.")
    return until


def _last_day(ask: Ask) -> str:
    """The latest day whose end is no more than 90 days off, as `2027-02-19`."""
    latest = datetime.fromtimestamp(ask.console.now() + waiving.LONGEST_S, UTC).astimezone(_zone(ask))
    return (latest.date() - timedelta(days=1)).isoformat()


def _zone(ask: Ask) -> ZoneInfo:
    return ZoneInfo(ask.console.practice(ask.practice_id).timezone)


def _form(ask: Ask, entered: Entered, *, status: int) -> Reply:
    device_id, uid = entered.raw("device"), entered.raw("uid")
    with ask.console.store.read() as db:
        finding = waiving.open_finding(db, practice_id=ask.practice_id, device_id=device_id, uid=uid)
        if waiving.in_force(db, device_id=device_id, uid=uid, now=ask.console.now()):
            raise Refusal(status=409, code="waived", sentence="This finding is waived already. End that waiver first.")
    values: dict[str, Any] = {
        "values": dict(entered.values),
        "faults": entered.faults,
        "finding": finding,
        "last_day": _last_day(ask),
    }
    return ask.console.page("waivers_new.html", ask, status=status, uid=uid, **values)


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(method="GET", path="/waivers", name="waivers", access=Access.PERSON, run=show),
    Endpoint(method="GET", path="/waivers.csv", name="waivers_csv", access=Access.PERSON, run=table),
    Endpoint(
        method="GET", path="/waivers/new", name="waiver_new", access=Access.PERSON, run=begin, role=Role.MANAGER
    ),
    Endpoint(
        method="POST", path="/waivers/new", name="waiver_give", access=Access.PERSON, run=give, role=Role.MANAGER
    ),
    Endpoint(method="GET", path="/waivers/{waiver_id}", name="waiver", access=Access.PERSON, run=one),
    Endpoint(
        method="POST", path="/waivers/{waiver_id}/end", name="waiver_end", access=Access.PERSON, run=finish,
        role=Role.MANAGER,
    ),
)  # fmt: skip
