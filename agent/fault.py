"""Faults told without personal detail: where in the program and what kind, never the message, which may hold a path."""

import errno
import logging
import traceback
from collections.abc import Callable
from types import FrameType
from typing import TypeVar

T = TypeVar("T")
MOST_FRAMES = 8


def told(error: BaseException) -> str:
    """The chain of errors, outermost first, each with its innermost places: "TypeError at agent.runner:42 audit"."""
    chain = [_one(error)]
    while (cause := error.__cause__ or error.__context__) is not None and len(chain) < MOST_FRAMES:
        chain.append(_one(cause))
        error = cause
    return ", after ".join(chain)


def attempt(call: Callable[[], T], *, what: str, log: logging.Logger) -> tuple[bool, T | None]:
    """(True, the answer), or (False, None) with the fault in the log: one bad audit does not end the daemon."""
    try:
        return True, call()
    except Exception as error:  # the one place: whatever an audit or a delivery raises, the daemon goes on
        log.error("%s failed: %s", what, told(error))  # not log.exception: a plain traceback quotes messages
        return False, None


def _one(error: BaseException) -> str:
    code = errno.errorcode.get(error.errno or 0) if isinstance(error, OSError) else None
    name = f"{type(error).__name__}({code})" if code else type(error).__name__
    frames = list(traceback.walk_tb(error.__traceback__))[-MOST_FRAMES:]
    # Module names, not files: the program may be installed below the person's home.
    places = " < ".join(f"{_module(frame)}:{line} {frame.f_code.co_name}" for frame, line in reversed(frames))
    return f"{name} at {places}" if places else name


def _module(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__", "?"))
