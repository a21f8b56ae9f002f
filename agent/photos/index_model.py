"""The nouns of the index of pictures: what is put in, what is kept, what is counted, what went wrong."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from agent.photos.image import Fingerprint, Result, Seen, Unread
from agent.photos.place import File
from checks.clinical_images.fact import Disposition, Folder, Group, Origin

LAPTOP = "laptop"
"""The device key of this laptop; a phone has its id."""
DUE = (-1, -1)
"""Stands for size and stamp of a file that is to be looked at again whatever they are: no file has them."""


class Trouble(StrEnum):
    """Why the index could not do what it was asked."""

    NO_SPACE = "no_space"
    READ_ONLY = "read_only"
    BUSY = "busy"
    """Another process held it for too long."""
    BROKEN_DISK = "broken_disk"
    DAMAGED = "damaged"
    """Met in the middle of the work, and an empty index started: what `known` said no longer holds."""
    GONE = "gone"
    """Another process removed it, or forgot a device: what `known` said no longer holds."""
    UNFIT = "unfit"
    """What was put in cannot be true: a score over 1, a text of megabytes."""


SAYS: Mapping[Trouble, str] = {
    Trouble.NO_SPACE: "The index of pictures could not be written: the disk is full.",
    Trouble.READ_ONLY: "The index of pictures could not be written: its folder is read-only or not your own.",
    Trouble.BUSY: "The index of pictures is held by another process.",
    Trouble.BROKEN_DISK: "The index of pictures could not be written or read: the disk reports an error.",
    Trouble.DAMAGED: "The index of pictures was damaged and has been started anew; the next scan fills it.",
    Trouble.GONE: "The index of pictures was removed while it was in use; the next scan starts anew.",
    Trouble.UNFIT: "A result does not fit into the index of pictures.",
}


class IndexTrouble(Exception):
    """Nothing was changed. The text is a fixed sentence: it names no file."""

    def __init__(self, reason: Trouble) -> None:
        super().__init__(SAYS[reason])
        self.reason = reason
        self.sentence = SAYS[reason]
        """For a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Put:
    """What became of one file."""

    file: File
    result: Result
    model: str
    """All that the judgement depends on: finder and version, and which readers were there."""
    digest: bytes | None
    """From Index.digest; None where the head could not be had or proves nothing."""
    now: int
    """Unix time, seconds."""
    first_seen: int | None = None
    """When the same picture in another form was first seen here, where the caller knows of one. Unix time, seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One picture that was judged."""

    id: int
    """Stands for these contents under this path: a file that becomes another gets another, and none comes back."""
    device: str
    file: File
    result: Seen
    model: str
    first_seen: int
    """Unix time, seconds."""
    disposition: Disposition


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewable:
    """One file that shows a picture, with all that a review of it goes by."""

    id: int
    """As of Kept."""
    device: str
    path: str
    """Absolute; holds surrogates where it is not UTF-8."""
    size: int
    stamp: int
    modified_s: int
    """Unix time, seconds; may be nonsense."""
    digest: bytes | None
    """As of Put."""
    folder: Folder
    origin: Origin
    disposition: Disposition
    first_seen: int
    """Unix time, seconds."""
    result: Seen


class Judged(NamedTuple):
    """One judged picture as the ledger knows it again. A tuple, as Row."""

    id: int
    device: str
    digest: bytes | None
    size: int
    modified_s: int
    disposition: Disposition
    fingerprint: Fingerprint | None


class Change(NamedTuple):
    """What a picture is to count as from now on, unless somebody said otherwise since `was` was read."""

    id: int
    was: Disposition
    becomes: Disposition
    at: int
    """When it was said. Unix time, seconds."""


class Row(NamedTuple):
    """One picture as the tallies need it. A tuple, for there are ten thousands of them in every scan."""

    folder: Folder
    origin: Origin
    group: Group
    score_percent: int
    """Rounded down, 0 to 100."""
    gps: bool
    disposition: Disposition
    modified_s: int
    """Unix time; may be nonsense."""
    first_seen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What the index holds of one device. Files that are no pictures are in none of it."""

    rows: tuple[Row, ...]
    """Pictures that reach the score asked for, one row each."""
    below: int
    """How many pictures do not reach it."""
    unread: Mapping[tuple[Folder, Unread], int]
    """Files that could not be judged, as far as the last look at each."""
    unread_documents: Mapping[Folder, int]
    """Pictures of pages whose words were not read, whatever their score; they are in `rows` or `below` too."""
    stale: int
    """Files of any sort that were last judged by another model: 0 after a scan that came to its end."""
    recordings: tuple[Row, ...] = ()
    """Sound that is likely speech, one row each, without a score."""
