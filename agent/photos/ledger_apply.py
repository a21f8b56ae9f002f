"""Brings into the index what the clinician said before: of the same picture, of its copies, under whatever name.

So "not clinical" is not asked again, a copy that turns up later on another device is what the first one is, and an
index that was lost and filled anew excuses what it excused. What was said for a time ends here.
"""

import secrets
from collections.abc import Iterator
from pathlib import Path

from agent.photos.index import Index
from agent.photos.index_model import Change, Judged
from agent.photos.ledger import Ledger
from agent.photos.ledger_links import Links
from agent.photos.ledger_model import Said
from agent.photos.ledger_rows import of
from agent.photos.ledger_store import is_there
from agent.photos.planted import is_planted
from checks.clinical_images.fact import Disposition

MOST_PAIRS = 3_000_000
"""Seconds' worth. Pictures without a word of their own are compared with all that was said, the newest first; what is
left of them was mostly compared when it was new, and is else asked about again."""


def apply_kept(folder: Path, index: Index, *, now: int) -> int:
    """As `apply_ledger`, where anything was ever said. Raises LedgerTrouble, IndexTrouble."""
    if not is_there(folder):
        return 0
    with Ledger.open(folder, randomness=secrets.token_bytes) as ledger:
        return apply_ledger(index, ledger, now)


def apply_ledger(index: Index, ledger: Ledger, now: int) -> int:
    """How many pictures count as something else now. `now`: Unix time. Raises LedgerTrouble, IndexTrouble."""
    judged = [one for one in index.judged() if not is_planted(one.device)]
    return index.change(list(_changes(judged, ledger.links(), now)))


def _changes(judged: list[Judged], links: Links, now: int) -> Iterator[Change]:
    """The newest first."""
    left = MOST_PAIRS
    for one in sorted(judged, key=lambda one: -one.id):
        picture = of(one)
        word = links.hold_on(picture) or links.own(picture)
        becomes = _without_a_word(one.disposition) if word is None else _stands(word.said, now)
        if word is None and becomes is not Disposition.LEGAL_HOLD and left > 0:
            left -= 0 if one.fingerprint is None else links.others
            word = links.of_a_copy(picture)
            becomes = becomes if word is None else _stands(word.said, now)
        if becomes is not one.disposition:
            yield Change(one.id, one.disposition, becomes, now if word is None else word.said.at)


def _without_a_word(known: Disposition) -> Disposition:
    """What the index has stands, but for teaching: nobody knows any more until when."""
    return Disposition.NONE if known is Disposition.TEACHING else known


def _stands(said: Said, now: int) -> Disposition:
    """What it still says."""
    return Disposition.NONE if said.until is not None and now >= said.until else said.disposition
