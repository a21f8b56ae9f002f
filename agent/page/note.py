"""The note for the patient's record that a picture's own metadata allows to draft: the person fills in the rest."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from agent.commands.photos_table import looks_like
from agent.page.review_words import copies, taken_at
from agent.photos.image import Medium
from agent.photos.index_model import LAPTOP
from agent.photos.scan import Found
from checks.clinical_images.fact import Disposition, Origin
from checks.model import Ownership

KINDS = {Medium.VIDEO: "video", Medium.PAPER: "page", Medium.DICOM: "file of a medical scanner"}
OWNERS = {
    Ownership.PERSONAL: "a personal phone",
    Ownership.PRACTICE_OWNED: "a phone of the practice",
    Ownership.DEDICATED_CAMERA: "a camera of the practice",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What is known of one picture besides its copies."""

    first: Found
    copies: Sequence[Found]
    phones: Ownership
    """Whose the phones are."""
    disposition: Disposition
    now: datetime
    """In the laptop's zone."""


def note(told: Told) -> str:
    """Text to paste into the record; what only the person knows stands in brackets. No path, no file name."""
    return " ".join(_sentences(told))


def _sentences(told: Told) -> Iterator[str]:
    kind = KINDS.get(told.first.result.header.medium, "photograph")
    yield f"Clinical {kind} ({looks_like(told.first.result)}), {_origin(told)}."
    if any(one.origin is Origin.SENT for one in told.copies):
        yield "Sent in a chat to: [who]."
    yield "Purpose: [why]. Consent: [verbal or written, by whom]."
    yield f"{_stored(told)} on {told.now:%d/%m/%Y}."
    yield f"Copies on devices ({copies(len(told.copies))}) are to be deleted after this entry."


def _stored(told: Told) -> str:
    if told.disposition is Disposition.FILED:
        return "Printed, and the print filed in this record"
    if told.disposition is Disposition.FILED_BY_SENDER:
        return "Stored in the record by its sender, [who]; confirmed by them"
    return "Stored in this record"


def _origin(told: Told) -> str:
    when = _when(told)
    origins = {one.origin for one in told.copies}
    if Origin.RECEIVED in origins and Origin.TAKEN not in origins:
        return f"received in a chat from [who], taken by [who] {when}"
    return f"taken by [your name and role] {when}{_with(told)}"


def _when(told: Told) -> str:
    dates = [at for one in (told.first, *told.copies) if (at := taken_at(one.result)) is not None]
    return f"on {dates[0]:%d/%m/%Y} at {dates[0]:%H:%M}" if dates else "on [date and time]"


def _with(told: Told) -> str:
    """The phone's own camera, where a copy shows that it was one."""
    ways = {one.device for one in told.copies if one.origin is Origin.TAKEN or one.result.header.camera}
    if ways - {LAPTOP}:
        return f" with {OWNERS[told.phones]}"
    return " with [which camera or phone]"
