"""`scrubin photos consent`: say in plain words what looking at pictures means, ask, remember, or forget it all."""

import argparse
import json
import sys
from datetime import datetime
from functools import partial
from pathlib import Path
from secrets import token_bytes

from agent import desk as desks
from agent.console import Console
from agent.exits import Answer, CannotRun, Exit
from agent.photos import consent as kept
from agent.photos.consent import SCHEMA, TEXT, Consent
from agent.photos.index_model import IndexTrouble
from agent.photos.ledger_anew import withdraw as forget
from agent.photos.ledger_model import LedgerTrouble
from agent.places import places

QUESTION = "Type yes to agree, or Enter to leave it: "
LINE = 200
"""Characters that are read of an answer."""
AGREED = "You have agreed to your pictures being looked at. Look now: scrubin check\n"
STANDS = "You agreed to this on {}. To stop: scrubin photos consent --withdraw\n"
ASKS = "You have not agreed to this, so no picture is looked at.\nTo agree: scrubin photos consent --yes\n"
WITHDRAWN = (
    "Withdrawn. No picture is looked at any more, and what was kept is removed, but for\n"
    "the log of what you deleted and marks by which files on legal hold are known again.\n"
    "From the next check on your practice gets: not known.\n"
)


class Terminal:
    """The one that this program was started from. The question goes where the text goes, to standard error."""

    @property
    def attended(self) -> bool:
        """See Console."""
        return sys.stdin.isatty() and sys.stderr.isatty()

    def tell(self, text: str) -> None:
        """See Console."""
        print(text, file=sys.stderr, flush=True)

    def ask(self, question: str) -> str:
        """See Console."""
        print(question, end="", file=sys.stderr, flush=True)
        return sys.stdin.readline(LINE).strip()


def consent(arguments: argparse.Namespace, console: Console | None = None) -> Answer:
    """Say how it stands, ask, agree or withdraw. Raises CannotRun."""
    folder, now = places().photos, desks.now()
    if arguments.withdraw:
        return _told(_withdrawn(folder, now), WITHDRAWN, arguments)
    if arguments.yes:
        return _told(_agreed(folder, now), AGREED, arguments)
    console = console or Terminal()
    said = kept.consent(folder)
    if said.given or arguments.json or not console.attended:
        return _told(said, f"{TEXT}\n{_state(said)}", arguments)
    console.tell(TEXT)
    if console.ask(QUESTION).lower() not in ("yes", "y"):
        return _told(said, ASKS, arguments)
    return _told(_agreed(folder, now), AGREED, arguments)


def _state(said: Consent) -> str:
    return STANDS.format(f"{said.at.astimezone():%-d %b %Y}") if said.given and said.at is not None else ASKS


def _agreed(folder: Path, now: datetime) -> Consent:
    try:
        return kept.agree(folder, now=now)
    except OSError as error:
        raise CannotRun(f"your yes could not be kept, so it does not count: {error.strerror}") from error


def _withdrawn(folder: Path, now: datetime) -> Consent:
    try:
        return kept.withdraw(folder, now=now, wipe=partial(forget, randomness=token_bytes, at=int(now.timestamp())))
    except OSError as error:
        raise CannotRun(f"your no could not be kept, so nothing has changed: {error.strerror}") from error
    except (IndexTrouble, LedgerTrouble) as error:
        raise CannotRun(
            f"no picture is looked at any more, but what was kept about them is still here. {error.sentence} "
            "Try again: scrubin photos consent --withdraw"
        ) from error


def _told(said: Consent, text: str, arguments: argparse.Namespace) -> Answer:
    if not arguments.json:
        return Answer(code=Exit.COMPLIANT, out=text)
    at = None if said.at is None else f"{said.at:%Y-%m-%dT%H:%M:%SZ}"
    body = {"schema": SCHEMA, "given": said.given, "at": at, "wording": said.wording}
    return Answer(code=Exit.COMPLIANT, out=json.dumps(body) + "\n")
