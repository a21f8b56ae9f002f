"""The nouns that travel: status, severity, device, verdict, finding, waiver, attestation; shapes as in DECISIONS.md."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

Measure = int | bool | str | tuple[str, ...]
Measures = Mapping[str, Measure]
"""Shareable values: bands, limits, reason codes. Their closed set is declared by each check (`Check.measures`)."""
Exact = Mapping[str, int | str]
"""Exact values for the sentences shown to the person. They never travel."""


class Status(StrEnum):
    """What a check says of a device; the words are XCCDF's."""

    PASS = "pass"
    FAIL = "fail"
    UNKNOWN = "unknown"
    """We looked and cannot say."""
    ERROR = "error"
    """We could not look."""
    NOT_APPLICABLE = "not_applicable"


class Overall(StrEnum):
    """What all required findings together say of a device."""

    COMPLIANT = "compliant"
    NOT_COMPLIANT = "not_compliant"
    CANNOT_TELL = "cannot_tell"


class Severity(StrEnum):
    """How much harm a failing check lets happen."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Level(StrEnum):
    """What the practice makes of a check."""

    REQUIRED = "required"
    RECOMMENDED = "recommended"
    """Shown, and does not count."""
    OFF = "off"


class Platform(StrEnum):
    """Systems that the product knows."""

    LINUX = "linux"
    WINDOWS = "windows"
    MACOS = "macos"
    ANDROID = "android"
    IOS = "ios"


LAPTOPS = frozenset({Platform.LINUX, Platform.WINDOWS, Platform.MACOS})
PHONES = frozenset({Platform.ANDROID, Platform.IOS})


class Kind(StrEnum):
    """What sort of device it is."""

    LAPTOP = "laptop"
    PHONE = "phone"


class Ownership(StrEnum):
    """Whose device it is; the policy's profiles go by it (R13)."""

    PERSONAL = "personal"
    PRACTICE_OWNED = "practice_owned"
    DEDICATED_CAMERA = "dedicated_camera"


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """One laptop or phone, named by an id that says nothing of its owner."""

    id: str
    """A UUID made on this laptop; never a serial, a host name or an account."""
    kind: Kind
    platform: Platform
    model: str
    """The maker's name of the model, letters and digits only; "" where the system would not say."""
    os_version: str
    """System and version, such as "debian 12"; "" where the system would not say."""
    ownership: Ownership


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One thing that a judge noticed."""

    reason: StrEnum
    """A code of the check's own closed set; guidance.toml has its words."""
    because: str
    """A sentence for practice IT, made of limits, enums and bands. It travels."""
    exact: Exact = field(default_factory=dict)
    """Fills the placeholders of the person's sentence. It stays. A point about something not seen has its `why`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a judge says of a fact."""

    status: Status
    points: tuple[Point, ...]
    """At least one; the first is the most important."""
    measures: Measures = field(default_factory=dict)


def rule(
    *, broken: Sequence[Point] = (), unclear: Sequence[Point] = (), kept: Point, measures: Measures | None = None
) -> Verdict:
    """Weigh what was noticed: one broken limit is a fail whatever else is hidden; anything hidden is never a pass."""
    shared: Measures = measures or {}
    if broken:
        return Verdict(status=Status.FAIL, points=(*broken, *unclear), measures=shared)
    if unclear:
        return Verdict(status=Status.UNKNOWN, points=tuple(unclear), measures=shared)
    return Verdict(status=Status.PASS, points=(kept,), measures=shared)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """The practice's word that a finding may stand for a while. A note: the finding keeps its status."""

    uid: str
    """The finding's uid."""
    who: str
    """Stays on the device, as `why` does: a report says only that there is a waiver and when it ends."""
    why: str
    until: datetime
    """Aware, UTC; at most 90 days after it was given."""


class Word(StrEnum):
    """All that a person may say of a switch that they have looked up; each check names the two that answer it."""

    ON = "on"
    OFF = "off"
    LIMITED = "limited"
    UNLIMITED = "unlimited"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attestation:
    """The person's own word on what the device does not show. A note: the finding stays unknown."""

    saw: Word
    at: datetime
    """When the person said so. Aware, UTC."""
    until: datetime
    """At most 30 days after `at`; the policy may shorten it."""
    counts: bool
    """The policy takes it as enough. Always False for bad news."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One check's status on one device: what travels."""

    uid: str
    """uuid5 of device, profile and check: the same on every run."""
    check_id: str
    title: str
    """States the good state."""
    severity: Severity
    level: Level
    device_id: str
    profile: str
    """Whose part of the device: "owner", or a work profile."""
    status: Status
    because: str
    measures: Measures
    """Always holds `reasons`, the codes of what was noticed."""
    source: str
    """Where the evidence comes from: "device", "mdm" or "none"."""
    observed_at: datetime
    waiver: Waiver | None = None
    attestation: Attestation | None = None
    """None as soon as the device itself answers, or leaves more open than the person looked at."""


def settled(one: Finding) -> bool:
    """The device cannot say, and the practice takes the person's own word for it."""
    return one.status is Status.UNKNOWN and one.attestation is not None and one.attestation.counts
