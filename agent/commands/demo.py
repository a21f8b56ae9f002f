"""`scrubin demo`: two virtual phones to try scrubin on, one as it should be and one that is not."""

import argparse
import json
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from agent import desk as desks
from agent.collect.recorded import RecordingError
from agent.demo import sandbox
from agent.demo.sandbox import SandboxError
from agent.demo.stage import Stage, missing_packages, stage
from agent.escape import printable
from agent.exits import Answer, CannotRun, Exit

CHECK = ("check", "--device", "phones")
TOLD = """\
Two virtual phones are attached, to an adb server of their own:
  good  a Pixel with Android 16, set up as a practice would like it
  bad   a Samsung with Android 13, with no lock and with backup on
Your own phones and their adb server are left alone.

In another terminal, type:
  . {enter}
  scrubin check --device phones
or, to see it all in your browser, and to clear the bad one's pictures:
  scrubin page

That terminal then sees these two phones only. Nothing that it finds is sent,
and what it keeps is gone when you end the demo: press Ctrl-C here.
"""
OVER = "The virtual phones are gone, and everything that was kept of them.\n"


def run(arguments: argparse.Namespace) -> Answer:
    """Show the phones until Ctrl-C, or check them once. Raises CannotRun."""
    _fit()
    try:
        with _ended_by_signals(), stage(desks.now()) as set_up, _undisturbed_end():
            if arguments.run:
                return _checked(set_up, as_json=arguments.json)
            _show(set_up, as_json=arguments.json)
    except (SandboxError, RecordingError) as error:
        raise CannotRun(f"the demo could not be set up: {printable(str(error))}") from error
    except OSError as error:
        raise CannotRun(f"the demo could not be set up: {error.strerror}") from error
    return Answer(code=Exit.COMPLIANT, hints="" if arguments.json else OVER)


def _fit() -> None:
    if sys.platform != "linux":
        raise CannotRun("the demo runs on Linux only: its phones are made of Linux programs.")
    missing = missing_packages()
    if missing:
        raise CannotRun(
            f"the demo needs programs that are not here. Install them: sudo apt install {' '.join(missing)}"
        )


def _checked(set_up: Stage, *, as_json: bool) -> Answer:
    """Let a check of the phones answer in our place."""
    code = sandbox.scrubin((*CHECK, "--json") if as_json else CHECK, set_up.environment(os.environ))
    return Answer(code=Exit(code) if code in set(Exit) else Exit.COULD_NOT_RUN)


def _show(set_up: Stage, *, as_json: bool) -> None:
    """Say what there is, and stay until a signal comes: from the first word on, that is the usual end."""
    try:
        print(_as_json(set_up) if as_json else TOLD.format(enter=printable(set_up.enter)), flush=True)
        threading.Event().wait()
    except KeyboardInterrupt:
        return


def _as_json(set_up: Stage) -> str:
    phones = {name: phone.address for name, phone in set_up.phones.items()}
    told = {"schema": "scrubin/demo/1", "enter": set_up.enter, "phones": phones, "settings": dict(set_up.settings)}
    return json.dumps(told)


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """A closed terminal and a kill end the demo as Ctrl-C does: with its phones, processes and files put away."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, _interrupt) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _undisturbed_end() -> Iterator[None]:
    """From here on whoever is impatient waits: a second Ctrl-C would leave half of the demo behind."""
    try:
        yield
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
