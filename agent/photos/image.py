"""What is known of one file that may hold a picture: how far it was looked at, what was seen, or why nothing was."""

from dataclasses import dataclass
from enum import StrEnum
from typing import BinaryIO, Protocol

from checks.clinical_images.fact import Group

HEAD_BYTES = 64 << 10
"""The first look reads so much: EXIF with its thumbnail fits into one JPEG segment, which holds no more."""


class Medium(StrEnum):
    """What sort of thing holds the picture."""

    PHOTO = "photo"
    VIDEO = "video"
    AUDIO = "audio"
    PAPER = "paper"
    """A PDF, of which the first pages count."""
    DICOM = "dicom"
    """Comes from an imaging system of a hospital: clinical whatever it shows."""


class Stage(StrEnum):
    """How far a file was looked at before its score was given."""

    HEADER = "header"
    """What the file says of itself; no pixel."""
    THUMBNAIL = "thumbnail"
    """The small picture that the camera put beside the large one."""
    FULL = "full"
    """The whole picture, or frames or pages of it."""
    TEXT = "text"
    """The whole picture and the words in it."""


class Unread(StrEnum):
    """Why a file was not judged. Every member but NOT_A_PICTURE leaves the scan incomplete."""

    NOT_A_PICTURE = "not_a_picture"
    """Of no form that holds pictures, sound or pages. It is left out of every count."""
    EMPTY = "empty"
    BROKEN = "broken"
    """Of a known form, and cut or garbled."""
    TOO_LARGE = "too_large"
    TOO_MANY_PIXELS = "too_many_pixels"
    NO_READER = "no_reader"
    """Of a known form whose library is not installed, or which it does not open (encrypted, a newer version)."""
    NOT_A_FILE = "not_a_file"
    """A pipe, a socket, a device."""
    VANISHED = "vanished"
    CHANGED = "changed"
    """It became another while it was read."""
    DENIED = "denied"
    FAILED = "failed"
    """The disk or the phone reported a fault."""
    TIMED_OUT = "timed_out"
    OUT_OF_MEMORY = "out_of_memory"
    CRASHED = "crashed"
    """The reading process died of it. It is not tried again until the file or the finder changes."""


class Words(StrEnum):
    """What the text of a page says."""

    NOT_ASKED = "not_asked"
    """The pixels do not look like a page."""
    UNREAD = "unread"
    """The pixels look like a page, and nothing that reads text is installed, or its time ran out."""
    CLINICAL = "clinical"
    ORDINARY = "ordinary"


class Unreadable(Exception):
    """A file that was not judged."""

    def __init__(self, why: Unread) -> None:
        super().__init__(why)
        self.why = why


class NeedsWhole(Exception):
    """The head does not decide, and whoever reads has no more than the head."""


class Source(Protocol):
    """The bytes of one file, wherever it lies."""

    @property
    def name(self) -> str:
        """The last part of its path: a hint, never a proof. May hold surrogates where it is not UTF-8."""

    @property
    def size(self) -> int:
        """Of the whole file, in bytes."""

    def head(self) -> bytes:
        """The first HEAD_BYTES, or all of a smaller file. Raises Unreadable."""

    def whole(self) -> BinaryIO:
        """All of it, seekable, at its start; closed by the source. Raises Unreadable, NeedsWhole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What a file says of itself, without its pixels."""

    medium: Medium
    format: str
    """Such as "jpeg": the name of the form, lower case."""
    taken_at: str | None = None
    """ISO 8601, to the second, with an offset only where the file has one; None where it has no date, or nonsense."""
    gps: bool = False
    """It says where it was taken. Where, is never read further."""
    camera: bool = False
    """It names the camera: so it was photographed, not received from a chat program, which strips that."""
    orientation: int = 1
    """EXIF orientation, 1 to 8; 1 where there is none."""
    width: int | None = None
    height: int | None = None
    """As stored, before the orientation is applied."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """What copies of one picture have in common. It stays on the laptop."""

    hashes: tuple[int, ...]
    """Perceptual hashes, 64 bits each; copies.py says of which part and turn each is."""
    embedding: bytes
    """What the network saw in it: EMBEDDING signed bytes, of unit length once divided by 127."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A file that was judged."""

    header: Header
    stage: Stage
    score: float
    """0..1, calibrated: how likely the picture was taken for clinical work."""
    label: str
    """The finder's word for it, such as "wound" or "pet"."""
    group: Group
    words: Words = Words.NOT_ASKED
    fingerprint: Fingerprint | None = None
    """Only of pictures that pass the low threshold: others need no map of their copies."""


Result = Seen | Unread
"""One file: judged, or why it was not."""
EMBEDDING = 96
