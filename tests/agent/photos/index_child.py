"""A process of its own for tests of the index: does its work, and is killed or starved where it is told.

index_child.py kill FOLDER lines|steps    run the work in many children, each killed at a later point
index_child.py put FOLDER NAME COUNT      put files in, one commit each, as fast as it goes
index_child.py starve FOLDER BYTES        put files in under a file size limit until one is refused
"""

import json
import os
import resource
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

from index_parts import NOW, file, opened, put, row

from agent.photos.image import Unread
from agent.photos.index import LAPTOP, IndexTrouble

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


class Countdown:
    """Kills its own process at the n-th call; n = -1 only counts."""

    def __init__(self, n):
        self.calls = 0
        self._n = n

    def __call__(self):
        self.calls += 1
        if self.calls == self._n:
            os.kill(os.getpid(), signal.SIGKILL)
        return 0


def by_steps(folder, countdown):
    """Count the steps of SQLite's own machine."""

    def connect(path):
        db = sqlite3.connect(path, timeout=10, isolation_level=None)
        db.set_progress_handler(countdown, 1)
        return db

    work(folder, connect)


def by_lines(folder, countdown):
    """Count the lines of our own code."""
    ours = {module.__file__ for name, module in sys.modules.items() if name.startswith("agent.photos.index")}

    def trace(frame, event, _):
        if frame.f_code.co_filename not in ours:
            return None
        if event == "line":
            countdown()
        return trace

    sys.settrace(trace)
    try:
        work(folder)
    finally:
        sys.settrace(None)


def kill(folder, way):
    run = {"lines": by_lines, "steps": by_steps}[way]
    count = Countdown(-1)
    (folder / "whole").mkdir()
    run(folder / "whole", count)
    for point in range(POINTS):
        place = folder / f"{point:03}"
        place.mkdir()
        forked = os.fork()
        if forked == 0:
            run(place, Countdown(1 + point * count.calls // POINTS))
            os._exit(1)  # it was to be killed
        assert os.waitstatus_to_exitcode(os.waitpid(forked, 0)[1]) == -signal.SIGKILL
    print(count.calls)


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
    {"kill": kill, "put": put_many, "starve": starve}[task](Path(place), *rest)
