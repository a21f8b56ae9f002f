"""One file from its first bytes to a score: header, thumbnail, whole picture, words. Runs in the worker only.

Each step costs some ten times the one before, so a file goes on to the next only while the last leaves room for doubt.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from PIL import Image

from agent.photos import document, readers
from agent.photos.classify import Finder, Opinion
from agent.photos.fingerprint import fingerprint
from agent.photos.image import Header, Medium, Result, Seen, Source, Stage, Unread, Unreadable, Words
from agent.photos.ocr import TextReader
from checks.clinical_images.fact import Group

PAGE = 0.5
"""From this share of the chances on, a picture counts as a page, whose words decide."""
LINKED = 0.2
"""Pictures that score less get no fingerprint: nobody asks for their copies."""
ENOUGH_PX = 256
"""Shorter side for the network, with room for a second crop."""
READABLE_PX = 960
"""Shorter side for reading text."""
NOBODY_READS_PX = 400
"""Longer side of a page up to which no letter can be told from another: its look is all that it shows."""
LEGIBLE_PX = 700
"""Longer side from which on a page holds its words: in a smaller picture, words that are not found prove nothing."""
CENTRE = 0.8
WORDS_S = 3.0
"""For the text of one page."""
PAPER_PAGES = 3
COUNTS = 0.8
"""The score from which policies count a picture, unless they say otherwise; a page's weight of a half stands for it."""
CERTAIN = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One picture, frame or page with what the network makes of it."""

    image: Image.Image
    opinion: Opinion
    score: float


def examine(source: Source, finder: Finder, reader: TextReader | None) -> Result:
    """Judge one file. Raises NeedsWhole where its head is all there is and does not decide."""
    try:
        told = readers.tell(source)
        decided = _without_pixels(told.header) or _by_thumbnail(source, told, finder)
        return decided or _in_full(source, told.header, finder, reader)
    except Unreadable as error:
        return error.why


def _without_pixels(header: Header) -> Seen | None:
    if header.medium is Medium.DICOM:
        return Seen(header=header, stage=Stage.HEADER, score=CERTAIN, label="dicom", group=Group.IMAGING)
    if header.medium is Medium.AUDIO:
        return Seen(header=header, stage=Stage.HEADER, score=0.0, label="audio", group=Group.RECORDING)
    return None


def _by_thumbnail(source: Source, told: readers.Told, finder: Finder) -> Seen | None:
    """Only a plain no is taken from a thumbnail."""
    header = told.header
    image = readers.thumbnail(source, header, told)
    if image is None:
        return None
    (seen,) = finder.look([image], small=True)
    if seen.score >= finder.card.pass_on or seen.document >= PAGE:
        return None
    return Seen(header=header, stage=Stage.THUMBNAIL, score=seen.score, label=seen.label, group=Group.ORDINARY)


def _in_full(source: Source, header: Header, finder: Finder, reader: TextReader | None) -> Result:
    views = [_view(one, finder, header) for one in readers.views(source, header, at_least=ENOUGH_PX)]
    if not views:
        return Unread.BROKEN
    best = max(views, key=lambda one: one.score)
    pages = views if header.medium is Medium.PHOTO else [best]  # a scan has several, and the best need not be a page
    if header.medium is Medium.PAPER or any(one.opinion.document >= PAGE for one in pages):
        return _page(source, header, best, reader)
    return _seen(header, Stage.FULL, best, score=best.score, words=Words.NOT_ASKED)


def _view(image: Image.Image, finder: Finder, header: Header) -> View:
    """A photograph that may be clinical is looked at twice, whole and its middle: what lies in the middle was meant."""
    (whole,) = finder.look([image])
    if header.medium is Medium.PAPER or whole.score < finder.card.pass_on or whole.document >= PAGE:
        return View(image=image, opinion=whole, score=whole.score)
    (middle,) = finder.look([_middle(image)])
    odds = (whole.odds + middle.odds) / 2
    group = whole.group if whole.group is not Group.ORDINARY else middle.group
    score = finder.score(odds, group) if group is not Group.ORDINARY else (whole.score + middle.score) / 2
    leading = whole if whole.odds >= middle.odds else middle
    return View(image=image, opinion=leading, score=score)


def _middle(image: Image.Image) -> Image.Image:
    width, height = image.size
    x, y = width * (1 - CENTRE) / 2, height * (1 - CENTRE) / 2
    return image.crop((round(x), round(y), round(width - x), round(height - y)))


def _page(source: Source, header: Header, best: View, reader: TextReader | None) -> Result:
    """Pixels cannot tell a clinical letter from another; its words can."""
    pages = list(_readable(source, header))
    if max(max(one.size) for one in pages) <= NOBODY_READS_PX:  # previews of pages: else each would stay unread
        return _seen(header, Stage.FULL, best, score=best.score, words=Words.NOT_ASKED)
    read = [document.read(one, reader, budget_s=WORDS_S) for one in pages]
    words = _together(one.words for one in read)
    if words is Words.ORDINARY and max(max(one.size) for one in pages) < LEGIBLE_PX:
        words = Words.UNREAD
    if words is Words.CLINICAL:
        weight = max(one.weight for one in read if one.words is Words.CLINICAL)
        score = max(best.score, _score_of(weight))
        return _seen(header, Stage.TEXT, best, score=score, words=words, clinical=True)
    if words is Words.ORDINARY:
        # A drawing on paper may still be an ECG, which the pixels know better than the few words on it.
        score = best.score if best.opinion.group not in (Group.DOCUMENT, Group.ORDINARY) else min(best.score, 0.2)
        return _seen(header, Stage.TEXT, best, score=score, words=words)
    return _seen(header, Stage.FULL, best, score=best.score, words=words)


def _score_of(weight: float) -> float:
    """Words that just suffice make a score that just counts."""
    return COUNTS + (1 - COUNTS) * max(0.0, 2 * weight - 1)


def _readable(source: Source, header: Header) -> Iterable[Image.Image]:
    for number, image in enumerate(readers.views(source, header, at_least=READABLE_PX)):
        if number == PAPER_PAGES:
            return
        yield image


def _together(pages: Iterable[Words]) -> Words:
    """One clinical page makes the whole clinical; one that was not read leaves the whole unread."""
    said = set(pages)
    for one in (Words.CLINICAL, Words.UNREAD):
        if one in said:
            return one
    return Words.ORDINARY if said else Words.UNREAD


def _seen(header: Header, stage: Stage, best: View, *, score: float, words: Words, clinical: bool = False) -> Seen:
    group = Group.DOCUMENT if clinical and best.opinion.group is Group.ORDINARY else best.opinion.group
    label = "clinical_page" if clinical and best.opinion.group is Group.ORDINARY else best.opinion.label
    return Seen(
        header=header,
        stage=stage,
        score=score,
        label=label,
        group=group,
        words=words,
        fingerprint=fingerprint(best.image, best.opinion.embedding) if score >= LINKED else None,
    )
