"""A process of its own that deletes a picture, or settles what a power cut left, and is killed at many points.

laptop_removal_child.py FOLDER remove|settle Watched|Old|Bare
"""

import os
import subprocess
import sys
from pathlib import Path

import laptop_removal_parts as parts
from laptop_removal_parts import files, marked, put, thumbnail

from agent.photos.review.laptop_hiding import hidden_name
from agent.photos.review.thumbnails import addresses
from tests.agent.killing import kill

ROOT = Path(__file__).parents[4]
POINTS = 200
"""More than there are calls, so that each is met."""


def child(*arguments):
    """Run this file in a process of its own."""
    argv = [sys.executable, __file__, *(str(one) for one in arguments)]
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environ)


def picture(place):
    """In the trash, where most goes with it."""
    return place / "Trash" / "files" / "wound.jpg"


def beside(place):
    """All that goes with it."""
    return [place / "Trash" / "info" / "wound.jpg.trashinfo", *(place / "thumbnails").rglob("*.png")]


def planted(place):
    put(picture(place))
    put(place / "Trash" / "info" / "wound.jpg.trashinfo", b"[Trash Info]\nPath=%s/wound.jpg\n" % os.fsencode(place))
    for path in (picture(place), place / "wound.jpg"):
        thumbnail(place / "thumbnails", addresses(os.fsencode(path))[0], size="large")


def remover(place, door=None):
    return files(door, thumbnails=[place / "thumbnails"])


def work(place, countdown, way, kind):
    planted(place)
    path = picture(place)
    door = getattr(parts, kind)(lambda name, count: countdown())
    if way == "remove":
        remover(place, door).remove(marked(path))
    else:
        path.rename(path.with_name(os.fsdecode(hidden_name(str(path)))))
        remover(place, door).is_gone(marked(path))


if __name__ == "__main__":
    folder, way, kind = sys.argv[1:]
    kill(lambda place, countdown: work(place, countdown, way, kind), Path(folder), POINTS)
