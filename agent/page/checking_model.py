"""The nouns of a check that runs while somebody watches: how far it is, and what each device said so far."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from agent.devices import Seen
from agent.runner import Audit


class Part(StrEnum):
    """What of a device is looked at; settings first, since they are quick."""

    SETTINGS = "settings"
    PICTURES = "pictures"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One part of one device."""

    device_id: str
    name: str
    part: Part
    done: int = 0
    total: int | None = None
    """None: not known before it is counted."""
    ended: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A check that runs."""

    steps: tuple[Step, ...] = ()
    """Empty while devices are still looked for."""
    stopping: bool = False
    """The person has had enough."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What this process saw of a device last."""

    audit: Audit
    pending: bool = False
    """Its settings are known, and its pictures are still to be looked at."""
    unnamed: bool = False
    """A phone that did not say which it is: nothing of it is kept, and the next look may find another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """All that is known at one moment."""

    version: int = 0
    """Another whenever there is something else to show; progress alone does not count."""
    held: Mapping[str, Held] = field(default_factory=dict)
    """By device id."""
    here: frozenset[str] | None = None
    """Ids of phones that are attached; None before anybody looked."""
    unready: tuple[Seen, ...] = ()
    """Phones that are there and could not be looked at."""
    trouble: str = ""
    """Why phones could not be looked for at all."""
    notes: tuple[str, ...] = ()
    """Sentences for the person about the last check."""
    said: tuple[str, ...] = ()
    """Sentences about what they asked for last."""
    work: Work | None = None
    ended_at: datetime | None = None
    """When the last check of all devices ended in this process; None where none was made, or it was cut off."""
