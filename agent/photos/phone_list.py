"""Lists the pictures on a phone: what its media store knows, and what that leaves out."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from agent.collect.adb.files import PhoneFiles, Until, marked, records, resumed
from agent.collect.android import profiles
from agent.collect.android.media import NONE, Media, rows
from agent.collect.android.picture_scripts import COLLECTIONS, PEOPLE, Kind, PictureScript, columns
from agent.collect.host import CollectError
from agent.photos.phone_places import OWN, place_of
from agent.photos.place import File, Place, Unlooked
from checks.clinical_images.fact import Folder, Origin
from checks.evidence import Why

MOST_FILES = 100_000
"""Of one phone. The fullest ones have some 60,000."""
PEOPLE_BYTES = 64 << 10
FOUND = re.compile(rb"F ([0-9]{1,18}) (-?[0-9]{1,12}) (/storage/.+)", re.DOTALL)
PENDING = re.compile(r"\.pending-[0-9]+-")
NO_PICTURES = re.compile(
    r"\.(?:json|xml|txt|log|html?|css|js|apk|so|ttf|otf|db|sqlite|db-(?:wal|shm|journal)|crypt[0-9]*)\Z", re.IGNORECASE
)
"""What apps keep by the thousand in hidden folders, and what no camera or chat program calls a picture."""
PATH = re.compile(rb"/storage/[^\n\0]+")
"""One that can be written as a line."""
LONGEST_PATH = 4096
MOST_NUMBER = (1 << 62) - 1
LOST = frozenset({Why.DISCONNECTED, Why.STOPPED, Why.OFFLINE, Why.NOT_AUTHORISED, Why.NOT_PERMITTED, Why.TOOL_MISSING})
"""Reasons for which no other list would come, either."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    path: bytes
    size: int
    modified_s: int
    stamp: int
    owner: str | None = None
    hidden: bool = False
    pending: bool = False


class _TooMany(Exception):
    """More files than are looked at."""


