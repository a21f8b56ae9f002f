"""When to tell the person whether they are ready: before each shift of their roster, and at the practice's times."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo

APART = timedelta(hours=2)
"""Two shifts that begin within this time are one to the person: they are told once."""
LATE = timedelta(minutes=30)
"""The laptop may be opened only when the shift has begun; after that the word comes too late."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What the practice and the person say of it."""

    times: tuple[time, ...] = ()
    """Of every day, by the laptop's own clock."""
    minutes_before: int = 30
    """Of each shift."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is known of the coming days."""

    terms: Terms = Terms()
    starts: tuple[datetime, ...] = ()
    """Of shifts. Aware, UTC."""
    trouble: str = ""
    """Why a roster is older than it should be or not there, as a sentence without anything personal."""
    watched: bool = False
    """There is a roster, so shifts may come that nobody knows of yet."""

    @property
    def idle(self) -> bool:
        """Nobody is to be told anything."""
        return not self.watched and not self.terms.times


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One word to the person."""

    at: datetime
    """When it is due. Aware, UTC."""
    shift: datetime
    """The shift that it is about; where the practice names a time of day, that time."""

    @property
    def until(self) -> datetime:
        """Later than this it says nothing any more."""
        return self.shift + LATE


def notices(plan: Plan, now: datetime, zone: tzinfo | None = None) -> tuple[Notice, ...]:
    """All of the coming days and of the last hours, earliest first. `zone`: of the times of day; None: the laptop's."""
    before = timedelta(minutes=plan.terms.minutes_before)
    by_roster = [Notice(at=one - before, shift=one) for one in plan.starts]
    by_clock = [Notice(at=one, shift=one) for one in _daily(plan.terms.times, now, zone)]
    return tuple(sorted((*by_roster, *by_clock), key=lambda one: (one.at, one.shift)))


def _daily(times: Sequence[time], now: datetime, zone: tzinfo | None) -> Iterable[datetime]:
    today = now.astimezone(zone).date()
    for offset in (-1, 0, 1, 2):
        for at in times:
            local = datetime.combine(today + timedelta(days=offset), at, zone)
            yield local.astimezone(UTC)


def due(plan: Plan, told: Iterable[datetime], now: datetime, zone: tzinfo | None = None) -> Notice | None:
    """The notice whose time has come and that the person has not had yet. `told`: the shifts that they were told of."""
    had = tuple(told)
    fresh = (one for one in notices(plan, now, zone) if one.at <= now < one.until and not _said(one, had))
    return next(iter(fresh), None)


def next_at(plan: Plan, told: Iterable[datetime], now: datetime, zone: tzinfo | None = None) -> datetime | None:
    """When the next one is due; in the past where one is."""
    had = tuple(told)
    return next((one.at for one in notices(plan, now, zone) if now < one.until and not _said(one, had)), None)


def _said(one: Notice, told: Iterable[datetime]) -> bool:
    return any(abs(one.shift - other) < APART for other in told)
