"""The nouns of the review: one copy of a picture, what was proven of it, and what became of it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from checks.clinical_images.fact import Folder, Origin


class Removal(StrEnum):
    """What became of one copy that was to be deleted."""

    GONE = "gone"
    """Deleted, and looked for again."""
    ALREADY_GONE = "already_gone"
    """It was no longer there when its turn came."""
    REPLACED = "replaced"
    """Deleted; but when it was looked for again, another file had taken its name."""
    CHANGED = "changed"
    """What lies there now is not what the person was shown, so it was not touched."""
    LINKED = "linked"
    """A link, or a file with a second name elsewhere: deleting one name would leave the picture. Not touched."""
    ON_HOLD = "on_hold"
    NOT_PERMITTED = "not_permitted"
    READ_ONLY = "read_only"
    PHONE_GONE = "phone_gone"
    """Unplugged, locked, or another phone answered."""
    UNSURE = "unsure"
    """The connection broke in the middle, and nobody can say yet whether it is gone."""
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """One file that shows the picture, as the index has it."""

    id: int
    """The index's; it never comes to stand for another file."""
    device: str
    """The index's key: `laptop`, or a phone's id."""
    path: str
    """Absolute; holds surrogates where it is not UTF-8."""
    size: int
    stamp: int
    """As agent.photos.place.File."""
    modified_s: int
    digest: bytes | None
    """As agent.photos.index.digest gives for the index's key: what tells the contents that were judged."""
    folder: Folder
    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """A copy whose contents were proven to be those that were judged, and may be deleted as such."""

    copy: Copy
    sha256: bytes
    """Of all of it, 32 bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """What became of it."""

    outcome: Removal
    twins: int = 0
    """Small pictures and trash entries of it that went with it."""
    left: int = 0
    """Those that stayed, or may have: the picture itself is gone all the same."""


class Remover(Protocol):
    """One device's files. No method raises for what a file, a disk or a phone is like."""

    def mark(self, copy: Copy) -> Marked | Removal:
        """Prove that the file still holds what was judged, and take its SHA-256; else why not. Touches nothing."""

    def remove(self, marked: Marked) -> Removed:
        """Delete it, if it is still those very contents; look again; take its small pictures and trash entry along."""

    def is_gone(self, marked: Marked) -> bool | None:
        """After a power cut: whether it is gone. None where that can't be told now. Puts back what was half-way."""
