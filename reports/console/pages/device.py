"""One device: how it stands and why, what changed, and what IT may do about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from reports.console import charts, waiving
from reports.console.fleet import Verdict, code_of, verdict_of
from reports.console.fleet_device import (
    NOT_YET,
    away_of,
    beside,
    changes_of,
    day_states,
    device_of,
    findings_of,
    kept_of,
)
from reports.console.fleet_findings import SHORT
from reports.console.fleet_today import groups_of
from reports.console.lost import sheets_of
from reports.console.model import RANK, Access, Ask, Endpoint, Person, Reply, Role
from reports.console.pages import device_acts
from reports.web.words import OVERALL, STATUS

DAY = 86400
STRIP_DAYS = 30
SHOWN = 40
DAY_WORDS = {
    "compliant": "compliant",
    "not_compliant": "not compliant (striped)",
    "cannot_tell": "cannot tell (dotted)",
    "overdue": "overdue (lined)",
    "silent": "without a report (pale)",
}
CHAIN_WORDS = {
    "gap": "One or more reports of this device never arrived.",
    "broken": "A report did not follow from the one before: the device was set back, or something else sent it.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A change, in words."""

    icon: str
    title: str
    at: int
    """When it was so, by the device's report."""


def show(ask: Ask) -> Reply:
    """As last heard."""
    return page(ask)


def page(
    ask: Ask, *, faults: Mapping[str, str] | None = None, values: Mapping[str, str] | None = None, status: int = 200
) -> Reply:
    """The page; after a form that could not be taken, with what is wrong and what was typed."""
    console, now = ask.console, ask.console.now()
    practice = console.practice(ask.practice_id)
    zone = ZoneInfo(practice.timezone)
    with console.store.read() as db:
        device = device_of(db, practice.id, ask.path["device_id"])
        findings = findings_of(db, device.id, now)
        changes = changes_of(db, device.id, since=0, most=SHOWN)
        states = day_states(db, device, raw_days=practice.raw_days, now=now, zone=zone, days=STRIP_DAYS)
        more = {
            "kept": kept_of(db, device.id),
            "beside": beside(db, practice.id, device.agent_id, device.id),
            "away": away_of(db, practice.id, device.agent_id, now),
            "groups": groups_of(db, practice.id),
            "waivers": waiving.listed(db, practice_id=practice.id, now=now, device_id=device.id, limit=20),
            "sheets": sheets_of(db, practice.id, device.id),
        }
    known = [state for _, state in states if state != NOT_YET]
    return console.page(
        "device.html",
        ask,
        status=status,
        device=device,
        code=code_of(device.id),
        verdict=verdict_of(device.overall, due_at=device.due_at, ended_at=device.ended_at, now=now),
        findings=findings,
        open_required=_standing_between(findings, now),
        events=[event_of(one) for one in changes],
        strip=charts.strip([state for _, state in states]),
        first_day=states[0][0],
        tally=_tally(known),
        chain=CHAIN_WORDS.get(device.chain, ""),
        manages=isinstance(ask.caller, Person) and RANK[ask.caller.role] >= RANK[Role.MANAGER],
        faults=faults or {},
        values=values or {},
        Verdict=Verdict,
        **more,
    )


def _standing_between(findings: Sequence[Any], now: int) -> int:
    """Required findings between the device and compliant."""
    return sum(
        one.is_open and one.level == "required" and one.waived_until is None and not one.settled for one in findings
    )


def _tally(states: Sequence[str]) -> str:
    """`18 days compliant, 2 cannot tell (dotted)`."""
    counted = [(states.count(name), words) for name, words in DAY_WORDS.items()]
    parts = [f"{number} day{'' if number == 1 else 's'} {words}" for number, words in counted if number]
    return ", ".join(parts) or "nothing heard yet"


def event_of(change: Any) -> Event:
    """One change of state, said for IT."""
    check = SHORT.get(change.check_id or "", change.check_id or "")
    after = change.after or ""
    match change.what:
        case "finding":
            look = after if after in ("pass", "fail", "unknown", "error") else "na"
            title = f"{check}: {_move(STATUS, change)}"
        case "overall":
            look = {"compliant": "pass", "not_compliant": "fail", "cannot_tell": "unknown"}.get(after, "na")
            title = f"Verdict: {_move(OVERALL, change)}"
        case "chain":
            look, title = "unknown", CHAIN_WORDS.get(after, "Reports follow one another again.")
        case "overdue":
            look, title = "stale", "Overdue: no report came in time"
        case "policy":
            look, title = "doc", f"Policy: {change.before or 'none'} to {after}"
        case "ended":
            look, title = "na", "Left" if after == "left" else "Retired"
        case "enrolled":
            look, title = "info", "Heard of again" if change.before == "ended" else "First heard of"
        case _:
            look, title = "info", str(change.what)
    return Event(icon=look, title=title, at=change.at)


def _move(words: Mapping[str, str], change: Any) -> str:
    after = words.get(change.after or "", change.after or "no longer checked")
    return f"{words.get(change.before, change.before)} to {after}".lower() if change.before else after.lower()


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(method="GET", path="/devices/{device_id}", name="device", access=Access.PERSON, run=show),
    *device_acts.endpoints(page),
)
