"""What messages say of each trouble, in one sentence without counts, people or places."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from reports.console.alerts.troubles import Kind, Trouble
from reports.web.words import date, span

MOST = 40
"""Items of one message; a longer list is read on the console."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One line of a message."""

    kind: str
    severity: str
    name: str
    says: str
    device_id: str
    """For the link, and so that an erasure finds it; "" where it is about no device."""
    since: int

    def plain(self) -> dict[str, Any]:
        """For the queue."""
        return {field: getattr(self, field) for field in self.__slots__}


def item_of(trouble: Trouble, *, now: int, zone: ZoneInfo) -> Item:
    """A trouble as a line."""
    return Item(
        kind=trouble.kind,
        severity=trouble.severity,
        name=trouble.name,
        says=sentence(trouble, now=now, zone=zone),
        device_id=trouble.device_id,
        since=trouble.since,
    )


def sentence(trouble: Trouble, *, now: int, zone: ZoneInfo) -> str:
    """What is amiss."""
    title, long = trouble.title, span(now - trouble.since)
    says = {
        Kind.FAILS: f"not compliant: {title}" if title else "not compliant",
        Kind.OVERDUE: f"overdue for {long}: nothing was heard",
        Kind.CHAIN: "a report does not follow from the last one" if trouble.step > 1 else "a report is missing",
        Kind.UNPROVEN: "two runs did not find the picture or setting that was planted to test them",
        Kind.ERROR: f"could not be checked for {long}: {title}",
        Kind.WAIVER: f"a waiver ends on {date(trouble.until or now, zone)}: {title}",
        Kind.POLICY: "reports under another policy than the published one",
        Kind.PATH: "messages do not get through this channel",
        Kind.INTAKE: "No report has come from any device for longer than the policy allows. "
        "The fault is probably at the console or the network before it.",
    }
    return says[trouble.kind]


HEADINGS = {
    Kind.INTAKE: "The console hears nothing",
    Kind.PATH: "Channels that fail",
    Kind.FAILS: "Not compliant",
    Kind.OVERDUE: "Overdue",
    Kind.CHAIN: "Reports missing or out of order",
    Kind.UNPROVEN: "Runs without proof",
    Kind.ERROR: "Could not be checked, past the grace",
    Kind.POLICY: "Policy not taken over",
    Kind.WAIVER: "Waivers that end soon",
}


def headline(items: Sequence[Item], practice: str) -> str:
    """One line for a subject or a card: the kinds, since a count says too much when it is small."""
    kinds = {one.kind for one in items}
    words = [heading for kind, heading in HEADINGS.items() if kind in kinds]
    first = ", ".join(word[0].lower() + word[1:] if at else word for at, word in enumerate(words[:3]))
    return f"{first}{' and more' if len(words) > 3 else ''} ({practice})"


def grouped(items: Sequence[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    """Under their headings, in their order."""
    found = [(heading, [one for one in items if one["kind"] == kind]) for kind, heading in HEADINGS.items()]
    return [(heading, members) for heading, members in found if members]
