"""`scrubin explain CHECK`: what it asks, why, what it found, and on asking what was seen."""

import argparse
import dataclasses
import difflib
import json
import textwrap
import threading
from collections.abc import Iterator
from enum import StrEnum
from typing import Any

from agent import desk as desks
from agent.escape import printable
from agent.exits import Answer, CannotRun, Exit, WrongUse
from agent.look import LAPTOP, PHONES, look, pictures_of
from agent.runner import Subject, audit
from agent.tell import point_steps, sentence
from checks.catalog import CATALOG
from checks.evaluate import Examined
from checks.evidence import Fact, Unobserved
from checks.guidance import guidance
from checks.model import Level, Platform, Status
from checks.spec import Check, Rule

WIDTH = 80


def run(arguments: argparse.Namespace) -> Answer:
    """Explain one check of one device, or of a recording. Raises CannotRun, WrongUse."""
    check = _named(arguments.check)
    desk = desks.open_desk(policy=arguments.policy)
    subject = dataclasses.replace(_subject(desk, arguments, check), checks=(check,))
    done = audit(subject, desk.in_force.policy, clock=subject.host.now if subject.recorded else desks.now)
    rule = desk.in_force.policy.rule(check, subject.device.ownership)
    (examined,) = done.examined
    if arguments.json:
        body = _mapping(check, rule, examined, evidence=arguments.evidence)
        return Answer(code=Exit.COMPLIANT, out=json.dumps(body, indent=2, ensure_ascii=True) + "\n")
    lines = [*_asks(check, rule), "", *_found(examined, subject)]
    if arguments.evidence:
        lines += ["", *_evidence(examined)]
    return Answer(code=Exit.COMPLIANT, out="\n".join(lines) + "\n")


def _subject(desk: desks.Desk, arguments: argparse.Namespace, check: Check[Any, Any]) -> Subject:
    """A recording, the device that was named, or the one that the check concerns."""
    if arguments.source is not None:
        return desks.recording(desk, arguments.source, photo_folders=(), left_out=frozenset())
    wanted = arguments.device or (LAPTOP if Platform.LINUX in check.platforms else PHONES)
    stop = threading.Event()
    looked = look(desk, wanted, stop=stop, pictures=pictures_of(desk, stop))
    if len(looked.subjects) > 1:
        raise WrongUse("more than one device is here: name one with --device, by its model: scrubin devices")
    if not looked.subjects:
        raise CannotRun("the phone that is attached can't be looked at; what to do: scrubin devices")
    return looked.subjects[0]


def _named(name: str) -> Check[Any, Any]:
    wanted = name.replace("-", "_")
    for check in CATALOG:
        if check.id == wanted:
            return check
    close = difflib.get_close_matches(wanted, [check.id for check in CATALOG], n=1)
    meant = f' Did you mean "{close[0]}"?' if close else f" There are: {', '.join(one.id for one in CATALOG)}"
    raise WrongUse(f'no check is called "{printable(name, 40)}".{meant}')


def _asks(check: Check[Any, Any], rule: Rule[Any]) -> Iterator[str]:
    yield f"{check.title} ({check.id})"
    yield from textwrap.wrap(guidance(check.id).rationale, WIDTH, initial_indent="  ", subsequent_indent="  ")
    yield f"  answers {', '.join(check.requirements)} of the guidance"
    asked = f"{LEVELS[rule.level]} by the {rule.layer} policy: {printable(rule.why)}"
    yield from textwrap.wrap(asked, WIDTH, initial_indent="  ", subsequent_indent="  ")
    for limit in dataclasses.fields(rule.limits):
        yield from textwrap.wrap(
            f"{limit.name} = {_value(getattr(rule.limits, limit.name))}  {limit.metadata['doc']}",
            WIDTH,
            initial_indent="    ",
            subsequent_indent="      ",
        )


LEVELS = {Level.REQUIRED: "required", Level.RECOMMENDED: "recommended", Level.OFF: "switched off"}


def _found(examined: Examined, subject: Subject) -> Iterator[str]:
    finding = examined.finding
    yield f"Found: {WORDS[finding.status]}"
    for point in examined.points:
        text = sentence(finding, point)
        yield from textwrap.wrap(text, WIDTH, initial_indent="  ", subsequent_indent="  ")
        for number, step in enumerate(point_steps(finding, point, subject.device.platform), start=1):
            yield from textwrap.wrap(f"{number} {step}", WIDTH, initial_indent="    ", subsequent_indent="      ")
    yield "Your practice reads:"
    yield from textwrap.wrap(finding.because, WIDTH, initial_indent="  ", subsequent_indent="  ")


WORDS = {
    Status.PASS: "OK",
    Status.FAIL: "to fix",
    Status.UNKNOWN: "can't tell",
    Status.ERROR: "couldn't check",
    Status.NOT_APPLICABLE: "doesn't apply",
}


def _evidence(examined: Examined) -> Iterator[str]:
    yield "What was seen (this stays on your laptop):"
    evidence = examined.evidence
    if isinstance(evidence, Unobserved):
        yield f"  nothing: {evidence.why}"
        if evidence.detail:
            yield f"  {printable(evidence.detail)}"
        return
    for key, value in _fact(evidence.fact).items():
        yield f"  {key} = {value}"
    for gap in evidence.fact.gaps:
        yield f"  not seen: {printable(gap.part)} ({gap.why}) {printable(gap.detail)}".rstrip()


def _fact(fact: Fact) -> dict[str, str]:
    return {one.name: _value(getattr(fact, one.name)) for one in dataclasses.fields(fact) if one.name != "gaps"}


def _value(value: object) -> str:
    if value is None:
        return "not said"
    if isinstance(value, StrEnum):
        return str(value)
    if isinstance(value, tuple):
        return "[" + ", ".join(_value(one) for one in value) + "]"
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        inner = ", ".join(f"{one.name}={_value(getattr(value, one.name))}" for one in dataclasses.fields(value))
        return f"({inner})"
    return printable(str(value))


def _mapping(check: Check[Any, Any], rule: Rule[Any], examined: Examined, *, evidence: bool) -> dict[str, Any]:
    finding = examined.finding
    body: dict[str, Any] = {
        "schema": "scrubin/explain/1",
        "check_id": check.id,
        "title": check.title,
        "rationale": guidance(check.id).rationale,
        "requirements": list(check.requirements),
        "level": rule.level,
        "layer": rule.layer,
        "limits": {one.name: _value(getattr(rule.limits, one.name)) for one in dataclasses.fields(rule.limits)},
        "status": finding.status,
        "because": finding.because,
        "said": [sentence(finding, point) for point in examined.points],
    }
    if evidence:
        body["evidence"] = list(_evidence(examined))[1:]
    return body
