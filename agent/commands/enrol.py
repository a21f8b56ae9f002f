"""`scrubin enrol URL CODE`: say what the practice would see, ask, and join it."""

import argparse
import json

from agent import __version__
from agent import desk as desks
from agent.commands.photos_consent import Terminal
from agent.config import Transport
from agent.console import Console
from agent.enrolment import Enrolment
from agent.enrolment_act import BusyError, join
from agent.enrolment_begun import begun
from agent.enrolment_code import Code, CodeError, read_address, read_code, split_qr
from agent.enrolment_wire import Laptop, Offer, RefusedError, open_door, preview
from agent.enrolment_words import NEVER, SEES, offer_text
from agent.exits import Answer, CannotRun, Exit, WrongUse
from agent.keep import outbox
from agent.outbox_model import OutboxError
from agent.secrets import NoStore, Store, StoreError, as_sentence
from agent.send import secrets
from reports.deliver.bodies import utc_text
from reports.deliver.errors import TransportError

SCHEMA = "scrubin/enrol-answer/1"
QUESTION = "Type yes to enrol, or Enter to leave it: "
ASKS = "this asks for your agreement: run it in a terminal, or add --yes where you know what it says"
DECLINED = "You are not enrolled, and nothing about this laptop was sent.\n"


def run(arguments: argparse.Namespace, console: Console | None = None) -> Answer:
    """Enrol this laptop. Raises CannotRun, WrongUse.

    Where that was cut off after the person agreed, it goes on with what they agreed to.
    """
    url, code = _wanted(arguments)
    console = console or Terminal()
    if not arguments.yes and (arguments.json or not console.attended):
        raise WrongUse(ASKS)
    desk = desks.open_desk()
    store = _store(desk)
    door = open_door(url)
    try:
        before = begun(desk.places.state, url, code)
        offer = before or preview(door, code, now=desks.now())
        _must_be_free(desk, offer)
        if before is None and not arguments.yes:
            console.tell(offer_text(offer.practice, offer.ownership, offer.group, url, waiting=_waiting(desk)))
            if console.ask(QUESTION).lower() not in ("yes", "y"):
                return Answer(code=Exit.CANNOT_TELL, out=DECLINED)
        one = join(desk.places.state, store, door, code, offer, _laptop(desk), clock=desks.now)
    except TransportError as error:
        raise CannotRun(error.sentence) from error
    except (RefusedError, BusyError) as error:
        raise CannotRun(str(error)) from error
    except StoreError as error:
        raise CannotRun(f"This laptop's key could not be kept. {as_sentence(error)}") from error
    except OSError as error:
        raise CannotRun(
            f"the enrolment could not be kept: {error.strerror}. Try again with the same command"
        ) from error
    return _told(one, offer, (*_after(), *_way(desk)), as_json=arguments.json)


def _wanted(arguments: argparse.Namespace) -> tuple[str, Code]:
    both = split_qr(arguments.url)
    url, code = both if both is not None else (arguments.url, arguments.code)
    if code is None or (both is not None and arguments.code is not None):
        raise WrongUse("give the console's address and the code, such as: scrubin enrol https://console.example CODE")
    try:
        return read_address(url), read_code(code)
    except CodeError as error:
        raise WrongUse(str(error)) from error


def _store(desk: desks.Desk) -> Store:
    """Before anything is asked or sent: a key that can't be kept would be of no use."""
    store = secrets(desk.config, desk.places)
    if isinstance(store, NoStore):
        raise CannotRun(f"this laptop's key could not be kept. {store.reason} {store.how_to_mend}")
    return store


def _must_be_free(desk: desks.Desk, offer: Offer) -> None:
    now = desk.told.enrolment
    if now is not None and now.practice.id != offer.practice.id:
        raise CannotRun(f"this laptop is enrolled with {now.practice.name}. Leave it first: scrubin leave")


def _waiting(desk: desks.Desk) -> int:
    try:
        return outbox(desk).pending().waiting
    except OutboxError as error:
        raise CannotRun(error.sentence) from error


def _laptop(desk: desks.Desk) -> Laptop:
    device = desks.laptop(desk).device
    return Laptop(
        id=device.id,
        platform=device.platform,
        model=device.model,
        os_version=device.os_version,
        agent_version=__version__,
    )


def _after() -> tuple[str, ...]:
    """Have the next reports go in full, and fetch what the practice asks; later rounds make good what fails here."""
    from agent.directive_fetch import follow
    from agent.enrolment_line import line

    desk = desks.open_desk()
    try:
        outbox(desk).begin_anew(now=desks.now())
        ready = line(desk.config, desk.places, clock=desks.now)
    except (OutboxError, TransportError) as error:
        return (error.sentence,)
    return follow(desk.places.state, ready, now=desks.now()).sentences


def _way(desk: desks.Desk) -> tuple[str, ...]:
    if "transport" not in desk.config.named or desk.config.transport is Transport.CONSOLE:
        return ()
    return (f"agent.toml says how reports leave (by {desk.config.transport}), and that stays so.",)


def _told(one: Enrolment, offer: Offer, notes: tuple[str, ...], *, as_json: bool) -> Answer:
    if as_json:
        body = {
            "schema": SCHEMA,
            "enrolled": True,
            "practice": {"id": one.practice.id, "name": one.practice.name},
            "agent_id": one.agent_id,
            "ownership": one.ownership,
            "group": one.group,
            "enrolled_at": utc_text(one.enrolled_at),
            "sees": list(SEES),
            "never_sees": list(NEVER),
            "notes": list(notes),
        }
        return Answer(code=Exit.COMPLIANT, out=json.dumps(body) + "\n")
    lines = [f"You are enrolled with {offer.practice.name}.", *notes, "Have a first look: scrubin check"]
    return Answer(code=Exit.COMPLIANT, out="\n".join(lines) + "\n")
