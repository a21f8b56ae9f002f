"""The pictures that the clinician decides about on the page: previews in memory, and what is under way."""

import contextlib
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

from agent.desk import Desk
from agent.exits import CannotRun
from agent.page.busy import Busy
from agent.page.review_model import Picture, Shelf
from agent.page.review_shelf import names_of, shelf
from agent.page.reviewing_files import candidates, read_whole
from agent.page.reviewing_found import Gathered
from agent.page.reviewing_memory import Memory
from agent.page.reviewing_phones import Phones
from agent.page.reviewing_previews import Previews
from agent.page.reviewing_tools import Tools, real_tools
from agent.page.reviewing_waiting import Waiting
from agent.photos.darkroom_model import Held, OnLaptop, Preview, Shot, Stripped
from agent.photos.image import Unread
from agent.photos.index_model import LAPTOP, IndexTrouble, Reviewable
from agent.photos.ledger import Ledger
from agent.photos.ledger_apply import apply_ledger
from agent.photos.ledger_model import Said
from agent.photos.ledger_store import is_there
from agent.photos.review.acts import Review, Terms
from agent.photos.review.model import Remover
from agent.photos.review.pending import copy_of
from agent.photos.review.phone import AttachedPhone
from agent.photos.review.rules import ReviewRefusal
from agent.photos.scan import open_index
from agent.places import Places
from agent.stored.system import RecordSystem
from checks.clinical_images.fact import Disposition
from checks.makers import Maker
from checks.policy_terms import RecordSystemTerms

TRIES = 3
"""Copies of one picture that are tried for a preview."""
PUT_RIGHT = timedelta(minutes=1)
"""So long what the ledger and cut-off deletions say is taken to be in the index."""


