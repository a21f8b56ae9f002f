"""What the review works with: the darkroom, removers, phones that are plugged in, the record system, chance."""

import os
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from agent.collect.host import CollectError
from agent.collect.linux.folders import special
from agent.desk import Desk
from agent.photos.darkroom import Darkroom
from agent.photos.darkroom_model import Preview, Shot, Stripped
from agent.photos.laptop_ground import ground
from agent.photos.review.laptop import LaptopFiles
from agent.photos.review.model import Remover
from agent.photos.review.phone import AttachedPhone, attached
from agent.photos.review.thumbnails import folders
from agent.photos.scan import open_index
from agent.send import secrets as secret_store
from agent.stored.opened import record_system
from agent.stored.system import RecordSystem


class Room(Protocol):
    """What of the darkroom is needed."""

    def preview(self, shot: Shot) -> Preview:
        """Raises DarkroomError."""

    def strip(self, shot: Shot) -> Stripped:
        """Raises DarkroomError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """Of one page. Tests put others in their place."""

    darkroom: Room
    close: Callable[[], None]
    """Ends the darkroom."""
    attached: Callable[[Desk], Mapping[str, AttachedPhone]]
    """By the index's device key. Raises IndexTrouble."""
    laptop: Callable[[Desk], Remover]
    """Of this laptop's files. Raises IndexTrouble."""
    records: Callable[[Desk], RecordSystem | None]
    """The record system that the policy names."""
    pictures: Callable[[Desk], Path]
    """The person's folder of pictures."""
    randomness: Callable[[int], bytes] = secrets.token_bytes


def real_tools(*, stop: threading.Event, clock_s: Callable[[], float] = time.monotonic) -> Tools:
    """Nothing is started or asked yet."""
    room = Darkroom(os.environ)

    def records(desk: Desk) -> RecordSystem | None:
        return record_system(
            desk.in_force.policy,
            store=lambda: secret_store(desk.config, desk.places),
            randomness=secrets.token_bytes,
            clock_s=clock_s,
        )

    return Tools(
        darkroom=room,
        close=lambda: room.__exit__(None, None, None),
        attached=lambda desk: attached(desk, stop),
        laptop=laptop_files,
        records=records,
        pictures=pictures_folder,
    )


def laptop_files(desk: Desk) -> Remover:
    """What deletes on this laptop. Raises IndexTrouble."""
    here = ground(desk.door)
    with open_index(desk.places.photos) as index:
        return LaptopFiles(key=index.key, thumbnails=folders((one.cache for one in here.homes), here.home))


def pictures_folder(desk: Desk) -> Path:
    """As the desktop names it; ~/Pictures where it names none that can be read."""
    try:
        named = special(desk.door).get("PICTURES")
    except CollectError:
        named = None
    return Path(named) if named and os.path.isabs(named) else Path(desk.door.home) / "Pictures"
