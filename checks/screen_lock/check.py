"""The screen locks by itself and needs a credential to open."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from checks.makers import Maker
from checks.model import LAPTOPS, PHONES, Point, Severity, Verdict, rule
from checks.points import not_seen
from checks.screen_lock.fact import NEVER_ASKS, Desktop, ScreenLock
from checks.spec import Check, limit


class Reason(StrEnum):
    """What the judge may notice."""

    LOCKED = "locked"
    NO_PASSWORD = "no_password"
    AUTO_LOGIN = "auto_login"
    LOCK_OFF = "lock_off"
    NEVER_LOCKS = "never_locks"
    LOCKS_TOO_LATE = "locks_too_late"
    GRACE_TOO_LONG = "grace_too_long"
    OPENS_WITHOUT_PASSWORD = "opens_without_password"
    NO_LOCK_ON_RESUME = "no_lock_on_resume"
    STAYS_ON = "stays_on"
    EXTENDED_UNLOCK = "extended_unlock"
    IDLE_NOT_SEEN = "idle_not_seen"
    GRACE_NOT_SEEN = "grace_not_seen"
    RESUME_NOT_SEEN = "resume_not_seen"
    PASSWORD_NOT_SEEN = "password_not_seen"
    AUTO_LOGIN_NOT_SEEN = "auto_login_not_seen"
    STAYS_ON_NOT_SEEN = "stays_on_not_seen"
    EXTENDED_UNLOCK_NOT_SEEN = "extended_unlock_not_seen"


class Delay(StrEnum):
    """Bands of the time until the lock shows."""

    NEVER = "never"
    UP_TO_5_MIN = "up_to_5_min"
    UP_TO_15_MIN = "up_to_15_min"
    OVER_15_MIN = "over_15_min"
    NOT_SEEN = "not_seen"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the practice asks for."""

    max_idle_s: int = limit(
        300, doc="Longest time without use until the screen locks, in seconds.", minimum=30, maximum=3600
    )
    max_grace_s: int = limit(
        10, doc="Longest time after locking in which no credential is asked, in seconds.", minimum=0, maximum=300
    )
    on_resume: bool = limit(True, doc="Whether a credential must be asked after sleep.")


def judge(seen: ScreenLock, limits: Limits) -> Verdict:
    """Broken is proven by any one part; locked needs all of them."""
    idle = 0 if seen.locks is False else seen.idle_s
    parts = {
        "idle": None if seen.locks is None else idle,
        "grace": seen.grace_s,
        "password": seen.password,
        "auto_login": seen.auto_login,
        "stays_on": seen.stays_on,
        "extended_unlock": seen.extended_unlock,
    }
    if limits.on_resume:
        parts["resume"] = seen.on_resume
    verdict = rule(
        broken=tuple(_broken(seen, limits)),
        unclear=not_seen(Reason, seen, parts),
        kept=Point(reason=Reason.LOCKED, because=f"locks with a credential within {limits.max_idle_s} s"),
        measures={"desktop": seen.desktop, "delay": _band(idle), "limit_s": limits.max_idle_s},
    )
    return replace(verdict, points=tuple(_at(seen.maker, point) for point in verdict.points))


def _at(maker: Maker | None, point: Point) -> Point:
    """The point with the phone's maker, by which its steps are found."""
    return point if maker is None else replace(point, exact={**point.exact, "maker": str(maker)})


def _broken(seen: ScreenLock, limits: Limits) -> Iterator[Point]:
    if seen.password is False:
        yield Point(reason=Reason.NO_PASSWORD, because="no password, PIN or the like is set")
    if seen.auto_login:
        yield Point(reason=Reason.AUTO_LOGIN, because="a session starts without a credential")
    if seen.locks is False:
        yield Point(reason=Reason.LOCK_OFF, because="locking is switched off")
    elif seen.idle_s is not None:
        yield from _too_late(seen.idle_s, limits.max_idle_s)
    if seen.grace_s == NEVER_ASKS:
        yield Point(reason=Reason.OPENS_WITHOUT_PASSWORD, because="a locked screen opens without a credential")
    elif seen.grace_s is not None and seen.grace_s > limits.max_grace_s:
        because = f"asks for no credential for longer than {limits.max_grace_s} s after locking"
        yield Point(reason=Reason.GRACE_TOO_LONG, because=because, exact={"grace_s": seen.grace_s})
    if limits.on_resume and seen.on_resume is False:
        yield Point(reason=Reason.NO_LOCK_ON_RESUME, because="asks for no credential after sleep")
    if seen.stays_on:
        yield Point(reason=Reason.STAYS_ON, because="does not lock while it charges")
    if seen.extended_unlock:
        because = "something else than the credential may open it or keep it open"
        yield Point(reason=Reason.EXTENDED_UNLOCK, because=because)


def _too_late(idle_s: int, limit_s: int) -> Iterator[Point]:
    if idle_s <= 0:
        yield Point(reason=Reason.NEVER_LOCKS, because="never locks by itself", exact={"limit_s": limit_s})
    elif idle_s > limit_s:
        because = f"locks later than the limit of {limit_s} s"
        yield Point(reason=Reason.LOCKS_TOO_LATE, because=because, exact={"idle_s": idle_s, "limit_s": limit_s})


def _band(idle_s: int | None) -> Delay:
    if idle_s is None:
        return Delay.NOT_SEEN
    if idle_s <= 0:
        return Delay.NEVER
    if idle_s <= 300:
        return Delay.UP_TO_5_MIN
    return Delay.UP_TO_15_MIN if idle_s <= 900 else Delay.OVER_15_MIN


CHECK = Check(
    id="screen_lock",
    title="Screen locks with a credential",
    severity=Severity.HIGH,
    fact=ScreenLock,
    limits=Limits,
    judge=judge,
    reasons=Reason,
    measures={"desktop": Desktop, "delay": Delay, "limit_s": int},
    requirements=("R1",),
    controls=("CIS-Controls-v8:4.3",),
    platforms=LAPTOPS | PHONES,
)
