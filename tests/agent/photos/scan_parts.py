"""A crew that judges by file name, an index in memory, and folders to scan."""

import os
import threading
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image

from agent.photos.crew import Answer, Job
from agent.photos.engine import FromDisk, Outcome, Progress, Scan
from agent.photos.fingerprint import fingerprint
from agent.photos.image import EMBEDDING, Fingerprint, Header, Medium, Result, Seen, Stage, Unread, Words
from agent.photos.index import Index
from agent.photos.place import Place
from agent.photos.walk import walk
from checks.clinical_images.fact import Folder, Group

MODEL = "finder 1"
NOW = 1_795_000_000
DAY = 86400


def seen(score: float, *, words: Words = Words.NOT_ASKED, mark: int = 0) -> Seen:
    """A result whose fingerprint is that of picture number `mark`; copies share it."""
    header = Header(medium=Medium.PHOTO, format="jpeg")
    group = Group.BODY if score >= 0.5 else Group.ORDINARY
    return Seen(
        header=header, stage=Stage.FULL, score=score, label="wound" if score >= 0.5 else "pet", group=group,
        words=words, fingerprint=printed(mark) if score >= 0.2 and mark else None,
    )  # fmt: skip


@cache
def printed(mark: int) -> Fingerprint:
    """Of a picture drawn from this seed."""
    coarse = np.random.default_rng(mark).integers(0, 256, (12, 16, 3), dtype=np.uint8)
    image = Image.fromarray(coarse).resize((320, 240), Image.Resampling.BICUBIC)
    return fingerprint(image, bytes([127]) + bytes(EMBEDDING - 1))


def by_name(job: Job) -> Result | None:
    """wound -> 0.9, page -> an unread page, broken -> BROKEN, text -> no picture, half -> needs all, else 0.1."""
    word = job.name.split(".")[0].rstrip("0123456789")
    if word == "half":
        return seen(0.9) if job.whole is not None else None
    known: dict[str, Result] = {
        "wound": seen(0.9), "planted": seen(0.95), "page": seen(0.4, words=Words.UNREAD), "broken": Unread.BROKEN,
        "text": Unread.NOT_A_PICTURE,
    }  # fmt: skip
    return known.get(word, seen(0.1))


class FakeCrew:
    """Answers at once, and remembers the names that it was given."""

    def __init__(self, judge: Callable[[Job], Result | None] = by_name) -> None:
        self.judge = judge
        self.names: list[str] = []
        self.after: Callable[[int], None] = lambda _: None
        """Called with the number of jobs so far, before each answer."""

    def answers(self, jobs: Iterable[Job]) -> Iterator[Answer]:
        for job in jobs:
            self.names.append(job.name)
            self.after(len(self.names))
            yield Answer(number=job.number, result=self.judge(job))


def place(folder: Path, sort: Folder = Folder.PICTURES) -> Place:
    return Place(folder=sort, path=str(folder))


def scan(
    index: Index, *places: Place, crew: FakeCrew | None = None, device: str = "laptop", planted: Place | None = None,
    stop: threading.Event | None = None, model: str = MODEL, now: float = NOW,
    tick: Callable[[Progress], None] = lambda _: None,
) -> Outcome:  # fmt: skip
    """One scan of real folders."""
    stop = stop or threading.Event()
    run = Scan(
        device=device, index=index, model=model, crew=lambda _: crew or FakeCrew(), stop=stop, clock_s=lambda: now,
        tick=tick, planted=planted,
    )  # fmt: skip
    return run.run(walk(places, stop=stop), FromDisk())


def fill(folder: Path, *names: str, old_s: int = DAY) -> None:
    """Files of different contents, last changed so long before NOW."""

    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).write_bytes(name.encode() * 40)
        os.utime(folder / name, (NOW - old_s, NOW - old_s))
