"""What a check is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Generic, TypeVar

from checks.evidence import Fact
from checks.model import Level, Platform, Severity, Verdict, Word

F = TypeVar("F", bound=Fact)
L = TypeVar("L")


@dataclass(frozen=True, slots=True, kw_only=True)
class Saw:
    """The two words with which a person may answer a check where the device cannot."""

    good: Word
    bad: Word
    settles: frozenset[StrEnum] = frozenset()
    """Reasons of the check that a look settles although the device showed something; without them, only what it did
    not show."""
    one_suffices: bool = False
    """One of several things makes the state good, as one way to wipe does: a word on any of them is enough. It may have
    been about any, so it ends with each change of what is unclear, and not only when there is more of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check(Generic[F, L]):
    """One question to a device, with the judge of its answer."""

    id: str
    """Stable; the same in the tree, in policies and in reports."""
    title: str
    """The good state, as a claim."""
    severity: Severity
    fact: type[F]
    limits: type[L]
    """A frozen dataclass whose fields come from `limit()`; the policy sets them."""
    judge: Callable[[F, L], Verdict]
    """Pure. Never raises, never reads a clock, never sees missing evidence."""
    reasons: type[StrEnum]
    """The closed set of codes that its points carry."""
    measures: Mapping[str, type[StrEnum] | type[int] | type[bool]]
    """The closed set of what it may share, besides `reasons`."""
    requirements: tuple[str, ...]
    """R-numbers of the guidance it answers."""
    controls: tuple[str, ...] = ()
    """Labels for reports, such as CIS Controls: "supports", never "satisfies"."""
    platforms: frozenset[Platform]
    """Systems that it concerns; elsewhere it is not applicable."""
    saw: Saw | None = None
    """What a person may say that they saw. None: this is nothing that a look can settle."""


def limit(default: Any, *, doc: str, minimum: int | None = None, maximum: int | None = None) -> Any:
    """A field of `Limits`: its default, what it means, and the values that a policy may give (for `int`)."""
    return field(default=default, metadata={"doc": doc, "minimum": minimum, "maximum": maximum})


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule(Generic[L]):
    """What the policy in force says of one check on one kind of device."""

    level: Level
    limits: L
    max_age_days: int
    """Evidence older than this is unknown."""
    why: str
    """The reason that the winning layer gave for the level."""
    layer: str
    """The layer that set the level: hospital, practice or baseline."""
    attestation_counts: bool = False
    """The person's own word is enough where the device cannot tell."""
    attestation_days: int = 30
    """For so long it is; at most 30."""
