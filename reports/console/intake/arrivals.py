"""A report at the door: its signature was found good, and the writer has still to take it in."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from reports.console.intake.shapes import Letter
from reports.signing import Link


class Mark(StrEnum):
    """Why a report is kept without changing what is known of its device."""

    FUTURE = "future"
    """Its audit was made in time to come."""
    OLD = "old"
    """Its audit was made too long ago to say anything of now."""
    LATE = "late"
    """A newer one came first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One report."""

    agent_id: str
    public_key: str
    """That its signature was verified with; the writer looks whether it is still the agent's."""
    letter: Letter
    body: bytes
    digest: str
    """SHA-256 of the body, hex."""
    link: Link
    proof: Mapping[str, str]

    @property
    def own_link(self) -> str:
        """Where the next report has to follow. Hex."""
        return hashlib.sha256(self.link.previous + bytes.fromhex(self.digest)).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """It is on the disk."""

    id: str
    known: bool
    """It was here before."""
    agent_id: str
    serial: int
    """Of the practice's directive."""
