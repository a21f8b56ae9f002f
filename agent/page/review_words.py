"""What the review says of a picture: how sure we are, when it was taken, how it came here, what each copy is."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from agent.commands.photos_table import looks_like
from agent.photos.image import Medium, Seen, Unread
from agent.photos.scan import Found
from checks.clinical_images.fact import Disposition, Folder, Origin
from checks.plurals import counted

STILL_HERE = "Its copies are still here: go on to delete them."
SAID: Mapping[Disposition, str] = {
    Disposition.IN_RECORD: "In the record",
    Disposition.FILED: "Filed",
    Disposition.FILED_BY_SENDER: "Sender has it",
    Disposition.OWN: "Not ours",
    Disposition.TEACHING: "Teaching",
    Disposition.NOT_CLINICAL: "Not clinical",
    Disposition.LEGAL_HOLD: "On hold",
}
SURE: tuple[tuple[float, str], ...] = ((0.95, "very likely"), (0.85, "likely"))
PERHAPS = "perhaps"
SMALLER = 0.8
"""A copy of less than this part of the largest one's bytes was made smaller."""
PARTS: Mapping[Medium, str] = {
    Medium.VIDEO: "This is one moment of a video: watch all of it on its device before you decide.",
    Medium.PAPER: "This is the first page: read all of them before you decide.",
}
NOT_SHOWN: Mapping[Unread, str] = {
    Unread.NOT_A_PICTURE: "the file is no picture any more",
    Unread.EMPTY: "the file is empty",
    Unread.BROKEN: "the file is damaged",
    Unread.TOO_LARGE: "the file is too large",
    Unread.TOO_MANY_PIXELS: "the picture is too large",
    Unread.NO_READER: "nothing here can open this kind of file",
    Unread.NOT_A_FILE: "it is no ordinary file",
    Unread.VANISHED: "the file is no longer there",
    Unread.CHANGED: "the file was changed since we looked",
    Unread.DENIED: "this account may not open the file",
    Unread.FAILED: "the disk or the phone reported a fault",
    Unread.TIMED_OUT: "it took too long to open",
    Unread.OUT_OF_MEMORY: "it needs too much memory",
    Unread.CRASHED: "opening it failed",
}


def title(seen: Seen) -> str:
    """Skin, close up"""
    text = looks_like(seen)
    return text[0].upper() + text[1:]


def sure(score: float) -> str:
    """How likely, in words: the number itself would look more exact than it is."""
    return next((word for least, word in SURE if score >= least), PERHAPS)


def copies(count: int) -> str:
    """1 copy, 3 copies"""
    return "1 copy" if count == 1 else f"{count} copies"


def pictures(count: int) -> str:
    """1 picture, 3 pictures"""
    return counted(count, "picture")


def age(hours: int | None) -> str:
    """22 hours, 9 days: days from the third on."""
    if hours is None:
        return "no date"
    return counted(hours, "hour") if hours <= 48 else counted(hours // 24, "day")


def taken(seen: Seen) -> str:
    """Thu 12 November 2026, 2:41 pm, by the file's own clock; "" where it has no date."""
    when = taken_at(seen)
    if when is None:
        return ""
    return f"{when:%a} {when.day} {when:%B %Y}, {when.hour % 12 or 12}:{when:%M} {'am' if when.hour < 12 else 'pm'}"


def taken_at(seen: Seen) -> datetime | None:
    """As the file says, in the zone in which it was taken."""
    try:
        return datetime.fromisoformat(seen.header.taken_at or "")
    except ValueError:
        return None


def came_from(copies: Sequence[Found]) -> tuple[str, str]:
    """How it came to be here, and what else became of it."""
    origins = {one.origin for one in copies}
    sent = "a copy was sent in a chat" if Origin.SENT in origins else ""
    if Origin.TAKEN in origins or any(one.result.header.camera for one in copies):
        return "A camera", sent
    if Origin.RECEIVED in origins:
        return "Received in a chat", sent
    return ("Sent in a chat", "") if sent else ("We can't tell", "")


def what(copy: Found, size: int, largest: int) -> str:
    """What sort of copy one file is."""
    kind = _kind(copy, size, largest)
    inside = [
        word for word, there in (("time", copy.result.header.taken_at), ("place", copy.result.header.gps)) if there
    ]
    return f"{kind}, with {' and '.join(inside)} inside" if inside else kind


def _kind(copy: Found, size: int, largest: int) -> str:
    if copy.place is Folder.THUMBNAILS:
        return "A small preview that a program made"
    if copy.place is Folder.TRASH:
        return "In the trash, which empties itself in time"
    if copy.result.header.medium is Medium.VIDEO:
        return "A video"
    if size < largest * SMALLER:
        return "Smaller, made when it was sent" if copy.origin is Origin.SENT else "Smaller or cropped"
    return "The original" if copy.result.header.camera else "Of full size"


def bytes_of(size: int) -> str:
    """3.1 MB, 212 kB"""
    if size < 1000:
        return f"{size} bytes"
    return f"{size / 1000:.0f} kB" if size < 1_000_000 else f"{size / 1_000_000:.1f} MB"


def listing(words: Sequence[str]) -> str:
    """Camera, Chats and Trash"""
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))
