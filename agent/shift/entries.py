"""What of a roster is needed to know when shifts begin: dates and rules. Titles, places and people are left behind."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from agent.shift.lines import Line, lines

MOMENT = re.compile(r"[0-9]{8}T[0-9]{6}Z?")
DAY = re.compile(r"[0-9]{8}")
OFFSET = re.compile(r"[+-][0-9]{4}(?:[0-9]{2})?")
PART = re.compile(r"([A-Z]{4,10})=([A-Z0-9,+-]{1,200})")
RULE_CHARS = 500
FREQUENCIES = frozenset({"DAILY", "WEEKLY", "MONTHLY", "YEARLY"})
"""No shift comes by the hour; a rule that ticks each second since 1970 is an attack."""
KEYS = frozenset({"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY", "BYMONTH", "BYMONTHDAY", "BYSETPOS",
                  "BYYEARDAY", "BYWEEKNO", "BYHOUR", "BYMINUTE", "BYSECOND"})  # fmt: skip
MOST_A_DAY = 24
EARLIEST = "19700101"
CANCELLED = "CANCELLED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of a calendar that has a time of day."""

    uid: int
    """Stands for the calendar's own."""
    start: Line
    rule: str = ""
    dates: tuple[Line, ...] = ()
    """RDATE and EXDATE."""
    stands_for: Line | None = None
    """RECURRENCE-ID: it takes the place of one of a series."""
    cancelled: bool = False
    sequence: int = 0

    @property
    def recurs(self) -> bool:
        """It stands for more than its own start."""
        return bool(self.rule or self.dates)


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """A time zone that the calendar describes itself."""

    name: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """All that a roster says of times."""

    entries: tuple[Entry, ...] = ()
    zones: tuple[Zone, ...] = ()
    odd: int = 0
    """Entries that are not understood."""


@dataclass(slots=True, kw_only=True)
class _Reading:
    """Where in the text we are."""

    entries: list[Entry] = field(default_factory=list)
    zones: list[Zone] = field(default_factory=list)
    odd: int = 0
    numbers: dict[str, int] = field(default_factory=dict)
    open: list[str] = field(default_factory=list)
    """Names of the components around this line, outermost first."""
    held: list[Line] = field(default_factory=list)


def calendar(text: str) -> Calendar:
    """Read it. Never raises for what it holds."""
    reading = _Reading()
    for line in lines(text):
        match line.name:
            case "BEGIN":
                _begin(reading, line)
            case "END":
                _end(reading, line)
            case _ if len(reading.open) <= 3:
                reading.held.append(line)
    return Calendar(entries=tuple(reading.entries), zones=tuple(reading.zones), odd=reading.odd)


def _begin(reading: _Reading, line: Line) -> None:
    name = line.value.upper()
    reading.open.append(name)
    if name in ("VEVENT", "VTIMEZONE") and len(reading.open) <= 2:
        reading.held = []
    else:
        reading.held.append(replace(line, value=name))


def _end(reading: _Reading, line: Line) -> None:
    name = line.value.upper()
    if not reading.open or reading.open[-1] != name:
        return  # out of step: what it would have closed is closed by its own end, or never
    reading.open.pop()
    depth = len(reading.open)
    if name == "VEVENT" and depth <= 1:
        _take_event(reading)
    elif name == "VTIMEZONE" and depth <= 1:
        zone = _zone(reading.held)
        if zone is not None:
            reading.zones.append(zone)
    else:
        reading.held.append(replace(line, value=name))


