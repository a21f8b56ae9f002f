"""One scan of one device: what is there, what of it is new, what the finder makes of that, what became of the rest.

Whatever was judged is in the index at once, so a scan that is stopped has done all that it did.
"""

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from agent.collect.host import CollectError
from agent.collect.linux.folders import within
from agent.photos.copies import Prints
from agent.photos.crew import Answer, Job
from agent.photos.image import HEAD_BYTES, Result, Seen, Unread, Unreadable
from agent.photos.index import Index, digest
from agent.photos.keeping import Keep
from agent.photos.place import File, Place, Unlooked
from agent.photos.planted import is_found, is_planted, planted_key
from agent.photos.source import DiskSource
from agent.photos.walk import Folderful, walk
from checks.evidence import Why

LINKED = 0.2
"""The finder gives fingerprints from this score on."""


class Reader(Protocol):
    """A crew of workers."""

    def answers(self, jobs: Iterable[Job]) -> Iterator[Answer]:
        """One answer a job, in any order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a scan is."""

    done: int
    """Files that were judged in this scan."""
    known: int | None
    """All that are to be judged, once the places were walked."""
    waiting: bool = False


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What one scan came to; the pictures themselves are in the index."""

    gaps: list[Unlooked] = field(default_factory=list)
    complete: bool = False
    """Every place was walked to its end or is a gap, and every file was judged or is counted as unread."""
    why: Why | None = None
    """Why it is not complete."""
    unread: dict[Unread, int] = field(default_factory=dict)
    judged: int = 0
    left: int = 0
    """New files that were not judged."""


class Jobs(Protocol):
    """Makes jobs of files."""

    def jobs(self, files: Iterable[File]) -> Iterator[tuple[File, Job | Unread]]:
        """What the crew needs of each, numbered by the caller's order; or why there is nothing to send."""


class Bytes(Jobs, Protocol):
    """Where the bytes of new files come from."""

    def whole(self, file: File) -> bytes | Unread:
        """All of a file whose head did not decide."""


class Supply(Bytes, Protocol):
    """What a device holds: its files, and their bytes."""

    @property
    def whole_folders(self) -> bool:
        """What a folder holds comes together: a gap above it, or beside it, hides nothing in it."""

    def absent(self, folders: Mapping[str, Sequence[str]]) -> Mapping[str, Sequence[str]]:
        """Of these files that were known and not listed, under a gap, those that are proven to be gone."""

    def file(self, batch: Folderful, name: str, size: int, stamp: int) -> File:
        """One entry of a folder that was listed."""


