"""What a check is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Generic, TypeVar

from checks.evidence import Fact
from checks.model import Level, Platform, Severity, Verdict

F = TypeVar("F", bound=Fact)
L = TypeVar("L")


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
