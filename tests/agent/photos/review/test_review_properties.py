"""No sequence of acts, scans, lost indexes and power cuts deletes what was not said to be stored, or what is held."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from agent.photos.index import Index
from agent.photos.index_model import Reviewable
from agent.photos.ledger_anew import withdraw
from agent.photos.ledger_apply import apply_ledger
from agent.photos.review.pending import Pending
from agent.photos.review.rules import ReviewRefusal
from checks.clinical_images.fact import Disposition
from tests.agent.photos.ledger_parts import picture, said
from tests.agent.photos.review.acts_parts import PHONE, Bench, Shelf

NONE, HOLD, TEACHING = Disposition.NONE, Disposition.LEGAL_HOLD, Disposition.TEACHING
BY_SENDER = Disposition.FILED_BY_SENDER
STORED = frozenset({Disposition.IN_RECORD, Disposition.FILED})
LOOKS = {1: 7, 2: 7, 3: 7, 4: 8}
"""Pictures by number, and what they look like: three copies, and one alone."""
AWAY = {3}
"""On the phone."""
MEMORY = "/dev/shm"
pages = st.integers(0, 1)
some = st.sets(st.sampled_from(sorted(LOOKS)), min_size=1)
words = st.sampled_from([Disposition.IN_RECORD, HOLD, *Disposition])


class PowerCut(BaseException):
    """Nothing in the program may catch it."""


class Clinician(RuleBasedStateMachine):
    """Two pages, one person. What they said is remembered here by the simplest means."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory(
            prefix="scrubin-test-", dir=MEMORY if os.access(MEMORY, os.W_OK) else None
        )
        self.bench = Bench(folder=Path(self._folder.name))
        self.pages = [self.bench.review, self.bench.page()]
        self.said: dict[int, Disposition] = {}
        """The last word on each picture itself that was taken."""
        self.holds: dict[int, tuple[int, bool]] = {}
        """When each picture was put on hold, and whether its copies are reached."""
        self.lifts: dict[int, int] = {}
        self.apart: set[frozenset[int]] = set()
        """Pairs that the person said are not the same."""
        self.acts = 0
        self.waiting: list[tuple[int, Pending]] = []
        self.restore(set(LOOKS))

    def teardown(self) -> None:
        with self.bench.ledger() as ledger:
            assert ledger.verify()
        self._folder.cleanup()

    @rule(numbers=some)
    def restore(self, numbers: set[int]) -> None:
        """From a backup: the same contents are there again, and are found."""
        self.bench.scan(*(as_found(one) for one in sorted(numbers)))
        self.scan()

    @rule()
    def scan(self) -> None:
        """What is there is found again, under new numbers where the index was lost."""
        there = {one for one in LOOKS if path_of(one) in self.shelf(one).files}
        self.bench.scan(*(as_found(one) for one in sorted(there)))
        with self.bench.index() as index, self.bench.ledger() as ledger:
            for one in set(LOOKS) - there:
                folder, _, name = path_of(one).rpartition("/")
                index.drop(device_of(one), folder, [name], now=self.bench.clock.at)
            apply_ledger(index, ledger, self.bench.clock.at)

    @rule()
    def lose_index(self) -> None:
        Index.wipe(self.bench.folder)

    @rule(page=pages, numbers=some, word=words)
    def say(self, page: int, numbers: set[int], word: Disposition) -> None:
        """Copies for teaching are spared, as long as they are not all that is meant."""
        ids = self.ids(numbers)
        if not self.took(lambda: self.pages[page].say(ids.values(), said(word, self.bench.clock.at))):
            return
        assert word is HOLD or not any(map(self.is_held, ids)), "a hold was weakened"
        others = [one for one in ids if self.said.get(one) is not TEACHING]
        for one in ids if word in (TEACHING, HOLD) or not others else others:
            self.said[one] = word
            if word is HOLD:
                self.holds[one] = (self.acts, True)

    @rule(page=pages, numbers=some)
    def lift(self, page: int, numbers: set[int]) -> None:
        ids = self.ids(numbers)
        if self.took(lambda: self.pages[page].lift_hold(ids.values())):
            for one in ids:
                self.said[one], self.lifts[one] = NONE, self.acts
                self.holds.pop(one, None)

    @rule(page=pages, numbers=some, one=st.sampled_from(sorted(LOOKS)))
    def set_apart(self, page: int, numbers: set[int], one: int) -> None:
        """What was said of it counts no more, but that it is kept for teaching."""
        ids = self.ids(numbers | {one})
        if one in ids and self.took(lambda: self.pages[page].set_apart(ids.values(), ids[one])):
            assert not any(map(self.is_held, ids)), "a hold was weakened"
            self.apart |= {frozenset({one, other}) for other in ids if other != one}
            self.said[one] = TEACHING if self.said.get(one) is TEACHING else NONE

    @rule(page=pages, numbers=some)
    def join(self, page: int, numbers: set[int]) -> None:
        ids = self.ids(numbers)
        if self.took(lambda: self.pages[page].join(ids.values())):
            self.apart = {pair for pair in self.apart if pair.isdisjoint(ids)}

    @rule(page=pages, named=some, ticked=some, slip=st.booleans(), delay=st.sampled_from([0.0, 30.0, None]))
    def prepare(self, page: int, named: set[int], ticked: set[int], slip: bool, delay: float | None) -> None:
        """Ticks, counts and copies as a browser could send them, wrong ones too."""
        ids = self.ids(set(LOOKS))
        chosen = [ids.get(one, 99) for one in ticked]
        self.took(lambda: self.prepared(page, [ids.get(one, 99) for one in named], chosen, slip, delay))

    @rule(page=pages, ticked=some, meanwhile=st.none() | st.tuples(some, words), stored=st.booleans())
    def delete(self, page: int, ticked: set[int], meanwhile: tuple[set[int], Disposition] | None, stored: bool) -> None:
        """From the word to the end at one go; the other page may say something in between. Then all is put back."""
        self.plug(away=False)
        if stored:
            self.say(page, ticked, Disposition.IN_RECORD)
        chosen = list(self.ids(ticked).values())
        if self.took(lambda: self.prepared(page, chosen, chosen, slip=False, delay=0.0)):
            if meanwhile is not None:
                self.say(1 - page, *meanwhile)
            self.took(lambda: self.pages[page].carry_out(self.waiting[-1][1].id))
        self.only_what_was_stored_and_not_held_went()
        self.restore(set(LOOKS))

    def prepared(self, page: int, group: list[int], ticked: list[int], slip: bool, delay: float | None) -> None:
        pending = self.pages[page].prepare(group, ticked, len(ticked) + slip, delay_s=delay)
        self.waiting.append((page, pending))

    @precondition(lambda self: self.waiting)
    @rule(data=st.data(), cut=st.booleans(), seconds=st.sampled_from([0, 30]))
    def carry_out(self, data: Any, cut: bool, seconds: int) -> None:
        """Where the power is cut, the page is gone too."""
        page, pending = data.draw(st.sampled_from(self.waiting), label="pending")
        self.bench.clock.pass_s(seconds)
        for shelf in (self.bench.laptop, self.bench.phone):
            shelf.cut = power_cut if cut else nothing
        try:
            self.took(lambda: self.pages[page].carry_out(pending.id))
        except PowerCut:
            self.pages[page] = self.bench.page()
        finally:
            for shelf in (self.bench.laptop, self.bench.phone):
                shelf.cut = nothing  # one that was refused has not met it, and the next is to go well

    @precondition(lambda self: self.waiting)
    @rule(data=st.data(), undo=st.booleans())
    def undo_or_wait(self, data: Any, undo: bool) -> None:
        page, pending = data.draw(st.sampled_from(self.waiting), label="pending")
        self.took(lambda: self.pages[page].undo(pending.id) if undo else self.pages[page].wait(pending.id, 0))

    @rule()
    def settle(self) -> None:
        self.bench.page().settle()

    @rule(away=st.booleans())
    def plug(self, away: bool) -> None:
        self.bench.attached = {"laptop"} if away else {"laptop", PHONE}

    @rule(word=st.booleans())
    def change_policy(self, word: bool) -> None:
        self.bench.senders_word = word

    @rule()
    def withdraw_consent(self) -> None:
        """Holds stand, for the very files; all else that was said is forgotten."""
        withdraw(self.bench.folder, randomness=self.bench.randomness, at=self.bench.clock.at)
        self.said = dict.fromkeys(self.holds, HOLD)
        self.holds = {one: (at, False) for one, (at, _) in self.holds.items()}
        self.lifts.clear()
        self.apart.clear()

    @invariant()
    def only_what_was_stored_and_not_held_went(self) -> None:
        """Each deletion since the last look, by what was said before it."""
        taken = [*self.bench.laptop.taken, *self.bench.phone.taken]
        for number in LOOKS:
            if path_of(number) in taken:
                assert not self.is_held(number)
                assert self.said.get(number) in STORED | ({BY_SENDER} if self.bench.senders_word else set())
        self.bench.laptop.taken.clear()
        self.bench.phone.taken.clear()

    @invariant()
    def count_acts(self) -> None:
        self.acts += 1

    def is_held(self, number: int) -> bool:
        """By its own hold, or by one on a copy that is newer than its lift."""
        lifted = self.lifts.get(number, -1)
        copies = [
            self.holds[one]
            for one in self.holds
            if LOOKS[one] == LOOKS[number] and one != number and frozenset({one, number}) not in self.apart
        ]
        return number in self.holds or any(reaches and at > lifted for at, reaches in copies)

    def ids(self, group: set[int]) -> dict[int, int]:
        """By number, what the index calls those that it has."""
        with self.bench.index() as index:
            known = {one.file.path: one.id for one in index.pictures(at_least=0)}
        return {one: known[path_of(one)] for one in group if path_of(one) in known}

    def shelf(self, number: int) -> Shelf:
        return self.bench.phone if number in AWAY else self.bench.laptop

    def took(self, act: Callable[[], object]) -> bool:
        """Whether it was taken, or refused."""
        try:
            act()
        except ReviewRefusal:
            return False
        return True


def as_found(number: int) -> Reviewable:
    return picture(number, look=LOOKS[number], path=path_of(number), device=device_of(number))


def path_of(number: int) -> str:
    return f"/sdcard/DCIM/{number}.jpg" if number in AWAY else f"/home/ann/Pictures/{number}.jpg"


def device_of(number: int) -> str:
    return PHONE if number in AWAY else "laptop"


def power_cut() -> None:
    raise PowerCut


def nothing() -> None:
    """Nothing happens."""


Clinician.TestCase.settings = settings(max_examples=60, stateful_step_count=20, deadline=None)
TestClinician = Clinician.TestCase
