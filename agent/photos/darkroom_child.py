"""The darkroom's own process: it opens one hostile picture after another, may do little else, and dies alone.

It reads jobs from standard input and writes the answers, in order, to what was its standard output.
"""

import contextlib
import hashlib
import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import BinaryIO

from agent.photos.darkroom import allowed_s
from agent.photos.darkroom_form import Asked, Wish, asked, handed, refusal, shown
from agent.photos.darkroom_model import MOST_HELD, Preview, Stripped
from agent.photos.frames import Frame, receive, send
from agent.photos.image import HEAD_BYTES, Source, Unread, Unreadable
from agent.photos.readers.faults import reading
from agent.photos.source import DiskSource, HeldSource
from agent.photos.worker import GRACE_S, confine, doors

HASHED_AT_ONCE = 1 << 20


Makers = Mapping[Wish, Callable[[Source], Preview | Stripped]]
"""What makes what was asked for. Raises Unreadable and what `reading` knows; whatever else ends the process."""


def main(arguments: list[str]) -> int:
    """`darkroom_child.py SECONDS IDLE_SECONDS BYTES`: limits of one picture, of having nothing to do, of memory."""
    return run(MAKERS, arguments)


def run(makers: Makers, arguments: list[str]) -> int:
    """Make what is asked for until standard input ends. The exit code is for nobody."""
    shot_s, idle_s, memory_bytes = arguments
    incoming, outgoing = doors()
    confine(int(memory_bytes))
    # It does not give way to everything else, as the scan's workers do: somebody sits there and waits for the picture.
    with contextlib.suppress(BrokenPipeError):  # the parent has gone
        _serve(makers, incoming, outgoing, float(shot_s), float(idle_s))
    return 0


def _serve(makers: Makers, incoming: int, outgoing: int, shot_s: float, idle_s: float) -> None:
    _set_alarm(idle_s)
    while (frame := receive(incoming, most_payload=MOST_HELD)) is not None:
        job = asked(frame)
        _set_alarm(allowed_s(shot_s, job.wish, job.size) + GRACE_S)
        for message in _answer(makers, job, frame):
            send(outgoing, message)
        del frame
        _set_alarm(idle_s)


def _answer(makers: Makers, job: Asked, frame: Frame) -> Iterator[tuple[bytes, ...]]:
    try:
        with reading(), _source(job, frame) as source:
            made = makers[job.wish](source)
    except Unreadable as error:
        return iter((refusal(job.number, error.why),))
    return iter((shown(job.number, made),)) if isinstance(made, Preview) else handed(job.number, made)


def _source(job: Asked, frame: Frame) -> DiskSource | HeldSource:
    """A file that fits into memory is read once: what is hashed and what is decoded are the same bytes then."""
    if job.path is None:
        return HeldSource(job.name, job.size, frame.payload[:HEAD_BYTES], frame.payload)
    path = os.fsdecode(job.path.encode("utf-8", "surrogateescape"))
    disk = DiskSource(path, job.size, job.stamp)
    if job.size > MOST_HELD:
        return disk
    with disk:
        data = disk.whole().read(job.size)
    if len(data) != job.size:
        raise Unreadable(Unread.CHANGED)
    return HeldSource(disk.name, job.size, data[:HEAD_BYTES], data)


def _preview(source: Source) -> Preview:
    from agent.photos.darkroom_shown import preview

    return preview(source, digest(source.whole(), source.head()))


def _strip(source: Source) -> Stripped:
    from agent.photos.darkroom_strip import strip

    return strip(source)


def digest(file: BinaryIO, head: bytes) -> bytes:
    """SHA-256. Raises Unreadable where the file does not start as it did."""
    found = hashlib.sha256()
    begun = False
    while part := file.read(HASHED_AT_ONCE):
        if not begun and not part.startswith(head):
            raise Unreadable(Unread.CHANGED)
        begun = True
        found.update(part)
    return found.digest()


def _set_alarm(seconds: float) -> None:
    """End this process after so long, also amid a library that never returns, and without a parent."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, seconds)


MAKERS: Makers = {Wish.PREVIEW: _preview, Wish.STRIP: _strip}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
