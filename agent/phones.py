"""Phones that are attached now, each read once: what an audit of them starts from."""

import secrets
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from agent import limits
from agent.collect.adb.devices import Attached, State
from agent.collect.adb.host import PhoneHost
from agent.collect.adb.session import Session
from agent.collect.adb.wire import AdbLine, Line
from agent.collect.android.commands import PROPERTIES, READINGS
from agent.collect.android.properties import parse, release
from agent.collect.host import CollectError, Output
from agent.identity import model_of
from checks.evidence import Why

if TYPE_CHECKING:
    from agent.photos.phone_files import PhonePictures

AT_ONCE = 4
"""Phones that are read at the same time; their cables are their own."""
SERIALS = ("ro.serialno", "ro.boot.serialno")
NO_SERIAL = frozenset({"", "unknown", "0123456789ABCDEF", "0123456789abcdef"})
"""What a phone without a serial of its own says; makers of cheap ones ship the same for all."""
FIRST = tuple(one for one in READINGS if one.command == PROPERTIES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A phone with all that it said."""

    serial: str
    """Its own, which names it over cable and network alike; it stays on this laptop."""
    attached: Attached
    host: PhoneHost
    trips: int
    received_bytes: int
    named: bool = True
    """It is known which phone this is. Else it did not say its serial and was reached at an address, which another may
    have tomorrow."""
    port: int | None = None
    """Of the adb server, by which it can be reached again; None where a line was given in place of a server."""

    def pictures(self, device: str, stop: threading.Event) -> "PhonePictures":
        """The way to its files; `device` is its id in the register. Raises CollectError."""
        from agent.photos.phone_files import PhonePictures  # an audit without pictures needs none of it

        if self.port is None:
            raise CollectError(Why.NOT_RECORDED, "no server leads to this phone")
        said = self.host.run(PROPERTIES).stdout
        return PhonePictures(self.port, self.attached.serial, release(self.host), device, stop, said=said)

    def answers_to(self, name: str) -> bool:
        """Whether a person may mean it by this name: its serial, the one that adb has, or its model."""
        return name in (self.serial, self.attached.serial) or name.casefold() == model_of(self.host).casefold() != ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A phone on which a first round trip may have been spent."""

    attached: Attached
    line: Line
    serial: str
    trips: int = 0
    port: int | None = None


def read_all(
    phones: Sequence[Attached], *, port: int, clock: Callable[[], datetime], stop: threading.Event
) -> tuple[Read, ...]:
    """Read every phone that is ready, each once, however many ways lead to it. Never raises for what a phone does."""
    ready = [_opened(one, port) for one in phones if _ready(one)]
    return read_lines(ready, clock=clock, stop=stop)


def _opened(one: Attached, port: int) -> Opened:
    return Opened(attached=one, line=AdbLine(port, one.serial), serial=one.serial, port=port)


def _ready(one: Attached) -> bool:
    return one.state is State.READY


def read_lines(ready: Sequence[Opened], *, clock: Callable[[], datetime], stop: threading.Event) -> tuple[Read, ...]:
    """As `read_all`, for phones whose lines are known."""
    whole = False
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="phone") as pool:
        try:
            if len(ready) > 1:
                ready = once_each(pool.map(lambda one: _named(one, stop), ready))
            read = tuple(pool.map(lambda one: _read(one, clock, stop), ready))
            whole = True
        finally:
            if not whole:
                stop.set()  # Ctrl-C: else the pool would wait until each phone has had its time
    return read


def once_each(opened: Iterable[Opened]) -> list[Opened]:
    """One way to each phone: the cable where there is one, since it is faster and nobody else is on it."""
    ways: dict[str, Opened] = {}
    for one in opened:
        if one.serial not in ways or ways[one.serial].attached.wireless > one.attached.wireless:
            ways[one.serial] = one
    return list(ways.values())


def _named(one: Opened, stop: threading.Event) -> Opened:
    """Ask for the properties only, to know the phone by its own serial."""
    taken = Session(one.line, marker=marker, stop=stop, trips=1).take(FIRST)
    serial = own_serial(taken.answers[PROPERTIES.argv]) or one.attached.serial
    return Opened(attached=one.attached, line=one.line, serial=serial, trips=1, port=one.port)


def _read(one: Opened, clock: Callable[[], datetime], stop: threading.Event) -> Read:
    left = limits.PHONE_TRIPS - one.trips
    taken = Session(one.line, marker=marker, stop=stop, trips=left).take(READINGS)
    own = own_serial(taken.answers[PROPERTIES.argv])
    return Read(
        serial=own or one.attached.serial,
        named=own is not None or not one.attached.wireless,
        attached=one.attached,
        host=PhoneHost(taken.answers, at=clock(), wireless=one.attached.wireless),
        trips=one.trips + taken.trips,
        received_bytes=taken.received_bytes,
        port=one.port,
    )


def marker() -> str:
    """Unforgeable by anything that a phone prints."""
    return f"@@{secrets.token_hex(16)}"


def own_serial(said: Output | CollectError) -> str | None:
    """The phone's own word, if it has one."""
    if isinstance(said, CollectError):
        return None
    try:
        known = parse(said.stdout)
    except CollectError:
        return None
    return next((known[key] for key in SERIALS if known.get(key, "") not in NO_SERIAL), None)
