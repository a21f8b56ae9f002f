"""What the clinician said of pictures, for as long as they want it kept, and the signed log of what became of them.

The index forgets when it is damaged or removed; this does not. It holds fingerprints and the clinician's own notes: it
is private, never copied, never sent. A path is in it only while a deletion is under way.
"""

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from datetime import tzinfo
from pathlib import Path
from types import TracebackType
from typing import Self

from agent.photos import ledger_log, ledger_parted, ledger_rows
from agent.photos.index_model import Judged, Reviewable
from agent.photos.ledger_keys import FILE as KEY_FILE
from agent.photos.ledger_keys import Secret, read, read_or_make
from agent.photos.ledger_links import Links
from agent.photos.ledger_model import Entry, Event, Intent, LedgerTrouble, Said, Trouble
from agent.photos.ledger_parted import Parted
from agent.photos.ledger_rows import Picture, Word, is_sure
from agent.photos.ledger_store import Store, is_there, told
from checks.clinical_images.fact import Disposition

__all__ = ["KEY_FILE", "Entry", "Event", "Intent", "Ledger", "LedgerTrouble", "Said", "Trouble"]
MOST_WORDS = 100_000
"""The newest, and every hold: who reviews a hundred pictures a day fills it in three years."""
LAPTOP = "laptop"


