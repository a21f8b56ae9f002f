"""Files, results and an index for its tests."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from agent.photos.image import Fingerprint, Header, Medium, Seen, Stage
from agent.photos.index import LAPTOP, Index, Put
from agent.photos.place import File, Place
from checks.clinical_images.fact import Folder, Group, Origin

NOW = 1_795_000_000
DAY = 86400
MODEL = "finder 1"
KEY = bytes(range(32))
CAMERA = Place(folder=Folder.CAMERA, path="/home/ann/Pictures", origin=Origin.TAKEN)
HEADER = Header(
    medium=Medium.PHOTO, format="jpeg", taken_at="2026-11-01T08:30:00+10:00", camera=True, width=4, height=3
)
PRINT = Fingerprint(hashes=(0, 1, (1 << 64) - 1), embedding=bytes(range(96)))


def in_memory() -> Iterator[Path]:
    """A folder that flushes at once where the system has one, else a plain one."""
    memory = "/dev/shm"
    with tempfile.TemporaryDirectory(
        dir=memory if os.access(memory, os.W_OK) else None, prefix="scrubin-test-"
    ) as name:
        yield Path(name)


def opened(folder: Path, **changes) -> Index:
    return Index.open(folder, key=KEY, **changes)


def file(path: str = "/home/ann/Pictures/wound.jpg", **changes) -> File:
    values = {"place": CAMERA, "size": 3_000_000, "stamp": 5, "modified_s": NOW - 10 * DAY}
    return File(path=path, **{**values, **changes})


def seen(score: float = 0.9, **changes) -> Seen:
    values = {"header": HEADER, "stage": Stage.FULL, "label": "wound", "group": Group.BODY, "fingerprint": PRINT}
    return Seen(score=score, **{**values, **changes})


def row(one: File, result=None, **changes) -> Put:
    values = {"model": MODEL, "digest": None, "now": NOW, "result": seen() if result is None else result}
    return Put(file=one, **{**values, **changes})


def put(index: Index, one: File, result=None, *, device: str = LAPTOP, **changes) -> None:
    index.put(device, [row(one, result, **changes)])


def only(index: Index, path: str):
    """The one picture that is kept under a path."""
    [found] = [one for one in index.pictures(at_least=0) if one.file.path == path]
    return found
