"""`scrubin check`: look, judge, tell."""

import argparse
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from agent import desk as desks
from agent.attestations import heard, sayings
from agent.closing import closing
from agent.config import ConfigError, folder_path
from agent.escape import printable
from agent.exits import OF, Answer, Exit, WrongUse
from agent.look import ALL, Looked, look, pictures_of
from agent.progress import progress
from agent.runner import Audit, Subject, audit
from agent.tell import Manner, clock, tell
from checks.catalog import CATALOG
from reports.envelope import CHECK_SCHEMA, encode, to_mapping
from reports.render import plain

if TYPE_CHECKING:
    from agent.desk import Desk
    from agent.photos.evidence import Pictures

STOPPED = "You stopped this check before it ended, so it isn't kept and isn't sent."
UNNAMED = (
    "A phone on the network did not say which one it is, so what was found on it isn't kept and isn't sent. "
    "Check it again, over its cable if it can be."
)
IMAGES = "clinical_images"


def run(arguments: argparse.Namespace) -> Answer:
    """Audit what was asked for. Raises CannotRun, WrongUse."""
    _sensible(arguments)
    if arguments.last:
        return _last()
    stop = stop_on_interrupt()
    trial = arguments.policy is not None
    said = sayings(arguments.saw, CATALOG, recording=arguments.source is not None, trial=trial)
    desk = desks.open_desk(policy=arguments.policy, stop=stop)
    began = time.monotonic()
    pictures = _pictures(desk, arguments, stop)
    looked = _looked(desk, arguments, stop, pictures)
    with progress(sum(len(one.checks) for one in looked.subjects), shown=_interactive(arguments)) as tick:
        if pictures is not None:
            pictures.tick = tick.pictures
        audits = tuple(audit(one, desk.in_force.policy, clock=_clock(one), tick=tick) for one in looked.subjects)
    told = heard(audits, () if stop.is_set() else said, desk.places.state, desk.door)
    notes = (*told.notes, *_notes(desk, told.audits, looked.unnamed, arguments, stop))
    return _answer(told.audits, looked, desk, arguments, notes, time.monotonic() - began)


def _sensible(arguments: argparse.Namespace) -> None:
    """Raises WrongUse for wishes that exclude each other."""
    if arguments.brief and (arguments.json or arguments.plain or arguments.everything):
        raise WrongUse("--brief is one line: --json, --plain and --all are other forms of the answer")
    if arguments.last and not arguments.brief:
        raise WrongUse("--last goes with --brief; all that was found last is told by: scrubin status")
    looks = arguments.saw or arguments.photo_folder or arguments.source or arguments.policy or not arguments.photos
    if arguments.last and (looks or arguments.device != ALL):
        raise WrongUse("--last looks at nothing, so it takes nothing that says what to look at")


def _last() -> Answer:
    """What the last checks found, at once."""
    from agent.brief import last
    from agent.commands.status import age

    brief = last(desks.open_desk(), desks.now())
    since = "" if brief.age is None else f"checked {age(brief.age)} ago"
    return Answer(code=brief.code, out=f"{brief.line(since)}\n")


def _pictures(desk: "Desk", arguments: argparse.Namespace, stop: threading.Event) -> "Pictures | None":
    if not arguments.photos or arguments.source is not None:
        return None
    return pictures_of(desk, stop, background=arguments.background)


def _looked(desk: "Desk", arguments: argparse.Namespace, stop: threading.Event, pictures: "Pictures | None") -> Looked:
    left_out = frozenset() if arguments.photos else frozenset({IMAGES})
    try:
        extra = tuple(folder_path(os.path.abspath(one), desk.door.home) for one in arguments.photo_folder)
    except ConfigError as error:
        raise WrongUse(str(error)) from error
    if arguments.source is not None and arguments.device != ALL:
        raise WrongUse("a recording is of one device: --device goes with devices that are here, not with --from")
    if arguments.source is not None:
        return Looked(subjects=(desks.recording(desk, arguments.source, photo_folders=extra, left_out=left_out),))
    return look(desk, arguments.device, photo_folders=extra, left_out=left_out, stop=stop, pictures=pictures)


