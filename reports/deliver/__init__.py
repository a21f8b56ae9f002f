"""How a report reaches the practice: transports take a letter, and either it has arrived or they say why not."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class Kind(StrEnum):
    """What a letter holds."""

    FULL = "full"
    """A report, by itself or with the history of those that it stands for."""
    UNCHANGED = "unchanged"
    """Word that a device is as it was in its last full report."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """Bytes to be carried, exactly as they are."""

    id: str
    """The report's UUID: the same at every attempt, so that whoever receives it twice can tell."""
    device_id: str
    kind: Kind
    body: bytes
    """UTF-8 JSON."""
    created_at: datetime
    """Aware, UTC."""


class Transport(Protocol):
    """One way to the practice. It tries once; trying again is the outbox's."""

    carries_unchanged: bool
    """Whether word of no change is worth a letter here; where it is not, the weekly full report speaks instead."""

    def deliver(self, letter: Letter) -> None:
        """Return once the receiver has taken the letter. Raises TransportError, and nothing else."""
