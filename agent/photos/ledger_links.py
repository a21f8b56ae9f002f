"""Whether a picture is one that was spoken of, or a copy of one: what a word reaches.

A word about these very contents comes before one about a copy; but a hold reaches every copy, whatever else was said,
until it is lifted for these contents.
"""

from collections.abc import Iterable
from itertools import chain

from agent.photos.copies import Prints, surely_linked
from agent.photos.image import HEAD_BYTES
from agent.photos.ledger_rows import Picture, Word
from checks.clinical_images.fact import Disposition

ALONE = frozenset({Disposition.NONE, Disposition.TEACHING})
"""Said of one file and not of its copies: what is kept for teaching is a copy of what is still to be decided."""

EXCUSES = frozenset({Disposition.NOT_CLINICAL, Disposition.OWN})
"""What lets a picture stay and be forgotten. A wrong link must not say it of another picture, which nobody would then
look at: so these reach only what is surely a copy, and one that was cut is asked about again."""


class Links:
    """Words, and which of them reach a picture: a hold first, then its own, then the newest on a copy."""

    def __init__(self, words: Iterable[Word]) -> None:
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
        reaching = chain([] if same is None else [same], self._holds.linked(picture))
        return next((one for one in reaching if _holds(one) and one.number > lifted), None)

    def own(self, picture: Picture) -> Word | None:
        """What was said of these very contents."""
        found = self._same(picture)
        return found if found is not None and is_sure(found.picture, picture) else None

    def of_a_copy(self, picture: Picture) -> Word | None:
        """What was said last of a copy, but for holds. Slow where thousands of words are on pictures of its colours."""
        reaching = (one for one in self._others.linked(picture) if _may_reach(one, picture))
        return max(reaching, key=lambda one: one.number, default=None)

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


def is_sure(one: Picture, other: Picture) -> bool:
    """Whether two pictures of the same digest have the same contents, not only the same head."""
    if one.digest is None or one.size <= HEAD_BYTES or one.modified_s == other.modified_s:
        return True
    mark = one.fingerprint
    return mark is not None and bool(mark.hashes) and mark == other.fingerprint
