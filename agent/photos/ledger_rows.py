"""How what was said of a picture is laid out in the ledger, and read back out of it."""

import hashlib
import sqlite3
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from agent.photos.image import HEAD_BYTES, Fingerprint
from agent.photos.index_model import Judged, Reviewable
from agent.photos.index_rows import fingerprint, fitted
from agent.photos.index_schema import as_bytes, as_text
from agent.photos.ledger_model import (
    REASON_CHARACTERS,
    REFERENCE_CHARACTERS,
    Intent,
    Said,
    Sender,
    Source,
)
from checks.clinical_images.fact import Disposition, Folder, Origin

COLUMNS = (
    "content", "digest", "size", "modified_s", "hashes", "embedding", "disposition", "at", "reference", "source",
    "sender", "until", "reason", "lifted",
)  # fmt: skip
INSERT = f"INSERT INTO words({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})"  # noqa: S608 - constants
INTENT = """INSERT INTO intents(id, device, path, size, stamp, modified_s, digest, folder, origin, sha256, disposition,
    reference) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """By what the ledger knows a picture again."""

    digest: bytes | None
    """As Index has it. None where the head of the file proves nothing."""
    size: int
    modified_s: int
    fingerprint: Fingerprint | None

    @property
    def content(self) -> bytes | None:
        """What stands for these contents; None where nothing does, and nothing can be remembered of it."""
        if self.digest is not None:
            return self.digest
        if self.fingerprint is None or not self.fingerprint.hashes:
            return None
        return hashlib.blake2b(b"".join(_print_cells(self.fingerprint)), digest_size=20).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """What was said of one picture."""

    number: int
    """A later word has a higher one."""
    content: bytes
    """As Picture.content; it stays where the consent was withdrawn, and the fingerprint does not."""
    picture: Picture
    said: Said
    lifted: int
    """The number of the word by which a hold on it was last lifted; 0 for none."""


def of(one: Reviewable | Judged) -> Picture:
    """As the ledger knows it."""
    mark = one.result.fingerprint if isinstance(one, Reviewable) else one.fingerprint
    return Picture(digest=one.digest, size=fitted(one.size), modified_s=fitted(one.modified_s), fingerprint=mark)


def keep(
    db: sqlite3.Connection, picture: Picture, said: Said, *, lifts: bool = False, content: bytes | None = None
) -> int | None:
    """Write a word over an older one about the same contents. Its number; None where nothing stands for them.

    `content`: what stands for them, where it is known and the picture alone does not tell it any more.
    """
    content = picture.content if content is None else content
    if content is None:
        return None
    old = db.execute("SELECT lifted FROM words WHERE content = ?", (content,)).fetchone()
    lifted = 0 if old is None else old["lifted"]
    db.execute("DELETE FROM words WHERE content = ?", (content,))
    about = (content, picture.digest, picture.size, picture.modified_s, *look(picture))
    row = (*about, *_said_cells(said), lifted)
    number = db.execute(INSERT, row).lastrowid
    if lifts:
        db.execute("UPDATE words SET lifted = number WHERE number = ?", (number,))
    return number


def words(db: sqlite3.Connection, most: int) -> Iterator[Word]:
    """The newest first. Raises ValueError for what was never written there."""
    for row in db.execute("SELECT * FROM words ORDER BY number DESC LIMIT ?", (most,)):
        yield _word(row)


def holds(db: sqlite3.Connection) -> Iterator[Word]:
    """All that are on hold. Raises as `words`."""
    for row in db.execute("SELECT * FROM words WHERE disposition = ?", (Disposition.LEGAL_HOLD.value,)):
        yield _word(row)


def word_of(db: sqlite3.Connection, picture: Picture) -> Word | None:
    """What was said of these contents. Raises as `words`."""
    row = db.execute("SELECT * FROM words WHERE content = ?", (picture.content,)).fetchone()
    return None if row is None else _word(row)


def keep_intent(db: sqlite3.Connection, one: Intent) -> int:
    """Its number."""
    cells = (
        one.id, one.device, as_bytes(one.path), fitted(one.size), fitted(one.stamp), fitted(one.modified_s), one.digest,
        one.folder.value, one.origin.value, one.sha256, one.disposition.value, cut(one.reference, REFERENCE_CHARACTERS),
    )  # fmt: skip
    return db.execute(INTENT, cells).lastrowid or 0


def intents(db: sqlite3.Connection) -> Iterator[tuple[int, Intent]]:
    """In the order in which they were begun. Raises as `words`."""
    for row in db.execute("SELECT * FROM intents ORDER BY number"):
        yield (
            row["number"],
            Intent(
                id=row["id"],
                device=row["device"],
                path=as_text(row["path"]),
                size=row["size"],
                stamp=row["stamp"],
                modified_s=row["modified_s"],
                digest=row["digest"],
                folder=Folder(row["folder"]),
                origin=Origin(row["origin"]),
                sha256=row["sha256"],
                disposition=Disposition(row["disposition"]),
                reference=row["reference"],
            ),
        )


def picture_of(row: sqlite3.Row) -> Picture:
    """Of a row that holds one. Raises as `words`."""
    return Picture(
        digest=row["digest"],
        size=row["size"],
        modified_s=row["modified_s"],
        fingerprint=fingerprint(row["hashes"], row["embedding"]),
    )


def look(picture: Picture) -> tuple[bytes | None, bytes | None]:
    """The cells of its hashes and its embedding."""
    return (None, None) if picture.fingerprint is None else _print_cells(picture.fingerprint)


def is_sure(one: Picture, other: Picture) -> bool:
    """Whether two pictures of the same digest have the same contents, not only the same head."""
    if one.digest is None or one.size <= HEAD_BYTES or one.modified_s == other.modified_s:
        return True
    mark = one.fingerprint
    return mark is not None and bool(mark.hashes) and mark == other.fingerprint


def _word(row: sqlite3.Row) -> Word:
    return Word(
        number=row["number"],
        content=row["content"],
        picture=picture_of(row),
        said=Said(
            disposition=Disposition(row["disposition"]),
            at=row["at"],
            reference=row["reference"],
            source=Source(row["source"]),
            sender=None if row["sender"] is None else Sender(row["sender"]),
            until=row["until"],
            reason=row["reason"],
        ),
        lifted=row["lifted"],
    )


def _said_cells(said: Said) -> tuple[int | str | None, ...]:
    return (
        said.disposition.value, fitted(said.at), cut(said.reference, REFERENCE_CHARACTERS), said.source.value,
        None if said.sender is None else said.sender.value, None if said.until is None else fitted(said.until),
        cut(said.reason, REASON_CHARACTERS),
    )  # fmt: skip


def cut(text: str, most: int) -> str:
    """A note of the person as it can be kept: surrogates, which no browser sends, would not fit."""
    return text[:most].encode("utf-8", "replace").decode()


def _print_cells(mark: Fingerprint) -> tuple[bytes, bytes]:
    return struct.pack(f"<{len(mark.hashes)}Q", *mark.hashes), mark.embedding
