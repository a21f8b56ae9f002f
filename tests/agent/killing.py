"""Kills a piece of work at many points, one child process a point: at steps of SQLite, or at lines of our own code."""

import os
import signal
import sqlite3
import sys


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


def by_steps(work, folder, countdown):
    """Count the steps of SQLite's own machine."""

    def connect(path):
        db = sqlite3.connect(path, timeout=10, isolation_level=None)
        db.set_progress_handler(countdown, 1)
        return db

    work(folder, connect)


def by_lines(work, folder, countdown, ours):
    """Count the lines of our own code: of modules whose names begin with one of `ours`."""
    files = {module.__file__ for name, module in sys.modules.items() if name.startswith(ours)}

    def trace(frame, event, _):
        if frame.f_code.co_filename not in files:
            return None
        if event == "line":
            countdown()
        return trace

    sys.settrace(trace)
    try:
        work(folder)
    finally:
        sys.settrace(None)


def kill(run, folder, points):
    """`run(folder, countdown)` to its end, then killed at so many points spread over it. Prints how many it has."""
    count = Countdown(-1)
    (folder / "whole").mkdir()
    run(folder / "whole", count)
    for point in range(points):
        place = folder / f"{point:03}"
        place.mkdir()
        forked = os.fork()
        if forked == 0:
            run(place, Countdown(1 + point * count.calls // points))
            os._exit(1)  # it was to be killed
        assert os.waitstatus_to_exitcode(os.waitpid(forked, 0)[1]) == -signal.SIGKILL
    print(count.calls)
