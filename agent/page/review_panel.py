"""What the panel shows of one picture: its preview or why there is none, facts of its file, and all its copies."""

from collections.abc import Mapping
from dataclasses import dataclass

from agent.commands.photos_table import place_name
from agent.escape import printable
from agent.page import review_words
from agent.page.review_frame import View
from agent.page.review_model import State
from agent.page.reviewing_files import candidates
from agent.photos.darkroom_model import Preview
from agent.photos.image import Unread
from agent.photos.index_model import LAPTOP, Reviewable
from agent.photos.ledger_model import Said
from agent.photos.ledger_rows import of
from agent.photos.scan import Found
from checks.clinical_images.fact import Disposition, Folder

LONGEST_PATH = 4096
ASKED_NOT_TO = "You asked not to be shown this one"
AWAY = "The phone that it lies on is not plugged in"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """The preview, or why there is none."""

    reason: str = ""
    width: int = 4
    height: int = 3
    on_phone: bool = False
    """No copy of it lies on this laptop."""
    hidden: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the file says, in words."""

    taken: str
    came: str
    sent: str
    sure: str
    part: str
    """Where a preview shows but a part of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One copy in the table."""

    id: int
    where: str
    device: str
    what: str
    size: str
    name: str
    """Its path, safe to show."""
    here: bool
    """It can be reached now."""
    stays: bool
    """It was kept for teaching."""
    alike: bool
    """It looks the same, but its contents are not those of the one that is shown: it may be another picture."""
    parts: bool
    """The person may say that it is another picture."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """What the ledger says of it."""

    since: int = 0
    reason: str = ""
    reference: str = ""


def look(view: View) -> Look:
    """Makes the preview. Raises IndexTrouble."""
    picture, reviewing = view.chosen, view.ask.page.reviewing
    on_phone = all(one.device != LAPTOP for one in picture.copies)
    if reviewing.memory.is_hidden(picture):
        return Look(reason=ASKED_NOT_TO, on_phone=on_phone, hidden=True)
    if not any(reviewing.is_here(one.device) for one in picture.copies):
        return Look(reason=AWAY, on_phone=on_phone)
    made = reviewing.preview(picture.ids)
    if isinstance(made, Preview):
        return Look(width=made.width, height=made.height, on_phone=on_phone)
    return Look(reason=not_shown(made), on_phone=on_phone)


def not_shown(why: Unread) -> str:
    """No preview: the file is damaged"""
    return f"No preview: {review_words.NOT_SHOWN[why]}"


def facts(view: View) -> Facts:
    """Of the copy that says most."""
    picture = view.chosen
    came, sent = review_words.came_from(picture.copies)
    dates = [text for one in (picture.first, *picture.copies) if (text := review_words.taken(one.result))]
    return Facts(
        taken=dates[0] if dates else "",
        came=came,
        sent=sent,
        sure=review_words.sure(picture.first.result.score),
        part=review_words.PARTS.get(picture.first.result.header.medium, ""),
    )


def rows(view: View) -> list[Row]:
    """Every copy, the one that looks most clinical first. Raises IndexTrouble."""
    picture, reviewing = view.chosen, view.ask.page.reviewing
    known = reviewing.copies(picture.ids)
    largest = max((one.size for one in known.values()), default=0)
    hidden = reviewing.memory.is_hidden(picture)  # then nothing was seen, and nothing is made to find out
    tried = candidates(known.values(), reviewing.is_here)
    first = next(iter(tried), None) if hidden else reviewing.shown(picture.ids)
    names = {**reviewing.names(view.desk), LAPTOP: "this laptop"}
    asked = first or known.get(picture.first.id)
    ordered = sorted(picture.copies, key=lambda one: (one.id != picture.first.id, one.id))
    return [
        _row(
            one, known.get(one.id), largest, names,
            here=one.id in known and reviewing.is_here(one.device), alike=not _is_equal(known.get(one.id), first),
            parts=picture.state is not State.HOLD and _is_told_apart(known.get(one.id), asked),
        )
        for one in ordered
    ]  # fmt: skip


def _is_equal(one: Reviewable | None, other: Reviewable | None) -> bool:
    """These are the same contents, as far as the index tells: no look at the picture is needed."""
    if one is None or other is None:
        return False
    return one.id == other.id or (one.digest is not None and (one.digest, one.size) == (other.digest, other.size))


def _is_told_apart(one: Reviewable | None, other: Reviewable | None) -> bool:
    """These are two contents, and each will be known again."""
    if one is None or other is None or one.disposition is Disposition.TEACHING:
        return False
    contents = {of(one).content, of(other).content}
    return len(contents) == 2 and None not in contents


def _row(
    copy: Found, known: Reviewable | None, largest: int, names: Mapping[str, str], *, here: bool, alike: bool,
    parts: bool,
) -> Row:  # fmt: skip
    size = known.size if known else 0
    return Row(
        id=copy.id,
        where=place_name(copy, {}),
        device=names.get(copy.device, "a phone"),
        what=review_words.what(copy, size, largest),
        size=review_words.bytes_of(size) if known else "",
        name=printable(copy.path, LONGEST_PATH),
        here=here,
        stays=copy.disposition is Disposition.TEACHING,
        alike=alike,
        parts=parts,
    )


def word(view: View) -> Word:
    """What was said, when and why. Raises LedgerTrouble, IndexTrouble."""
    said = said_of(view)
    return Word() if said is None else Word(since=said.at, reason=said.reason, reference=said.reference)


def said_of(view: View) -> Said | None:
    """The clinician's word on the first copy that has one. Raises LedgerTrouble, IndexTrouble."""
    picture = view.chosen
    if picture.disposition is Disposition.NONE:
        return None
    return view.ask.page.reviewing.said(picture.ids, picture.disposition)


def is_in_trash(view: View) -> bool:
    """A copy lies where it will be deleted by itself."""
    return any(one.place is Folder.TRASH for one in view.chosen.copies)