class Scan:
    """One run over one device."""

    def __init__(
        self,
        *,
        device: str,
        index: Index,
        model: str,
        crew: Callable[[int], Reader],
        stop: threading.Event,
        clock_s: Callable[[], float] = time.time,
        tick: Callable[[Progress], None] = lambda _: None,
        planted: Place | None = None,
    ) -> None:
        """`crew` is called with the number of files once there is work: nothing heavy starts where nothing changed.

        `planted` goes through the same stream as the device's own files, and into the index under a key of its own.
        """
        self._device = device
        self._planted = planted
        self._index = index
        self._model = model
        self._crew = crew
        self._stop = stop
        self._clock_s = clock_s
        self._tick = tick
        self._known = index.known(device, model)
        self._marks: set[bytes] = set()
        """Digests of all contents that the index may know again: others need not be looked for there."""
        self._prints, self._since = Prints(), list[int]()
        """Fingerprints of clinical pictures, and when each was first seen, in one order."""
        self.outcome = Outcome()

    def run(self, walked: Iterable[Folderful | Unlooked], supply: Supply) -> Outcome:
        """Walk, judge what is new, drop what is gone.

        Raises IndexTrouble, CrewError, and CollectError where the list of files can't be had.
        """
        new, gone, doubtful = self._compare(walked, supply)
        probe = self._probe(bool(new))
        if new or probe:
            try:
                self._judge([*probe, *new], _Both(supply, probe))
            except CollectError as error:
                self.outcome.why = error.why  # the phone is gone: what was judged counts, and may be enough for a fail
                return self.outcome
        if self._stop.is_set():
            self.outcome.why = Why.STOPPED
            return self.outcome
        self._drop(gone)
        try:
            self._drop(supply.absent(doubtful) if doubtful else {})
        except CollectError as error:
            self.outcome.why = error.why
            return self.outcome
        if self.outcome.left:
            self.outcome.why = Why.TIMED_OUT  # the time for this scan ended; the next goes on where it did
        else:
            self.outcome.complete = True
        return self.outcome

    def _drop(self, gone: Mapping[str, Sequence[str]]) -> None:
        for folder, names in gone.items():
            self._index.drop(self._device, folder, names, now=int(self._clock_s()))

    def glance(self, walked: Iterable[Folderful], supply: Supply, *, newest: Callable[[list[File]], list[File]]) -> int:
        """Judge what `newest` takes of the new files of these folders, drop nothing. How many were judged.

        It proves nothing of what it did not look at. Raises as `run`.
        """
        new: list[File] = []
        for batch in walked:
            before = self._known.get(batch.path, {})
            new.extend(
                supply.file(batch, name, size, stamp)
                for name, size, stamp in batch.entries
                if before.get(name) != (size, stamp)
            )
        chosen = newest(new)
        if chosen:
            probe = self._probe(anything_new=True)
            self._judge([*probe, *chosen], _Both(supply, probe))
        return self.outcome.judged

    def _compare(
        self, walked: Iterable[Folderful | Unlooked], supply: Supply
    ) -> tuple[list[File], Mapping[str, list[str]], Mapping[str, list[str]]]:
        """Files that are new or changed; names that are gone; and names that were not listed, and may be there.

        A folder that could not be looked into keeps its rows, unless it is proven that their files are gone: they are
        the last that is known of it.
        """
        rest = dict(self._known)
        new: list[File] = []
        gone: dict[str, list[str]] = {}
        for batch in walked:
            if isinstance(batch, Unlooked):
                self.outcome.gaps.append(batch)
                continue
            before = rest.pop(batch.path, {})
            here = {name: (size, stamp) for name, size, stamp in batch.entries}
            if here != before:
                new.extend(supply.file(batch, name, *one) for name, one in here.items() if before.get(name) != one)
                missing = before.keys() - here.keys()
                if missing:
                    gone[batch.path] = sorted(missing)
            if self._stop.is_set():
                return new, {}, {}
        shut = {one.path or one.place.path for one in self.outcome.gaps}
        whole = gone.keys() - shut if supply.whole_folders else set()  # one in both was not listed to its end
        gone |= {folder: sorted(names) for folder, names in rest.items()}
        doubtful = {
            folder: names
            for folder, names in gone.items()
            if folder not in whole and any(within(folder, path) for path in shut)
        }
        new.sort(key=lambda one: -one.modified_s)  # what came last is what the person waits for
        return new, {folder: names for folder, names in gone.items() if folder not in doubtful}, doubtful

    def _probe(self, anything_new: bool) -> list[File]:
        """The planted picture, unless nothing is new and the index has it: then there is nothing it could prove."""
        if self._planted is None:
            return []
        key = planted_key(self._device)
        known = self._index.known(key, self._model).get(self._planted.path, {})
        found: list[File] = []
        for batch in walk([self._planted], stop=self._stop):
            if isinstance(batch, Folderful):
                found.extend(_file(batch, *one) for one in batch.entries)
        if not found:  # what it proved before is no proof of now
            self._index.drop_folders(key, [self._planted.path], now=int(self._clock_s()))
        return [one for one in found if anything_new or known.get(_name(one)) != (one.size, one.stamp)]

    def _judge(self, new: list[File], supply: Bytes) -> None:
        for one in self._index.pictures(at_least=LINKED):
            if one.result.fingerprint is not None and not is_planted(one.device):
                self._prints.add(one.result.fingerprint)
                self._since.append(one.first_seen)
        proven = True if self._planted is None else None
        keep = Keep(self._index, self._device, self._model, self._clock_s, proven=proven)
        self._marks = self._index.digests(self._device)
        done, known = 0, sum(not self._is_planted(one) for one in new)
        self._tick(Progress(done=0, known=known))
        crew = self._crew(known)
        try:
            for file, result, mark in self._results(crew, new, supply):
                if self._is_planted(file):
                    self._index.put(planted_key(self._device), [keep.row(file, result, mark, None)])
                    keep.prove(is_found(result))
                    continue
                self._count(result)
                keep.add(file, result, mark, self._first_seen(result))
                if mark is not None:
                    self._marks.add(mark)
                done += 1
                self._tick(Progress(done=done, known=known))
        finally:
            self.outcome.left = known - done
            keep.flush()

    def _results(self, crew: Reader, new: Iterable[File], supply: Bytes) -> Iterator[tuple[File, Result, bytes | None]]:
        """Each file with what became of it. Files whose head did not decide come again, whole, at the end."""
        first = _Round(self, supply)
        yield from first.run(crew, new, self._stop)
        again = _Round(self, _Whole(supply))
        yield from again.run(crew, first.undecided, self._stop)
        for file in again.undecided:
            yield file, Unread.FAILED, None

    def remembered(self, file: File, head: bytes | None) -> tuple[bytes | None, Result | None]:
        """The digest of a file, and what was found in the same contents; of the planted one, nothing is taken over."""
        mark = None if head is None else digest(self._index.key, file.size, head)
        if mark is None or mark not in self._marks or self._is_planted(file):
            return mark, None
        known = self._index.moved(self._device, mark, file, model=self._model)
        # Some forms are told by the name: what was no picture may be an X-ray once it is called one.
        return mark, None if known is Unread.NOT_A_PICTURE else known

    def _is_planted(self, file: File) -> bool:
        return self._planted is not None and file.place == self._planted

    def _count(self, result: Result) -> None:
        self.outcome.judged += 1
        if isinstance(result, Unread):
            self.outcome.unread[result] = self.outcome.unread.get(result, 0) + 1

    def _first_seen(self, result: Result) -> int | None:
        """A copy of a picture that was here before is as old as that, whatever its file says."""
        if not isinstance(result, Seen) or result.fingerprint is None:
            return None
        earlier = [self._since[place] for place in self._prints.add(result.fingerprint)]
        self._since.append(min(earlier, default=int(self._clock_s())))
        return min(earlier, default=None)


