"""Pictures, words and a ledger for its tests."""

import itertools
from dataclasses import replace
from pathlib import Path

from agent.photos.image import Fingerprint
from agent.photos.index import LAPTOP, Index, Put
from agent.photos.index_model import Reviewable
from agent.photos.ledger import Ledger
from agent.photos.ledger_model import Said
from agent.photos.place import File, Place
from checks.clinical_images.fact import Disposition, Folder, Origin
from tests.agent.photos.scan_parts import DAY, MODEL, NOW, printed, seen

__all__ = ["DAY", "NOW", "chance", "index_in", "ledger_in", "picture", "printed", "put_in", "said"]
KEY = bytes(range(32))
CAMERA = Place(folder=Folder.CAMERA, path="/home/ann/Pictures", origin=Origin.TAKEN)


def chance():
    """Bytes that nobody draws twice, and every run draws alike."""
    numbers = itertools.count(1)
    return lambda count: next(numbers).to_bytes(count, "little")


def ledger_in(folder: Path) -> Ledger:
    return Ledger.open(folder, randomness=chance())


def index_in(folder: Path) -> Index:
    return Index.open(folder, key=KEY)


def said(disposition: Disposition, at: int = NOW, **changes) -> Said:
    return Said(disposition=disposition, at=at, **changes)


def picture(number: int, *, look: int | None = None, **changes) -> Reviewable:
    """Picture `number`; copies share their look, which is the number where nothing else is said. 0: none."""
    result = seen(0.9, mark=number if look is None else look)
    values = {
        "id": number, "device": LAPTOP, "path": f"/home/ann/Pictures/{number}.jpg", "size": 1000 + number, "stamp": 5,
        "modified_s": NOW - DAY, "digest": bytes([number]) * 16, "folder": Folder.CAMERA, "origin": Origin.TAKEN,
        "disposition": Disposition.NONE, "first_seen": NOW - DAY, "result": result,
    }  # fmt: skip
    return Reviewable(**{**values, **changes})


def looking(one: Reviewable, mark: Fingerprint | None) -> Reviewable:
    """The same with another fingerprint."""
    return replace(one, result=replace(one.result, fingerprint=mark))


def put_in(index: Index, *pictures: Reviewable) -> list[int]:
    """Their ids in this index, in their order."""
    for one in pictures:
        file = File(place=CAMERA, path=one.path, size=one.size, stamp=one.stamp, modified_s=one.modified_s)
        index.put(one.device, [Put(file=file, result=one.result, model=MODEL, digest=one.digest, now=NOW)])
    ids = {(kept.device, kept.file.path): kept.id for kept in index.pictures(at_least=0)}
    return [ids[one.device, one.path] for one in pictures]
