"""Finds the phones that a command is to look at, and reads each once."""

import os
import threading
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from agent import desk as desks
from agent.collect.adb.devices import Attached, State
from agent.collect.adb.usb import DEVICES
from agent.devices import Seen
from agent.exits import CannotRun
from agent.phones import Read, read_all
from agent.surroundings import around


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The phones that were looked for."""

    phones: tuple[Read, ...] = ()
    unready: tuple[Seen, ...] = ()
    """Those that are there and could not be looked at."""
    silent: tuple[Seen, ...] = ()
    """Those that adb knows over Wi-Fi and that don't answer: most have gone home, so they hold up no verdict."""


def find_phones(home: str, *, wanted: str | None, stop: threading.Event, root: str = DEVICES) -> Found:
    """Read the phones that are attached, or the one that adb knows as `wanted` if there is one. Raises CannotRun.

    A server is started only where none runs and a phone is on the cable. `home` is where adb's keys lie, `root` where
    the kernel lists what is on the USB ports.
    """
    here = around({**os.environ, "HOME": home}, root=root, stop=stop)
    if here.trouble and here.port is None:
        # There may be a phone that nobody can see: all that can be said is what to do about it.
        raise CannotRun(here.trouble)
    named = tuple(one for one in here.seen if wanted is not None and wanted == one.serial)
    asked = named or here.seen
    read = (
        ()
        if here.port is None
        else read_all([_attached(one) for one in asked], port=here.port, clock=desks.now, stop=stop)
    )
    silent = tuple(one for one in asked if _silent(one))
    if wanted is None or named:
        return Found(phones=read, unready=in_the_way(asked, {one.serial for one in read}), silent=silent)
    return Found(phones=read, silent=silent)  # its model, or its serial behind an address: who asks picks


def _attached(one: Seen) -> Attached:
    return Attached(serial=one.serial, state=one.state)


def _ready(one: Seen) -> bool:
    return one.state is State.READY


def in_the_way(seen: Sequence[Seen], known: Collection[str]) -> tuple[Seen, ...]:
    """Those that are here and were not looked at. `known` are the serials of phones that were.

    One that was here over Wi-Fi and has gone home is not here; one that was looked at over Wi-Fi may hang on a cable
    that only charges it.
    """
    waiting = (one for one in seen if not _ready(one) and one.serial not in known)
    return tuple(one for one in waiting if not _silent(one))


def _silent(one: Seen) -> bool:
    return one.wireless and one.state is State.OFFLINE
