"""Pages of groups and of leave: who may be silent for how long, and when silence means nothing."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from reports.console import groups, groups_leave
from reports.console.console import see_other
from reports.console.csv_out import csv_reply
from reports.console.groups import Terms
from reports.console.model import Access, Ask, Endpoint, Refusal, Reply, Role
from reports.console.store import tables
from reports.web.entered import PAGE, Entered, page_number

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
HEADER = ("group", "laptops", "period_hours", "grace_hours", "days_monday_first")
BLANK = {"name": "", "period_hours": "", "grace_hours": "", "days": "1111111"}
EXAMPLE = "label,from,until"


def show(ask: Ask) -> Reply:
    """All groups."""
    with ask.console.store.read() as db:
        rows = groups.listed(db, ask.practice_id)
        without = _without_group(db, ask)
    return ask.console.page("groups.html", ask, rows=rows, without=without, names=DAYS)


def table(ask: Ask) -> Reply:
    """The same as a file."""
    with ask.console.store.read() as db:
        rows = groups.listed(db, ask.practice_id)
    return csv_reply("groups", HEADER, _cells(rows))


def begin(ask: Ask) -> Reply:
    """The form of a new one."""
    return _form(ask, Entered(ask.query), BLANK, None, status=200)


def make(ask: Ask) -> Reply:
    """Take it."""
    entered, terms = _terms(ask)
    with ask.console.store.write() as db:
        if not entered.faults and groups.taken(db, practice_id=ask.practice_id, name=terms.name):
            entered.wrong("name", "Name: another group has this one.")
        made = "" if entered.faults else groups.make(db, ask, terms)
    if entered.faults:
        return _form(ask, entered, _typed(entered, terms), None, status=422)
    return see_other(f"/groups/{made}")


def one(ask: Ask) -> Reply:
    """One group with its laptops."""
    group_id, page = ask.path["group_id"], page_number(ask.query)
    with ask.console.store.read() as db:
        row = groups.one_of(db, practice_id=ask.practice_id, group_id=group_id)
    values: dict[str, Any] = {
        "name": row.name,
        "period_hours": "" if row.period_hours is None else str(row.period_hours),
        "grace_hours": "" if row.grace_hours is None else str(row.grace_hours),
        "days": row.days,
    }
    return _form(ask, Entered(ask.query), values, row, status=200, page=page)


def change(ask: Ask) -> Reply:
    """Take its form."""
    group_id = ask.path["group_id"]
    entered, terms = _terms(ask)
    agents: Sequence[str] = ()
    with ask.console.store.write() as db:
        row = groups.one_of(db, practice_id=ask.practice_id, group_id=group_id)
        if not entered.faults and groups.taken(db, practice_id=ask.practice_id, name=terms.name, but=group_id):
            entered.wrong("name", "Name: another group has this one.")
        if not entered.faults:
            agents = groups.change(db, ask, group_id, terms)
    if entered.faults:
        return _form(ask, entered, _typed(entered, terms), row, status=422)
    groups.renew(ask.console, agents)
    return see_other("/groups")


def delete(ask: Ask) -> Reply:
    """Only an empty one."""
    with ask.console.store.write() as db:
        groups.delete(db, ask, ask.path["group_id"])
    return see_other("/groups")


def move(ask: Ask) -> Reply:
    """Put the laptops that were ticked into another group."""
    assert ask.form is not None
    entered = Entered(ask.form)
    chosen, to = entered.several("agent"), entered.raw("to") or None
    if not chosen:
        raise Refusal(status=422, code="none", sentence="Tick the laptops that are to move, then try again.")
    with ask.console.store.write() as db:
        agents = groups.move(db, ask, chosen, to)
    groups.renew(ask.console, agents)
    return see_other(f"/groups/{to}" if to else "/groups")


def roster(ask: Ask) -> Reply:
    """Leave that is to come, and a place to paste more."""
    return _roster_page(ask, {}, None, status=200)


def enter(ask: Ask) -> Reply:
    """Show what was understood; with the second button, keep it."""
    assert ask.form is not None
    entered = Entered(ask.form)
    text = entered.raw("table")
    zone, today = _today(ask)
    with ask.console.store.write() as db:
        labels = groups_leave.labels_of(db, ask.practice_id)
        read = groups_leave.read(text, labels=labels, today=today)
        if entered.raw("do") != "keep" or read.faults or not read.leave:
            agents = None
        else:
            agents = groups_leave.keep(db, ask, read.leave, zone)
    if agents is None:
        return _roster_page(ask, {"table": text}, read, status=422 if read.faults or not read.leave else 200)
    groups.renew(ask.console, agents)
    return see_other("/groups/roster")


def remove(ask: Ask) -> Reply:
    """Take one entry of leave out."""
    with ask.console.store.write() as db:
        agent = groups_leave.remove(db, ask, ask.path["away_id"])
    groups.renew(ask.console, [agent])
    return see_other("/groups/roster")


def _terms(ask: Ask) -> tuple[Entered, Terms]:
    """What the form says; look at the faults before you use it."""
    assert ask.form is not None
    entered = Entered(ask.form)
    name = entered.line("name", "Name", longest=groups.LONGEST_NAME)
    period = entered.whole_or_none("period_hours", "Report at least every", low=1, high=groups.MOST_HOURS)
    grace = entered.whole_or_none("grace_hours", "Grace", low=0, high=groups.MOST_HOURS)
    worked = set(entered.several("day"))
    days = "".join("1" if str(number) in worked else "0" for number in range(len(DAYS)))
    if "1" not in days:
        entered.wrong("day-0", "Working days: tick at least one, or silent devices would never be missed.")
    return entered, Terms(name=name, period_hours=period, grace_hours=grace, days=days)


def _typed(entered: Entered, terms: Terms) -> dict[str, str]:
    return {**BLANK, **entered.values, "days": terms.days}


def _form(ask: Ask, entered: Entered, values: dict[str, str], row: Any | None, *, status: int, page: int = 1) -> Reply:
    members, others = _members(ask, None if row is None else row.id, page)
    about: dict[str, Any] = {"values": values, "faults": entered.faults, "group": row, "names": DAYS, "number": page}
    with ask.console.store.read() as db:
        targets = [(one.id, one.name) for one in groups.listed(db, ask.practice_id) if row is None or one.id != row.id]
    about |= {"members": members, "more": others, "targets": [("", "No group"), *targets]}
    return ask.console.page("groups_one.html", ask, status=status, **about)


def _members(ask: Ask, group_id: str | None, page: int) -> tuple[Sequence[Any], bool]:
    """Laptops of a group, a page of them; those without one for a new group, which nobody is in yet."""
    agent = tables.agents.c
    query = sa.select(agent.id, agent.label, agent.ownership, agent.last_seen_at).where(
        agent.practice_id == ask.practice_id, agent.ended_at.is_(None), agent.group_id == group_id
    )
    with ask.console.store.read() as db:
        rows = db.execute(query.order_by(agent.label, agent.id).limit(PAGE + 1).offset((page - 1) * PAGE)).all()
    return rows[:PAGE], len(rows) > PAGE


def without(ask: Ask) -> Reply:
    """Laptops that are in no group."""
    page = page_number(ask.query)
    members, more = _members(ask, None, page)
    with ask.console.store.read() as db:
        targets = [(one.id, one.name) for one in groups.listed(db, ask.practice_id)]
    about: dict[str, Any] = {"members": members, "more": more, "number": page, "targets": targets}
    return ask.console.page("groups_without.html", ask, **about)


def _without_group(db: sa.Connection, ask: Ask) -> int:
    agent = tables.agents.c
    mine = (agent.practice_id == ask.practice_id, agent.ended_at.is_(None), agent.group_id.is_(None))
    return int(db.scalar(sa.select(sa.func.count()).where(*mine)) or 0)


def _roster_page(ask: Ask, values: dict[str, str], read: groups_leave.Roster | None, *, status: int) -> Reply:
    page = page_number(ask.query)
    with ask.console.store.read() as db:
        rows = groups_leave.ahead(
            db, practice_id=ask.practice_id, now=ask.console.now(), limit=PAGE + 1, offset=(page - 1) * PAGE
        )
    about: dict[str, Any] = {
        "rows": rows[:PAGE],
        "more": len(rows) > PAGE,
        "number": page,
        "values": values,
        "roster": read,
    }
    return ask.console.page("groups_roster.html", ask, status=status, example=EXAMPLE, **about)


def _today(ask: Ask) -> tuple[ZoneInfo, date]:
    zone = ZoneInfo(ask.console.practice(ask.practice_id).timezone)
    return zone, datetime.fromtimestamp(ask.console.now(), UTC).astimezone(zone).date()


def _cells(rows: Sequence[Any]) -> Iterator[tuple[object, ...]]:
    for row in rows:
        hours = ("" if one is None else one for one in (row.period_hours, row.grace_hours))
        yield (row.name, row.members, *hours, row.days)


def _at(method: str, path: str, name: str, run: Any, role: Role = Role.MANAGER) -> Endpoint:
    return Endpoint(method=method, path=path, name=name, access=Access.PERSON, run=run, role=role)


ENDPOINTS: tuple[Endpoint, ...] = (
    _at("GET", "/groups", "groups", show, Role.AUDITOR),
    _at("GET", "/groups.csv", "groups_csv", table, Role.AUDITOR),
    _at("GET", "/groups/new", "group_new", begin),
    _at("POST", "/groups/new", "group_make", make),
    _at("GET", "/groups/none", "group_none", without, Role.AUDITOR),
    _at("POST", "/groups/move", "group_move", move),
    _at("GET", "/groups/roster", "roster", roster, Role.AUDITOR),
    _at("POST", "/groups/roster", "roster_enter", enter),
    _at("POST", "/groups/roster/{away_id}/remove", "roster_remove", remove),
    _at("GET", "/groups/{group_id}", "group", one, Role.AUDITOR),
    _at("POST", "/groups/{group_id}", "group_change", change),
    _at("POST", "/groups/{group_id}/delete", "group_delete", delete),
)
