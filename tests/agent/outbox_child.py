"""A process of its own for outbox tests: does its work, and is killed or starved where it is told.

outbox_child.py kill FOLDER lines|steps    run the work in many children, each killed at a later point
outbox_child.py starve FOLDER BYTES        put reports in under a file size limit until one is refused
outbox_child.py put FOLDER FIRST COUNT     put reports in as fast as it goes
"""

import json
import os
import resource
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

from outbox_parts import NOON, PHONE, outbox, parcel

from agent import atomic
from agent.outbox_model import OutboxError

ROOT = Path(__file__).parents[2]
POINTS = 100
LIMIT = 4200
"""Small enough for the work to purge and to fold."""
WORK = (("pp", None), ("fp", None), ("fp", None), ("pf", PHONE), ("pp", None), ("fe", None), ("uf", None), ("uf", None))


def child(*arguments, **options):
    """Run this file in a process of its own."""
    argv = [sys.executable, __file__, *(str(one) for one in arguments)]
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environ, **options)


class FileTransport:
    """Appends what it takes to a file that outlives the process."""

    carries_unchanged = True

    def __init__(self, folder):
        self._handle = os.open(folder / "delivered", os.O_CREAT | os.O_WRONLY | os.O_APPEND)

    def deliver(self, letter):
        line = json.dumps([letter.id, letter.device_id, letter.kind, letter.body.decode()])
        os.write(self._handle, line.encode() + b"\n")


def work(folder, connect=None):
    """Put reports in and send twice, noting each report that was promised."""
    noted = os.open(folder / "promised", os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    box = outbox(folder, connect=connect, limit_bytes=LIMIT)
    for number, (statuses, device) in enumerate(WORK):
        box.enqueue(parcel(number, statuses, pad=900, **({"device": device} if device else {})), now=NOON)
        os.write(noted, f"{number}\n".encode())
        if number in (2, 7):
            box.deliver_due(FileTransport(folder), now=NOON)


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
    ours = {sys.modules[name].__file__ for name in sys.modules if name.startswith("agent.outbox")} | {atomic.__file__}

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
        child = os.fork()
        if child == 0:
            run(place, Countdown(1 + point * count.calls // POINTS))
            os._exit(1)  # it was to be killed
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    print(count.calls)


def starve(folder, limit):
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    box, number = outbox(folder), 0
    try:
        while True:
            box.enqueue(parcel(number, "pf" if number % 2 else "fp", pad=3000), now=NOON)
            number += 1
    except OutboxError as error:
        print(json.dumps([number, error.reason, error.sentence, len(box.show())]))


def put(folder, first, count):
    box = outbox(folder)
    for number in range(first, first + count):
        box.enqueue(parcel(number, "pf" if number % 2 else "fp"), now=NOON)


if __name__ == "__main__":
    task, folder, *rest = sys.argv[1:]
    if task == "kill":
        kill(Path(folder), *rest)
    else:
        {"starve": starve, "put": put}[task](Path(folder), *(int(one) for one in rest))
