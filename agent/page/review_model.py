"""The nouns of the review: a picture with its copies as the clinician sees it, and all of them together."""

import hashlib
from dataclasses import dataclass
from enum import StrEnum

from agent.photos.scan import Found
from checks.clinical_images.fact import Disposition

SHOWN_CHARACTERS = 32


class State(StrEnum):
    """Under which heading a picture stands."""

    OPEN = "open"
    """To be decided, or said to be in the record and still here."""
    HOLD = "hold"
    DECIDED = "decided"
    """It may stay."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One picture that looks clinical, with every copy that is known."""

    number: int
    """In its address: the smallest id among its copies."""
    first: Found
    """The copy that looks most clinical."""
    copies: tuple[Found, ...]
    state: State
    title: str
    """Skin, close up"""
    where: str
    """3 copies: Camera, Chats (sent), Trash"""
    age: str
    """9 days; "no date" where that can't be told."""
    said: str = ""
    """What was said of it, in words; "" where nothing was."""

    @property
    def ids(self) -> tuple[int, ...]:
        """Of its copies, in order."""
        return tuple(sorted(one.id for one in self.copies))

    @property
    def shown(self) -> str:
        """What a form was made for: these files. Their ids alone would not do: an index that was lost counts anew."""
        parts = sorted((one.id, one.device, one.path, one.modified_s, one.first_seen) for one in self.copies)
        return hashlib.sha256(repr(parts).encode("utf-8", "surrogatepass")).hexdigest()[:SHOWN_CHARACTERS]

    @property
    def disposition(self) -> Disposition:
        """What was said of the copy that looks most clinical; a hold on any copy is one on all."""
        if self.state is State.HOLD:
            return Disposition.LEGAL_HOLD
        said = [one.disposition for one in (self.first, *self.copies) if one.disposition is not Disposition.NONE]
        return said[0] if said else Disposition.NONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """One device, and how far it was looked at last."""

    key: str
    name: str
    at: int | None
    """Unix time, seconds; None where no look is known of."""
    old: bool
    """Too long ago to decide by."""
    whole: bool
    """Every picture could be looked at, and the planted one was found."""
    pictures: int
    unread: int
    """Files that could not be judged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """All that was found, the oldest first."""

    pictures: tuple[Picture, ...]
    looked: tuple[Looked, ...]

    def under(self, state: State) -> tuple[Picture, ...]:
        """Those under one heading."""
        return tuple(one for one in self.pictures if one.state is state)

    def holding(self, number: int) -> Picture | None:
        """The picture that has this id among its copies."""
        return next((one for one in self.pictures if number in one.ids), None)

    def around(self, picture: Picture) -> tuple[Picture | None, Picture | None]:
        """The one before it and the one after it under the same heading."""
        row = self.under(picture.state)
        at = next((place for place, one in enumerate(row) if one.number == picture.number), None)
        if at is None:
            return None, None
        return (row[at - 1] if at else None), (row[at + 1] if at + 1 < len(row) else None)
