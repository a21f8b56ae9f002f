"""`scrubin leave`: a last whole look, a dated sheet, goodbye to the practice's console, then the key goes."""

import argparse
import json
import os
import threading
from dataclasses import replace

from agent import __version__
from agent import desk as desks
from agent.commands.check import stop_on_interrupt
from agent.commands.photos_consent import Terminal
from agent.console import Console
from agent.enrolment_act import BusyError, part
from agent.exits import Answer, CannotRun, Exit, WrongUse
from agent.keep import keep, outbox
from agent.look import ALL, Looked, look, pictures_of
from agent.outbox_model import OutboxError
from agent.runner import OWNER, Audit, audit
from agent.secrets import NoStore, Store, StoreError, as_sentence
from agent.send import DEVICE_KEY, secrets
from checks.clinical_images import check as clinical_images
from checks.evaluate import evaluate
from checks.model import Finding
from checks.plurals import counted
from reports.deliver.errors import Reason, TransportError
from reports.render import leaving

SCHEMA = "scrubin/leave-answer/1"
QUESTION = "Type yes to leave, or Enter to stay: "
ASKS = "this asks you first: run it in a terminal, or add --yes"
STAYED = "You are still enrolled. Nothing was changed.\n"
RETIRE = "Your IT lead has to retire this laptop in the console: it does not know yet that you have left."
KNOWS = "Your practice knows that you have left."
ENDED = "Your practice knows: its console had ended this enrolment before."
STILL = (
    "You have not left yet: your practice could not be told, so this laptop's key stays. "
    "Try again when you are online, or leave here only: scrubin leave --offline"
)


def run(arguments: argparse.Namespace, console: Console | None = None) -> Answer:
    """Leave: 0 left, 2 not yet. Raises CannotRun, WrongUse."""
    console = console or Terminal()
    if not arguments.yes and (arguments.json or not console.attended):
        raise WrongUse(ASKS)
    stop = stop_on_interrupt()
    desk = desks.open_desk(stop=stop)
    if desk.told.enrolment is None and not desk.told.damaged:
        return _finished(desk)
    store = _store(desk)
    practice = "your practice" if desk.told.enrolment is None else desk.told.enrolment.practice.name
    _must_be_new(arguments.sheet)
    if not arguments.yes:
        console.tell(_before(practice, offline=arguments.offline))
        if console.ask(QUESTION).lower() not in ("yes", "y"):
            return Answer(code=Exit.CANNOT_TELL, out=STAYED)
    sheet = _last_look(desk, practice, stop)
    if stop.is_set():
        raise CannotRun("you stopped the last look, so nothing was changed: you are still enrolled")
    told, gone = _goodbye(desk, offline=arguments.offline)
    if gone:
        _part(desk, store)
    sheet = replace(sheet, left=" ".join(told))
    _write(arguments.sheet, sheet)
    return _told(sheet, gone=gone, arguments=arguments)


def _before(practice: str, *, offline: bool) -> str:
    tells = "The practice is not told." if offline else "Then the practice is told."
    return (
        f"You are about to leave {practice}. This laptop and the phones attached to it are looked at once more, and "
        f"you get a sheet of it. {tells}\nAfter that this laptop's key, the practice's policy and its waivers are "
        "removed from here, and nothing more is sent."
    )


def _store(desk: desks.Desk) -> Store:
    store = secrets(desk.config, desk.places)
    if isinstance(store, NoStore):
        raise CannotRun(f"this laptop's key can't be had, so it can't be removed. {store.reason} {store.how_to_mend}")
    return store


def _finished(desk: desks.Desk) -> Answer:
    """Not enrolled: what an interrupted leave may have left behind goes."""
    store = secrets(desk.config, desk.places)
    try:
        # Without a store there is no key of a leave that was cut off either, or none that could be had now.
        if isinstance(store, NoStore) or store.get(DEVICE_KEY) is None:
            raise CannotRun("this laptop is not enrolled with a practice")
    except StoreError as error:
        raise CannotRun(as_sentence(error)) from error
    _part(desk, store)
    return Answer(code=Exit.COMPLIANT, out="You had left already; this laptop's key is removed now, too.\n")


