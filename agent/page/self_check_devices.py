"""The devices of the page: this laptop, phones that are here, phones that can't be looked at, and those seen before."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from agent.brief import aged
from agent.closing import closing
from agent.collect.adb.devices import State as Attachment
from agent.desk import Desk
from agent.devices import APPLE, Seen, advice
from agent.escape import printable
from agent.page.checking_model import Held, Snapshot
from agent.page.self_check_rows import Row, Source, State, Step, rows, step_of, tell_rest, where
from agent.places import Kept
from agent.standing import OLD, tally
from agent.status_file import AHEAD, read_report
from agent.tell import clock, system_of
from checks.model import Device, Kind, Ownership, Waiver
from checks.plurals import counted
from checks.policy import Policy
from reports.envelope import Report

LONGEST_NAME = 48
YOURS: Mapping[Ownership, str] = {
    Ownership.PERSONAL: "yours",
    Ownership.PRACTICE_OWNED: "your practice's",
    Ownership.DEDICATED_CAMERA: "your practice's camera",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """One device of which something is known."""

    id: str
    source: Source | None
    """None: its last report can't be read."""
    here: bool | None = None
    """A phone is attached; None before anybody looked, and for this laptop."""
    held: bool = False
    """This process looked at it itself."""

    @property
    def report(self) -> Report | None:
        """One to go by: what is too old says nothing of today."""
        return None if self.source is None or self.source.stale else self.source.counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Today:
    """What reports are held against."""

    policy: Policy
    waivers: Mapping[str, Waiver]
    """By uid."""
    snapshot: Snapshot
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Chip:
    """One word on a device."""

    word: str
    state: State


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One device as it is shown."""

    id: str
    kind: Kind
    name: str
    about: str
    chips: tuple[Chip, ...]
    at: int | None
    """When it was checked, Unix seconds."""
    open: tuple[Row, ...] = ()
    advised: tuple[Row, ...] = ()
    advised_words: str = ""
    rest: tuple[Row, ...] = ()
    rest_words: str = ""
    where: str = ""
    again: bool = False
    """One check of it can be looked at again, now."""
    unplug: tuple[Step, ...] = ()
    """What to do when it is unplugged."""
    action: str = ""
    """The one thing to do about it, where there is one."""
    away: bool = False
    """A phone that is not here now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unready:
    """A phone that is here and can't be looked at."""

    chip: Chip
    said: str
    action: str
    waits: bool = False
    """It waits for the person's word on its own screen."""


def known(desk: Desk, snapshot: Snapshot, now: datetime) -> tuple[Known, ...]:
    """This laptop first, if it was ever checked; then every phone that ever was."""
    waivers = {one.uid: one for one in desk.waivers.granted}
    today = Today(policy=desk.in_force.policy, waivers=waivers, snapshot=snapshot, now=now)
    phones = {one.folder.name: one for one in desk.places.kept_phones()}
    held = dict(snapshot.held)
    own = next((key for key, one in held.items() if one.audit.report.device.kind is Kind.LAPTOP), None)
    laptop = _known(own or "", held.pop(own) if own else None, desk.places.kept(), today)
    others = [_known(key, held.get(key), phones.get(key), today) for key in sorted({*held, *phones})]
    return tuple(one for one in (laptop, *others) if one is not None)


def _known(key: str, held: Held | None, kept: Kept | None, today: Today) -> Known | None:
    """The newer of what this process saw and of what is kept: another check may have been made elsewhere."""
    report = None if kept is None else read_report(kept.last_report)
    if report is not None and report.generated_at > today.now + AHEAD:
        report = None  # written under another clock: its age means nothing
    if held is not None and (report is None or report.generated_at <= held.audit.report.generated_at):
        report = held.audit.report
    elif report is not None:
        held = None
    else:
        return None if kept is None or not kept.status.exists() else Known(id=key, source=None)
    phone, here = report.device.kind is Kind.PHONE, today.snapshot.here
    return Known(
        id=report.device.id,
        source=_source(report, held, today),
        here=report.device.id in here if phone and here is not None else None,
        held=held is not None,
    )


def _source(report: Report, held: Held | None, today: Today) -> Source:
    return Source(
        report=report,
        today=aged(report, today.policy, today.now),
        audit=None if held is None else held.audit,
        pending=held is not None and held.pending,
        stale=today.now - report.generated_at > OLD,
        waivers=today.waivers,
    )


