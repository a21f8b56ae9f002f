"""`scrubin status`: the last check, and what waits to be sent."""

import argparse
import json
import textwrap
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from agent import desk as desks
from agent.escape import printable
from agent.exits import OF, Answer, Exit
from agent.keep import outbox
from agent.outbox_model import OutboxError, Queue
from agent.places import Kept
from agent.standing import OLD
from agent.status_file import Problem, StatusFile, StatusProblem, read_report, read_status
from agent.tell import MARKS, SEEN, clock
from checks.guidance import guidance
from checks.model import Level, Overall, Status
from checks.plurals import counted

LOOK = "Look now: scrubin check"
PLUG_IN = "Plug it in, then: scrubin check"


def run(arguments: argparse.Namespace) -> Answer:
    """Read what the last audit left. The exit code is that of the last check; one that is too old cannot tell."""
    desk = desks.open_desk()
    now = desks.now()
    status = read_status(desk.places.status, now=now, max_age=OLD)
    phones = tuple(_phones(desk, now))
    queue = _queue(desk)
    code = _code((status, *(one for _, one in phones)))
    if arguments.json:
        body = {**_mapping(status, phones, queue), "enrolment": _enrolment(desk)}
        return Answer(code=code, out=json.dumps(body, ensure_ascii=True) + "\n")
    own = _of_one("This laptop", status, now, LOOK) if phones else _said(status, now)
    told = (*own, *(line for one in phones for line in _of_one(*one, now, PLUG_IN)), *_waiting(queue), *_whose(desk))
    lines = [part for line in told for part in _fitted(line)]
    return Answer(code=code, out="\n".join(lines) + "\n")


def _code(all_: Sequence[StatusFile | StatusProblem]) -> Exit:
    """That of the worst device."""
    codes = {Exit.CANNOT_TELL if isinstance(one, StatusProblem) else OF[one.overall] for one in all_}
    return next(one for one in (Exit.NOT_COMPLIANT, Exit.CANNOT_TELL, Exit.COMPLIANT) if one in codes)


def _phones(desk: desks.Desk, now: datetime) -> Iterator[tuple[str, StatusFile | StatusProblem]]:
    """Each phone that was ever checked here: its model, and what the last check left."""
    for kept in desk.places.kept_phones():
        yield model_of(kept), read_status(kept.status, now=now, max_age=OLD)


def model_of(kept: Kept) -> str:
    """The model of a phone by its last report; "a phone" where there is none to go by."""
    report = read_report(kept.last_report)
    return "a phone" if report is None else report.device.model or "a phone"


def _of_one(name: str, status: StatusFile | StatusProblem, now: datetime, again: str) -> Iterator[str]:
    """One device of several. `again`: how to check it."""
    name = printable(name, 48)
    if isinstance(status, StatusProblem):
        missing = status.problem is Problem.MISSING
        yield f"{name}: {'not checked yet.' if missing else status.sentence} {again}"
        return
    yield f"{name}: {HEAD[status.overall].removesuffix('.').lower()}, {age(now - status.generated_at)} ago."
    yield from _open(status)


def _queue(desk: desks.Desk) -> Queue | str:
    try:
        return outbox(desk).pending()
    except OutboxError as error:
        return error.sentence


HEAD = {
    Overall.COMPLIANT: "Ready for your shift.",
    Overall.NOT_COMPLIANT: "Not ready: something is to fix.",
    Overall.CANNOT_TELL: "Can't tell yet.",
}


def _said(status: StatusFile | StatusProblem, now: datetime) -> Iterator[str]:
    if isinstance(status, StatusProblem):
        yield f"{status.sentence} {LOOK}"
        return
    at = status.generated_at.astimezone()
    yield f"{HEAD[status.overall]} This is from {clock(at)} on {at:%-d %b %Y}, {age(now - status.generated_at)} ago."
    yield from _open(status)


def _open(status: StatusFile) -> Iterator[str]:
    if not status.proven:
        yield "  ! that check did not prove itself, so it isn't believed"
    for one in status.findings:
        if one.attestation is not None and one.attestation.counts:
            yield f"  {SEEN[0]} {guidance(one.check_id).name}, seen by you"
        elif one.status not in (Status.PASS, Status.NOT_APPLICABLE):
            tail = " (recommended only)" if one.level is Level.RECOMMENDED else ""
            yield f"  {MARKS[one.status][0]} {guidance(one.check_id).name}{tail}"


def _fitted(line: str) -> list[str]:
    return [line] if len(line) <= 80 else textwrap.wrap(line, 80)


def _waiting(queue: Queue | str) -> Iterator[str]:
    if isinstance(queue, str):
        yield f"The queue of reports can't be read. {queue}"
    elif queue.waiting:
        yield f"{queue.waiting} to be sent. {queue.sentence}".rstrip()
    else:
        yield "Nothing waits to be sent."


def _whose(desk: desks.Desk) -> Iterator[str]:
    """With which practice, and what it asks; nothing for a laptop that no practice took in."""
    told = desk.told
    if told.enrolment is not None:
        since = told.enrolment.enrolled_at.astimezone()
        yield f"Enrolled with {told.enrolment.practice.name} since {since:%-d %b %Y}, at {told.enrolment.url}."
    if told.said is not None:
        issued = told.said.issued_at.astimezone()
        yield f"What your practice asks is from {issued:%-d %b %Y}, number {told.said.serial}."
    yield from told.problems


def _enrolment(desk: desks.Desk) -> dict[str, object] | None:
    """`directive`: digest of what the practice sent, only where its signature was found good."""
    one = desk.told.enrolment
    if one is None:
        return None
    said = desk.told.said
    return {
        "practice": one.practice.name,
        "url": one.url,
        "agent_id": one.agent_id,
        "ownership": one.ownership,
        "since": one.enrolled_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "serial": None if said is None else said.serial,
        "directive": None if said is None else said.digest,
        "problems": list(desk.told.problems),
    }


def age(span: timedelta) -> str:
    """In words, rounded down: "2 days", "3 hours", "5 minutes"."""
    seconds = max(0, int(span.total_seconds()))
    for size, name in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            count = seconds // size
            return counted(count, name)
    return "less than a minute"


def _mapping(
    status: StatusFile | StatusProblem, phones: Sequence[tuple[str, StatusFile | StatusProblem]], queue: Queue | str
) -> dict[str, object]:
    return {
        "schema": "scrubin/status-answer/1",
        "waiting": queue.waiting if isinstance(queue, Queue) else None,
        **_device(status),
        "phones": [{"model": model, **_device(one)} for model, one in phones],
    }


def _device(status: StatusFile | StatusProblem) -> dict[str, object]:
    if isinstance(status, StatusProblem):
        return {"problem": status.problem, "last": None}
    last = {
        "overall": status.overall,
        "generated_at": status.generated_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "proven": status.proven,
        "findings": [
            {
                "check_id": one.check_id,
                "status": one.status,
                "level": one.level,
                "seen_by_person": one.attestation is not None and one.attestation.counts,
            }
            for one in status.findings
        ],
    }
    return {"problem": None, "last": last}
