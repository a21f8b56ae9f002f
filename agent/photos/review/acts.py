"""What the clinician does on their page: says what a picture is, holds it, and deletes copies of what is in the record.

Every act opens the ledger and the index for itself, so threads may share one Review. The ledger is written first: what
it says is true also where the index was not reached any more.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from agent.photos.image import HEAD_BYTES
from agent.photos.index import Index, digest
from agent.photos.index_model import Reviewable
from agent.photos.ledger import Ledger
from agent.photos.ledger_anew import begin_anew
from agent.photos.ledger_model import Intent, Said
from agent.photos.ledger_rows import Picture, of
from agent.photos.planted import is_planted
from agent.photos.review.model import Marked, Removal, Removed, Remover
from agent.photos.review.pending import UNDO_S, Pending, Waiting, copy_of, is_as_asked
from agent.photos.review.rules import ReviewRefusal, Why, refusal_of
from agent.photos.review.settle import close, finish, intent_of, settle
from agent.photos.review.teaching import kept_copy
from agent.photos.review.turn import turn
from checks.clinical_images.fact import Disposition

Tick = Callable[[int, Removed], None]
"""Told of each copy, by its id, once its turn is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What one Review works with."""

    folder: Path
    """Places.photos."""
    open_index: Callable[[Path], Index]
    """agent.photos.scan.open_index. Raises IndexTrouble."""
    remover: Callable[[str], Remover | None]
    """By the index's device key; None where the device is not attached now. A mapping's `get` will do."""
    senders_word: Callable[[], bool]
    """Whether the policy lets the sender's filing be enough."""
    now: Callable[[], datetime]
    clock_s: Callable[[], float]
    """Goes on steadily."""
    randomness: Callable[[int], bytes]


