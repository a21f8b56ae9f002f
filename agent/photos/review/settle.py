"""Writes down how each deletion ended, at once or after a power cut, and lets the index forget what is gone."""

from collections.abc import Callable, Container
from dataclasses import asdict

from agent.photos.index import Index
from agent.photos.index_model import Reviewable
from agent.photos.ledger import Ledger
from agent.photos.ledger_log import KEPT, UNTOLD
from agent.photos.ledger_model import Intent
from agent.photos.review.model import Copy, Marked, Removal, Remover

OFF = frozenset({Removal.GONE, Removal.ALREADY_GONE, Removal.REPLACED})
"""The file is no longer there."""


def intent_of(marked: Marked, row: Reviewable, reference: str) -> Intent:
    """What the ledger keeps of it until the deletion has ended."""
    return Intent(**asdict(marked.copy), sha256=marked.sha256, disposition=row.disposition, reference=reference)


def marked_of(intent: Intent) -> Marked:
    """The reverse."""
    return Marked(
        copy=Copy(
            id=intent.id,
            device=intent.device,
            path=intent.path,
            size=intent.size,
            stamp=intent.stamp,
            modified_s=intent.modified_s,
            digest=intent.digest,
            folder=intent.folder,
            origin=intent.origin,
        ),
        sha256=intent.sha256,
    )


def finish(ledger: Ledger, index: Index, number: int, intent: Intent, outcome: Removal, *, at: int) -> None:
    """Log the end of a deletion; then what is gone leaves the index. Raises LedgerTrouble, IndexTrouble.

    UNSURE is no end: the next `settle` asks again. `at`: Unix time.
    """
    if outcome is Removal.UNSURE:
        return
    ledger.done(number, outcome.value, at=at)
    if outcome in OFF and _is_it(index.for_review([intent.id]).get(intent.id), intent):
        index.bury(intent.id, now=at)


def settle(ledger: Ledger, index: Index, remover: Callable[[str], Remover | None], *, at: int) -> int:
    """Find out how deletions that were cut short ended; how many can't be told yet, as those of a phone that is away.

    Deletes no picture; but where one is found gone, small pictures and the trash entry of it go as they would have.
    Raises LedgerTrouble, IndexTrouble.
    """
    left = 0
    for number, intent in ledger.open_intents():
        device = remover(intent.device)
        gone = None if device is None else device.is_gone(marked_of(intent))
        if gone is None:
            left += 1
        elif gone:
            finish(ledger, index, number, intent, Removal.GONE, at=at)
        else:
            ledger.done(number, KEPT, at=at)
    return left


def close(ledger: Ledger, numbers: Container[int], *, at: int) -> None:
    """The person looked themselves: these can't be told any more, as of a folder that was deleted. Logged as that."""
    for number, _ in ledger.open_intents():
        if number in numbers:
            ledger.done(number, UNTOLD, at=at)


def _is_it(row: Reviewable | None, intent: Intent) -> bool:
    """An index that was lost meanwhile may have given the number away."""
    return row is not None and (row.device, row.path, row.digest) == (intent.device, intent.path, intent.digest)