class Ledger:
    """An open ledger, for one thread. Every method raises LedgerTrouble, and then has changed nothing."""

    def __init__(self, store: Store, secret: Secret) -> None:
        """See `open`."""
        self._store, self._secret = store, secret

    @classmethod
    def open(cls, folder: Path, *, randomness: Callable[[int], bytes]) -> Self:
        """Open the ledger in the private folder of pictures, or make it. Raises LedgerTrouble."""
        with told():
            # Whoever lost the key can't say any more which digests it meant, nor sign.
            secret = read(folder) if is_there(folder) else read_or_make(folder, randomness)
        if secret is None:
            raise LedgerTrouble(Trouble.DAMAGED)
        return cls(Store(folder, secret.mark, chance=randomness), secret)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._store.close()

    def say(self, pictures: Sequence[Reviewable], said: Said) -> bool:
        """Remember it of each of these contents, in place of what was said of them before. A hold is logged.

        False: there is a hold on one of them, which anything but another hold would weaken, and nothing was changed.
        """
        with self._store.transaction("IMMEDIATE") as db:
            holds = said.disposition is Disposition.LEGAL_HOLD
            if not holds and _hold_on(db, pictures) is not None:
                return False
            for one in pictures:
                ledger_rows.keep(db, ledger_rows.of(one), said)
            if holds:
                self._log_words(db, Event.HOLD, pictures, said)
            return True

    def lift(self, pictures: Sequence[Reviewable], *, at: int) -> None:
        """End the hold on these contents: from now on only a new one reaches them, whatever their copies are under."""
        said = Said(disposition=Disposition.NONE, at=at)
        with self._store.transaction("IMMEDIATE") as db:
            for one in pictures:
                ledger_rows.keep(db, ledger_rows.of(one), said, lifts=True)
            self._log_words(db, Event.LIFTED, pictures, said)

    def keep_for_teaching(self, of: Sequence[Reviewable], copy: Picture, said: Said, sha256: bytes) -> bool:
        """Remember of a copy that was just made what it is kept for, before it is first scanned.

        `of`: what it was made of. False: there is a hold on that, or on an equal copy; nothing was changed.
        """
        line = Entry(
            event=Event.TEACHING, at=said.at, sha256=sha256.hex(), device=LAPTOP, disposition=said.disposition.value
        )
        with self._store.transaction("IMMEDIATE") as db:
            known = ledger_rows.word_of(db, copy)
            held = known is not None and known.said.disposition is Disposition.LEGAL_HOLD
            if held or _hold_on(db, of) is not None:
                return False
            ledger_rows.keep(db, copy, said)
            ledger_log.write(db, self._secret, line)
            return True

    def said_of(self, picture: Reviewable | Judged) -> Said | None:
        """What counts for it: a hold on it or a copy, else its own word, else the newest of its copies'."""
        asked = ledger_rows.of(picture)
        with self._store.transaction() as db:
            said = _hold_on(db, [picture]) or _own(db, asked)
        if said is not None:
            return said
        word = self.links().of_a_copy(asked)
        return None if word is None else word.said

    def own(self, picture: Reviewable | Judged) -> Said | None:
        """What was said of these very contents, whatever was said of their copies."""
        with self._store.transaction() as db:
            return _own(db, ledger_rows.of(picture))

    def links(self) -> Links:
        """All words, to be asked about many pictures."""
        return Links(self.words(), self.parted())

    def set_apart(self, some: Sequence[Reviewable], rest: Sequence[Reviewable], *, at: int) -> bool:
        """The one are another picture than the other, whatever they look like; what was said of the one is unsaid.

        But not that they are kept for teaching, which is said of one file alone. False: there is a hold on one of
        them, which would not reach the others any more, and nothing was changed.
        """
        unsaid = Said(disposition=Disposition.NONE, at=at)
        with self._store.transaction("IMMEDIATE") as db:
            if _hold_on(db, [*some, *rest]) is not None:
                return False
            ledger_parted.keep(db, some, rest)
            for one in map(ledger_rows.of, some):
                own = _own(db, one)
                if own is None or own.disposition is not Disposition.TEACHING:
                    ledger_rows.keep(db, one, unsaid)
            return True

    def join(self, pictures: Iterable[Reviewable]) -> int:
        """These are the same as what they were set apart from, after all; how many pairs that were."""
        with self._store.transaction("IMMEDIATE") as db:
            return ledger_parted.join(db, pictures)

    def parted(self) -> Parted:
        """All that was set apart."""
        with self._store.transaction() as db:
            return ledger_parted.read(db)

    def words(self, most: int = MOST_WORDS) -> list[Word]:
        """So many of the newest, and every hold besides."""
        with self._store.transaction() as db:
            newest = list(ledger_rows.words(db, most))
            numbers = {one.number for one in newest}
            return [*newest, *(one for one in ledger_rows.holds(db) if one.number not in numbers)]

    def held(self, pictures: Iterable[Reviewable]) -> Said | None:
        """A hold on any of these, or on a copy of one."""
        with self._store.transaction() as db:
            return _hold_on(db, pictures)

    def intend(self, intent: Intent, group: Iterable[Reviewable]) -> int | None:
        """Write down that this file is about to be deleted; its number. None: there is a hold on one of its group.

        A hold that is committed before this is met; one that comes later came too late.
        """
        with self._store.transaction("IMMEDIATE") as db:
            return None if _hold_on(db, group) is not None else ledger_rows.keep_intent(db, intent)

    def done(self, number: int, outcome: str, *, at: int) -> None:
        """Log how a deletion ended, and forget where the file lay. `outcome`: a Removal. Once is enough."""
        with self._store.transaction("IMMEDIATE") as db:
            for other, intent in list(ledger_rows.intents(db)):
                if other == number:
                    db.execute("DELETE FROM intents WHERE number = ?", (number,))
                    ledger_log.write(db, self._secret, _ended(intent, outcome, at))

    def open_intents(self) -> list[tuple[int, Intent]]:
        """Deletions that were begun and have no end in the log, the first begun first."""
        with self._store.transaction() as db:
            return list(ledger_rows.intents(db))

    def log(self) -> Sequence[Entry]:
        """From the first line on."""
        with self._store.transaction() as db:
            return [ledger_log.entry(one.line) for one in ledger_log.lines(db)]

    def verify(self) -> bool:
        """Every line is what was signed, in its place. See ledger_log for what that proves."""
        with self._store.transaction() as db:
            return ledger_log.is_whole(db)

    def log_text(self, zone: tzinfo) -> str:
        """The log for the clinician, times in this zone."""
        with self._store.transaction() as db:
            return ledger_log.text(ledger_log.lines(db), whole=ledger_log.is_whole(db), zone=zone)

    def forget(self, *, at: int) -> None:
        """Remove all but the log and the holds; of these stay the digests, not what the pictures look like."""
        with self._store.transaction("IMMEDIATE") as db:
            ledger_parted.forget(db)
            hold = Disposition.LEGAL_HOLD.value
            gone = db.execute("DELETE FROM words WHERE disposition <> ?", (hold,)).rowcount
            db.execute("UPDATE words SET hashes = NULL, embedding = NULL, reference = '', reason = ''")
            ledger_log.write(db, self._secret, Entry(event=Event.FORGOTTEN, at=at, pictures=gone))
        self._store.tidy()

    def _log_words(self, db: sqlite3.Connection, event: Event, pictures: Sequence[Reviewable], said: Said) -> None:
        ledger_log.write(db, self._secret, Entry(event=event, at=said.at, pictures=len(pictures)))


def _own(db: sqlite3.Connection, picture: Picture) -> Said | None:
    word = ledger_rows.word_of(db, picture)
    return word.said if word is not None and is_sure(word.picture, picture) else None


def _hold_on(db: sqlite3.Connection, pictures: Iterable[Reviewable | Judged]) -> Said | None:
    asked = [ledger_rows.of(one) for one in pictures]
    own = [word for one in asked if (word := ledger_rows.word_of(db, one)) is not None]
    links = Links([*ledger_rows.holds(db), *own], ledger_parted.read(db))
    return next((word.said for one in asked if (word := links.hold_on(one)) is not None), None)


def _ended(intent: Intent, outcome: str, at: int) -> Entry:
    return Entry(
        event=Event.DELETION,
        at=at,
        sha256=intent.sha256.hex(),
        device=LAPTOP if intent.device == LAPTOP else "phone",
        place=intent.folder.value,
        disposition=intent.disposition.value,
        outcome=outcome,
        reference=intent.reference,
    )
