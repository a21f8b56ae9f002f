"""Deletes files of one phone through adb: proven before, looked for afterwards, and never without the phone's word."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from agent.collect.adb.files import PhoneFiles
from agent.collect.adb.files import marked as words_of
from agent.collect.host import CollectError
from agent.photos.image import HEAD_BYTES, Unread
from agent.photos.index import digest
from agent.photos.phone_files import PhonePictures
from agent.photos.place import File, Place
from agent.photos.review.model import Copy, Marked, Removal, Removed
from agent.photos.review.phone_scripts import LOOK, MARK, RemovalScript, Step
from checks.evidence import Why

SPOT = re.compile(r"(/storage/(?:emulated/0|(?!emulated/|self/)[A-Za-z0-9_-]{1,64}))/[^\n\0]{1,4096}")
"""The part of the storage, and a file in it that can be told in a line. The list of pictures has no others: it counts
them as not readable, and they can be deleted on the phone only."""
ODD_PART = re.compile(r"/(?:\.{1,2})?(?:/|\Z)")
ANSWER_BYTES = 4096
ANSWER_S = 600.0
"""For the SHA-256 of a film from a slow memory."""
CLOCK_STEP_S = 2
"""Memory cards keep times in steps of two seconds."""
STAT = re.compile(
    rb"(?P<links>[0-9]{1,9}) (?P<size>[0-9]{1,18}) (?P<modified>-?[0-9]{1,12}) -?[0-9]{1,12} [0-9]{1,20} [0-9]{1,20} "
    rb"(?P<whole>[0-9a-f]{64}) (?P<head>[0-9a-f]{64})\n?"
)
TWINS = re.compile(rb"([0-9]{1,6}) ([0-9]{1,6})\n?")
THERE, READY, GONE, REMOVED, DONE = "there", "ready", "gone", "removed", "done"
SEEN = frozenset({THERE, "link", "other", "denied"})
"""What the phone says of a name under which something lies."""
SAYS: Mapping[str, Removal] = {
    "link": Removal.LINKED, "other": Removal.CHANGED, "changed": Removal.CHANGED, "denied": Removal.NOT_PERMITTED,
    "shut": Removal.NOT_PERMITTED, "readonly": Removal.READ_ONLY, "locked": Removal.PHONE_GONE,
    "out": Removal.PHONE_GONE, "failed": Removal.FAILED,
}  # fmt: skip
"""What it says in place of a deed."""
AWAY = frozenset({Why.DISCONNECTED, Why.OFFLINE, Why.NOT_AUTHORISED, Why.NOT_PERMITTED, Why.TOOL_MISSING})


@dataclass(slots=True)
class _Told:
    """How far one deletion came."""

    go: bool = False
    """The phone was told to delete, or may have been."""
    twins: int = 0
    left: int = 0


class PhoneRemover:
    """See Remover. One phone since one start of it; each call has a connection of its own."""

    def __init__(self, files: PhoneFiles, pictures: PhonePictures, *, release: int, key: bytes) -> None:
        """`release` is the API level; `key` the index's, for digests."""
        self._files, self._pictures = files, pictures
        self._remove_script = RemovalScript(step=Step.REMOVE, release=release)
        self._key = key

    def mark(self, copy: Copy) -> Marked | Removal:
        """See Remover."""
        spot = spot_of(copy)
        if spot is None:
            return Removal.FAILED
        if copy.device != self._pictures.device:
            return Removal.PHONE_GONE
        try:
            said, told = self._asked(MARK, spot)
            if said == GONE:
                return Removal.ALREADY_GONE if self._looked(spot) else Removal.FAILED
            if said != THERE:
                return SAYS.get(said, Removal.FAILED)
            return self._judged(copy, told)
        except CollectError as error:
            return _not_begun(error)

    def remove(self, marked: Marked) -> Removed:
        """See Remover."""
        spot = spot_of(marked.copy)
        if spot is None:
            return Removed(outcome=Removal.FAILED)
        if marked.copy.device != self._pictures.device:
            return Removed(outcome=Removal.PHONE_GONE)
        told = _Told()
        try:
            said = self._removed(marked.sha256, spot, told)
        except CollectError as error:
            if not told.go:
                return Removed(outcome=_not_begun(error))
            return Removed(outcome=Removal.GONE if self._looked(spot) else Removal.UNSURE)
        return Removed(outcome=self._settled(said, spot, told), twins=told.twins, left=told.left)

    def is_gone(self, marked: Marked) -> bool | None:
        """See Remover."""
        spot = spot_of(marked.copy)
        if spot is None or marked.copy.device != self._pictures.device:
            return None
        return self._looked(spot)

    def _judged(self, copy: Copy, told: bytes) -> Marked | Removal:
        """Whether what lies there is what was judged. Raises CollectError."""
        seen = STAT.fullmatch(told)
        if seen is None:
            return Removal.FAILED
        if int(seen["links"]) != 1:
            return Removal.LINKED
        size = int(seen["size"])
        if size != copy.size or not _of_its_time(copy, int(seen["modified"])):
            return Removal.CHANGED
        head = next((data for _, data in self._pictures.heads([file_of(copy)])), Unread.FAILED)
        if isinstance(head, Unread):
            return Removal.FAILED if head is Unread.FAILED else Removal.CHANGED
        same = hashlib.sha256(head).hexdigest().encode("ascii") == seen["head"]
        if not same or (copy.digest is not None and digest(self._key, size, head) != copy.digest):
            return Removal.CHANGED
        return Marked(copy=copy, sha256=bytes.fromhex(seen["whole"].decode("ascii")))

    def _asked(self, script: RemovalScript, spot: tuple[bytes, bytes]) -> tuple[str, bytes]:
        """(the word, what came before it) of a script that only looks. Raises CollectError."""
        with self._files.run(script) as (answer, chunks):
            answer.allow(ANSWER_S)
            answer.tell(b"%s\n%s\n" % spot)
            told, said = next(words_of(chunks, answer.marker, most=ANSWER_BYTES))
        return said, told

    def _looked(self, spot: tuple[bytes, bytes]) -> bool | None:
        """Whether it is gone; None where the phone can't tell now."""
        try:
            said, _ = self._asked(LOOK, spot)
        except CollectError:
            return None
        return True if said == GONE else False if said in SEEN else None

    def _removed(self, sha256: bytes, spot: tuple[bytes, bytes], told: _Told) -> str:
        """The phone's last word on the file. Raises CollectError."""
        with self._files.run(self._remove_script) as (answer, chunks):
            answer.allow(ANSWER_S)
            answer.tell(b"%s\n%s\n%s\n" % (sha256.hex().encode("ascii"), *spot))
            words = words_of(chunks, answer.marker, most=ANSWER_BYTES)
            _, said = next(words)
            if said != READY:
                return said
            told.go = True
            answer.tell(b"go\n")
            _, said = next(words)
            if said == REMOVED:
                told.twins, told.left = _twins(*next(words))
        return said

    def _settled(self, said: str, spot: tuple[bytes, bytes], told: _Told) -> Removal:
        """The outcome, once somebody has looked again: a phone's word that something is gone is not enough."""
        if not told.go and said != GONE:
            return SAYS.get(said, Removal.FAILED)
        match self._looked(spot):
            case True:
                return Removal.GONE if told.go else Removal.ALREADY_GONE
            case False:
                return SAYS.get(said, Removal.FAILED)
            case _:
                return Removal.UNSURE


