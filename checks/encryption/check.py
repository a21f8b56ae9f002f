"""What holds the home folder is encrypted, all the way down to the disk."""

from dataclasses import dataclass
from enum import StrEnum

from checks.bands import either
from checks.encryption.fact import Encryption, Machine
from checks.model import LAPTOPS, PHONES, Point, Severity, Status, Verdict, rule
from checks.points import not_seen
from checks.spec import Check, limit


class Reason(StrEnum):
    """What the judge may notice."""

    ENCRYPTED = "encrypted"
    HOME_NOT_ENCRYPTED = "home_not_encrypted"
    INSIDE_NOT_ENCRYPTED = "inside_not_encrypted"
    SYSTEM_NOT_ENCRYPTED = "system_not_encrypted"
    SWAP_NOT_ENCRYPTED = "swap_not_encrypted"
    HOST_NOT_SEEN = "host_not_seen"
    HOME_NOT_SEEN = "home_not_seen"
    INSIDE_NOT_SEEN = "inside_not_seen"
    SYSTEM_NOT_SEEN = "system_not_seen"
    SWAP_NOT_SEEN = "swap_not_seen"
    MACHINE_NOT_SEEN = "machine_not_seen"


class Seen(StrEnum):
    """What may be shared of one part."""

    NO_PLAIN_DISK = "no_plain_disk"
    """Encrypted, or there is none."""
    PLAIN = "plain"
    NOT_SEEN = "not_seen"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the practice asks for, besides the home folder and the disks inside it."""

    system: bool = limit(False, doc="Whether the system's own files must be encrypted too.")
    swap: bool = limit(False, doc="Whether memory that is written to disk must be encrypted too.")


PLAIN = {
    "home": Point(reason=Reason.HOME_NOT_ENCRYPTED, because="the home folder lies on a disk that is not encrypted"),
    "inside": Point(reason=Reason.INSIDE_NOT_ENCRYPTED, because="a disk reached from the home folder is not encrypted"),
    "system": Point(reason=Reason.SYSTEM_NOT_ENCRYPTED, because="the system's own files are not encrypted"),
    "swap": Point(reason=Reason.SWAP_NOT_ENCRYPTED, because="memory is written to a disk that is not encrypted"),
}
HOST = Point(
    reason=Reason.HOST_NOT_SEEN,
    because="runs in a container or virtual machine, whose host may or may not encrypt",
)


def judge(seen: Encryption, limits: Limits) -> Verdict:
    """A plain disk is a fail only on a real machine; elsewhere what lies under the disk is out of sight."""
    parts = {"home": seen.home, "inside": seen.inside, "system": seen.system, "swap": seen.swap}
    asked = {"home": True, "inside": True, "system": limits.system, "swap": limits.swap}
    required = {part: value for part, value in parts.items() if asked[part]}
    plain = tuple(PLAIN[part] for part, value in required.items() if value is False)
    real = seen.machine is Machine.REAL
    verdict = rule(
        broken=plain if real else (),
        unclear=(*(_doubt(seen) if plain else ()), *not_seen(Reason, seen, required)),
        kept=Point(reason=Reason.ENCRYPTED, because="what holds the home folder is encrypted"),
        measures={
            part: either(value, yes=Seen.NO_PLAIN_DISK, no=Seen.PLAIN, not_seen=Seen.NOT_SEEN)
            for part, value in parts.items()
        },
    )
    if verdict.status is not Status.PASS or not real:
        return verdict
    noted = tuple(PLAIN[part] for part, value in parts.items() if value is False)
    return Verdict(status=Status.PASS, points=(*verdict.points, *noted), measures=verdict.measures)


def _doubt(seen: Encryption) -> tuple[Point, ...]:
    """Why a plain disk is no proof here."""
    if seen.machine is None:
        return not_seen(Reason, seen, {"machine": None})
    return () if seen.machine is Machine.REAL else (HOST,)


CHECK = Check(
    id="encryption",
    title="What holds the home folder is encrypted",
    severity=Severity.HIGH,
    fact=Encryption,
    limits=Limits,
    judge=judge,
    reasons=Reason,
    measures={"home": Seen, "inside": Seen, "system": Seen, "swap": Seen},
    requirements=("R18",),
    controls=("CIS-Controls-v8:3.6",),
    platforms=LAPTOPS | PHONES,
)
