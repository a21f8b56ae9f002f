"""What `--device` asks for: this laptop, the phones attached to it, one of them, or all."""

import threading
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from agent import desk as desks
from agent.exits import CannotRun
from agent.runner import Subject

if TYPE_CHECKING:
    from agent.desk import Desk
    from agent.devices import Seen
    from agent.photos.evidence import Pictures

LAPTOP, PHONES, ALL = "laptop", "phones", "all"
"""Words that `--device` knows; any other is a phone's serial, model or id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What one run is about."""

    subjects: tuple[Subject, ...]
    """Phones first: they are what people carry."""
    unready: tuple["Seen", ...] = ()
    """Phones that are there and could not be looked at."""
    unnamed: frozenset[str] = frozenset()
    """Ids of phones that did not say which they are: under such an id nothing may be kept or sent."""
    note: str = ""
    """Why phones could not be looked for at all; "" when that went well."""


def look(
    desk: "Desk",
    wanted: str,
    *,
    photo_folders: tuple[str, ...] = (),
    left_out: frozenset[str] = frozenset(),
    stop: threading.Event,
    pictures: "Pictures | None" = None,
) -> Looked:
    """Find and read the devices. Raises CannotRun where one that was asked for by name is not there.

    `pictures` looks for clinical images; without it that check has no probe.
    """
    found = _phones(desk, wanted, left_out, stop, pictures)
    if wanted not in (ALL, LAPTOP):
        return found
    own = desks.laptop(desk, photo_folders=photo_folders, left_out=left_out, pictures=pictures)
    return replace(found, subjects=(*found.subjects, own))


def pictures_of(desk: "Desk", stop: threading.Event, *, background: bool = False) -> "Pictures":
    """What looks for clinical images in one run. `background`: nobody waits for it."""
    from agent.photos.evidence import Pictures, Terms  # a run without pictures needs none of it

    return Pictures(Terms(folder=desk.places.photos, background=background, stop=stop, clock=desks.now))


def _phones(
    desk: "Desk", wanted: str, left_out: frozenset[str], stop: threading.Event, pictures: "Pictures | None"
) -> Looked:
    if wanted == LAPTOP:
        return Looked(subjects=())
    from agent.collect.adb.devices import State  # a look at the laptop alone needs nothing of adb
    from agent.devices import Seen
    from agent.gather import find_phones

    try:
        found = find_phones(desk.door.home, wanted=None if wanted in (ALL, PHONES) else wanted, stop=stop)
        pairs = [(desks.phone(desk, one, left_out=left_out, pictures=pictures), one) for one in found.phones]
    except CannotRun as error:
        if wanted != ALL:
            raise
        # There may be a phone: what is not known of it must not look like a pass.
        return Looked(subjects=(), unready=(Seen(serial="", state=State.OTHER),), note=str(error))
    if wanted not in (ALL, PHONES):
        pairs = [(one, read) for one, read in pairs if read.answers_to(wanted) or wanted == one.device.id]
    if wanted != ALL and not pairs and not found.unready:
        raise CannotRun(_none(wanted, found.silent))
    return Looked(
        subjects=tuple(subject for subject, _ in pairs),
        unready=found.unready,
        unnamed=frozenset(subject.device.id for subject, read in pairs if not read.named),
    )


def _none(wanted: str, silent: tuple["Seen", ...]) -> str:
    from agent.devices import NOTHING, advice

    told = advice(silent[0], key_end=None) if silent else NOTHING
    if wanted == PHONES:
        return f"{told.said} {told.action}"
    return "no phone of that serial or model is attached. Those that are: scrubin devices"
