"""The list of open findings over all devices: filtered, the oldest first, a page at a time or as CSV."""

from collections.abc import Iterator
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from checks.model import Severity
from checks.policy_form import CHECK_IDS
from reports.console.csv_out import csv_reply
from reports.console.fleet import MANY, PAGE, code_of
from reports.console.fleet_findings import (
    SHORT,
    Age,
    Borne,
    FindingFilter,
    FindingRow,
    every_finding,
    how_many,
    open_findings,
)
from reports.console.model import Access, Ask, Endpoint, Reply
from reports.web.entered import page_number
from reports.web.words import STATUS, iso

HEADER = (
    "Check",
    "Status",
    "Severity",
    "Counts",
    "Device",
    "Code",
    "Person or place",
    "Because",
    "Open since",
    "Seen",
    "Waived until",
)
ANY = "any"


def filter_of(query: QueryParams) -> FindingFilter:
    """What an address asks for; what it doesn't know is left out rather than refused."""

    def one_of(name: str, known: tuple[str, ...]) -> str:
        given = query.get(name, "")
        return given if given in known else ""

    age, borne = one_of("age", tuple(Age)), one_of("waived", (*Borne, ANY))
    return FindingFilter(
        check_id=one_of("check", CHECK_IDS),
        status=one_of("status", ("fail", "unknown", "error")),
        level="" if query.get("level") == ANY else "required",
        severity=one_of("severity", tuple(Severity)),
        age=Age(age) if age else None,
        borne=None if borne == ANY else Borne(borne or Borne.NO),
        page=page_number(query),
    )


def address_of(wanted: FindingFilter) -> str:
    """The filter as an address's query, without the page; what stands by itself is left out."""
    borne = ANY if wanted.borne is None else "" if wanted.borne is Borne.NO else str(wanted.borne)
    fields = {
        "check": wanted.check_id,
        "status": wanted.status,
        "level": "" if wanted.level else ANY,
        "severity": wanted.severity,
        "age": wanted.age or "",
        "waived": borne,
    }
    return urlencode({name: value for name, value in fields.items() if value})


def show(ask: Ask) -> Reply:
    """One page of them."""
    console, now = ask.console, ask.console.now()
    wanted = filter_of(ask.query)
    with console.store.read() as db:
        found = open_findings(db, ask.practice_id, now, wanted)
        total = how_many(db, ask.practice_id, now, wanted)
    return console.page(
        "findings.html",
        ask,
        rows=found[:PAGE],
        more=len(found) > PAGE,
        total=total,
        many=MANY,
        wanted=wanted,
        query=address_of(wanted),
        options=_options(wanted),
    )


def _options(wanted: FindingFilter) -> list[tuple[str, str, str, list[tuple[str, str]], str]]:
    """Name, label, word for any, choices and the chosen one, of each select of the form."""
    statuses = [(name, STATUS[name]) for name in ("fail", "unknown", "error")]
    ages = [
        ("hours", "Under 24 hours"),
        ("days", "1 to 7 days"),
        ("weeks", "8 to 90 days"),
        ("longer", "Over 90 days"),
    ]
    severities = [(str(one), one.capitalize()) for one in Severity]
    borne = ANY if wanted.borne is None else "" if wanted.borne is Borne.NO else str(wanted.borne)
    waived = [("yes", "Waived only"), (ANY, "Waived or not")]
    return [
        ("check", "Check", "Any check", list(SHORT.items()), wanted.check_id),
        ("status", "Status", "Any status", statuses, wanted.status),
        ("age", "Open for", "Any time", ages, wanted.age or ""),
        ("severity", "Severity", "Any", severities, wanted.severity),
        ("level", "Counts", "Required only", [(ANY, "Recommended too")], "" if wanted.level else ANY),
        ("waived", "Waivers", "Not waived", waived, borne),
    ]


def as_csv(ask: Ask) -> Reply:
    """All that the same address would page through."""
    console, now = ask.console, ask.console.now()
    with console.store.read() as db:
        return csv_reply("findings", HEADER, _lines(every_finding(db, ask.practice_id, now, filter_of(ask.query))))


def _lines(rows: Iterator[FindingRow]) -> Iterator[tuple[object, ...]]:
    for one in rows:
        yield (
            one.check,
            STATUS.get(one.status, one.status),
            one.severity,
            one.level,
            one.model,
            code_of(one.device_id),
            one.label,
            one.because,
            iso(one.open_since),
            iso(one.observed_at),
            "" if one.waived_until is None else iso(one.waived_until),
        )


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(method="GET", path="/findings", name="findings", access=Access.PERSON, run=show),
    Endpoint(method="GET", path="/findings.csv", name="findings_csv", access=Access.PERSON, run=as_csv),
)
