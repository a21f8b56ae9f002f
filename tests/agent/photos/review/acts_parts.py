"""A review with a real ledger and a real index, over files that are only remembered."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from agent.photos.index import Index
from agent.photos.index_model import Reviewable
from agent.photos.ledger import Ledger
from agent.photos.review.acts import Review, Terms
from agent.photos.review.model import Copy, Marked, Removal, Removed
from checks.clinical_images.fact import Disposition
from tests.agent.photos.ledger_parts import NOW, chance, index_in, ledger_in, picture, put_in

PHONE = "e1fd1c0c-0000-4000-8000-000000000001"


class Shelf:
    """One device's files, by path, and all that was ever taken from it."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.taken: list[str] = []
        self.marks: list[str] = []
        self.answers: dict[str, Removal] = {}
        """What a removal comes to instead, by path."""
        self.cut: Callable[[], None] = lambda: None
        """Called once a file is taken; may raise, as a power cut does."""
        self.blind = False

    def mark(self, copy: Copy) -> Marked | Removal:
        self.marks.append(copy.path)
        if copy.path not in self.files:
            return Removal.ALREADY_GONE
        return Marked(copy=copy, sha256=hashlib.sha256(self.files[copy.path]).digest())

    def remove(self, marked: Marked) -> Removed:
        path = marked.copy.path
        if path in self.answers:
            return Removed(outcome=self.answers[path])
        if path not in self.files:
            return Removed(outcome=Removal.ALREADY_GONE)
        if hashlib.sha256(self.files[path]).digest() != marked.sha256:
            return Removed(outcome=Removal.CHANGED)
        del self.files[path]
        self.taken.append(path)
        self.cut()
        return Removed(outcome=Removal.GONE)

    def is_gone(self, marked: Marked) -> bool | None:
        return None if self.blind else marked.copy.path not in self.files


@dataclass
class Clock:
    s: float = 1000.0
    at: int = NOW

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.at, UTC)

    def pass_s(self, seconds: float) -> None:
        self.s += seconds
        self.at += int(seconds)


@dataclass
class Bench:
    """What a test holds in its hands."""

    folder: Path
    clock: Clock = field(default_factory=Clock)
    laptop: Shelf = field(default_factory=Shelf)
    phone: Shelf = field(default_factory=Shelf)
    attached: set[str] = field(default_factory=lambda: {"laptop", PHONE})
    senders_word: bool = False

    def __post_init__(self) -> None:
        self.randomness = chance()
        self.review = self.page()

    def page(self) -> Review:
        """Another one beside the first."""
        shelves = {"laptop": self.laptop, PHONE: self.phone}
        return Review(
            Terms(
                folder=self.folder,
                open_index=index_in,
                remover=lambda device: shelves[device] if device in self.attached else None,
                senders_word=lambda: self.senders_word,
                now=self.clock.now,
                clock_s=lambda: self.clock.s,
                randomness=self.randomness,
            )
        )

    def index(self) -> Index:
        return index_in(self.folder)

    def ledger(self) -> Ledger:
        return ledger_in(self.folder)

    def scan(self, *pictures: Reviewable) -> list[int]:
        """Files that are there and were judged; their ids."""
        for one in pictures:
            shelf = self.laptop if one.device == "laptop" else self.phone
            shelf.files[one.path] = (one.digest or b"") + one.path.encode()
        with self.index() as index:
            return put_in(index, *pictures)

    def group(self, count: int = 3, look: int = 7) -> list[int]:
        """Copies of one picture, the last of them on the phone."""
        pictures = [picture(number, look=look) for number in range(1, count)]
        return self.scan(*pictures, picture(count, look=look, device=PHONE, path=f"/sdcard/DCIM/{count}.jpg"))

    def counted(self, ids: list[int]) -> list[Disposition | None]:
        with self.index() as index:
            rows = index.for_review(ids)
        return [rows[one].disposition if one in rows else None for one in ids]

    def taken(self) -> int:
        return len(self.laptop.taken) + len(self.phone.taken)
