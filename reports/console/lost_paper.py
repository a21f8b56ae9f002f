"""The lost-device sheet as words on one page, and as PDF. Both are made from the signed facts alone."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

import typst

from reports.console.console import TEMPLATES
from reports.console.lost import Sheet
from reports.web import words
from reports.web.words import OVERALL, STATUS, moment, span

TEMPLATE = TEMPLATES / "lost.typ"
OWNERSHIP = {
    "personal": "own device, used at work",
    "practice_owned": "the practice's",
    "dedicated_camera": "camera only",
}
PLATFORM = {"linux": "Linux", "windows": "Windows", "macos": "macOS", "android": "Android", "ios": "iOS"}
DAY_WORDS = {
    "compliant": "compliant",
    "not_compliant": "not compliant",
    "cannot_tell": "cannot tell",
    "overdue": "overdue",
    "silent": "without any report",
}
WRITE = (
    "Erase sent",
    "Erase confirmed",
    "Carrier told",
    "Police report no.",
    "Passwords changed",
    "Privacy officer told",
    "Defence organisation",
    "Assessed by",
)
SHOWN = 6
"""Changes on the paper; the saved file has more."""


def paper_of(sheet: Sheet) -> dict[str, Any]:
    """The sheet in words: texts and lists of texts, for the page and the PDF alike."""
    facts = sheet.facts
    zone = ZoneInfo(facts["timezone"])
    practice = facts["practice"]
    return {
        "title": "Lost device: what was last known",
        "subtitle": f"{practice['name']} \N{MIDDLE DOT} case {facts['case']} \N{MIDDLE DOT} made "
        f"{_when(facts['made_at'], zone)} ({facts['timezone']}) by {facts['made_by']}",
        "case": f"{practice['name']}, case {facts['case']}",
        "device": _device(facts["device"]),
        "loss": _loss(facts, zone),
        "state_head": ["Fact", "Last known", "Seen", "Before this sheet"],
        "state": [_state(one, facts, zone) for one in facts["state"]],
        "gaps": facts["gaps"],
        "days": str(facts["history"]["days"]),
        "history": _history(facts["history"]),
        "events": _events(facts["history"], zone),
        "write": list(WRITE),
        "dates": _dates(facts),
        "contact": _contact(practice),
        "checking": _checking(facts),
        "proof": f"fingerprint {sheet.fingerprint}\nkey {sheet.public_key}\nsignature {sheet.signature}",
    }


def as_pdf(sheet: Sheet) -> bytes:
    """On A4, tagged; accessible by PDF/UA-1 unless a word has a character that no font here can draw."""
    inputs = {"sheet": json.dumps(paper_of(sheet))}
    try:
        return _compiled(inputs, ["ua-1"])
    except typst.TypstError:
        # The standard refuses the whole paper for one such character, and the paper matters more.
        return _compiled(inputs, [])


def _compiled(inputs: dict[str, str], standards: list[Literal["ua-1"]]) -> bytes:
    folder = str(TEMPLATE.parent)
    return typst.compile(str(TEMPLATE), root=folder, format="pdf", sys_inputs=inputs, pdf_standards=[*standards])


def _when(text: str, zone: ZoneInfo) -> str:
    return moment(_seconds(text), zone)


def _short(text: str, zone: ZoneInfo) -> str:
    """`22 Nov 2026, 2:25 am`."""
    at = _seconds(text)
    return f"{words.date(at, zone)},{words.moment(at, zone).rpartition(',')[2]}"


def _seconds(text: str) -> int:
    return int(datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).timestamp())


def _day(text: str) -> str:
    day = date.fromisoformat(text)
    return f"{day.day} {day:%B %Y}"


def _device(device: Mapping[str, Any]) -> list[list[str]]:
    system = f"{PLATFORM.get(device['platform'], device['platform'])} {device['os_version']}"
    rows = [
        ["Model", f"{device['model'] or 'not known'}, {device['kind']}, {system}"],
        ["Person or place", device["label"] or "no label given"],
        ["Whose", OWNERSHIP.get(device["ownership"], device["ownership"])],
        ["Code here", device["code"]],
        ["Serial, IMEI", "none held: scrubin collects none; ask whoever bought it"],
    ]
    return [[name, str(value)] for name, value in rows]


def _loss(facts: Mapping[str, Any], zone: ZoneInfo) -> list[list[str]]:
    loss, last = facts["loss"], facts["last_report"]
    proof = "run proven" if last["proven"] else "run not proven"
    return [
        ["Last in hand", loss["last_in_hand"] or "not stated"],
        ["Told to us by", loss["told_by"] or "not stated"],
        ["Last report", f"{_when(last['received_at'], zone)}, signed by its key, {proof}"],
        ["It said then", f"{OVERALL.get(last['said'], last['said'])}, under {last['policy'] or 'no named policy'}"],
        ["Since then", "no report; its state is not known"],
    ]


def _state(one: Mapping[str, Any], facts: Mapping[str, Any], zone: ZoneInfo) -> list[str]:
    status = STATUS.get(one["status"], one["status"])
    name = one["called"] if one["profile"] in ("", "owner") else f"{one['called']} ({one['profile']})"
    said = one["because"] + (f" ({one['measures']})" if one["measures"] else "")
    gap = max(0, _seconds(facts["made_at"]) - _seconds(one["seen_at"]))
    return [name, f"{status}, waived" if one["waived_until"] else status, said, _short(one["seen_at"], zone), span(gap)]


def _history(history: Mapping[str, Any]) -> list[str]:
    counts = history["counts"]
    lines = [f"{_days(counts[name])} {said}" for name, said in DAY_WORDS.items() if counts.get(name)]
    return lines or ["nothing was heard in these days"]


def _days(number: int) -> str:
    return f"{number} day{'' if number == 1 else 's'}"


def _events(history: Mapping[str, Any], zone: ZoneInfo) -> list[str]:
    changes = [one for one in history["changes"] if one["what"] in ("overall", "chain", "overdue", "ended")]
    lines = [f"{_short(one['at'], zone)}: {_move(one)}" for one in changes[:SHOWN]]
    return [*lines, f"{len(changes) - SHOWN} more in the saved file"] if len(changes) > SHOWN else lines


def _move(one: Mapping[str, Any]) -> str:
    after = OVERALL.get(one["after"], one["after"] or "")
    match one["what"]:
        case "chain":
            return (
                "its reports stopped following one another" if one["after"] != "whole" else "its reports follow again"
            )
        case "overdue":
            return "overdue"
        case "ended":
            return "left, or was retired"
        case _:
            return f"{OVERALL.get(one['before'], 'not known')} to {after}".lower()


def _dates(facts: Mapping[str, Any]) -> str:
    aware_on, ends_on = _day(facts["loss"]["aware_on"]), _day(facts["thirty_days_on"])
    return (
        f"Aware: {aware_on}. Thirty days from then: {ends_on}. The Privacy Act 1988 (Cth), s 26WH, speaks of 30 "
        "days to assess a suspected breach, counted from awareness; ask your privacy officer or adviser whether and "
        "how it applies. This sheet states facts and draws no legal conclusion."
    )


def _contact(practice: Mapping[str, Any]) -> str:
    contact = practice["contact"]
    parts = [part for part in (contact["label"], contact["phone"], contact["email"]) if part]
    return f"{practice['name']}: {', '.join(parts) if parts else 'no contact is set in the settings of the practice'}."


def _checking(facts: Mapping[str, Any]) -> str:
    kept = facts["reports"]
    built = (
        f"Built from {kept['kept']} kept reports, {kept['first'][:8]} to {kept['last'][:8]}."
        if kept["kept"]
        else "No report's own bytes are kept any more; built from the last known state and its changes."
    )
    return (
        f"{built} The saved file holds the exact text that was signed: an ed25519 signature with the key below over "
        'the bytes "scrubin-sheet-1", a zero byte, and the text. A signature shows who made this sheet and that it was '
        "not altered; a device's own reports say what its agent saw, not that the device told the truth."
    )
