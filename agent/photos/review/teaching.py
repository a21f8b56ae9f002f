"""Where copies for teaching are kept: a folder of their own in the person's pictures, under names that say nothing."""

import contextlib
import os
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from agent.atomic import PRIVATE, write_atomic
from agent.photos.review.rules import ReviewRefusal, Why

FOLDER = "Teaching"
SUFFIX = re.compile(r"\.[a-z0-9]{1,5}")
MOST_A_DAY = 1000


@contextlib.contextmanager
def kept_copy(pictures: Path, data: bytes, suffix: str, day: date) -> Iterator[Path]:
    """The copy, on the disk; taken away again where the block fails. Raises ReviewRefusal NO_PLACE."""
    try:
        path = _reserved(pictures / FOLDER, suffix, day)
    except OSError:
        raise ReviewRefusal(Why.NO_PLACE) from None
    try:
        _fill(path, data)
        yield path
    except BaseException:  # a signal's KeyboardInterrupt too: no copy that nobody knows of
        path.unlink(missing_ok=True)
        raise


def _fill(path: Path, data: bytes) -> None:
    try:
        write_atomic(str(path), data)
    except OSError:
        raise ReviewRefusal(Why.NO_PLACE) from None


def _reserved(folder: Path, suffix: str, day: date) -> Path:
    """An empty file of ours under a name that nobody had, so none of the person's is written over. Raises OSError."""
    if not SUFFIX.fullmatch(suffix):
        raise ReviewRefusal(Why.NO_PLACE)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.is_symlink():  # it may lead into a folder that others read, or that is synced
        raise ReviewRefusal(Why.NO_PLACE)
    for number in range(1, MOST_A_DAY + 1):
        path = folder / f"teaching-{day.isoformat()}-{number}{suffix}"
        with contextlib.suppress(FileExistsError):
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, PRIVATE))
            return path
    raise ReviewRefusal(Why.NO_PLACE)
