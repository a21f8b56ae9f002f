"""Leave and rosters: lists of who is away when, read from a pasted table and shown before anything is kept."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from checks.policy_text import shown
from reports.console import acts
from reports.console.model import Ask, Refusal, not_found
from reports.console.store import tables
from reports.web.entered import day_of, end_of, start_of

LONGEST = 64 << 10
MOST_ROWS = 1000
MOST_DAYS = 400
"""Of one row: longer leave than a year is somebody who has left."""
OLDEST_DAYS = 400
HEADER = ("label", "staff label", "name")
"""First cells of a line of headings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leave:
    """One row that was understood."""

    line: int
    """From 1."""
    label: str
    first: date
    last: date
    """Away on this day too."""
    agent_ids: tuple[str, ...]
    """All laptops that bear the label: a person on leave is away from each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One row that was not."""

    line: int
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """A pasted table, read."""

    leave: tuple[Leave, ...]
    faults: tuple[Fault, ...]


def read(text: str, *, labels: Mapping[str, Sequence[str]], today: date) -> Roster:
    """Rows of label, first day, last day. `labels` has the ids of agents by label in small letters."""
    leave: list[Leave] = []
    faults: list[Fault] = []
    if len(text) > LONGEST:
        return Roster(leave=(), faults=(Fault(line=1, sentence=f"At most {LONGEST >> 10} KB at once."),))
    try:
        for line, cells in _cells(text):
            if len(leave) + len(faults) >= MOST_ROWS:
                faults.append(Fault(line=line, sentence=f"At most {MOST_ROWS} rows at once: the rest was not read."))
                break
            found = _row(line, cells, labels, today)
            leave.append(found) if isinstance(found, Leave) else faults.append(found)
    except csv.Error:
        faults.append(Fault(line=1, sentence="The table can't be read as CSV."))
    return Roster(leave=tuple(leave), faults=tuple(faults))


def labels_of(db: sa.Connection, practice_id: str) -> Mapping[str, Sequence[str]]:
    """The practice's laptops by their label, in small letters."""
    agent = tables.agents.c
    query = sa.select(agent.id, agent.label).where(
        agent.practice_id == practice_id, agent.ended_at.is_(None), agent.label != ""
    )
    found: dict[str, list[str]] = {}
    for row in db.execute(query.order_by(agent.id)):
        found.setdefault(row.label.strip().casefold(), []).append(row.id)
    return found


def keep(db: sa.Connection, ask: Ask, leave: Sequence[Leave], zone: ZoneInfo) -> Sequence[str]:
    """Enter what is not entered yet; the ids of the agents whose due times are to be renewed."""
    row = tables.away.c
    agents = sorted({one for each in leave for one in each.agent_ids})
    oldest = min((start_of(one.first, zone) for one in leave), default=0)
    entries = sa.select(row.agent_id, row.from_at, row.until_at).where(
        row.practice_id == ask.practice_id, row.from_at >= oldest
    )
    known = {(one.agent_id, one.from_at, one.until_at) for one in db.execute(entries)}
    fresh = {
        (agent, start_of(one.first, zone), end_of(one.last, zone)) for one in leave for agent in one.agent_ids
    } - known
    for agent, start, end in sorted(fresh):
        values = {"practice_id": ask.practice_id, "agent_id": agent, "from_at": start, "until_at": end}
        db.execute(tables.away.insert().values(**values))
    if fresh:
        acts.record_for(db, ask, "away.added", detail=f"{len(fresh)} entries for {len(agents)} laptops")
    return agents


def remove(db: sa.Connection, ask: Ask, away_id: str) -> str:
    """Take one entry out; the id of its agent. Raises Refusal."""
    row = tables.away.c
    if not away_id.isdecimal() or len(away_id) > 12:
        raise not_found()
    mine = (row.id == int(away_id), row.practice_id == ask.practice_id)
    agent_id = db.scalar(sa.select(row.agent_id).where(*mine))
    if agent_id is None:
        raise not_found()
    db.execute(tables.away.delete().where(*mine))
    acts.record_for(db, ask, "away.ended", target=str(agent_id))
    return str(agent_id)


def ahead(db: sa.Connection, *, practice_id: str, now: int, limit: int, offset: int) -> Sequence[Any]:
    """Entries that have not ended, soonest first."""
    row, agent = tables.away.c, tables.agents.c
    query = (
        sa.select(row.id, row.from_at, row.until_at, agent.label, agent.id.label("agent_id"))
        .join(tables.agents, agent.id == row.agent_id)
        .where(row.practice_id == practice_id, row.until_at > now)
        .order_by(row.from_at, row.id)
    )
    return db.execute(query.limit(limit).offset(offset)).all()


def must_be_whole(roster: Roster) -> None:
    """Half a roster is worse than none. Raises Refusal."""
    if roster.faults or not roster.leave:
        sentence = "Some rows can't be understood, so none was entered."
        raise Refusal(status=422, code="roster", sentence=sentence)


def _cells(text: str) -> Iterator[tuple[int, list[str]]]:
    """Each row that is not blank, less one of headings. Spreadsheets paste tabs; some write semicolons."""
    first = text.lstrip().partition("\n")[0]
    mark = next((one for one in ("\t", ";", ",") if one in first), ",")
    reader = csv.reader(io.StringIO(text.replace("\r\n", "\n").replace("\r", "\n")), delimiter=mark, strict=True)
    for row in reader:
        cells = [one.strip() for one in row]
        if any(cells) and not (reader.line_num == 1 and cells[0].casefold() in HEADER):
            yield reader.line_num, cells


def _row(line: int, cells: Sequence[str], labels: Mapping[str, Sequence[str]], today: date) -> Leave | Fault:
    if len(cells) != len(("label", "from", "until")):
        return Fault(line=line, sentence="Expected three cells: staff label, first day, last day.")
    label, first, last = cells[0], day_of(cells[1]), day_of(cells[2])
    agents = labels.get(label.casefold())
    if agents is None:
        return Fault(line=line, sentence=f"No laptop has the staff label “{shown(label, longest=60)}”.")
    if first is None or last is None:
        return Fault(line=line, sentence="Write days such as 2026-12-24 or 24/12/2026.")
    if last < first:
        return Fault(line=line, sentence="The last day is before the first.")
    if (last - first).days > MOST_DAYS:
        return Fault(line=line, sentence=f"At most {MOST_DAYS} days in one row.")
    if not today - timedelta(days=OLDEST_DAYS) <= first <= today + timedelta(days=2 * MOST_DAYS):
        return Fault(line=line, sentence="The first day is too far from today.")
    return Leave(line=line, label=label, first=first, last=last, agent_ids=tuple(agents))