class _Round:
    """One way of files through the crew."""

    def __init__(self, scan: Scan, supply: Jobs) -> None:
        self._scan, self._supply = scan, supply
        self._sent: dict[int, tuple[File, bytes | None]] = {}
        self._settled: list[tuple[File, Result, bytes | None]] = []
        self.undecided: list[File] = []

    def run(
        self, crew: Reader, files: Iterable[File], stop: threading.Event
    ) -> Iterator[tuple[File, Result, bytes | None]]:
        for answer in crew.answers(self._jobs(files, stop)):
            yield from self._take_settled()
            file, mark = self._sent.pop(answer.number)
            if answer.result is None:
                self.undecided.append(file)
            else:
                yield file, answer.result, mark
        yield from self._take_settled()

    def _jobs(self, files: Iterable[File], stop: threading.Event) -> Iterator[Job]:
        for number, (file, job) in enumerate(self._supply.jobs(_until(files, stop))):
            if isinstance(job, Unread):
                self._settled.append((file, job, None))
                continue
            mark, known = self._scan.remembered(file, job.head)
            if known is not None:
                self._settled.append((file, known, mark))
                continue
            self._sent[number] = (file, mark)
            yield replace(job, number=number)

    def _take_settled(self) -> Iterator[tuple[File, Result, bytes | None]]:
        while self._settled:
            yield self._settled.pop()


class _Whole:
    """Supplies all of each file in place of its head."""

    def __init__(self, supply: Bytes) -> None:
        self._supply = supply

    def jobs(self, files: Iterable[File]) -> Iterator[tuple[File, Job | Unread]]:
        for file in files:
            data = self._supply.whole(file)
            if isinstance(data, Unread):
                yield file, data
            else:
                head = data[:HEAD_BYTES]
                yield (
                    file,
                    Job(number=0, name=_name(file), size=file.size, path=None, stamp=file.stamp, head=head, whole=data),
                )


class _Both:
    """The planted picture from this laptop's disk, all others from where they lie."""

    def __init__(self, supply: Supply, planted: Sequence[File]) -> None:
        self._supply = supply
        self._planted = planted

    def jobs(self, files: Iterable[File]) -> Iterator[tuple[File, Job | Unread]]:
        yield from FromDisk().jobs(self._planted)
        yield from self._supply.jobs(one for one in files if one not in self._planted)

    def whole(self, file: File) -> bytes | Unread:
        return self._supply.whole(file)


class FromDisk:
    """Files of this laptop: the head is read here for the digest, the rest by the worker."""

    whole_folders = True

    def absent(self, folders: Mapping[str, Sequence[str]]) -> Mapping[str, Sequence[str]]:
        """See Supply. A disk that was pulled out looks as if its files were gone: nothing is proven."""
        return {}

    def file(self, batch: Folderful, name: str, size: int, stamp: int) -> File:
        """See Supply."""
        return _file(batch, name, size, stamp)

    def jobs(self, files: Iterable[File]) -> Iterator[tuple[File, Job | Unread]]:
        """See Supply."""
        for file in files:
            try:
                head = DiskSource(file.path, file.size, file.stamp).head()
            except Unreadable as error:
                yield file, error.why
                continue
            yield file, Job(number=0, name=_name(file), size=file.size, path=file.path, stamp=file.stamp, head=head)

    def whole(self, file: File) -> bytes | Unread:
        """Never needed: the worker opens the file itself."""
        return Unread.FAILED


def _until(files: Iterable[File], stop: threading.Event) -> Iterator[File]:
    for file in files:
        if stop.is_set():
            return
        yield file


def _file(batch: Folderful, name: str, size: int, stamp: int) -> File:
    path = f"{batch.path.rstrip('/')}/{name}"
    return File(place=batch.place, path=path, size=size, stamp=stamp, modified_s=stamp // 10**9, hidden=batch.hidden)


def _name(file: File) -> str:
    return file.path.rpartition("/")[2]
