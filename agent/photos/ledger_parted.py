"""Pictures that look the same and that the clinician said are not, as pairs of contents that no word crosses."""

import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import TypeVar

from agent.photos.copies import Prints
from agent.photos.index_model import Judged, Reviewable
from agent.photos.ledger_rows import Picture, is_sure, look, of, picture_of
from agent.photos.ledger_store import PARTED, has_parted

KEEP = "INSERT OR REPLACE INTO parted_pictures VALUES (?, ?, ?, ?, ?, ?)"
FORGET_ALONE = """DELETE FROM parted_pictures WHERE content NOT IN (SELECT one FROM parted)
    AND content NOT IN (SELECT other FROM parted)"""
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parted:
    """All pairs, both ways."""

    others: Mapping[bytes, frozenset[bytes]] = field(default_factory=dict)
    """By contents, those that are another picture. Contents as Picture.content."""
    pictures: Mapping[bytes, Picture] = field(default_factory=dict)
    """By contents, what the person looked at."""

    def is_another(self, content: bytes, known: Picture, picture: Picture) -> bool:
        """Whether it was surely this one, by all of its contents, that was set apart from these: a hold stops there."""
        other = picture.content
        if other is None or other not in self.others.get(content, ()):
            return False
        return is_sure(self.pictures[content], known) and is_sure(self.pictures[other], picture)

    def apart(self, judged: Callable[[], Iterable[Judged]]) -> Mapping[int, frozenset[int]]:
        """By id, the ids of the files that are another picture; those without one are left out.

        `judged`: Index.judged, which is asked only where something was set apart. Raises as it does.
        """
        ids: dict[bytes, set[int]] = defaultdict(set)
        for one in judged() if self.others else ():
            content = of(one).content
            if content is not None and content in self.others:
                ids[content].add(one.id)
        found = {content: _all(ids[one] for one in self.others[content] & ids.keys()) for content in ids}
        return {id: found[content] for content, own in ids.items() for id in own if found[content]}


class Bars:
    """What words do not cross, asked of many pictures."""

    def __init__(self, parted: Parted) -> None:
        self._others = parted.others
        self._sides: list[bytes] = []
        self._prints = Prints()
        for content, one in parted.pictures.items():
            if one.fingerprint is not None:
                self._prints.learn(one.fingerprint)
                self._sides.append(content)

    def before(self, picture: Picture) -> frozenset[bytes]:
        """The contents of which a word may be meant of another picture than this one.

        They were set apart from it; or from what it looks like too, and nobody has said yet which of them it is.
        """
        mark, own = picture.fingerprint, picture.content
        alike = set() if mark is None else {self._sides[place] for place in self._prints.like(mark)}
        return _all(self._others.get(one, frozenset()) for one in alike | ({own} if own is not None else set()))


def _all(sets: Iterable[Set[T]]) -> frozenset[T]:
    return frozenset[T]().union(*sets)


def keep(db: sqlite3.Connection, some: Sequence[Reviewable], rest: Sequence[Reviewable]) -> None:
    """Each of the one is another picture than each of the other. What has no contents to be told by is left out."""
    if not has_parted(db):
        for statement in PARTED:
            db.execute(statement)
    sides = [{content: one for one in map(of, side) if (content := one.content) is not None} for side in (some, rest)]
    for content, picture in (sides[0] | sides[1]).items():
        db.execute(KEEP, (content, picture.digest, picture.size, picture.modified_s, *look(picture)))
    for one in sides[0]:
        for other in sides[1].keys() - {one}:
            db.execute("INSERT OR IGNORE INTO parted VALUES (?, ?)", (min(one, other), max(one, other)))


def join(db: sqlite3.Connection, pictures: Iterable[Reviewable]) -> int:
    """These are not set apart from anything any more; how many pairs that were."""
    if not has_parted(db):
        return 0
    contents = {of(one).content for one in pictures}
    gone = sum(db.execute("DELETE FROM parted WHERE ? IN (one, other)", (one,)).rowcount for one in contents)
    db.execute(FORGET_ALONE)
    return gone


def forget(db: sqlite3.Connection) -> None:
    """All of it."""
    if has_parted(db):
        db.execute("DELETE FROM parted")
        db.execute("DELETE FROM parted_pictures")


def read(db: sqlite3.Connection) -> Parted:
    """All that was set apart. Raises ValueError, LookupError for what was never written there."""
    if not has_parted(db):
        return Parted()
    pictures = {row["content"]: picture_of(row) for row in db.execute("SELECT * FROM parted_pictures")}
    others: dict[bytes, set[bytes]] = defaultdict(set)
    for row in db.execute("SELECT one, other FROM parted"):
        others[row["one"]].add(row["other"])
        others[row["other"]].add(row["one"])
    if others.keys() != pictures.keys() or any(one.content != content for content, one in pictures.items()):
        raise ValueError("not all pictures that were set apart are known")
    return Parted(others={content: frozenset(some) for content, some in others.items()}, pictures=pictures)
