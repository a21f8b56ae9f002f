"""The system still gets security updates, and has them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from checks.bands import Age, age_band, either, past
from checks.model import LAPTOPS, PHONES, Exact, Point, Severity, Verdict, rule
from checks.plurals import counted
from checks.points import not_seen
from checks.spec import Check, limit
from checks.updates.fact import Dated, Updates


class Reason(StrEnum):
    """What the judge may notice."""

    UP_TO_DATE = "up_to_date"
    SUPPORT_ENDED = "support_ended"
    UPDATED_TOO_LONG_AGO = "updated_too_long_ago"
    PATCH_TOO_OLD = "patch_too_old"
    RESTART_OVERDUE = "restart_overdue"
    NOT_AUTOMATIC = "not_automatic"
    SUPPORT_NOT_SEEN = "support_not_seen"
    LAST_UPDATE_NOT_SEEN = "last_update_not_seen"
    RESTART_NOT_SEEN = "restart_not_seen"
    AUTOMATIC_NOT_SEEN = "automatic_not_seen"


class Support(StrEnum):
    """Whether the maker still publishes security updates."""

    SUPPORTED = "supported"
    ENDED = "ended"
    NOT_SEEN = "not_seen"


class Restart(StrEnum):
    """Whether an update waits for a restart."""

    NONE = "none"
    PENDING = "pending"
    NOT_SEEN = "not_seen"
    NOT_ASKED = "not_asked"
    """Only what runs is counted there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the practice asks for."""

    max_update_age_days: int = limit(
        30, doc="Longest time since updates were last installed, in days.", minimum=1, maximum=365
    )
    max_patch_age_days: int = limit(
        90,
        doc="On a phone: longest time since the date of its security patch, in days. Some makers patch each quarter.",
        minimum=1,
        maximum=365,
    )
    max_restart_days: int = limit(
        7,
        doc="Longest time for which an installed update may wait for a restart, in days; 0 is the same day.",
        minimum=0,
        maximum=90,
    )
    automatic: bool = limit(False, doc="Whether updates must be installed without anybody asking.")


def judge(seen: Updates, limits: Limits) -> Verdict:
    """Broken is proven by any one part; up to date needs all of them."""
    age = past(seen.last_update_days)
    waits = _waits(seen)
    most = limits.max_patch_age_days if seen.dated is Dated.PUBLISHED else limits.max_update_age_days
    parts = {"support": seen.supported, "last_update": age}
    if seen.dated is Dated.INSTALLED:
        parts["restart"] = waits
    if limits.automatic:
        parts["automatic"] = seen.automatic
    return rule(
        broken=tuple(_broken(seen, age, waits, limits)),
        unclear=not_seen(Reason, seen, parts),
        kept=Point(
            reason=Reason.UP_TO_DATE,
            because=f"supported by its maker and {NEWEST[seen.dated]} within {most} days",
            exact={} if age is None else {"age": counted(age, "day")},
        ),
        measures={
            "support": either(seen.supported, yes=Support.SUPPORTED, no=Support.ENDED, not_seen=Support.NOT_SEEN),
            "last_update": age_band(age),
            "restart": either(
                seen.restart_pending,
                yes=Restart.PENDING,
                no=Restart.NONE,
                not_seen=Restart.NOT_SEEN if seen.dated is Dated.INSTALLED else Restart.NOT_ASKED,
            ),
            "limit_days": most,
        },
    )


NEWEST: Mapping[Dated, str] = {Dated.INSTALLED: "updated", Dated.PUBLISHED: "runs a security patch dated"}


def _waits(seen: Updates) -> int | None:
    """Days for which a restart has been due, 0 where none is; None where that is not seen."""
    return past(seen.restart_days) if seen.restart_pending else 0 if seen.restart_pending is False else None


def _broken(seen: Updates, age: int | None, waits: int | None, limits: Limits) -> Iterator[Point]:
    if seen.supported is False:
        because = "its maker no longer publishes security updates for this release"
        yield Point(reason=Reason.SUPPORT_ENDED, because=because, exact={**_until(seen), **_menus(seen)})
    if age is not None:
        yield from _too_old(seen, age, limits)
    if waits is not None and waits > limits.max_restart_days:
        because = f"an installed update has waited for a restart for longer than {limits.max_restart_days} days"
        yield Point(reason=Reason.RESTART_OVERDUE, because=because, exact={"age": counted(waits, "day")})
    if limits.automatic and seen.automatic is False:
        yield Point(reason=Reason.NOT_AUTOMATIC, because="updates are not installed by themselves")


def _too_old(seen: Updates, age: int, limits: Limits) -> Iterator[Point]:
    match seen.dated:
        case Dated.INSTALLED:
            most, reason = limits.max_update_age_days, Reason.UPDATED_TOO_LONG_AGO
            because = f"updates were last installed longer ago than the limit of {most} days"
        case Dated.PUBLISHED:
            most, reason = limits.max_patch_age_days, Reason.PATCH_TOO_OLD
            because = f"the security patch that runs is older than the limit of {most} days"
        case _:
            assert_never(seen.dated)
    if age > most:
        exact = {"age": counted(age, "day"), "limit": counted(most, "day"), **_menus(seen)}
        yield Point(reason=reason, because=because, exact=exact)


def _menus(seen: Updates) -> Exact:
    return {} if seen.maker is None else {"maker": seen.maker}


def _until(seen: Updates) -> Exact:
    """The last day with support, as people write it; "an earlier day" where it is not known."""
    day = seen.supported_until
    return {"until": "an earlier day" if day is None else f"{day.day} {day:%B %Y}"}


CHECK = Check(
    id="updates",
    title="System is supported and recently updated",
    severity=Severity.MEDIUM,
    fact=Updates,
    limits=Limits,
    judge=judge,
    reasons=Reason,
    measures={"support": Support, "last_update": Age, "restart": Restart, "limit_days": int},
    requirements=("R18",),
    controls=("CIS-Controls-v8:7.3",),
    platforms=LAPTOPS | PHONES,
)
