"""`scrubin policy show|validate|schema|acknowledge`: from arguments to the functions of policy.py."""

import argparse

from agent import desk as desks
from agent.commands import policy
from agent.exits import Answer, CannotRun, Exit
from checks.catalog import CATALOG
from checks.model import Ownership


def run(arguments: argparse.Namespace) -> Answer:
    """Do one of the acts. Raises CannotRun, WrongUse."""
    match arguments.act:
        case "validate":
            code, text = policy.validate((arguments.file,), CATALOG, as_json=arguments.json)
            return Answer(code=code, out=f"{text}\n")
        case "schema":
            return Answer(code=Exit.COMPLIANT, out=f"{policy.schema_text(CATALOG)}\n")
        case "acknowledge":
            return _acknowledge(arguments)
        case _:
            return _show(arguments)


def _show(arguments: argparse.Namespace) -> Answer:
    desk = desks.open_desk(policy=arguments.policy)
    ownership = Ownership(arguments.ownership) if arguments.ownership else desk.config.ownership
    text = policy.show(desk.in_force, CATALOG, why=_name(arguments.why), ownership=ownership, as_json=arguments.json)
    return Answer(code=Exit.COMPLIANT, out=f"{text}\n")


def _name(given: str | None) -> str | None:
    return given.replace("-", "_") if given is not None else None


def _acknowledge(arguments: argparse.Namespace) -> Answer:
    desk = desks.open_desk(policy=arguments.policy)
    try:
        text = policy.acknowledge(str(desk.places.state), desk.in_force.policy, desks.now(), as_json=arguments.json)
    except OSError as error:
        raise CannotRun(f"your word could not be kept on this laptop: {error.strerror}") from error
    return Answer(code=Exit.COMPLIANT, out=f"{text}\n")
