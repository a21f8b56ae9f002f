"""What became of each copy that was to be deleted, and where else it may be, in words."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from agent.page.review_words import copies
from agent.photos.index_model import LAPTOP, Reviewable
from agent.photos.review import laptop_words, phone_words
from agent.photos.review.model import Removal, Removed
from checks.clinical_images.fact import Disposition
from checks.makers import Maker
from checks.plurals import counted

OFF = frozenset({Removal.GONE, Removal.ALREADY_GONE})
STAYS = {
    Removal.UNSURE: "we can't tell yet",
    Removal.REPLACED: "deleted, and a file of its name is there again",
}
"""Of what is not simply gone; else it is still there."""
NOT_BEGUN = "still there: its turn did not come"
ONLINE = "Online accounts and back-ups: we can't see them. If backup was on, delete it there too."
LOGGED: Mapping[Disposition, str] = {
    Disposition.IN_RECORD: "in the record",
    Disposition.FILED: "printed and filed",
    Disposition.FILED_BY_SENDER: "stored by its sender",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A copy as its line names it: it may be gone when it is told."""

    row: Reviewable
    where: str
    """Camera, Pixel 9a"""
    maker: Maker = Maker.OTHER
    """Of its phone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One copy."""

    where: str
    gone: bool
    outcome: str
    by_hand: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """One deletion that is over."""

    head: str
    lines: tuple[Line, ...]
    elsewhere: tuple[str, ...]
    logged: str
    """What the log has of it."""


def not_begun(places: Mapping[int, Place], left: Mapping[int, Removal], said: Disposition, at: datetime) -> Done:
    """None of these copies can be deleted as it is, so nothing waits."""
    done = told(places, {id: Removed(outcome=why) for id, why in left.items()}, said, at)
    return replace(done, logged="Nothing was touched, so your log has no line of it.")


def told(
    places: Mapping[int, Place], outcomes: Mapping[int, Removed], said: Disposition, at: datetime, *, cut: str = ""
) -> Done:
    """`places`: every copy that was ticked, by id; `cut`: why it stopped in the middle; `at`: in the laptop's zone."""
    gone = [id for id, one in outcomes.items() if one.outcome in OFF]
    deleted = sum(one.outcome in (Removal.GONE, Removal.REPLACED) for one in outcomes.values())
    lines = [_line(one, outcomes.get(id), at) for id, one in places.items()]
    if cut:
        lines.append(Line(where="Stopped", gone=False, outcome=cut))
    return Done(
        head=_head(deleted, len(gone), len(places)),
        lines=tuple(lines),
        elsewhere=tuple(_elsewhere([places[id] for id in gone if id in places])),
        logged=_logged(deleted, said, at),
    )


def _head(deleted: int, gone: int, asked: int) -> str:
    if gone == asked:
        return f"{copies(deleted)} deleted, and checked" if deleted else "It was gone already"
    return f"{deleted} of {copies(asked)} deleted" if deleted else "Nothing was deleted"


def _logged(deleted: int, said: Disposition, at: datetime) -> str:
    if not deleted:
        return "What was tried, and why it was not done, stands in your own log on this laptop."
    return (
        f"Your own log on this laptop keeps: deleted {at.day} {at:%B}, {_clock(at)}, {LOGGED.get(said, said)}, "
        f"{copies(deleted)}. It keeps no picture, no file name and no patient's name."
    )


def _line(place: Place, removed: Removed | None, at: datetime) -> Line:
    if removed is None:
        return Line(where=place.where, gone=False, outcome=NOT_BEGUN)
    if removed.outcome in OFF:
        left = _left_behind(place, removed.left)
        return Line(where=place.where, gone=True, outcome=_gone(removed, at), by_hand=(left,) if left else ())
    return left_line(place, removed.outcome)


def left_line(place: Place, why: Removal) -> Line:
    """A copy that was not deleted."""
    told = _by_hand(place, why)
    outcome = STAYS.get(why, "still there")
    return Line(where=place.where, gone=False, outcome=outcome, by_hand=(told,) if told else ())


def _gone(removed: Removed, at: datetime) -> str:
    text = "was already gone" if removed.outcome is Removal.ALREADY_GONE else "gone"
    twins = f", and {counted(removed.twins, 'small preview or trash entry')} of it too" if removed.twins == 1 else ""
    if removed.twins > 1:
        twins = f", and {removed.twins} small previews or trash entries of it too"
    return f"{text}{twins}, looked again {_clock(at)}"


def _clock(at: datetime) -> str:
    return f"{at.hour % 12 or 12}:{at:%M} {'am' if at.hour < 12 else 'pm'}"


def _left_behind(place: Place, count: int) -> str:
    if place.row.device == LAPTOP:
        return laptop_words.left_behind(count)
    return phone_words.left_behind(count)


def _by_hand(place: Place, why: Removal) -> str:
    if place.row.device == LAPTOP:
        return laptop_words.by_hand(why, place.row.folder)
    return phone_words.by_hand(why, place.maker, place.row.folder)


def _elsewhere(gone: Sequence[Place]) -> Iterator[str]:
    yield from laptop_words.elsewhere(one.row.folder for one in gone if one.row.device == LAPTOP)
    phones = [one for one in gone if one.row.device != LAPTOP]
    said = [
        sentence
        for maker in dict.fromkeys(one.maker for one in phones)
        for sentence in phone_words.elsewhere((one.row.folder for one in phones if one.maker is maker), maker)
    ]
    yield from dict.fromkeys(said)
    if gone and not phones:
        yield ONLINE
