"""`scrubin photos`: list the pictures that look clinical, look through named folders, or say yes or no to it all."""

import argparse

from agent.exits import Answer


def run(arguments: argparse.Namespace) -> Answer:
    """Load only what was asked for. Raises CannotRun, WrongUse."""
    match arguments.act:
        case "scan":
            from agent.commands.photos_scan import scan

            return scan(arguments)
        case "look":
            from agent.commands.photos_look import look

            return look(arguments)
        case "consent":
            from agent.commands.photos_consent import consent

            return consent(arguments)
        case _:
            from agent.commands.photos_list import listed

            return listed(arguments)