class PhoneList:
    """One listing of one phone."""

    def __init__(self, phone: PhoneFiles, *, release: int, most: int = MOST_FILES) -> None:
        """`release` is the API level, such as 34; `most` files are listed."""
        self._phone = phone
        self._release = release
        self._most = most
        self._seen: set[bytes] = set()
        self._not_seen: set[Unlooked] = set()
        self._places: dict[tuple[str, Folder, Origin], Place] = {}
        self._collection = ""
        self._after = 0
        """Rows of the collection up to this id were seen."""
        self._pending = 0
        self._odd = 0
        self._ended: set[str] = set()
        """Collections of the media store that were listed to their end."""
        self.volumes: list[str] = []
        """Parts of the storage that were searched, such as /storage/emulated/0: a card that is out is none of them."""

    @property
    def lists_all_media(self) -> bool:
        """What the media store knows came, all of it: a file that did not come is one that it does not know."""
        return self._ended == set(COLLECTIONS) and len(self._seen) < self._most

    def files(self) -> Iterator[File | Unlooked]:
        """Every file once. Raises CollectError where the phone is gone or not unlocked: what came before is good."""
        try:
            yield from self._people()
            for collection in COLLECTIONS:
                yield from self._whole(partial(self._rows, collection))
            yield from self._whole(self._skipped)
        except _TooMany:
            yield _unlooked(OWN, Why.TOO_LARGE)
        if self._pending:  # still being written
            yield _unlooked(OWN, Why.NOT_ASKED, self._pending)
        if self._odd:
            yield _unlooked(OWN, Why.UNREADABLE, self._odd)

    def _people(self) -> Iterator[Unlooked]:
        """Parts of the phone that are other people's, or apart from the rest."""
        text = "".join(resumed(self._asked_people))
        if not text.startswith("open\n"):
            raise CollectError(Why.NOT_UNLOCKED_YET, "the phone's storage is not there")
        try:
            users = profiles.parse_listed(text)
        except CollectError as error:
            yield _unlooked("/storage/emulated", error.why)
            return
        yield from (_unlooked(f"/storage/emulated/{one}", Why.OTHER_PROFILE) for one in users if one != profiles.OWNER)

    def _asked_people(self) -> Iterator[str]:
        with self._phone.run(PEOPLE) as (answer, chunks):
            text, _ = next(marked(chunks, answer.marker, most=PEOPLE_BYTES))
        yield text.decode("utf-8", "replace")

    def _whole(self, look: Callable[[], Iterator[File | Unlooked]]) -> Iterator[File | Unlooked]:
        """A list that the phone refuses or garbles is said to be missing, and the others are good."""
        try:
            yield from resumed(look)
        except CollectError as error:
            if error.why in LOST:
                raise
            yield _unlooked(OWN, error.why)

    def _rows(self, collection: str) -> Iterator[File]:
        if collection != self._collection:
            self._collection, self._after = collection, 0
        script = PictureScript(kind=Kind.MEDIA, release=self._release, collection=collection, after=self._after)
        with self._phone.run(script) as (answer, chunks):
            said = Until(chunks, answer.marker)
            for one in rows(said, columns(self._release)):
                self._after = max(self._after, one.id)
                yield from self._new(_stored(one))
        if said.ending != "0" or not said.head.startswith((b"Row: ", NONE)):
            raise CollectError(Why.TOOL_FAILED, "the media store complains")
        self._ended.add(collection)

    def _skipped(self) -> Iterator[File | Unlooked]:
        volumes: list[str] = []
        ended = 0
        hidden = False
        with self._phone.run(PictureScript(kind=Kind.SKIPPED, release=self._release)) as (answer, chunks):
            for one in records(chunks, answer.marker):
                match one[:1]:
                    case b"V":
                        volumes.append(_text(one[2:]).rstrip("\n"))
                        hidden = False
                    case b"N" | b"A":
                        hidden = True
                    case b"F":
                        yield from self._new(_found(one, hidden=hidden))
                    case b"D":
                        ended += 1
                        yield from self._complained(volumes, one[2:])
        self.volumes = volumes
        if OWN not in volumes:
            raise CollectError(Why.NOT_FOUND, "the phone's own storage")
        if ended != len(volumes):
            raise CollectError(Why.TOOL_FAILED, "a search that did not end")

    def _complained(self, volumes: Sequence[str], count: bytes) -> Iterator[Unlooked]:
        gap = _unlooked(volumes[-1] if volumes else OWN, Why.UNREADABLE)
        if count.strip() != b"0" and gap not in self._not_seen:
            self._not_seen.add(gap)
            yield gap

    def _new(self, row: _Row) -> Iterator[File]:
        """Nothing for one that was seen, and for one that is counted only. Raises _TooMany."""
        if row.path in self._seen:
            return
        if len(self._seen) >= self._most:
            raise _TooMany
        self._seen.add(row.path)
        name = _text(row.path.rpartition(b"/")[2])
        if row.pending or PENDING.match(name):
            self._pending += 1
        elif not PATH.fullmatch(row.path) or len(row.path) > LONGEST_PATH or b"/../" in row.path:
            self._odd += 1
        elif not (row.owner is None and NO_PICTURES.search(name)):
            yield self._file(row, _text(row.path))

    def _file(self, row: _Row, path: str) -> File:
        folder, origin, hidden = place_of(path, row.owner)
        where = path.rpartition("/")[0]
        place = self._places.setdefault((where, folder, origin), Place(folder=folder, path=where, origin=origin))
        return File(
            place=place, path=path, size=row.size, stamp=row.stamp, modified_s=row.modified_s,
            hidden=hidden or row.hidden,
        )  # fmt: skip


def _stored(one: Media) -> _Row:
    modified_s = _bounded(one.modified_s)
    return _Row(
        path=one.path, size=_bounded(one.size_bytes), modified_s=modified_s,
        stamp=modified_s if one.generation is None else _bounded(one.generation),
        owner=one.owner, pending=bool(one.pending),
    )  # fmt: skip


def _found(record: bytes, *, hidden: bool) -> _Row:
    found = FOUND.fullmatch(record.removesuffix(b"\n"))
    if found is None:
        raise CollectError(Why.UNPARSABLE, "a file of another form")
    modified_s = _bounded(int(found[2]))
    return _Row(path=found[3], size=_bounded(int(found[1])), modified_s=modified_s, stamp=modified_s, hidden=hidden)


def _bounded(number: int | None) -> int:
    """What a database can hold."""
    return max(0, min(number or 0, MOST_NUMBER))


def _text(name: bytes) -> str:
    return name.decode("utf-8", "surrogateescape")


def _unlooked(path: str, why: Why, count: int | None = None) -> Unlooked:
    return Unlooked(place=Place(folder=Folder.OTHER, path=path), why=why, count=count)
