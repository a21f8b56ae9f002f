"""A process of its own for outbox tests: does its work, and is killed or starved where it is told.

outbox_child.py kill FOLDER lines|steps    run the work in many children, each killed at a later point
outbox_child.py starve FOLDER BYTES        put reports in under a file size limit until one is refused
outbox_child.py put FOLDER FIRST COUNT     put reports in as fast as it goes
"""

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

from outbox_parts import NOON, PHONE, outbox, parcel

from agent.outbox_model import OutboxError
from tests.agent.killing import by_lines, by_steps, kill

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


def kill_work(folder, way):
    runs = {
        "lines": lambda place, countdown: by_lines(work, place, countdown, ("agent.outbox", "agent.atomic")),
        "steps": lambda place, countdown: by_steps(work, place, countdown),
    }
    kill(runs[way], folder, POINTS)


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
        kill_work(Path(folder), *rest)
    else:
        {"starve": starve, "put": put}[task](Path(folder), *(int(one) for one in rest))