class Reviewing:
    """One page's. Threads share it."""

    def __init__(
        self,
        places: Places,
        *,
        open_desk: Callable[[], Desk],
        now: Callable[[], datetime],
        clock_s: Callable[[], float],
        busy: Busy,
        stop: threading.Event,
        tools: Tools | None = None,
    ) -> None:
        """`tools`: real ones where none are given."""
        self._places, self._open_desk, self._now = places, open_desk, now
        self.busy = busy
        self.tools = tools or real_tools(stop=stop, clock_s=clock_s)
        self.memory = Memory()
        self.previews = Previews(self.tools.darkroom.preview)
        self.phones = Phones(self._attached, clock_s=clock_s, stop=stop, gone=self.previews.forget)
        self.acts = Review(self._working_terms(clock_s))
        """Says, holds and deletes, with the removers of what is plugged in at that moment."""
        self.waiting = Waiting(clock_s=clock_s, drop=self.acts.undo)
        self._records: tuple[RecordSystemTerms | None, RecordSystem | None] = (None, None)
        self._gathered = Gathered(places.photos)
        self._recent: Shelf | None = None
        self._right: tuple[datetime, int] | None = None
        """When the index was last put right, and how many deletions could not be told then."""
        self._lock = threading.Lock()
        self.deleting = threading.Lock()
        """One deletion at a time, so that whoever asks twice for one is told once how it ended."""

    def close(self) -> None:
        """Forget previews, and end what makes them."""
        self.previews.forget()
        self.tools.close()

    def put_right(self) -> int:
        """Let the index follow the ledger, and find out how deletions ended that were cut short.

        How many can't be told yet. Raises LedgerTrouble, IndexTrouble.
        """
        now = self._now()
        with self._lock:
            if self._right is not None and not self._right[1] and abs(now - self._right[0]) < PUT_RIGHT:
                return 0
        unclear = 0
        with contextlib.suppress(ReviewRefusal):  # another page deletes at this moment: it will see to it
            unclear = self.acts.settle()
        with self.ledger() as ledger, open_index(self._places.photos) as index:
            apply_ledger(index, ledger, int(now.timestamp()))
        self._right = now, unclear
        return unclear

    def end_cut_off(self) -> None:
        """Find out how deletions ended that were cut short, and nothing else: no picture may be looked at.

        One may have left its file under a hidden name, which is given back. Raises LedgerTrouble, IndexTrouble.
        """
        if is_there(self._places.photos) and self.acts.unsettled():
            with contextlib.suppress(ReviewRefusal):
                self.acts.settle()

    def unsettled(self) -> None:
        """A deletion was tried, or pictures set apart: what came of it is looked into before the next page."""
        self._right = None

    def shelf(self, desk: Desk) -> Shelf:
        """All that was found. Raises LedgerTrouble, IndexTrouble."""
        self._recent = made = shelf(desk, self._gathered.now(), self._now(), self.names(desk))
        return made

    def others(self, picture: Picture, among: Shelf) -> list[Picture]:
        """Those of a shelf that the person said are not the same as this one."""
        ids = self._gathered.others(picture.ids)
        return [one for one in among.pictures if not ids.isdisjoint(one.ids)]

    def names(self, desk: Desk) -> Mapping[str, str]:
        """By device, what people call it, safe to show. Raises IndexTrouble."""
        return names_of(desk, self.phones.here())

    def recent(self, desk: Desk, number: int) -> Picture | None:
        """The picture that has this id among its copies, by what was shown last. Raises as `shelf`."""
        known = self._recent.holding(number) if self._recent else None
        return known or self.shelf(desk).holding(number)

    def copies(self, ids: Sequence[int]) -> Mapping[int, Reviewable]:
        """Those of these that are still what they were. Raises IndexTrouble."""
        with open_index(self._places.photos) as index:
            return index.for_review(ids)

    def said(self, ids: Sequence[int], disposition: Disposition) -> Said | None:
        """The clinician's word on the first of these copies that has this one. Raises LedgerTrouble, IndexTrouble."""
        rows = self.copies(ids)
        with self.ledger() as ledger:
            words = (ledger.own(rows[id]) for id in sorted(rows))
            return next((one for one in words if one is not None and one.disposition is disposition), None)

    def ledger(self) -> Ledger:
        """Open it. Raises LedgerTrouble."""
        return Ledger.open(self._places.photos, randomness=self.tools.randomness)

    def is_here(self, device: str) -> bool:
        """Whether its files can be reached now. Raises IndexTrouble."""
        return device == LAPTOP or device in self.phones.here()

    def maker(self, device: str) -> Maker:
        """Of a phone that is plugged in. Raises IndexTrouble."""
        phone = None if device == LAPTOP else self.phones.here().get(device)
        return Maker.OTHER if phone is None else phone.maker

    def preview(self, ids: Sequence[int]) -> Preview | Unread:
        """Of the copy that shows most and is nearest; else why there is none. Raises IndexTrouble."""
        made: Preview | Unread = Unread.VANISHED
        for one in self._to_try(ids):
            made = self._previewed(one)
            if isinstance(made, Preview):
                break
        return made

    def shown(self, ids: Sequence[int]) -> Reviewable | None:
        """The copy that `preview` is of; the one that it tries first where it is of none. Raises IndexTrouble."""
        tried = self._to_try(ids)
        return next((one for one in tried if isinstance(self._previewed(one), Preview)), next(iter(tried), None))

    def _to_try(self, ids: Sequence[int]) -> Sequence[Reviewable]:
        return candidates(self.copies(ids).values(), self.is_here)[:TRIES]

    def _previewed(self, one: Reviewable) -> Preview | Unread:
        made = self.previews.of(one, partial(self.shot, one))
        if isinstance(made, Preview) and one.device != LAPTOP:
            self.phones.watch(lambda: bool(self.previews.devices - {LAPTOP}), self._look_again)
        return made

    def shot(self, one: Reviewable) -> Shot | Unread:
        """What the darkroom is given of this file."""
        if one.device == LAPTOP:
            return OnLaptop(path=one.path, size=one.size, stamp=one.stamp)
        data = self._from_phone(one)
        return data if isinstance(data, Unread) else Held(name=one.path.rpartition("/")[2], data=data)

    def data(self, one: Reviewable) -> bytes | Unread:
        """All of this file, in memory; it is not looked at here."""
        return read_whole(one.path, one.size, one.stamp) if one.device == LAPTOP else self._from_phone(one)

    def strip(self, one: Reviewable) -> Stripped | Unread:
        """A copy that holds nothing but the picture. Raises DarkroomError."""
        shot = self.shot(one)
        return shot if isinstance(shot, Unread) else self.tools.darkroom.strip(shot)

    def records(self, desk: Desk) -> RecordSystem | None:
        """The record system that the policy names; it remembers what it found first."""
        with self._lock:
            terms = desk.in_force.policy.record_system
            if terms != self._records[0]:
                self._records = terms, self.tools.records(desk)
            return self._records[1]

    def _working_terms(self, clock_s: Callable[[], float]) -> Terms:
        return Terms(
            folder=self._places.photos,
            open_index=open_index,
            remover=self._remover,
            senders_word=lambda: self._open_desk().in_force.policy.review.sender_may_file,
            now=self._now,
            clock_s=clock_s,
            randomness=self.tools.randomness,
        )

    def _remover(self, device: str) -> Remover | None:
        if device == LAPTOP:
            return self.tools.laptop(self._open_desk())
        phone = self.phones.here().get(device)
        return None if phone is None else phone.remover

    def _from_phone(self, one: Reviewable) -> bytes | Unread:
        phone = self.phones.here().get(one.device)
        return Unread.VANISHED if phone is None else phone.whole(copy_of(one))

    def _attached(self) -> Mapping[str, AttachedPhone]:
        return self.tools.attached(self._open_desk())

    def _look_again(self) -> None:
        """A phone whose answer can't be had is not here, as far as anybody can tell."""
        try:
            self.phones.here(anew=True)
        except (IndexTrouble, CannotRun):
            self.previews.forget()
