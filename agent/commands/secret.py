"""`scrubin secret set|forget mail-password|record-system`: into the keyring, out of it, never onto a screen."""

import argparse
import getpass
import sys

from agent import desk as desks
from agent.exits import Answer, CannotRun, Exit
from agent.keep import outbox
from agent.outbox_model import OutboxError
from agent.secrets import NoStore, StoreError
from agent.send import MAIL_PASSWORD, secrets
from agent.stored.access import PEM

LONGEST = 20_000
"""Characters; the stores take fewer bytes, and say so."""


def run(arguments: argparse.Namespace) -> Answer:
    """Keep or forget a secret. Raises CannotRun."""
    desk = desks.open_desk()
    store = secrets(desk.config, desk.places)
    if isinstance(store, NoStore):
        raise CannotRun(f"{store.reason} {store.how_to_mend}")
    try:
        if arguments.act == "forget":
            store.delete(arguments.name)
            return Answer(code=Exit.COMPLIANT, out="Forgotten.\n")
        store.set(arguments.name, _asked(whole=arguments.name != MAIL_PASSWORD))
        if arguments.name == MAIL_PASSWORD:
            outbox(desk).reconfigured(now=desks.now())
    except StoreError as error:
        raise CannotRun(str(error)) from error
    except OutboxError as error:
        return Answer(code=Exit.COMPLIANT, out=f"Kept in {store.kind}.\n", hints=f"{error.sentence}\n")
    return Answer(code=Exit.COMPLIANT, out=f"Kept in {store.kind}.\n")


def _asked(*, whole: bool) -> str:
    """One line, or with `whole` all of standard input: a key has several lines. Raises CannotRun."""
    if not sys.stdin.isatty():
        return sys.stdin.read(LONGEST).rstrip("\n") if whole else sys.stdin.readline(LONGEST).rstrip("\n")
    try:
        said = getpass.getpass("Password or token (not shown): " if whole else "Password (not shown): ")
    except EOFError:  # Ctrl-D: the store says that there is nothing to keep
        return ""
    if said.startswith(PEM):
        raise CannotRun("a key has several lines; hand in its file: scrubin secret set record-system < key.pem")
    return said
