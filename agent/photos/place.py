"""Where pictures lie, and the files that were found there."""

from dataclasses import dataclass

from checks.clinical_images.fact import Folder, Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One folder that is looked through with all that lies in it, but for other places within it."""

    folder: Folder
    path: str
    """Absolute, every link followed. Names that are not UTF-8 hold surrogates (os.fsdecode)."""
    origin: Origin = Origin.UNKNOWN
    named: bool = False
    """The person or the practice asked for it by name: that it is missing is a gap, not an answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """One regular file of a place, not yet opened."""

    place: Place
    path: str
    """Absolute; surrogates as above."""
    size: int
    stamp: int
    """Changes with the file: mtime in nanoseconds on a laptop, MediaStore's generation or mtime on a phone."""
    modified_s: int
    """Unix time of its last change, seconds; may be nonsense."""
    hidden: bool = False
    """In a dot folder, or one with .nomedia: no gallery shows it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlooked:
    """Something in a place that could not be looked into."""

    place: Place
    why: str
    """A checks.evidence.Why."""
    path: str = ""
    """The spot; "" for the place as a whole."""
    count: int | None = None
    """Files, where they could be counted."""
