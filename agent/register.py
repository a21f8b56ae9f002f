"""The devices of this account: this laptop, phones that are here now, and phones that were checked before."""

import threading
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime

from agent.collect.adb.devices import State
from agent.collect.adb.host import PhoneHost
from agent.collect.adb.session import Session
from agent.collect.adb.wire import AdbLine
from agent.collect.android.commands import PROPERTIES
from agent.collect.host import CollectError
from agent.devices import Seen, better
from agent.identity import IdentityError, describe, phone_id
from agent.phones import AT_ONCE, FIRST, marker, own_serial
from agent.places import Kept, Places
from agent.standing import counts
from agent.status_file import Problem, StatusFile, StatusProblem, read_report, read_status
from checks.model import Device, Finding, Kind, Ownership, Platform, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One device, with what is known of it."""

    kind: Kind
    id: str | None
    """None: this phone was never checked here."""
    model: str = ""
    """"" where nobody has said it yet."""
    ownership: Ownership | None = None
    """None: not known before the phone may be looked at."""
    seen: Seen | None = None
    """How a phone is attached now; None for one that is not, and for this laptop."""
    serial: str = ""
    """Its own, of a phone that is attached; it stays on this laptop."""
    last: StatusFile | StatusProblem | None
    """None: it was never checked."""
    to_fix: int | None = None
    """Things to fix at the last check; None where its report can't be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A phone that is here, with its own word on what it is, if it could be asked."""

    seen: Seen
    serial: str
    """Its own, else as adb has it; it stays on this laptop."""
    device: Device | None = None


def entries(where: Places, named: Sequence[Named], *, laptop: Ownership, now: datetime) -> tuple[Entry, ...]:
    """This laptop, then phones that are here, then those that are not, by their names."""
    kept = {one.folder.name: _kept(one, Kind.PHONE, now) for one in where.kept_phones()}
    here = [_here(one, where, kept, now) for one in named]
    ids = {one.id for one in here}
    away = sorted((one for name, one in kept.items() if name not in ids), key=lambda one: (one.model, one.id or ""))
    own = replace(_kept(where.kept(), Kind.LAPTOP, now), ownership=laptop)
    return (own, *here, *away)


def _here(one: Named, where: Places, kept: Mapping[str, Entry], now: datetime) -> Entry:
    known = kept.get(_id(where, one.serial) or "") if kept else None
    model, ownership = ("", None) if one.device is None else (one.device.model, one.device.ownership)
    if known is not None:
        return replace(
            known, seen=one.seen, serial=one.serial, model=model or known.model, ownership=ownership or known.ownership
        )
    return Entry(
        kind=Kind.PHONE, id=None, model=model, ownership=ownership, seen=one.seen, serial=one.serial, last=None
    )


def _id(where: Places, serial: str) -> str | None:
    try:
        return phone_id(where.state, serial) if serial else None
    except IdentityError:
        return None  # the check itself says so, with what to do


def _kept(kept: Kept, kind: Kind, now: datetime) -> Entry:
    status = read_status(kept.status, now=now)
    last = None if isinstance(status, StatusProblem) and status.problem is Problem.MISSING else status
    report = read_report(kept.last_report)
    return Entry(
        kind=kind,
        id=last.device_id if isinstance(last, StatusFile) else None if kind is Kind.LAPTOP else kept.folder.name,
        model="" if report is None else report.device.model,
        ownership=None if report is None else report.device.ownership,
        last=last,
        to_fix=None if report is None else sum(map(_to_fix, report.findings)),
    )


def _to_fix(one: Finding) -> bool:
    return one.status is Status.FAIL and counts(one)


def introduced(port: int | None, seen: Sequence[Seen], *, ownership: Ownership, now: datetime) -> tuple[Named, ...]:
    """Ask each phone that is ready what it is; one that two ways lead to is there once, by the cable."""
    stop = threading.Event()
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="phone") as pool:
        try:
            return once(pool.map(lambda one: _named(port, one, ownership, now, stop), seen))
        finally:
            stop.set()  # Ctrl-C: else the pool would wait until each phone has had its time


def once(named: Iterable[Named]) -> tuple[Named, ...]:
    """One way to each phone. Phones without a serial can't be told apart: each stays."""
    ways: dict[str | int, Named] = {}
    for number, one in enumerate(named):
        key = one.serial or number
        if key not in ways or better(one.seen, ways[key].seen):
            ways[key] = one
    return tuple(ways.values())


def _named(port: int | None, seen: Seen, ownership: Ownership, now: datetime, stop: threading.Event) -> Named:
    plain = Named(seen=seen, serial=seen.serial)
    if port is None or seen.state is not State.READY:
        return plain
    try:
        line = AdbLine(port, seen.serial)
    except CollectError:
        return plain  # it is there, and that is all that can be said
    taken = Session(line, marker=marker, stop=stop, trips=1).take(FIRST)
    host = PhoneHost(taken.answers, at=now)
    said = taken.answers[PROPERTIES.argv]
    if isinstance(said, CollectError):
        return plain
    serial = own_serial(said) or seen.serial
    device = describe(host, device_id="", platform=Platform.ANDROID, ownership=ownership)
    return Named(seen=seen, serial=serial, device=device)
