"""`scrubin photos look`: one scan of this laptop, for another process: tallies in JSON, and nothing kept or sent."""

import argparse
import os

from agent import desk as desks
from agent.collect.host import CollectError
from agent.commands.check import stop_on_interrupt
from agent.exits import Answer, Exit
from agent.look import pictures_of
from agent.photos.apart import not_said, said


def look(arguments: argparse.Namespace) -> Answer:
    """Look, and print what an audit would judge. Raises CannotRun."""
    stop = stop_on_interrupt()
    desk = desks.open_desk(stop=stop)
    pictures = pictures_of(desk, stop, background=arguments.background)
    extra = (*desk.config.photo_folders, *(os.path.abspath(one) for one in arguments.photo_folder))
    probe = pictures.laptop(arguments.weights, extra)
    try:
        fact = probe.look(desk.door)
    except CollectError as error:
        return Answer(code=Exit.CANNOT_TELL, out=not_said(error.why) + "\n")
    proven = probe.proof is not None and probe.proof() is True
    return Answer(code=Exit.COMPLIANT, out=said(fact, proven=proven) + "\n")
