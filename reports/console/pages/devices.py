"""The list of devices: searched, filtered, sorted, a page at a time or as CSV."""

from collections.abc import Iterator, Mapping
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from checks.model import Kind, Ownership, Platform
from checks.policy_form import CHECK_IDS
from reports.console.csv_out import csv_reply
from reports.console.fleet import (
    LONGEST_SEARCH,
    MANY,
    DeviceRow,
    Filter,
    Sort,
    Verdict,
    counts,
    every_device,
    page_of,
)
from reports.console.fleet_findings import SHORT
from reports.console.fleet_today import groups_of
from reports.console.model import Access, Ask, Endpoint, Reply
from reports.web.entered import page_number
from reports.web.words import OVERALL, iso

HEADER = (
    "Device",
    "Code",
    "Person or place",
    "Group",
    "Kind",
    "Platform",
    "System",
    "Whose",
    "Verdict",
    "Said itself",
    "To fix",
    "Oldest open since",
    "Waived",
    "Last heard",
    "Due",
    "Reports follow",
    "Agent",
    "Policy",
)
PILLS = (Verdict.NOT_COMPLIANT, Verdict.CANNOT_TELL, Verdict.OVERDUE, Verdict.COMPLIANT)


def filter_of(query: QueryParams, groups: Mapping[str, str]) -> Filter:
    """What an address asks for; what it doesn't know is left out rather than refused."""

    def one_of(name: str, known: Mapping[str, object] | tuple[str, ...]) -> str:
        given = query.get(name, "")
        return given if given in known else ""

    verdict = one_of("verdict", tuple(Verdict))
    return Filter(
        search=query.get("q", "").strip().replace("\0", "")[:LONGEST_SEARCH],
        verdict=Verdict(verdict) if verdict else None,
        group_id=one_of("group", groups),
        kind=one_of("kind", tuple(Kind)),
        platform=one_of("platform", tuple(Platform)),
        ownership=one_of("ownership", tuple(Ownership)),
        check_id=one_of("check", CHECK_IDS),
        amiss=query.get("chain") == "amiss",
        sort=Sort(one_of("sort", tuple(Sort)) or Sort.WORST),
        page=page_number(query),
    )


def address_of(wanted: Filter) -> dict[str, str]:
    """The filter as fields of an address; empty ones and the page are left out."""
    fields = {
        "q": wanted.search,
        "verdict": wanted.verdict or "",
        "group": wanted.group_id,
        "kind": wanted.kind,
        "platform": wanted.platform,
        "ownership": wanted.ownership,
        "check": wanted.check_id,
        "chain": "amiss" if wanted.amiss else "",
        "sort": "" if wanted.sort is Sort.WORST else wanted.sort,
    }
    return {name: str(value) for name, value in fields.items() if value}


def show(ask: Ask) -> Reply:
    """One page of them."""
    console, now = ask.console, ask.console.now()
    with console.store.read() as db:
        groups = groups_of(db, ask.practice_id)
        wanted = filter_of(ask.query, groups)
        found = page_of(db, ask.practice_id, now, wanted)
        standing = counts(db, ask.practice_id, now)
    capped = bool(set(address_of(wanted)) - {"verdict", "sort"}) or wanted.verdict is Verdict.ENDED
    return console.page(
        "devices.html",
        ask,
        rows=found.rows,
        more=found.more,
        total=found.total,
        many=MANY if capped else found.total + 1,
        standing=standing,
        wanted=wanted,
        fields=address_of(wanted),
        link=_link,
        groups=groups,
        checks=SHORT,
        platforms=tuple(Platform),
        pills=PILLS,
    )


def _link(fields: Mapping[str, str], **changed: str) -> str:
    """The same list with other fields; "" leaves one out."""
    merged = {**fields, **changed}
    return f"/devices?{urlencode({name: value for name, value in merged.items() if value})}"


def as_csv(ask: Ask) -> Reply:
    """All that the same address would page through."""
    console, now = ask.console, ask.console.now()
    with console.store.read() as db:
        wanted = filter_of(ask.query, groups_of(db, ask.practice_id))
        return csv_reply("devices", HEADER, _lines(every_device(db, ask.practice_id, now, wanted)))


def _lines(rows: Iterator[DeviceRow]) -> Iterator[tuple[object, ...]]:
    for one in rows:
        yield (
            one.model,
            one.code,
            one.label,
            one.group,
            one.kind,
            one.platform,
            one.os_version,
            one.ownership,
            OVERALL[one.verdict],
            OVERALL.get(one.overall, one.overall),
            one.to_fix,
            "" if one.oldest is None else iso(one.oldest),
            one.waived,
            iso(one.received_at),
            iso(one.due_at),
            one.chain,
            one.agent_version,
            one.policy_version,
        )


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(method="GET", path="/devices", name="devices", access=Access.PERSON, run=show),
    Endpoint(method="GET", path="/devices.csv", name="devices_csv", access=Access.PERSON, run=as_csv),
)