class Review:
    """One page's. Methods raise ReviewRefusal, LedgerTrouble and IndexTrouble, each with a `sentence`.

    What they raise before a copy's turn came has touched nothing.
    """

    def __init__(self, terms: Terms) -> None:
        self._terms = terms
        self._waiting = Waiting(terms.randomness, terms.clock_s)

    def say(self, ids: Iterable[int], said: Said) -> None:
        """Keep it of all copies of a picture, ticked or not. A deletion that waits for one of them is dropped.

        Copies kept for teaching stay that, unless they alone are meant, or a hold is put on them.
        """
        with self._ledger() as ledger, self._index() as index:
            rows = _meant(_there(index, ids), said, ledger)
            if said.disposition is not Disposition.LEGAL_HOLD and _on_hold(rows):
                raise ReviewRefusal(Why.ON_HOLD)
            self._waiting.drop_with(one.id for one in rows)
            if not ledger.say(rows, said):
                raise ReviewRefusal(Why.ON_HOLD)
            for one in rows:
                index.dispose(one.id, said.disposition, at=said.at)

    def lift_hold(self, ids: Iterable[int]) -> None:
        """End the hold on all copies of a picture: it is to be decided again."""
        with self._ledger() as ledger, self._index() as index:
            rows, at = _there(index, ids), self._at()
            self._waiting.drop_with(one.id for one in rows)
            ledger.lift(rows, at=at)
            for one in rows:
                index.dispose(one.id, Disposition.NONE, at=at)

    def set_apart(self, ids: Iterable[int], id: int) -> list[int]:
        """This copy is another picture than the rest of these, whose ids come back; so is each of the same contents.

        It is to be decided anew: what was said of it was said of the group. A deletion that waits for one of them is
        dropped. What the rest counts as stands.
        """
        with self._ledger() as ledger, self._index() as index:
            rows, at = _there(index, ids), self._at()
            some, rest = _parts(rows, id)
            if _on_hold(rows) or ledger.held(rows) is not None:
                raise ReviewRefusal(Why.HELD_TOGETHER)
            self._waiting.drop_with(one.id for one in rows)
            if not ledger.set_apart(some, rest, at=at):
                raise ReviewRefusal(Why.HELD_TOGETHER)
            for one in some:
                if one.disposition is not Disposition.TEACHING:
                    index.dispose(one.id, Disposition.NONE, at=at)
            return [one.id for one in rest]

    def join(self, ids: Iterable[int]) -> None:
        """These copies are the same as what they were set apart from, after all; what was said of each stands."""
        with self._ledger() as ledger, self._index() as index:
            rows = _there(index, ids)
            self._waiting.drop_with(one.id for one in rows)
            ledger.join(rows)

    def prepare(
        self, group: Iterable[int], ticked: Iterable[int], count: int, *, delay_s: float | None = UNDO_S
    ) -> Pending:
        """Prove that these copies may be deleted and are what was judged; touches nothing.

        `group`: all copies of the picture; `count`: how many the person confirmed; `delay_s`: 30, 120, or None.
        """
        with self._ledger() as ledger, self._index() as index:
            rows = {one.id: one for one in _there(index, group)}
            chosen = [rows.get(one) for one in dict.fromkeys(ticked)]
            known = [one for one in chosen if one is not None]
            if len(known) != len(chosen):
                raise ReviewRefusal(Why.CHANGED)
            self._must_be_allowed(ledger, list(rows.values()), known, count)
        found = {one.id: self._mark(one) for one in known}
        marked = [one for one in found.values() if isinstance(one, Marked)]
        left = {number: one for number, one in found.items() if isinstance(one, Removal)}
        return self._waiting.add(rows.values(), marked, left, delay_s)

    def pending(self, id: str) -> Pending:
        """As it waits now."""
        return self._waiting.get(id)

    def wait(self, id: str, delay_s: float | None) -> Pending:
        """Count the time to undo anew, from now; None: until the person says so; 0: they just did."""
        return self._waiting.put_off(id, delay_s)

    def undo(self, id: str) -> bool:
        """Nothing was touched, and nothing will be. False: it did not wait any more, and this changed nothing."""
        return self._waiting.drop(id)

    def carry_out(self, id: str, tick: Tick = lambda *_: None) -> Mapping[int, Removed]:
        """Delete, copy by copy, once the time to undo is over; by id what became of each that was ticked.

        An error in the middle leaves the copy in hand to `settle`, and the ones after it untouched.
        """
        self._waiting.get(id)
        with turn(self._terms.folder), self._ledger() as ledger, self._index() as index:
            pending = self._waiting.take(id)
            self._must_still_be_allowed(ledger, index, pending)
            done = {number: Removed(outcome=why) for number, why in pending.left.items()}
            for one in pending.marked:
                removed = self._delete(ledger, index, pending, one)
                done[one.copy.id] = removed
                tick(one.copy.id, removed)
            return done

    def settle(self) -> int:
        """Find out how deletions that were cut short ended; how many can't be told yet. Deletes nothing."""
        with turn(self._terms.folder), self._ledger() as ledger, self._index() as index:
            return settle(ledger, index, self._terms.remover, at=self._at())

    def unsettled(self) -> list[tuple[int, Intent]]:
        """Deletions that were cut short and can't be told yet, by the ledger's numbers."""
        with self._ledger() as ledger:
            return ledger.open_intents()

    def close(self, numbers: Iterable[int]) -> None:
        """The person looked themselves, and doesn't want to be asked about these any more. Deletes nothing."""
        meant = frozenset(numbers)
        with turn(self._terms.folder), self._ledger() as ledger:
            close(ledger, meant, at=self._at())

    def refer(self, ids: Iterable[int], reference: str) -> None:
        """Keep where a picture is found in the record with what was said of these very copies; it says no more."""
        with self._ledger() as ledger, self._index() as index:
            for row in _there(index, ids):
                said = ledger.own(row)
                if said is not None and said.disposition is row.disposition and said.reference != reference:
                    ledger.say([row], replace(said, reference=reference))

    def keep_for_teaching(self, id: int, data: bytes, suffix: str, said: Said, pictures: Path) -> Path:
        """Keep a copy without time, place and device; where it is now. The original stays to be decided.

        `data`: as the darkroom hands it out; `said`: TEACHING, until when and why; `pictures`: the person's folder.
        """
        import hashlib

        with self._ledger() as ledger, self._index() as index:
            original = _there(index, [id])
            with kept_copy(pictures, data, suffix, self._terms.now().astimezone().date()) as path:
                copy = Picture(
                    digest=digest(index.key, len(data), data[:HEAD_BYTES]),
                    size=len(data),
                    modified_s=path.lstat().st_mtime_ns // 10**9,
                    fingerprint=None,
                )
                if not ledger.keep_for_teaching(original, copy, said, hashlib.sha256(data).digest()):
                    raise ReviewRefusal(Why.ON_HOLD)
            return path

    def begin_anew(self) -> None:
        """The person leaves a damaged ledger behind. Holds that it or the index still knows go on."""
        terms = self._terms
        with turn(terms.folder), self._index() as index:
            begin_anew(terms.folder, randomness=terms.randomness, at=self._at())
            held = [one.id for one in index.judged() if one.disposition is Disposition.LEGAL_HOLD]
            rows = [one for one in index.for_review(held).values() if not is_planted(one.device)]
            with self._ledger() as ledger:
                unknown = [one for one in rows if ledger.held([one]) is None]
                if unknown:
                    ledger.say(unknown, Said(disposition=Disposition.LEGAL_HOLD, at=self._at()))

    def _must_be_allowed(
        self, ledger: Ledger, group: Sequence[Reviewable], ticked: Sequence[Reviewable], count: int
    ) -> None:
        """By the index and by the ledger, which must have the person's word on these very contents."""
        why = refusal_of(
            [one.disposition for one in group],
            held=ledger.held(group) is not None,
            senders_word=self._terms.senders_word(),
            ticked=[one.disposition for one in ticked],
            count=count,
        )
        if why is not None:
            raise ReviewRefusal(why)
        own = [(one, ledger.own(one)) for one in ticked]
        if any(said is None for _, said in own):
            raise ReviewRefusal(Why.SAID_OF_COPY)
        if any(said is not None and said.disposition is not one.disposition for one, said in own):
            raise ReviewRefusal(Why.CHANGED)

    def _must_still_be_allowed(self, ledger: Ledger, index: Index, pending: Pending) -> None:
        """The same rules, by what is known now; and every copy still what the person was asked about."""
        rows = index.for_review(one.id for one in pending.group)
        asked = {one.id: one for one in pending.group}
        ticked = [asked[one.copy.id] for one in pending.marked]
        self._must_be_allowed(ledger, [*rows.values(), *pending.group], ticked, len(ticked))
        if not all(is_as_asked(rows.get(one.id), one) for one in ticked):
            raise ReviewRefusal(Why.CHANGED)

    def _mark(self, row: Reviewable) -> Marked | Removal:
        remover = self._terms.remover(row.device)
        return Removal.PHONE_GONE if remover is None else remover.mark(copy_of(row))

    def _delete(self, ledger: Ledger, index: Index, pending: Pending, marked: Marked) -> Removed:
        """One copy: first written down, then deleted, then its end written down."""
        id = marked.copy.id
        asked = next(one for one in pending.group if one.id == id)
        row = index.for_review([id]).get(id)
        remover = self._terms.remover(marked.copy.device)
        if row is None or not is_as_asked(row, asked):
            return Removed(outcome=Removal.CHANGED)
        if remover is None:
            return Removed(outcome=Removal.PHONE_GONE)
        said = ledger.own(row)
        intent = intent_of(marked, row, "" if said is None else said.reference)
        number = ledger.intend(intent, pending.group)
        if number is None:
            return Removed(outcome=Removal.ON_HOLD)
        removed = remover.remove(marked)
        finish(ledger, index, number, intent, removed.outcome, at=self._at())
        return removed

    def _ledger(self) -> Ledger:
        return Ledger.open(self._terms.folder, randomness=self._terms.randomness)

    def _index(self) -> Index:
        return self._terms.open_index(self._terms.folder)

    def _at(self) -> int:
        return int(self._terms.now().timestamp())


