"""Runs this program once more in a short-lived process, so that heavy libraries never settle in the daemon."""

import subprocess
import sys
import threading
import time
from collections.abc import Collection, Sequence

from agent.limits import COMMAND_OUTPUT_BYTES


class ChildError(Exception):
    """The process could not be started, did not end in time, or failed. The text says which."""


def call(
    arguments: Sequence[str],
    *,
    stop: threading.Event,
    timeout_s: float,
    fine: Collection[int] = (0, 1, 2),
    given: bytes | None = None,
) -> str:
    """Standard output of `scrubin ARGUMENTS`. `fine`: exit codes that are answers. Raises ChildError.

    `given` goes to its standard input: every account of the laptop can see arguments, and nobody that.
    """
    code = "import sys; from agent.cli import main; sys.exit(main())"
    try:
        child = subprocess.Popen(
            # -P: else Python would first look for its modules in the working folder, which is the person's home.
            [sys.executable, "-P", "-c", code, *arguments],
            stdin=subprocess.DEVNULL if given is None else subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
    except OSError as error:
        raise ChildError(f"the process could not be started: {error.strerror}") from error
    with child:
        try:
            return _heard(child, stop, time.monotonic() + timeout_s, fine, given)
        finally:
            child.kill()


def _heard(
    child: subprocess.Popen[bytes], stop: threading.Event, deadline: float, fine: Collection[int], given: bytes | None
) -> str:
    while True:
        try:
            out, _ = child.communicate(given, timeout=0.25)
        except subprocess.TimeoutExpired as error:
            if stop.is_set() or time.monotonic() > deadline:
                raise ChildError("the process was stopped before it ended") from error
            given = None  # it is on its way, and may be given once only
            continue
        if child.returncode not in fine or len(out) > COMMAND_OUTPUT_BYTES:
            raise ChildError(f"the process ended with {child.returncode}")
        return out.decode("utf-8", "replace")
