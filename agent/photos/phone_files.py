"""The pictures on one phone: listed, and read into memory through the cable; nothing is written anywhere."""

import re
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice

from agent import limits
from agent.collect.adb.files import Line, PhoneFiles, marked, resumed
from agent.collect.adb.wire import AdbLine
from agent.collect.android.picture_scripts import READ
from agent.collect.host import CollectError
from agent.phones import marker
from agent.photos.image import HEAD_BYTES, Unread
from agent.photos.phone_list import PATH, PhoneList
from agent.photos.place import File, Unlooked
from checks.evidence import Why

AHEAD = 16
"""Files that are asked for before the first of them is taken: enough to hide the way there and back, and one MB."""
AHEAD_LENGTH = 8 << 10
"""Characters of their paths. So many lie between us and the phone while nobody reads: writing them never waits."""
HEAD_S = 60.0
WHOLE_S = 120.0
SLOWEST_BYTES_S = 256 << 10
"""Of a whole file over a poor network; one that comes more slowly is given up."""
SLOW = 2
"""So many files in a row may take too long. After that it is not the file but the phone."""
CUTS = 2
"""A file in the middle of which the connection broke so often is left out: it may be what breaks it."""
MOST_GONE = 2000
"""Files that are asked for by name in one scan; the next asks for the others."""
GONE = "gone"
ENDINGS = {
    "link": Unread.NOT_A_FILE,
    "other": Unread.NOT_A_FILE,
    GONE: Unread.VANISHED,
    "denied": Unread.DENIED,
    "failed": Unread.FAILED,
}
"""What the phone says in place of a file."""
ENDED = "read"
SIZE = re.compile(rb"([0-9]{1,18})\n?")


@dataclass(slots=True)
class _Asked:
    file: File
    cuts: int = 0


class PhonePictures:
    """One phone that is attached. Each iterator has a connection of its own; none is shared between threads."""

    def __init__(
        self,
        port: int,
        serial: str,
        release: int,
        device: str,
        stop: threading.Event,
        *,
        said: str | None = None,
        patience_s: float = limits.PHONE_BACK_S,
        line: Line | None = None,
        clock_s: Callable[[], float] = time.monotonic,
    ) -> None:
        """`port` and `serial` lead there through adb; `release` is its API level, `device` its id in the register.

        `said` is what it answered to `getprop` in the audit, so that no other phone is taken for it. Raises
        CollectError for a serial that is none.
        """
        self.device = device
        self._release = release
        self._list: PhoneList | None = None
        self._files = PhoneFiles(
            line or AdbLine(port, serial),
            marker=marker, stop=stop, said=said, patience_s=patience_s, clock_s=clock_s,
        )  # fmt: skip

    @property
    def received_bytes(self) -> int:
        """All that came from the phone, of what has ended."""
        return self._files.received_bytes

    def listing(self) -> Iterator[File | Unlooked]:
        """Every file that may hold a picture, once. Raises CollectError: what came before is good, and not all.

        NOT_UNLOCKED_YET where the phone's storage is closed, DISCONNECTED where it went for longer than a moment.
        """
        self._list = PhoneList(self._files, release=self._release)
        return self._list.files()

    def gone(self, paths: Sequence[str]) -> set[str]:
        """Those that are proven to be no longer there, of files that the last listing, gone through, did not have.

        The media store was listed to its end and does not know them, their part of the storage is there, and the phone
        says of each that there is no such file. Raises CollectError likewise.
        """
        listed = self._list
        if listed is None or not listed.lists_all_media:
            return set()
        tops = tuple(f"{volume}/" for volume in listed.volumes)
        asked = [one for one in paths if one.startswith(tops) and PATH.fullmatch(_bytes(one))]
        found: set[str] = set()
        for start in range(0, min(len(asked), MOST_GONE), AHEAD):
            some = asked[start : start + AHEAD]
            found |= next(resumed(partial(self._gone, some)))
        return found

    def _gone(self, paths: Sequence[str]) -> Iterator[set[str]]:
        with self._files.run(READ) as (answer, chunks):
            answer.allow(HEAD_S)
            answer.tell(b"".join(_line(one, "size") for one in paths))
            answers = marked(chunks, answer.marker, most=HEAD_BYTES)
            yield {one for one, (_, ending) in zip(paths, answers, strict=False) if ending == GONE}

    def heads(self, files: Iterable[File]) -> Iterator[tuple[File, bytes | Unread]]:
        """The first HEAD_BYTES of each, in the order given, or why there are none. Raises CollectError likewise.

        A file whose size is not as listed is handed back with its true size, where the head tells that. Files are taken
        from the iterable a few ahead of what was handed on, and no more is asked of the phone than that.
        """
        return _Heads(self._files, files).all()

    def whole(self, file: File, *, most: int) -> bytes | Unread:
        """All of one file, of at most so many bytes. Raises CollectError likewise."""
        if file.size > most:
            return Unread.TOO_LARGE
        try:
            return next(resumed(lambda: self._whole(file, most)))
        except CollectError as error:
            if error.why is Why.TIMED_OUT:
                return Unread.TIMED_OUT
            raise

    def _whole(self, file: File, most: int) -> Iterator[bytes | Unread]:
        wanted = min(most, file.size) + 1  # one more tells that it grew
        with self._files.run(READ) as (answer, chunks):
            answer.allow(WHOLE_S + wanted / SLOWEST_BYTES_S)
            answer.tell(_line(file.path, wanted))
            body, ending = next(marked(chunks, answer.marker, most=wanted))
        content = _judged(body, ending)
        yield Unread.CHANGED if isinstance(content, bytes) and len(content) != file.size else content


