"""`scrubin` by itself: what it is, in six lines, the offer to look now, and before the first picture the consent."""

import argparse
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from agent import desk as desks
from agent.atomic import read_bounded, write_atomic
from agent.commands.photos_consent import QUESTION, Terminal
from agent.console import Console
from agent.exits import Answer, Exit
from agent.photos import consent
from checks.clinical_images.check import CHECK
from checks.model import Level

OFFER = "Check this laptop now? [Y/n] "
YES = ("", "y", "yes")
LATER = "Whenever you like: scrubin check\n"
AGREED = "You have agreed. To stop at any time: scrubin photos consent --withdraw\n"
NOT_NOW = "So no picture is looked at, and your practice gets: not known. To agree later: scrubin photos consent\n"
NOT_KEPT = "Your yes could not be kept ({}), so it does not count, and no picture is looked at.\n"
FILE = "first-run.json"
SCHEMA = "scrubin/first-run/1"
MOST_BYTES = 1024
QUIET = timedelta(days=30)
"""Whoever said "not now" is not asked again for so long."""

Check = Callable[[argparse.Namespace], Answer]


def run(about: str, arguments: argparse.Namespace, *, check: Check, console: Console | None = None) -> Answer:
    """Explain, offer, and check as `arguments` of `scrubin check` say. Raises CannotRun."""
    console = console or Terminal()
    if not console.attended:
        return Answer(code=Exit.COMPLIANT, out=about)
    console.tell(about)
    if console.ask(OFFER).lower() not in YES:
        return Answer(code=Exit.COMPLIANT, out=LATER)
    _consent(console)
    return check(arguments)


def _consent(console: Console) -> None:
    """Ask, where a look at pictures is about to be made for the first time and the person was not asked lately."""
    desk, now = desks.open_desk(), desks.now()
    if desk.in_force.policy.rule(CHECK, desk.config.ownership).level is Level.OFF:
        return
    if not to_ask(desk.places.photos, desk.places.state, now):
        return
    console.tell(consent.TEXT)
    if console.ask(QUESTION).lower() not in ("yes", "y"):
        console.tell(NOT_NOW + _remember(desk.places.state, now))
        return
    try:
        consent.agree(desk.places.photos, now=now)
    except OSError as error:
        console.tell(NOT_KEPT.format(error.strerror))
        return
    console.tell(AGREED)


def to_ask(photos: Path, state: Path, now: datetime) -> bool:
    """Not whoever has agreed, or has taken it back, or said "not now" within the last month."""
    said = consent.consent(photos)
    if said.given or said.wording == consent.WORDING:
        return False
    asked = _not_now(state)
    return asked is None or not timedelta(0) <= now - asked < QUIET


def _not_now(state: Path) -> datetime | None:
    """When they said so; None where they did not, or in a file that this program did not write."""
    try:
        body = json.loads(read_bounded(str(state / FILE), MOST_BYTES))
        at = datetime.fromisoformat(body["not_now_at"]) if body["schema"] == SCHEMA else None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    return at if at is not None and at.tzinfo is not None else None


def _remember(state: Path, now: datetime) -> str:
    """Why that could not be kept, as a sentence; "" where it was."""
    try:
        write_atomic(str(state / FILE), json.dumps({"schema": SCHEMA, "not_now_at": now.isoformat()}).encode() + b"\n")
    except OSError as error:
        return f"That could not be kept ({error.strerror}), so you may be asked again.\n"
    return ""
