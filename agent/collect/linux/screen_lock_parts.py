"""What every desktop's reader of the lock hands back."""

from dataclasses import dataclass

from checks.evidence import Gap, Why

PARTS = ("idle", "grace", "resume")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """The lock of one desktop. None, with a gap where there is more to say, for what could not be seen."""

    locks: bool | None
    """The screen locks when nobody uses the device."""
    idle_s: int | None
    """Seconds without use until the lock shows, all delays added; 0 is never."""
    grace_s: int | None
    """Seconds after locking in which no credential is asked; NEVER_ASKS when none ever is."""
    on_resume: bool | None
    """A credential is asked after sleep."""
    gaps: tuple[Gap, ...] = ()
    """Of PARTS."""


def blind(why: Why, detail: str = "") -> Lock:
    """A lock of which nothing was seen, for one reason."""
    gaps = tuple(Gap(part=part, why=why, detail=detail) for part in PARTS)
    return Lock(locks=None, idle_s=None, grace_s=None, on_resume=None, gaps=gaps)
