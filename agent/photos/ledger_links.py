"""Whether a picture is one that was spoken of, or a copy of one: what a word reaches.

A word about these very contents comes before one about a copy; but a hold reaches every copy, whatever else was said,
until it is lifted for these contents. Neither crosses over to what the person set apart as another picture.
"""

from collections.abc import Iterable
from functools import cached_property
from itertools import chain

from agent.photos.copies import Prints, surely_linked
from agent.photos.ledger_parted import Bars, Parted
from agent.photos.ledger_rows import Picture, Word, is_sure
from checks.clinical_images.fact import Disposition

ALONE = frozenset({Disposition.NONE, Disposition.TEACHING})
"""Said of one file and not of its copies: what is kept for teaching is a copy of what is still to be decided."""

EXCUSES = frozenset({Disposition.NOT_CLINICAL, Disposition.OWN})
"""What lets a picture stay and be forgotten. A wrong link must not say it of another picture, which nobody would then
look at: so these reach only what is surely a copy, and one that was cut is asked about again."""


class Links:
    """Words, and which of them reach a picture: a hold first, then its own, then the newest on a copy."""

    def __init__(self, words: Iterable[Word], parted: Parted | None = None) -> None:
        """`parted`: nothing was set apart where none is given."""
        self._parted = parted or Parted()
        self._of = {one.content: one for one in words}
        self._holds = _Linking(one for one in self._of.values() if _holds(one))
        self._others = _Linking(one for one in self._of.values() if not _holds(one))

    @property
    def others(self) -> int:
        """With how many words `of_a_copy` compares."""
        return len(self._others)

    def hold_on(self, picture: Picture) -> Word | None:
        """By which it must not be deleted. Contents that may be the held ones are: their head is proof enough."""
        own, same = self.own(picture), self._same(picture)
        lifted = 0 if own is None else own.lifted
        copies = (one for one in self._holds.linked(picture) if not self._is_another(one, picture))
        reaching = chain([] if same is None else [same], copies)
        return next((one for one in reaching if _holds(one) and one.number > lifted), None)

    def own(self, picture: Picture) -> Word | None:
        """What was said of these very contents."""
        found = self._same(picture)
        return found if found is not None and is_sure(found.picture, picture) else None

    def of_a_copy(self, picture: Picture) -> Word | None:
        """What was said last of a copy, but for holds. Slow where thousands of words are on pictures of its colours."""
        linked = [one for one in self._others.linked(picture) if _may_reach(one, picture)]
        torn = any(one.content in self._parted.others for one in linked)
        barred = self._bars.before(picture) if torn else frozenset()
        reaching = (one for one in linked if one.content not in barred)
        return max(reaching, key=lambda one: one.number, default=None)

    @cached_property
    def _bars(self) -> Bars:
        return Bars(self._parted)

    def _is_another(self, word: Word, picture: Picture) -> bool:
        return self._parted.is_another(word.content, word.picture, picture)

    def _same(self, picture: Picture) -> Word | None:
        content = picture.content
        return None if content is None else self._of.get(content)


class _Linking:
    """Words by the look of their pictures."""

    def __init__(self, words: Iterable[Word]) -> None:
        self._words: list[Word] = []
        self._prints = Prints()
        for one in words:
            mark = one.picture.fingerprint
            if one.said.disposition not in ALONE and mark is not None:
                self._prints.learn(mark)
                self._words.append(one)

    def __len__(self) -> int:
        return len(self._words)

    def linked(self, picture: Picture) -> list[Word]:
        mark = picture.fingerprint
        return [] if mark is None or not self._words else [self._words[one] for one in self._prints.like(mark)]


def _may_reach(word: Word, picture: Picture) -> bool:
    one, other = word.picture.fingerprint, picture.fingerprint
    return word.said.disposition not in EXCUSES or (one is not None and other is not None and surely_linked(one, other))


def _holds(word: Word) -> bool:
    return word.said.disposition is Disposition.LEGAL_HOLD
