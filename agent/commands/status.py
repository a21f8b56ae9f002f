"""`scrubin status`: the last check, and what waits to be sent."""

import argparse
import json
import textwrap
from collections.abc import Iterator
from datetime import datetime, timedelta

from agent import desk as desks
from agent.exits import OF, Answer, Exit
from agent.keep import outbox
from agent.outbox_model import OutboxError, Queue
from agent.status_file import StatusFile, StatusProblem, read_status
from agent.tell import MARKS, clock
from checks.guidance import guidance
from checks.model import Level, Overall, Status
from checks.plurals import counted

OLD = timedelta(days=3)
"""An answer older than this says nothing of today, whatever it was."""


def run(arguments: argparse.Namespace) -> Answer:
    """Read what the last audit left. The exit code is that of the last check; one that is too old cannot tell."""
    desk = desks.open_desk()
    now = desks.now()
    status = read_status(desk.places.status, now=now, max_age=OLD)
    queue = _queue(desk)
    code = Exit.CANNOT_TELL if isinstance(status, StatusProblem) else OF[status.overall]
    if arguments.json:
        body = _mapping(status, queue)
        return Answer(code=code, out=json.dumps(body, ensure_ascii=True) + "\n")
    lines = [part for line in (*_said(status, now), *_waiting(queue)) for part in _fitted(line)]
    return Answer(code=code, out="\n".join(lines) + "\n")


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
        yield f"{status.sentence} Look now: scrubin check"
        return
    at = status.generated_at.astimezone()
    yield f"{HEAD[status.overall]} This is from {clock(at)} on {at:%-d %b %Y}, {age(now - status.generated_at)} ago."
    if not status.proven:
        yield "  ! that check did not prove itself, so it isn't believed"
    for one in status.findings:
        if one.status not in (Status.PASS, Status.NOT_APPLICABLE):
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


def age(span: timedelta) -> str:
    """In words, rounded down: "2 days", "3 hours", "5 minutes"."""
    seconds = max(0, int(span.total_seconds()))
    for size, name in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            count = seconds // size
            return counted(count, name)
    return "less than a minute"


def _mapping(status: StatusFile | StatusProblem, queue: Queue | str) -> dict[str, object]:
    body: dict[str, object] = {"schema": "scrubin/status-answer/1", "waiting": None, "problem": None, "last": None}
    if isinstance(queue, Queue):
        body["waiting"] = queue.waiting
    if isinstance(status, StatusProblem):
        body["problem"] = status.problem
        return body
    body["last"] = {
        "overall": status.overall,
        "generated_at": status.generated_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "proven": status.proven,
        "findings": [{"check_id": one.check_id, "status": one.status, "level": one.level} for one in status.findings],
    }
    return body
