"""One check of one device as a line of the page: its word, its age, what was seen, and what to do about it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from agent.desk import IMAGES
from agent.escape import printable
from agent.runner import Audit
from agent.standing import askable, counts
from agent.tell import point_steps, sentence, variants
from checks.attest import Terms
from checks.catalog import CATALOG
from checks.evaluate import Examined
from checks.evidence import Why
from checks.guidance import COMMON, guidance, said, steps
from checks.model import Device, Finding, Kind, Level, Status, Waiver, Word, settled
from reports.envelope import Report

KNOWN = {one.id: one for one in CATALOG}
LONGEST = 400
LEAD = re.compile(r"(Open|.{1,160}[?.!:;,]) (\S.*)")
"""A short sentence before the way to a setting; bounded, as it may hold what a device calls itself."""


class State(StrEnum):
    """What a line says; each has its own word, icon and outline."""

    OK = "pass"
    FAIL = "fail"
    UNKNOWN = "unknown"
    ERROR = "error"
    NA = "na"
    WAIVED = "waived"
    LOOKED = "looked"
    STALE = "stale"
    PENDING = "pending"


WORDS: Mapping[State, str] = {
    State.OK: "OK", State.FAIL: "To fix", State.UNKNOWN: "Can't tell", State.ERROR: "Couldn't check",
    State.NA: "Doesn't apply", State.WAIVED: "Waived", State.LOOKED: "You looked", State.STALE: "Out of date",
    State.PENDING: "Looking now",
}  # fmt: skip
ICONS: Mapping[State, str] = {State.LOOKED: "eye", State.PENDING: "dot"}
"""Where an icon is not called as its state."""
COLOURS: Mapping[State, str] = {State.LOOKED: "waived"}
PLAIN: Mapping[Status, State] = {
    Status.PASS: State.OK, Status.FAIL: State.FAIL, Status.UNKNOWN: State.UNKNOWN, Status.ERROR: State.ERROR,
    Status.NOT_APPLICABLE: State.NA,
}  # fmt: skip
ORDER = (
    State.FAIL, State.UNKNOWN, State.ERROR, State.PENDING, State.STALE, State.LOOKED, State.WAIVED, State.OK, State.NA
)  # fmt: skip
"""What waits for the person first."""
NAMES: Mapping[str, str] = {IMAGES: "Clinical pictures"}
"""Where the clinician's word is not the one of lists."""
OPEN = frozenset({State.FAIL, State.UNKNOWN, State.ERROR})


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One action. `path`: names on the screen, from menu to menu; "" and () for parts that it does not have."""

    lead: str
    path: tuple[str, ...]
    tail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One thing that was noticed, with what to do."""

    sentence: str
    steps: tuple[Step, ...] = ()


