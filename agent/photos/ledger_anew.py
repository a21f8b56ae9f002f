"""Another ledger in the place of a damaged one, once the person says so; and what of it goes when consent is withdrawn.

Of the damaged one are carried over what holds back a deletion or proves one: holds that can still be read, deletions
without an end, and the lines of the log before the first that is damaged. What excuses a picture is asked again: after
damage it might be said of another one. The damaged file is kept beside the new one.
"""

import contextlib
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from agent.photos import ledger_log, ledger_rows, ledger_store
from agent.photos.index import Index
from agent.photos.ledger import Ledger
from agent.photos.ledger_keys import FILE as KEY_FILE
from agent.photos.ledger_keys import Secret, read, read_or_make
from agent.photos.ledger_log import Signed
from agent.photos.ledger_model import Entry, Event, Intent, LedgerTrouble, Trouble
from agent.photos.ledger_rows import Word
from agent.photos.ledger_store import is_there, told

ASIDE = "ledger-damaged-"
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Salvage:
    """What could be read."""

    holds: Sequence[Word] = ()
    intents: Sequence[Intent] = ()
    log: Sequence[Signed] = ()


def begin_anew(folder: Path, *, randomness: Callable[[int], bytes], at: int) -> None:
    """The person said that the damaged ledger is to be left behind. Does nothing to a sound one. Raises LedgerTrouble.

    `at`: Unix time, seconds.
    """
    if not _is_damaged(folder, randomness):
        return
    name = f"{at}-{randomness(4).hex()}"
    secret = _secret(folder, name, randomness)
    left = salvage(folder / ledger_store.FILE)
    fresh = str(folder / f"{ledger_store.FILE}.{name}.new")
    with told():
        ledger_store.make(fresh, secret.mark)
        with contextlib.closing(ledger_store.connect(fresh)) as db:
            _fill(db, left, secret, at)
    ledger_store.replace(folder, fresh, f"{ASIDE}{name}.sqlite")


def salvage(path: Path) -> Salvage:
    """What can still be read of a file. Never raises for what the file holds."""
    try:
        with contextlib.closing(ledger_store.connect(f"{path}")) as db:
            db.row_factory = sqlite3.Row
            return Salvage(
                holds=_readable(ledger_rows.holds(db)),
                intents=[one for _, one in _readable(ledger_rows.intents(db))],
                log=list(ledger_log.sound(_readable(ledger_log.lines(db)))),
            )
    except (sqlite3.Error, OSError):
        return Salvage()


def withdraw(folder: Path, *, randomness: Callable[[int], bytes], at: int) -> None:
    """Remove what is kept of pictures but the signed log and the holds. Raises IndexTrouble, LedgerTrouble.

    Holds stay as digests: the same file is on hold again after a new yes, a copy of it is not.
    """
    Index.wipe(folder)
    if is_there(folder):
        begin_anew(folder, randomness=randomness, at=at)
        with Ledger.open(folder, randomness=randomness) as ledger:
            ledger.forget(at=at)
    with told():
        for one in sorted(folder.glob(f"{ASIDE}*")):
            if not one.is_dir() or one.is_symlink():
                one.unlink()


def _is_damaged(folder: Path, randomness: Callable[[int], bytes]) -> bool:
    """Raises LedgerTrouble for any other trouble: a full disk is no reason to leave a ledger behind."""
    try:
        Ledger.open(folder, randomness=randomness).close()
    except LedgerTrouble as trouble:
        if trouble.reason is not Trouble.DAMAGED:
            raise
        return True
    return False


def _secret(folder: Path, name: str, randomness: Callable[[int], bytes]) -> Secret:
    """The one that is there, or a new one: what the old one signed is still checked by the key that its lines name."""
    with told():
        try:
            known = read(folder)
        except LedgerTrouble:
            os.rename(folder / KEY_FILE, folder / f"{ASIDE}{name}.key")
            known = None
        return known or read_or_make(folder, randomness)


def _fill(db: sqlite3.Connection, left: Salvage, secret: Secret, at: int) -> None:
    db.row_factory = sqlite3.Row
    db.execute("PRAGMA synchronous=FULL")
    db.execute("BEGIN IMMEDIATE")
    for one in left.holds:
        ledger_rows.keep(db, one.picture, one.said, content=one.content)
    for intent in left.intents:
        ledger_rows.keep_intent(db, intent)
    for line in left.log:
        db.execute("INSERT INTO log VALUES (?, ?, ?)", (line.number, line.line, line.signature))
    if left.log:
        db.execute("UPDATE own SET lines = ?, link = ?", (len(left.log), ledger_log.link(left.log[-1].line)))
    ledger_log.write(db, secret, Entry(event=Event.ANEW, at=at, pictures=len(left.holds)))
    db.execute("COMMIT")
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def _readable(rows: Iterable[T]) -> list[T]:
    """What comes before the first that can't be read."""
    return list(_until_broken(rows))


def _until_broken(rows: Iterable[T]) -> Iterator[T]:
    with contextlib.suppress(sqlite3.Error, ValueError, LookupError):
        yield from rows