class _Heads:
    """One reading of heads, over as many connections as it takes."""

    def __init__(self, phone: PhoneFiles, files: Iterable[File]) -> None:
        self._phone = phone
        self._files = iter(files)
        self._asked: deque[_Asked] = deque()
        """Told to the phone, or to be told again, and not yet answered."""
        self._more = True
        self._slow = 0
        """Files in a row for which the phone took too long."""

    def all(self) -> Iterator[tuple[File, bytes | Unread]]:
        """See PhonePictures.heads."""
        while self._filled():
            yield from resumed(self._trip)

    def _filled(self) -> bool:
        """Take as many files in hand as may be under way. False when there are none any more."""
        size = sum(len(one.file.path) for one in self._asked)
        while self._more and len(self._asked) < AHEAD and size < AHEAD_LENGTH:
            file = next(self._files, None)
            self._more = file is not None
            if file is not None:
                self._asked.append(_Asked(file))
                size += len(file.path)
        return bool(self._asked)

    def _trip(self) -> Iterator[tuple[File, bytes | Unread]]:
        """As far as one connection goes."""
        with self._phone.run(READ) as (answer, chunks):
            if self._asked and self._asked[0].cuts == CUTS:
                yield self._asked.popleft().file, Unread.FAILED
            answers = marked(chunks, answer.marker, most=HEAD_BYTES)
            told = 0
            while self._filled():
                answer.allow(HEAD_S)
                answer.tell(b"".join(_line(one.file.path, HEAD_BYTES) for one in islice(self._asked, told, None)))
                seen = self._heard(answers)
                if seen is None:
                    yield self._asked.popleft().file, Unread.TIMED_OUT
                    return
                told = len(self._asked) - 1
                yield self._sized(self._asked.popleft().file, seen)

    def _heard(self, answers: Iterator[tuple[bytes, str]]) -> bytes | Unread | None:
        """What the phone says of the first file; None where it took too long. Raises CollectError."""
        try:
            seen = _judged(*next(answers))
        except CollectError as error:
            self._asked[0].cuts += error.why is Why.DISCONNECTED
            self._slow += 1
            if error.why is not Why.TIMED_OUT or self._slow > SLOW:
                raise
            return None
        self._slow = 0
        return seen

    def _sized(self, file: File, seen: bytes | Unread) -> tuple[File, bytes | Unread]:
        """With its true size, which the media store may not know, or no longer."""
        if isinstance(seen, Unread):
            return file, seen
        if len(seen) < HEAD_BYTES:
            return replace(file, size=len(seen)), seen
        if file.size >= HEAD_BYTES:
            return file, seen
        size = next(resumed(lambda: self._asked_size(file)))
        return (file, Unread.CHANGED) if size is None or size < HEAD_BYTES else (replace(file, size=size), seen)

    def _asked_size(self, file: File) -> Iterator[int | None]:
        with self._phone.run(READ) as (answer, chunks):
            answer.tell(_line(file.path, "size"))
            text, _ = next(marked(chunks, answer.marker, most=HEAD_BYTES))
        found = SIZE.fullmatch(text)
        yield int(found[1]) if found else None


def _line(named: str, wanted: int | str) -> bytes:
    """What the script reads. Raises ValueError for a path that would be more than a line."""
    path = _bytes(named)
    if not PATH.fullmatch(path):
        raise ValueError("a path that no listing of a phone gives")
    return b"%s%s\n" % (str(wanted).encode("ascii"), path)


def _judged(body: bytes, ending: str) -> bytes | Unread:
    return body if ending == ENDED else ENDINGS.get(ending, Unread.FAILED)


def _bytes(path: str) -> bytes:
    return path.encode("utf-8", "surrogateescape")