OUTDATED = Told(sentence="What was seen is too old, or was judged by other rules, so it says nothing of today.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a look by the person would settle."""

    good: str
    """What they say when it is as it should be."""
    changed: str
    """When it was not, and they have changed it."""
    counts: bool
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One check."""

    check_id: str
    name: str
    why: str
    """Why it matters."""
    state: State
    told: tuple[Told, ...]
    asides: tuple[str, ...]
    at: int
    """When it was seen, Unix seconds."""
    open: bool
    """It waits for the person, so all of it is shown."""
    advised: bool = False
    """Something is to mend that the practice only recommends: it counts against nobody."""
    question: Question | None = None
    reviewable: bool = False
    """It is about pictures on which the person can decide."""
    unasked: bool = False
    """Nobody may look at pictures before the person agreed."""

    @property
    def word(self) -> str:
        """As the person reads it."""
        return WORDS[self.state]

    @property
    def icon(self) -> str:
        """Its name in the sprite."""
        return ICONS.get(self.state, str(self.state))

    @property
    def colour(self) -> str:
        """The end of its class in the style sheet."""
        return COLOURS.get(self.state, str(self.state))


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What is known of one device."""

    report: Report
    """As it was made."""
    today: Report | None = None
    """As it counts today: what is too old, or was judged by other rules, is not known. None: as it was made."""
    audit: Audit | None = None
    """None: another process made the report, so exact values are not known here."""
    pending: bool = False
    stale: bool = False
    waivers: Mapping[str, Waiver] | None = None
    """By uid: who waived what and why stays on the laptop, so no report has it."""

    @property
    def counted(self) -> Report:
        """What verdicts go by."""
        return self.today or self.report

    @property
    def outdated(self) -> frozenset[str]:
        """Uids of findings that say nothing any more."""
        made = {one.uid: one.status for one in self.report.findings}
        return frozenset(one.uid for one in self.counted.findings if made.get(one.uid) is not one.status)


def rows(source: Source) -> tuple[Row, ...]:
    """A line for each check that this version knows, what waits for the person first."""
    examined = {} if source.audit is None else {one.finding.uid: one for one in source.audit.examined}
    made = [_row(one, examined.get(one.uid), source) for one in source.counted.findings if one.check_id in KNOWN]
    return tuple(sorted(made, key=lambda row: ORDER.index(row.state)))


def _row(finding: Finding, examined: Examined | None, source: Source) -> Row:
    state = _state(finding, source)
    words = guidance(finding.check_id)
    reasons = _reasons(finding)
    return Row(
        check_id=finding.check_id,
        name=NAMES.get(finding.check_id) or words.name[:1].upper() + words.name[1:],
        why=words.rationale,
        state=state,
        told=() if state is State.PENDING else tuple(_told(finding, examined, source)),
        asides=tuple(_asides(finding, source)),
        at=int(finding.observed_at.timestamp()),
        open=(state in OPEN or (state is State.STALE and not source.stale)) and counts(finding),
        advised=state is State.FAIL and not counts(finding),
        question=_question(finding, examined, source),
        reviewable=finding.check_id == IMAGES and state is State.FAIL,
        unasked=finding.check_id == IMAGES and str(Why.NOT_CONSENTED) in reasons,
    )


def _state(finding: Finding, source: Source) -> State:
    if source.pending and finding.check_id == IMAGES and finding.status is not Status.NOT_APPLICABLE:
        return State.PENDING
    if (source.stale and finding.status is not Status.NOT_APPLICABLE) or finding.uid in source.outdated:
        return State.STALE
    if finding.waiver is not None and finding.status is not Status.PASS:
        return State.WAIVED
    return State.LOOKED if settled(finding) else PLAIN[finding.status]


def _told(finding: Finding, examined: Examined | None, source: Source) -> Iterator[Told]:
    """Each thing once: two parts that weren't seen may read alike."""
    device = source.report.device
    if finding.uid in source.outdated:
        yield OUTDATED
        return
    if examined is not None:
        pairs = [(sentence(finding, one), point_steps(finding, one, device.platform)) for one in examined.points]
    else:
        pairs = list(_remembered(finding, device))
    for words, todo in dict.fromkeys(pairs):
        yield Told(sentence=printable(words, LONGEST), steps=tuple(step_of(one) for one in todo))


def _remembered(finding: Finding, device: Device) -> Iterator[tuple[str, tuple[str, ...]]]:
    """A report has no exact values: what needs them is said as the practice reads it, or not at all."""
    whole = {key: value for key, value in finding.measures.items() if isinstance(value, int)}
    whole_sentences = True
    for reason in _reasons(finding):
        words = said(finding.check_id, reason, whole) if _sayable(finding.check_id, reason) else "{"
        todo = steps(finding.check_id, reason, variants(finding, device.platform), whole)
        if "{" in words:
            whole_sentences = False
            continue
        yield words, tuple(one for one in todo if "{" not in one)
    if not whole_sentences:
        yield f"{finding.because[:1].upper()}{finding.because[1:]}.", ()


def _sayable(check_id: str, reason: str) -> bool:
    return reason in guidance(check_id).reasons or reason in COMMON or reason in set(Why)


def _reasons(finding: Finding) -> tuple[str, ...]:
    found = finding.measures.get("reasons", ())
    return found if isinstance(found, tuple) else ()


def _asides(finding: Finding, source: Source) -> Iterator[str]:
    if finding.waiver is not None:
        known = (source.waivers or {}).get(finding.uid, finding.waiver)
        yield f"Does not count until {_day(finding.waiver.until)}."
        if known.why:
            yield f'Your practice wrote: "{printable(known.why, LONGEST)}".'
    seen = finding.attestation
    if seen is not None:
        at = seen.at.astimezone()
        lead = f"You looked on {_day(seen.at)} at {at:%-I:%M} {at:%p}".replace("AM", "am").replace("PM", "pm")
        if seen.counts:
            yield f"{lead}. We can't see it ourselves; your practice accepts your word until {_day(seen.until)}."
        else:
            yield f"{lead} and said: {seen.saw}. That does not settle it for your practice."
    if finding.level is Level.RECOMMENDED and finding.status is not Status.NOT_APPLICABLE:
        yield "Recommended only."


def _day(at: datetime) -> str:
    return f"{at.astimezone():%-d %B %Y}"


SAYS: Mapping[Word, tuple[str, str]] = {
    Word.OFF: ("It is off", "It was on, I turned it off"),
    Word.ON: ("It is on", "It was off, I turned it on"),
    Word.LIMITED: ("It is limited", "It was not, I limited it"),
    Word.UNLIMITED: ("It is not limited", "It was limited, I changed it"),
}
"""By the word that is good: what one says of it."""


def _question(finding: Finding, examined: Examined | None, source: Source) -> Question | None:
    audit = source.audit
    if audit is None or examined is None or finding.waiver is not None or settled(finding) or source.stale:
        return None
    if finding.uid in source.outdated:
        return None
    if not askable(examined, audit):
        return None
    terms: Terms = audit.terms[finding.check_id]
    good, changed = SAYS[terms.saw.good]
    return Question(good=good, changed=changed, counts=terms.counts, days=terms.days)


def step_of(text: str) -> Step:
    """`Settings > Display: choose 1 minute` as names on the screen and what stands around them."""
    parts = printable(text, LONGEST).split(" > ")
    if len(parts) == 1:
        return Step(lead=parts[0], path=(), tail="")
    lead, first = _lead(parts[0])
    last, colon, rest = parts[-1].partition(": ") if "(" not in parts[-1] else (parts[-1], "", "")
    return Step(lead=lead, path=(first, *parts[1:-1], last), tail=f"{colon}{rest}".strip())


def _lead(text: str) -> tuple[str, str]:
    found = LEAD.fullmatch(text)
    return ("", text) if found is None else (found[1], found[2])


def where(device: Device) -> str:
    """Above the steps."""
    return "On this laptop" if device.kind is Kind.LAPTOP else "On the phone"


def tell_rest(rest: Sequence[Row], *, alone: bool) -> str:
    """What the lines that wait for nobody come to. `alone`: they are all that there is."""
    well = sum(one.state in (State.OK, State.LOOKED) for one in rest)
    asked = sum(one.state is not State.NA for one in rest)
    if well == asked and alone:
        return f"{well} of {asked} checks are OK"
    if well == asked:
        return "1 other check is OK" if asked == 1 else f"{asked} other checks are OK"
    what = "checks" if alone else "other checks"
    return f"{len(rest)} {what}: {well} OK, {len(rest) - well} that don't count against you today"
