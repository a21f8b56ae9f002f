"""A daemon with a fake audit, run as a process of its own by the daemon's tests and by nothing else.

Each thing that happens is one line on standard output; the log goes to standard error.
"""

import logging
import os
import random
import signal
import sys
import threading
from pathlib import Path

from agent.daemon import Parts, Progress, Reason, Schedule, Trigger, run_daemon
from agent.daemon.clock import SystemClock

QUICK = {Reason.FOLDER: 0.3, Reason.PHONE: 0.3, Reason.POLICY: 0.3}


def tell(*words: object) -> None:
    """One line for the test that reads us."""
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


def main(kind: str, root: Path, poll_s: float = 0.3) -> int:
    """`kind` says what an audit does: quick, long (until told to stop), deaf (never ends), broken (raises), or struck.

    Struck: the signal reaches the worker's thread, as the kernel may choose, while the loop is asleep.
    """
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(levelname)s %(message)s")
    clock, stop = SystemClock(), threading.Event()

    def audit(trigger: Trigger) -> None:
        tell("audit", trigger.reason, trigger.scope, ",".join(trigger.checks) or "-")
        if kind == "long":
            stop.wait()
        elif kind == "struck":
            signal.pthread_kill(threading.get_ident(), signal.SIGTERM)
            stop.wait()
        elif kind == "deaf":
            threading.Event().wait()
        elif kind == "broken":
            raise OSError(2, "nothing there", "/home/clin/Pictures/wound.jpg")
        tell("audited", trigger.reason)

    def deliver() -> None:
        tell("deliver")

    parts = Parts(
        audit=audit, deliver=deliver, load_schedule=lambda: load(root), photo_folders=lambda: (str(root / "photos"),),
        folder_checks=("clinical_images",), policy_folders=(str(root / "policy.d"),),
        state_dir=str(root / "state"), runtime_dir=str(root / "run"), environ=os.environ, clock=clock, poll_s=poll_s,
        progress=Progress(clock.monotonic), random=random.random, stop=stop, settle_s=QUICK,
    )  # fmt: skip
    return run_daemon(parts)


def load(root: Path) -> Schedule:
    """The audit times in a file of the test; the shipped ones without."""
    path = root / "times"
    schedule = Schedule(times=tuple(path.read_text().split()), jitter_s=0) if path.exists() else Schedule()
    tell("schedule", *schedule.times)
    return schedule


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2]), *map(float, sys.argv[3:])))
