"""`scrubin photos scan DIR ...`: look through named folders, answer here, keep nothing and send nothing."""

import argparse
import json
import os
import sys
import textwrap
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from agent import desk as desks
from agent.collect.host import CollectError
from agent.commands.check import stop_on_interrupt
from agent.commands.photos_bar import bar
from agent.commands.photos_table import WIDTH, counts, headline, lines, not_listened, table
from agent.escape import printable
from agent.exits import Answer, CannotRun, Exit, WrongUse
from agent.photos.crew import CrewError, CrewTrouble
from agent.photos.image import Medium, Unread
from agent.photos.index_model import LAPTOP, IndexTrouble
from agent.photos.laptop_places import laptop_places
from agent.photos.place import Place
from agent.photos.scan import Found, Scanned, scan_folders
from agent.photos.weights import Weights, name_of
from checks.clinical_images.check import CHECK
from checks.evidence import MEANING, Why
from checks.plurals import counted

Scan = Callable[..., Scanned]
"""As agent.photos.scan.scan_folders."""
ONE_NAME: dict[str, str] = {}
INSTALL = "Install scrubin with its picture finder: scrubin[photos]."
TROUBLE = {
    CrewTrouble.LIBRARY_MISSING: f"the picture finder's libraries are not installed. {INSTALL}",
    CrewTrouble.MODEL_DAMAGED: "the picture finder's own files are missing or damaged. Install scrubin again.",
    CrewTrouble.NOT_STARTED: "the system starts no process for the picture finder.",
    CrewTrouble.TOO_SLOW: "the picture finder did not load in time. Try again when less runs.",
    CrewTrouble.DYING: "the picture finder ends again and again. Please tell us.",
    CrewTrouble.STOPPED: "stopped before any picture was looked at.",
}
STOPPED = "You stopped this before it ended: what was not looked at may hold more. Incomplete."
INCOMPLETE = "Not all of it was looked at, so there may be more. Incomplete."
UNPROVEN = "The planted test picture was not found on the way, so that nothing else was found proves nothing."


def scan(arguments: argparse.Namespace, look: Scan = scan_folders) -> Answer:
    """Look through the folders. Ctrl-C keeps what is done. Raises CannotRun, WrongUse."""
    dirs = tuple(dict.fromkeys(map(_folder, arguments.dirs)))
    stop = stop_on_interrupt()
    desk = desks.open_desk(stop=stop)
    rule = desk.in_force.policy.rule(CHECK, desk.config.ownership)
    weights = Weights(arguments.weights or desks.weights(desk, desk.config.ownership))
    known, _ = laptop_places(desk.door, desk.config.photo_folders)
    scanned = _scanned(look, dirs, known, weights, stop)
    least = rule.limits.min_score_percent / 100
    whole = scanned.complete and scanned.proven and not scanned.gaps
    code = Exit.COMPLIANT if whole else Exit.CANNOT_TELL
    hints = "".join(f"{one}\n" for one in _hints(scanned, stop.is_set()))
    if arguments.json:
        return Answer(code=code, out=json.dumps(_mapping(scanned, least)) + "\n", hints=hints)
    told = _said(scanned, least, now_s=int(desks.now().timestamp()), paths=arguments.show_paths)
    return Answer(code=code, out="\n".join(told) + "\n", hints=hints)


def _folder(given: str) -> str:
    """Absolute, links followed: what the walk begins with. Raises WrongUse."""
    if not os.path.isdir(given):
        raise WrongUse(f'there is no folder "{printable(given)}" that this account can see')
    return os.path.realpath(given)


def _scanned(
    look: Scan, dirs: Sequence[str], known: Sequence[Place], weights: Weights, stop: threading.Event
) -> Scanned:
    try:
        name_of(weights)
    except (OSError, ValueError) as error:
        raise CannotRun(TROUBLE[CrewTrouble.MODEL_DAMAGED]) from error
    try:
        with bar(shown=sys.stderr.isatty()) as tick:
            return look(dirs, known=known, weights=weights, stop=stop, tick=tick)
    except CrewError as error:
        raise CannotRun(TROUBLE[CrewTrouble.STOPPED if stop.is_set() else error.why]) from error
    except CollectError as error:
        tail = f" {INSTALL}" if error.why is Why.TOOL_MISSING else ""
        raise CannotRun(f"the pictures can't be looked at: {MEANING[error.why][1]}.{tail}") from error
    except IndexTrouble as error:
        raise CannotRun(error.sentence) from error


def _unreadable(scanned: Scanned) -> Counter[Unread]:
    """A file that holds no picture is none that could not be read."""
    return Counter({why: count for why, count in scanned.unread.items() if why is not Unread.NOT_A_PICTURE and count})


def _hints(scanned: Scanned, stopped: bool) -> Iterator[str]:
    if not scanned.complete:
        yield STOPPED if stopped else INCOMPLETE
    if not scanned.proven:
        yield UNPROVEN
    for why, count in Counter(one.why for one in scanned.gaps).items():
        yield f"{counted(count, 'place')} could not be looked into: {MEANING[Why(why)][1]}."


def _mapping(scanned: Scanned, least: float) -> dict[str, object]:
    unread = _unreadable(scanned)
    return {
        "scanned": len(scanned.images),
        "unreadable": unread.total(),
        "reasons": {str(why): unread[why] for why in sorted(unread)},
        "seconds": round(scanned.seconds, 3),
        "model": scanned.model,
        "complete": scanned.complete,
        "proven": scanned.proven,
        "not_looked_into": len(scanned.gaps),
        "images": [_image(one, least) for one in scanned.images],
    }


def _image(one: Found, least: float) -> dict[str, object]:
    """A path that is not UTF-8 holds lone surrogates, as Python's os.fsdecode writes them."""
    return {
        "id": one.id,
        "path": one.path,
        "score": round(one.result.score, 6),
        "class": one.result.label,
        "clinical": one.result.score >= least,
        "stage": one.result.stage,
        "taken_at": one.result.header.taken_at,
        "gps": one.result.header.gps,
        "place": one.place,
        "copies": list(one.copies),
    }


def _said(scanned: Scanned, least: float, *, now_s: int, paths: bool) -> Iterator[str]:
    told = lines(scanned.images, {LAPTOP: least}, now_s)
    sounds = sum(one.result.header.medium is Medium.AUDIO for one in scanned.images)
    looked_at = counted(len(scanned.images) - sounds, "picture")
    yield f"{headline(told)} {looked_at} looked at in {_took(scanned.seconds)}."
    if sounds:
        yield from textwrap.wrap(not_listened(sounds), WIDTH)
    unread = _unreadable(scanned)
    if unread:
        reasons = ", ".join(f"{count} {why.replace('_', ' ')}" for why, count in unread.most_common())
        yield f"{counted(unread.total(), 'file')} could not be read: {reasons}."
    if told:
        yield ""
        yield from counts(told, ONE_NAME)
        yield ""
        yield from table(told, ONE_NAME, paths=paths)
        if not paths:
            yield "\nWhich files these are: add --show-paths. Your terminal may keep what it shows."


def _took(seconds: float) -> str:
    whole = max(1, round(seconds))
    return f"{whole} s" if whole < 60 else f"{whole // 60} min {whole % 60} s"
