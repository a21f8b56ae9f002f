"""What reading a roster may take: whoever writes one could keep a laptop busy for ever."""

import contextlib
import resource
import signal
from collections.abc import Iterator
from datetime import timedelta
from types import FrameType

ROSTER_BYTES = 2 << 20
"""Ten years of shifts have less than one."""
LINE_CHARS = 64 << 10
"""Of one property, its folds taken out."""
ENTRIES = 5000
"""Entries that touch the coming days."""
RECURRING = 500
ZONES = 50
ZONE_PARTS = 200
DATES = 500
"""Of one entry, named one by one, in the coming days."""
SHIFTS = 50
AHEAD = timedelta(days=7)
BEHIND = timedelta(hours=2)
"""A shift that has just begun still counts: the laptop may have been opened only then."""
CPU_S = 10
MEMORY_BYTES = 768 << 20
"""Addresses, of which a process with these libraries takes a third."""


class RosterTrouble(Exception):
    """A roster can't be used. The text is a sentence for the person, without anything that stood in it."""


TOO_LONG = "The roster takes too long to read, so it is not used. Is it only your shifts?"
TOO_BIG = "The roster takes too much memory to read, so it is not used. Is it only your shifts?"


@contextlib.contextmanager
def bounded(*, cpu_s: int = CPU_S, memory_bytes: int = MEMORY_BYTES) -> Iterator[None]:
    """Hold this process to so much time and memory from here on. Raises RosterTrouble from within.

    The limits stay after the block: this process has nothing else to do.
    """
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime) + cpu_s
    before = signal.signal(signal.SIGXCPU, _too_long)
    # Where the library is in the middle of one long step in C the handler waits; then the hard limit ends the process.
    _lower(resource.RLIMIT_CPU, soft, soft + 2)
    _lower(resource.RLIMIT_AS, memory_bytes, memory_bytes)
    try:
        yield
    except (MemoryError, RecursionError) as error:
        raise RosterTrouble(TOO_BIG) from error
    finally:
        signal.signal(signal.SIGXCPU, before)


def _too_long(_signal: int, _frame: FrameType | None) -> None:
    raise RosterTrouble(TOO_LONG)


def _lower(what: int, soft: int, hard: int) -> None:
    """Never raise a limit that was given from outside."""
    _, most = resource.getrlimit(what)
    if most != resource.RLIM_INFINITY:
        soft, hard = min(soft, most), min(hard, most)
    resource.setrlimit(what, (soft, hard))
