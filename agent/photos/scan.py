"""Scans of this laptop, and of folders that were named: what the commands and the audit call."""

import os
import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path

from agent.collect.host import CollectError, Host
from agent.collect.linux.folders import within
from agent.photos.copies import groups
from agent.photos.copies_parted import NOTHING, Apart
from agent.photos.crew import Crew
from agent.photos.engine import FromDisk, Outcome, Progress, Reader, Scan
from agent.photos.image import Seen, Unread
from agent.photos.index import Index
from agent.photos.index_model import LAPTOP, Kept, Row
from agent.photos.index_schema import KEY_BYTES
from agent.photos.laptop_places import laptop_places
from agent.photos.ledger import Ledger
from agent.photos.ledger_keys import read_or_make
from agent.photos.ledger_model import LedgerTrouble
from agent.photos.ledger_parted import Parted
from agent.photos.ledger_store import is_there
from agent.photos.pace import Pace
from agent.photos.place import File, Place, Unlooked
from agent.photos.planted import is_planted, planted_place, was_found
from agent.photos.walk import Folderful, walk
from agent.photos.weights import Weights, examiner, name_of
from checks.clinical_images.fact import Disposition, Folder, Origin
from checks.evidence import Why

__all__ = ["Found", "Progress", "Scanned", "pictures", "recordings", "scan_folders", "scan_laptop"]
NEEDED = ("numpy", "onnxruntime", "PIL")
AT_ONCE = 20
"""So many new files are judged in seconds: nobody notices, and the clinician hears of them while they remember."""
BACKGROUND_S = 1500.0
"""A scan that has to give way for longer ends, and the next goes on where it did."""
WORKERS = 2
"""More bring nothing on the two cores of a small laptop, and each takes its memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One picture that was judged."""

    id: int
    path: str
    """Absolute; holds surrogates where it is not UTF-8."""
    place: Folder
    result: Seen
    device: str
    first_seen: int
    """Unix time, seconds."""
    modified_s: int
    """Unix time, seconds; may be nonsense."""
    origin: Origin = Origin.UNKNOWN
    disposition: Disposition = Disposition.NONE
    copies: tuple[int, ...] = ()
    """Ids of the pictures that show the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanned:
    """What one scan of named folders came to."""

    images: tuple[Found, ...]
    unread: Counter[Unread]
    gaps: tuple[Unlooked, ...]
    model: str
    complete: bool
    seconds: float
    proven: bool
    """The planted picture was found on the way."""


@contextmanager
def finder(weights: Weights, *, background: bool, stop: threading.Event) -> Iterator[Callable[[int], Reader]]:
    """What starts a crew for so many files, when first asked; it ends with the block. Raises CollectError TOOL_MISSING.

    In the background a crew gives way to all other work, but for a few files, which are judged as soon as they come.
    """
    if any(find_spec(one) is None for one in NEEDED):
        raise CollectError(Why.TOOL_MISSING, "the picture finder is not installed")
    with ExitStack() as after:

        def start(files: int) -> Reader:
            patient = background and files > AT_ONCE
            pace = Pace(background=patient, budget_s=BACKGROUND_S)
            return after.enter_context(Crew(weights, workers=1 if background else WORKERS, stop=stop, pace=pace))

        yield start


def scan_folders(
    dirs: Sequence[str], *, known: Sequence[Place] = (), weights: Weights, stop: threading.Event,
    tick: Callable[[Progress], None],
) -> Scanned:  # fmt: skip
    """Look through these folders, keep nothing. Raises CollectError, CrewError.

    `known`: the laptop's own places, by which each picture is told what sort of place it lies in.
    """
    began = time.monotonic()
    places = named_places(dirs, known)
    with (
        Index.in_memory(key=secrets.token_bytes(KEY_BYTES)) as index,
        finder(weights, background=False, stop=stop) as crew,
    ):
        outcome = run(index, places, (), weights=weights, crew=crew, stop=stop, tick=tick)
        images = _with_copies(index.pictures(LAPTOP, at_least=0.0))
        proven = was_found(index, LAPTOP, examiner(weights))
    return Scanned(
        images=tuple(images),
        unread=Counter(outcome.unread),
        gaps=tuple(outcome.gaps),
        model=name_of(weights),
        complete=outcome.complete,
        seconds=time.monotonic() - began,
        proven=proven,
    )


def named_places(dirs: Sequence[str], known: Sequence[Place]) -> list[Place]:
    """The folders that were named, each of the sort of the known place that it lies in, and the known ones in them."""
    named = [replace(_around(one, known), path=one, named=True) for one in dirs]
    inner = [one for one in known if one.path not in dirs and any(within(one.path, top) for top in dirs)]
    return [*named, *(replace(one, named=False) for one in inner)]


def _around(folder: str, known: Sequence[Place]) -> Place:
    """The innermost known place that holds a folder; one of no sort where none does."""
    holding = [one for one in known if within(folder, one.path)]
    return max(holding, key=lambda one: len(one.path), default=Place(folder=Folder.OTHER, path=folder))


def scan_laptop(
    host: Host, index: Index, *, extra: Sequence[str], weights: Weights, background: bool, stop: threading.Event,
    tick: Callable[[Progress], None],
) -> tuple[Outcome, tuple[Place, ...]]:  # fmt: skip
    """Look through this laptop's places; results go into the index. Raises CollectError, CrewError, IndexTrouble."""
    places, unlooked = laptop_places(host, extra)
    with finder(weights, background=background, stop=stop) as crew:
        index.settle(LAPTOP, places)  # a folder may have become a sync root since
        return run(index, places, unlooked, weights=weights, crew=crew, stop=stop, tick=tick), places


