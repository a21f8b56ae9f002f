"""Watches which calls of the system some work makes, without standing in for any of them."""

import os
import sys
from collections.abc import Callable, Collection


def made_by(work: Callable[[], object], watched: Collection[Callable[..., object]]) -> list[str]:
    """Names of those of the watched functions of `os` that `work` called, in order."""
    calls: list[str] = []

    def note(frame, event, function):
        if event == "c_call" and function in watched:
            calls.append(function.__name__)

    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(None)
    return calls


def handles_left_by(work: Callable[[], object]) -> int:
    """How many more file handles are open after `work` than before."""
    before = len(os.listdir("/proc/self/fd"))
    work()
    return len(os.listdir("/proc/self/fd")) - before
