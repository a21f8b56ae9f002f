"""What the darkroom is given, what it hands out, and why it may have nothing to hand out."""

from dataclasses import dataclass
from enum import StrEnum

from agent.photos.image import Unread

MOST_HELD = 64 << 20
"""Bytes of a phone's picture, which travels through memory."""
MOST_STRIPPED = 256 << 20
"""Bytes of a stripped copy, which is made in memory."""
LONGEST_PX = 960
BLURRED_FROM_PX = 24
"""What a blurred picture is made from. No letter and no face can be won back from so few dots."""
MOST_SHOWN_BYTES = 2 << 20
"""Of one JPEG that a page shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OnLaptop:
    """A file of this laptop, which the confined process opens itself, and only while it is still that file."""

    path: str
    size: int
    stamp: int
    """Its mtime in nanoseconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A phone's picture, in memory."""

    name: str
    data: bytes
    """At most MOST_HELD."""


Shot = OnLaptop | Held


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """One picture as a page shows it: upright, in sRGB, without a word of metadata."""

    clear: bytes
    """A JPEG, its longer side at most LONGEST_PX."""
    blurred: bytes
    """A JPEG of the same sides, made from BLURRED_FROM_PX."""
    width: int
    """Of both JPEGs, in pixels."""
    height: int
    sha256: bytes
    """Of the whole file that is shown."""


class Trace(StrEnum):
    """What a file tells beside its picture."""

    TIME = "time"
    PLACE = "place"
    DEVICE = "device"
    """The make and model of what took it."""
    SERIAL = "serial"
    NAMES = "names"
    """People, captions, comments: whatever somebody may have typed."""
    PREVIEW = "preview"
    """A small or second copy of the picture, which may show what was cropped away."""
    MAKER_NOTES = "maker_notes"
    XMP = "xmp"
    SOUND = "sound"
    """Voices name patients."""
    COLOUR_PROFILE = "colour_profile"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stripped:
    """A copy without metadata, read a second time and found empty."""

    data: bytes
    suffix: str
    """Such as ".jpg": the copy may be of another form than the original."""
    removed: tuple[Trace, ...]
    """What the original told and the copy does not, each once, in the order of Trace."""


class DarkroomError(Exception):
    """There is no preview or no copy of this file. Others may do."""

    def __init__(self, why: Unread) -> None:
        super().__init__(why)
        self.why = why
