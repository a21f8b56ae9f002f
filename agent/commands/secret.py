"""`scrubin secret set|forget mail-password`: into the keyring, out of it, never onto a screen."""

import argparse
import getpass
import sys

from agent import desk as desks
from agent.exits import Answer, CannotRun, Exit
from agent.keep import outbox
from agent.outbox_model import OutboxError
from agent.secrets import NoStore, StoreError
from agent.send import secrets


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
        store.set(arguments.name, _asked())
        outbox(desk).reconfigured(now=desks.now())
    except StoreError as error:
        raise CannotRun(str(error)) from error
    except OutboxError as error:
        return Answer(code=Exit.COMPLIANT, out=f"Kept in {store.kind}.\n", hints=f"{error.sentence}\n")
    return Answer(code=Exit.COMPLIANT, out=f"Kept in {store.kind}.\n")


def _asked() -> str:
    if sys.stdin.isatty():
        try:
            return getpass.getpass("Password (not shown): ")
        except EOFError:  # Ctrl-D: the store says that there is nothing to keep
            return ""
    return sys.stdin.readline(20_000).rstrip("\n")
