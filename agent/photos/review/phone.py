"""Phones that are attached now, as the review needs them: a name, a way to their pictures, and what deletes there."""

import os
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Protocol

from agent.collect.adb.devices import State
from agent.collect.adb.files import PhoneFiles
from agent.collect.adb.host import PhoneHost
from agent.collect.adb.session import Session
from agent.collect.adb.wire import AdbLine
from agent.collect.android import maker as makers
from agent.collect.android.commands import PROPERTIES
from agent.collect.android.properties import properties, release
from agent.collect.host import CollectError
from agent.devices import Seen, better
from agent.identity import IdentityError, model_of, phone_id
from agent.phones import AT_ONCE, FIRST, marker, own_serial
from agent.photos.image import Unread
from agent.photos.index import digest
from agent.photos.phone_files import PhonePictures
from agent.photos.phone_scan import MOST_WHOLE_BYTES
from agent.photos.review.model import Copy, Remover
from agent.photos.review.phone_remover import PhoneRemover, file_of, spot_of
from agent.photos.scan import open_index
from agent.places import Places
from agent.surroundings import Around, around
from checks.makers import Maker

ASKED_AT = datetime(1970, 1, 1, tzinfo=UTC)
"""Nothing that is asked here goes by the time."""


class Door(Protocol):
    """What of this laptop is needed."""

    @property
    def home(self) -> str:
        """The person's folder, in which adb's keys lie."""


class Desk(Protocol):
    """What of agent.desk.Desk is needed."""

    @property
    def places(self) -> Places:
        """Where the index is, and the key by which phones have their ids."""

    @property
    def door(self) -> Door:
        """This laptop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachedPhone:
    """One phone that answers. It is that phone since its last start: after a restart it has to be looked for anew."""

    name: str
    """Maker and model, as the phone says them, in letters and digits; "" where it does not."""
    maker: Maker
    pictures: PhonePictures
    remover: Remover
    key: bytes
    """The index's, for digests."""

    def whole(self, copy: Copy) -> bytes | Unread:
        """All of a picture, in memory, if it is still what was judged. May take minutes."""
        if spot_of(copy) is None:
            return Unread.NOT_A_FILE
        try:
            data = self.pictures.whole(file_of(copy), most=MOST_WHOLE_BYTES)
        except CollectError:
            return Unread.FAILED
        if isinstance(data, bytes) and copy.digest not in (None, digest(self.key, len(data), data)):
            return Unread.CHANGED
        return data


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    seen: Seen
    host: PhoneHost
    said: str
    serial: str


def attached(
    desk: Desk, stop: threading.Event, *, key: bytes | None = None, look: Callable[[], Around] | None = None
) -> Mapping[str, AttachedPhone]:
    """Phones that answer now, by the id that the index knows them by. Asks each for its properties only.

    One that does not say which it is, and may be another at the same address tomorrow, is left out; so are two that
    can't be told apart. `key` is the index's, which is opened where it is not given. Raises IndexTrouble.
    """
    here = _around(desk, stop) if look is None else look()
    port = here.port
    if port is None:
        return {}
    key = _key(desk.places.photos) if key is None else key
    ready = [one for one in here.seen if one.state is State.READY]
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="phone") as pool:
        asked = [one for one in pool.map(partial(_asked, port, stop), ready) if one is not None]
    return dict(_phones(port, desk.places.state, _one_way_each(asked), key, stop))


def _around(desk: Desk, stop: threading.Event) -> Around:
    return around({**os.environ, "HOME": desk.door.home}, stop=stop)


def _key(folder: Path) -> bytes:
    with open_index(folder) as index:
        return index.key


def _asked(port: int, stop: threading.Event, seen: Seen) -> _Asked | None:
    """A phone that said what it is, in one round trip."""
    try:
        line = AdbLine(port, seen.serial)
    except CollectError:
        return None
    taken = Session(line, marker=marker, stop=stop, trips=1).take(FIRST)
    said = taken.answers[PROPERTIES.argv]
    own = own_serial(said)
    if isinstance(said, CollectError) or (own is None and seen.wireless):
        return None
    host = PhoneHost(taken.answers, at=ASKED_AT)
    return _Asked(seen=seen, host=host, said=said.stdout, serial=own or seen.serial)


def _one_way_each(asked: Iterable[_Asked]) -> Iterable[_Asked]:
    """A phone has one cable and one address. Two cables, and one serial: they are two phones, and who knows which."""
    ways: dict[str, _Asked] = {}
    cables: Counter[str] = Counter()
    for one in asked:
        cables[one.serial] += not one.seen.wireless
        if one.serial not in ways or better(one.seen, ways[one.serial].seen):
            ways[one.serial] = one
    return [one for serial, one in ways.items() if cables[serial] <= 1]


def _phones(
    port: int, state: Path, asked: Iterable[_Asked], key: bytes, stop: threading.Event
) -> Iterable[tuple[str, AttachedPhone]]:
    for one in asked:
        try:
            yield _phone(port, phone_id(state, one.serial), one, key, stop)
        except (CollectError, IdentityError):
            continue  # it is there, and nobody can say which of the index's phones it is


def _phone(port: int, device: str, asked: _Asked, key: bytes, stop: threading.Event) -> tuple[str, AttachedPhone]:
    """Raises CollectError."""
    level = release(asked.host)
    line = AdbLine(port, asked.seen.serial)
    pictures = PhonePictures(port, asked.seen.serial, level, device, stop, said=asked.said)
    files = PhoneFiles(line, marker=marker, stop=stop, said=asked.said)
    return device, AttachedPhone(
        name=model_of(asked.host),
        maker=makers.parse(properties(asked.host)),
        pictures=pictures,
        remover=PhoneRemover(files, pictures, release=level, key=key),
        key=key,
    )
