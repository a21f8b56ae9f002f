"""The audit log: every act, newest first. It can be read and filtered, and by nobody changed."""

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from reports.console.csv_out import csv_reply
from reports.console.model import Access, Ask, Endpoint, Reply
from reports.console.store import tables
from reports.web.entered import PAGE, Entered, day_of, end_of, page_number, start_of
from reports.web.words import iso

KINDS = (
    ("", "Everything"),
    ("agent", "Laptops"),
    ("alert", "Alert rules"),
    ("away", "Leave"),
    ("channel", "Channels"),
    ("code", "Enrolment codes"),
    ("device", "Devices"),
    ("group", "Groups"),
    ("person", "People"),
    ("policy", "Policy"),
    ("report", "Reports"),
    ("session", "Sign-in"),
    ("settings", "Settings"),
    ("sheet", "Signed papers"),
    ("token", "API tokens"),
    ("waiver", "Waivers"),
)
"""By the first word of each act."""
FILTERS = ("actor", "act", "from", "until")
LONGEST = 120
ROWS_MOST = 100_000
HEADER = ("at", "actor_kind", "actor", "act", "target", "detail")


def show(ask: Ask) -> Reply:
    """One page of it."""
    entered, page = Entered(ask.query), page_number(ask.query)
    rows = _rows(ask, entered, limit=PAGE + 1, offset=(page - 1) * PAGE)
    chosen = {name: entered.raw(name) for name in FILTERS if entered.raw(name)}
    kinds = KINDS if chosen.get("act", "") in dict(KINDS) else (*KINDS, (chosen["act"], chosen["act"]))
    values: dict[str, Any] = {
        "rows": rows[:PAGE],
        "more": len(rows) > PAGE,
        "number": page,
        "kinds": kinds,
        "faults": entered.faults,
    }
    link = urlencode(chosen)
    return ask.console.page("audit.html", ask, values=chosen, link=f"{link}&" if link else "", query=link, **values)


def table(ask: Ask) -> Reply:
    """The newest so many lines that the filters let through."""
    return csv_reply("audit-log", HEADER, _cells(_rows(ask, Entered(ask.query), limit=ROWS_MOST, offset=0)))


def _rows(ask: Ask, entered: Entered, *, limit: int, offset: int) -> Sequence[Any]:
    row = tables.audit.c
    query = sa.select(row.at, row.actor_kind, row.actor, row.act, row.target, row.detail)
    query = query.where(row.practice_id == ask.practice_id, *_wanted(ask, entered)).order_by(
        row.at.desc(), row.id.desc()
    )
    with ask.console.store.read() as db:
        return db.execute(query.limit(limit).offset(offset)).all()


def _wanted(ask: Ask, entered: Entered) -> Iterator[sa.ColumnElement[bool]]:
    """Conditions of the filters; one that can't be read is said, and filters nothing."""
    row = tables.audit.c
    zone = ZoneInfo(ask.console.practice(ask.practice_id).timezone)
    actor, act = entered.raw("actor")[:LONGEST].strip(), entered.raw("act")[:LONGEST].strip()
    if actor:
        yield row.actor.icontains(actor, autoescape=True)
    if act:
        # A kind of act, such as `waiver`, or one act, such as `waiver.given`; some kinds go by their plural.
        kinds = (row.act.startswith(f"{act}{end}", autoescape=True) for end in (".", "s."))
        yield sa.or_(row.act == act, *kinds)
    for name, at in (("from", start_of), ("until", end_of)):
        text = entered.raw(name)
        day = day_of(text)
        if day is not None:
            yield row.at >= at(day, zone) if name == "from" else row.at < at(day, zone)
        elif text:
            entered.wrong(name, f"{name.capitalize()}: write a date, such as 2026-12-24 or 24/12/2026.")


def _cells(rows: Sequence[Any]) -> Iterator[tuple[object, ...]]:
    for row in rows:
        yield (iso(row.at), row.actor_kind, row.actor, row.act, row.target, row.detail)


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(method="GET", path="/audit", name="audit", access=Access.PERSON, run=show),
    Endpoint(method="GET", path="/audit.csv", name="audit_csv", access=Access.PERSON, run=table),
)
