"""One worker of the crew as its parent sees it: a process, what was sent to it, and what it says."""

import contextlib
import os
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import psutil

from agent.photos.frames import Frame, Incoming, Outgoing, buffers
from agent.photos.image import EMBEDDING

try:
    import fcntl
except ImportError:  # not on Windows
    fcntl = None  # type: ignore[assignment]  # mypy knows the systems that have it

KEPT = ("PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH", "SYSTEMROOT")
"""Variables without which some systems do not find Python or its libraries. The rest is the person's."""
FIXED = {
    "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "LC_ALL": "C.UTF-8",
    "MALLOC_MMAP_THRESHOLD_": "1048576",  # else the reader of text keeps 120 MB that it no longer needs
}  # fmt: skip
PIPE_BYTES = 1 << 20
"""Several heads fit, so a worker finds its next job there and does not wait for us."""
READ_BYTES = 64 << 10
REAPED_S = 2.0
"""A killed process is gone at once, unless a dead network share holds it; then the system reaps it, later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One file to judge."""

    number: int
    """From 0, each once."""
    name: str
    size: int
    """Of the whole file, in bytes."""
    path: str | None
    """Of a file on this laptop, which the worker opens itself; None for a phone's."""
    stamp: int
    """Of a file on this laptop: mtime in nanoseconds."""
    head: bytes | None = None
    whole: bytes | None = None

    @property
    def held(self) -> int:
        """Bytes that travel with it."""
        return len(self.head or b"") + len(self.whole or b"")


def command(weights: str, *, file_s: float, memory_bytes: int) -> tuple[str, ...]:
    """How a worker is started. -P: the working folder is no place for modules; -B: it may write no files."""
    return (sys.executable, "-P", "-B", "-m", "agent.photos.worker", weights, str(file_s), str(memory_bytes))


def message(job: Job) -> tuple[bytes, ...]:
    """The job as a worker reads it. Raises FrameError where it is too large."""
    path = None if job.path is None else os.fsencode(job.path).decode("utf-8", "surrogateescape")
    header = {
        "number": job.number, "name": job.name, "size": job.size, "path": path, "stamp": job.stamp,
        "head": None if job.head is None else len(job.head), "whole": None if job.whole is None else len(job.whole),
    }  # fmt: skip
    return buffers(header, job.head or b"", job.whole or b"")


class Member:
    """A worker process. Never waits for it, but for its end."""

    def __init__(
        self,
        argv: Sequence[str],
        environ: Mapping[str, str],
        *,
        clock_s: Callable[[], float],
        most_payload: int = EMBEDDING,
    ) -> None:
        """Start it. `most_payload`: bytes of one answer beside its header. Raises OSError."""
        self._clock_s = clock_s
        self._process = subprocess.Popen(
            argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0,
            cwd="/", env={name: environ[name] for name in KEPT if name in environ} | FIXED,
            start_new_session=True,  # else Ctrl-C would end it as well, and the file in hand were blamed
        )  # fmt: skip
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self.stdin, self.stdout = self._process.stdin.fileno(), self._process.stdout.fileno()
        for descriptor in (self.stdin, self.stdout):
            os.set_blocking(descriptor, False)
        _widen(self.stdin)
        self._seen: psutil.Process | None = None
        self._outgoing = Outgoing()
        self._incoming = Incoming(most_payload=most_payload)
        self.ready = False
        """It has said what it loaded."""
        self.closed = False
        """It says nothing more."""
        self.flying: deque[Job] = deque()
        """Sent and not yet answered; it has the first in hand."""
        self.answered = 0
        self.since_s = clock_s()
        """Since when it loads, or has its first job in hand."""

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def waiting(self) -> bool:
        """Some of what was sent does not fit into the pipe yet."""
        return self._outgoing.waiting

    def send(self, job: Job, sent: tuple[bytes, ...]) -> None:
        """Give it one more job, of which `sent` is the message."""
        if not self.flying:
            self.since_s = self._clock_s()
        self.flying.append(job)
        self._outgoing.add(sent)
        self.flush()

    def flush(self) -> None:
        """Write what goes without waiting."""
        while self._outgoing.waiting:
            try:
                self._outgoing.flush(self.stdin)
            except BlockingIOError:
                return
            except OSError:  # it is gone, which its other end will say with all that it still had to say
                self._outgoing = Outgoing()

    def hear(self) -> Iterator[Frame]:
        """What it said so far. Raises FrameError."""
        try:
            data = os.read(self.stdout, READ_BYTES)
        except BlockingIOError:
            return
        self.closed = not data
        yield from self._incoming.feed(data)

    def done(self) -> Job:
        """The job in hand is answered."""
        self.answered += 1
        self.since_s = self._clock_s()
        return self.flying.popleft()

    def resident(self) -> int:
        """Bytes of memory that it holds; 0 where the system does not say."""
        try:
            self._seen = self._seen or psutil.Process(self.pid)
            return int(self._seen.memory_info().rss)
        except psutil.Error:  # gone, or hidden from this account: its own limit holds all the same
            return 0

    def end(self) -> None:
        """End it, whatever it does, and leave nothing behind."""
        self._process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(REAPED_S)
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()


def _widen(descriptor: int) -> None:
    """A pipe of the usual 64 KiB takes one head; where it can't be widened it is slower, no more."""
    if fcntl is not None and hasattr(fcntl, "F_SETPIPE_SZ"):
        with contextlib.suppress(OSError):
            fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
