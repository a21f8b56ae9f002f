"""A process of its own for tests of the index: does its work, and is killed or starved where it is told.

index_child.py kill FOLDER lines|steps    run the work in many children, each killed at a later point
index_child.py put FOLDER NAME COUNT      put files in, one commit each, as fast as it goes
index_child.py starve FOLDER BYTES        put files in under a file size limit until one is refused
"""

import json
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

from index_parts import NOW, file, opened, put, row

from agent.photos.image import Unread
from agent.photos.index import LAPTOP, IndexTrouble
from tests.agent.killing import by_lines, by_steps, kill

ROOT = Path(__file__).parents[3]
POINTS = 80
BATCH = 5


def child(*arguments):
    """Run this file in a process of its own."""
    argv = [sys.executable, __file__, *(str(one) for one in arguments)]
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environ)


def batch(number):
    """Rows that are put in together, one of them a file whose contents change with each batch."""
    rows = [row(file(f"/{number}/{one}"), digest=bytes([number, one]) * 8) for one in range(BATCH)]
    return [*rows, row(file("/changing", stamp=number, size=number), Unread.BROKEN, digest=bytes([number]) * 16)]


def work(folder, connect=None):
    """Fill an index, take some out and begin again, noting each batch once it is in."""
    noted = os.open(folder / "noted", os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    for first in (0, 3):
        with opened(folder / "photos", connect=connect) as index:
            for number in range(first, first + 3):
                index.put(LAPTOP, batch(number))
                os.write(noted, b"%d\n" % number)
            index.drop_folders(LAPTOP, ["/0"], now=NOW)


def kill_work(folder, way):
    runs = {
        "lines": lambda place, countdown: by_lines(work, place, countdown, ("agent.photos.index",)),
        "steps": lambda place, countdown: by_steps(work, place, countdown),
    }
    kill(runs[way], folder, POINTS)


def put_many(folder, name, count):
    with opened(folder) as index:
        for number in range(int(count)):
            put(index, file(f"/{name}/{number}"), digest=b"%16d" % number)


def starve(folder, limit):
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), int(limit)))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    number = 0
    with opened(folder) as index:
        try:
            while True:
                put(index, file(f"/{number}/{'x' * 200}"))
                number += 1
        except IndexTrouble as trouble:
            print(json.dumps([number, trouble.reason, len(list(index.pictures(at_least=0)))]))


if __name__ == "__main__":
    task, place, *rest = sys.argv[1:]
    {"kill": kill_work, "put": put_many, "starve": starve}[task](Path(place), *rest)
