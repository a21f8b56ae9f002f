"""A way to a phone's pictures that comes back after a cut, and only to the same phone."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Protocol, TypeVar

from agent import limits
from agent.collect.adb.session import AGAIN_S, PASSING, POLL_S
from agent.collect.adb.wire import Pipe, Script
from agent.collect.android.properties import same_start
from agent.collect.host import CollectError
from checks.evidence import Why

T = TypeVar("T")
SILENT_S = 60.0
"""A search through a full phone may say nothing for so long: its storage is slow, and it tells what it found late."""
PATIENCE_S = 600.0
"""Waiting for one answer altogether, which a phone that drips would else draw out for ever."""
WRITE_S = 30.0
PROOF_BYTES = 64 << 10
RECORD_BYTES = 16 << 10
MARK_BYTES = 64
"""What stands behind a marker, with its line end, has fewer."""


class Line(Protocol):
    """A phone that runs scripts."""

    def pipe(self, wanted: Script, marker: str) -> Pipe:
        """Start one. Raises CollectError."""


class Answer:
    """What one run of a script says, once the phone has proven to be the right one."""

    def __init__(self, pipe: Pipe, marker: str, *, stop: threading.Event, clock_s: Callable[[], float]) -> None:
        self._pipe = pipe
        self._stop = stop
        self._clock_s = clock_s
        self.marker = marker.encode("ascii")
        self.received_bytes = 0
        self._left_s = PATIENCE_S

    def allow(self, seconds: float = PATIENCE_S) -> None:
        """Wait so long for what comes next. Time in which nobody waits for the phone does not count."""
        self._left_s = seconds

    def chunks(self) -> Iterator[bytes]:
        """All that comes, as it comes. Raises DISCONNECTED where it just ends, TIMED_OUT, STOPPED."""
        silent_s = 0.0
        while True:
            if self._stop.is_set():
                raise CollectError(Why.STOPPED, "pictures of a phone")
            since_s = self._clock_s()
            chunk = self._pipe.read(POLL_S)
            waited_s = self._clock_s() - since_s
            self._left_s -= waited_s
            silent_s = 0.0 if chunk else silent_s + waited_s
            if chunk == b"":
                raise CollectError(Why.DISCONNECTED, "the answer ends in the middle")
            if chunk:
                self.received_bytes += len(chunk)
                yield chunk
            if self._left_s < 0 or silent_s > SILENT_S:
                raise CollectError(Why.TIMED_OUT, "the phone is silent, or too slow")

    def tell(self, data: bytes) -> None:
        """Write to the script's input. Raises CollectError."""
        self._pipe.write(data, WRITE_S)

    def close(self) -> None:
        """Hang up."""
        self._pipe.close()


class PhoneFiles:
    """Runs scripts on one phone, for as long as it is the same phone since the same start."""

    def __init__(
        self,
        line: Line,
        *,
        marker: Callable[[], str],
        stop: threading.Event,
        said: str | None = None,
        patience_s: float = limits.PHONE_BACK_S,
        clock_s: Callable[[], float] = time.monotonic,
    ) -> None:
        """`said`: what the phone answered to `getprop` before, if it did; `patience_s`: how long to wait for it."""
        self._line = line
        self._marker = marker
        self._stop = stop
        self._said = said
        self._patience_s = patience_s
        self._clock_s = clock_s
        self.received_bytes = 0
        """Of all scripts that have ended."""

    @contextmanager
    def run(self, wanted: Script) -> Iterator[tuple[Answer, Iterator[bytes]]]:
        """(whom to tell more, all that the script says). Raises CollectError; DISCONNECTED for another phone."""
        marker = self._marker()
        answer = Answer(self._opened(wanted, marker), marker, stop=self._stop, clock_s=self._clock_s)
        try:
            yield answer, self._proven(answer)
        finally:
            answer.close()
            self.received_bytes += answer.received_bytes

    def _opened(self, wanted: Script, marker: str) -> Pipe:
        until_s = self._clock_s() + self._patience_s
        while True:
            try:
                return self._line.pipe(wanted, marker)
            except CollectError as error:
                if error.why not in PASSING or self._clock_s() > until_s:
                    raise
            if self._stop.wait(AGAIN_S):
                raise CollectError(Why.STOPPED, "pictures of a phone")

    def _proven(self, answer: Answer) -> Iterator[bytes]:
        """What comes after the proof."""
        begin = answer.marker + b" B\n"
        held = bytearray()
        chunks = answer.chunks()
        while (at := held.find(begin)) < 0:
            if len(held) > PROOF_BYTES:
                raise CollectError(Why.UNPARSABLE, "the phone does not say which it is")
            held += next(chunks)
        self._prove(held[:at].decode("utf-8", "replace"))
        return _following(bytes(held[at + len(begin) :]), chunks)

    def _prove(self, said: str) -> None:
        if self._said is None:
            self._said = said
        if not same_start(self._said, said):
            raise CollectError(Why.DISCONNECTED, "another phone may have answered")


