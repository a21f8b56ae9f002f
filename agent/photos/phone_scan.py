"""A scan of one phone: its own list in place of a walk, the first bytes of new files in one stream, few files whole."""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from agent.photos.crew import Job
from agent.photos.engine import Outcome, Progress, Scan
from agent.photos.image import Unread
from agent.photos.index import Index
from agent.photos.phone_files import PhonePictures
from agent.photos.place import File, Place, Unlooked
from agent.photos.planted import planted_place
from agent.photos.scan import finder
from agent.photos.walk import Folderful
from agent.photos.weights import Weights, examiner

MOST_WHOLE_BYTES = 64 << 20
"""Larger files of a phone are not fetched whole: they count as not judged."""


class FromPhone:
    """Lists a phone's files by folder, and fetches their bytes into memory."""

    whole_folders = False

    def __init__(self, phone: PhonePictures) -> None:
        self._phone = phone
        self._files: dict[str, File] = {}
        self.places: set[Place] = set()
        """Every place that held something; those of one folder may differ: a file in the trash stays where it was."""

    def listed(self) -> Iterator[Folderful | Unlooked]:
        """All folders with what lies in them. Raises CollectError."""
        folders: dict[str, list[File]] = {}
        for one in self._phone.listing():
            if isinstance(one, Unlooked):
                yield one
                continue
            if one.path not in self._files:  # two rows may name one file: it counts once
                self._files[one.path] = one
                self.places.add(one.place)
                folders.setdefault(one.path.rpartition("/")[0], []).append(one)
        for path, files in folders.items():
            entries = [(one.path.rpartition("/")[2], one.size, one.stamp) for one in files]
            yield Folderful(place=files[0].place, path=path, hidden=files[0].hidden, entries=entries)

    def file(self, batch: Folderful, name: str, size: int, stamp: int) -> File:
        """See Supply."""
        return self._files[f"{batch.path}/{name}"]

    def absent(self, folders: Mapping[str, Sequence[str]]) -> Mapping[str, list[str]]:
        """See Supply. Raises CollectError."""
        paths = [f"{folder}/{name}" for folder, names in folders.items() for name in names]
        found: dict[str, list[str]] = {}
        for path in sorted(self._phone.gone(paths)):
            folder, _, name = path.rpartition("/")
            found.setdefault(folder, []).append(name)
        return found

    def jobs(self, files: Iterable[File]) -> Iterator[tuple[File, Job | Unread]]:
        """See Supply. Raises CollectError where the phone went away for good."""
        for file, head in self._phone.heads(files):
            if isinstance(head, Unread):
                yield file, head
            else:
                name = file.path.rpartition("/")[2]
                yield file, Job(number=0, name=name, size=file.size, path=None, stamp=file.stamp, head=head)

    def whole(self, file: File) -> bytes | Unread:
        """See Supply. Raises CollectError."""
        return self._phone.whole(file, most=MOST_WHOLE_BYTES)


def scan_phone(
    phone: PhonePictures, device: str, index: Index, *, weights: Weights, background: bool, stop: threading.Event,
    tick: Callable[[Progress], None],
) -> tuple[Outcome, tuple[Place, ...]]:  # fmt: skip
    """Look through a phone; results go into the index. Raises CollectError, CrewError, IndexTrouble."""
    supply = FromPhone(phone)
    with finder(weights, background=background, stop=stop) as crew:
        outcome = Scan(
            device=device, index=index, model=examiner(weights), crew=crew, stop=stop, tick=tick,
            planted=planted_place(),
        ).run(supply.listed(), supply)  # fmt: skip
    return outcome, tuple(supply.places)
