"""`scrubin check`: look, judge, tell."""

import argparse
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from agent import desk as desks
from agent.config import ConfigError, folder_path
from agent.escape import printable
from agent.exits import OF, Answer, CannotRun, WrongUse
from agent.progress import progress
from agent.runner import Audit, Subject, audit
from agent.tell import Manner, clock, tell
from reports.envelope import CHECK_SCHEMA, encode, to_mapping
from reports.render import plain

if TYPE_CHECKING:
    from agent.desk import Desk

STOPPED = "You stopped this check before it ended, so it isn't kept and isn't sent."


def run(arguments: argparse.Namespace) -> Answer:
    """Audit what was asked for. Raises CannotRun, WrongUse."""
    stop = stop_on_interrupt()
    if arguments.device not in ("all", "laptop") and arguments.source is None:
        raise CannotRun(
            "phones can't be checked by this version. Check this laptop with: scrubin check --device laptop"
        )
    desk = desks.open_desk(policy=arguments.policy, stop=stop)
    subject = _subject(desk, arguments)
    began = time.monotonic()
    with progress(len(subject.checks), shown=_interactive(arguments)) as tick:
        done = audit(subject, desk.in_force.policy, clock=_clock(subject), tick=tick)
    stopped = (STOPPED,) if stop.is_set() else ()
    notes = _keep(desk, done) if _kept(desk, subject, arguments, stop) else stopped
    return _answer(done, desk, arguments, notes, time.monotonic() - began)


def _keep(desk: "Desk", done: Audit) -> tuple[str, ...]:
    from agent.keep import keep  # a trial needs no database

    return keep(desk, done, now=desks.now())


def _subject(desk: "Desk", arguments: argparse.Namespace) -> Subject:
    left_out = frozenset() if arguments.photos else frozenset({"clinical_images"})
    try:
        extra = tuple(folder_path(os.path.abspath(one), desk.door.home) for one in arguments.photo_folder)
    except ConfigError as error:
        raise WrongUse(str(error)) from error
    if arguments.source is not None:
        return desks.recording(desk, arguments.source, photo_folders=extra, left_out=left_out)
    return desks.laptop(desk, photo_folders=extra, left_out=left_out)


def _clock(subject: Subject) -> Callable[[], datetime]:
    return subject.host.now if subject.host is not subject.door else desks.now


def stop_on_interrupt() -> threading.Event:
    """Ctrl-C stops looking and shows what there is; a second one ends at once."""
    stop = threading.Event()

    def interrupted(_signal: int, _frame: object) -> None:
        stop.set()
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    signal.signal(signal.SIGINT, interrupted)
    return stop


def _kept(desk: "Desk", subject: Subject, arguments: argparse.Namespace, stop: threading.Event) -> bool:
    """Only a whole look at this laptop under the policy in force is kept and sent; all else is a trial."""
    return subject.host is desk.door and arguments.photos and not desk.explicit_policy and not stop.is_set()


def _interactive(arguments: argparse.Namespace) -> bool:
    return sys.stderr.isatty() and not arguments.json and not arguments.plain


def _answer(done: Audit, desk: "Desk", arguments: argparse.Namespace, notes: tuple[str, ...], took_s: float) -> Answer:
    code = OF[done.report.overall]
    at = done.report.generated_at.astimezone()
    notes = (*_standing_notes(desk, arguments, at), *notes)
    if arguments.json:
        body = encode({"schema": CHECK_SCHEMA, "reports": [to_mapping(done.report)]})
        return Answer(code=code, out=body + b"\n", hints=_hints(notes))
    if arguments.plain:
        return Answer(code=code, out=plain.render(done.report), hints=_hints(notes))
    manner = Manner(
        colour=sys.stdout.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb",
        everything=arguments.everything,
        contacts=_contacts(desk),
        notes=notes,
    )
    return Answer(code=code, out=tell([done], at=at, took_s=took_s, manner=manner))


def _standing_notes(desk: "Desk", arguments: argparse.Namespace, at: datetime) -> Iterator[str]:
    if arguments.source is not None:
        yield f"This is about a recording made at {clock(at)} on {at:%-d %b %Y}, not about this laptop as it is now."
    yield from desk.problems
    if arguments.source is None and desk.door.account == "root":
        yield "You run this as root, so it looks at root's settings, not at those of the person who works here."


def _hints(notes: tuple[str, ...]) -> str:
    return "".join(f"{note}\n" for note in notes)


def _contacts(desk: "Desk") -> tuple[str, ...]:
    return tuple(printable(str(one)) for one in desk.in_force.policy.contacts.values())