def _take_event(reading: _Reading) -> None:
    own = tuple(_own(reading.held))
    said = {one.name: one for one in reversed(own)}
    start, stands_for = said.get("DTSTART"), said.get("RECURRENCE-ID")
    cancelled = "STATUS" in said and said["STATUS"].value.upper() == CANCELLED
    if start is not None and DAY.fullmatch(start.value):
        if stands_for is None or not MOMENT.fullmatch(stands_for.value):
            return  # a whole day is no shift that begins
        start, cancelled = stands_for, True  # the one of the series that it takes the place of has no time any more
    if not _dated(start) or (stands_for is not None and not _dated(stands_for)):
        reading.odd += 1
        return
    assert start is not None
    rule = _rule(own)
    if rule is None:
        reading.odd += 1
        return
    sequence = said["SEQUENCE"].value if "SEQUENCE" in said else ""
    reading.entries.append(
        Entry(
            uid=_number(reading, said.get("UID")), start=start, rule=rule, dates=tuple(_dates(own)),
            stands_for=stands_for, cancelled=cancelled,
            sequence=int(sequence) if re.fullmatch("[0-9]{1,6}", sequence) else 0,
        )
    )  # fmt: skip


def _own(held: Sequence[Line]) -> Iterator[Line]:
    """Without what lies in components inside."""
    depth = 0
    for line in held:
        if line.name in ("BEGIN", "END"):
            depth += 1 if line.name == "BEGIN" else -1
        elif depth == 0:
            yield line


def _number(reading: _Reading, uid: Line | None) -> int:
    if uid is None or not uid.value:
        return -1 - len(reading.entries)  # entries without a name are not one series
    return reading.numbers.setdefault(uid.value[:300], len(reading.numbers))


def _dated(line: Line | None) -> bool:
    return line is not None and MOMENT.fullmatch(line.value) is not None and line.value >= EARLIEST


def _rule(own: Sequence[Line]) -> str | None:
    """The rule, "" without one, None for one that no shift has."""
    rules = [one.value.upper() for one in own if one.name == "RRULE"]
    if not rules:
        return ""
    return rules[0] if len(rules) == 1 and sane(rules[0]) else None


def sane(rule: str) -> bool:
    """Whether it repeats by the day or slower, in words that are known."""
    found = [PART.fullmatch(one) for one in rule[: RULE_CHARS + 1].split(";")]
    said = {one[1]: one[2] for one in found if one}
    if len(rule) > RULE_CHARS or len(said) != len(found) or set(said) - KEYS:
        return False
    a_day = 1
    for key in ("BYHOUR", "BYMINUTE", "BYSECOND"):
        a_day *= said.get(key, "").count(",") + 1
    whole = all(re.fullmatch("[1-9][0-9]{0,8}", said[key]) for key in ("COUNT", "INTERVAL") if key in said)
    return said.get("FREQ") in FREQUENCIES and whole and a_day <= MOST_A_DAY


def _dates(own: Sequence[Line]) -> Iterator[Line]:
    """Each date that is named by itself, a line for each; of a span only its start."""
    for line in own:
        if line.name not in ("RDATE", "EXDATE"):
            continue
        for one in line.value.split(","):
            moment = one.partition("/")[0]
            if MOMENT.fullmatch(moment) or (line.name == "EXDATE" and DAY.fullmatch(moment)):
                yield replace(line, value=moment)


def _zone(held: Sequence[Line]) -> Zone | None:
    """Its own description, each line of a form that is known; None where it has no name to be found by."""
    name, told = "", []
    for line in held:
        match line.name:
            case "TZID":
                name = line.value.strip('"')
            case "BEGIN" | "END" if line.value in ("STANDARD", "DAYLIGHT"):
                told.append(f"{line.name}:{line.value}")
            case "TZOFFSETFROM" | "TZOFFSETTO" if OFFSET.fullmatch(line.value):
                told.append(f"{line.name}:{line.value}")
            case "DTSTART" if MOMENT.fullmatch(line.value):
                told.append(f"DTSTART:{line.value.removesuffix('Z')}")
            case "RRULE" if line.value.upper().startswith("FREQ=YEARLY") and sane(line.value.upper()):
                told.append(f"RRULE:{line.value.upper()}")
    return Zone(name=name, lines=tuple(told)) if name and told else None