def _last_look(desk: desks.Desk, practice: str, stop: threading.Event) -> leaving.Sheet:
    looked = look(desk, ALL, stop=stop, pictures=pictures_of(desk, stop))
    audits = [audit(one, desk.in_force.policy, clock=desks.now) for one in looked.subjects]
    if not stop.is_set():
        for one in audits:
            if one.report.device.id not in looked.unnamed:
                keep(desk, one, now=desks.now(), send=False)
    return leaving.Sheet(
        practice=practice,
        at=desks.now().astimezone(),
        agent_version=__version__,
        parts=tuple(leaving.Part(report=one.report, images=_images(desk, one)) for one in audits),
        missed=_missed(looked),
    )


def _images(desk: desks.Desk, done: Audit) -> Finding | None:
    """What the look at pictures comes to where none may stay: whoever leaves a practice keeps no patient's picture."""
    device = done.report.device
    rule = desk.in_force.policy.rule(clinical_images.CHECK, device.ownership)
    strict = replace(rule, limits=replace(rule.limits, max_age_hours=0))
    for one in done.examined:
        if one.finding.check_id == clinical_images.CHECK.id:
            return evaluate(
                clinical_images.CHECK, device, one.evidence, strict, now=done.report.generated_at, profile=OWNER
            ).finding
    return None


def _missed(looked: Looked) -> tuple[str, ...]:
    if looked.note:
        return (f"{looked.note[0].upper()}{looked.note[1:]}",)
    from agent.devices import advice

    return tuple(advice(one, key_end=None).said for one in looked.unready)


def _goodbye(desk: desks.Desk, *, offline: bool) -> tuple[list[str], bool]:
    """Send what waits, then tell the console. Sentences, and whether this laptop may forget its key."""
    if offline:
        return [_undelivered(desk), RETIRE], True
    from agent.enrolment_line import line
    from agent.enrolment_wire import leave
    from agent.round import go

    told: list[str] = []
    try:
        done = go(desk, outbox(desk), now=desks.now())
        told += [] if done is None else done.failures
        ready = line(desk.config, desk.places, clock=desks.now)
        goes = leave(ready.door, ready.sign, now=desks.now())
    except TransportError as error:
        if error.reason is not Reason.REVOKED:
            return [*told, error.sentence, STILL], False
        return [_undelivered(desk), ENDED], True
    except (OutboxError, OSError) as error:
        return [error.sentence if isinstance(error, OutboxError) else str(error.strerror), STILL], False
    return [_undelivered(desk), KNOWS if goes else ENDED], True


def _undelivered(desk: desks.Desk) -> str:
    """What became of the reports. They stay on this laptop, and go to nobody."""
    try:
        count = outbox(desk).pending().waiting
    except OutboxError as error:
        return f"Whether all reports were delivered can't be told. {error.sentence}"
    return f"Not delivered: {counted(count, 'report')}." if count else "All reports were delivered."


def _part(desk: desks.Desk, store: Store) -> None:
    try:
        part(desk.places, store)
    except BusyError as error:
        raise CannotRun(str(error)) from error
    except StoreError as error:
        raise CannotRun(f"this laptop's key could not be removed: {error}. Try again: scrubin leave") from error
    except OSError as error:
        raise CannotRun(f"not all could be removed: {error.strerror}. Try again: scrubin leave") from error


def _must_be_new(path: str | None) -> None:
    if path is not None and os.path.lexists(path):
        raise WrongUse("the file for the sheet exists already; name another one")


def _write(path: str | None, sheet: leaving.Sheet) -> None:
    if path is None:
        return
    body = leaving.page(sheet) if path.lower().endswith((".html", ".htm")) else leaving.text(sheet)
    try:
        with open(path, "x", encoding="utf-8") as file:
            file.write(body)
    except OSError as error:
        raise CannotRun(
            f"the sheet could not be written: {error.strerror}. What it says:\n{leaving.text(sheet)}"
        ) from error


def _told(sheet: leaving.Sheet, *, gone: bool, arguments: argparse.Namespace) -> Answer:
    code = Exit.COMPLIANT if gone else Exit.CANNOT_TELL
    if arguments.json:
        body = {"schema": SCHEMA, "left": gone, "sheet": leaving.mapping(sheet)}
        return Answer(code=code, out=json.dumps(body) + "\n")
    if arguments.sheet is None:
        return Answer(code=code, out=leaving.text(sheet))
    return Answer(code=code, out="\n".join([sheet.left, "The sheet is written."]) + "\n")