def cards(all_: Sequence[Known], now: datetime) -> tuple[Card, ...]:
    """Phones that are here, this laptop, and what was here before."""
    made = [(one, _card(one, now)) for one in all_]
    return tuple(card for _, card in sorted(made, key=lambda pair: _place(*pair)))


def _place(one: Known, card: Card) -> tuple[int, int, str]:
    return (0 if one.here else 1 if card.kind is Kind.LAPTOP else 2, -len(card.open), card.name)


def _card(one: Known, now: datetime) -> Card:
    if one.source is None:
        name = "This laptop" if not one.id else "A phone"
        return Card(
            id=one.id, kind=Kind.PHONE if one.id else Kind.LAPTOP, name=name, about="its last check can't be read",
            chips=(Chip(word="Can't tell", state=State.UNKNOWN),), at=None, action="Check it again.",
        )  # fmt: skip
    source, device = one.source, one.source.report.device
    lines = rows(source)
    opened = tuple(row for row in lines if row.open)
    advised = tuple(row for row in lines if row.advised)
    rest = tuple(row for row in lines if not row.open and not row.advised)
    return Card(
        id=one.id,
        kind=device.kind,
        name=name_of(device),
        about=", ".join(_about(one, device)),
        chips=tuple(_chips(source, now)),
        at=int(source.report.generated_at.timestamp()),
        open=opened,
        advised=advised,
        advised_words=counted(len(advised), "more thing") + " that your practice only recommends",
        rest=rest,
        rest_words=_rest_words(source, rest, alone=not opened and not advised),
        where=where(device),
        again=one.held and not source.stale and one.here is not False,
        unplug=_unplug(one),
        action=AWAY if source.stale and one.here is False else "",
        away=one.here is False,
    )


AWAY = (
    "Plug it in and unlock it to check it again. You don't use it any more? Type in a terminal: scrubin devices forget"
)


def name_of(device: Device) -> str:
    """As people call it."""
    return "This laptop" if device.kind is Kind.LAPTOP else printable(device.model, LONGEST_NAME) or "A phone"


def _about(one: Known, device: Device) -> Iterator[str]:
    yield printable(system_of(device), LONGEST_NAME)
    yield YOURS[device.ownership]
    if one.here is not None:
        yield "here now" if one.here else "not here now"


def _rest_words(source: Source, rest: Sequence[Row], *, alone: bool) -> str:
    if source.stale:
        at = source.report.generated_at.astimezone()
        checks = "one check" if len(rest) == 1 else counted(len(rest), "check")
        return f"What {checks} said on {at:%A, %-d %B}, {clock(at)}"
    return tell_rest(rest, alone=alone)


def _chips(source: Source, now: datetime) -> Iterator[Chip]:
    if source.stale:
        days = (now - source.report.generated_at).days
        seen = f"{counted(days, 'day')} ago" if days > 0 else "less than a day ago"
        yield Chip(word=f"Last seen {seen}", state=State.STALE)
        return
    told = tally((source.counted,))
    look = told.look - (1 if source.pending and told.look else 0)
    if told.fix:
        yield Chip(word=f"{told.fix} to fix", state=State.FAIL)
    if look:
        yield Chip(word=f"{look} to look at", state=State.UNKNOWN)
    if source.pending:
        yield Chip(word="Looking now", state=State.PENDING)
    elif not told.fix and not look:
        ready = told.proven and told.compliant
        yield Chip(word="Ready" if ready else "Can't tell", state=State.OK if ready else State.UNKNOWN)


def _unplug(one: Known) -> tuple[Step, ...]:
    audit = None if one.source is None else one.source.audit
    todo = closing(audit) if audit is not None and one.here else None
    return () if todo is None else tuple(map(step_of, todo[1]))


def unready(snapshot: Snapshot, *, key_end: str | None) -> tuple[Unready, ...]:
    """Each phone that is in the way, with what to do."""
    if snapshot.trouble:
        said = f"{snapshot.trouble[:1].upper()}{snapshot.trouble[1:]}"
        chip = Chip(word="Couldn't check", state=State.ERROR)
        return (Unready(chip=chip, said=printable(said), action="See what is missing. In a terminal: scrubin doctor"),)
    return tuple(_unready(one, key_end) for one in snapshot.unready)


def _unready(one: Seen, key_end: str | None) -> Unready:
    told = advice(one, key_end=key_end)
    iphone = one.maker == APPLE
    chip = Chip(word="Can't tell" if iphone else "Couldn't check", state=State.UNKNOWN if iphone else State.ERROR)
    waits = one.state is Attachment.UNAUTHORISED
    return Unready(chip=chip, said=told.said, action=told.action, waits=waits)
