"""A process of its own that deletes two copies of a picture on the disk, killed at many points on the way.

acts_child.py FOLDER    run the deletion in many children, each killed at a later line of our own code
"""

import secrets
import sys
from datetime import UTC, datetime
from pathlib import Path

from agent.photos.index import LAPTOP, Index, digest
from agent.photos.ledger_model import Said
from agent.photos.review.acts import Review, Terms
from agent.photos.review.laptop import LaptopFiles
from checks.clinical_images.fact import Disposition
from tests.agent.killing import by_lines, kill
from tests.agent.photos.ledger_parts import KEY, NOW, index_in, picture, put_in

POINTS = 80
TICKED, SPARED = ("a.jpg", "b.jpg"), "c.jpg"
OURS = ("agent.photos.ledger", "agent.photos.review", "agent.photos.index")


def contents(name: str) -> bytes:
    return name.encode() * 300


def fill(folder: Path) -> list[int]:
    """Three copies on the disk, as a scan leaves them in the index."""
    pictures = folder / "Pictures"
    pictures.mkdir()
    rows = []
    for number, name in enumerate((*TICKED, SPARED), 1):
        path, data = pictures / name, contents(name)
        path.write_bytes(data)
        found = path.stat()
        rows.append(
            picture(
                number, look=7, path=str(path), size=found.st_size, stamp=found.st_mtime_ns,
                modified_s=found.st_mtime_ns // 10**9, digest=digest(KEY, len(data), data),
            )
        )  # fmt: skip
    with index_in(folder / "photos") as index:
        return put_in(index, *rows)


def review(folder: Path) -> Review:
    files = {LAPTOP: LaptopFiles(key=KEY)}
    return Review(
        Terms(
            folder=folder / "photos", open_index=lambda kept: Index.open(kept, key=KEY), remover=files.get,
            senders_word=lambda: False, now=lambda: datetime.fromtimestamp(NOW, UTC), clock_s=lambda: 0.0,
            randomness=secrets.token_bytes,
        )
    )  # fmt: skip


def delete(folder: Path, countdown) -> None:
    """What is killed is the deletion alone: before it nothing can go wrong with a file."""
    ids = fill(folder)
    page = review(folder)
    page.say(ids, Said(disposition=Disposition.IN_RECORD, at=NOW))
    pending = page.prepare(ids, ids[:2], 2, delay_s=0)
    by_lines(lambda _: page.carry_out(pending.id), folder, countdown, OURS)


if __name__ == "__main__":
    kill(delete, Path(sys.argv[1]), POINTS)