def glance_laptop(
    host: Host, index: Index, folders: Sequence[str], *, extra: Sequence[str], weights: Weights, stop: threading.Event
) -> int:
    """Judge what came last directly into these folders, as far as they lie in this laptop's places; how many files.

    For a moment in which a whole scan would take too long. Raises CollectError, CrewError, IndexTrouble.
    """
    places, _ = laptop_places(host, extra)
    with finder(weights, background=True, stop=stop) as crew:
        scan = Scan(device=LAPTOP, index=index, model=examiner(weights), crew=crew, stop=stop, planted=planted_place())
        return scan.glance(_listed(folders, places, stop), FromDisk(), newest=newest)


def _listed(folders: Sequence[str], places: Sequence[Place], stop: threading.Event) -> Iterator[Folderful]:
    for folder in dict.fromkeys(os.path.realpath(one) for one in folders):
        holding = [one for one in places if within(folder, one.path)]
        if holding:
            inner = max(holding, key=lambda one: len(one.path))
            for batch in walk([replace(inner, path=folder)], stop=stop):
                if isinstance(batch, Folderful) and batch.path == folder:
                    yield replace(batch, place=inner)
                break  # what lies further below is named by itself


def newest(files: Sequence[File]) -> list[File]:
    """Those that came last to where they are, whatever their own dates say: few enough to be judged in seconds."""
    return sorted(files, key=lambda one: -_came_ns(one))[:AT_ONCE]


def _came_ns(file: File) -> int:
    try:
        return os.lstat(file.path).st_ctime_ns
    except OSError:  # it went meanwhile
        return 0


def run(
    index: Index, places: Sequence[Place], unlooked: Iterable[Unlooked], *, weights: Weights,
    crew: Callable[[int], Reader], stop: threading.Event, tick: Callable[[Progress], None],
) -> Outcome:  # fmt: skip
    """One scan with its planted picture among the places."""
    scan = Scan(
        device=LAPTOP, index=index, model=examiner(weights), crew=crew, stop=stop, tick=tick, planted=planted_place()
    )
    scan.outcome.gaps.extend(unlooked)
    return scan.run(walk(places, stop=stop), FromDisk())


def open_index(folder: Path) -> Index:
    """The index in this folder, made where there is none. Raises IndexTrouble."""
    return Index.open(folder, key=_key(folder))


def _key(folder: Path) -> bytes:
    """For a new index: the ledger's, so that what it remembers by digests is known again."""
    try:
        return read_or_make(folder, secrets.token_bytes).digest_key
    except (LedgerTrouble, OSError):  # whoever opens the ledger is told; until then fingerprints tell pictures apart
        return secrets.token_bytes(KEY_BYTES)


def pictures(folder: Path, device: str | None = None, *, at_least: float, apart: Apart | None = None) -> list[Found]:
    """What the index holds, with copies over all devices. Raises IndexTrouble.

    `apart`: by id, the ids that the person said are another picture; None: as far as the ledger can be read.
    """
    with open_index(folder) as index:
        known = _apart(folder, index) if apart is None else apart
        found = _with_copies((one for one in index.pictures(at_least=at_least) if not is_planted(one.device)), known)
    return [one for one in found if device in (None, one.device)]


def recordings(folder: Path) -> Mapping[str, Sequence[Row]]:
    """By device, sound that a scan met and that is likely speech, to which it cannot listen. Raises IndexTrouble."""
    with open_index(folder) as index:
        return index.recordings()


def _apart(folder: Path, index: Index) -> Apart:
    """Where the ledger is damaged, copies are listed by their looks alone: whoever decides by it is told then."""
    try:
        return parted_in(folder).apart(index.judged)
    except LedgerTrouble:
        return NOTHING


def parted_in(folder: Path) -> Parted:
    """What the person set apart. Raises LedgerTrouble."""
    if not is_there(folder):
        return Parted()
    with Ledger.open(folder, randomness=secrets.token_bytes) as ledger:
        return ledger.parted()


def _with_copies(kept: Iterable[Kept], apart: Apart = NOTHING) -> list[Found]:
    found = [_found(one) for one in kept]
    prints = [(one.id, one.result.fingerprint) for one in found]
    printed = [(number, mark) for number, mark in prints if mark is not None]
    same: dict[int, tuple[int, ...]] = {}
    for members in groups([mark for _, mark in printed], _by_place([number for number, _ in printed], apart)):
        ids = tuple(printed[place][0] for place in members)
        same.update({one: tuple(other for other in ids if other != one) for one in ids})
    return [replace(one, copies=same.get(one.id, ())) for one in found]


def _by_place(ids: Sequence[int], apart: Apart) -> Apart:
    """What is said of ids, said of their places among these."""
    places = {id: place for place, id in enumerate(ids)}
    return {
        places[id]: frozenset(places[one] for one in others & places.keys())
        for id, others in apart.items()
        if id in places
    }


def _found(one: Kept) -> Found:
    return Found(
        id=one.id,
        path=one.file.path,
        place=one.file.place.folder,
        result=one.result,
        device=one.device,
        first_seen=one.first_seen,
        modified_s=one.file.modified_s,
        origin=one.file.place.origin,
        disposition=one.disposition,
    )
