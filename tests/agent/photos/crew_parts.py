"""What the crew's tests share: a crew of odd workers, and jobs for them."""

import os
import sys
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import odd_worker

from agent.photos.crew import Answer, Crew, Job
from agent.photos.image import Seen, Unread
from agent.photos.pace import Pace

ROOT = Path(__file__).parents[3]
ROOMY = 8 << 30
ENDLESS_S = 300.0


def odd_crew(
    kind: str = "fine",
    *,
    workers: int = 1,
    stop: threading.Event | None = None,
    pace: Pace | None = None,
    file_s: float = ENDLESS_S,
    alarm_s: float = ENDLESS_S,
    memory_bytes: int = ROOMY,
    data_bytes: int = ROOMY,
    environ: dict[str, str] | None = None,
    clock_s: Callable[[], float] = time.monotonic,
) -> Crew:
    """`alarm_s`, `data_bytes`: what the worker is told of the limits; the others are what its parent keeps."""
    argv = (sys.executable, "-P", "-B", odd_worker.__file__, kind, str(alarm_s), str(data_bytes))
    return Crew(
        "best", workers=workers, stop=stop or threading.Event(), pace=pace or Pace(background=False), file_s=file_s,
        memory_bytes=memory_bytes, argv=argv, environ={"PYTHONPATH": str(ROOT), **(environ or {})}, clock_s=clock_s,
    )  # fmt: skip


def job(number: int, name: str, *, head: bytes | None = b"head", whole: bytes | None = None) -> Job:
    return Job(number=number, name=name, size=1 << 20, path=None, stamp=0, head=head, whole=whole)


def disk_job(number: int, path: str) -> Job:
    seen = os.stat(path)
    return Job(number=number, name=os.path.basename(path), size=seen.st_size, path=path, stamp=seen.st_mtime_ns)


def jobs(*names: str) -> list[Job]:
    return [job(number, name) for number, name in enumerate(names)]


def told(answers: Iterable[Answer]) -> list[str]:
    """What became of each, in the order of the jobs: a label, a reason, or "whole"."""
    return [_word(one) for one in sorted(answers, key=lambda one: one.number)]


def _word(answer: Answer) -> str:
    match answer.result:
        case Seen(label=label):
            return label
        case Unread() as why:
            return str(why)
        case None:
            return "whole"


def reached(holds: Callable[[], bool], *, within_s: float = 60.0) -> bool:
    """Wait for a condition, however slow the machine; False where it did not come."""
    deadline_s = time.monotonic() + within_s
    while not holds():
        if time.monotonic() > deadline_s:
            return False
        time.sleep(0.02)
    return True
