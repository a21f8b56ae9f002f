"""The process that opens hostile files: it holds the heavy libraries, may do little else, and dies alone.

It reads jobs from standard input and writes one answer a job, in order, to what was its standard output.
"""

import contextlib
import ctypes
import math
import os
import signal
import sys
from collections.abc import Callable

import psutil

from agent.photos.frames import Frame, buffers, receive, send
from agent.photos.image import NeedsWhole, Result, Source, Unread, Unreadable
from agent.photos.result_form import told
from agent.photos.source import DiskSource, HeldSource

try:
    import resource
except ImportError:  # not on Windows
    resource = None  # type: ignore[assignment]  # mypy knows the systems that have it

Examine = Callable[[Source], Result]
"""Judges one file. Raises NeedsWhole, Unreadable, MemoryError; whatever else it raises ends the process."""
Load = Callable[[], tuple[str, Examine]]
"""The name of the finder, and the finder. Raises ImportError, OSError, ValueError."""
LOAD_S = 90
GRACE_S = 5
"""Beyond the time limit that the parent keeps: by then there is no parent any more."""
NICE = 10
OPEN_FILES = 64
PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS = 4, 38


def main(arguments: list[str]) -> int:
    """`worker.py WEIGHTS SECONDS BYTES`: which weights, and the limits of one file and of memory."""
    weights, file_s, memory_bytes = arguments
    return run(lambda: _loaded(weights), file_s=float(file_s), memory_bytes=int(memory_bytes))


def run(load: Load, *, file_s: float, memory_bytes: int) -> int:
    """Load, say so, and judge what comes until standard input ends. The exit code is for nobody."""
    incoming, outgoing = doors()
    confine(memory_bytes)
    give_way()
    _set_alarm(LOAD_S)
    trouble = ""
    try:
        model, examine = load()
    except ImportError:
        trouble = "library_missing"
    except (OSError, ValueError):
        trouble = "model_damaged"
    with contextlib.suppress(BrokenPipeError):  # the parent has gone
        if trouble:
            send(outgoing, buffers({"trouble": trouble}))
            return 1
        send(outgoing, buffers({"model": model}))
        _serve(examine, incoming, outgoing, math.ceil(file_s) + GRACE_S)
    return 0


def confine(memory_bytes: int) -> None:
    """Give up what reading pictures does not need. What a system does not offer is left out."""
    os.umask(0o077)
    if resource is not None:
        _limit(resource.RLIMIT_CORE, 0)  # a core file would hold the picture
        _limit(resource.RLIMIT_FSIZE, 0)
        _limit(resource.RLIMIT_NOFILE, OPEN_FILES)
        _limit(resource.RLIMIT_DATA, memory_bytes)
    if sys.platform == "linux":
        system = ctypes.CDLL(None)
        for option, value in ((PR_SET_NO_NEW_PRIVS, 1), (PR_SET_DUMPABLE, 0)):
            # The second: no other process of this account may read decoded pictures out of our memory.
            system.prctl(option, *map(ctypes.c_ulong, (value, 0, 0, 0)))


def give_way() -> None:
    """Let everything else on the machine go first."""
    process = psutil.Process()
    with contextlib.suppress(psutil.Error, OSError):
        if psutil.WINDOWS or process.nice() < NICE:
            process.nice(getattr(psutil, "BELOW_NORMAL_PRIORITY_CLASS", NICE))
    with contextlib.suppress(psutil.Error, OSError):
        if psutil.LINUX:
            process.ionice(psutil.IOPRIO_CLASS_IDLE)


def _serve(examine: Examine, incoming: int, outgoing: int, limit_s: int) -> None:
    while (frame := receive(incoming)) is not None:
        _set_alarm(limit_s)
        number, source = _job(frame)
        with source:
            result = _judged(examine, source)
        del frame, source  # up to 128 MiB that the next one needs
        _set_alarm(0)
        header, payload = told(number, result)
        send(outgoing, buffers(header, payload))


def _judged(examine: Examine, source: Source) -> Result | None:
    try:
        return examine(source)
    except NeedsWhole:
        return None
    except Unreadable as error:
        return error.why
    except MemoryError:
        return Unread.OUT_OF_MEMORY


def _job(frame: Frame) -> tuple[int, DiskSource | HeldSource]:
    """The number and the bytes of a job. What is no job ends the process: it can only come from our own parent."""
    row, data = frame.header, frame.payload
    number, name, size, stamp = row["number"], row["name"], row["size"], row["stamp"]
    path, head_bytes, whole_bytes = row["path"], row["head"], row["whole"]
    assert isinstance(number, int)
    assert isinstance(name, str)
    assert isinstance(size, int)
    assert isinstance(stamp, int)
    head = data[:head_bytes] if isinstance(head_bytes, int) else None
    if isinstance(path, str):
        # Bytes on the way, as the parent's locale may differ from ours, in which names are spelt out.
        return number, DiskSource(os.fsdecode(path.encode("utf-8", "surrogateescape")), size, stamp, head=head)
    whole = data[len(head or b"") :] if isinstance(whole_bytes, int) else None
    return number, HeldSource(name, size, head, whole)


def _loaded(weights: str) -> tuple[str, Examine]:
    from agent.photos import classify, ocr
    from agent.photos.examine import examine

    finder = classify.load(weights)
    reader = ocr.load()
    return finder.name, lambda source: examine(source, finder, reader)


def doors() -> tuple[int, int]:
    """Where jobs come from and answers go to, taken away from any library that prints or reads."""
    found = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1):
        os.dup2(nothing, standard)
    os.close(nothing)
    return found


def _limit(kind: int, most: int) -> None:
    _, hard = resource.getrlimit(kind)
    value = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(kind, (value, value))


def _set_alarm(seconds: int) -> None:
    """End this process after so long, also amid a library that never returns and without a parent; 0: not any more."""
    if hasattr(signal, "alarm"):
        signal.alarm(seconds)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