def _there(index: Index, ids: Iterable[int]) -> list[Reviewable]:
    """Raises ReviewRefusal where none of them is what it was."""
    rows = list(index.for_review(ids).values())
    if not rows:
        raise ReviewRefusal(Why.CHANGED)
    return rows


def _parts(rows: Sequence[Reviewable], id: int) -> tuple[list[Reviewable], list[Reviewable]]:
    """The contents of one of them, and the other contents. Raises ReviewRefusal."""
    contents = {one.id: of(one).content for one in rows}
    if id not in contents:
        raise ReviewRefusal(Why.CHANGED)
    some = [one for one in rows if contents[one.id] == contents[id]]
    rest = [one for one in rows if contents[one.id] != contents[id]]
    if not rest or None in contents.values():
        raise ReviewRefusal(Why.SAME_CONTENTS)
    return some, rest


def _meant(rows: Sequence[Reviewable], said: Said, ledger: Ledger) -> list[Reviewable]:
    to_decide = [one for one in rows if one.disposition is not Disposition.TEACHING and not _taught(one, said, ledger)]
    keeps = said.disposition in (Disposition.TEACHING, Disposition.LEGAL_HOLD)
    return list(rows) if keeps or not to_decide else to_decide


def _taught(row: Reviewable, said: Said, ledger: Ledger) -> bool:
    """A copy that was just made and found by a scan that has not ended: the index does not say yet what it is."""
    own = ledger.own(row)
    return own is not None and own.disposition is Disposition.TEACHING and (own.until is None or said.at < own.until)


def _on_hold(rows: Sequence[Reviewable]) -> bool:
    return any(one.disposition is Disposition.LEGAL_HOLD for one in rows)
