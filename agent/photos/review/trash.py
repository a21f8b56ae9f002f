"""The note that a desktop's trash keeps beside each file: where it lay, and when it was deleted."""

import os
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from agent.photos.review.laptop_door import Door
from agent.photos.review.laptop_small import Took, read_small, take_small

HOME, SHARED, OWN = b"Trash", b".Trash", b".Trash-"
FILES, NOTES, NOTE_END = b"files", b"info", b".trashinfo"
FIRST_LINE = b"[Trash Info]"
PATH = b"Path="
MOST_NOTE = 64 << 10
DIGITS = 10
"""Of an account's number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A file that lies directly in a trash; what lies in a folder there has no note of its own."""

    note: bytes
    """Path of its note."""
    name: bytes
    top: bytes | None
    """The disk's folder that paths in the note start from; None in the trash of the home folder."""


def entry(path: bytes) -> Entry | None:
    """The trash entry that a path belongs to, by the standard's names alone."""
    *above, trash, files, name = (b"", b"", b"", *path.split(b"/"))
    if files != FILES or not name:
        return None
    note = b"/".join((*above[3:], trash, NOTES, name + NOTE_END))
    if trash == HOME:
        return Entry(note=note, name=name, top=None)
    if trash.startswith(OWN) and _is_account(trash.removeprefix(OWN)):
        return Entry(note=note, name=name, top=b"/".join(above[3:]))
    if above[-1] == SHARED and _is_account(trash):
        return Entry(note=note, name=name, top=b"/".join(above[3:-1]))
    return None


def lay_at(door: Door, one: Entry) -> bytes | None:
    """Where the file lay before it was deleted, an absolute path; None where its note doesn't say."""
    text = read_small(door, one.note, MOST_NOTE)
    if text is None or not text.startswith(FIRST_LINE):
        return None
    said = next((line for line in text.split(b"\n") if line.startswith(PATH)), PATH)
    path = unquote_to_bytes(said.removeprefix(PATH))
    if not path:
        return None
    return path if path.startswith(b"/") else os.path.join(one.top or b"/", path)


def take(door: Door, one: Entry) -> Took:
    """Delete the note of a file that is gone."""
    return take_small(door, one.note, lambda read: True if read(len(FIRST_LINE), 0) == FIRST_LINE else None)


def _is_account(text: bytes) -> bool:
    return text.isdigit() and len(text) <= DIGITS