def spot_of(copy: Copy) -> tuple[bytes, bytes] | None:
    """(the part of the storage, the file) as a phone is told them; None for a path that no listing of a phone gives."""
    found = SPOT.fullmatch(copy.path)
    if found is None or ODD_PART.search(copy.path):
        return None
    volume, path = (one.encode("utf-8", "surrogateescape") for one in (found[1], copy.path))
    return volume, path


def file_of(copy: Copy) -> File:
    """As the scan had it."""
    place = Place(folder=copy.folder, path=copy.path.rpartition("/")[0], origin=copy.origin)
    return File(place=place, path=copy.path, size=copy.size, stamp=copy.stamp, modified_s=copy.modified_s)


def _of_its_time(copy: Copy, modified_s: int) -> bool:
    """Where the digest does not tell all of the contents, the time of the last change must be what it was, too."""
    if copy.digest is not None and (copy.size <= HEAD_BYTES or copy.modified_s == 0):
        return True
    return copy.modified_s != 0 and abs(modified_s - copy.modified_s) <= CLOCK_STEP_S


def _twins(told: bytes, said: str) -> tuple[int, int]:
    """(gone, left) beside the file itself; nothing where the phone garbles it: the file is what counts."""
    found = TWINS.fullmatch(told)
    return (int(found[1]), int(found[2])) if found and said == DONE else (0, 0)


def _not_begun(error: CollectError) -> Removal:
    """Nothing was told to delete anything."""
    return Removal.PHONE_GONE if error.why in AWAY else Removal.FAILED
