"""The daily mail: what needs somebody, where things stand, what changed; without news it comes once a week."""

import json
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from reports.console.alerts import evaluate, queue
from reports.console.alerts.hours import day, day_before, has_come, local
from reports.console.alerts.naming import banded, name_of
from reports.console.alerts.probe import tested_at
from reports.console.alerts.rules import Rules, When, rules_of
from reports.console.alerts.words import MOST, item_of
from reports.console.console import Console
from reports.console.fleet import Counts, counts
from reports.console.store.engine import insert
from reports.console.store.tables import agents, alerts, changes, day_counts, devices, practices, settings
from reports.web.words import OVERALL, ago

STATE = "digest_state"
"""The setting that keeps the day of the last digest, and when it was made."""
DAY = 86400
MOST_CHANGES = 30
VERDICTS = ("compliant", "not_compliant", "cannot_tell", "overdue")


def run(console: Console) -> None:
    """The job. Raises StoreError."""
    with console.store.read() as db:
        rows = db.execute(sa.select(practices)).all()
    for practice in rows:
        rules, zone, now = rules_of(console, practice.id), ZoneInfo(practice.timezone), console.now()
        state = console.setting(practice.id, STATE) or {}
        if state.get("day") != day(now, zone) and has_come(now, rules.digest_at, zone):
            since = int(state.get("at", now - DAY))
            _send(console, practice, rules, since)


def _send(console: Console, practice: Any, rules: Rules, since: int) -> None:
    """The state is kept with the queue: a digest is made once a day even if the console dies in between."""
    zone, now = ZoneInfo(practice.timezone), console.now()
    today = day(now, zone)
    with console.store.read() as db:
        news = _news(db, practice.id, since)
    wanted = news or local(now, zone).weekday() == rules.all_clear_day
    content = contents(console, practice, rules, since) if wanted else None
    kept = {"practice_id": practice.id, "name": STATE, "value": json.dumps({"day": today, "at": now})}
    row = insert(console.store, settings).values(**kept)
    with console.store.write() as db:
        db.execute(row.on_conflict_do_update(index_elements=["practice_id", "name"], set_={"value": kept["value"]}))
        if content is not None:
            queue.put_to_all(db, console, practice.id, queue.Wanted.DIGEST, once=today, content=content)


def _news(db: sa.Connection, practice_id: str, since: int) -> bool:
    """Whether anything came, went or changed."""
    a, c = alerts.c, changes.c
    moved = sa.select(a.key).where(a.practice_id == practice_id, sa.or_(a.raised_at > since, a.cleared_at > since))
    changed = sa.select(c.id).where(c.practice_id == practice_id, c.received_at > since)
    return db.execute(moved.limit(1)).first() is not None or db.execute(changed.limit(1)).first() is not None


def contents(console: Console, practice: Any, rules: Rules, since: int) -> dict[str, Any]:
    """What the digest says, as it is queued. Raises StoreError."""
    zone, now = ZoneInfo(practice.timezone), console.now()
    amiss = [
        one for one in evaluate.current(console, practice) if rules.of(one.trouble.severity).when is not When.NEVER
    ]
    items = [item_of(one.trouble, now=now, zone=zone) for one in amiss]
    with console.store.read() as db:
        stands = counts(db, practice.id, now)
        before = _counts_of(db, practice.id, day_before(now, zone))
        moved = _moved(db, practice.id, rules, since)
    return {
        "kind": "digest",
        "practice": practice.name,
        "timezone": practice.timezone,
        "at": now,
        "headline": _headline(len(items), stands),
        "items": [one.plain() for one in items[:MOST]],
        "more": len(items) > MOST,
        "counts": [
            {"name": OVERALL[one], "today": banded(getattr(stands, one)), "yesterday": before.get(one, "not known")}
            for one in VERDICTS
        ],
        **moved,
        "working": _working(console, practice, now),
    }


def _headline(things: int, stands: Counts) -> str:
    needs = (
        "Nothing needs you"
        if things == 0
        else f"{things} thing{'' if things == 1 else 's'} need{'s' if things == 1 else ''} you"
    )
    if stands.total == 0:
        return f"{needs}, no device has reported yet"
    return f"{needs}, {banded(stands.compliant)} of {banded(stands.total)} devices compliant"


def _counts_of(db: sa.Connection, practice_id: str, of_day: str) -> dict[str, str]:
    c = day_counts.c
    row = db.execute(sa.select(day_counts).where(c.practice_id == practice_id, c.day == of_day)).first()
    return {} if row is None else {one: banded(getattr(row, one)) for one in VERDICTS}


def _moved(db: sa.Connection, practice_id: str, rules: Rules, since: int) -> dict[str, Any]:
    """Devices whose verdict changed since the last digest, by what they came to in the end."""
    c = changes.c
    asked = (
        sa.select(c.device_id, c.before, c.after, devices.c.kind, agents.c.label)
        .join(devices, devices.c.id == c.device_id)
        .join(agents, agents.c.id == devices.c.agent_id)
        .where(c.practice_id == practice_id, c.received_at > since, c.what.in_(("overall", "overdue")))
    )
    last: dict[str, Any] = {}
    for row in db.execute(asked.order_by(c.received_at, c.id)):
        last[row.device_id] = row
    rows = list(last.values())[-MOST_CHANGES:]
    lines = [(row.after, _line(row, rules)) for row in rows]
    fixed = [line for after, line in lines if after == "compliant"]
    return {"fresh": [line for after, line in lines if after != "compliant"], "fixed": fixed}


def _line(row: Any, rules: Rules) -> dict[str, str]:
    says = f"now {OVERALL.get(row.after, 'not known').lower()}"
    return {"name": name_of(row, rules.names), "says": says, "device_id": row.device_id}


def _working(console: Console, practice: Any, now: int) -> list[str]:
    """What the digest can prove of the way that it came."""
    with console.store.read() as db:
        c = devices.c
        mine = (c.practice_id == practice.id, c.ended_at.is_(None))
        heard_at = db.scalar(sa.select(sa.func.max(c.received_at)).where(*mine))
        unproven = db.scalar(sa.select(sa.func.count()).where(*mine, c.proven.is_(False)))
    tested = tested_at(console, practice.id)
    heard = "No device has reported yet." if heard_at is None else f"The last report came {ago(heard_at, now)}."
    planted = "Every device's last run found what was planted to test it."
    if heard_at is None:
        planted = "No run has been tested yet."
    elif unproven:
        planted = "Some runs did not find what was planted to test them: they are listed above from the second time on."
    test = (
        "This channel has carried nothing yet."
        if tested is None
        else f"A channel was last seen to work {ago(tested, now)}."
    )
    return [
        heard,
        planted,
        test,
        "This comes on days with news, and once a week in any case. If a week passes without it, something here is "
        "broken: look at the console.",
    ]
