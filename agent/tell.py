"""What the clinician reads in a terminal: the answer first, then each thing to fix with its steps."""

import textwrap
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo

from agent.runner import Audit
from agent.standing import askable, in_words, tally
from checks.evaluate import Examined
from checks.evidence import MEANING, Why
from checks.guidance import guidance, said, steps
from checks.model import Device, Finding, Kind, Level, Overall, Ownership, Platform, Point, Status, settled
from reports.envelope import Report

WIDTH = 80
NAME = 17
INDENT = " " * (NAME + 4)
MARKS: Mapping[Status, tuple[str, str]] = {
    Status.PASS: ("+", "32"),
    Status.FAIL: ("x", "1;31"),
    Status.UNKNOWN: ("?", "33"),
    Status.ERROR: ("!", "35"),
    Status.NOT_APPLICABLE: ("-", "2"),
}
"""One ASCII character each, so that a log, a screen reader and a black-and-white screen all say the same."""
WAIVED = ("~", "34")
SEEN = ("=", "36")
"""The person's own word, where the practice counts it."""
ORDER = (Status.FAIL, Status.UNKNOWN, Status.ERROR, Status.NOT_APPLICABLE)
WHOSE: Mapping[Ownership, str] = {
    Ownership.PERSONAL: "your own",
    Ownership.PRACTICE_OWNED: "the practice's",
    Ownership.DEDICATED_CAMERA: "the practice's camera",
}
SYSTEMS: Mapping[str, str] = {"debian": "Debian", "ubuntu": "Ubuntu", "fedora": "Fedora", "arch": "Arch Linux"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How to say it."""

    colour: bool = False
    everything: bool = False
    """List what is well, too."""
    contacts: tuple[str, ...] = ()
    """Whom to ask, from the policy, already safe to show."""
    unready: tuple[tuple[str, str], ...] = ()
    """For each phone that is there and could not be looked at: what is the matter, and what to do."""
    closing: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """For each phone: a head, and what to do when it is unplugged."""
    notes: tuple[str, ...] = ()
    """Sentences below the devices: a refused policy, a report that waits."""
    asks: bool = False
    """What only a look can settle may be answered with `--saw`: the devices are here, under the practice's policy."""
    several: frozenset[str] = frozenset()
    """Ids of checks that more than one device asks about; `tell` finds them."""
    zone: tzinfo = UTC
    """Of the days on which the person looked; `tell` takes that of its `at`."""


def tell(audits: Sequence[Audit], *, at: datetime, took_s: float, manner: Manner) -> str:
    """The whole answer. `at` is in the person's own time zone."""
    manner = replace(manner, zone=at.tzinfo or UTC, several=_several(audits))
    checked = f"checked {clock(at)}, {max(1, round(took_s))} s"
    lines = [*_headline(audits, checked, manner), ""]
    for audit in audits:
        lines += [*_device(audit, manner), ""]
    for matter, action in manner.unready:
        lines += textwrap.wrap(f"Not checked: {matter}", WIDTH, subsequent_indent="  ")
        lines += [*textwrap.wrap(action, WIDTH, initial_indent="  ", subsequent_indent="  "), ""]
    for head, todo in manner.closing:
        lines += [head, *_numbered(todo, indent=""), ""]
    if not manner.unready and all(one.report.overall is Overall.COMPLIANT for one in audits):
        lines += [f"This is what we saw at {clock(at)}; a changed setting can change it."]
    lines += [line for note in manner.notes for line in textwrap.wrap(note, WIDTH)]
    if manner.contacts:
        lines += textwrap.wrap(f"In doubt, ask: {'; '.join(manner.contacts)}", WIDTH, subsequent_indent="  ")
    return "\n".join(lines).rstrip() + "\n"


def clock(at: datetime) -> str:
    """7:12 am"""
    return f"{at.hour % 12 or 12}:{at.minute:02d} {'am' if at.hour < 12 else 'pm'}"


def _headline(audits: Sequence[Audit], checked: str, manner: Manner) -> list[str]:
    answer = headline([one.report for one in audits], len(manner.unready))
    if len(answer) + len(checked) + 2 > WIDTH:
        return [_bold(answer, manner), checked]
    return [_bold(answer, manner) + " " * (WIDTH - len(answer) - len(checked)) + checked]


def headline(reports: Sequence[Report], unready: int) -> str:
    """The answer in one sentence. `unready`: phones that are there and could not be looked at."""
    return in_words(tally(reports, others=unready))


def _device(audit: Audit, manner: Manner) -> Iterator[str]:
    device = audit.report.device
    yield _bold(device_line(device), manner)
    if not audit.report.proof.proven:
        proof = audit.report.proof
        yield from _wrapped("  ! proof", f"Only {proof.found} of {proof.planted} planted bad settings were found.")
    findings = {one.uid: one for one in audit.report.findings}
    rows = [(findings[one.finding.uid], one) for one in audit.examined]
    for status in ORDER:
        for finding, examined in rows:
            if finding.status is status and not _quiet(finding, manner):
                yield from _row(finding, examined, audit, manner)
    yield from _seen(rows, manner)
    yield from _well(rows, audit, manner)


def device_line(device: Device) -> str:
    """This laptop, Debian 12, your own"""
    name = "This laptop" if device.kind is Kind.LAPTOP else device.model or "A phone"
    return f"{name}, {system_of(device)}, {WHOSE[device.ownership]}"


def system_of(device: Device) -> str:
    """Debian 12"""
    system, _, version = device.os_version.partition(" ")
    return f"{SYSTEMS.get(system, system.capitalize())} {version}".strip() or device.platform.capitalize()


def _quiet(finding: Finding, manner: Manner) -> bool:
    """Said elsewhere, or not worth a line."""
    return settled(finding) or (finding.status is Status.NOT_APPLICABLE and not manner.everything)


def _row(finding: Finding, examined: Examined, audit: Audit, manner: Manner) -> Iterator[str]:
    mark, colour = WAIVED if finding.waiver is not None else MARKS[finding.status]
    name = guidance(finding.check_id).name
    label, bare = f"  {_painted(mark, colour, manner)} {name:<{NAME}}", f"  {mark} {name:<{NAME}}"
    asides = " ".join((*_own_word(finding, audit, manner), *_asides(finding)))
    brief = _brief(finding, audit) and not manner.everything
    platform = audit.report.device.platform
    told = [(sentence(finding, one), () if brief else point_steps(finding, one, platform)) for one in examined.points]
    for words, todo in dict.fromkeys(told):  # two parts that weren't seen may read alike: once is enough
        yield from _wrapped(label, f"{words} {asides}".rstrip(), bare=bare)
        yield from _numbered(todo)
        label = bare = INDENT
        asides = ""
    if manner.asks and not brief:
        yield from _question(finding, examined, audit, manner)


def _several(audits: Sequence[Audit]) -> frozenset[str]:
    asked = Counter(one.finding.check_id for audit in audits for one in audit.examined if askable(one, audit))
    return frozenset(check_id for check_id, count in asked.items() if count > 1)


def _question(finding: Finding, examined: Examined, audit: Audit, manner: Manner) -> Iterator[str]:
    """How to answer, once one has looked."""
    if finding.waiver is not None or finding.attestation is not None or not askable(examined, audit):
        return
    terms = audit.terms[finding.check_id]
    words = f"scrubin check --saw {finding.check_id}={terms.saw.good}"
    if finding.check_id in manner.several:
        words += f' --device "{audit.report.device.model}"' if _is_phone(audit) else " --device laptop"
    lead = "Then say so" if terms.counts else "Tell your practice"
    # The command comes last, for copying: whatever followed it would be copied, too.
    yield from _wrapped(INDENT, f"{lead} (with {terms.saw.bad} if it's {terms.saw.bad}): {words}", bare=INDENT)


def _is_phone(audit: Audit) -> bool:
    return audit.report.device.kind is Kind.PHONE


def _brief(finding: Finding, audit: Audit) -> bool:
    """What the practice only recommends is told without steps, unless something is to mend."""
    return finding.level is Level.RECOMMENDED and finding.status is not Status.FAIL and not _bad_news(finding, audit)


def _bad_news(finding: Finding, audit: Audit) -> bool:
    """The person looked, and it is not as it should be."""
    terms = audit.terms.get(finding.check_id)
    return finding.attestation is not None and terms is not None and finding.attestation.saw is terms.saw.bad


def sentence(finding: Finding, point: Point) -> str:
    """What the person is told of a point; where something was not seen, with the reason."""
    text = said(finding.check_id, str(point.reason), point.exact)
    why = point.exact.get("why")
    return f"{text.removesuffix('.')}: {MEANING[Why(why)][1]}." if isinstance(why, str) else text


def _numbered(lines: tuple[str, ...], indent: str = INDENT) -> Iterator[str]:
    for number, step in enumerate(lines, start=1):
        first = f"{indent}  {number} " if len(lines) > 1 else f"{indent}  "
        yield from textwrap.wrap(step, WIDTH, initial_indent=first, subsequent_indent=" " * len(first))


def _own_word(finding: Finding, audit: Audit, manner: Manner) -> Iterator[str]:
    """What the person said and does not settle it."""
    if finding.attestation is not None:
        said = f"Seen by you on {finding.attestation.at.astimezone(manner.zone):%-d %b}: {finding.attestation.saw}"
        rest = "" if _bad_news(finding, audit) else "; your practice does not count it"
        yield f"{said}{rest}."


def _seen(rows: Sequence[tuple[Finding, Examined]], manner: Manner) -> Iterator[str]:
    """What the practice takes the person's word for."""
    mark, colour = SEEN
    for finding, _ in rows:
        if settled(finding) and finding.attestation is not None:
            at, until = (one.astimezone(manner.zone) for one in (finding.attestation.at, finding.attestation.until))
            name = guidance(finding.check_id).name
            said = f"Seen by you on {at:%-d %b}; counts until {until:%-d %b %Y}."
            yield from _wrapped(f"  {_painted(mark, colour, manner)} {name:<{NAME}}",
                                " ".join((said, *_asides(finding))), bare=f"  {mark} {name:<{NAME}}")  # fmt: skip


def _asides(finding: Finding) -> Iterator[str]:
    if finding.waiver is not None:
        yield f"Waived until {finding.waiver.until:%-d %b %Y}."
    if finding.level is Level.RECOMMENDED:
        yield "Recommended only."


def point_steps(finding: Finding, point: Point, platform: Platform) -> tuple[str, ...]:
    """What to do about a point, as this very system names it."""
    whole = {key: value for key, value in finding.measures.items() if isinstance(value, int)}
    named = tuple(str(one) for one in point.exact.values() if isinstance(one, str))
    places = (*named, *variants(finding, platform))
    return steps(finding.check_id, str(point.reason), places, {**whole, **point.exact})


def variants(finding: Finding, platform: Platform) -> tuple[str, ...]:
    """Keys under which steps are looked up: what the finding's measures name, then the platform."""
    named: list[str] = []
    for key, value in finding.measures.items():
        if key != "reasons" and isinstance(value, str):
            named.append(value)
        elif key != "reasons" and isinstance(value, tuple):
            named.extend(value)
    return (*named, str(platform), "any")


def _well(rows: Sequence[tuple[Finding, Examined]], audit: Audit, manner: Manner) -> Iterator[str]:
    names = [guidance(one.check_id).name for one, _ in rows if one.status is Status.PASS]
    mark, colour = MARKS[Status.PASS]
    if not names:
        return
    if not manner.everything:
        yield from _wrapped(f"  {_painted(mark, colour, manner)} {f'{len(names)} OK':<{NAME}}", ", ".join(names),
                            bare=f"  {mark} {'':<{NAME}}")  # fmt: skip
        return
    for finding, examined in rows:
        if finding.status is Status.PASS:
            yield from _row(finding, examined, audit, manner)


def _wrapped(label: str, text: str, *, bare: str | None = None) -> list[str]:
    """`label` may hold colour; `bare` is the same without, for the width."""
    plain = bare if bare is not None else f"{label:<{len(INDENT)}}"
    lines = textwrap.wrap(text, WIDTH, initial_indent=" " * len(plain), subsequent_indent=INDENT) or [""]
    return [(label if bare is not None else plain) + lines[0][len(plain) :], *lines[1:]]


def _painted(text: str, colour: str, manner: Manner) -> str:
    return f"\x1b[{colour}m{text}\x1b[0m" if manner.colour else text


def _bold(text: str, manner: Manner) -> str:
    return _painted(text, "1", manner)