def _notes(
    desk: "Desk",
    audits: Sequence[Audit],
    unnamed: frozenset[str],
    arguments: argparse.Namespace,
    stop: threading.Event,
) -> tuple[str, ...]:
    """Keep what is whole and true; all else is a trial."""
    if stop.is_set():
        return (STOPPED,)
    if arguments.source is not None or not arguments.photos or desk.explicit_policy:
        return ()
    from agent.keep import keep  # a trial needs no database

    known = [one for one in audits if one.report.device.id not in unnamed]
    said = [note for one in known for note in keep(desk, one, now=desks.now())]
    return tuple(dict.fromkeys(said if len(known) == len(audits) else [*said, UNNAMED]))


def _clock(subject: Subject) -> Callable[[], datetime]:
    """A recording is judged as of its own time."""
    return subject.host.now if subject.recorded else desks.now


def stop_on_interrupt() -> threading.Event:
    """Ctrl-C stops looking and shows what there is; a second one ends at once."""
    stop = threading.Event()

    def interrupted(_signal: int, _frame: object) -> None:
        stop.set()
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    signal.signal(signal.SIGINT, interrupted)
    return stop


def _interactive(arguments: argparse.Namespace) -> bool:
    return sys.stderr.isatty() and not arguments.json and not arguments.plain and not arguments.brief


def _code(audits: Sequence[Audit], looked: Looked) -> Exit:
    """One that fails makes the whole fail; a phone that could not be looked at may hide anything."""
    codes = {OF[one.report.overall] for one in audits}
    if Exit.NOT_COMPLIANT in codes:
        return Exit.NOT_COMPLIANT
    return Exit.CANNOT_TELL if looked.unready or codes != {Exit.COMPLIANT} else Exit.COMPLIANT


def _answer(
    audits: Sequence[Audit],
    looked: Looked,
    desk: "Desk",
    arguments: argparse.Namespace,
    notes: tuple[str, ...],
    took_s: float,
) -> Answer:
    code = _code(audits, looked)
    if arguments.brief:
        from agent.brief import fresh

        brief = fresh([one.report for one in audits], unready=len(looked.unready), code=code)
        return Answer(code=code, out=f"{brief.line()}\n")
    at = (audits[0].report.generated_at if audits else desks.now()).astimezone()
    notes = (*_standing_notes(desk, arguments, at), *notes)
    if arguments.json:
        reports = [to_mapping(one.report) for one in audits]
        body = {
            "schema": CHECK_SCHEMA,
            "reports": reports,
            "not_checked": [one.state for one in looked.unready],
            "notes": notes,
        }
        return Answer(code=code, out=encode(body) + b"\n", hints=_hints(notes))
    if arguments.plain:
        lines = [plain.render(one.report) for one in audits]
        lines += [f"phone not_checked {one.state.name.lower()}\n" for one in looked.unready]
        return Answer(code=code, out="".join(lines), hints=_hints(notes))
    manner = Manner(
        colour=sys.stdout.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb",
        everything=arguments.everything,
        contacts=_contacts(desk),
        asks=arguments.source is None and not desk.explicit_policy,
        unready=_unready(looked, desk.door.home),
        closing=() if arguments.source is not None else tuple(todo for one in audits if (todo := closing(one))),
        notes=notes,
    )
    return Answer(code=code, out=tell(audits, at=at, took_s=took_s, manner=manner))


def _unready(looked: Looked, home: str) -> tuple[tuple[str, str], ...]:
    if not looked.unready:
        return ()
    if looked.note:
        return ((f"{looked.note[0].upper()}{looked.note[1:]}", "See what is missing: scrubin doctor"),)
    from agent.devices import advice, fingerprint_end

    told = (advice(one, key_end=fingerprint_end(home)) for one in looked.unready)
    return tuple((one.said, one.action) for one in told)


def _standing_notes(desk: "Desk", arguments: argparse.Namespace, at: datetime) -> Iterator[str]:
    if arguments.source is not None:
        yield f"This is about a recording made at {clock(at)} on {at:%-d %b %Y}, not about how things are now."
    yield from desk.problems
    if arguments.source is None and arguments.device in ("all", "laptop") and desk.door.account == "root":
        yield "You run this as root, so it looks at root's settings, not at those of the person who works here."


def _hints(notes: tuple[str, ...]) -> str:
    return "".join(f"{note}\n" for note in notes)


def _contacts(desk: "Desk") -> tuple[str, ...]:
    return tuple(printable(str(one)) for one in desk.in_force.policy.contacts.values())
