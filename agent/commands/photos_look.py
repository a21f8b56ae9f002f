"""`scrubin photos look`: one scan of this laptop, for another process: tallies in JSON, and nothing kept or sent."""

import argparse
import json
import os
import sys
from typing import BinaryIO

from agent import desk as desks
from agent.collect.host import CollectError
from agent.commands.check import stop_on_interrupt
from agent.exits import Answer, Exit, WrongUse
from agent.look import pictures_of
from agent.photos.apart import not_said, said

MOST_GIVEN = 1 << 20
"""Bytes of the names of folders."""


def look(arguments: argparse.Namespace) -> Answer:
    """Look, and print what an audit would judge. Raises CannotRun, WrongUse."""
    stop = stop_on_interrupt()
    desk = desks.open_desk(stop=stop)
    pictures = pictures_of(desk, stop, background=arguments.background)
    extra = (*desk.config.photo_folders, *(os.path.abspath(one) for one in arguments.photo_folder))
    try:
        if arguments.touched:
            judged = pictures.glance(desk.door, folders_given(sys.stdin.buffer), arguments.weights, extra)
            return Answer(code=Exit.COMPLIANT, out=json.dumps({"judged": judged}) + "\n")
        probe = pictures.laptop(arguments.weights, extra)
        fact = probe.look(desk.door)
    except CollectError as error:
        return Answer(code=Exit.CANNOT_TELL, out=not_said(error.why) + "\n")
    proven = probe.proof is not None and probe.proof() is True
    return Answer(code=Exit.COMPLIANT, out=said(fact, proven=proven) + "\n")


def folders_given(stream: BinaryIO) -> list[str]:
    """A JSON list of absolute paths. Not arguments, which every account of the laptop can see. Raises WrongUse."""
    data = stream.read(MOST_GIVEN + 1)
    try:
        given = json.loads(data) if len(data) <= MOST_GIVEN else None
    except (ValueError, RecursionError) as error:
        raise WrongUse("standard input is no JSON") from error
    if not isinstance(given, list) or not all(isinstance(one, str) and _is_path(one) for one in given):
        raise WrongUse("standard input is no list of folders")
    return given


def _is_path(text: str) -> bool:
    return os.path.isabs(text) and "\0" not in text
