"""Pages of alerts: what is amiss now, what was told when, and the rules by which it is told."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from checks.model import Severity
from reports.console import acts
from reports.console.alerts import evaluate, rules_form
from reports.console.alerts.evaluate import Amiss
from reports.console.alerts.rules import SETTING, WEEKDAYS, RulesError, read, rules_of, to_plain
from reports.console.alerts.words import HEADINGS, sentence
from reports.console.console import see_other
from reports.console.csv_out import csv_reply
from reports.console.model import Access, Ask, Endpoint, Reply, Role
from reports.console.store import tables
from reports.console.store.engine import insert
from reports.web.entered import PAGE, Entered, page_number
from reports.web.words import iso

ROWS_MOST = 20_000
NOW_HEADER = ("what", "severity", "name", "device", "says", "since", "raised_at", "told_at")
TOLD_HEADER = ("queued_at", "channel", "kind", "says", "sent_at", "given_up_at", "attempts", "error")
KINDS = {"now": "News", "digest": "Digest", "probe": "Daily test", "test": "Test"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One message as the list shows it."""

    at: int
    channel: str
    kind: str
    says: str
    sent_at: int | None
    given_up_at: int | None
    attempts: int
    error: str


def show(ask: Ask) -> Reply:
    """What is amiss, then what was told."""
    practice, page = ask.console.practice(ask.practice_id), page_number(ask.query)
    amiss = evaluate.current(ask.console, practice)
    start = (page - 1) * PAGE
    told = _told(ask, limit=PAGE + 1, offset=0)
    zone = ZoneInfo(practice.timezone)
    lines = [(one, sentence(one.trouble, now=ask.console.now(), zone=zone)) for one in amiss[start : start + PAGE]]
    return ask.console.page(
        "alerts.html", ask, lines=lines, number=page, more=len(amiss) > start + PAGE, total=len(amiss),
        told=told[:PAGE], more_told=len(told) > PAGE, headings=HEADINGS, kinds=KINDS, channels=_channels(ask),
    )  # fmt: skip


def show_told(ask: Ask) -> Reply:
    """All messages, newest first."""
    page = page_number(ask.query)
    told = _told(ask, limit=PAGE + 1, offset=(page - 1) * PAGE)
    return ask.console.page("alerts_told.html", ask, told=told[:PAGE], number=page, more=len(told) > PAGE, kinds=KINDS)


def table(ask: Ask) -> Reply:
    """What is amiss, as a file."""
    practice = ask.console.practice(ask.practice_id)
    found = evaluate.current(ask.console, practice)[:ROWS_MOST]
    return csv_reply("alerts", NOW_HEADER, _cells(ask, found, ZoneInfo(practice.timezone)))


def _cells(ask: Ask, found: Sequence[Amiss], zone: ZoneInfo) -> Iterator[tuple[object, ...]]:
    for one in found:
        trouble = one.trouble
        says = sentence(trouble, now=ask.console.now(), zone=zone)
        told = "" if one.told_at is None else iso(one.told_at)
        about = (trouble.kind, trouble.severity, trouble.name, trouble.device_id, says)
        yield (*about, iso(trouble.since), iso(one.raised_at), told)


def table_told(ask: Ask) -> Reply:
    """What was told, as a file."""
    rows = _told(ask, limit=ROWS_MOST, offset=0)
    cells = (
        (
            iso(one.at),
            one.channel,
            one.kind,
            one.says,
            _moment(one.sent_at),
            _moment(one.given_up_at),
            one.attempts,
            one.error,
        )
        for one in rows
    )
    return csv_reply("alerts-told", TOLD_HEADER, cells)


def _moment(at: int | None) -> str:
    return "" if at is None else iso(at)


def _told(ask: Ask, *, limit: int, offset: int) -> list[Told]:
    m, c = tables.messages.c, tables.channels.c
    asked = (
        sa.select(tables.messages, c.name.label("channel_name"))
        .join(tables.channels, c.id == m.channel_id)
        .where(m.practice_id == ask.practice_id)
        .order_by(m.created_at.desc(), m.id)
    )
    with ask.console.store.read() as db:
        rows = db.execute(asked.limit(limit).offset(offset)).all()
    return [_one(row) for row in rows]


def _one(row: Any) -> Told:
    return Told(
        at=row.created_at,
        channel=row.channel_name,
        kind=row.kind,
        says=json.loads(row.content)["headline"],
        sent_at=row.sent_at,
        given_up_at=row.given_up_at,
        attempts=row.attempts,
        error=row.error,
    )


def _channels(ask: Ask) -> tuple[int, int]:
    """How many are on, and how many fail."""
    c = tables.channels.c
    failing = sa.func.coalesce(sa.func.sum(sa.case((c.failing_since.is_not(None), 1), else_=0)), 0)
    with ask.console.store.read() as db:
        asked = sa.select(sa.func.count(), failing).where(c.practice_id == ask.practice_id)
        on, bad = db.execute(asked.where(sa.or_(c.enabled, c.failing_since.is_not(None)))).one()
    return int(on), int(bad)


def show_rules(ask: Ask) -> Reply:
    """The rules in a form; who may not change them reads them."""
    values = rules_form.values_of(rules_of(ask.console, ask.practice_id))
    return _rules(ask, values, {}, status=200)


def save_rules(ask: Ask) -> Reply:
    """Take the form."""
    assert ask.form is not None
    entered = Entered(ask.form)
    given = rules_form.plain_of(entered)
    if not entered.faults:
        try:
            kept = json.dumps(to_plain(read(given)))
        except RulesError as error:
            entered.wrong(error.fault, str(error))
    if entered.faults:
        return _rules(ask, entered.values, entered.faults, status=422)
    row = insert(ask.console.store, tables.settings).values(practice_id=ask.practice_id, name=SETTING, value=kept)
    with ask.console.store.write() as db:
        db.execute(row.on_conflict_do_update(index_elements=["practice_id", "name"], set_={"value": kept}))
        acts.record_for(db, ask, "alerts.rules", detail=kept)
    return see_other("/alerts/rules")


def _rules(ask: Ask, values: Any, faults: Any, *, status: int) -> Reply:
    return ask.console.page(
        "alerts_rules.html", ask, status=status, values=values, faults=faults, severities=list(reversed(Severity)),
        weekdays=[(str(place), word) for place, word in enumerate(WEEKDAYS)],
    )  # fmt: skip


def _page(method: str, path: str, name: str, run: Any, role: Role = Role.AUDITOR) -> Endpoint:
    return Endpoint(method=method, path=path, name=name, access=Access.PERSON, role=role, run=run)


ENDPOINTS = (
    _page("GET", "/alerts", "alerts", show),
    _page("GET", "/alerts.csv", "alerts_csv", table),
    _page("GET", "/alerts/told", "alerts_told", show_told),
    _page("GET", "/alerts/told.csv", "alerts_told_csv", table_told),
    _page("GET", "/alerts/rules", "alerts_rules", show_rules),
    _page("POST", "/alerts/rules", "alerts_save_rules", save_rules, Role.ADMINISTRATOR),
)
