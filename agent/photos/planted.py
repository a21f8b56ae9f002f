"""The drawn clinical picture that every scan must find: else nobody knows that it would have found a real one."""

from pathlib import Path

from agent.photos.image import Result, Seen
from agent.photos.index import Index
from agent.photos.place import Place
from checks.clinical_images.fact import Folder

FOLDER = Path(__file__).parent / "planted"
"""Holds one picture, drawn by packaging/model/planted.py: an ECG on paper that belongs to nobody."""
FOUND = 0.8
"""The score that it must reach."""


def planted_place() -> Place:
    """Where it lies."""
    return Place(folder=Folder.OTHER, path=str(FOLDER))


def planted_key(device: str) -> str:
    """Under this key the index keeps the picture that every scan of the device must find."""
    return f"planted:{device}"


def is_planted(device: str) -> bool:
    """Whether the index keeps a planted picture under this key, and none of anybody's."""
    return device.startswith(planted_key(""))


def is_found(result: Result) -> bool:
    """Whether this is what a finder that works makes of it."""
    return isinstance(result, Seen) and result.score >= FOUND


def was_found(index: Index, device: str, model: str) -> bool:
    """Whether the finder of this name found it in the last scan of the device."""
    return any(one.model == model for one in index.pictures(planted_key(device), at_least=FOUND))
