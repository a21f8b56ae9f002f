"""The nouns of the ledger: what the clinician said of a picture, a deletion that was begun, a line of the log."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from checks.clinical_images.fact import Disposition, Folder, Origin

REFERENCE_CHARACTERS = 200
REASON_CHARACTERS = 500


class Source(StrEnum):
    """Who said it."""

    PERSON = "person"
    RECORD_SYSTEM = "record_system"
    """It was asked, and the person let its answer stand."""


class Sender(StrEnum):
    """Whom a picture came from that somebody else filed."""

    SAME_PRACTICE = "same_practice"
    OTHER_PRACTICE = "other_practice"
    PATIENT = "patient"
    MISTAKE = "mistake"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What the clinician said of a picture. Its texts are their own words and stay on the laptop."""

    disposition: Disposition
    at: int
    """Unix time, seconds."""
    reference: str = ""
    """How the person finds it in the record. At most REFERENCE_CHARACTERS; what is longer is cut."""
    source: Source = Source.PERSON
    sender: Sender | None = None
    until: int | None = None
    """When teaching ends. Unix time, seconds."""
    reason: str = ""
    """At most REASON_CHARACTERS."""


class Event(StrEnum):
    """What a line of the log tells."""

    DELETION = "deletion"
    """How an attempt ended, `outcome` says how."""
    HOLD = "hold"
    LIFTED = "lifted"
    TEACHING = "teaching"
    """A copy without time, place and device was made to be kept."""
    ANEW = "anew"
    """The ledger was damaged, and the person began another. Lines before this one were carried over."""
    FORGOTTEN = "forgotten"
    """The person withdrew their consent: all but the log and the holds was removed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the log: no path, no name, no picture."""

    event: Event
    at: int
    """Unix time, seconds."""
    sha256: str = ""
    """Of the whole contents, hex; "" where the event is not about one file that was read."""
    device: str = ""
    """`laptop` or `phone`; never which."""
    place: str = ""
    """A Folder."""
    disposition: str = ""
    """What had been said of it."""
    outcome: str = ""
    """A Removal, or how one ended that was cut short; see ledger_log."""
    reference: str = ""
    pictures: int = 1
    """Files that the line is about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """A file that is about to be deleted: all that is needed to tell, after a power cut, whether it was."""

    id: int
    """The index's."""
    device: str
    path: str
    """Kept until the deletion has ended, and not longer. May hold surrogates."""
    size: int
    stamp: int
    modified_s: int
    digest: bytes | None
    folder: Folder
    origin: Origin
    sha256: bytes
    disposition: Disposition
    reference: str = ""


class Trouble(StrEnum):
    """Why the ledger could not do what it was asked."""

    NO_SPACE = "no_space"
    READ_ONLY = "read_only"
    BUSY = "busy"
    BROKEN_DISK = "broken_disk"
    DAMAGED = "damaged"
    """It, or the key beside it, is not what was written there. It stays so until the person begins another."""


SAYS: Mapping[Trouble, str] = {
    Trouble.NO_SPACE: "What you said of your pictures could not be kept: the disk is full.",
    Trouble.READ_ONLY: "What you said of your pictures could not be kept: its folder is read-only or not your own.",
    Trouble.BUSY: "What you said of your pictures is held by another process. Try again in a moment.",
    Trouble.BROKEN_DISK: "What you said of your pictures can't be written or read: the disk reports an error.",
    Trouble.DAMAGED: "What you said of your pictures is damaged. Nothing can be deleted until you begin anew, on your "
    "own page: scrubin page",
}


class LedgerTrouble(Exception):
    """Nothing was changed. The text is a fixed sentence: it names no file."""

    def __init__(self, reason: Trouble) -> None:
        super().__init__(SAYS[reason])
        self.reason = reason
        self.sentence = SAYS[reason]
        """For a person."""