def _following(first: bytes, chunks: Iterable[bytes]) -> Iterator[bytes]:
    if first:
        yield first
    yield from chunks


def resumed(start: Callable[[], Iterator[T]]) -> Iterator[T]:
    """All that it yields; after a cut it is started again, and goes on where it was. Raises CollectError.

    Cuts are counted anew as soon as something came."""
    left = limits.PHONE_TRIPS
    while True:
        try:
            for one in start():
                left = limits.PHONE_TRIPS
                yield one
        except CollectError as error:
            left -= 1
            if error.why is not Why.DISCONNECTED or left == 0:
                raise
        else:
            return


def marked(chunks: Iterable[bytes], marker: bytes, *, most: int) -> Iterator[tuple[bytes, str]]:
    """(what came before a marker, the rest of its line), again and again; each byte is looked at a few times only.

    Before each marker stands a line end of the script's own. Raises TOO_LARGE where no marker comes.
    """
    mark = b"\n" + marker + b" "
    held, seek = bytearray(), 0
    for chunk in chunks:
        held += chunk
        while (at := held.find(mark, seek)) >= 0:
            behind = at + len(mark)
            end = held.find(b"\n", behind, behind + MARK_BYTES)
            if end < 0 and len(held) < behind + MARK_BYTES:
                break
            with memoryview(held) as view:
                before = bytes(view[:at])
            yield before, held[behind : max(end, behind)].decode("ascii", "replace")
            del held[: end + 1 if end >= 0 else behind]
            seek = 0
        seek = at if at >= 0 else max(0, len(held) - len(mark) + 1)
        if len(held) > most + len(mark) + MARK_BYTES:
            raise CollectError(Why.TOO_LARGE, "an answer without an end")


def records(chunks: Iterable[bytes], marker: bytes) -> Iterator[bytes]:
    """What stands behind each marker, up to the next, line ends within it included. The last begins with "Z ".

    Raises TOO_LARGE for one that is too long for a path.
    """
    mark = b"\n" + marker + b" "
    held = bytearray(b"\n")
    for chunk in chunks:
        held += chunk
        *whole, held = held.split(mark)
        yield from (bytes(one) for one in whole if one)
        if held.startswith(b"Z ") and held.endswith(b"\n"):
            yield bytes(held[:-1])
            return
        if len(held) > RECORD_BYTES:
            raise CollectError(Why.TOO_LARGE, "a record without an end")


class Until:
    """Hands on what comes before the last marker of a script, and keeps what stood behind it."""

    def __init__(self, chunks: Iterable[bytes], marker: bytes) -> None:
        self._chunks = chunks
        self._mark = b"\n" + marker + b" Z "
        self.head = b""
        """The beginning of what came: enough to tell that nothing did."""
        self.ending: str | None = None
        """None while more may come."""

    def __iter__(self) -> Iterator[bytes]:
        held = bytearray()
        for chunk in self._chunks:
            held += chunk
            at = held.find(self._mark)
            part = held[: at if at >= 0 else max(0, len(held) - len(self._mark))]
            if part:
                del held[: len(part)]
                self.head += bytes(part[: MARK_BYTES - len(self.head)])
                yield bytes(part)
            behind = held[len(self._mark) :]
            if at >= 0 and (b"\n" in behind or len(behind) > MARK_BYTES):
                self.ending = behind.split(b"\n")[0].decode("ascii", "replace")
                return
