"""`scrubin devices forget NAME`: a phone that was sold or handed back is out of date for ever otherwise."""

import argparse
import json
import shutil

from agent import desk as desks
from agent.commands.status import model_of
from agent.escape import printable
from agent.exits import Answer, CannotRun, Exit, WrongUse
from agent.places import Kept

SCHEMA = "scrubin/forgotten/1"


def forget(arguments: argparse.Namespace) -> Answer:
    """Take a phone off this laptop's list; what waits to be sent stays. Raises WrongUse, CannotRun."""
    desk = desks.open_desk()
    name = arguments.name.casefold()
    known = {kept: model_of(kept) for kept in desk.places.kept_phones()}
    found = [kept for kept, model in known.items() if name in (model.casefold(), kept.folder.name)]
    if len(found) != 1:
        raise WrongUse(_unclear(arguments.name, found))
    (kept,) = found
    try:
        shutil.rmtree(kept.folder)
    except OSError as error:
        raise CannotRun(f"what is kept of the phone can't be taken away: {error.strerror}") from error
    if arguments.json:
        return Answer(code=Exit.COMPLIANT, out=json.dumps({"schema": SCHEMA, "id": kept.folder.name}) + "\n")
    said = f"Forgotten: {printable(known[kept], 48)}. Tell your practice that you no longer use it.\n"
    return Answer(code=Exit.COMPLIANT, out=said)


def _unclear(name: str, found: list[Kept]) -> str:
    shown = printable(name, 48)
    if not found:
        return f'no phone called "{shown}" was checked here. Those that were: scrubin devices'
    ids = ", ".join(one.folder.name for one in found)
    return f'{len(found)} phones are called "{shown}": name one by its id. They are {ids}'
