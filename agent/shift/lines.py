"""The lines of an iCalendar text: folds taken out, each split into name, zone and value, in one pass."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from agent.shift.bounds import LINE_CHARS, ROSTER_BYTES, RosterTrouble

NO_CALENDAR = "What the roster leads to is no calendar (iCalendar, .ics)."
TOO_LARGE = f"The roster is larger than {ROSTER_BYTES >> 20} MB, so it is not read."
HEAD = re.compile(r'([A-Za-z-]{1,30})((?:;[A-Za-z-]{1,30}=(?:"[^"]{0,200}"|[^";:]{0,200}))*):')
ZONE = re.compile(r';TZID=(?:"([^"]*)"|([^";:]*))', re.IGNORECASE)
ZONE_NAME = re.compile(r"[A-Za-z0-9 _/+.,&()':-]{1,100}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One property."""

    name: str
    """In capitals."""
    value: str
    zone: str = ""
    """Name of the time zone; "" where none is given, or where it is none that could be written again safely."""
    future: bool = False
    """It speaks of all that come after, too."""


def text_of(data: bytes) -> str:
    """Bytes of a roster as text. Raises RosterTrouble."""
    if len(data) > ROSTER_BYTES:
        raise RosterTrouble(TOO_LARGE)
    text = data.decode("utf-8-sig", "replace").replace("\0", "")
    if "BEGIN:VCALENDAR" not in text[:1000].upper():
        raise RosterTrouble(NO_CALENDAR)
    return text


def lines(text: str) -> Iterator[Line]:
    """Each property; what has another form, or is longer than any should be, is left out."""
    for whole in _unfolded(text):
        head = HEAD.match(whole)
        if head is None:
            continue
        zone = ZONE.search(head[2])
        named = (zone[1] or zone[2] or "") if zone else ""
        yield Line(
            name=head[1].upper(),
            value=whole[head.end() :].strip(),
            zone=named if ZONE_NAME.fullmatch(named) else "",
            future="RANGE=THISANDFUTURE" in head[2].upper(),
        )


def _unfolded(text: str) -> Iterator[str]:
    parts: list[str] = []
    length = 0
    for raw in text.split("\n"):
        line = raw.removesuffix("\r")
        if line[:1] in (" ", "\t"):
            length += len(line) - 1
            if length <= LINE_CHARS:
                parts.append(line[1:])
            continue
        if length <= LINE_CHARS:
            yield "".join(parts)
        parts, length = [line], len(line)
    if length <= LINE_CHARS:
        yield "".join(parts)
